"""What the model on this machine adds: `python -m bench llama`.

Over the names that people gave and those of the hosted service's rules: how many queries get a name, how many of the names
pass the check and differ from the draft, and with `--all` the score of both, which may not be lower than that of the rules;
then what a name costs beside the bare evaluation of the same tokens in one run.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_backends.llama_cpp import LlamaCpp, find_model

from bench.names import OWN, SHARED, best, figures_of, rows, scores, verdict
from insights_core import Namer, hookimpl
from insights_core.models.check import Check
from insights_core.naming import draft
from insights_core.query.registry import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.query.meaning import Meaning


class Measured(LlamaCpp):
    """The backend under a name of its own, so that one can be made anew."""

    name = "measured"

    @hookimpl
    def insights_naming_backends(self) -> list[Any]:
        return [self]


def bare(model: Any, request: Asked) -> Callable[[], None]:
    """The evaluation of the lines that a name needs, and nothing of ours: what is weighed, what is read, what is written."""
    names = (request.draft, *request.titles)
    lines = [model._tokens(f"- {name}\n", beginning=False) for name in names] if len(names) > 1 else []
    told = model._tokens(f"Title: {request.draft}\nBetter:", beginning=False)
    (written,) = model.lines(f"Title: {request.draft}\nBetter:", 0)
    tokens = model._tokens(f" {written}\n", beginning=False)[:-1]
    weighed, writing = model._kept

    def evaluate() -> None:
        for line in lines:
            model._evaluate(line, 0, at=weighed)
            model._api.llama_memory_seq_rm(model._memory, 0, weighed, -1)
        model._evaluate(told, 1, at=writing)
        for place, token in enumerate(tokens):
            model._evaluate([token], 1, at=writing + len(told) + place)
        model._api.llama_memory_seq_rm(model._memory, 1, writing, -1)

    return evaluate


class Asked(NamedTuple):
    """A request without an end."""

    meaning: Meaning
    draft: str
    titles: tuple[str, ...]
    check: Check
    seconds_left: float = 3600.0

    def objections(self, title: str) -> list[str]:
        return list(map(str, self.check.verdict(title).refusals))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench llama", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--all", action="store_true", help="every case instead of each fifth, and the score beside the rules'"
    )
    options = parser.parse_args(arguments)
    shared = (SHARED / "people.jsonl").exists()
    every = rows(SHARED / "people.jsonl") + rows(SHARED / "peer.jsonl") if shared else rows(OWN)
    cases = every[:: 1 if options.all else 5]
    print(f"{platform.platform()}, {find_model()}")
    backend = Measured()
    namer = Namer([backend], installed=False, backend="measured", deadline=600)
    taken, names = [], []
    for case in cases:
        start = time.perf_counter()
        names.append(namer.generate_name(case["query"]))
        taken.append(time.perf_counter() - start)
    meanings = [read(case["query"]) for case in cases]
    made = [draft(item) for item in meanings]
    drafts = [item.name for item in made]
    passed = sum(bool(namer.check(name.name, case["query"])) for name, case in zip(names, cases, strict=True))
    changed = [(rules, name.name) for rules, name in zip(drafts, names, strict=True) if name.name != rules]
    refused = sum(name.backend != "measured" for name in names)
    for rules, name in changed[:: max(1, len(changed) // 30)]:
        print(f"    {rules}\n      {name}")
    print(f"{len(cases)} queries: {refused} answers refused, {len(changed)} names differ from the draft")
    chosen = sum(bool(item.titles()) for item in made)
    typical = statistics.median(taken[1:])
    print(f"{chosen} drafts can be said in more ways than one by the rules")
    # What it writes itself is weighed too, where it is another way: those where it writes the draft are compared.
    backend.close()
    backend = Measured(samples=0)
    backend.warm()
    asked = [
        Asked(item.meaning, item.name, item.titles(), Check(case["query"], item.meaning, item.name))
        for case, item in zip(cases, made, strict=True)
    ]
    asked = [request for request in asked if not backend._written(backend._loaded, request)][:40]
    ours = sum(best(lambda request=request: backend.propose(request), 5) for request in asked)
    theirs = sum(best(bare(backend._loaded, request), 5) for request in asked)
    met = [
        verdict("named %", 100.0 * sum(bool(name.name) for name in names) / len(names), ">=", 100),
        verdict("pass the check %", 100.0 * passed / len(names), ">=", 100),
        verdict("differ from the draft %", 100.0 * len(changed) / len(names), ">=", 25),
        verdict("first name / the median of the others", taken[0] / typical, ">=", 3),
        verdict("names a minute", 60 / typical, ">=", 60),
        verdict("a name / bare evaluation of its tokens", ours / theirs, "<=", 1.15),
    ]
    if options.all and shared:
        met += beside_the_rules(cases, drafts, [name.name for name in names])
    print(f"memory at most {memory():,.0f} MB")
    sys.exit(not all(met))


def beside_the_rules(cases: list[dict[str, Any]], drafts: list[str], names: list[str]) -> list[bool]:
    """Print both scores, and return whether the model's are no lower."""
    rules, model = scores(cases, drafts), scores(cases, names)
    print(f"rules\n{rules}\nmodel\n{model}")
    before, after = figures_of(rules)["all"], figures_of(model)["all"]
    return [
        verdict("word F1 against the rules'", after["wordF1"] - before["wordF1"], ">=", 0),
        verdict("chrF against the rules'", after["chrF"] - before["chrF"], ">=", 0),
    ]


def memory() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    (peak,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024
