"""What tests draw from: few users, projects and ids, so that they collide, and every value that once bit."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from .clock import FIVE_MINUTES, TICK

BAD_IDS = (True, False, 0, -1, -(2**63), 2**63, 10**30, 1.5, "", "x", "1.0", None, [1], {"id": 1})
"""What is no id in JSON, wherever it stands in a list; `1.0` is one for some and none for others, and left out."""

steps = st.sampled_from([sign * step for sign in (1, -1) for step in (TICK, timedelta(seconds=1), FIVE_MINUTES, timedelta(days=1))])  # fmt: skip
"""How far a clock jumps, forwards or backwards."""

moments = st.sampled_from([timedelta(0), TICK, -TICK, timedelta(seconds=-1), FIVE_MINUTES, timedelta(days=-1), timedelta(days=-30)])  # fmt: skip
"""Where a replayed view lies, seen from the clock: never so far ahead that it is refused."""

events = st.sampled_from(["$pageview", "order_placed", "user signed up", "checkout:step_2", "Größe geändert", "😀", "{{x}}", "'; --"])  # fmt: skip
"""Names of events as people give them."""
properties = st.sampled_from(["$browser", "plan", "utm_source", "$geoip_country_code", "is_internal", "größe"])

_series = st.fixed_dictionaries(
    {"kind": st.just("EventsNode"), "event": events},
    optional={"math": st.sampled_from(["total", "dau", "weekly_active", "unique_session"])},
)
_filters = st.lists(
    st.fixed_dictionaries(
        {
            "key": properties,
            "value": st.one_of(st.booleans(), st.sampled_from(["pro", "=1+1", 'a"b', "ä, b"])),
            "type": st.just("event"),
            "operator": st.sampled_from(["exact", "is_not"]),
        }
    ),
    max_size=2,
)
_options = {
    "interval": st.sampled_from(["hour", "day", "week", "month"]),
    "properties": _filters,
    "dateRange": st.sampled_from([{"date_from": "-7d"}, {"date_from": "-12w"}, {"date_from": "all"}]),
}
trends = st.fixed_dictionaries(
    {"kind": st.just("TrendsQuery"), "series": st.lists(_series, min_size=1, max_size=3)},
    optional={**_options, "breakdownFilter": st.fixed_dictionaries({"breakdown": properties, "breakdown_type": st.just("event")})},
)  # fmt: skip
funnels = st.fixed_dictionaries(
    {"kind": st.just("FunnelsQuery"), "series": st.lists(_series, min_size=2, max_size=4)}, optional=_options
)
paths = st.fixed_dictionaries(
    {
        "kind": st.just("PathsQuery"),
        "pathsFilter": st.fixed_dictionaries(
            {"includeEventTypes": st.just(["$pageview"])}, optional={"startPoint": st.just("/pricing")}
        ),
    }
)
tables = st.sampled_from(["select count() from orders", "select plan, avg(price) from orders group by plan"]).map(
    lambda text: {"kind": "DataTableNode", "source": {"kind": "HogQLQuery", "query": text}}
)
queries = st.one_of(
    trends, funnels, paths, tables, trends.map(lambda query: {"kind": "InsightVizNode", "source": query})
)
"""Saved queries as they are stored: JSON objects."""

_texts = st.sampled_from(
    ["Revenue", "  Größe\n", "😀", "A\u0308", "=1+1", 'a"b', "a,b", "a\nb", "\u2028", "12", "null"]
)
insight_fields = st.fixed_dictionaries(
    {},
    optional={
        "query": queries,
        "name": _texts,
        "description": _texts,
        "tags": st.lists(st.sampled_from(["b", "B", "a", "é", "a,b"]), max_size=3),
        "favorited": st.booleans(),
    },
)
"""What an insight is created with."""
