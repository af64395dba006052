"""Series: which events, how they are counted or what of them is computed, and what holds for one series alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.query.meaning import Aggregate, Column, Condition, Count, Entity, Group, Opaque, Option, Output, Step
from insights_core.query.words import folded

from . import keys
from .filters import column, in_order, read_filters
from .notes import freeze, items, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from insights_core.query.meaning import Predicate, Value

    from .notes import Notes

ALL = Entity("", "all")
_KINDS: dict[Any, str] = {
    "ActionsNode": "action",
    "DataWarehouseNode": "table",
    "FunnelsDataWarehouseNode": "table",
    "LifecycleDataWarehouseNode": "table",
    "ExperimentDataWarehouseNode": "table",
    "actions": "action",
    "data_warehouse": "table",
}
_ACTORS: dict[str, tuple[Entity, str]] = {
    "dau": (Entity("dau", "actor"), ""),
    "weekly_active": (Entity("weekly_active", "actor"), "week"),
    "monthly_active": (Entity("monthly_active", "actor"), "month"),
    "unique_session": (Entity("unique_session", "actor"), ""),
    "first_time_for_user": (Entity("first_time", "actor"), ""),
    "first_time_for_user_with_filters": (Entity("first_matching", "actor"), ""),
    "first_matching_event_for_user": (Entity("first_matching", "actor"), ""),
}
"""What is counted instead of events, and the span that one counts for."""
_FUNCTIONS = frozenset("avg sum min max median p25 p50 p75 p90 p95 p99 stddev variance mode".split())
_TOTAL = ("total", "total_count")
_PER_ACTOR = "_count_per_actor"


class Series(NamedTuple):
    """One series."""

    entity: Entity
    value: Value
    where: tuple[Predicate, ...] = ()
    label: str = ""


def read_series(node: Any, notes: Notes, path: str = "") -> Series:
    """Read a series: a node, or the short form of retention's entities and the old filters, `{"id", "type"}`."""
    entity, where = read_entity(node, notes, path)
    if not isinstance(node, dict):
        return Series(entity, Count(entity), where, "")
    math = node.get("math")
    if not math or math in _TOTAL:
        value: Value = Count(entity, None, where)
        if "math_property" in node or "math_hogql" in node:
            # Left over from another way to count; a plain count reads neither.
            _over(node, notes, path)
        return Series(entity, value, where, entity.label)
    math = text(math)
    if math in _ACTORS or math == "unique_group":
        return Series(entity, _actors(node, math, entity, where, notes, path), where, entity.label)
    # What is computed of events has the name that a person gave; the events have not.
    plain = entity._replace(label="") if entity.label else entity
    return Series(entity, _value(node, math, plain, where, notes, path), where, entity.label)


def in_formula(series: Series) -> Value:
    """Return the value of a series with its name, which no output of its own can carry there."""
    value, label = series.value, series.label
    if not label or not isinstance(value, Aggregate):
        return value
    of = value.of
    if isinstance(of, Column):
        return value._replace(of=of._replace(labels=(label,)))
    return value._replace(of=of._replace(of=of.of._replace(label=label))) if isinstance(of, Count) else value


def read_step(node: Any, notes: Notes, path: str, role: str = "step") -> Step:
    """Read a step: what is done, not how often."""
    entity, where = read_entity(node, notes, path)
    if isinstance(node, dict):
        for key in ("math", "math_property", "math_hogql", "math_group_type_index"):
            if node.get(key) not in (None, "", "total"):
                notes.found.append(Option(f"{path}.{key}", freeze(node[key])))
    return Step(entity, where, role)


def read_entity(node: Any, notes: Notes, path: str) -> tuple[Entity, tuple[Predicate, ...]]:
    """Return the events of a series and what holds for them."""
    if not isinstance(node, dict):
        name = text(node)
        if node and not name:
            notes.missed.append(path)
        return (Entity(name, "event") if name else ALL), ()
    get = node.get
    kind = get("kind")
    if kind == "EventsNode" and node.keys() <= keys.BARE_SERIES:
        event = get("event")
        # Most series are just this: one event, without filters and without a name that a person gave to it.
        if type(event) is str and event and get("name", event) in (event, ""):
            return Entity(event, "event"), ()
    name, label = text(get("name")), text(get("custom_name"))
    where = read_filters(get("properties"), notes, f"{path}.properties") if get("properties") else ()
    if fixed := get("fixedProperties"):
        where = in_order((*where, *read_filters(fixed, notes, f"{path}.fixedProperties")))
    if not node.keys() <= keys.PLAIN_SERIES:
        notes.missed += [f"{path}.{key}" for key in node if key not in keys.SERIES]
        notes.found += [Option(f"{path}.{key}", freeze(node[key])) for key in keys.SERIES_OPTIONS if get(key)]
    if kind == "GroupNode":
        entity, own = _group(node, notes, path)
        return (entity._replace(label=label or name) if label or name else entity), in_order((*own, *where))
    source, entity_name = _named(node, kind, name)
    if not label and name and entity_name and name != entity_name and not _alike(name, entity_name):
        label = name
    if not entity_name:
        return (Entity("", "all", (), label) if label else ALL), where
    return Entity(entity_name, source, (), label), where


