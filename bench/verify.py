"""How well the check of titles tells true ones from lies: `python -m bench verify`.

Titles that people and careful writers gave to queries of theirs, with a reader's verdict, where they lie beside the checkout:
those that the reader would keep should pass, the false ones should not. Paraphrases written by hand, which should pass; lies, some
written by hand, the rest made of true names by one change each.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import statistics
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.names import OWN, SHARED, best, rows, verdict
from insights_core import Namer
from insights_core.models.check import Check
from insights_core.query.meaning import Aggregate, Bucket, Count
from insights_core.query.registry import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from insights_core.models.check import Verdict
    from insights_core.models.rules import Level
    from insights_core.query.meaning import Meaning

DATA = OWN.parent
_AGGREGATIONS = ("Average", "Median", "Maximum", "Minimum", "P75", "P90", "P95", "P99")
_INTERVALS = ("Hourly", "Daily", "Weekly", "Monthly", "Quarterly", "Yearly")
_KINDS = ("Funnel", "Retention", "Stickiness")
_FOREIGN = ("Unicorn", "Subscription", "Marketing", "Kubernetes", "Cumulative", "Forecast", "Anomalous", "Sustainable")


# The shares, %, that have to pass or be caught: (group, verdict of the reader) by level.
_JUDGED: dict[tuple[str, str], dict[Level, int]] = {
    ("PostHog", "K"): {"contradiction": 92, "strict": 78},
    ("PostHog", "F"): {"contradiction": 60, "strict": 80},
    ("PostHog, set aside", "K"): {"contradiction": 92, "strict": 78},
    ("PostHog, set aside", "F"): {"contradiction": 60, "strict": 80},
    ("SQL", "K"): {"contradiction": 92, "strict": 78},
    ("SQL", "F"): {"contradiction": 30, "strict": 50},
}
_CAUGHT = (
    *("wrong number", "wrong interval", "wrong kind", "wrong aggregation"),
    *("measure and breakdown swapped", "breakdown dropped", "steps reversed"),
)
"""Lies that contradict, whatever the words."""


class Named(NamedTuple):
    """A query, what it means, the name that the rules give it, and the check of its titles."""

    query: Any
    meaning: Meaning
    name: str
    check: Check


class Claimed(NamedTuple):
    """A name that somebody claims for a query."""

    kind: str
    text: str
    named: Named


def named(query: Any) -> Named:
    meaning, name = read(query), _NAMER.generate_name(query).name
    return Named(query, meaning, name, Check(query, meaning, name))


_NAMER = Namer(installed=False)


def known() -> dict[str, Named]:
    """Every own query, and the shared ones where they are, by id."""
    cases = rows(OWN) + (rows(SHARED / "people.jsonl") if (SHARED / "people.jsonl").exists() else [])
    return {case["id"]: named(case["query"]) for case in cases}


def written(file: str, names: dict[str, Named]) -> Iterator[Claimed]:
    """What was written by hand: lines of an id, a tabulator and a name."""
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            id_, _, text = line.partition("\t")
            yield Claimed("by hand", text, names[id_])


def mutated(names: dict[str, Named]) -> Iterator[Claimed]:
    """True names with one change each that makes them untrue."""
    cases = list(names.values())
    for at, case in enumerate(cases):
        for kind, text in (*_mutations(case, at), *_of_others(case, cases[at + 1 :] + cases[:at])):
            yield Claimed(kind, text, case)


def _mutations(case: Named, at: int) -> Iterator[tuple[str, str]]:
    name, meaning = case.name, case.meaning
    yield from _of_split(name, meaning)
    yield from _of_counting(name, meaning, at)
    if "→" in name:
        yield "steps reversed", _reversed(name)
    words = name.split()
    yield "foreign word", f"{_FOREIGN[at % 8]} {name}"
    if len(words) > 1 and words[0].isalpha() and words[0] not in ("User", "Top"):
        yield "foreign word", " ".join((_FOREIGN[(at + 3) % 8], *words[1:]))
    interval = next((word for word in words if word in _INTERVALS), None)
    wrong = next(word for word in _INTERVALS[at % 6 :] + _INTERVALS if word not in words and _differs(word, meaning))
    yield "wrong interval", name.replace(interval, wrong, 1) if interval else f"{wrong} {name}"
    kind = _KINDS[at % 3]
    if meaning.shape not in ("funnel", kind.lower()) and kind not in words:
        yield "wrong kind", f"{name} {kind}"


def _of_split(name: str, meaning: Meaning) -> Iterator[tuple[str, str]]:
    measure, by, breakdown = name.partition(" by ")
    bare = re.sub(r" \(.*", "", breakdown)
    if by and "(" not in measure and meaning.shape != "funnel":
        top, ranked = re.fullmatch(r"(Top (?:\d+ )?)?(.*)", measure).groups("")
        yield "measure and breakdown swapped", f"{top}{bare} by {ranked}"
    if by and any(output.role == "dimension" for output in meaning.outputs) and not measure.startswith("Top "):
        yield "breakdown dropped", measure


def _of_counting(name: str, meaning: Meaning, at: int) -> Iterator[tuple[str, str]]:
    words = name.split()
    said = next((word for word in words if word in _AGGREGATIONS), None)
    other = next(word for word in _AGGREGATIONS[at % 8 :] + _AGGREGATIONS if word not in words)
    measures = [output for output in meaning.outputs if output.role == "measure"]
    if said:
        yield "wrong aggregation", name.replace(said, other, 1)
    elif measures and all(isinstance(output.value, Count) and not output.labels for output in measures):
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


def _differs(interval: str, meaning: Meaning) -> bool:
    code = {"Daily": "day"}.get(interval, interval.lower().removesuffix("ly"))
    told = {meaning.interval}
    for output in meaning.outputs:
        told |= {output.value.unit} if isinstance(output.value, Bucket) else set()
        told |= {getattr(output.value.unit, "name", "")} if isinstance(output.value, Count) else set()
        told |= {output.value.per} if isinstance(output.value, (Aggregate, Count)) else set()
    return not any(item.startswith(code[:5]) for item in told if item)


def _of_others(case: Named, others: list[Named]) -> Iterator[tuple[str, str]]:
    """The name of the next query that shares no more than half of its words."""
    said = set(case.name.lower().split())
    for other in others:
        words = set(other.name.lower().split())
        if len(words & said) * 2 <= len(words) and other.meaning.shape == case.meaning.shape and len(words) > 1:
            yield "another query's name", other.name
            return


class Counts(NamedTuple):
    """How many were judged rightly, of how many, by kind; and those that were not."""

    kinds: dict[str, list[int]]
    wrong: list[tuple[Claimed, Verdict]]

    @property
    def share(self) -> float:
        right, every = map(sum, zip(*self.kinds.values(), strict=True))
        return 100 * right / every


def judged(claims: Iterable[Claimed], level: Level, *, wanted: bool) -> Counts:
    counts = Counts({}, [])
    for claim in claims:
        found = claim.named.check.verdict(claim.text, level)
        right = bool(found) is wanted
        of_kind = counts.kinds.setdefault(claim.kind, [0, 0])
        of_kind[0] += right
        of_kind[1] += 1
        if not right:
            counts.wrong.append((claim, found))
    return counts


def readers() -> Iterator[Claimed]:
    """Titles that people and careful writers gave, with the reader's verdict, by groups of queries.

    Half of the PostHog repositories, the first by the SHA-256 of their names, are set aside: nothing was tuned on them.
    """
    cases = {case["id"]: case for case in rows(SHARED / "people.jsonl")}
    good = {case["id"]: case["names"] for case in rows(SHARED / "more" / "good.jsonl")}
    groups = _groups(cases)
    names: dict[str, Named] = {}
    for row in rows(SHARED / "more" / "judged.jsonl"):
        id_, title, label = row["id"], row["name"], row["label"]
        if row["by"].startswith("rules") or label not in "KF" or (label == "F" and title in good.get(id_, ())):
            continue
        if id_ not in names:
            names[id_] = named(cases[id_]["query"])
        yield Claimed(f"{groups[id_]}: {label}", title, names[id_])


def _groups(cases: dict[str, Any]) -> dict[str, str]:
    of = {id_: case["source"].split(":")[0] for id_, case in cases.items()}
    sql = {id_ for id_, case in cases.items() if case["query"].get("kind") in _SQL or _is_sql(case["query"])}
    repositories = sorted(
        {of[id_] for id_ in cases.keys() - sql}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    aside = set(repositories[: len(repositories) // 2])
    return {id_: "SQL" if id_ in sql else "PostHog, set aside" if of[id_] in aside else "PostHog" for id_ in cases}


_SQL = frozenset({"HogQLQuery", "SQLQuery", "DataVisualizationNode"})


def _is_sql(query: dict[str, Any]) -> bool:
    source = query.get("source")
    return isinstance(source, dict) and source.get("kind") in _SQL


def of_readers() -> list[bool]:
    if not (SHARED / "more" / "judged.jsonl").exists():
        print(f"skipped: the judged titles are not at {SHARED}")
        return []
    claims = list(readers())
    met = []
    for (group, label), targets in _JUDGED.items():
        titles = [claim for claim in claims if claim.kind == f"{group}: {label}"]
        for level, target in targets.items():
            share = judged(titles, level, wanted=label == "K").share
            what = "kept titles pass" if label == "K" else "false titles caught"
            met.append(verdict(f"{group}, {level}: {len(titles)} {what}, %", share, ">=", target))
    return met


def of_lies(names: dict[str, Named], level: Level) -> list[bool]:
    refused = judged(written("paraphrases.txt", names), level, wanted=True)
    caught = judged((*written("lies.txt", names), *mutated(names)), level, wanted=False)
    for claim, found in refused.wrong:
        print(f"  refused  {claim.text}: {found}")
    for claim, _ in caught.wrong if level == "strict" else ():
        print(f"  missed   {claim.text} ({claim.kind})")
    for kind, (right, every) in caught.kinds.items():
        print(f"  {kind:32} {right:4} of {every:4} caught ({level})")
    met = [verdict(f"{level}: paraphrases that pass, %", refused.share, ">=", 92)]
    if level == "strict":
        return [*met, verdict("strict: lies caught, %", caught.share, ">=", 97)]
    for kind, target in (*((kind, 97) for kind in _CAUGHT), ("another query's name", 85)):
        right, every = caught.kinds[kind]
        met.append(verdict(f"{level}: {kind}, %", 100 * right / every, ">=", target))
    return met


def main(arguments: list[str]) -> None:
    argparse.ArgumentParser(prog="python -m bench verify", description=__doc__.splitlines()[0]).parse_args(arguments)
    names = known()
    met = [met for level in ("strict", "contradiction") for met in of_lies(names, level)] + of_readers()
    taken: list[float] = []
    for query, meaning, name, _ in names.values():
        claimed = f"Weekly {name}"
        taken.append(best(lambda: Check(query, meaning, name).verdict(claimed, "strict"), 3))  # noqa: B023 - called at once
    met.append(verdict("a title judged, ms, median", 1e3 * statistics.median(taken), "<=", 1))
    met.append(verdict("a title judged, ms, longest", 1e3 * max(taken), "<=", 25))
    sys.exit(not all(met))
