"""Queries that list rows, who stands behind an insight, and the products' own kinds."""

import pytest

from insights_core.query.meaning import (
    Aggregate,
    Column,
    Condition,
    Count,
    Entity,
    Option,
    Order,
    Output,
    Period,
    Ratio,
    Step,
)
from insights_core.query.registry import read

PLAN = Entity("plan_bought", "event")
NODE = {"kind": "EventsNode", "event": "plan_bought"}
TREND = {"kind": "TrendsQuery", "series": [NODE]}
FUNNEL = {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}, NODE]}
PERSONS = Entity("persons", "table")


def values(query, role="measure"):
    return [output.value for output in read(query).outputs if output.role == role]


# Rows


def test_rows_have_columns():
    meaning = read({
        "kind": "EventsQuery",
        "event": "plan_bought",
        "select": ["*", "properties.$browser -- Browser", "person.properties.email", "timestamp", "properties.a.b"],
        "after": "-24h",
        "orderBy": ["timestamp DESC"],
        "limit": 50,
        "properties": [{"key": "$os", "value": "Linux"}],
    })  # fmt: skip
    assert (meaning.shape, meaning.source) == ("rows", PLAN)
    assert meaning.outputs == (
        Output("attribute", Column("*")),
        Output("attribute", Column("$browser", None, (), "event"), ("Browser",)),
        Output("attribute", Column("email", None, (), "person")),
        Output("attribute", Column("timestamp")),
        Output("attribute", Column("a.b", None, (), "event")),
    )
    assert (meaning.period, meaning.limit) == (Period("-24h"), 50)
    assert meaning.order == (Order(3, None, descending=True),)
    assert meaning.conditions == (Condition(Column("$os", None, (), "event"), "exact", ("Linux",)),)


@pytest.mark.parametrize("by", ["-timestamp", "timestamp DESC", "timestamp desc"])
def test_an_order_is_one_however_it_is_written(by):
    meaning = read({"kind": "EventsQuery", "select": ["timestamp"], "orderBy": [by]})
    assert meaning.order == (Order(0, None, descending=True),)


def test_aggregates_are_measures_and_what_stands_beside_them_is_what_they_are_grouped_by():
    query = {"kind": "EventsQuery", "event": "plan_bought", "select": ["count()", "properties.$browser"]}
    meaning = read(query)
    assert meaning.shape == "split"
    assert meaning.outputs == (
        Output("measure", Count(PLAN)),
        Output("dimension", Column("$browser", None, (), "event")),
    )
    assert read({**query, "orderBy": ["count() DESC"], "limit": 10}).shape == "ranking"
    assert read({**query, "select": ["count()"]}).shape == "number"
    assert read({**query, "select": ["count()"], "interval": "day"}).shape == "series"


def test_the_event_that_a_condition_names_is_the_subject():
    query = {"kind": "EventsQuery", "select": ["count()"]}
    narrowed = read({**query, "where": ["event = 'plan_bought'"]})
    assert narrowed == read({**query, "event": "plan_bought"})
    assert (narrowed.source, narrowed.conditions) == (PLAN, ())


def test_a_condition_that_nobody_can_read_is_kept_and_listed():
    meaning = read({"kind": "EventsQuery", "select": ["*"], "where": ["((("]})
    assert len(meaning.conditions) == 1
    assert meaning.unread == ("where[0]",)


@pytest.mark.parametrize(
    ("kind", "name"), [("PersonsNode", "persons"), ("SessionsQuery", "sessions"), ("GroupsQuery", "groups")]
)
def test_tables_are_told_by_their_rows(kind, name):
    meaning = read({"kind": "DataTableNode", "source": {"kind": kind}, "columns": ["name"]})
    assert (meaning.shape, meaning.source) == ("rows", Entity(name, "table"))
    assert meaning.outputs == (Output("attribute", Column("name")),)


def test_the_type_of_a_group_is_kept():
    assert read({"kind": "GroupsQuery", "group_type_index": 0}) != read({"kind": "GroupsQuery", "group_type_index": 1})


# Who stands behind an insight


