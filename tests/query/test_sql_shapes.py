"""The shape of an answer: what is first, latest, best, ranked, duplicate; what conditions belong to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core.naming import draft, name_all
from insights_core.query.meaning import Column, Entity, Order
from insights_core.query.registry import read as meaning_of
from insights_core.query.sql import read

RANKED = "SELECT * FROM (SELECT buyer, {key}, {place}() OVER ({group}ORDER BY {key} {way}) AS place FROM orders) t WHERE place {most}"


def shape(sql):
    return read(sql).shape


@pytest.mark.parametrize(
    ("key", "way", "expected"),
    [
        ("placed_at", "DESC", "latest"),
        ("placed_at", "ASC", "first"),
        ("order_date", "", "first"),
        ("amount", "DESC", "best"),
        ("amount", "ASC", "rows"),
    ],
)
@pytest.mark.parametrize("place", ["ROW_NUMBER", "RANK", "DENSE_RANK"])
@pytest.mark.parametrize("most", ["= 1", "< 2", "<= 1"])
def test_the_first_row_of_each_group_has_a_direction(key, way, expected, place, most):
    sql = RANKED.format(key=key, place=place, group="PARTITION BY buyer ", way=way, most=most)
    assert shape(sql) == expected


@given(st.integers(2, 50), st.sampled_from(("ROW_NUMBER", "RANK", "DENSE_RANK")), st.booleans())
def test_a_place_without_groups_is_an_order_and_a_limit(most, place, strict):
    told = f"< {most + 1}" if strict else f"<= {most}"
    found = read(RANKED.format(key="amount", place=place, group="", way="DESC", most=told))
    plain = read(f"SELECT buyer, amount FROM orders ORDER BY amount DESC LIMIT {most}")
    assert (found.shape, found.limit, found.conditions) == (plain.shape, plain.limit, ()) == ("ranking", most, ())
    assert found.order == plain.order == (Order(1, None, descending=True),)


def test_what_all_rows_of_a_group_share_orders_none_of_them():
    sql = RANKED.format(key="buyer, amount", place="RANK", group="PARTITION BY buyer ", way="DESC", most="= 1")
    (condition,) = read(sql).conditions
    assert condition.of.by == Column("amount", Entity("orders"))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM orders ORDER BY placed_at DESC LIMIT 1", "latest"),
        ("SELECT * FROM orders ORDER BY placed_at DESC LIMIT 20", "latest"),
        ("SELECT * FROM orders ORDER BY placed_at LIMIT 1", "first"),
        ("SELECT item, price FROM orders ORDER BY price DESC LIMIT 1", "best"),
        ("SELECT item, price FROM orders ORDER BY price DESC LIMIT 5", "ranking"),
        ("SELECT region, COUNT(*) AS n FROM orders GROUP BY region ORDER BY n DESC LIMIT 1", "ranking"),
        ("SELECT region, COUNT(*) AS n FROM orders GROUP BY region ORDER BY n LIMIT 5", "bottom"),
        ("SELECT region, COUNT(*) AS n FROM orders GROUP BY region ORDER BY n DESC", "split"),
        ("SELECT DISTINCT ON (buyer) * FROM orders ORDER BY buyer, placed_at DESC", "latest"),
        ("SELECT DISTINCT ON (buyer) * FROM orders ORDER BY buyer, placed_at", "first"),
        ("SELECT a, b, c, d, e, placed_at AS time FROM orders WHERE $__timeFilter(placed_at)", "rows"),
    ],
)
def test_the_shape_follows_from_order_and_limit(sql, expected):
    assert shape(sql) == expected


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT * FROM orders ORDER BY price DESC LIMIT 1", "Top Order by Price"),
        ("SELECT region, COUNT(*) AS n FROM orders GROUP BY region ORDER BY n LIMIT 5", "Bottom 5 Regions by Orders"),
        ("SELECT email, COUNT(*) FROM users GROUP BY email HAVING COUNT(*) > 1", "Duplicate User Emails"),
        ("SELECT region, COUNT(*) FROM orders WHERE region = 'north' GROUP BY region", "Orders (North)"),
        ("SELECT name, population FROM cities WHERE population > 1000000", "Cities (Population Above 1,000,000)"),
        (
            "SELECT region, COUNT(*) AS n FROM orders GROUP BY region HAVING SUM(amount) >= 500",
            "Orders by Region (Order Amount at Least 500)",
        ),
        ("SELECT name FROM cities WHERE id > 5 AND population > 0", "Cities"),
        ("SELECT title FROM posts WHERE title ILIKE '%lorem%' OR body ILIKE '%lorem%'", "Post Titles (Lorem)"),
        ("SELECT SUM(price * quantity) FROM order_items", "Order Item Amount"),
        ("SELECT pid, state FROM pg_stat_activity", "Connection State"),
        ("SELECT query, calls FROM pg_stat_statements ORDER BY calls DESC LIMIT 10", "Top 10 Queries by Calls"),
        ("SELECT COUNT(*) FROM gv$session", "Sessions"),
        ("SELECT COUNT(*) FROM dba_tables", "Tables"),
        ("SELECT SUM(usd) AS volume FROM dex.trades", "DEX Trade Volume"),
        ("SELECT name, risk_score FROM dim_asset", "Asset Risk Score"),
        ("SELECT SUM(n) AS order_amount, 1.0 * SUM(n) / SUM(m) AS win_rate, SUM(m) FROM deals", "Deal Win Rate"),
    ],
)
def test_names_of_shapes(sql, name):
    assert draft(meaning_of(sql)).name == name


def test_what_holds_for_one_figure_does_not_hold_for_those_beside_it():
    sql = """
    WITH everyone AS (SELECT COUNT(*) AS n_all FROM users),
      lost AS (SELECT COUNT(*) AS n_lost FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.user_id IS NULL)
    SELECT 1.0 * n_lost / n_all AS lost_rate FROM everyone, lost
    """
    assert read(sql).conditions == ()


@given(st.lists(st.sampled_from((20, 30, 40)), min_size=2, max_size=4), st.sampled_from((7, 30)))
def test_what_tells_siblings_apart_takes_the_place_of_a_bound(bounds, days):
    sql = "SELECT region, COUNT(*) AS n FROM orders WHERE weight > {} AND placed_at > now() - interval '{} days' GROUP BY region"
    texts = [sql.format(bound, days + at) for at, bound in enumerate(bounds)]
    told = [made.name for made in name_all([meaning_of(text) for text in texts])]
    assert len(set(told)) == len(told)
    assert all(name.count("(") == 1 for name in told), told
