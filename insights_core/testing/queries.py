"""Queries that the cases ask about."""

from __future__ import annotations

QUERY = {
    "kind": "InsightVizNode",
    "source": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview", "math": "dau"}]},
}
"""What an insight holds where a case does not care: there are services that want some query."""


def series(*events: str, **more: object) -> list[dict[str, object]]:
    """Return a node for each event, all with the same further fields."""
    return [{"kind": "EventsNode", "event": event, **more} for event in events]


def shown(query: dict[str, object]) -> dict[str, object]:
    """Return a query in the node in which a saved insight holds it."""
    return {"kind": "InsightVizNode", "source": query}


TRENDS = shown({"kind": "TrendsQuery", "series": series("invoice_sent"), "interval": "week"})
BREAKDOWN = shown(
    {
        "kind": "TrendsQuery",
        "series": series("parcel_delivered", math="dau"),
        "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event"},
    }
)
FUNNEL = shown({"kind": "FunnelsQuery", "series": series("trial_started", "plan_chosen", "subscription_paid")})
PATHS = shown({"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"], "startPoint": "/pricing"}})
SQL = {
    "kind": "DataVisualizationNode",
    "source": {"kind": "HogQLQuery", "query": "select country, sum(revenue) from orders group by country"},
}
RETENTION = {
    "kind": "RetentionQuery",
    "retentionFilter": {
        "period": "Week",
        "targetEntity": {"id": "signed_up", "type": "events"},
        "returningEntity": {"id": "file_uploaded", "type": "events"},
    },
}
OTHERS: tuple[object, ...] = (
    RETENTION,
    {"kind": "StickinessQuery", "series": series("dashboard_opened")},
    {"kind": "LifecycleQuery", "series": series("file_uploaded")},
    {"kind": "EventsQuery", "select": ["*"]},
    {"kind": "ActorsQuery", "select": ["person"]},
    {"kind": "GroupsQuery", "groupTypeIndex": 0},
    {"insight": "FUNNELS", "events": [{"id": "cart_viewed"}, {"id": "order_placed"}]},
    {"kind": "SomethingNewQuery", "series": series("parcel_lost")},
    {"kind": "TrendsQuery", "series": series(*(f"a rather long name of an event, number {n}" for n in range(60)))},
    {"kind": "TrendsQuery", "series": series('\u202eevil\u202c\nline\t"quoted". \u0000 A\u0308.')},
    {"kind": "HogQLQuery", "query": "select ((("},
    "select avg(price) from orders group by city",
)
"""What has to get some name: each kind, the older form, an unknown kind, long and odd ones, SQL that is none, and text."""
