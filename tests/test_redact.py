"""What leaves the machine: two queries that differ in values alone are one to whoever gets them."""

import contextlib
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quoting import COMMENTS, LITERALS, NUMBERS, numbers, plain, texts

from insights_core import BackendError, Namer
from insights_core.models.literals import without_literals
from insights_core.models.redact import redact
from insights_core.models.tokens import UnreadableError

NAMER = Namer(installed=False)
REFUSED = "the query's words cannot be told from its values: nothing was sent"


def payload(query):
    """Return what is sent of a query, or that nothing is."""
    try:
        return json.dumps(NAMER.payload(query), ensure_ascii=False)
    except BackendError as error:
        return str(error)


def sent(query):
    return json.loads(NAMER.payload(query)["messages"][1]["content"])


# SQL

STATEMENTS = (
    "SELECT count(*) FROM orders WHERE plan = {0} AND{c} note LIKE {1} OR x NOT IN ({2}, {3})",
    "SELECT country, sum(CASE WHEN plan = {0} THEN {1} ELSE price * {2} END) AS total{c}\nFROM orders GROUP BY country",
    "SELECT {0} AS a, plan, coalesce(name, {1}){c} FROM orders ORDER BY plan = {2} DESC, {3} LIMIT 10",
    "WITH t AS (SELECT * FROM a WHERE b = {0}{c})\nSELECT date_trunc('week', t.at), count() FROM t WHERE c > {1} GROUP BY 1",
    "SELECT quantile(0.95)(x), properties.plan FROM events WHERE properties[{0}] = {1}{c} HAVING max(y) <> {2}",
    "select countIf(plan = {0}) / count() from orders{c}\n where at > now() - interval 7 day and f({1}, {2})",
    "SELECT a.x, concat(b.y, {0}) FROM a JOIN b ON a.id = b.id AND b.kind = {1}{c}",
    "SELECT uniq(user_id), if(plan = {0}, {1}, {2}) AS tier FROM events{c}\nWHERE properties.event = {3} GROUP BY tier",
    "SELECT * FROM (SELECT * FROM x WHERE {0} < y) s{c}\nWHERE s.z BETWEEN {1} AND {2} UNION ALL SELECT * FROM t WHERE a = {3}",
    "SELECT sum(x) FROM read({0}) AS f{c} WHERE y = {1}",
)


def written(draw, style, values):
    kind, _, name = style.partition(", ")
    return NUMBERS[name](draw(numbers)) if kind == "number" else LITERALS[style](draw(values))


@st.composite
def statements(draw):
    """Two statements that differ in their values alone.

    Quotes stand in the literals or in the comment and not in both: `'\\' -- '` is a literal and a comment to some dialects,
    and one literal to others.
    """
    statement = draw(st.sampled_from(STATEMENTS))
    comment = draw(st.sampled_from(["none", *COMMENTS]))
    styles = [draw(st.sampled_from([*LITERALS, *(f"number, {name}" for name in NUMBERS)])) for _ in range(4)]
    values, remarks = draw(st.sampled_from([(texts, plain), (plain, texts)]))
    return tuple(
        statement.format(
            *(written(draw, style, values) for style in styles),
            c="" if comment == "none" else COMMENTS[comment](draw(remarks)),
        )
        for _ in range(2)
    )


@given(statements())
def test_two_statements_that_differ_in_values_alone_give_one_payload(pair):
    first, second = pair
    assert payload(first) == payload(second)


@pytest.mark.parametrize("style", [*LITERALS, *(f"number, {name}" for name in NUMBERS)])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_plain_value_in_any_marks_is_no_reason_to_send_nothing(statement, style):
    kind, _, name = style.partition(", ")
    value = NUMBERS[name](4111) if kind == "number" else LITERALS[style]("jane")
    assert "jane" not in payload(statement.format(*[value] * 4, c=" -- jane\n"))
    assert payload(statement.format(*[value] * 4, c=" -- jane\n")) != REFUSED


MARKS = ("'", "''", '"', "\\", "\\'", "`", "$$", "$t$", "--", "#", "//", "/*", "*/", "\n", "{#", "#}", "'''", "q'[", "E'", " ", ",", "(", ")")  # fmt: skip


NO_QUOTES = [mark for mark in MARKS if not set(mark) & set("'\"")]


