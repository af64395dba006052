"""What series are split by: one property or several, cohorts, expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Column, Option, Output

from . import keys
from .filters import column, group_type
from .notes import freeze, scalars, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .notes import Notes

COUNTRY = Output("dimension", Column("$geoip_country_code", scope="event"))
"""What a map of the world is split by where the query says nothing else."""


def read_breakdowns(value: Mapping[str, Any], notes: Notes, bins: Any = None) -> tuple[Output, ...]:
    """Read a `breakdownFilter`: several, one, a list of cohorts, or nothing."""
    several = value.get("breakdowns")
    if isinstance(several, list) and several:
        return tuple(_one_of(item, place, notes) for place, item in enumerate(several))
    if several:
        notes.missed.append("breakdownFilter.breakdowns")
    keyed = value.get("breakdown")
    if keyed in (None, "", []):
        return ()
    scope = text(value.get("breakdown_type")) or "event"
    found = scalars(keyed)
    if scope == "cohort":
        named = tuple(str(item) for item in found if item != "all")
        return (Output("dimension", Column("", None, named, "cohort")),)
    if not found:
        notes.missed.append("breakdownFilter.breakdown")
    index = value.get("breakdown_group_type_index")
    if index is not None and scope != "group":
        notes.found.append(Option("breakdown_group_type_index", freeze(index)))
    bins = value.get("breakdown_histogram_bin_count") or bins
    return tuple(_dimension(text(item), scope, bins, index, notes, "breakdownFilter.breakdown") for item in found)


def _one_of(item: Any, place: int, notes: Notes) -> Output:
    path = f"breakdownFilter.breakdowns[{place}]"
    if not isinstance(item, dict):
        return _dimension(text(item), "event", None, None, notes, path)
    if not item.keys() <= keys.BREAKDOWN:
        notes.missed += [f"{path}.{key}" for key in item if key not in keys.BREAKDOWN]
    notes.found += [Option(f"{path}.{key}", freeze(item[key])) for key in keys.BREAKDOWN_OPTIONS if item.get(key)]
    named = item.get("property") or item.get("value") or item.get("key")
    scope = text(item.get("type")) or "event"
    if scope == "cohort":
        return Output("dimension", Column("", None, tuple(map(str, scalars(named))), "cohort"))
    return _dimension(text(named), scope, item.get("histogram_bin_count"), item.get("group_type_index"), notes, path)


def _dimension(key: str, scope: str, bins: Any, index: Any, notes: Notes, path: str) -> Output:
    if scope == "hogql":
        from .expressions import label_of, value  # the SQL parser is loaded only where there is an expression

        read = value(key)
        if not read.is_read:
            notes.missed.append(path)
        return Output("dimension", read.value, (label,) if (label := label_of(key)[1]) else ())
    if bins and type(bins) is not int:
        notes.missed.append(path)
    of = group_type(index) if scope == "group" else None
    found = column(key, scope, of, bins if type(bins) is int else None)
    return Output("dimension", found)
