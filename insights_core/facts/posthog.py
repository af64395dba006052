"""PostHog's query nodes (`{"kind": "TrendsQuery", …}`), bare or inside the nodes that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import generic
from . import posthog_keys as keys
from .properties import freeze, read_filters, read_period, scalars, text
from .types import Breakdown, Facts, Measure, Option
from .words import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FEATURE = "$feature/"
_SOURCES: dict[Any, str] = {
    "ActionsNode": "action",
    "DataWarehouseNode": "table",
    "FunnelsDataWarehouseNode": "table",
    "LifecycleDataWarehouseNode": "table",
    "actions": "action",
    "data_warehouse": "table",
}
_NO_MATH = {"", "total", "total_count"}


def read(query: Any) -> Facts | None:
    """Return the facts of a node, or None where it is none that this format knows."""
    if not isinstance(query, dict):
        return None
    kind = query.get("kind")
    if not isinstance(kind, str):
        return None
    if kind in keys.WRAPPERS:
        return _read_wrapper(query, kind)
    reader = _READERS.get(kind)
    return reader(query) if reader else None


def _read_wrapper(query: dict[str, Any], kind: str) -> Facts | None:
    inner = query.get("source")
    facts = read(inner) or (generic.read(inner) if isinstance(inner, dict) else None)
    if facts is None:
        return None
    columns = query.get("columns")
    if columns and not facts.columns and facts.kind in ("table", "other"):
        facts = facts._replace(columns=tuple(map(text, scalars(columns))))
    _, unread = _leftover(query, frozenset(), keys.SHOWN, f"{kind}.")
    display = text(query.get("display")) or facts.display
    return (
        facts._replace(display=display, unread=facts.unread + unread) if unread or display != facts.display else facts
    )


def _leftover(
    query: Mapping[str, Any], structured: frozenset[str], known: frozenset[str], prefix: str = ""
) -> tuple[tuple[Option, ...], tuple[str, ...]]:
    """Return what no field of the facts holds: known settings with their values, and the unknown keys.

    What only shapes the chart on the screen is in `keys.SHOWN` and distinguishes nothing.
    """
    options, unread = [], []
    for key, value in query.items():
        if key in structured or key in keys.SHOWN or value is None:
            continue
        if key not in known:
            unread.append(f"{prefix}{key}")
        elif value is not False and value not in ("", [], {}):
            options.append(Option(key, freeze(value)))
    return tuple(sorted(options, key=_by_name) if len(options) > 1 else options), tuple(sorted(unread))


def _by_name(option: Option) -> str:
    return option.name


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# Parts that several kinds share


def read_measure(node: Any) -> Measure:
    """Read a series: a node, or the short form of retention's entities and the old filters, `{"id", "type"}`."""
    if not isinstance(node, dict):
        return Measure(text(node), "event" if text(node) else "all")
    get = node.get
    kind = get("kind")
    name, label, math = text(get("name")), text(get("custom_name")), text(get("math"))
    source, entity, alternatives = _entity(node, kind, name)
    if not label and name and entity and name != entity and "".join(folded(name)) != "".join(folded(entity)):
        label = name
    of, group = "", None
    extras: tuple[Option, ...] = ()
    if not node.keys() <= keys.PLAIN_MEASURE:
        of = _text_of_key(get("math_property")) or text(get("math_hogql"))
        group = get("math_group_type_index")
        extras = tuple(Option(key, freeze(node[key])) for key in keys.MEASURE_OPTIONS if get(key))
        if math == "hogql" and of:
            math, of = _expression(of)
    return Measure(
        entity,
        source if entity else "all",
        "total" if math in _NO_MATH else math,
        of,
        label,
        read_filters(get("properties")) + read_filters(get("fixedProperties")),
        group if type(group) is int else None,
        alternatives,
        None,
        extras,
    )


def _entity(node: dict[str, Any], kind: Any, name: str) -> tuple[str, str, tuple[str, ...]]:
    """Return what a series counts: its source, its name, and what counts as the same."""
    event = text(node.get("event"))
    if kind == "EventsNode":
        return "event", event, ()
    if kind == "GroupNode":
        inner = [read_measure(item).entity for item in _items(node.get("nodes"))]
        return "event", inner[0] if inner else "", tuple(inner[1:])
    source = _SOURCES.get(text(kind)) or _SOURCES.get(text(node.get("type"))) or "event"
    if source == "action":
        # An action's id is a number that only the server can read; its name is what people know.
        return source, name or text(node.get("id")), ()
    return source, event or text(node.get("table_name")) or ("" if kind else text(node.get("id"))), ()


def _expression(text_: str) -> tuple[str, str]:
    """Return the aggregation of an expression and what it works on; one that is too much for that stays whole."""
    from .tables import read_aggregate

    found = read_aggregate(text_, [])
    return (found.math, found.of) if found else ("hogql", text_)


def _text_of_key(value: Any) -> str:
    return text(value.get("key")) if isinstance(value, dict) else text(value)


def _unread_measures(nodes: Any) -> tuple[str, ...]:
    return tuple(
        f"series[{place}].{key}"
        for place, node in enumerate(_items(nodes))
        if isinstance(node, dict) and not node.keys() <= keys.MEASURE
        for key in node
        if key not in keys.MEASURE
    )


def read_breakdowns(value: Mapping[str, Any]) -> tuple[Breakdown, ...]:
    """Read a `breakdownFilter`: several, one, a list of cohorts, or nothing."""
    several = value.get("breakdowns")
    if isinstance(several, list) and several:
        return tuple(_breakdown(item) for item in several)
    keyed = value.get("breakdown")
    if keyed in (None, "", []):
        return ()
    scope = text(value.get("breakdown_type")) or "event"
    if scope == "cohort":
        return (Breakdown("", "cohort", " ".join(str(item) for item in scalars(keyed) if item != "all")),)
    bins = value.get("breakdown_histogram_bin_count")
    return tuple(_one_breakdown(text(item), scope, bins) for item in (keyed if isinstance(keyed, list) else [keyed]))


