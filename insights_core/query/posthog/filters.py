"""PostHog's property filters, in every shape that is about, as one tree of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Column, Condition, Entity, Group, Opaque, Period, Predicate, Scalar

from .notes import Notes, scalars, text

if TYPE_CHECKING:
    from collections.abc import Iterable

_JOINTS = {"AND": "and", "OR": "or"}
SCOPES = {
    "hogql": "expression",
    "flag": "feature",
    "data_warehouse": "event",
    "data_warehouse_person_property": "person",
    "event_properties": "event",
    "numerical_event_properties": "event",
    "person_properties": "person",
    "session_properties": "session",
    "data_warehouse_properties": "event",
    "data_warehouse_person_properties": "person",
}
FEATURE = "$feature/"
_SEVERAL = {"exact": "in", "is_not": "not_in"}
_WITHOUT_VALUE = frozenset({"is_set", "is_not_set"})
_KNOWN = frozenset("key value operator type label cohort_name group_type_index group_key_names negation".split())
_PERIOD = frozenset({"date_from", "date_to"})
_PERIOD_SHOWN = frozenset({"explicitDate"})


def in_order(predicates: Iterable[Predicate]) -> tuple[Predicate, ...]:
    """Return conditions in an order of their own: they hold together, however the query lists them."""
    found = tuple(dict.fromkeys(predicates))
    return tuple(sorted(found, key=_place)) if len(found) > 1 else found


def _place(item: Predicate) -> str:
    if isinstance(item, Condition) and isinstance(item.of, Column):
        return f"{item.of.scope} {item.of.name} {item.operator} {item.values}"
    return f"~{item!r}"  # groups stand behind


def read_filters(value: Any, notes: Notes, path: str = "properties") -> tuple[Predicate, ...]:
    """Read `properties`: a list, a nested AND/OR group, a single filter, an expression, or the oldest form `{"plan": "paid"}`.

    The parts of the result all hold; groups of one and empty groups are gone.
    """
    if not value:
        return ()
    if isinstance(value, list):
        if len(value) == 1:
            return read_filters(value[0], notes, f"{path}[0]")
        return in_order(
            item for place, part in enumerate(value) for item in read_filters(part, notes, f"{path}[{place}]")
        )
    if isinstance(value, str):
        return _expression(value, notes, path)
    if not isinstance(value, dict):
        notes.missed.append(path)
        return ()
    if "values" in value and isinstance(value["values"], list):
        return _group(value, notes, path)
    if "key" in value or "type" in value:
        return _condition(value, notes, path)
    return in_order(
        Condition(column(text(key)), *_compared("exact", scalars(item)))
        for key, item in sorted(value.items(), key=repr)
    )


def _group(value: dict[str, Any], notes: Notes, path: str) -> tuple[Predicate, ...]:
    # Each branch of an OR is a conjunction of its own.
    branches = [
        branch
        for place, item in enumerate(value["values"])
        if (branch := read_filters(item, notes, f"{path}.values[{place}]"))
    ]
    if not value.keys() <= {"type", "values"}:
        notes.missed += [f"{path}.{key}" for key in value if key not in ("type", "values")]
    operator = _JOINTS.get(text(value.get("type")).upper(), "and")
    if operator == "and" or len(branches) == 1:
        return in_order(item for branch in branches for item in branch)
    if not branches:
        return ()
    either = in_order(branch[0] if len(branch) == 1 else Group("and", branch) for branch in branches)
    return (Group("or", either),) if len(either) > 1 else either


def column(key: str, scope: str = "", of: Entity | None = None, bins: int | None = None) -> Column:
    """Return a property: a feature flag is one of its own, however it is written."""
    if key.startswith(FEATURE):
        return Column(key.removeprefix(FEATURE), of, (), "feature", bins)
    return Column(key.removeprefix("properties."), of, (), SCOPES.get(scope, scope) or "event", bins)


def group_type(index: Any) -> Entity | None:
    """Return the group type that a property belongs to; only the server knows its name."""
    return Entity(str(index), "group") if type(index) is int else None


def _condition(value: dict[str, Any], notes: Notes, path: str) -> tuple[Predicate, ...]:
    get = value.get
    key, scope = text(get("key")), text(get("type")) or "event"
    compared = get("value")
    if not value.keys() <= _KNOWN:
        notes.missed += [f"{path}.{name}" for name in value if name not in _KNOWN]
    if type(compared) is str:
        values: tuple[Scalar, ...] = (compared,)
    else:
        values = scalars(compared)
        if isinstance(compared, dict) or (isinstance(compared, list) and len(values) < len(compared)):
            notes.missed.append(f"{path}.value")
    operator = text(get("operator")) or ("in" if scope == "cohort" else "exact")
    if scope == "cohort":
        # The id says nothing to a person; the name of the cohort does.
        name = get("cohort_name")
        operator = "not_in" if get("negation") else {"exact": "in"}.get(operator, operator)
        named = (name,) if isinstance(name, str) and name else values
        return (Condition(Column("", None, (), "cohort"), operator, named),)
    if scope == "hogql":
        return _expression(key, notes, path)
    operator, values = _compared(operator, values)
    of = group_type(get("group_type_index")) if scope == "group" else None
    return (Condition(column(key, scope, of), operator, values),)


def _compared(operator: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    if operator in _WITHOUT_VALUE:
        return operator, ()
    # A list of values means any of them, as IN does.
    return (_SEVERAL.get(operator, operator) if len(values) > 1 else operator), values


def _expression(source: str, notes: Notes, path: str) -> tuple[Predicate, ...]:
    from .expressions import conditions  # the SQL parser is loaded only where there is an expression

    found = conditions(source)
    if found is None:
        notes.missed.append(path)
        return (Condition(Opaque(source)),) if source else ()
    return found


def read_period(value: Any, notes: Notes | None = None) -> Period | None:
    """Read a `dateRange`."""
    if not isinstance(value, dict):
        if value and notes is not None:
            notes.missed.append("dateRange")
        return None
    if notes is not None and not value.keys() <= _PERIOD:
        notes.missed += [f"dateRange.{key}" for key in value if key not in _PERIOD and key not in _PERIOD_SHOWN]
    start, end = text(value.get("date_from")), text(value.get("date_to"))
    return Period(start, end) if start or end else None
