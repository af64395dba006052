"""SQL of several dialects, and as people keep it, as its meaning; and what remains of it where no parser can take it."""

import pytest

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Column,
    Condition,
    Count,
    Duration,
    Entity,
    Extreme,
    Order,
    Period,
    Product,
    Rank,
    Ratio,
)
from insights_core.query.sql import read


def measure(sql, dialect=None):
    return next(output.value for output in read(sql, dialect).outputs if output.role == "measure")


def names(meaning):
    """Return the tables that a statement reads."""
    return [source.name for source in meaning.sources]


def test_counts_sums_and_groups():
    found = read(
        "SELECT region, SUM(price) AS revenue FROM orders o WHERE o.channel = 'web' GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    )
    orders = Entity("orders")
    region, revenue = found.outputs
    assert (region.role, region.value) == ("dimension", Column("region", orders))
    assert (revenue.role, revenue.value, revenue.labels) == (
        "measure",
        Aggregate("sum", Column("price", orders)),
        ("revenue",),
    )
    assert found.conditions == (Condition(Column("channel", orders), "exact", ("web",)),)
    assert (found.shape, found.order, found.limit) == ("ranking", (Order(1, descending=True),), 5)
    assert found.sources == (orders,)


CONDITIONAL = [
    "select count(*) filter (where state = 'open') from tickets",
    "select count(case when state = 'open' then id end) from tickets",
    "select sum(case when state = 'open' then 1 else 0 end) from tickets",
    "select count(iff(state = 'open', 1, null)) from tickets",
    "select countIf(state = 'open') from tickets",
    "select sum(state = 'open') from tickets",
]


@pytest.mark.parametrize("sql", CONDITIONAL)
def test_every_way_to_count_under_a_condition_is_one(sql):
    tickets = Entity("tickets")
    assert measure(sql) == Count(tickets, None, (Condition(Column("state", tickets), "exact", ("open",)),))


BUCKETS = [
    ("date_trunc('month', at)", "month"),
    ("DATE_FORMAT(at, '%Y-%m')", "month"),
    ("toStartOfWeek(at)", "week"),
    ("date(at)", "day"),
    ("at::date", "day"),
    ("strftime('%Y', at)", "year"),
    ("timestamp_trunc(at, HOUR)", "hour"),
    ("DATE_TRUNC(at, WEEK(MONDAY))", "week"),
    ("DATETRUNC(month, at)", "month"),
    ("DATEADD(month, DATEDIFF(month, 0, at), 0)", "month"),
    ("$__timeGroup(at, '1h')", "hour"),
    ("time_bucket('1 day', at)", "day"),
    ("DATE_ADD(date(at), INTERVAL -DAYOFMONTH(date(at))+1 DAY)", "month"),
]


@pytest.mark.parametrize(("bucket", "interval"), BUCKETS)
def test_time_buckets_of_many_dialects(bucket, interval):
    found = read(f"SELECT {bucket} AS t, count(*) FROM visits GROUP BY 1 ORDER BY 1")
    assert (found.shape, found.interval) == ("series", interval)
    assert isinstance(found.outputs[0].value, Bucket)


def test_columns_are_followed_through_ctes_and_subqueries():
    found = read(
        "with monthly as (select date_trunc('month', at) as m, count(distinct id) as builds from pipelines where ok group by 1),"
        " last as (select * from monthly) select m, builds as value from last"
    )
    pipelines = Entity("pipelines")
    assert found.outputs[1].value == Count(pipelines, Column("id", pipelines))
    assert found.outputs[1].labels == ("builds", "value")
    assert (found.interval, found.sources) == ("month", (pipelines,))


def test_a_share_is_a_ratio():
    runs = Entity("runs")
    found = measure("select 100.0 * count(case when ok then 1 end) / nullif(count(*), 0) from runs")
    assert found == Ratio(Count(runs, None, (Condition(Column("ok", runs), "exact", (True,)),)), Count(runs))


def test_an_event_table_is_counted_by_its_events():
    found = read("SELECT count() FROM events WHERE event = 'note_saved' AND timestamp > now() - INTERVAL 7 DAY")
    assert found.outputs[0].value == Count(Entity("note_saved", "event"))
    assert found.period == Period("-7d")


PLACEHOLDERS = [
    "select count(*) from t where $__timeFilter(max(at)) and kind in (${kind:csv}) and x = '$y'",
    "select count(*) from t where 1=1 [[and kind = {{kind}}]] and {{created}}",
    "{{ config(materialized='table') }} select count(*) from {{ ref('t') }} {% if x %} where 1=1 {% endif %}",
    "select count() from t where {filters} and x = {variables.y}",
    "select count(*) from t where a = %(a)s",
    "select count(*) from t where a = :a and b = @b and c = $1",
    "select count(*) from {{ source('raw', 't') }} where a > '{{ var(\"start\") }}'",
    "select count(*) from t {% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}",
    "{% set kinds = ['a', 'b'] %}\nselect count(*) from t",
    "{%- set long -%}\nselect nothing from nowhere\n{%- endset -%}\nselect count(*) from t",
    "```sql\nselect count(*) from t\n```",
    "-- ======\n-- t\n-- ======\nselect count(*) from t",
    "==========\nselect count(*) from t\n==========",
    "select count(*)\rfrom t\r-- of all\r",
    "\ufeffselect count(*) from t",
    "select 1 as a; select count(*) from t;",
    "select count(*) from t where status = {{ status }} -- it's a {{ comment }}",
]


@pytest.mark.parametrize("sql", PLACEHOLDERS)
def test_what_tools_put_into_texts_leaves_the_query_readable(sql):
    found = read(sql)
    assert found.outputs[-1].value == Count(Entity("t"))
    assert (found.conditions, found.unread) == ((), ())


def test_loops_and_macros_of_dbt():
    loop = "select {% for m in methods %} sum(case when method = '{{ m }}' then amount end) as {{ m }}_amount {% if not loop.last %},{% endif %} {% endfor %} from {{ ref('payments') }}"
    assert names(read(loop)) == ["payments"]
    macro = "{{ dbt_utils.union_relations(relations=[ref('web_orders'), ref('shop_orders')]) }}"
    assert names(read(macro)) == ["web_orders", "shop_orders"]


TSQL = """
DECLARE @since date = '2024-01-01'
SELECT o.[Customer Id], o.Amount
INTO #recent
FROM [dbo].[Orders] o WITH (NOLOCK)
WHERE o.CreatedAt > @since

SELECT TOP 10 [Customer Id], total = SUM(Amount)
FROM #recent
GROUP BY [Customer Id]
ORDER BY SUM(Amount) DESC
"""


def test_a_script_of_t_sql():
    found = read(TSQL)
    assert [output.role for output in found.outputs] == ["dimension", "measure"]
    assert found.outputs[1].value == Aggregate("sum", Column("Amount", Entity("Orders", area="dbo")))
    assert found.outputs[1].labels == ("total",)
    assert (found.shape, found.limit) == ("ranking", 10)
    assert "Orders" in names(found)


def test_t_sql_names_columns_by_assignment_and_applies_functions():
    found = read(
        "SELECT [time] = o.CreatedAt, x.kind FROM [Orders] o CROSS APPLY (SELECT TOP 1 k.kind FROM Kinds k WHERE k.id = o.id) x"
    )
    assert found.outputs[0].value.name == "CreatedAt"
    assert found.outputs[0].labels == ("time",)
    assert {"Orders", "Kinds"} <= set(names(found))


ORDERS = Entity("orders")
AMOUNT = Column("amount", ORDERS)
MEASURED = [
    ("SELECT APPROX_QUANTILES(amount, 100)[OFFSET(95)] FROM `shop.prod.orders`", Aggregate("p95", Column("amount", ORDERS._replace(area="prod")))),
    ("SELECT quantile(0.9)(amount) FROM orders", Aggregate("p90", AMOUNT)),
    ("SELECT sumIf(amount, state = 'paid') FROM orders PREWHERE region = 'north'",
     Aggregate("sum", AMOUNT, (Condition(Column("state", ORDERS), "exact", ("paid",)),))),
    ("SELECT uniqExactIf(buyer, state = 'paid') FROM orders FINAL",
     Count(ORDERS, Column("buyer", ORDERS), (Condition(Column("state", ORDERS), "exact", ("paid",)),))),
    ("SELECT approx_percentile(amount, 0.99) FROM hive.shop.orders", Aggregate("p99", Column("amount", ORDERS._replace(area="shop")))),
    ("SELECT percentile_cont(0.75) WITHIN GROUP (ORDER BY amount) FROM orders", Aggregate("p75", AMOUNT)),
    ("SELECT MEDIAN(amount) FROM shop.public.orders", Aggregate("median", Column("amount", ORDERS._replace(area="public")))),
    ("SELECT SUM(price * quantity) FROM orders",
     Aggregate("sum", Product((Column("price", ORDERS), Column("quantity", ORDERS))))),
    ("SELECT AVG(DATEDIFF(day, ordered_at, shipped_at)) FROM orders",
     Aggregate("avg", Duration(Column("ordered_at", ORDERS), Column("shipped_at", ORDERS)))),
    ("SELECT SAFE_DIVIDE(SUM(amount), COUNT(*)) FROM orders", Ratio(Aggregate("sum", AMOUNT), Count(ORDERS))),
    ("FROM orders SELECT SUM(amount)", Aggregate("sum", AMOUNT)),
    ("SELECT SUM(is_paid::int) FROM orders", Count(ORDERS, None, (Condition(Column("is_paid", ORDERS), "exact", (True,)),))),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "value"), MEASURED)