@given(st.lists(st.sampled_from(NO_QUOTES), max_size=9), st.lists(st.sampled_from(NO_QUOTES), max_size=9))
def test_marks_around_a_literal_make_it_no_code(before, after):
    said = payload(f"SELECT count(*) FROM orders WHERE a = 1 {''.join(before)}\n AND b = 'Zqjane' {''.join(after)}")
    assert "zqjane" not in said.lower()


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT count() FROM events WHERE event = 'order placed'", "order placed"),
        ("SELECT count() FROM events e WHERE e.event IN ('$pageview', 'user.signed-up')", "user.signed-up"),
        ("SELECT date_trunc('week', at) AS w, count(*) FROM orders GROUP BY w", "week"),
        ("SELECT count(*) FROM orders WHERE at > now() - INTERVAL '30 days'", "-30d"),
        ("SELECT quantile(0.95)(price) FROM orders", "p95"),
        ("SELECT country FROM orders LIMIT 7", "7"),
        ('SELECT "orders"."country" FROM "orders"', "country"),
    ],
)
def test_what_is_no_value_is_sent(statement, kept):
    assert kept in json.dumps(sent(statement))


@pytest.mark.parametrize(
    "secret",
    [
        "jane@secret.example", "a/jane", "jane%", "x" * 60, "jane'", "jane.csv", "(jane)", "jane\n",
    ],
)  # fmt: skip
def test_what_is_compared_with_event_and_reads_otherwise_is_a_value(secret):
    literal = secret.replace("'", "''")
    said = payload(f"SELECT count() FROM events WHERE event = '{literal}' OR event IN ('a', '{literal}')")
    assert secret.strip("'\n()") not in said
    assert payload(f"SELECT count() FROM t WHERE properties.event = '{literal}'") == payload(
        "SELECT count() FROM t WHERE properties.event = 'signup'"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM jane_salaries.parquet",
        "SELECT count(*) FROM 'jane_salaries.parquet'",
        'SELECT count(*) FROM "jane_salaries.parquet"',
        "SELECT count(*) FROM `jane_salaries.parquet`",
        "SELECT count(*) FROM parquet.`/data/jane_salaries`",
        "SELECT count(*) FROM read_csv('jane_salaries')",
        "SELECT count(*) FROM @stage/jane_salaries",
        "SELECT count(*) FROM /data/jane_salaries.csv",
        "SELECT count(*) FROM s3://bucket/jane_salaries",
        "SELECT count(*) FROM persons WHERE id IN COHORT 'jane_salaries'",
        "SELECT count(*) FROM persons WHERE mail = jane_salaries@secret.example",
        "SELECT count(*) FROM orders WHERE plan = \N{LEFT SINGLE QUOTATION MARK}jane_salaries\N{RIGHT SINGLE QUOTATION MARK}",
        "SELECT count(*) FROM orders WHERE plan = 'jane_salaries",
    ],
)
def test_files_addresses_and_odd_quotes_are_not_sent(statement):
    assert "jane" not in payload(statement).lower()


@given(st.lists(st.sampled_from(MARKS), max_size=60))
def test_any_text_is_read_or_refused(marks):
    with contextlib.suppress(UnreadableError):
        without_literals("".join(marks), str)


# JSON


def event(**more):
    return {"kind": "EventsNode", "event": "order_placed", "custom_name": "Orders", **more}


def condition(value, **more):
    return {"key": "plan", "value": value, "operator": "exact", "type": "event", **more}


def expression(literal):
    return f"properties.card = {literal}"


