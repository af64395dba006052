"""The rules' names: what each kind of query is called, and what holds for every name."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core.errors import InvalidQuery
from insights_core.language.en import ENGLISH
from insights_core.naming import clean, draft
from insights_core.query.meaning import Column, Entity, Output
from insights_core.query.registry import read

SHARED = Path(__file__).resolve().parents[2] / "shared" / "naming"


def name(query, **options):
    return draft(read(query), **options).name


def trend(*series, **rest):
    return {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", **node} for node in series], **rest}


def funnel(*events, **rest):
    return {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": event} for event in events], **rest}


NAMES = [
    (trend({"event": "invoice_paid"}), "Invoices Paid"),
    (trend({"event": "$pageview", "math": "dau"}), "Daily Unique Visitors"),
    (trend({"event": "quiz_finished", "math": "dau"}), "Users with Quizzes Finished"),
    (trend({"event": "invoice_paid", "math": "avg", "math_property": "amount_usd"}), "Average Invoice Payment Amount"),
    (
        trend({"event": "invoice_paid"}, breakdownFilter={"breakdown": "$geoip_country_code"}),
        "Invoices Paid by Country",
    ),
    (trend({"event": "invoice_paid"}, interval="week"), "Weekly Invoices Paid"),
    (trend({"event": "backup_run"}, properties=[{"key": "success", "value": False}]), "Failed Backup Runs"),
    (funnel("trial_begun", "plan_chosen"), "Trial Begun → Plan Chosen Funnel"),
    (
        {"kind": "RetentionQuery", "retentionFilter": {"period": "Week", "targetEntity": {"id": "trial_begun"}}},
        "Weekly Trial Begun Retention",
    ),
    ({"kind": "PathsQuery", "pathsFilter": {"startPoint": "/pricing"}}, "User Paths from Pricing"),
    ({"kind": "LifecycleQuery", "series": [{"event": "note_saved"}]}, "User Lifecycle: Notes Saved"),
    ({"kind": "StickinessQuery", "series": [{"event": "note_saved"}]}, "Notes Saved Stickiness"),
    ({"kind": "EventsQuery", "select": ["*"], "event": "note_saved"}, "Notes Saved"),
    ("select count(*) from support_tickets where status = 'done'", "Completed Support Tickets"),
    ("select team, avg(age) from players group by team", "Average Player Age by Team"),
    ({"kind": "WindTunnelQuery", "speed": 3}, "Wind Tunnel Speed"),
]


@pytest.mark.parametrize(("query", "expected"), NAMES, ids=[expected for _, expected in NAMES])
def test_each_kind_has_a_name(query, expected):
    assert name(query) == expected


def test_sentence_case_is_a_setting():
    query = trend({"event": "api_key_rotated"}, breakdownFilter={"breakdown": "$os"})
    assert name(query) == "API Keys Rotated by OS"
    assert name(query, style="sentence") == "API keys rotated by OS"


def test_each_part_of_a_name_says_where_it_came_from():
    made = draft(
        read(trend({"event": "invoice_paid"}, properties=[{"key": "status", "value": "late"}], interval="month"))
    )
    assert "".join(part.text for part in made.parts) == made.name
    assert [(part.text.strip(), part.fact) for part in made.parts if part.fact != "pattern"] == [
        ("Monthly", ("interval",)),
        ("Late", ("conditions", 0)),
        ("Invoices Paid", ("outputs", 0, "value", "of")),
    ]


def obeys_the_form(text):
    assert 0 < len(text) <= 60
    assert text == clean(text)
    assert text.isprintable()


@given(st.text(st.characters(), min_size=1), st.text(st.characters()), st.text(st.characters()))
def test_any_identifiers_make_a_name_in_form(event, key, label):
    query = trend(
        {"event": event, "custom_name": label, "math": "avg", "math_property": key}, breakdownFilter={"breakdown": key}
    )
    obeys_the_form(name(query))
    obeys_the_form(name(funnel(event, key, label)))


@given(
    st.lists(
        st.sampled_from(("😀", "_", "$", "日本", "%", "is_", "order placed", "order failed")), min_size=1, max_size=6
    )
)
def test_events_without_a_word_make_a_name_in_form(events):
    obeys_the_form(
        name({"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": event} for event in events]})
    )


@given(st.text(st.characters()))
def test_any_sql_like_text_makes_a_name_in_form(text):
    try:
        meaning = read("select " + text + " from things")
    except InvalidQuery:
        return
    obeys_the_form(draft(meaning).name)


CASES = sorted(SHARED.glob("*.jsonl"))


@pytest.mark.skipif(not CASES, reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_real_query_gets_a_name_in_form_and_the_same_one_twice(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        query = json.loads(line)["query"]
        made = draft(read(query))
        obeys_the_form(made.name)
        assert draft(read(json.loads(json.dumps(query, sort_keys=True)))).name == made.name


@pytest.mark.skipif(not (SHARED / "peer.jsonl").exists(), reason="the shared cases are not beside this checkout")
def test_what_the_peers_name_tells_of_a_query_is_in_the_name_or_the_sentence():
    missing = {}
    for line in (SHARED / "peer.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        meaning = read(case["query"])
        made = draft(meaning)
        told = f"{made.name} {made.description}".lower().replace(" ", "")
        # Of the peer's words those that names of the query hold: the others are its wording.
        named = {root for text in spelt((meaning.outputs, meaning.steps)) for root in roots(text)}
        lost = {root for root in roots(case["expected"]) & named if root not in told}
        lost -= {"code", "m"}  # a country has a name, and a duration is told without its unit
        if lost:
            missing[case["id"]] = (sorted(lost), made.name, made.description)
    assert missing == {}


def spelt(value):
    """The names that a query holds: of events, properties and labels, and none of a flag that only tells variants apart."""
    if isinstance(value, Column) and value.scope == "feature":
        return []
    if isinstance(value, Entity | Column):
        return [value.name, *([value.label] if isinstance(value, Entity) else value.labels)]
    if isinstance(value, Output):
        return [*value.labels] or spelt(value.value)
    return [text for item in value for text in spelt(item)] if isinstance(value, tuple) else []


def roots(text):
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    return {ENGLISH.singular((word.lower(),))[0] for word in words}


CLEANED = [
    ("  two\n lines\t", "two lines"),
    ('"Quoted."', "Quoted"),
    ("“Curly”", "Curly"),
    ("Ends.", "Ends"),
    ("a\u202eb\u0007c\ud800", "abc"),
    ("e\u0301te\u0301", "été"),
    ("...", ""),
    ("'", "'"),
]


@pytest.mark.parametrize(("text", "line"), CLEANED)
def test_text_is_cleaned(text, line):
    assert clean(text) == line


@given(st.text(st.characters() | st.sampled_from("\"'. \u0301\u200d\u202e👩🏽🇫🇷क्ष\n")))
def test_cleaning_is_done_once_and_for_all(text):
    once = clean(text)
    assert clean(once) == once
    assert len(once) <= 100


def test_long_text_is_cut_between_words_and_never_inside_a_character():
    assert clean("word " * 40) == ("word " * 20).strip()
    family = "👩‍👩‍👧"
    assert clean(family * 60) == family * 20
    assert clean("x" + "क्ष" * 60) == "x" + "क्ष" * 33


def test_the_names_in_the_documentation_are_true():
    page = (Path(__file__).parent.parent / "docs" / "naming.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split("` | ") for line in page.splitlines() if line.startswith("| `SELECT")]
    assert len(rows) >= 8
    for statement, name in rows:
        assert draft(read(statement.strip("` "))).name == name.strip(" |")
