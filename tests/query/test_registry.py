"""The one door: what is SQL, what is wrapped, who is asked in which order, and what is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core.errors import InvalidQuery
from insights_core.query.meaning import Column, Condition, Count, Entity, Meaning, Output
from insights_core.query.posthog.kinds import READERS
from insights_core.query.registry import FORMATS, parse_text, read

TREND = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "a"}]}
SQL = "SELECT category, COUNT(*) AS n FROM orders GROUP BY category"


def test_an_unknown_kind_is_read_by_its_words():
    meaning = read(
        {"kind": "HeatmapOfDoomQuery", "rows": [{"field": "cpu_load"}], "properties": [{"key": "a", "value": 1}]}
    )
    assert (meaning.shape, meaning.format) == ("unknown", "HeatmapOfDoomQuery")
    assert "cpu_load" in meaning.words
    assert meaning.conditions == (Condition(Column("a", None, (), "event"), "exact", (1,)),)
    assert meaning.unread == ("rows",)


def test_readers_are_asked_only_where_no_built_in_one_answers():
    def never():
        raise AssertionError("iterated")
        yield

    assert read(TREND, never()).format == "TrendsQuery"
    mine = Meaning("rows", format="mine")
    readers = [lambda _: None, lambda query: mine if query["kind"] == "Mine" else None]
    assert read({"kind": "Mine"}, readers) is mine
    assert read({"kind": "Mine", "sql": SQL}, readers) is mine
    assert len({row.name for row in FORMATS}) == len(FORMATS)


HOLDERS = [
    {"sql": SQL},
    {"kind": "SQLQuery", "query": SQL},
    {"kind": "SQLQuery", "query": SQL, "dialect": "postgresql"},
    {"query": SQL, "name": "x"},
    {"database": 2, "type": "native", "native": {"query": SQL, "template-tags": {}}},
    {"query": {"native": {"query": SQL}}},
    {"dataset_query": {"type": "native", "native": {"query": SQL}}, "display": "", "name": "x"},
    {"rawSql": SQL, "refId": "A"},
    {"type": "", "title": "", "targets": [{"refId": "A", "rawSql": SQL}]},
    {"targets": [{"rawSql": SQL, "datasource": {"type": "mysql", "uid": "x"}}], "filters": {}},
    {"label": "Select a plan from the list", "spec": {"deeper": [{"text_of_it": SQL}]}},
    {"kind": "ChartOfOurs", "data": {"statement": SQL}},
]


@pytest.mark.parametrize("holder", HOLDERS, ids=json.dumps)
def test_sql_in_an_object_is_sql(holder):
    meaning, bare = read(holder), read(SQL)
    assert (meaning.outputs, meaning.source, meaning.conditions) == (bare.outputs, bare.source, bare.conditions)


def test_what_stands_beside_the_sql_is_listed():
    assert read({"sql": SQL, "gravity": 9}).unread == ("gravity",)
    assert read({"kind": "SQLQuery", "query": SQL, "dialect": "klingon"}).unread == ("dialect",)


def test_the_series_of_a_panel_stand_side_by_side():
    other = SQL.replace("category", "region")
    panel = {"targets": [{"rawSql": SQL}, {"rawSql": other}]}
    outputs = read(panel).outputs
    assert set(read(SQL).outputs) | set(read(other).outputs) == set(outputs)


@pytest.mark.parametrize(
    "value",
    [{"id": "e"}, {"name": "Dashboard", "tags": ["a"]}, {"detail": "Not found."}, {"error": {"message": "no such table"}},
     {"results": []}, {"id": 3, "query": None}, {"filters": {}}],
    ids=json.dumps,
)  # fmt: skip
def test_an_object_without_a_query_is_refused(value):
    with pytest.raises(InvalidQuery, match="an object without a query"):
        read(value)


def test_hogql_is_sql_with_its_filters():
    query = {
        "kind": "HogQLQuery",
        "query": SQL,
        "filters": {"properties": [{"key": "plan", "value": "pro"}], "dateRange": {"date_from": "-7d"}},
        "name": "Orders",
        "gravity": 1,
    }
    meaning = read(query)
    assert meaning.outputs == read(SQL).outputs
    assert meaning.conditions == (Condition(Column("plan", None, (), "event"), "exact", ("pro",)),)
    assert (meaning.period.start, meaning.caption, meaning.format) == ("-7d", "Orders", "HogQLQuery")
    assert meaning.unread == ("gravity",)
    assert read({"kind": "DataVisualizationNode", "source": query, "display": "BoldNumber"}).display == "BoldNumber"


NO_QUERIES = [None, True, 0, 1.5, [], [TREND], {}, "", "   ", "hello there", {"": {}}, {"": None}, "\ufeff", b"x"]


@pytest.mark.parametrize("value", NO_QUERIES, ids=repr)
def test_what_is_no_query_is_refused_in_one_line(value):
    with pytest.raises(InvalidQuery) as refused:
        read(value)
    assert str(refused.value)
    assert "\n" not in str(refused.value)


TEXTS = [
    ("", "empty"),
    (" \n\ufeff", "nothing|SQL|empty"),
    ("{", "JSON"),
    ('{"kind": NaN}', "NaN"),
    ('{"kind": -Infinity}', "Infinity"),
    ('{"a": 1e999}', "too large"),
    ('{"a": ' + "9" * 5000 + "}", "digits"),
    ('{"a": ' * 100_000, "nested"),
    ("[" * 100_000, "nested"),
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
        read(parse_text(text))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["select 1", "{{ config(x=1) }} select 1", "{% set a = 1 %} select 1", "{# c #} select 1"]
)
def test_sql_is_told_from_json(text):
    assert parse_text("\ufeff" + text) == text
    assert parse_text('{"a": 1}', sql=True) == '{"a": 1}'


# Anything at all

KEYS = [
    "kind", "source", "query", "filters", "insight", "events", "actions", "series",
    "properties", "dateRange", "compareFilter", "breakdownFilter", "trendsFilter", "funnelsFilter", "retentionFilter", "pathsFilter",
    "select", "where", "orderBy", "limit", "event", "breakdowns", "breakdown", "interval",
    "metric", "severityLevels", "breakdownBy", "display", "columns", "filterGroup", "sql", "targets",
    "native", "feature_flag", "count_query", "math", "math_hogql",
]  # fmt: skip
INNER = ["kind", "event", "id", "key", "value", "type", "operator", "values", "formula", "formulaNodes", "breakdown",
         "breakdowns", "property", "date_from", "compare", "display", "math", "math_property", "nodes", "source",
         "hiddenLegendIndexes", "resultCustomizations", "series", "metric_type", "numerator", "query"]  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["$pageview", "AND", "OR", "all", "A/B", "hogql", "cohort", "group", "dau", "sum", "GroupNode"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=8), inner, max_size=4),
    max_leaves=16,
)  # fmt: skip
NODES = st.sampled_from([*READERS, "EventsNode", "Mine"])


@given(NODES, st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
def test_any_json_under_a_known_kind_is_a_query_or_is_refused(kind, rest):
    for query in ({**rest, "kind": kind}, {**rest, "insight": "TRENDS"}, rest):
        try:
            meaning = read(query)
        except InvalidQuery as refused:
            assert "\n" not in str(refused)  # noqa: PT017
            continue
        assert meaning.shape
        hash(meaning)


@given(NODES, st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
def test_a_wrapping_changes_nothing(kind, rest):
    query = {**rest, "kind": kind}
    try:
        bare = read(query)
    except InvalidQuery:
        return
    assert read({"query": query}) == bare
    if bare.outputs or bare.shape not in ("rows", "unknown"):
        assert read({"kind": "InsightVizNode", "source": query}) == bare


@given(st.dictionaries(st.sampled_from(KEYS), JSON, min_size=1, max_size=6), st.integers())
def test_the_order_of_keys_means_nothing(rest, seed):
    query = {**rest, "kind": "TrendsQuery"}
    turned = sorted(query.items(), key=lambda item: hash((item[0], seed)))
    with contextlib.suppress(InvalidQuery):
        assert read(query) == read(dict(turned))


def test_counts_of_one_event_are_one_meaning_everywhere():
    count = Output("measure", Count(Entity("a", "event")))
    forms = [
        TREND,
        {"insight": "TRENDS", "events": [{"id": "a"}]},
        {"kind": "EventsQuery", "event": "a", "select": ["count()"]},
        {"kind": "LifecycleQuery", "series": TREND["series"]},
    ]
    assert [read(form).outputs for form in forms] == [(count,)] * len(forms)
