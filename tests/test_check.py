"""The check of titles that others wrote: what is true passes at every level, and each refusal says which word and why."""

import itertools
import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from insights_app.cli import main

from bench.names import OWN, rows
from bench.verify import judged, mutated, named, written
from insights_core import InsightsError, InvalidInput, Namer, hookimpl
from insights_core.language.en import ENGLISH
from insights_core.models.check import LEVELS, LONGEST, Check
from insights_core.models.evidence import SYNTAX
from insights_core.models.lexicon import lexicon
from insights_core.query.registry import read
from insights_core.query.words import folded

NAMED = {case["id"]: named(case["query"]) for case in rows(OWN)}
LEVELLED = ("strict", "contradiction")
NAMER = Namer(installed=False)
KINDS = Path(__file__).parent.parent.parent / "shared" / "naming" / "kinds"
INVOICES = {"kind": "TrendsQuery", "series": [{"event": "invoice_paid", "math": "p90", "math_property": "amount"}]}
PARCELS = "SELECT city, count(*) FROM parcels WHERE weight > 30 GROUP BY city ORDER BY 2 DESC LIMIT 10"
CARTS = {"kind": "FunnelsQuery", "series": [{"event": "cart_viewed"}, {"event": "order_placed"}]}
USERS = {
    "kind": "TrendsQuery",
    "series": [{"event": "invoice_paid", "math": "dau"}],
    "breakdownFilter": {"breakdown": "$os"},
}
WINDOWS = {
    "kind": "TrendsQuery",
    "interval": "week",
    "series": [{"event": "window_cleaned"}],
    "properties": [{"key": "success", "value": False, "operator": "exact", "type": "event"}],
}


def against(title, query, level="strict"):
    return [(refusal.word, refusal.reason) for refusal in NAMER.check(title, query, level).refusals]


# Laws


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("style", ["title", "sentence"])
def test_what_the_rules_write_passes_at_every_level(level, style):
    namer = Namer(installed=False, style=style)
    for case in NAMED.values():
        assert namer.check(namer.generate_name(case.query).name, case.query, level)


@pytest.mark.parametrize("level", LEVELLED)
def test_true_titles_pass(level):
    found = judged(written("paraphrases.txt", NAMED), level, wanted=True)
    assert sum(every for _, every in found.kinds.values()) >= 190
    assert found.share >= 92, found.wrong


@pytest.mark.parametrize(("level", "least"), [("strict", 97), ("contradiction", 70)])
def test_lies_do_not(level, least):
    found = judged(itertools.chain(written("lies.txt", NAMED), mutated(NAMED)), level, wanted=False)
    assert len(found.kinds) == 10
    assert sum(every for _, every in found.kinds.values()) >= 1_000
    assert found.share >= least
    for kind, (caught, every) in found.kinds.items():
        if kind not in ("by hand", "foreign word", "another query's name"):
            assert caught >= 0.93 * every, kind


def test_whatever_strict_lets_through_contradiction_does():
    for case in NAMED.values():
        for other in list(NAMED.values())[:20]:
            if case.check.verdict(other.name, "strict"):
                assert case.check.verdict(other.name, "contradiction")


@given(st.sampled_from(list(NAMED.values())), st.text(max_size=160), st.sampled_from(LEVELLED))
def test_a_refusal_of_a_word_names_one_that_stands_in_the_title(case, title, level):
    for refusal in case.check.verdict(title, level).refusals:
        assert refusal.kind in ("form", "contradicted", "invented", "missing")
        assert refusal.reason
        if refusal.kind != "missing":
            assert refusal.word in title.replace(",", "") or refusal.word in title or " " in refusal.word


@given(st.sampled_from(list(NAMED.values())), st.data())
def test_words_of_the_query_are_never_invented(case, data):
    tokens = re.findall(r"[A-Za-z]\w{2,30}", case.check._evidence.text)
    syntax = set(map(ENGLISH.stem, SYNTAX))
    words = sorted(
        word for word in {word for token in tokens for word in folded(token)} if ENGLISH.stem(word) not in syntax
    )
    chosen = data.draw(st.lists(st.sampled_from(words), max_size=3)) if words else []
    title = " ".join(("Top", *chosen))[:LONGEST].rpartition(" ")[0]
    assert not [str(item) for item in case.check.verdict(title).refusals if item.kind == "invented"]


@given(st.one_of(st.text(), st.dictionaries(st.text(), st.text())), st.text(), st.sampled_from(LEVELLED))
def test_no_text_is_too_odd(query, title, level):
    with suppress(InsightsError):
        NAMER.check(title, query, level)


