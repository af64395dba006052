"""Every key of the public query schema is understood or kept; nothing in a query is silently ignored."""

import json
from pathlib import Path

import pytest

from insights_core.query.posthog import keys
from insights_core.query.registry import read

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "posthog_schema.json").read_text(encoding="utf-8"))
SERIES = [{"kind": "EventsNode", "event": "gate_opened"}]
TREND = {"kind": "TrendsQuery", "series": SERIES}
FUNNEL = {"kind": "FunnelsQuery", "series": [*SERIES, {"kind": "EventsNode", "event": "gate_closed"}]}
FILTERS = [{"key": "a", "value": "b", "type": "event"}]
REAL = {
    **dict.fromkeys(("series", "events", "actions"), SERIES),
    **{
        key: [{"key": f"{key} marked", "value": "b", "type": "event"}]
        for key in (
            "properties",
            "fixedProperties",
            "eventProperties",
            "filterGroup",
            "having_predicates",
            "console_log_filters",
        )
    },
    "comment_text": {"key": "comment marked", "value": "b", "type": "event"},
    "serviceName": "another",
    "orderDirection": "ASC",
    "order_direction": "ASC",
    "dateRange": {"date_from": "-7d"},
    "compareFilter": {"compare": True},
    "query": "select a from b",
    "filters": {"properties": FILTERS},
    "select": ["event"],
    "limit": 7,
    "orderBy": ["event"],
    "breakdowns": [{"property": "a", "type": "event"}],
    "breakdown_histogram_bin_count": 5,
    "formula": "A",
    "formulas": ["A"],
    "formulaNodes": [{"formula": "A", "custom_name": "marked"}],
    "math": "sum",
    "source": TREND,
    "breakdown": "a",
    "metric": {"kind": "ExperimentMetric", "metric_type": "mean", "source": SERIES[0]},
    "feature_flag": {"key": "marked"},
    "count_query": TREND,
    "funnels_query": FUNNEL,
    "day": "2026-01-01",
    "nodes": SERIES,
    "where": ["event = 'gate_opened'"],
    "filterExpression": "event = 'gate_opened'",
    "metrics": ["count()"],
}
"""Values for the keys whose shape matters; any other gets one that is in no default."""
OF_KIND = {
    ("RevenueAnalyticsGrossRevenueQuery", "breakdown"): [{"property": "a.b", "type": "revenue_analytics"}],
    ("RevenueAnalyticsMRRQuery", "breakdown"): [{"property": "a.b", "type": "revenue_analytics"}],
    ("RevenueAnalyticsMetricsQuery", "breakdown"): [{"property": "a.b", "type": "revenue_analytics"}],
    ("SessionAttributionExplorerQuery", "filters"): {"properties": FILTERS},
    ("ErrorTrackingIssueCorrelationQuery", "events"): ["gate_opened"],
    ("EventsQuery", "events"): ["gate_opened"],
    ("SessionBatchEventsQuery", "events"): ["gate_opened"],
    ("WebVitalsPathBreakdownQuery", "metric"): "LCP",
    ("EventsQuery", "source"): {"kind": "InsightActorsQuery", "source": TREND},
    ("FunnelCorrelationQuery", "source"): {"kind": "FunnelsActorsQuery", "source": FUNNEL},
}
KINDS = [*SCHEMA["nodes"], *SCHEMA["products"]]
SETTINGS = {key: part for parts in SCHEMA["nodes"].values() for key, part in parts.items() if part in SCHEMA["parts"]}


def whole(kind):
    query = {"kind": kind}
    for key in SCHEMA["nodes"].get(kind) or SCHEMA["products"][kind]:
        inner = SCHEMA["parts"].get(SETTINGS.get(key))
        value = OF_KIND.get((kind, key), REAL.get(key, "marked"))
        query[key] = {name: REAL.get(name, "marked") for name in inner} if inner else value
    if isinstance(query.get("orderBy"), list) and kind == "ErrorTrackingQuery":
        query["orderBy"] = "last_seen"
    return query


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_node_is_known(kind):
    assert read(whole(kind)).unread == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_nobody_knows_is_listed(kind):
    query = whole(kind)
    query["flux"] = 1
    inner = [key for key in query if key in SETTINGS]
    for key in inner:
        query[key]["flux"] = 1
    assert {"flux", *(f"{key}.flux" for key in inner)} <= set(read(query).unread)


@pytest.mark.parametrize("kind", KINDS)
def test_no_key_is_dropped(kind):
    """Each key changes the meaning, unless it only draws or fetches, or says what is said without it."""
    query = whole(kind)
    meaning = read(query)
    for key in query:
        if key in keys.SHOWN or key in ALREADY_SAID.get(kind, ()):
            continue
        rest = {name: value for name, value in query.items() if name != key}
        assert read(rest) != meaning, key


ALREADY_SAID = {
    # The other of two that name the same rows.
    "EventsQuery": {"event", "events", "where"},
    "SessionBatchEventsQuery": {"event", "events", "where"},
    "SessionsQuery": {"event", "where"},
    "AccountsQuery": {"filterExpression"},
}


@pytest.mark.parametrize(
    ("kind", "part"), [(kind, part) for kind in SCHEMA["nodes"] for part in whole(kind) if part in SETTINGS]
)
def test_no_setting_is_dropped(kind, part):
    query = whole(kind)
    if part == "breakdownFilter":
        # The list takes precedence over the one.
        del query[part]["breakdowns"]
        query.get("trendsFilter", {}).pop("breakdown_histogram_bin_count", None)
    meaning = read(query)
    for key in query[part]:
        if key in keys.SHOWN - {"display"} or key in ("formula", "formulas"):
            continue
        rest = {**query, part: {name: value for name, value in query[part].items() if name != key}}
        if key == "formulaNodes":
            rest[part] |= {"formula": "A + A", "formulas": []}
        assert read(rest) != meaning, key


def test_every_key_of_a_series_is_known():
    for kind, names in SCHEMA["series"].items():
        node = {**{key: REAL.get(key, "marked") for key in names}, "kind": kind}
        assert read({"kind": "TrendsQuery", "series": [node]}).unread == (), kind
        odd = read({"kind": "TrendsQuery", "series": [{**node, "flux": 1}]})
        assert odd.unread == ("series[0].flux",)


def test_every_key_of_an_experiments_metric_is_known():
    metric = {key: REAL.get(key, "marked") for key in SCHEMA["metric"]}
    metric |= dict.fromkeys(("source", "numerator", "denominator", "start_event", "completion_event"), SERIES[0])
    metric["breakdownFilter"] = {"breakdowns": REAL["breakdowns"]}
    assert read({"kind": "ExperimentQuery", "metric": metric}).unread == ()
    assert read({"kind": "ExperimentQuery", "metric": {**metric, "flux": 1}}).unread == ("metric.flux",)


@pytest.mark.parametrize("wrapper", SCHEMA["wrappers"])
def test_every_key_of_a_showing_node_is_known(wrapper):
    query = {**dict.fromkeys(SCHEMA["wrappers"][wrapper], "marked"), "kind": wrapper, "source": whole("TrendsQuery")}
    assert read(query).unread == ()
    assert read({**query, "flux": 1}).unread == (f"{wrapper}.flux",)
