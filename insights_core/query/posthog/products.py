"""The products' own queries: web, revenue and marketing analytics, logs, traces, errors, recordings.

Most ask something fixed and only filter it: a row of `PRODUCTS` says what, and which keys narrow or split it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.query.meaning import (
    Aggregate,
    Column,
    Condition,
    Count,
    Entity,
    Meaning,
    Option,
    Order,
    Output,
    Period,
    Predicate,
    Step,
    Value,
)

from . import base
from .filters import column, in_order, read_filters, read_period
from .nodes import compared
from .notes import Notes, mapping, scalars, text
from .series import read_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FILTERS = (
    "properties",
    "filterGroup",
    "fixedProperties",
    "having_predicates",
    "console_log_filters",
    "comment_text",
)
_OPTIONS = frozenset("""
    filterTestAccounts filter_test_accounts samplingFactor sampling aggregation_group_type_index conversionGoal offset
    doPathCleaning includeRevenue includeScrollDepth includeBounceRate includeAvgTimeOnPage includeHost stripQueryParams
    thresholds integrationFilter draftConversionGoal drillDownLevel after personId groupKey groupTypeIndex assignee
    sparklineBreakdownBy resourceFingerprint rootSpans flatSpans searchValues attributeType breakdownType modelName
    rendering maxDistance maxValuesPerProperty issueId randomOrder filterSupportTraces timestamp symbols operand
    session_ids person_uuid distinct_ids user_modified_filters neighborDirection person_id group_key group_type_index
    materializationType endpointNames funnelCorrelationType funnelCorrelationNames funnelCorrelationExcludeNames
    funnelCorrelationExcludeEventNames funnelCorrelationEventNames funnelCorrelationEventExcludePropertyNames
""".split())  # fmt: skip


class Product(NamedTuple):
    """What a product's query asks."""

    shape: str
    source: Entity
    outputs: tuple[Output, ...] = ()
    splits: Mapping[str, str] = {}
    """Keys that hold what it is split by, and the scope of those columns."""
    narrows: Mapping[str, tuple[str, str]] = {}
    """Keys that hold what it is narrowed to: the column's name, and the comparison of one value."""


def _measure(value: Value) -> Output:
    return Output("measure", value)


_PAGEVIEW = Entity("$pageview", "event")
_VISITORS = _measure(Count(_PAGEVIEW, Entity("dau", "actor")))
_VIEWS = _measure(Count(_PAGEVIEW))
_CLICKS = Entity("$autocapture", "event")
_REVENUE = Entity("revenue", "table")
_LOGS, _SPANS, _TRACES = Entity("logs", "table"), Entity("spans", "table"), Entity("traces", "table")
_ISSUES, _SESSIONS = Entity("issues", "table"), Entity("sessions", "table")
_CALLS = Entity("$mcp_tool_call", "event")
_ENDPOINTS = Entity("endpoints", "table")


def _revenue(name: str) -> Output:
    return _measure(Aggregate("sum", Column(name, _REVENUE)))


_BY_REVENUE = {"breakdown": "revenue_analytics"}
_OF_LOGS = {
    "severityLevels": ("severity", "exact"),
    "serviceNames": ("service", "exact"),
    "searchTerm": ("body", "icontains"),
    "search": ("attribute", "icontains"),
    "attributeKey": ("attribute", "exact"),
}
_OF_SPANS = {
    "serviceNames": ("service", "exact"),
    "serviceName": ("service", "exact"),
    "spanName": ("name", "exact"),
    "statusCodes": ("status_code", "exact"),
    "traceId": ("trace_id", "exact"),
    "filePath": ("file", "exact"),
}
_OF_ERRORS = {"status": ("status", "exact"), "searchQuery": ("exception", "icontains")}
_OF_TOOL = {"toolName": ("tool", "exact")}
_DURATION = Column("duration", _SPANS)

