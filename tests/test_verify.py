"""The check of names tells true ones from lies: by hand, and by one change each of true names."""

from collections import Counter
from itertools import chain

import pytest

from bench.names import OWN, rows
from bench.verify import Named, judged, mutated, written
from insights_core.naming import draft, name_all, verify
from insights_core.query.registry import read

READ = {case["id"]: read(case["query"]) for case in rows(OWN)}
NAMES = {id_: Named(meaning, draft(meaning).name) for id_, meaning in READ.items()}
TREND = {"kind": "TrendsQuery", "series": [{"event": "invoice_paid", "math": "p90", "math_property": "amount"}]}


def test_true_names_pass():
    counts, wrong = judged(written("paraphrases.txt", NAMES), wanted=True)
    ((passed, true),) = counts.values()
    assert true >= 150
    assert passed >= 0.95 * true, wrong


def test_lies_do_not():
    counts, wrong = judged(chain(written("lies.txt", NAMES), mutated(NAMES)), wanted=False)
    assert len(counts) == 10
    assert sum(of_all for _, of_all in counts.values()) >= 1_000
    for kind, (caught, of_all) in counts.items():
        assert caught >= 0.9 * of_all, (kind, wrong)
    assert sum(caught for caught, _ in counts.values()) >= 0.97 * sum(of_all for _, of_all in counts.values()), wrong


@pytest.mark.parametrize("style", ["title", "sentence"])
def test_what_the_rules_write_passes_alone_and_beside_others(style):
    refused = {id_: verify(draft(meaning, style=style).name, meaning) for id_, meaning in READ.items()}
    assert not any(refused.values()), refused
    together = zip(name_all(READ.values(), style=style), READ.values(), strict=True)
    told = Counter(problem for made, meaning in together for problem in verify(made.name, meaning))
    assert set(told) <= {f"'{number}' is not in the query" for number in (2, 3, 4)}  # told apart by numbers alone


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("P90 Invoice Amount", None),
        ("90th Percentile of Paid Invoices' Amount", None),
        ("P95 Invoice Amount", "'p95' is not what the query says"),
        ("Average Invoice Amount", "'average' is not what the query says"),
        ("Invoice Amount", "how it is counted (p90) is missing"),
        ("P90 Invoices Paid", "amount is missing"),
        ("P90 Invoice Amount by Day of Week", "'by day of week' is not what the query says"),
        ("P90 Invoice Amount by Country", "'country' is not in the query"),
        ("P90 Invoice Amount without Refunds", "'without' is not what the query says"),
        ("P90 Invoice Amount, Last 7 Days", "'last' is not what the query says"),
        ("Daily P90 Invoice Amount", None),
        ("P90 Invoice Amount per User", "'per user' is not what the query says"),
        ("P90 Amount Amount", "'amount' stands there too often"),
        ("P90 \N{SNOWMAN} Amount", None),
        ("P90 Amount of 12 Invoices", "'12' is not in the query"),
    ],
)
def test_each_problem_names_the_word_or_the_fact(text, problem):
    found = verify(text, read(TREND))
    assert (found[0] if found else None) == problem


def test_a_number_has_to_stand_for_what_it_is():
    meaning = read("SELECT city, count(*) FROM parcels WHERE weight > 30 GROUP BY city ORDER BY 2 DESC LIMIT 10")
    assert verify("Top 10 Cities by Parcels", meaning) == []
    assert verify("Top 30 Cities by Parcels", meaning) == ["'30' stands in the query for something else"]


def test_paths_lead_where_they_lead():
    meaning = read({"kind": "PathsQuery", "pathsFilter": {"startPoint": "/home", "endPoint": "/thanks"}})
    assert verify("Paths from Home to Thanks", meaning) == []
    assert verify("Paths from Thanks to Home", meaning) == [
        "the paths do not lead from there",
        "the paths do not lead to there",
    ]


def test_the_opposite_of_a_condition_is_said_as_such():
    meaning = read("SELECT count(*) FROM tasks WHERE archived = false")
    assert verify("Tasks Not Archived", meaning) == []
    assert verify("Archived Tasks", meaning) == ["'archived' is the opposite of what the query says"]