def test_the_actors_of_an_insight_are_those_of_its_series():
    query = {
        "kind": "ActorsQuery",
        "select": ["person"],
        "source": {"kind": "InsightActorsQuery", "day": "2026-05-01", "source": TREND},
        "properties": [{"key": "email", "operator": "is_set", "type": "person"}],
        "limit": 5,
    }
    meaning = read(query)
    assert (meaning.shape, meaning.source, meaning.limit) == ("actors", PERSONS, 5)
    assert meaning.outputs == (Output("measure", Count(PLAN)), Output("attribute", Column("person")))
    assert (meaning.option("of"), meaning.option("day")) == ("series", "2026-05-01")
    assert meaning.conditions == (Condition(Column("email", None, (), "person"), "is_set"),)
    assert read(query["source"]).outputs == (Output("measure", Count(PLAN)),)


def test_one_series_of_an_insight_is_chosen_by_its_place():
    two = {**TREND, "series": [{"kind": "EventsNode", "event": "other"}, NODE]}
    assert values({"kind": "InsightActorsQuery", "source": two, "series": 1}) == [Count(PLAN)]


def test_who_converted_or_dropped_off():
    meaning = read(
        {"kind": "ActorsQuery", "source": {"kind": "FunnelsActorsQuery", "source": FUNNEL, "funnelStep": -2}}
    )
    assert meaning.steps == (Step(Entity("$pageview", "event")), Step(PLAN))
    assert (meaning.shape, meaning.option("of"), meaning.option("funnelStep")) == ("actors", "funnel", -2)


def test_what_correlates_with_a_funnel_is_about_its_steps():
    actors = {"kind": "FunnelsActorsQuery", "source": FUNNEL}
    meaning = read({"kind": "FunnelCorrelationQuery", "source": actors, "funnelCorrelationType": "events"})
    assert (meaning.shape, meaning.steps, meaning.source) == ("correlation", read(FUNNEL).steps, Entity("", "all"))
    assert [option for option in meaning.options if option.name == "of"] == [Option("of", "funnel")]


def test_actors_that_a_statement_finds_keep_the_event_that_it_asks_for():
    statement = {"kind": "HogQLQuery", "query": "select person_id from events where event = 'plan_bought'"}
    meaning = read({"kind": "ActorsQuery", "source": statement})
    assert (meaning.shape, meaning.source) == ("actors", PERSONS)
    assert PLAN in meaning.sources


def test_columns_of_sessions_begin_with_a_dollar():
    meaning = read(
        {"kind": "SessionsQuery", "select": ["avg($session_duration)", "$channel_type"], "where": ["$os = 'x'"]}
    )
    assert [output.value for output in meaning.outputs] == [
        Aggregate("avg", Column("$session_duration")),
        Column("$channel_type"),
    ]
    assert (meaning.conditions, meaning.unread) == ((Condition(Column("$os"), "exact", ("x",)),), ())


def test_groups_act_where_groups_are_counted():
    grouped = {**TREND, "series": [{**NODE, "math": "unique_group", "math_group_type_index": 0}]}
    assert read({"kind": "InsightActorsQuery", "source": grouped}).source == Entity("groups", "table")


def test_events_of_actors_keep_whose_they_are():
    meaning = read({"kind": "EventsQuery", "select": ["*"], "source": {"kind": "InsightActorsQuery", "source": TREND}})
    assert meaning.option("source") == read({"kind": "InsightActorsQuery", "source": TREND})


# Experiments


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (
            {"metric_type": "mean", "source": {**NODE, "math": "sum", "math_property": "amount"}},
            Aggregate("avg", Aggregate("sum", Column("amount", PLAN, (), "event")), (), "user"),
        ),
        ({"metric_type": "mean", "source": NODE}, Aggregate("avg", Count(PLAN), (), "user")),
        (
            {"metric_type": "ratio", "numerator": NODE, "denominator": {"kind": "EventsNode", "event": "visit"}},
            Ratio(Count(PLAN), Count(Entity("visit", "event"))),
        ),
    ],
)
def test_an_experiment_compares_a_metric(metric, value):
    query = {
        "kind": "ExperimentQuery",
        "metric": {"kind": "ExperimentMetric", **metric},
        "experiment_id": 4,
        "name": "Nav",
    }
    meaning = read(query)
    assert (meaning.shape, meaning.caption, meaning.option("experiment_id")) == ("experiment", "Nav", 4)
    assert meaning.outputs == (Output("measure", value),)
    assert read(query["metric"]).outputs == meaning.outputs