PRODUCTS: dict[str, Product] = {
    "WebOverviewQuery": Product("web_overview", _PAGEVIEW),
    "WebStatsTableQuery": Product("split", _PAGEVIEW, (_VISITORS, _VIEWS), {"breakdownBy": "session"}),
    "WebExternalClicksTableQuery": Product(
        "split",
        _CLICKS,
        (_measure(Count(_CLICKS)), Output("dimension", Column("$external_click_url", None, (), "event"))),
    ),
    "WebGoalsQuery": Product("web_goals", _PAGEVIEW),
    "WebTrendsQuery": Product("series", _PAGEVIEW, (_VISITORS, _VIEWS)),
    "WebVitalsPathBreakdownQuery": Product("split", Entity("$web_vitals", "event")),
    "WebPageURLSearchQuery": Product("rows", Entity("pages", "table"), (), {}, {"searchTerm": ("url", "icontains")}),
    "WebNotableChangesQuery": Product("notable_changes", _PAGEVIEW),
    "SessionAttributionExplorerQuery": Product(
        "split", _SESSIONS, (_measure(Count(_SESSIONS)),), {"groupBy": "session"}
    ),
    "RevenueAnalyticsGrossRevenueQuery": Product("series", _REVENUE, (_revenue("GrossRevenue"),), _BY_REVENUE),
    "RevenueAnalyticsMRRQuery": Product("series", _REVENUE, (_revenue("MRR"),), _BY_REVENUE),
    "RevenueAnalyticsMetricsQuery": Product("revenue_metrics", _REVENUE, (), _BY_REVENUE),
    "RevenueAnalyticsOverviewQuery": Product("revenue_overview", _REVENUE),
    "RevenueAnalyticsTopCustomersQuery": Product(
        "ranking", _REVENUE, (_revenue("GrossRevenue"), Output("dimension", Column("customer", _REVENUE)))
    ),
    "MarketingAnalyticsTableQuery": Product("marketing", Entity("campaigns", "table"), (), {}, {}),
    "MarketingAnalyticsAggregatedQuery": Product("marketing_overview", Entity("campaigns", "table")),
    "NonIntegratedConversionsTableQuery": Product("rows", Entity("conversions", "table")),
    "LogsQuery": Product("logs", _LOGS, (), {}, _OF_LOGS),
    "LogAttributesQuery": Product("rows", Entity("log_attributes", "table"), (), {}, _OF_LOGS),
    "LogValuesQuery": Product("rows", Entity("log_values", "table"), (), {}, _OF_LOGS),
    "TracesQuery": Product("traces", _TRACES, (), {}, {"traceId": ("trace_id", "exact")}),
    "TraceQuery": Product("trace", _TRACES, (), {}, {"traceId": ("trace_id", "exact")}),
    "TraceNeighborsQuery": Product("traces", _TRACES, (), {}, {"traceId": ("trace_id", "exact")}),
    "TraceSpansQuery": Product("spans", _SPANS, (), {}, _OF_SPANS),
    "TraceSpansAggregationQuery": Product(
        "split",
        _SPANS,
        (
            _measure(Count(_SPANS)),
            _measure(Aggregate("avg", _DURATION)),
            Output("dimension", Column("service", _SPANS)),
            Output("dimension", Column("name", _SPANS)),
        ),
        {},
        _OF_SPANS,
    ),
    "TraceSpansTreeQuery": Product("span_tree", _SPANS, (), {}, _OF_SPANS),
    "TraceSpansAttributeBreakdownQuery": Product(
        "split", _SPANS, (_measure(Count(_SPANS)),), {"breakdownKey": "span"}, _OF_SPANS
    ),
    "TraceSpansSymbolStatsQuery": Product("split", _SPANS, (_measure(Aggregate("avg", _DURATION)),), {}, _OF_SPANS),
    "ErrorTrackingQuery": Product("errors", _ISSUES, (), {}, _OF_ERRORS),
    "ErrorTrackingBreakdownsQuery": Product(
        "split", _ISSUES, (_measure(Count(_ISSUES)),), {"breakdownProperties": "event"}
    ),
    "ErrorTrackingSimilarIssuesQuery": Product("similar_issues", _ISSUES),
    "ErrorTrackingIssueCorrelationQuery": Product("correlation", _ISSUES),
    "UsageMetricsQuery": Product("usage_metrics", Entity("", "all")),
    "EndpointsUsageOverviewQuery": Product("endpoints_overview", _ENDPOINTS),
    "EndpointsUsageTableQuery": Product(
        "split", _ENDPOINTS, (_measure(Count(_ENDPOINTS)),), {"breakdownBy": "endpoint"}
    ),
    "EndpointsUsageTrendsQuery": Product(
        "series", _ENDPOINTS, (_measure(Count(_ENDPOINTS)),), {"breakdownBy": "endpoint"}
    ),
    "MCPHarnessBreakdownQuery": Product(
        "split", _CALLS, (_measure(Count(_CALLS)), Output("dimension", Column("harness", _CALLS))), {}, _OF_TOOL
    ),
    "MCPToolTopUsersQuery": Product(
        "ranking", _CALLS, (_measure(Count(_CALLS)), Output("dimension", Column("user", _CALLS))), {}, _OF_TOOL
    ),
    "MCPToolFailuresQuery": Product("tool_failures", _CALLS, (), {}, _OF_TOOL),
    "MCPToolStatsQuery": Product("number", _CALLS, (_measure(Count(_CALLS)),), {}, _OF_TOOL),
    "MCPToolDailyStatsQuery": Product("series", _CALLS, (_measure(Count(_CALLS)),), {}, _OF_TOOL),
    "MCPToolSampleIntentsQuery": Product("tool_intents", _CALLS, (), {}, _OF_TOOL),
    "MCPToolNeighborsQuery": Product("tool_neighbors", _CALLS, (), {}, _OF_TOOL),
    "RecordingsQuery": Product("recordings", Entity("recordings", "table")),
}
_DIRECTIONS = ("ASC", "DESC")
_STRUCTURED = frozenset((*_FILTERS, "dateRange", "compareFilter", "interval", "limit", "orderBy", "orderDirection"))


