"""Another language is another folder: Volu, which a plugin brings, bends, joins and capitalises otherwise than English."""

import ast
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_names_laws import STRANGE, check_words, trends
from test_names_snapshot import cases

from insights_core import InvalidInput, Namer
from insights_core.language.en import ENGLISH
from insights_core.naming import draft, name_all
from insights_core.naming.pieces import required_slots, slot_names
from insights_core.query.meaning import Period
from insights_core.query.registry import read

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(Path(__file__).parent / "plugins" / "good"))

from acme_insights import plugin as acme  # noqa: E402
from acme_insights.volu import VOLU  # noqa: E402

QUERIES = [case["query"] for case in cases()]
ENGLISH_WORDS = {
    word.lower()
    for text in (*ENGLISH.patterns.values(), *ENGLISH.words.values())
    for word in re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", " ", text))
}


def volu(query):
    return draft(read(query), language=VOLU).name


def trend(event, **more):
    return {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": event, **more}]}


def funnel(*events):
    return {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": event} for event in events]}


# A noun that ends in a vowel is soft (medika), any other is hard (mediku); several end in -oi, what describes them in -i.
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("select avg(price) from orders", "Orderprice medika"),
        ("select avg(cost) from orders", "Ordercost mediku"),
        ("select country, avg(price) as avg_price from orders group by country", "Orderprice medika dor Country"),
        ("select date_trunc('week', placed_at) as w, count(*) from orders group by 1", "Orderoi septanui"),
        ("select count(*) from invoices where status = 'failed'", "Invoiceoi falai"),
        ("select id, total from orders where status = 'failed'", "Orderoi falui"),
        ("select country, sum(cost) from orders where status = 'failed' group by country", "Ordercost dor Country (fale)"),
        ("select email from customers group by email having count(*) > 1", "Customeremailoi duplui"),
        ("select min(price), max(price) from tickets", "Ticketprice minima/maksa"),
        ("select * from customers c left join orders o on o.customer_id = c.id where o.id is null", "Customeroi sen Orderoi"),
        (
            "select region, count(*) as visits from parks where season = 'spring' group by region order by 2 desc limit 5",
            "Regionoi supui 5 dor Visits (Spring)",
        ),
        (
            "select support_agent, ticket_type, count(*) from tickets group by 1, 2",
            "Ticketoi dor Supportagent ke Type",
        ),
        ("select count(*) from orders where country in ('France', 'Spain')", "Orderoi (France ke Spain)"),
        (trend("order_placed", math="avg", math_property="unit_price") | {"interval": "month"}, "Unitprice medika lumana"),
        (trend("order_placed", math="dau"), "Uzoi kon Orderoi"),
        ("delete from parcels where id = 3", "Parceloi: forigo"),
        (funnel("cart_viewed", "order_placed"), "Fono: Cart » Order"),
    ],
)  # fmt: skip
def test_names_are_as_the_grammar_says(query, name):
    assert volu(query) == name


def test_a_language_has_all_tables():
    assert VOLU.patterns.keys() == ENGLISH.patterns.keys()
    assert VOLU.words.keys() == ENGLISH.words.keys()
    for name, pattern in VOLU.patterns.items():
        english = ENGLISH.patterns[name]
        assert {*slot_names(pattern)} <= {*slot_names(english)}, name
        assert {*sum(required_slots(english), ())} <= {*slot_names(pattern)}, name


def own_words(query):
    """Every word that a query itself holds, and its nouns without their plural."""
    from test_names_laws import own_words

    found = own_words([query, "2020-02-02"])
    return found | {ENGLISH.singular((word,))[0] for word in found}


def check_is_volu(query):
    meaning = read(query)
    names = [draft(meaning, language=VOLU, style=style).name for style in ("title", "sentence")]
    told = name_all([meaning, meaning._replace(period=Period("2020-02-02"))], language=VOLU)
    for name in (*names, *(item.name for item in told)):
        assert 0 < len(name) <= 100
        foreign = {word.lower() for word in re.findall(r"[^\W\d_]+", name)} & ENGLISH_WORDS
        assert foreign <= own_words(query), name


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: str(query)[:60])
def test_no_english_word_is_in_a_name_of_another_language(query):
    check_is_volu(query)
    check_words(query)


@given(trends())
def test_no_english_word_is_in_a_name_of_any_trend(query):
    check_is_volu(query)


@given(st.lists(st.sampled_from(QUERIES), min_size=2, max_size=12))
def test_queries_that_differ_never_share_a_name_in_another_language(queries):
    meaning = [read(query) for query in queries]
    names: dict = {}
    for item, made in zip(meaning, name_all(meaning, language=VOLU), strict=True):
        assert names.setdefault(made.name, item) == item


@given(st.sampled_from(QUERIES))
def test_the_same_meaning_has_the_same_name_in_another_language(query):
    meaning = read(query)
    assert draft(meaning, language=VOLU) == draft(read(query), language=VOLU)
    assert [made.name for made in name_all([meaning, meaning], language=VOLU)] == [
        draft(meaning, language=VOLU).name
    ] * 2


def test_a_plugin_brings_a_language():
    namer = Namer([acme], installed=False, language="volu")
    assert namer.generate_name("select avg(price) from orders").name == "Orderprice medika"
    assert [name.name for name in namer.name_all(["select avg(cost) from orders"])] == ["Ordercost mediku"]
    row = next(row for row in namer.backends() if row.kind == "language")
    assert (row.name, row.state) == ("volu", "ready")


def test_a_language_that_nobody_brings_is_refused_at_once():
    with pytest.raises(InvalidInput, match=r"no language has the code 'xx'; there are en, volu"):
        Namer([acme], installed=False, language="xx")


def test_what_is_wrong_with_a_language_is_told_and_harms_no_other():
    from insights_core import hookimpl

    class Bad:
        @hookimpl
        def insights_languages(self):
            return [ENGLISH, "volu"]

    class Failing:
        @hookimpl
        def insights_languages(self):
            raise RuntimeError("no tables")

    namer = Namer([Bad(), Failing(), acme], installed=False)
    assert namer.generate_name("select avg(price) from orders").name == "Average Order Price"
    told = [row.detail for row in namer.backends() if row.state == "broken"]
    assert "there is a language 'en' already: it was kept" in told
    assert "offers something that is no language: 'volu'" in told
    assert "insights_languages failed: RuntimeError: no tables" in told
    assert Namer([Bad(), acme], installed=False, language="volu").generate_name("select avg(cost) from orders")


# What words of names are put together by; the others speak to a programmer or a model. Readers have their formats' own words.
SPEAKING = sorted((ROOT / "insights_core" / "naming").glob("*.py"))


def texts(tree):
    """Yield the string constants of a module, without docstrings, annotations and what is raised."""
    skipped = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.value


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.name)
def test_no_phrase_and_no_word_with_a_blank_stands_in_the_rules(path):
    found = [
        text
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        if re.search(r"[A-Za-z]{2} | [a-z]{2}", text)
    ]
    assert found == []


def test_the_marked_language_differs_from_english_in_every_word():
    assert not {*STRANGE.words.values()} & {*ENGLISH.words.values()}
