"""The sentence beside a name: what a query computes, each thing once, and nothing that the query does not hold."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sql_writing import written
from test_names_laws import trends
from test_names_snapshot import cases

from insights_core.errors import InvalidQuery
from insights_core.naming import draft
from insights_core.query import sql
from insights_core.query.registry import parse_text, read

ROOT = Path(__file__).parent.parent
KINDS = sorted((ROOT.parent / "shared" / "naming" / "kinds").glob("*.[js][sq]*"))
OF_ITSELF = re.compile(r"\b(\w{3,}) (?:of|from|by|per|with) \1\b")
JOINTS = re.compile(r"[,;:→()]|\b(?:and|or|by|of|where|not|divided|plus|minus|is|above|below|at)\b")


def faults(text, query):
    """What a reader would stumble over, whatever the query."""
    low = text.lower()
    found = []
    if not re.fullmatch(r"\S.{0,198}\.", text) or not text.isprintable():
        found.append("form")
    runs = [re.findall(r"[^\W_]+", run) for run in JOINTS.split(low)]
    if any(left == right and not left.isdigit() for run in runs for left, right in pairwise(run)):
        found.append("a word twice in a row")
    if OF_ITSELF.search(low):
        found.append("something of itself")
    clauses = [clause.strip() for clause in re.split(r"[,;]", low[:-1])]
    if len(set(clauses)) < len(clauses):
        found.append("said twice")
    # A percentile is spelt in parts of one, or in its name.
    numbers = set(re.findall(r"\d+", re.sub(r"\bp\d\d\b", "", low)))
    if numbers - set(re.findall(r"\d+", json.dumps(query, ensure_ascii=False))):
        found.append("a number of its own")
    return found


@given(written())
def test_any_statement_is_told_without_faults(case):
    plan, dialect, text = case
    said = draft(sql.read(text, dialect)).description
    assert faults(said, text) == [], said
    assert "not understood" not in said
    if len(said) < 150:
        measured = [measure.column.split("_")[0] for measure in plan.measures if measure.kind not in ("count", "ratio")]
        tested = [test.column.split("_") for test in plan.tests]
        assert [word for word in measured if word not in said.lower()] == [], said
        assert [words for words in tested if not any(word in said.lower() for word in words)] == [], said


@given(trends())
def test_any_series_is_told_without_faults(query):
    split_by = {item.get("property") for item in (query.get("breakdownFilter") or {}).get("breakdowns") or ()}
    split_by.add((query.get("breakdownFilter") or {}).get("breakdown"))
    # The weight by weight is what such a query asks for.
    assume(not split_by & {item["math_property"] for item in query["series"] if item.get("math_property")})
    said = draft(read(query)).description
    assert faults(said, query) == [], said


def test_the_reviewed_queries_are_told_without_faults():
    assert {case["id"]: found for case in cases() if (found := faults(*_told(case["query"])))} == {}


@pytest.mark.skipif(not KINDS, reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.name)
def test_each_kind_of_query_is_told_without_faults(path):
    try:
        query = parse_text(path.read_bytes().decode("utf-8", "replace"))
    except InvalidQuery:
        return
    try:
        said, _ = _told(query)
    except InvalidQuery:
        return
    assert faults(said, query) == [], said


def _told(query):
    return draft(read(query)).description, query


SENTENCES = [
    (
        """
        SELECT c.plan, count(*) FILTER (WHERE i.status = 'failed') * 100.0 / count(*) AS failure_rate
        FROM invoices i JOIN customers c ON c.id = i.customer_id
        WHERE i.created_at >= now() - interval '30 days' GROUP BY c.plan
        """,
        "Failure rate (share of invoices where status is failed) by plan, last 30 days.",
    ),
    ("SELECT avg(price) FROM books", "Average book price."),
    ("SELECT avg(price) AS average_price FROM books", "Average book price."),
    (
        """
        SELECT region, sum(price) AS revenue, count(*) AS n FROM orders WHERE status = 'paid' GROUP BY region
        ORDER BY revenue DESC LIMIT 10
        """,
        "Revenue (total order price) and number of orders by region, where status is paid, top 10 by revenue.",
    ),
    (
        "SELECT name, email FROM members ORDER BY joined_at DESC",
        "Name and email of members, sorted by joined at, latest first.",
    ),
    (
        "SELECT email FROM members GROUP BY email HAVING count(*) > 1",
        "Duplicate email of members, where number of members above 1.",
    ),
    (
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY room ORDER BY at DESC) AS rn FROM readings) r WHERE rn = 1",
        "The latest readings per room.",
    ),
    (
        "SELECT m.name FROM members m LEFT JOIN orders o ON o.member_id = m.id WHERE o.id IS NULL",
        "Name of members, where there are no orders.",
    ),
    (
        "SELECT count(*) FROM parcels WHERE weight BETWEEN 2 AND 5 AND city IN ('Bremen', 'Kiel', 'Jena', 'Ulm')",
        "Number of parcels, where weight between 2 and 5 and city is Bremen or Kiel or Jena or others.",
    ),
    ("SELECT region FROM orders EXCEPT SELECT region FROM stores", "not understood"),
    ({"kind": "SomethingNewQuery", "payload": {"metric": "tide_height"}}, "a kind of query that is not understood"),
    (
        {
            "kind": "FunnelsQuery",
            "series": [{"event": "cart_opened"}, {"event": "order_placed"}],
            "funnelsFilter": {"funnelWindowInterval": 3, "funnelWindowIntervalUnit": "day"},
        },
        "Funnel cart opened → order placed, within 3 days.",
    ),
]


@pytest.mark.parametrize(("query", "said"), SENTENCES, ids=[said[:40] for _, said in SENTENCES])
def test_what_is_said(query, said):
    text, _ = _told(query)
    assert text == said if said.endswith(".") else said in text, text


@given(st.integers(1, 40), st.integers(1, 40))
def test_what_does_not_fit_is_said_to_be_more(measures, columns):
    text = "SELECT " + ", ".join(f"sum(amount_{at}) AS amount_{at}" for at in range(measures))
    text += (
        "".join(f", key_{at}" for at in range(columns))
        + " FROM orders GROUP BY "
        + ", ".join(f"key_{at}" for at in range(columns))
    )
    said = draft(read(text)).description
    assert faults(said, text) == [], said
    assert all(f"amount {at}" in said for at in range(measures)) or "and more" in said
