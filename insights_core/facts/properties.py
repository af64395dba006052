"""PostHog's property filters, in every shape that is about, into one tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .types import Condition, Filter, Group, Option, Period, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

_JOINTS = {"AND": "and", "OR": "or"}
_SCOPES = {
    "hogql": "expression",
    "flag": "feature",
    "data_warehouse": "event",
    "data_warehouse_person_property": "person",
}
_FEATURE = "$feature/"


def text(value: object) -> str:
    """Return an identifier as text; what cannot be one is empty."""
    if type(value) is str:
        return value
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def freeze(value: Any) -> Any:
    """Return a JSON value that cannot be changed any more: objects as options, arrays as tuples."""
    if isinstance(value, dict):
        return tuple(Option(str(key), freeze(item)) for key, item in value.items())
    return tuple(freeze(item) for item in value) if isinstance(value, (list, tuple)) else value


def scalars(value: Any) -> tuple[Scalar, ...]:
    """Return the values that a condition compares with; one is as good as a list of one."""
    values = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(item for item in values if item is not None and isinstance(item, (str, int, float)))


def in_order(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """Return filters in an order of their own: they hold together, however the query lists them."""
    found = tuple(filters)
    return tuple(sorted(found, key=repr)) if len(found) > 1 else found


def read_filters(value: Any) -> tuple[Filter, ...]:
    """Read `properties`: a list, a nested AND/OR group, a single filter, or the oldest form `{"plan": "paid"}`.

    The parts of the result all hold; groups of one and empty groups are gone.
    """
    if not value:
        return ()
    if isinstance(value, list):
        return in_order(item for part in value for item in read_filters(part))
    if isinstance(value, str):
        return (Condition("", "exact", (value,), "expression"),)
    if not isinstance(value, dict):
        return ()
    if isinstance(value.get("values"), list):
        return _group(value)
    if "key" in value or "type" in value:
        return (_condition(value),)
    return tuple(Condition(text(key), "exact", scalars(item)) for key, item in value.items())


def _group(value: dict[str, Any]) -> tuple[Filter, ...]:
    # Each branch of an OR is a conjunction of its own.
    branches = tuple(branch for item in value["values"] if (branch := read_filters(item)))
    operator = _JOINTS.get(text(value.get("type")).upper(), "and")
    if operator == "and" or len(branches) == 1:
        return in_order(item for branch in branches for item in branch)
    return (Group("or", in_order(b[0] if len(b) == 1 else Group("and", b) for b in branches)),) if branches else ()


def _condition(value: dict[str, Any]) -> Condition:
    key, scope = text(value.get("key")), text(value.get("type")) or "event"
    values = scalars(value.get("value"))
    operator = text(value.get("operator")) or ("in" if scope == "cohort" else "exact")
    if scope == "cohort":
        # The id says nothing to a person; the name of the cohort does.
        name = value.get("cohort_name")
        return Condition("", operator, (name,) if isinstance(name, str) and name else values, scope)
    if key.startswith(_FEATURE):
        return Condition(key.removeprefix(_FEATURE), operator, values, "feature")
    if scope == "hogql":
        return Condition(key, "exact", (), "expression")
    return Condition(key, operator, values, _SCOPES.get(scope, scope))


def read_period(value: Any) -> Period | None:
    """Read a `dateRange`."""
    if not isinstance(value, dict):
        return None
    start, end = text(value.get("date_from")), text(value.get("date_to"))
    return Period(start, end) if start or end else None
