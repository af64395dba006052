"""Queries that list rows (`EventsQuery`, `ActorsQuery`, …): what of, which columns, what holds for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.query.meaning import Bucket, Column, Condition, Entity, Meaning, Option, Order, Output, Period

from . import base, keys
from .filters import read_filters, read_period
from .notes import Notes, freeze, mapping, scalars, text

if TYPE_CHECKING:
    from insights_core.query.meaning import Predicate, Value

_ORDER = re.compile(
    r"(?P<minus>-?)\s{0,20}+(?P<by>.*?)(?:\s{1,20}(?P<direction>asc|desc))?\s{0,20}", re.IGNORECASE | re.DOTALL
)
_FILTERS = ("properties", "fixedProperties", "eventProperties", "filters")
ACTORS = frozenset({
    "InsightActorsQuery", "FunnelsActorsQuery", "StickinessActorsQuery", "FunnelCorrelationActorsQuery",
    "ExperimentActorsQuery", "InsightActorsQueryOptions",
})  # fmt: skip
"""Who stands behind a point of an insight."""
PERSONS = Entity("persons", "table")
GROUPS = Entity("groups", "table")


class _Rows(NamedTuple):
    """What holds for the rows."""

    conditions: tuple[Predicate, ...]
    period: Period | None
    events: tuple[str, ...]


def read_table(query: dict[str, Any], name: str) -> Meaning:
    """Return the meaning of a table query; `name` says what its rows are where no event narrows them."""
    notes = Notes()
    rows = _rows(query, notes)
    source = Entity(rows.events[0], "event", rows.events[1:]) if rows.events else Entity(name, "table")
    outputs = _outputs(query, source, notes)
    order = tuple(_order(text(item), outputs, source, notes) for item in scalars(query.get("orderBy")))
    limit = query.get("limit")
    if "group_type_index" in query and query["group_type_index"] is not None:
        notes.found.append(Option("group_type_index", freeze(query["group_type_index"])))
    notes.rest(query, keys.TABLE, keys.TABLE_OPTIONS)
    cut = next((item.value.unit for item in outputs if item.role == "time" and isinstance(item.value, Bucket)), "")
    interval = text(query.get("interval")) or cut
    meaning = Meaning(
        shape=_shape(outputs, order, limit, interval),
        source=source,
        outputs=outputs,
        conditions=rows.conditions,
        period=rows.period,
        interval=interval,
        order=order,
        limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else None,
        sources=(source,),
        options=notes.options,
        unread=notes.unread,
        format=query["kind"],
    )
    inner = query.get("source")
    return _with_source(meaning, inner) if inner else meaning


def _rows(query: dict[str, Any], notes: Notes) -> _Rows:
    found: list[Predicate] = []
    for key in _FILTERS:
        if query.get(key):
            found += read_filters(query[key], notes, key)
    after, before = text(query.get("after")), text(query.get("before"))
    period = Period(after, before) if after or before else read_period(query.get("dateRange"), notes)
    for place, item in enumerate(scalars(query.get("where")) + scalars(query.get("filterExpression"))):
        asked, span = _asked(text(item), notes, f"where[{place}]")
        found += asked
        period = period or span
    events = tuple(dict.fromkeys(text(item) for key in ("event", "events") for item in scalars(query.get(key))))
    if not events:
        events, found = _named(found)
    return _Rows(tuple(dict.fromkeys(found)), period, events)


def _asked(source: str, notes: Notes, path: str) -> tuple[tuple[Predicate, ...], Period | None]:
    from .expressions import predicates

    read = predicates(source)
    return read if read is not None else (read_filters(source, notes, path), None)


def _named(found: list[Predicate]) -> tuple[tuple[str, ...], list[Predicate]]:
    """Return the events that a condition narrows the rows to; it is then the subject and no condition any more."""
    for item in found:
        if isinstance(item, Condition) and item.of == Column("event") and item.operator in ("exact", "in"):
            return tuple(map(str, item.values)), [other for other in found if other is not item]
    return (), found


def _outputs(query: dict[str, Any], source: Entity, notes: Notes) -> tuple[Output, ...]:
    from .expressions import is_measured, value

    read: list[tuple[Value, str]] = []
    keyed: list[tuple[Value, str]] = []
    for key, into in (("select", read), ("metrics", read), ("breakdowns", keyed)):
        for place, item in enumerate(scalars(query.get(key))):
            found = value(text(item), source)
            if not found.is_read:
                notes.missed.append(f"{key}[{place}]")
            into.append((found.value, found.label))
    aggregated = any(is_measured(found) for found, _ in read)
    # Beside an aggregate a plain column is what it is grouped by.
    plain = "dimension" if aggregated else "attribute"
    outputs = [
        _output("measure" if is_measured(found) else _time_or(plain, found), found, label) for found, label in read
    ]
    return (*outputs, *(_output("dimension", found, label) for found, label in keyed))


def _time_or(role: str, found: Value) -> str:
    is_cut = isinstance(found, Bucket) and not found.unit.partition("_of_")[2]
    return "time" if role == "dimension" and is_cut else role


def _output(role: str, found: Value, label: str) -> Output:
    return Output(role, found, (label,) if label else ())


def _order(source: str, outputs: tuple[Output, ...], of: Entity, notes: Notes) -> Order:
    from .expressions import value

    found = _ORDER.fullmatch(source)
    by = found["by"] if found else source
    descending = bool(found and (found["minus"] or (found["direction"] or "").lower() == "desc"))
    read = value(by, of)
    place = next((at for at, item in enumerate(outputs) if item.value == read.value or by in item.labels), None)
    if place is None and not read.is_read:
        notes.missed.append("orderBy")
    return Order(place, read.value if place is None else None, descending)


def _shape(outputs: tuple[Output, ...], order: tuple[Order, ...], limit: Any, interval: str) -> str:
    roles = [output.role for output in outputs]
    if "measure" not in roles:
        return "rows"
    if "dimension" in roles:
        first = order[0] if order else None
        ranked = first is not None and first.output is not None and roles[first.output] == "measure"
        return "ranking" if ranked and limit else "split"
    return "series" if interval else "number"


# Actors of an insight


def _with_source(meaning: Meaning, source: Any) -> Meaning:
    inner = base.read(source)
    if inner is None:
        return meaning._replace(unread=(*meaning.unread, "source"))
    if meaning.format != "ActorsQuery":
        # The rows are events; whose they are stays beside them.
        return meaning._replace(options=(*meaning.options, Option("source", inner)))
    if inner.shape != "actors":
        inner = _acting(inner)
    # The conditions, the limit and the columns of the table come to those of the insight.
    return inner._replace(
        source=inner.source if meaning.source.name == PERSONS.name else meaning.source,
        outputs=inner.outputs + meaning.outputs,
        conditions=inner.conditions + tuple(item for item in meaning.conditions if item not in inner.conditions),
        period=meaning.period or inner.period,
        order=tuple(
            item._replace(output=item.output + len(inner.outputs)) if item.output is not None else item
            for item in meaning.order
        ),
        limit=meaning.limit if meaning.limit is not None else inner.limit,
        options=inner.options + meaning.options,
        unread=inner.unread + meaning.unread,
        format=meaning.format,
    )


def _acting(inner: Meaning) -> Meaning:
    """Turn what an insight measures into who is measured; its own shape and axis stay as options."""
    of = [Option("of", inner.shape)] + ([Option("axis", inner.interval)] if inner.interval else [])
    sources = (
        inner.sources if inner.source in inner.sources or not inner.source.name else (inner.source, *inner.sources)
    )
    return inner._replace(
        shape="actors", source=_actor(inner), sources=sources, interval="", options=(*of, *inner.options)
    )


def _actor(inner: Meaning) -> Entity:
    grouped = inner.option("aggregation_group_type_index") is not None or any(
        getattr(getattr(output.value, "unit", None), "name", "") == "unique_group" for output in inner.outputs
    )
    return GROUPS if grouped else PERSONS


def read_actors(query: dict[str, Any]) -> Meaning | None:
    """Return who stands behind a point of an insight: the insight's own series and steps, and the point as options."""
    inner = base.read(query.get("source"))
    if inner is None:
        return None
    notes = Notes()
    notes.rest(query, frozenset({"source", "kind"}), keys.ACTORS_OPTIONS)
    meaning = _acting(inner)
    place = query.get("series")
    measures = [output for output in meaning.outputs if output.role == "measure"]
    if type(place) is int and 0 <= place < len(measures):
        kept = tuple(item for item in meaning.outputs if item.role != "measure" or item is measures[place])
        meaning = meaning._replace(outputs=kept)
    return meaning._replace(
        options=(*meaning.options, *notes.options), unread=meaning.unread + notes.unread, format=mapping(query)["kind"]
    )


def _table(name: str) -> base.NodeReader:
    def reader(query: dict[str, Any]) -> Meaning:
        return read_table(query, name)

    return reader


READERS: dict[str, base.NodeReader] = {
    "EventsQuery": _table("events"),
    "SessionBatchEventsQuery": _table("events"),
    "ActorsQuery": _table("persons"),
    "PersonsNode": _table("persons"),
    "GroupsQuery": _table("groups"),
    "SessionsQuery": _table("sessions"),
    "AccountsQuery": _table("accounts"),
    **dict.fromkeys(ACTORS, read_actors),
}