@pytest.mark.parametrize("level", LEVELLED)
@pytest.mark.parametrize("sign", ["🚀", "✅", "☃", "\x07", "\x00", "\ue000", "1️⃣"])
def test_pictures_and_control_characters_that_the_query_does_not_hold_never_pass(sign, level):
    for case in (INVOICES, PARCELS):
        assert not NAMER.check(f"{NAMER.generate_name(case).name} {sign}", case, level)
    assert "☃" not in [word for word, _ in against("☃ Sales", 'SELECT count(*) AS "☃ sales" FROM shop', level)]


def test_the_check_grows_with_the_text_and_no_faster():
    steps = []
    for size in (200, 400):
        text = "SELECT " + ", ".join(f"col{at}_{at * 7} AS label{at}" for at in range(size)) + " FROM parcels"
        check = Check(text, read(text), "Parcels")
        steps.append(_calls(lambda check=check: check.verdict("Average Weight by Unknown Courier 17")))
    assert steps[1] <= 2.5 * steps[0]


def _calls(function):
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


# What it says


@pytest.mark.parametrize(
    ("title", "refusal"),
    [
        ("P90 Invoice Amount", None),
        ("90th Percentile of Paid Invoices' Amount", None),
        ("P90 Invoice Amount Trend", None),
        ("P95 Invoice Amount", ("P95", "is not what the query says")),
        ("Average Invoice Amount", ("Average", "is not what the query says")),
        ("Invoice Amount", ("p90", "is how it is counted, and not said")),
        ("P90 Invoice Amount by Day of Week", ("by Day of Week", "is not what the query says")),
        (
            "P90 Invoice Amount by Country",
            ("Country", "is not what the query breaks down by: it breaks down by nothing"),
        ),
        ("P90 Invoice Amount without Refunds", ("without", "is not what the query says")),
        ("P90 Invoice Amount, Last 7 Days", ("Last", "is not what the query says")),
        ("P90 Invoice Amount per User", ("per User", "is not what the query says")),
        ("P90 Invoice Amount Amount", ("Amount", "stands there twice in a row")),
        ("P90 Amount of 12 Invoices", ("12", "is a number that the query does not hold")),
        ("P90 Invoice Amount in Norway", ("Norway", "is not in the query")),
        ("P90 Invoice Amount Rate", ("Rate", "is not what the query says")),
        ("P90 Invoice Amount Funnel", ("Funnel", "is not what the query says")),
    ],
)
def test_each_refusal_names_the_word_and_the_reason(title, refusal):
    found = against(title, INVOICES)
    assert (found[0] if found else None) == refusal


def test_what_is_measured_and_split_by_has_to_be_said():
    assert against("Active Users with Invoices Paid by OS", USERS) == []
    assert against("Customers Paying Invoices by Operating System", USERS) == []
    assert against("Invoices Paid by OS", USERS) == [("user", "is what is counted, and not said")]
    assert against("Users with Invoices Paid", USERS) == [("os", "is what the query breaks down by, and not said")]
    assert against("OS by Active Users with Invoices Paid", USERS)
    assert [word for word, _ in against("Paying Unicorns by OS", USERS)] == ["Unicorns", "user"]


def test_a_number_has_to_stand_for_what_it_is():
    assert against("Top 10 Cities by Parcels", PARCELS) == []
    assert against("Top 30 Cities by Parcels", PARCELS) == [("30", "stands in the query for something else")]
    assert against("Top 10 Parcels by City", PARCELS) == [("Parcels", "is not what the query ranks")]


def test_steps_and_paths_lead_where_they_lead():
    assert against("Cart Views to Orders", CARTS) == []
    assert against("Orders to Cart Views", CARTS) == [("Orders", "stands in the place of another step")]
    paths = {"kind": "PathsQuery", "pathsFilter": {"startPoint": "/home", "endPoint": "/thanks"}}
    assert against("Paths from Home to Thanks", paths) == []
    assert [word for word, _ in against("Paths from Thanks to Home", paths)] == ["Thanks", "Home"]


def test_the_opposite_of_a_condition_is_said_as_such():
    query = "SELECT count(*) FROM tasks WHERE archived = false"
    assert against("Tasks Not Archived", query) == []
    assert against("Archived Tasks", query) == [("Archived", "is the opposite of what the query says")]
    assert against("Failed Window Cleanings", WINDOWS) == []
    assert against("Window Cleaning Failures per Week", WINDOWS) == []
    assert against("Successful Window Cleanings", WINDOWS, "contradiction")
    assert against("Window Cleanings", WINDOWS, "contradiction")


