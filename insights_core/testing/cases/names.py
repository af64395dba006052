"""What a query is called."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from insights_core.testing.queries import BREAKDOWN, FUNNEL, OTHERS, PATHS, SQL, TRENDS

from ._case import Cases

if TYPE_CHECKING:
    from insights_core.testing.trial import Trial

cases = Cases()
LONGEST_NAME = 100


@cases.add("a trend gets a name that says what is measured")
def name_trends(trial: Trial) -> None:
    _named(trial, TRENDS, "invoice")


@cases.add("a breakdown is said")
def name_breakdown(trial: Trial) -> None:
    _named(trial, BREAKDOWN, "browser")


@cases.add("a funnel's name says its first and its last step")
def name_funnel(trial: Trial) -> None:
    _named(trial, FUNNEL, "trial", "subscription")


@cases.add("paths get a name that says where they start")
def name_paths(trial: Trial) -> None:
    _named(trial, PATHS, "pricing")


@cases.add("SQL gets a name that says what is selected")
def name_sql(trial: Trial) -> None:
    _named(trial, SQL, "revenue")


@cases.add(
    "every kind of query gets a name, the older form, an unknown kind, a long one, an odd one, and text of SQL",
    ours=True,
)
def name_of_anything(trial: Trial) -> None:
    for query in OTHERS:
        _named(trial, query)


def _named(trial: Trial, query: Any, *essential: str) -> str:
    made = trial.generate_name(query)
    name = made.get("name")
    if not isinstance(name, str) or not name.strip():
        trial.fail(f"a name is text, not {name!r}")
    trial.expect(len(name) <= LONGEST_NAME, f"the name has {len(name)} characters, more than {LONGEST_NAME}")
    trial.expect(len(name.splitlines()) == 1 and name.isprintable(), "the name is not one line of plain characters")
    if trial.profile.to_the_letter:
        trial.expect(name == name.strip() == unicodedata.normalize("NFC", name), "the name is not trimmed and NFC")
        trial.expect(not name.endswith(".") and name[0] not in "\"'“", "the name has quotes around it, or a full stop")
        description = made.get("description")
        trial.expect(isinstance(description, str) and description, "there is no description")
        trial.expect(str(description).isprintable(), "the description is not one line of plain characters")
        for word in essential:
            trial.expect(word in name.casefold(), f"the name does not say {word!r}")
        _is_true(trial, name, query)
    return name


def _is_true(trial: Trial, name: str, query: Any) -> None:
    """Hold the words of a name against the query."""
    from insights_core import Namer

    verdict = Namer(installed=False).check(name, query)
    trial.expect(bool(verdict), f"the name says what the query does not: {verdict}")


@cases.add("the same query gets the same name", ours=True)
def name_is_the_same_again(trial: Trial) -> None:
    names = {_named(trial, json.loads(json.dumps(BREAKDOWN))) for _ in range(3)}
    trial.expect(len(names) == 1, f"it got {sorted(names)}")


@cases.add("different queries get different names", ours=True)
def name_tells_queries_apart(trial: Trial) -> None:
    names = [_named(trial, query) for query in (TRENDS, BREAKDOWN, FUNNEL, PATHS, SQL)]
    trial.expect(len(set(names)) == len(names), f"the names are {names}")


@cases.add("asking for a name stores nothing and views nothing")
def name_stores_nothing(trial: Trial) -> None:
    a = trial.create(query=TRENDS)
    b = trial.create()
    before = _whole_list(trial)
    trial.generate_name(TRENDS)
    entries = trial.recent_is(b, a)
    trial.expect(not entries[-1].fields.get("name"), "the insight with that query has a name now")
    trial.expect(_whole_list(trial) == before, "the last-viewed list is another than before")


def _whole_list(trial: Trial) -> list[tuple[object, object]]:
    """Return the list with what others made."""
    subject = trial.subject
    found = subject.my_last_viewed(subject.projects[0], subject.users[0])
    return [(record.get("id"), record.get("last_viewed_at")) for record in found]


@cases.add("what is no query is refused", ours=True)
def name_of_what_is_no_query(trial: Trial) -> None:
    queries: tuple[object, ...] = (7, [], True, "", {})
    for query in queries:
        trial.is_refused("generate_name", 0, 0, query)