# Each takes a value and a literal that says it, and is a query that holds them.
QUERIES = {
    "filter": lambda v, _: {"kind": "TrendsQuery", "series": [event(properties=[condition(v)])]},
    "filter, several": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [condition([v, "a", v], operator="icontains")]},
    "filter, nested": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": {"type": "AND", "values": [{"type": "OR", "values": [condition(v, type="person"), condition("a", type="person")]}]}},
    "filter, oldest form": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": {"plan": v}},
    "filter, between": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [condition([v, v], operator="between")]},
    "filter, feature": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [condition(v, key="$feature/new")]},
    "filter, unknown fields": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [condition("a", label=v, note={v: v})]},
    "cohort": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [{"type": "cohort", "key": "id", "value": 7, "cohort_name": v}]},
    "cohort, id": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "properties": [{"type": "cohort", "key": "id", "value": v}]},
    "breakdown, cohort": lambda v, _: {"kind": "TrendsQuery", "series": [event()], "breakdownFilter": {"breakdown": ["all", v], "breakdown_type": "cohort"}},
    "breakdown, hogql": lambda _, x: {"kind": "TrendsQuery", "series": [event()], "breakdownFilter": {"breakdown": f"if(a = {x}, b, c)", "breakdown_type": "hogql"}},
    "breakdowns, hogql": lambda _, x: {"kind": "TrendsQuery", "series": [event()], "breakdownFilter": {"breakdowns": [{"property": expression(x), "type": "hogql"}]}},
    "hogql filter": lambda _, x: {"kind": "TrendsQuery", "series": [event()], "properties": [{"type": "hogql", "key": expression(x)}]},
    "hogql filter, undeclared": lambda _, x: {"kind": "TrendsQuery", "series": [event()], "properties": [{"type": "event", "key": expression(x)}]},
    "math_hogql": lambda _, x: {"kind": "TrendsQuery", "series": [event(math="hogql", math_hogql=f"sumIf(price, plan = {x})")]},
    "breakdowns, of a table": lambda _, x: {"kind": "SessionsQuery", "select": ["count()"], "breakdowns": [f"if(a = {x}, b, c)"]},
    "formula": lambda _, x: {"kind": "TrendsQuery", "series": [event(), event()], "trendsFilter": {"formula": f"A / B + {x}"}},
    "formula node": lambda _, x: {"kind": "TrendsQuery", "series": [event()], "trendsFilter": {"formulaNodes": [{"formula": f"A + {x}", "custom_name": "B"}]}},
    "funnel": lambda v, _: {"kind": "FunnelsQuery", "series": [event(properties=[condition(v)]), event(event="paid")], "funnelsFilter": {"exclusions": [event(properties=[condition(v)])]}},
    "funnel, aggregation": lambda _, x: {"kind": "FunnelsQuery", "series": [event(), event()], "funnelsFilter": {"funnelAggregateByHogQL": expression(x)}},
    "retention": lambda v, _: {"kind": "RetentionQuery", "retentionFilter": {"targetEntity": {"id": "a", "type": "events", "properties": [condition(v)]}, "returningEntity": {"id": "b"}}},
    "stickiness": lambda v, _: {"kind": "StickinessQuery", "series": [event(properties=[condition(v)])]},
    "life cycle": lambda v, _: {"kind": "LifecycleQuery", "series": [event(properties=[condition(v)])]},
    "paths, start": lambda v, _: {"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"], "startPoint": v}},
    "paths, end": lambda v, _: {"kind": "PathsQuery", "pathsFilter": {"endPoint": v, "edgeLimit": 50}},
    "paths, the rest": lambda v, _: {"kind": "PathsQuery", "pathsFilter": {"excludeEvents": [v], "pathGroupings": [v], "localPathCleaningFilters": [{"alias": v, "regex": v}], "pathDropoffKey": v}},
    "paths, expression": lambda _, x: {"kind": "PathsQuery", "pathsFilter": {"pathsHogQLExpression": expression(x)}},
    "events": lambda _, x: {"kind": "EventsQuery", "select": ["event", f"concat(a, {x})"], "where": [expression(x)], "orderBy": [expression(x)]},
    "events, search": lambda v, _: {"kind": "EventsQuery", "select": ["*"], "personId": v, "properties": [condition(v)]},
    "persons": lambda v, _: {"kind": "ActorsQuery", "search": v, "properties": [condition(v, type="person")]},
    "persons behind": lambda v, _: {"kind": "ActorsQuery", "source": {"kind": "InsightActorsQuery", "day": v, "source": {"kind": "TrendsQuery", "series": [event(properties=[condition(v)])]}}},
    "hogql": lambda v, x: {"kind": "HogQLQuery", "query": f"select count() from events where plan = {x}", "values": {"a": v}, "variables": {"u": {"code_name": "a", "value": v}}, "filters": {"properties": [condition(v)]}},
    "shown": lambda v, x: {"kind": "DataTableNode", "columns": [expression(x)], "source": {"kind": "EventsQuery", "select": ["*"], "eventProperties": [condition(v)]}},
    "insight": lambda v, _: {"name": v, "query": {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": [event(properties=[condition(v)])]}}},
    "older form": lambda v, _: {"insight": "TRENDS", "events": [{"id": "a", "type": "events", "properties": [condition(v)]}], "properties": [condition(v)], "new_entity": [v]},
    "older form, paths": lambda v, _: {"filters": {"insight": "PATHS", "start_point": v, "path_groupings": [v]}},
    "older form, cohort": lambda v, _: {"insight": "TRENDS", "events": [{"id": "a"}], "breakdown": [v], "breakdown_type": "cohort"},
    "unknown setting": lambda v, _: {"kind": "TrendsQuery", "series": [event(note=v)], "trendsFilter": {"note": {"deep": [v]}}, v: v},
    "unknown kind": lambda v, _: {"kind": "UnheardQuery", "thing": v},
    "unknown kind inside": lambda v, _: {"kind": "InsightVizNode", "source": {"kind": "UnheardQuery", "thing": v}},
    "no event but an address": lambda v, _: {"kind": "TrendsQuery", "series": [event(event=f"{v}@secret.example", custom_name=None)]},
}  # fmt: skip

json_values = st.one_of(texts, texts, numbers, st.floats(allow_nan=False, allow_infinity=False)).filter(
    lambda value: value not in ("true", "false") and not (isinstance(value, str) and not value.strip())
)


@st.composite
def queries(draw):
    """Two queries that differ in their values alone."""
    query = QUERIES[draw(st.sampled_from(sorted(QUERIES)))]
    style = draw(st.sampled_from([*LITERALS, *(f"number, {name}" for name in NUMBERS)]))
    return tuple(query(draw(json_values), written(draw, style, texts)) for _ in range(2))


@given(queries())
def test_two_queries_that_differ_in_values_alone_give_one_payload(pair):
    first, second = pair
    before = copy.deepcopy(pair)
    assert payload(first) == payload(second)
    assert pair == before


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_no_value_is_sent_in_any_spelling(name):
    for value in (
        "Zqjane",
        "\ufb01nanceZqjane",
        "4111111111111111",
        "Zq" + "jane" * 40,
        "/Zqjane/x",
        "\U0001f600\u20ac",
    ):
        said = payload(QUERIES[name](value, f"'{value}'")).lower()
        for secret in ("zqjane", "jane", "nancezq", "411111", "\U0001f600"):
            assert secret not in said, said


@pytest.mark.parametrize("label", ["Revenue (EUR)", "Sign-ups / day", "Who's back?", "Signup & pay", "50 %"])
def test_what_a_person_called_a_series_is_sent(label):
    assert (
        sent({"kind": "TrendsQuery", "series": [event(custom_name=label)]})["meaning"]["outputs"][0]["value"]["of"][
            "label"
        ]
        == label
    )


def test_true_and_false_are_told_apart():
    one, other = (sent(QUERIES["filter"](value, "")) for value in (True, False))
    assert one != other
    assert "VALUE" not in json.dumps([one, other])


@given(st.sampled_from([name for name in sorted(QUERIES) if "unknown kind" not in name]), plain)
def test_what_is_known_is_sent(name, value):
    assert payload(QUERIES[name](value, f"'{value}'")) != REFUSED


def test_siblings_put_no_value_in():
    mine, sibling = QUERIES["filter"]("Zqjane", ""), QUERIES["filter"]("Zqother", "")
    said = json.dumps(NAMER.payload(mine, siblings=[sibling]))
    assert said == json.dumps(NAMER.payload(sibling, siblings=[mine]))
    assert "zq" not in said.lower()


# Back again


def test_values_come_back_where_they_were():
    redacted = redact("SELECT count(*) FROM deals WHERE stage = 'IN_REVIEW' AND country = '/atlantis'")
    assert redacted.restored("VALUE1 Deals (Value2)") == "IN REVIEW Deals (atlantis)"
    assert redacted.restored("Deals VALUE99 VALUE0 VALUE1") == "Deals VALUE99 VALUE0 IN REVIEW"


def test_a_word_that_reads_like_a_placeholder_is_not_taken_for_one():
    redacted = redact("SELECT value_1 FROM deals WHERE stage = 'won'")
    assert redacted.restored("Value 1 Deals") == "Value 1 Deals"
    assert "won" in redacted.restored(redacted.marked(f"{redacted.prefix}1 Deals"))
