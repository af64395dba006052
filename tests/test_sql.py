"""SQL of several dialects as facts, and what remains of it where no parser can take it."""

import pytest

from insights_core.facts import Condition, Period, describe


def measure(sql):
    return describe(sql).measures[0]


def test_counts_sums_and_groups():
    facts = describe(
        "SELECT region, SUM(price) AS revenue FROM orders o WHERE o.channel = 'web' GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    )
    (found,) = facts.measures
    assert (found.entity, found.source, found.math, found.of, found.label) == (
        "orders",
        "table",
        "sum",
        "price",
        "revenue",
    )
    assert [item.key for item in facts.breakdowns] == ["region"]
    assert facts.filters == (Condition("channel", "exact", ("web",), "column"),)
    assert (facts.limit, facts.tables) == (5, ("orders",))


CONDITIONAL = [
    "select count(*) filter (where state = 'open') from tickets",
    "select count(case when state = 'open' then id end) from tickets",
    "select sum(case when state = 'open' then 1 else 0 end) from tickets",
    "select countIf(state = 'open') from tickets",
    "select sum(state = 'open') from tickets",
]


@pytest.mark.parametrize("sql", CONDITIONAL)
def test_every_way_to_count_under_a_condition_is_one(sql):
    found = measure(sql)
    assert (found.entity, found.math) == ("tickets", "total")
    assert found.filters == (Condition("state", "exact", ("open",), "column"),)


BUCKETS = [
    ("date_trunc('month', at)", "month"),
    ("DATE_FORMAT(at, '%Y-%m')", "month"),
    ("toStartOfWeek(at)", "week"),
    ("date(at)", "day"),
    ("at::date", "day"),
    ("strftime('%Y', at)", "year"),
    ("timestamp_trunc(at, HOUR)", "hour"),
    ("$__timeGroup(at, '1h')", "hour"),
    ("time_bucket('1 day', at)", "day"),
    ("DATE_ADD(date(at), INTERVAL -DAYOFMONTH(date(at))+1 DAY)", "month"),
]


@pytest.mark.parametrize(("bucket", "interval"), BUCKETS)
def test_time_buckets_of_many_dialects(bucket, interval):
    facts = describe(f"SELECT {bucket} AS t, count(*) FROM visits GROUP BY 1 ORDER BY 1")
    assert (facts.interval, facts.breakdowns) == (interval, ())


def test_columns_are_followed_through_ctes_and_subqueries():
    facts = describe(
        "with monthly as (select date_trunc('month', at) as m, count(distinct id) as builds from pipelines where ok group by 1),"
        " last as (select * from monthly) select m, builds as value from last"
    )
    assert (facts.measures[0].entity, facts.measures[0].label, facts.interval) == ("pipelines", "builds", "month")
    assert facts.tables == ("pipelines",)


def test_a_ratio_has_two_measures():
    found = measure("select 100.0 * count(case when ok then 1 end) / nullif(count(*), 0) from runs")
    assert found.math == "ratio"
    assert (found.filters, found.over.math) == ((Condition("ok", "exact", (True,), "column"),), "total")


def test_an_event_table_is_counted_by_its_events():
    facts = describe("SELECT count() FROM events WHERE event = 'note_saved' AND timestamp > now() - INTERVAL 7 DAY")
    assert (facts.measures[0].entity, facts.measures[0].source) == ("note_saved", "event")
    assert facts.period == Period("-7d")


MACROS = [
    "select count(*) from t where $__timeFilter(max(at)) and kind in (${kind:csv}) and x = '$y'",
    "select count(*) from t where 1=1 [[and kind = {{kind}}]] and {{created}}",
    "{{ config(materialized='table') }} select count(*) from {{ ref('t') }} {% if x %} where 1=1 {% endif %}",
    "select count() from t where {filters} and x = {variables.y}",
    "select count(*) from t where a = %(a)s",
]


@pytest.mark.parametrize("sql", MACROS)
def test_macros_of_dashboards_leave_the_query_readable(sql):
    facts = describe(sql)
    assert facts.tables == ("t",)
    assert facts.measures[0].entity == "t"
    assert facts.filters == ()


def test_broken_sql_still_yields_its_tables():
    facts = describe("SELECT count(* AS orders FROM shop.orders JOIN ((( customers GROUP BY region")
    assert facts.tables[0] == "shop.orders"


def test_nesting_beyond_the_parser_falls_back_to_tokens():
    facts = describe("select sum(a) as cost from bills where " + "(" * 5000 + "1" + ")" * 5000)
    assert (facts.tables, facts.measures[0].label) == (("bills",), "cost")
