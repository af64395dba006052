"""What holds for names whatever the query: laws that relate the names of related queries."""

import dataclasses
import json
import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insights_core import Namer
from insights_core.language.en import ENGLISH
from insights_core.naming import draft, name_all
from insights_core.naming.nouns import event_noun, property_noun
from insights_core.query.meaning import Period
from insights_core.query.registry import read
from insights_core.query.words import folded

NOUNS = ["recipe", "ferry", "lantern", "ticket", "parcel", "orchard", "violin"]
VERBS = ["saved", "clicked", "sent", "viewed", "planted"]
EVENTS = st.builds(lambda noun, verb: f"{noun}_{verb}", st.sampled_from(NOUNS), st.sampled_from(VERBS))
KEYS = st.sampled_from(["colour", "$browser", "$geoip_country_code", "harbour_id", "weight_kg"])
MATHS = st.sampled_from([None, "total", "dau", "sum", "avg", "p90", "unique_session", "first_time_for_user"])
CONDITIONS = st.builds(
    lambda key, value, operator: {"key": key, "value": value, "operator": operator, "type": "event"},
    st.sampled_from(["deck", "success", "status", "size"]),
    st.sampled_from([True, False, "oak", "failed", "$pageview", 12]),
    st.sampled_from(["exact", "is_not", "gt", "icontains"]),
)


@st.composite
def trends(draw, events=EVENTS):
    math = draw(MATHS)
    node = {"kind": "EventsNode", "event": draw(events)}
    if math:
        node["math"] = math
    if math in ("sum", "avg", "p90"):
        node["math_property"] = draw(st.sampled_from(["price", "weight_kg", "delay_ms"]))
    query = {"kind": "TrendsQuery", "series": [node], "interval": draw(st.sampled_from(["day", "week", "month"]))}
    if draw(st.booleans()):
        query["breakdownFilter"] = {"breakdown": draw(KEYS), "breakdown_type": "event"}
    if properties := draw(st.lists(CONDITIONS, max_size=3)):
        query["properties"] = properties
    if draw(st.booleans()):
        query["dateRange"] = {"date_from": draw(st.sampled_from(["-7d", "-30d", "mStart", "2026-01-01"]))}
    return query


def name(query):
    return draft(read(query)).name


@given(trends(), EVENTS)
def test_renaming_an_event_changes_only_its_words(query, other):
    before = name(query)
    node = query["series"][0]
    noun = shown_noun(node["event"])
    # An aggregate of a property says the thing alone; there the event's noun is not in the name as a whole.
    assume(noun in before)
    renamed = {**query, "series": [{**node, "event": other}]}
    after = name(renamed)
    # With little room left, how often it is counted goes first.
    assume(len(before) < 48 and len(after) < 48)
    assert after == before.replace(noun, shown_noun(other))


def shown_noun(event):
    words = event_noun(event, ENGLISH)
    return " ".join(word[:1].upper() + word[1:] for word in words)


@given(trends(), KEYS)
def test_a_breakdown_adds_itself_and_takes_nothing_essential_away(query, key):
    query.pop("breakdownFilter", None)
    query["interval"] = "day"
    plain = name(query)
    split = name({**query, "breakdownFilter": {"breakdown": key, "breakdown_type": "event"}})
    assume(len(plain) < 40)
    # What stands in brackets is there while there is room; how often a value is drawn is no essential of what it is.
    said = {word.lower() for word in plain.partition(" (")[0].split()}
    assert said - {"daily"} <= {word.lower() for word in split.replace("(", " ").replace(")", " ").split()}
    assert {word.lower() for word in property_noun(key, ENGLISH)} <= set(split.lower().replace("(", " ").split())


@given(trends(), st.randoms(use_true_random=False))
def test_the_order_of_filters_and_keys_and_the_spelling_of_json_mean_nothing(query, shuffler: random.Random):
    shuffled = dict(shuffler.sample(list(query.items()), len(query)))
    if "properties" in query:
        shuffled["properties"] = shuffler.sample(query["properties"], len(query["properties"]))
    spelt = json.loads(json.dumps(shuffled, indent=3, ensure_ascii=True))
    assert read(spelt) == read(query)
    assert draft(read(spelt)) == draft(read(query))


@given(trends())
def test_a_node_around_and_the_older_form_make_no_difference(query):
    node = query["series"][0]
    old = {
        "insight": "TRENDS",
        "events": [{**{k: v for k, v in node.items() if k not in ("kind", "event")}, "id": node["event"], "order": 0}],
        "interval": query["interval"],
        **query.get("breakdownFilter", {}),
        **query.get("dateRange", {}),
        **({"properties": query["properties"]} if "properties" in query else {}),
    }
    expected = name(query)
    assert name({"kind": "InsightVizNode", "source": query}) == expected
    assert name(old) == expected


SQL = [
    "select region, count(*) as visits from parks where season = 'spring' group by region order by visits desc limit 5",
    "with w as (select date_trunc('week', at) as week, sum(rain) as rain from gauges group by 1) select week, rain from w",
    "select count(case when state = 'open' then id end) * 1.0 / count(*) from gates",
]


@pytest.mark.parametrize("sql", SQL)
@given(st.randoms(use_true_random=False))
def test_layout_and_comments_of_sql_mean_nothing(sql, shuffler: random.Random):
    fillers = [" ", "\n", "\t  ", " -- a comment's apostrophe\n", " /* count(bananas) from nowhere */ "]
    laid_out = re.sub(r" (?![^']*'[^']*(?:'[^']*'[^']*)*$)", lambda _: shuffler.choice(fillers), sql)
    keywords = re.sub(
        r"\b(select|from|where|group by|count|sum|with|as)\b", lambda m: shuffler.choice([m[0], m[0].upper()]), laid_out
    )
    assert name(keywords) == name(sql)