def _product(kind: str) -> base.NodeReader:
    product = PRODUCTS[kind]
    structured = _STRUCTURED | product.splits.keys() | product.narrows.keys()

    def reader(query: dict[str, Any]) -> Meaning:
        notes = Notes()
        read = structured
        outputs = product.outputs + _splits(query, product, notes)
        conditions: list[Predicate] = []
        for key in _FILTERS:
            if query.get(key):
                conditions += read_filters(query[key], notes, key)
        conditions += _narrowed(query, product, notes)
        extra = _EXTRA.get(kind)
        meaning = Meaning(
            shape=product.shape,
            source=product.source,
            outputs=outputs,
            period=read_period(query.get("dateRange"), notes),
            interval=text(query.get("interval")),
            compare=compared(query, notes) if query.get("compareFilter") else "",
            limit=_limit(query, notes),
            order=_order(query, notes),
            sources=(product.source,) if product.source.name else (),
            format=kind,
        )
        if extra is not None:
            more, meaning = extra(query, meaning, notes)
            read |= more
        notes.rest(query, read, _OPTIONS)
        shape = _shape(meaning) if meaning.shape in ("series", "split") else meaning.shape
        return meaning._replace(
            shape=shape,
            conditions=meaning.conditions + in_order(conditions),
            options=meaning.options + notes.options,
            unread=meaning.unread + notes.unread,
        )

    return reader


def _shape(meaning: Meaning) -> str:
    return "split" if any(output.role == "dimension" for output in meaning.outputs) else meaning.shape


def _splits(query: dict[str, Any], product: Product, notes: Notes) -> tuple[Output, ...]:
    found = []
    for key, scope in product.splits.items():
        value = query.get(key)
        for place, item in enumerate(value if isinstance(value, list) else [value]):
            name = text(item.get("property")) if isinstance(item, dict) else text(item)
            if name:
                found.append(Output("dimension", _split(name, scope)))
            elif item not in (None, ""):
                notes.missed.append(f"{key}[{place}]" if isinstance(value, list) else key)
    return tuple(found)


def _split(name: str, scope: str) -> Column:
    table, dot, inner = name.rpartition(".")
    if dot and scope == "revenue_analytics":
        # `revenue_analytics_product.name`: the name of the product.
        return Column(inner, Entity(table.removeprefix("revenue_analytics_"), "table"), (), scope)
    return column(name, scope)


def _narrowed(query: dict[str, Any], product: Product, notes: Notes) -> list[Predicate]:
    found: list[Predicate] = []
    for key, (name, operator) in product.narrows.items():
        value = query.get(key)
        values = scalars(value) if value not in (None, "", []) else ()
        if values and not (key == "status" and values == ("all",)):
            compared = "in" if operator == "exact" and len(values) > 1 else operator
            found.append(Condition(Column(name, product.source), compared, values))
        elif value not in (None, "", []) and not values:
            notes.missed.append(key)
    return found


def _limit(query: dict[str, Any], notes: Notes) -> int | None:
    limit = query.get("limit")
    if type(limit) is int:
        return limit
    if limit:
        notes.missed.append("limit")
    return None


def _order(query: dict[str, Any], notes: Notes) -> tuple[Order, ...]:
    by = query.get("orderBy")
    direction = text(query.get("orderDirection"))
    if isinstance(by, list) and not any(isinstance(item, list) for item in by):
        by = [by] if len(by) > 1 and text(by[1]).upper() in _DIRECTIONS else by
    pairs = [
        (text(item[0]), text(item[1])) if isinstance(item, list) and item[1:] else (text(item), direction)
        for item in (by if isinstance(by, list) else [by])
    ]
    if by and not all(name for name, _ in pairs):
        notes.missed.append("orderBy")
    return tuple(Order(None, Column(name), way.upper() != "ASC") for name, way in pairs if name)


