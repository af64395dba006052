"""How well the check of names tells true ones from lies: `python -m bench verify`.

True ones: paraphrases written by hand, and what the rules write. Lies: some written by hand, the rest made of true names
by one change each. Everything is counted by kind; what was let through and what was refused is printed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.names import OWN, SHARED, rows, verdict
from insights_core.facts.adapter import facts_of
from insights_core.naming import draft, verify
from insights_core.query.registry import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.facts.types import Facts
    from insights_core.query.meaning import Meaning

DATA = OWN.parent
_AGGREGATIONS = ("Average", "Median", "Maximum", "Minimum", "P75", "P90", "P95", "P99")
_INTERVALS = ("Hourly", "Daily", "Weekly", "Monthly", "Quarterly", "Yearly")
_KINDS = ("Funnel", "Retention", "Stickiness")
_FOREIGN = ("Unicorn", "Subscription", "Marketing", "Kubernetes", "Cumulative", "Forecast", "Anomalous", "Sustainable")


class Named(NamedTuple):
    """What a query means, and the name that the rules give it."""

    meaning: Meaning
    name: str


class Claimed(NamedTuple):
    """A name that somebody claims for a query."""

    kind: str
    text: str
    meaning: Meaning


def known() -> dict[str, Named]:
    """Every own query, and the shared ones where they are, by id."""
    cases = rows(OWN) + (rows(SHARED / "people.jsonl") if (SHARED / "people.jsonl").exists() else [])
    meanings = {case["id"]: read(case["query"]) for case in cases}
    return {id_: Named(meaning, draft(meaning).name) for id_, meaning in meanings.items()}


def written(file: str, names: dict[str, Named]) -> Iterator[Claimed]:
    """What was written by hand: lines of an id, a tabulator and a name."""
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            id_, _, text = line.partition("\t")
            yield Claimed("by hand", text, names[id_].meaning)


def mutated(names: dict[str, Named]) -> Iterator[Claimed]:
    """True names with one change each that makes them untrue."""
    cases = list(names.values())
    for at, (meaning, name) in enumerate(cases):
        facts = facts_of(meaning)
        for kind, text in (*_mutations(name, facts, at), *_of_others(name, facts, cases[at + 1 :] + cases[:at])):
            yield Claimed(kind, text, meaning)


def _mutations(name: str, facts: Facts, at: int) -> Iterator[tuple[str, str]]:
    yield from _of_split(name, facts)
    yield from _of_counting(name, facts, at)
    if "→" in name:
        yield "steps reversed", _reversed(name)
    words = name.split()
    yield "foreign word", f"{_FOREIGN[at % 8]} {name}"
    if len(words) > 1 and words[0].isalpha() and words[0] not in ("User", "Top"):
        yield "foreign word", " ".join((_FOREIGN[(at + 3) % 8], *words[1:]))
    interval = next((word for word in words if word in _INTERVALS), None)
    wrong = next(word for word in _INTERVALS[at % 6 :] + _INTERVALS if word not in words and _differs(word, facts))
    yield "wrong interval", name.replace(interval, wrong, 1) if interval else f"{wrong} {name}"
    kind = _KINDS[at % 3]
    if facts.kind not in ("funnel", kind.lower()) and kind not in words:
        yield "wrong kind", f"{name} {kind}"


def _of_split(name: str, facts: Facts) -> Iterator[tuple[str, str]]:
    measure, by, breakdown = name.partition(" by ")
    bare = re.sub(r" \(.*", "", breakdown)
    if by and "(" not in measure and facts.kind != "funnel":
        yield "measure and breakdown swapped", f"{bare} by {measure}"
    if by and facts.breakdowns and not measure.startswith("Top "):
        yield "breakdown dropped", measure


def _of_counting(name: str, facts: Facts, at: int) -> Iterator[tuple[str, str]]:
    words = name.split()
    said = next((word for word in words if word in _AGGREGATIONS), None)
    other = next(word for word in _AGGREGATIONS[at % 8 :] + _AGGREGATIONS if word not in words)
    counted = all(item.math in ("total", "dau") and not item.label and not item.over for item in facts.measures)
    if said:
        yield "wrong aggregation", name.replace(said, other, 1)
    elif facts.measures and counted:
        yield "wrong aggregation", f"{other} {name}"
    if number := re.search(r"(?<![\w.])\d+(?!\w)", name):
        yield "wrong number", f"{name[: number.start()]}{int(number[0]) + 7}{name[number.end() :]}"
    else:
        yield "wrong number", f"{name} (Last 47 Days)"


def _reversed(name: str) -> str:
    head, colon, steps = name.rpartition(": ")
    ending = re.search(r"( Funnel| Conversion Rate)?( by .*)?( \(.*)?$", steps)
    suffix = ending[0] if ending else ""
    return head + colon + " → ".join(reversed(steps.removesuffix(suffix).split(" → "))) + suffix


def _differs(interval: str, facts: Facts) -> bool:
    code = {"Daily": "day"}.get(interval, interval.lower().removesuffix("ly"))
    told = {facts.interval, *(item.key for item in facts.breakdowns), *(item.math[:5] for item in facts.measures)}
    return not any(item.startswith(code[:5]) for item in told if item)


def _of_others(name: str, facts: Facts, others: list[Named]) -> Iterator[tuple[str, str]]:
    """The name of the next query that shares no more than half of its words."""
    said = set(name.lower().split())
    for other in others:
        words = set(other.name.lower().split())
        if len(words & said) * 2 <= len(words) and facts_of(other.meaning).kind == facts.kind and len(words) > 1:
            yield "another query's name", other.name
            return


def judged(claims: Iterator[Claimed], wanted: bool) -> tuple[dict[str, list[int]], list[tuple[Claimed, list[str]]]]:  # noqa: FBT001
    """Count (right, all) by kind, and return what was judged wrongly with what was said of it."""
    counts: dict[str, list[int]] = {}
    wrong = []
    for claim in claims:
        problems = verify(claim.text, claim.meaning)
        right = (not problems) is wanted
        of_kind = counts.setdefault(claim.kind, [0, 0])
        of_kind[0] += right
        of_kind[1] += 1
        if not right:
            wrong.append((claim, problems))
    return counts, wrong


def main(arguments: list[str]) -> None:
    argparse.ArgumentParser(prog="python -m bench verify", description=__doc__.splitlines()[0]).parse_args(arguments)
    names = known()
    refused, wrongly = judged(written("paraphrases.txt", names), wanted=True)
    caught, missed = judged(
        (claim for part in (written("lies.txt", names), mutated(names)) for claim in part), wanted=False
    )
    for claim, problems in wrongly:
        print(f"  refused  {claim.text}: {'; '.join(problems)}")
    for claim, _ in missed:
        print(f"  missed   {claim.text} ({claim.kind})")
    for kind, (right, of_all) in caught.items():
        print(f"  {kind:32} {right:4} of {of_all:4} caught")
    taken: list[Any] = []
    for meaning, name in names.values():
        start = time.perf_counter()
        verify(name, meaning)
        taken.append(time.perf_counter() - start)
    passed, true = map(sum, zip(*refused.values(), strict=True))
    found, false = map(sum, zip(*caught.values(), strict=True))
    met = [
        verdict(f"of {true} paraphrases refused, %", 100 * (true - passed) / true, "<=", 5),
        verdict(f"of {false:,} lies caught, %", 100 * found / false, ">=", 97),
        verdict("a name judged, ms, median", 1e3 * statistics.median(taken), "<=", 1),
        verdict("a name judged, ms, longest", 1e3 * max(taken), "<=", 10),
    ]
    sys.exit(not all(met))