@given(EVENTS, st.sampled_from(["Big wins", "Tea breaks", "Nightly swaps"]))
def test_a_name_that_a_person_gave_wins(event, label):
    query = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": event, "custom_name": label}]}
    assert name(query).lower() == label.lower()
    assert name(f'select count(*) as "{label}" from {event}').lower() == label.lower()


@given(st.lists(trends(events=st.sampled_from(["recipe_saved", "ferry_sent"])), min_size=2, max_size=12))
def test_queries_that_differ_never_share_a_name(queries):
    meanings = [read(query) for query in queries]
    names: dict = {}
    for item, made in zip(meanings, name_all(meanings), strict=True):
        assert names.setdefault(made.name, item) == item
        assert made.name
        assert len(made.name) <= 100


@given(st.lists(trends(), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_who_is_named_first_does_not_matter(queries, shuffler: random.Random):
    meanings = [read(query) for query in queries]
    other = shuffler.sample(meanings, len(meanings))
    assert dict(zip(meanings, name_all(meanings), strict=True)) == dict(zip(other, name_all(other), strict=True))


TOLD_APART = [
    ({"dateRange": {"date_from": "-7d"}}, {"dateRange": {"date_from": "-30d"}}, "(Last 7 Days)", "(Last 30 Days)"),
    (
        {"properties": [{"key": "size", "value": 5, "operator": "gt"}]},
        {"properties": [{"key": "size", "value": 5, "operator": "lt"}]},
        "(Size Above 5)",
        "(Size Below 5)",
    ),
    ({"compareFilter": {"compare": True}}, {}, "(Vs Previous Period)", None),
    ({"filterTestAccounts": True}, {}, "(Without Internal Users)", None),
]


@pytest.mark.parametrize(("left", "right", "one", "other"), TOLD_APART)
def test_the_smallest_difference_is_added_on_both_sides(left, right, one, other):
    query = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "gate_opened"}],
        "breakdownFilter": {"breakdown": "$browser"},
    }
    base = "Gate Opens by Browser"
    first, second, third = name_all(map(read, ({**query, **left}, {**query, **right}, {**query, **left})))
    assert first.name == f"{base} {one}"
    assert second.name == (f"{base} {other}" if other else base)
    assert third == first
    assert draft(read({**query, **left}), siblings=[read({**query, **right})]) == first


# Another language is another table


def invented():
    """English with every word of its tables exchanged; what names keep of it would stand out."""

    def strange(text):
        pieces = re.split(r"(\{\w+\}|[\[\]])", text)
        return "".join(piece if piece[:1] in ("{", "[", "]") else re.sub(r"[^\W_]+", "zq", piece) for piece in pieces)

    nothing = {key: {} for key in ("known", "acronyms", "rates", "doing")}
    unchanged = dict.fromkeys(("plural", "singular", "counted", "step", "deed", "action", "thing"), tuple)
    return dataclasses.replace(
        ENGLISH,
        **nothing,
        **unchanged,
        code="zq",
        identifiers=dataclasses.replace(ENGLISH.identifiers, abbreviations={}),
        patterns={key: strange(text) for key, text in ENGLISH.patterns.items()},
        words={key: strange(text) for key, text in ENGLISH.words.items()},
        synonyms={key: dict.fromkeys(table, "zq") for key, table in ENGLISH.synonyms.items()},
        small=frozenset(),
        claims={},
        neutral="",
        alike=(),
        opposing=(),
        agree=lambda _, __: "zq",
        cased=lambda word, _: word,
        stem=str,
    )


STRANGE = invented()
NAMER = Namer(installed=False)


def own_words(value):
    """Every word that a query itself holds, its keys and kinds included."""
    if isinstance(value, dict):
        return {word for key, item in value.items() for word in own_words(key) | own_words(item)}
    if isinstance(value, list):
        return {word for item in value for word in own_words(item)}
    text = str(value)
    return {*folded(text), *(word.lower() for word in re.findall(r"[^\W_]+|\d+", text)), *re.findall(r"\d+", text)}


@given(trends())
def test_no_english_word_comes_from_anywhere_but_the_tables(query):
    check_words(query)


def test_no_english_word_in_names_of_any_kind():
    from test_names_snapshot import cases

    for case in cases():
        check_words(case["query"])


def check_words(query):
    meaning = read(query)
    made = draft(meaning, language=STRANGE)
    told = name_all([meaning, meaning._replace(period=Period("2020-02-02"))], language=STRANGE)
    for text in (made.name, made.description, *(item.name for item in told)):
        words = {word.lower() for word in re.findall(r"[^\W_]+", text)}
        assert words - {"zq"} <= own_words([query, "2020-02-02"]), text


def test_a_sentence_says_what_the_name_leaves_out():
    query = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "gate_opened", "math": "dau"}],
        "interval": "week",
        "properties": [
            {"key": "plan", "value": ["pro", "team"], "operator": "exact"},
            {"key": "size", "value": 5, "operator": "gt"},
        ],
        "dateRange": {"date_from": "-30d"},
        "compareFilter": {"compare": True},
        "filterTestAccounts": True,
    }
    assert draft(read(query)).description == (
        "Unique users with gate opens, weekly, where plan is pro or team and size above 5, last 30 days, "
        "vs previous period, without internal users."
    )


@given(trends())
def test_sentences_are_short_and_true(query):
    text = draft(read(query)).description
    assert text.endswith(".")
    assert len(text) <= 200
    told = text[:-1][:100].rpartition(" ")[0] or text[:-1]
    invented = [item for item in NAMER.check(told, query).refusals if item.kind == "invented"]
    assert [item.word for item in invented if item.word not in ("true", "false")] == []
