"""What the products' own queries ask: a row for each kind, with the keys that split and narrow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import Aggregate, Column, Count, Entity, Output, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


class Product(NamedTuple):
    """What a product's query asks."""

    shape: str
    source: Entity
    outputs: tuple[Output, ...] = ()
    splits: Mapping[str, str] = {}
    """Keys that hold what it is split by, and the scope of those columns."""
    narrows: Mapping[str, tuple[str, str]] = {}
    """Keys that hold what it is narrowed to: the column's name, and the comparison of one value."""


def measure(value: Value) -> Output:
    """Return a value as what is measured."""
    return Output("measure", value)


_PAGEVIEW = Entity("$pageview", "event")
_VISITORS = measure(Count(_PAGEVIEW, Entity("dau", "actor")))
_VIEWS = measure(Count(_PAGEVIEW))
_CLICKS = Entity("$autocapture", "event")
_REVENUE = Entity("revenue", "table")
_LOGS, _SPANS, _TRACES = Entity("logs", "table"), Entity("spans", "table"), Entity("traces", "table")
_ISSUES, _SESSIONS = Entity("issues", "table"), Entity("sessions", "table")
_CALLS = Entity("$mcp_tool_call", "event")
_ENDPOINTS = Entity("endpoints", "table")


def _revenue(name: str) -> Output:
    return measure(Aggregate("sum", Column(name, _REVENUE)))


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
        (measure(Count(_CLICKS)), Output("dimension", Column("$external_click_url", None, (), "event"))),
    ),
    "WebGoalsQuery": Product("web_goals", _PAGEVIEW),
    "WebTrendsQuery": Product("series", _PAGEVIEW, (_VISITORS, _VIEWS)),
    "WebVitalsPathBreakdownQuery": Product("split", Entity("$web_vitals", "event")),
    "WebPageURLSearchQuery": Product("rows", Entity("pages", "table"), (), {}, {"searchTerm": ("url", "icontains")}),
    "WebNotableChangesQuery": Product("notable_changes", _PAGEVIEW),
    "SessionAttributionExplorerQuery": Product(
        "split", _SESSIONS, (measure(Count(_SESSIONS)),), {"groupBy": "session"}
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
            measure(Count(_SPANS)),
            measure(Aggregate("avg", _DURATION)),
            Output("dimension", Column("service", _SPANS)),
            Output("dimension", Column("name", _SPANS)),
        ),
        {},
        _OF_SPANS,
    ),
    "TraceSpansTreeQuery": Product("span_tree", _SPANS, (), {}, _OF_SPANS),
    "TraceSpansAttributeBreakdownQuery": Product(
        "split", _SPANS, (measure(Count(_SPANS)),), {"breakdownKey": "span"}, _OF_SPANS
    ),
    "TraceSpansSymbolStatsQuery": Product("split", _SPANS, (measure(Aggregate("avg", _DURATION)),), {}, _OF_SPANS),
    "ErrorTrackingQuery": Product("errors", _ISSUES, (), {}, _OF_ERRORS),
    "ErrorTrackingBreakdownsQuery": Product(
        "split", _ISSUES, (measure(Count(_ISSUES)),), {"breakdownProperties": "event"}
    ),
    "ErrorTrackingSimilarIssuesQuery": Product("similar_issues", _ISSUES),
    "ErrorTrackingIssueCorrelationQuery": Product("correlation", _ISSUES),
    "UsageMetricsQuery": Product("usage_metrics", Entity("", "all")),
    "EndpointsUsageOverviewQuery": Product("endpoints_overview", _ENDPOINTS),
    "EndpointsUsageTableQuery": Product(
        "split", _ENDPOINTS, (measure(Count(_ENDPOINTS)),), {"breakdownBy": "endpoint"}
    ),
    "EndpointsUsageTrendsQuery": Product(
        "series", _ENDPOINTS, (measure(Count(_ENDPOINTS)),), {"breakdownBy": "endpoint"}
    ),
    "MCPHarnessBreakdownQuery": Product(
        "split", _CALLS, (measure(Count(_CALLS)), Output("dimension", Column("harness", _CALLS))), {}, _OF_TOOL
    ),
    "MCPToolTopUsersQuery": Product(
        "ranking", _CALLS, (measure(Count(_CALLS)), Output("dimension", Column("user", _CALLS))), {}, _OF_TOOL
    ),
    "MCPToolFailuresQuery": Product("tool_failures", _CALLS, (), {}, _OF_TOOL),
    "MCPToolStatsQuery": Product("number", _CALLS, (measure(Count(_CALLS)),), {}, _OF_TOOL),
    "MCPToolDailyStatsQuery": Product("series", _CALLS, (measure(Count(_CALLS)),), {}, _OF_TOOL),
    "MCPToolSampleIntentsQuery": Product("tool_intents", _CALLS, (), {}, _OF_TOOL),
    "MCPToolNeighborsQuery": Product("tool_neighbors", _CALLS, (), {}, _OF_TOOL),
    "RecordingsQuery": Product("recordings", Entity("recordings", "table")),
}