def test_what_dialects_measure_in_their_own_ways(sql, value):
    assert measure(sql) == value


def test_the_row_of_the_highest_value_is_an_extreme():
    found = read("SELECT buyer, argMax(state, changed_at) AS state FROM orders GROUP BY buyer")
    assert found.outputs[1].value == Extreme("last", Column("state", ORDERS), Column("changed_at", ORDERS))


LATEST = [
    "SELECT * FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY buyer ORDER BY changed_at DESC) = 1",
    "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY buyer ORDER BY changed_at DESC) AS rn FROM orders) t WHERE rn = 1",
]


@pytest.mark.parametrize("sql", LATEST)
def test_the_first_place_of_each_key_is_a_condition_on_the_place(sql):
    found = read(sql)
    (condition,) = found.conditions
    assert condition.of == Rank(Column("changed_at", ORDERS), (Column("buyer", ORDERS),))
    assert (found.shape, condition.operator, condition.values, condition.clause) == ("latest", "exact", (1,), "rank")


def test_rows_without_a_partner_are_missing_it():
    found = read(
        "SELECT c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.customer_id IS NULL"
    )
    assert found.conditions == (Condition(Column("", ORDERS), "missing"),)


READABLE = [
    ("SELECT item, COUNT(*) FROM `shop.orders`, UNNEST(items) AS item GROUP BY item", "orders"),
    ("SELECT tag, count() FROM posts ARRAY JOIN tags AS tag GROUP BY tag", "posts"),
    ("SELECT NVL(region, 'none') r, COUNT(*) FROM sales WHERE ROWNUM <= 10 GROUP BY NVL(region, 'none')", "sales"),
    (
        "SELECT f.value:name::string AS name, COUNT(*) FROM orders, LATERAL FLATTEN(input => items) f GROUP BY 1",
        "orders",
    ),
    ("SELECT * FROM read_parquet('s3://lake/trips/2024.parquet')", "2024"),
    ("SUMMARIZE trips", "trips"),
    ("PIVOT sales ON year USING sum(amount)", "sales"),
    ("UNPIVOT sales ON jan, feb INTO NAME month VALUE amount", "sales"),
    ("SELECT COUNT(*) FROM delta.`/lake/events`", "events"),
    ("SELECT properties.$browser, count() FROM events WHERE {filters} GROUP BY 1", "events"),
    ("CREATE OR REPLACE VIEW top_buyers AS SELECT buyer, COUNT(*) FROM orders GROUP BY 1", "orders"),
]


@pytest.mark.parametrize(("sql", "table"), READABLE)
def test_statements_that_only_some_dialects_know_say_what_they_read(sql, table):
    assert table in names(read(sql))


def test_broken_sql_still_yields_its_tables():
    found = read("SELECT count(* AS orders FROM shop.orders JOIN ((( customers GROUP BY region")
    assert names(found)[0] == "orders"
    assert found.unread == ("syntax",)


def test_nesting_beyond_the_parser_falls_back_to_tokens():
    found = read("select sum(a) as cost from bills where " + "(" * 5000 + "1" + ")" * 5000)
    assert (found.sources, found.outputs[0].labels, found.unread) == ((Entity("bills"),), ("cost",), ("syntax",))


@pytest.mark.parametrize("text", ["", " \n;", "hello there", "{}", "\0", "-- only a comment", "12", "{{ }}", "```"])
def test_what_is_no_sql_is_none(text):
    assert read(text) is None