def test_other_words_for_the_same_pass_and_names_do_not():
    query = "SELECT visitor, avg(temp) AS temp FROM purchases GROUP BY visitor"
    assert against("Average Temperature by Visitor", query) == []
    assert against("Mean Temperature per Visit", query, "contradiction") == []
    assert against("Pleasant Average Temperature by Visitor", query, "contradiction") == []
    assert against("Pleasant Average Temperature by Visitor", query) == [("Pleasant", "is not in the query")]
    for name in ("Zurich", "Kubernetes", "Xq"):
        assert [name] == [word for word, _ in against(f"Average Temperature by Visitor {name}", query, "contradiction")]


def test_what_was_not_understood_contradicts_nothing():
    query = "SELECT city, weird_function(a, b, c ORDER BY d) AS x FROM parcels GROUP BY city"
    assert read(query).unread or "Opaque" in repr(read(query))
    assert against("Median Parcels by City", query, "contradiction") == []
    assert against("Median Parcels by City", query)


@pytest.mark.skipif(not KINDS.exists(), reason="the kinds of faults are not beside this checkout")
def test_good_names_of_every_kind_pass():
    refused, every = [], 0
    for line in (KINDS / "expected.tsv").read_text(encoding="utf-8").splitlines():
        file, _, names = line.partition("\t")
        raw = (KINDS / file).read_bytes()
        text = raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "latin-1")
        for name in filter(None, names.strip().split(" | ")):
            try:
                verdict = NAMER.check(name, json.loads(text) if file.endswith("json") else text, "contradiction")
            except InsightsError:
                continue
            every += 1
            refused += [] if verdict else [(file, name, str(verdict))]
    assert len(refused) <= 0.12 * every, refused


# Who is judged how


class Backend:
    name = "odd"
    keeps_deadline = True
    is_local = True

    def __init__(self, answer, check=None):
        self.answer = answer
        if check is not None:
            self.check = check

    def propose(self, request):
        self.objections = request.objections(self.answer)
        return self.answer

    @hookimpl
    def insights_naming_backends(self):
        return [self]


FREE = "Pleasant P90 Invoice Amount"


@pytest.mark.parametrize(
    ("own", "asked", "level"),
    [
        (None, None, "strict"),
        ("contradiction", None, "contradiction"),
        ("contradiction", "strict", "strict"),
        (None, "contradiction", "contradiction"),
        (None, "off", "off"),
    ],
)
def test_the_user_says_how_answers_are_judged_else_the_backend_does(own, asked, level):
    backend = Backend(FREE, own)
    made = Namer([backend], installed=False, check=asked).generate_name(INVOICES, backend="odd")
    if level == "strict":
        assert made.fallback_from == "odd"
        assert made.problems == ("odd: 'Pleasant' is not in the query (check: strict)",)
        assert made.check is None
        assert backend.objections == ["'Pleasant' is not in the query"]
    else:
        assert (made.name, made.check) == (FREE, level)
        assert backend.objections == []


def test_remote_is_judged_for_contradictions():
    from insights_backends.remote import Remote

    assert Remote.check == "contradiction"


def test_a_level_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="check must be strict, contradiction or off"):
        Namer(installed=False, check="some")
    with pytest.raises(InvalidInput, match="check must be strict, contradiction or off"):
        NAMER.check("Parcels", PARCELS, "some")


def test_the_command_line_says_how_answers_are_judged(tmp_path):
    file = tmp_path / "query.json"
    file.write_text(json.dumps(INVOICES))
    assert CliRunner().invoke(main, ["name", str(file), "--check", "off"]).exit_code == 0
    assert CliRunner().invoke(main, ["name", str(file), "--check", "some"]).exit_code == 2


# The table of related words


def test_the_table_of_words_is_small_and_says_where_it_comes_from():
    folder = Path(sys.modules[Check.__module__].__file__).parent
    table = folder / "related_en.txt"
    assert table.stat().st_size < 600_000
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in table.read_text(encoding="utf-8")[:600]
    assert "THIS SOFTWARE AND DATABASE IS PROVIDED" in (folder / "WORDNET-LICENSE").read_text(encoding="utf-8")
    assert not lexicon("zz").groups


def test_naming_by_the_rules_loads_no_table():
    program = (
        "import sys; from insights_core import Namer; Namer(installed=False).generate_name('SELECT 1 AS a FROM b');"
        "sys.exit('insights_core.models.lexicon' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