def _breakdown(item: Any) -> Breakdown:
    if not isinstance(item, dict):
        return _one_breakdown(text(item), "event", None)
    key = text(item.get("property")) or text(item.get("value")) or text(item.get("key"))
    return _one_breakdown(key, text(item.get("type")) or "event", item.get("histogram_bin_count"))


def _one_breakdown(key: str, scope: str, bins: Any) -> Breakdown:
    if key.startswith(_FEATURE):
        return Breakdown(key.removeprefix(_FEATURE), "feature")
    if scope == "hogql":
        from .tables import column_name

        key = column_name(key) or key
    key = key.removeprefix("properties.")
    return Breakdown(key, "expression" if scope == "hogql" else scope, "", bins if isinstance(bins, int) else None)


def _compared(value: Any) -> str:
    compare = _mapping(value)
    return (text(compare.get("compare_to")) or "previous") if compare.get("compare") else ""


def _insight(query: dict[str, Any], kind: str, settings: str, **found: Any) -> Facts:
    """Put together what every insight node has, its own settings under `settings`, and what its reader found."""
    own = _mapping(query.get(settings))
    breakdowns = _mapping(query.get("breakdownFilter"))
    options, unread = _leftover(query, keys.INSIGHT, keys.INSIGHT_OPTIONS)
    for part, name, structured in ((own, settings, keys.STRUCTURED), (breakdowns, "breakdownFilter", keys.BREAKDOWN)):
        if part:
            more, unknown = _leftover(part, structured, keys.SETTINGS, f"{name}.")
            options, unread = options + more, unread + unknown
    series = query.get("series")
    return Facts(
        kind=kind,
        node=query["kind"],
        breakdowns=found.pop("breakdowns", None) or (read_breakdowns(breakdowns) if breakdowns else ()),
        filters=read_filters(query.get("properties")),
        period=read_period(query.get("dateRange")),
        compare=_compared(query.get("compareFilter")),
        display=text(own.get("display")),
        options=options,
        unread=unread + (_unread_measures(series) if series else ()),
        **found,
    )


# The kinds


def _trends(query: dict[str, Any]) -> Facts:
    settings = _mapping(query.get("trendsFilter"))
    nodes = [node for node in _items(settings.get("formulaNodes")) if isinstance(node, dict)]
    plain = [*_items(settings.get("formulas")), settings.get("formula")]
    formulas = [(text(node.get("formula")), text(node.get("custom_name"))) for node in nodes] or [
        (text(formula), "") for formula in plain
    ]
    return _insight(
        query,
        "trends",
        "trendsFilter",
        measures=tuple(map(read_measure, _items(query.get("series")))),
        interval=text(query.get("interval")) or "day",
        formulas=tuple((formula, label) for formula, label in formulas if formula),
    )


def _series_kind(kind: str, settings: str, interval: str) -> Callable[[dict[str, Any]], Facts]:
    def reader(query: dict[str, Any]) -> Facts:
        measures = tuple(map(read_measure, _items(query.get("series"))))
        return _insight(query, kind, settings, measures=measures, interval=text(query.get("interval")) or interval)

    return reader


def _retention(query: dict[str, Any]) -> Facts:
    settings = _mapping(query.get("retentionFilter"))
    events = [read_measure(settings[key]) for key in ("targetEntity", "returningEntity") if settings.get(key)]
    interval = text(settings.get("period")).lower() or "day"
    return _insight(query, "retention", "retentionFilter", measures=tuple(events), interval=interval)


def _paths(query: dict[str, Any]) -> Facts:
    settings = _mapping(query.get("pathsFilter"))
    events = tuple(read_measure({"event": kind}) for kind in scalars(settings.get("includeEventTypes")))
    start, end = text(settings.get("startPoint")), text(settings.get("endPoint"))
    return _insight(query, "paths", "pathsFilter", measures=events, start=start, end=end)


def _table(name: str) -> Callable[[dict[str, Any]], Facts]:
    def reader(query: dict[str, Any]) -> Facts:
        from .tables import read_table

        options, unread = _leftover(query, keys.TABLE, keys.TABLE_OPTIONS)
        return read_table(query, name, options, unread)

    return reader


def _hogql(query: dict[str, Any]) -> Facts | None:
    from .sql import read as read_sql

    statement = query.get("query")
    facts = read_sql(statement) if isinstance(statement, str) else None
    if facts is None:
        return None
    filters = _mapping(query.get("filters"))
    options, unread = _leftover(query, keys.HOGQL, keys.HOGQL_OPTIONS)
    return facts._replace(
        node=query["kind"],
        filters=facts.filters + read_filters(filters.get("properties")),
        period=facts.period or read_period(filters.get("dateRange")),
        options=facts.options + options,
        unread=facts.unread + unread,
    )


_READERS: dict[str, Callable[[dict[str, Any]], Facts | None]] = {
    "TrendsQuery": _trends,
    "FunnelsQuery": _series_kind("funnel", "funnelsFilter", ""),
    "RetentionQuery": _retention,
    "PathsQuery": _paths,
    "StickinessQuery": _series_kind("stickiness", "stickinessFilter", "day"),
    "LifecycleQuery": _series_kind("lifecycle", "lifecycleFilter", "day"),
    "HogQLQuery": _hogql,
    "EventsQuery": _table("events"),
    "ActorsQuery": _table("persons"),
    "PersonsNode": _table("persons"),
    "GroupsQuery": _table("groups"),
    "SessionsQuery": _table("sessions"),
}
