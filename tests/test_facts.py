"""What the readers find in queries: JSON nodes, the older filters, tables, and objects of no known kind."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core.errors import InvalidQuery
from insights_core.facts import Breakdown, Condition, Facts, Group, Period, describe, parse_text

TREND = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "invoice_sent", "math": "sum", "math_property": "amount_usd"}],
    "interval": "week",
    "dateRange": {"date_from": "-90d"},
    "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event", "breakdown_limit": 7},
    "properties": [{"key": "plan", "value": ["pro", "team"], "operator": "exact", "type": "person"}],
    "compareFilter": {"compare": True},
    "trendsFilter": {"display": "ActionsBar", "formula": "A / 2", "smoothingIntervals": 7, "decimalPlaces": 2},
    "filterTestAccounts": True,
}


def test_a_trend_lands_in_the_fields_it_belongs_to():
    facts = describe(TREND)
    (measure,) = facts.measures
    assert (measure.entity, measure.math, measure.of) == ("invoice_sent", "sum", "amount_usd")
    assert facts.breakdowns == (Breakdown("$browser"),)
    assert facts.filters == (Condition("plan", "exact", ("pro", "team"), "person"),)
    assert facts.period == Period("-90d")
    assert (facts.interval, facts.compare, facts.display) == ("week", "previous", "ActionsBar")
    assert facts.formulas == (("A / 2", ""),)
    assert {option.name: option.value for option in facts.options} == {
        "filterTestAccounts": True,
        "smoothingIntervals": 7,
        "breakdown_limit": 7,
    }
    assert facts.unread == ()


def test_what_is_not_understood_is_listed():
    facts = describe({**TREND, "gravity": 9.81, "trendsFilter": {"spin": "up"}, "series": [{"event": "a", "mass": 1}]})
    assert facts.unread == ("gravity", "trendsFilter.spin", "series[0].mass")


@pytest.mark.parametrize("wrapper", ["InsightVizNode", "DataVisualizationNode", "DataTableNode"])
def test_a_node_that_only_shows_another_changes_nothing(wrapper):
    assert describe({"kind": wrapper, "source": TREND, "full": True}) == describe(TREND)


@pytest.mark.parametrize("insight", [{"query": TREND}, {"name": "x", "query": {"query": TREND}}])
def test_an_insight_is_as_good_as_its_query(insight):
    assert describe(insight) == describe(TREND)


OLD_AND_NEW = [
    (
        {"insight": "TRENDS", "events": [{"id": "signup", "math": "dau"}], "interval": "month", "date_from": "-6m"},
        {
            "kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "signup", "math": "dau"}],
            "interval": "month",
            "dateRange": {"date_from": "-6m"},
        },
    ),
    (
        {
            "insight": "FUNNELS",
            "events": [{"id": "cart_opened", "order": 1}, {"id": "item_viewed", "order": 0}],
            "actions": [{"id": 7, "name": "Paid", "order": 2}],
            "breakdown": "$os",
            "breakdown_type": "event",
            "funnel_viz_type": "trends",
            "funnel_window_interval": 3,
        },
        {
            "kind": "FunnelsQuery",
            "series": [
                {"kind": "EventsNode", "event": "item_viewed"},
                {"kind": "EventsNode", "event": "cart_opened"},
                {"kind": "ActionsNode", "id": 7, "name": "Paid"},
            ],
            "breakdownFilter": {"breakdown": "$os", "breakdown_type": "event"},
            "funnelsFilter": {"funnelVizType": "trends", "funnelWindowInterval": 3},
        },
    ),
    (
        {
            "insight": "RETENTION",
            "target_entity": {"id": "signup", "type": "events"},
            "returning_entity": {"id": "report_opened", "type": "events"},
            "period": "Week",
        },
        {
            "kind": "RetentionQuery",
            "retentionFilter": {
                "targetEntity": {"id": "signup", "type": "events"},
                "returningEntity": {"id": "report_opened", "type": "events"},
                "period": "Week",
            },
        },
    ),
    (
        {"insight": "PATHS", "include_event_types": ["$pageview"], "start_point": "/pricing"},
        {"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"], "startPoint": "/pricing"}},
    ),
    (
        {"insight": "LIFECYCLE", "events": [{"id": "task_done"}], "shown_as": "Lifecycle", "entity_type": "events"},
        {"kind": "LifecycleQuery", "series": [{"kind": "EventsNode", "event": "task_done"}]},
    ),
    (
        {"insight": "STICKINESS", "events": [{"id": "task_done"}], "compare": True, "filter_test_accounts": True},
        {
            "kind": "StickinessQuery",
            "series": [{"kind": "EventsNode", "event": "task_done"}],
            "compareFilter": {"compare": True},
            "filterTestAccounts": True,
        },
    ),
]


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
def test_the_older_form_says_the_same_as_the_node(old, new):
    assert describe(old) == describe(new)
    assert describe({"filters": old}) == describe(new)


def test_filters_keep_their_tree():
    either = {
        "type": "OR",
        "values": [{"key": "a", "value": 1}, {"type": "AND", "values": [{"key": "b"}, {"key": "c"}]}],
    }
    facts = describe({**TREND, "properties": {"type": "AND", "values": [either, {"type": "OR", "values": []}]}})
    assert facts.filters == (
        Group("or", (Condition("a", "exact", (1,)), Group("and", (Condition("b"), Condition("c"))))),
    )


def test_cohorts_and_feature_flags_are_told_by_their_names():
    properties = [
        {"key": "id", "type": "cohort", "value": 12, "cohort_name": "Power users"},
        {"key": "$feature/new-editor", "value": "test", "type": "event"},
    ]
    facts = describe({**TREND, "properties": properties})
    assert facts.filters == (
        Condition("", "in", ("Power users",), "cohort"),
        Condition("new-editor", "exact", ("test",), "feature"),
    )


def test_a_label_is_what_a_person_wrote_and_not_the_spelling_of_the_event():
    series = [
        {"kind": "EventsNode", "event": "file_shared", "name": "File shared"},
        {"kind": "EventsNode", "event": "file_shared", "name": "Shares"},
        {"kind": "EventsNode", "event": "file_shared", "custom_name": "Team shares"},
    ]
    assert [measure.label for measure in describe({**TREND, "series": series}).measures] == [
        "",
        "Shares",
        "Team shares",
    ]


def test_an_unknown_kind_is_read_by_its_words():
    facts = describe({"kind": "HeatmapOfDoomQuery", "rows": [{"field": "cpu_load"}]})
    assert (facts.kind, facts.node) == ("other", "HeatmapOfDoomQuery")
    assert "cpu_load" in facts.words


def test_readers_are_asked_only_where_no_built_in_one_answers():
    def never():
        raise AssertionError("iterated")
        yield

    assert describe(TREND, never()).kind == "trends"
    mine = Facts("other", "mine")
    assert describe({"kind": "Mine"}, [lambda _: None, lambda query: mine if query["kind"] == "Mine" else None]) is mine


def test_facts_are_json_ready():
    shown = json.loads(json.dumps(describe(TREND).to_dict()))
    assert shown["measures"] == [{"entity": "invoice_sent", "source": "event", "math": "sum", "of": "amount_usd"}]


NO_QUERIES = [None, True, 0, 1.5, [], [TREND], {}, "", "   ", "hello there", {"": {}}, {"": None}, "\ufeff", b"x"]


@pytest.mark.parametrize("value", NO_QUERIES, ids=repr)
def test_what_is_no_query_is_refused_in_one_line(value):
    with pytest.raises(InvalidQuery) as refused:
        describe(value)
    assert str(refused.value)
    assert "\n" not in str(refused.value)


def test_filters_nested_beyond_reason_are_refused():
    deep: dict = {"key": "a"}
    for _ in range(100_000):
        deep = {"type": "OR", "values": [deep, deep]}
    with pytest.raises(InvalidQuery, match="nested"):
        describe({**TREND, "properties": deep})
    while "values" in deep:  # freed one level at a time: the interpreter's own teardown is recursive
        deep = deep.pop("values")[0]


TEXTS = [
    ("", "empty"),
    (" \n\ufeff", "nothing|SQL|empty"),
    ("{", "JSON"),
    ('{"kind": NaN}', "NaN"),
    ('{"kind": -Infinity}', "Infinity"),
    ('{"a": 1e999}', "too large"),
    ('{"a": ' + "9" * 5000 + "}", "digits"),
    ('{"a": ' * 100_000, "nested"),
    ('{"a": "' + "b" * 1_000_000 + '"}', "too long"),
    ("SELECT 1 " * 200_000, "too long"),
    ("[" * 200_000, "nested"),
    ("[1]", "list"),
    ('"select 1"', "SQL"),
    ("17", "number"),
    ("null", "null"),
    ("true", "true or false"),
    ("select 1\0", "NUL"),
    ("select '\ud800'", "surrogate"),
    ('{"kind": "\\ud800"}', "surrogate"),
]


@pytest.mark.parametrize(("text", "says"), TEXTS, ids=[says for _, says in TEXTS])
def test_text_that_holds_no_query_is_refused_and_says_why(text, says):
    with pytest.raises(InvalidQuery, match=says) as refused:
        describe(parse_text(text))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["select 1", "{{ config(x=1) }} select 1", "{% set a = 1 %} select 1", "{# c #} select 1"]
)
def test_sql_is_told_from_json(text):
    assert parse_text("\ufeff" + text) == text
    assert parse_text('{"a": 1}', sql=True) == '{"a": 1}'


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["$pageview", "AND", "all"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.text(st.characters()), st.booleans())
def test_any_text_is_a_query_or_is_refused(text, sql):
    try:
        describe(parse_text(text, sql=sql))
    except InvalidQuery as refused:
        assert "\n" not in str(refused)  # noqa: PT017


KEYS = [*TREND, "kind", "source", "query", "filters", "insight", "events", "retentionFilter", "pathsFilter", "select"]
KINDS = [
    "TrendsQuery",
    "FunnelsQuery",
    "RetentionQuery",
    "PathsQuery",
    "LifecycleQuery",
    "EventsQuery",
    "HogQLQuery",
    "ActorsQuery",
]


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_any_json_under_a_known_kind_is_a_query_or_is_refused(kind, rest):
    for query in ({**rest, "kind": kind}, {**rest, "insight": "TRENDS"}, rest):
        try:
            facts = describe(query)
        except InvalidQuery:
            continue
        assert facts.kind
        hash(facts)
