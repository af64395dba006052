"""Other ways to say a draft: true, in the draft's own words, and none that says less than it."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from insights_core.facts import describe
from insights_core.language.en import ENGLISH
from insights_core.naming import draft, has_words_of, variants, verify

QUERIES = [
    json.loads(line)["query"]
    for line in (Path(__file__).parent / "data" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
]
JOINING = ENGLISH.small | {"vs"}


def words(text):
    return Counter(word for word in re.findall(r"[^\W_]+", text.lower()) if word not in JOINING)


def node(kind, *events, **rest):
    return {"kind": kind, "series": [{"event": event} for event in events], **rest}


@pytest.mark.parametrize("style", ["title", "sentence"])
def test_they_are_true_and_add_no_word(style):
    many = 0
    for query in QUERIES:
        facts = describe(query)
        made = draft(facts, style=style)
        found = variants(made.name, facts)
        many += bool(found)
        assert made.name not in found
        assert len(set(found)) == len(found)
        for way in found:
            assert verify(way, facts) == []
            assert not words(way) - words(made.name)
            assert set(words(way)) >= {word for word in words(made.name) if words(made.name)[word] == 1} - said_again(
                made
            )
    assert many > len(QUERIES) // 10


def said_again(made):
    """The words that stand in one form and come again in another: films, of film views."""
    roots = Counter(ENGLISH.stem(word) for word in words(made.name).elements())
    return {word for word in words(made.name) if roots[ENGLISH.stem(word)] > 1}


@pytest.mark.parametrize(
    ("query", "ways"),
    [
        (node("FunnelsQuery", "cart_viewed", "order_placed"), ["Cart Viewed to Order Placed Funnel"]),
        (node("FunnelsQuery", "visit", "cart", "order"), ["Funnel: Visit → Cart → Order"]),
        (node("FunnelsQuery", "visit", "cart", "till", "order"), ["Visit to Order Funnel"]),
        (node("TrendsQuery", "ticket_closed"), ["Closed Tickets"]),
        (node("TrendsQuery", "shelf_opened"), []),
        ("SELECT id, opened_at FROM tickets", []),
        (
            node("TrendsQuery", "parcel_lost", properties=[{"key": "hub", "value": ["Bremen"], "operator": "exact"}]),
            ["Bremen Parcels Lost", "Lost Parcels (Bremen)", "Lost Bremen Parcels"],
        ),
        (
            node("TrendsQuery", "parcel_lost", properties=[{"key": "hub", "value": ["Bremen"], "operator": "is_not"}]),
            ["Lost Parcels (Excluding Bremen)"],
        ),
    ],
)
def test_what_can_be_said_otherwise(query, ways):
    facts = describe(query)
    assert variants(draft(facts).name, facts) == ways


def test_a_name_in_sentence_case_keeps_it():
    facts = describe(node("TrendsQuery", "ticket_closed"))
    made = draft(facts, style="sentence")
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


def test_most_ways_have_the_words_of_their_draft():
    ways = [(way, made) for query in QUERIES for facts in [describe(query)] for made in [draft(facts).name] for way in variants(made, facts)]  # fmt: skip
    missing = [way for way, made in ways if not has_words_of(way, made) and not way.startswith("List of ")]
    # What is said twice may be said once.
    assert len(missing) < len(ways) / 4
