"""PostHog's older `filters` form (`{"insight": "TRENDS", "events": […]}`): rewritten as a node, then read as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import base, keys
from .notes import text

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

_KINDS = {
    "TRENDS": ("TrendsQuery", "trendsFilter"),
    "FUNNELS": ("FunnelsQuery", "funnelsFilter"),
    "RETENTION": ("RetentionQuery", "retentionFilter"),
    "PATHS": ("PathsQuery", "pathsFilter"),
    "STICKINESS": ("StickinessQuery", "stickinessFilter"),
    "LIFECYCLE": ("LifecycleQuery", "lifecycleFilter"),
}
_ENTITY_LISTS = {"events": "EventsNode", "actions": "ActionsNode", "data_warehouse": "DataWarehouseNode"}
_TOP = {
    "interval": "interval",
    "properties": "properties",
    "aggregation_group_type_index": "aggregation_group_type_index",
}
_DATES = ("date_from", "date_to")
_BREAKDOWN = "breakdown"
_SETTINGS = {
    "funnel_aggregate_by_hogql": "funnelAggregateByHogQL",
    "paths_hogql_expression": "pathsHogQLExpression",
    "smoothing_intervals": "smoothingIntervals",
    "formula": "formula",
}
# Marks of the form itself, of the screen that made it, or left over from other kinds; they say nothing of the query.
_SILENT = frozenset({
    "insight", "compare", "compare_to", "filter_test_accounts", "sampling_factor", "entity_type", "shown_as", "new_entity",
    "entity_id", "entity_math", "funnel_filter", "exclude_events_type", "date_from", "date_to", "refresh", "from_dashboard",
    "client_query_id", "smoothing", "show_legend", "hidden_legend_keys", "show_values_on_series", "type",
})  # fmt: skip
_INDEX = re.compile(r"\d{1,4}").fullmatch
_OWN = {name: structured | options for name, (structured, options) in keys.SETTINGS.items()}


def read(query: Any) -> Meaning | None:
    """Return the meaning of the older form, or None where it is another."""
    if not isinstance(query, dict) or "kind" in query or not isinstance(query.get("insight"), str):
        return None
    found = _KINDS.get(query["insight"].upper())
    return base.read(as_node(query, *found)) if found else None


def as_node(query: dict[str, Any], kind: str, settings_name: str) -> dict[str, Any]:
    """Return the node that asks the same as the older form."""
    node: dict[str, Any] = {"kind": kind, "series": _series(query)}
    settings: dict[str, Any] = {}
    breakdown: dict[str, Any] = {}
    for key, value in query.items():
        if key in _TOP:
            node[key] = value
        elif key.startswith(_BREAKDOWN) and key not in ("breakdown_attribution_type", "breakdown_attribution_value"):
            breakdown[key] = value
        elif key not in _ENTITY_LISTS and key not in _SILENT:
            name = _SETTINGS.get(key) or _camel(key)
            if not _of_another_tab(name, settings_name):
                settings[name] = value
    if hidden := _hidden(query.get("hidden_legend_keys")):
        settings["hiddenLegendIndexes"] = hidden
    if breakdown and kind not in ("PathsQuery", "LifecycleQuery", "StickinessQuery"):
        node["breakdownFilter"] = breakdown
    node[settings_name] = settings
    return node | _moved(query)


def _moved(query: dict[str, Any]) -> dict[str, Any]:
    """Return what the node has under another key, or in an object of its own."""
    node: dict[str, Any] = {}
    if any(query.get(key) for key in _DATES):
        node["dateRange"] = {key: query.get(key) for key in _DATES}
    if query.get("compare"):
        node["compareFilter"] = {"compare": True, "compare_to": query.get("compare_to")}
    if query.get("filter_test_accounts"):
        node["filterTestAccounts"] = True
    if query.get("sampling_factor"):
        node["samplingFactor"] = query["sampling_factor"]
    return node


def _hidden(keys_: Any) -> list[int]:
    chosen = keys_.items() if isinstance(keys_, dict) else ()
    return [int(key) for key, is_hidden in chosen if is_hidden and _INDEX(key)]


def _of_another_tab(name: str, settings_name: str) -> bool:
    # An old filter carries what was set on other tabs too; only the kind that draws it uses it.
    return name not in _OWN[settings_name] and any(name in own for own in _OWN.values())


def _series(query: dict[str, Any]) -> list[Any]:
    found = []
    for name, kind in _ENTITY_LISTS.items():
        entities = query.get(name)
        if isinstance(entities, list):
            found += [_entity(item, kind) for item in entities if isinstance(item, dict)]
    return sorted(found, key=lambda node: node["order"] if isinstance(node.get("order"), int) else 0)


def _entity(item: dict[str, Any], kind: str) -> dict[str, Any]:
    node = {"kind": kind, **item}
    if kind == "EventsNode":
        node["event"] = text(node.pop("id", None)) or None
    elif kind == "DataWarehouseNode":
        node.setdefault("table_name", text(item.get("id")))
    return node


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part.title() for part in rest)


def _wrapped(query: dict[str, Any]) -> Meaning | None:
    meaning = read(query.get("filters"))
    unread = tuple(sorted(key for key in query if key not in ("kind", "filters", "version")))
    return meaning._replace(unread=meaning.unread + unread) if meaning is not None and unread else meaning


READERS: dict[str, base.NodeReader] = {"LegacyQuery": _wrapped}