def test_an_experiment_compares_a_funnel_or_retention():
    funnel = {"kind": "ExperimentMetric", "metric_type": "funnel", "series": FUNNEL["series"]}
    assert read({"kind": "ExperimentQuery", "metric": funnel}).steps == (Step(Entity("$pageview", "event")), Step(PLAN))
    kept = {"metric_type": "retention", "start_event": NODE, "completion_event": NODE}
    assert [step.role for step in read({"kind": "ExperimentQuery", "metric": kept}).steps] == ["first", "returning"]


def test_older_experiments_hold_an_insight():
    trends = read({"kind": "ExperimentTrendsQuery", "count_query": TREND, "exposure_query": TREND})
    assert (trends.shape, trends.outputs) == ("experiment", read(TREND).outputs)
    assert trends.option("exposure_query")
    funnels = read({"kind": "ExperimentFunnelsQuery", "funnels_query": FUNNEL})
    assert (funnels.shape, funnels.steps) == ("experiment", read(FUNNEL).steps)


# The products' own kinds


def test_logs_are_narrowed_by_what_the_query_asks():
    logs = Entity("logs", "table")
    meaning = read({
        "kind": "LogsQuery",
        "severityLevels": ["error", "fatal"],
        "serviceNames": ["billing"],
        "searchTerm": "timeout",
        "dateRange": {"date_from": "-1h"},
    })  # fmt: skip
    assert (meaning.shape, meaning.source, meaning.period) == ("logs", logs, Period("-1h"))
    assert set(meaning.conditions) == {
        Condition(Column("severity", logs), "in", ("error", "fatal")),
        Condition(Column("service", logs), "exact", ("billing",)),
        Condition(Column("body", logs), "icontains", ("timeout",)),
    }


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("WebOverviewQuery", "web_overview"),
        ("WebGoalsQuery", "web_goals"),
        ("TracesQuery", "traces"),
        ("ErrorTrackingQuery", "errors"),
        ("RecordingsQuery", "recordings"),
        ("RevenueAnalyticsOverviewQuery", "revenue_overview"),
        ("MarketingAnalyticsTableQuery", "marketing"),
        ("SavedInsightNode", "saved_insight"),
    ],
)
def test_some_kinds_say_it_all(kind, shape):
    query = (
        {"kind": kind, "dateRange": {"date_from": "-7d"}}
        if kind != "SavedInsightNode"
        else {"kind": kind, "shortId": "x"}
    )
    meaning = read(query)
    assert (meaning.shape, meaning.format, meaning.unread) == (shape, kind, ())
    assert read({"kind": "DataTableNode", "source": query}) == meaning


def test_web_stats_are_visitors_by_what_the_query_says():
    query = {
        "kind": "WebStatsTableQuery",
        "breakdownBy": "InitialChannelType",
        "properties": [],
        "orderBy": ["Views", "ASC"],
    }
    pageview = Entity("$pageview", "event")
    assert values(query) == [Count(pageview, Entity("dau", "actor")), Count(pageview)]
    assert values(query, "dimension") == [Column("InitialChannelType", None, (), "session")]
    assert read(query).order == (Order(None, Column("Views"), descending=False),)


@pytest.mark.parametrize(("kind", "name"), [("GrossRevenue", "GrossRevenue"), ("MRR", "MRR")])
def test_revenue_is_a_sum_by_product_and_the_like(kind, name):
    query = {
        "kind": f"RevenueAnalytics{kind}Query",
        "breakdown": [{"property": "revenue_analytics_product.name", "type": "revenue_analytics"}],
        "interval": "month",
        "properties": [],
    }
    meaning = read(query)
    assert (meaning.shape, meaning.interval) == ("split", "month")
    assert values(query) == [Aggregate("sum", Column(name, Entity("revenue", "table")))]
    assert values(query, "dimension") == [Column("name", Entity("product", "table"), (), "revenue_analytics")]
    assert read({**query, "breakdown": []}).shape == "series"


def test_several_orders_are_all_there():
    query = {"kind": "MarketingAnalyticsTableQuery", "orderBy": [["Cost", "DESC"], ["Clicks", "ASC"]]}
    assert read(query).order == (Order(None, Column("Cost"), descending=True), Order(None, Column("Clicks")))


def test_vitals_look_at_a_trend_in_a_way_of_their_own():
    meaning = read({"kind": "WebVitalsQuery", "source": TREND, "properties": []})
    assert (meaning.shape, meaning.outputs) == ("web_vitals", read(TREND).outputs)
    assert Option("of", "series") in meaning.options
