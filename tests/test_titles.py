"""Other names for a query that the rules weighed: as true as the chosen one, and telling of all that it tells of."""

import json
from pathlib import Path

import pytest

from insights_core.naming import draft, has_words_of, name_all
from insights_core.query.registry import read

QUERIES = [
    json.loads(line)["query"]
    for line in (Path(__file__).parent / "data" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
]


def node(kind, *events, **rest):
    return {"kind": kind, "series": [{"event": event} for event in events], **rest}


@pytest.mark.parametrize("style", ["title", "sentence"])
def test_they_are_others_and_each_is_weighed(style):
    made = [draft(read(query), style=style) for query in QUERIES]
    for item in made:
        found = item.titles(9)
        assert item.name not in found
        assert len(set(found)) == len(found)
        assert set(item.titles()) == set(found[:3])
    assert sum(bool(item.titles()) for item in made) > len(made) // 10


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        (node("FunnelsQuery", "cart_viewed", "order_placed"), ()),
        (node("TrendsQuery", "shelf_opened"), ("Daily Shelf Opens",)),
        ("SELECT id, opened_at FROM tickets", ("Tickets and Opened",)),
    ],
)
def test_what_can_be_said_otherwise(query, titles):
    assert draft(read(query)).titles() == titles


def test_what_tells_a_name_from_its_siblings_stays():
    queries = [node("TrendsQuery", "parcel_lost", dateRange={"date_from": since}) for since in ("-7d", "-30d")]
    for made, period in zip(name_all(map(read, queries)), ("7", "30"), strict=True):
        assert made.titles()
        assert all(title.endswith(f"(Last {period} Days)") for title in made.titles())


def test_a_name_in_sentence_case_keeps_it():
    meaning = read(node("TrendsQuery", "ticket_closed"))
    made = draft(meaning, style="sentence")
    assert made.in_style("Closed tickets") == made.in_style("closed Tickets") == "Closed tickets"


@pytest.mark.parametrize(
    ("name", "draft_", "has"),
    [
        ("Closed Hub Tickets", "Tickets Closed (Hub)", True),
        ("Closed Tickets by Hub", "Tickets Closed (Hub)", False),
        ("Tickets Closed Hub", "Tickets Closed by Hub", False),
        ("Weekly Retention from Signed Up to Paid", "Weekly Retention: Signed Up → Paid", True),
        ("Weekly Retention Signed Up Paid", "Weekly Retention: Signed Up → Paid", False),
        ("Visit by Order Funnel by Hub", "Visit → Order Funnel by Hub", False),
        ("Visits, Orders, and More", "Visits, Orders and More", True),
        ("Visits Orders and More", "Visits, Orders and More", False),
        ("Visits, Orders, More", "Visits, Orders and More", False),
        ("opened AND closed tickets", "Opened vs Closed Tickets", True),
        ("Tickets", "Tickets Closed", False),
        ("Tickets Tickets Closed", "Tickets Closed", False),
        ("Ticket Closed", "Tickets Closed", False),
        ("Tickets Not Closed", "Tickets Closed", False),
        ("", "Tickets Closed", False),
    ],
)
def test_what_has_the_words_of_a_draft(name, draft_, has):
    assert has_words_of(name, draft_) is has