# What some kinds have beside


_Extra = tuple[frozenset[str], Meaning]


def _path_vitals(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    metric = column(text(query.get("metric")) or "metric", "", meaning.source)
    outputs = (
        _measure(Aggregate(text(query.get("percentile")) or "p90", metric)),
        Output("dimension", Column("$pathname", None, (), "event")),
    )
    return frozenset({"metric", "percentile"}), meaning._replace(outputs=outputs)


def _top_customers(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    span = text(query.get("groupBy"))
    order = (Order(0, None, descending=True),)
    return frozenset({"groupBy"}), meaning._replace(interval="" if span == "all" else span, order=order)


def _marketing(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    shown = tuple(Output("attribute", Column(text(item))) for item in scalars(query.get("select")) if text(item))
    return frozenset({"select"}), meaning._replace(outputs=shown)


def _daily(_query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    return frozenset(), meaning._replace(interval="day")


def _recorded(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    steps: tuple[Step, ...] = ()
    for key in ("events", "actions"):
        for place, item in enumerate(notes.several(query, key)):
            node = {"type": key, **item} if isinstance(item, dict) else item
            steps += (read_step(node, notes, f"{key}[{place}]"),)
    start, end = text(query.get("date_from")), text(query.get("date_to"))
    by = text(query.get("order"))
    order = (Order(None, Column(by), text(query.get("order_direction")).upper() != "ASC"),) if by else ()
    meaning = meaning._replace(steps=steps, period=Period(start, end) if start or end else meaning.period, order=order)
    return frozenset("events actions date_from date_to order order_direction".split()), meaning


def _attributed(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    filters = notes.part(query, "filters")
    notes.rest(filters, _ATTRIBUTED, frozenset(), "filters.")
    conditions = read_filters(filters.get("properties"), notes, "filters.properties")
    period = read_period(filters.get("dateRange"), notes) or meaning.period
    return frozenset({"filters"}), meaning._replace(conditions=conditions, period=period)


def _correlated(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    events = tuple(Step(Entity(text(item), "event")) for item in notes.several(query, "events") if text(item))
    return frozenset({"events"}), meaning._replace(steps=events)


_ATTRIBUTED = frozenset({"properties", "dateRange"})
_EXTRA: dict[str, Callable[[dict[str, Any], Meaning, Notes], _Extra]] = {
    "WebVitalsPathBreakdownQuery": _path_vitals,
    "RevenueAnalyticsTopCustomersQuery": _top_customers,
    "MarketingAnalyticsTableQuery": _marketing,
    "MarketingAnalyticsAggregatedQuery": _marketing,
    "NonIntegratedConversionsTableQuery": _marketing,
    "MCPToolDailyStatsQuery": _daily,
    "RecordingsQuery": _recorded,
    "SessionAttributionExplorerQuery": _attributed,
    "ErrorTrackingIssueCorrelationQuery": _correlated,
}


_AROUND = frozenset({"source", "properties", "dateRange", "compareFilter"})


def _around(shape: str) -> base.NodeReader:
    """Make the reader of a node that looks at another, its `source`, in a way of its own."""

    def reader(query: dict[str, Any]) -> Meaning | None:
        inner = base.read(query.get("source"))
        if inner is None:
            return None
        notes = Notes()
        conditions = read_filters(query.get("properties"), notes)
        period = read_period(query.get("dateRange"), notes)
        compare = compared(query, notes) if query.get("compareFilter") else ""
        notes.rest(query, _AROUND, _OPTIONS | {"interval", "orderBy"})
        about = inner.option("of") or inner.shape if inner.shape == "actors" else inner.shape
        settings = tuple(option for option in inner.options if option.name != "of")
        return inner._replace(
            shape=shape,
            source=inner.sources[0] if len(inner.sources) == 1 else Entity("", "all"),
            conditions=inner.conditions + tuple(item for item in conditions if item not in inner.conditions),
            period=period or inner.period,
            compare=compare or inner.compare,
            options=(Option("of", about), *settings, *notes.options),
            unread=inner.unread + notes.unread,
            format=mapping(query)["kind"],
        )

    return reader


READERS: dict[str, base.NodeReader] = {
    **{kind: _product(kind) for kind in PRODUCTS},
    "WebVitalsQuery": _around("web_vitals"),
    "FunnelCorrelationQuery": _around("correlation"),
}