def _alike(name: str, entity: str) -> bool:
    return "".join(folded(name)) == "".join(folded(entity))


def _named(node: dict[str, Any], kind: Any, name: str) -> tuple[str, str]:
    event = text(node.get("event"))
    if kind == "EventsNode":
        return "event", event
    source = _KINDS.get(text(kind)) or _KINDS.get(text(node.get("type"))) or "event"
    if source == "action":
        # An action's id is a number that only the server can read; its name is what people know.
        return source, name or text(node.get("id"))
    table = text(node.get("table_name")) if source == "table" else ""
    return source, event or table or ("" if kind and source == "event" else text(node.get("id")))


def _group(node: dict[str, Any], notes: Notes, path: str) -> tuple[Entity, tuple[Predicate, ...]]:
    """Read several events that count as one; a filter that only one of them has stays with it."""
    read = []
    for place, item in enumerate(items(node.get("nodes"))):
        inner = f"{path}.nodes[{place}]"
        read.append(read_entity(item, notes, inner))
        if isinstance(item, dict):
            for key in ("math", "math_property", "math_hogql", "math_group_type_index"):
                if item.get(key) not in (None, "", "total") and item[key] != node.get(key):
                    notes.found.append(Option(f"{inner}.{key}", freeze(item[key])))
    if not read:
        return ALL, ()
    first = read[0][0]
    others = tuple(dict.fromkeys(entity.name for entity, _ in read[1:] if entity.name and entity.name != first.name))
    group = Entity(first.name, first.kind, others)
    if len({where for _, where in read}) == 1:
        return group, read[0][1]
    branches = tuple(
        Group("and", (Condition(Column("event"), "exact", (entity.name,)), *where)) if where
        else Condition(Column("event"), "exact", (entity.name,))
        for entity, where in read
    )  # fmt: skip
    return group, (Group("or", branches),)


def _actors(
    node: dict[str, Any], math: str, entity: Entity, where: tuple[Predicate, ...], notes: Notes, path: str
) -> Value:
    if math == "unique_group":
        return Count(entity, Entity("unique_group", "actor"), where, text(node.get("math_group_type_index")))
    unit, per = _ACTORS[math]
    _over(node, notes, path)
    return Count(entity, unit, where, per)


def _value(
    node: dict[str, Any], math: str, entity: Entity, where: tuple[Predicate, ...], notes: Notes, path: str
) -> Value:
    if math.endswith(_PER_ACTOR):
        return Aggregate(math.removesuffix(_PER_ACTOR), Count(entity, None, where), (), "user")
    of = node.get("math_property")
    name = text(of.get("key")) if isinstance(of, dict) else text(of)
    if math in _FUNCTIONS and name:
        scope = text(node.get("math_property_type")) or (text(of.get("type")) if isinstance(of, dict) else "")
        found = column(name, scope)
        return Aggregate(math, found._replace(of=entity) if found.scope == "event" and entity.name else found, where)
    if math == "hogql":
        from .expressions import value  # the SQL parser is loaded only where there is an expression

        expression = value(text(node.get("math_hogql")) or name, entity, where)
        if not expression.is_read:
            notes.missed.append(f"{path}.math_hogql")
        return expression.value
    notes.missed.append(f"{path}.math")
    return Opaque(math, (column(name),) if name else ())


def _over(node: dict[str, Any], notes: Notes, path: str) -> None:
    for key in ("math_property", "math_hogql"):
        if node.get(key):
            notes.found.append(Option(f"{path}.{key}", freeze(node[key])))


def all_series(nodes: Iterable[Any], notes: Notes, path: str = "series") -> list[Series]:
    """Read the series of a query."""
    return [read_series(node, notes, f"{path}[{place}]") for place, node in enumerate(nodes)]


def measured(series: Iterable[Series]) -> list[Output]:
    """Return series as outputs."""
    return [Output("measure", value, (label,) if label else ()) for _, value, _, label in series]


def sources_of(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return what is read, each once, without the names that series gave to it."""
    if len(entities) == 1 and not entities[0].label:
        return (entities[0],)
    return tuple(dict.fromkeys([entity._replace(label="") if entity.label else entity for entity in entities]))
