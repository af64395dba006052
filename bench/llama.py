"""What the model on this machine adds: `python -m bench llama`.

Over the names that people gave: how many queries get a name, how many of the model's names pass the check and differ from
the draft, and the score of both; then what a name costs beside the bare evaluation of the same new tokens in one run.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from insights_backends.llama_cpp import LlamaCpp, find_model

from bench.names import OWN, SHARED, rows, scores, verdict
from insights_core import Namer, hookimpl
from insights_core.facts import describe
from insights_core.naming import draft
from insights_core.naming.verify import verify


class Measured(LlamaCpp):
    """The backend under a name of its own, so that one can be made anew."""

    name = "measured"

    @hookimpl
    def insights_naming_backends(self) -> list[Any]:
        return [self]


def bare(backend: LlamaCpp, drafts: list[str]) -> float:
    """Seconds for evaluating what a name needs, and nothing of ours: the new tokens in, as many tokens out."""
    backend.warm()
    model: Any = backend._loaded
    start = time.perf_counter()
    for text in drafts:
        tokens = model._tokens(f"Title: {text}\nBetter:", beginning=False)
        model._evaluate(tokens)
        for token in model._tokens(f" {text}\n", beginning=False):
            model._likelihoods()
            model._evaluate([token])
        model._api.llama_memory_seq_rm(model._memory, 0, model._kept, -1)
    return time.perf_counter() - start


class Asked:
    """A request without an end."""

    seconds_left = 3600.0

    def __init__(self, text: str) -> None:
        self.facts, self.draft = describe("SELECT 1"), text


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench llama", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--all", action="store_true", help="every case instead of each fifth, and the score beside the rules'"
    )
    options = parser.parse_args(arguments)
    shared = (SHARED / "people.jsonl").exists()
    cases = (rows(SHARED / "people.jsonl") if shared else rows(OWN))[:: 1 if options.all else 5]
    print(f"{platform.platform()}, {find_model()}")
    backend = Measured()
    namer = Namer([backend], installed=False, backend="measured", deadline=600)
    taken, names = [], []
    for case in cases:
        start = time.perf_counter()
        names.append(namer.generate_name(case["query"]))
        taken.append(time.perf_counter() - start)
    facts = [describe(case["query"]) for case in cases]
    drafts = [draft(item).name for item in facts]
    passed = sum(not verify(name.name, item) for name, item in zip(names, facts, strict=True))
    changed = [(rules, name.name) for rules, name in zip(drafts, names, strict=True) if name.name != rules]
    refused = sum(name.backend != "measured" for name in names)
    for rules, name in changed[:: max(1, len(changed) // 30)]:
        print(f"    {rules}\n      {name}")
    print(f"{len(cases)} queries: {refused} answers refused, {len(changed)} names differ from the draft")
    if options.all and shared:
        print("rules\n" + scores(cases, drafts) + "\nmodel\n" + scores(cases, [name.name for name in names]))
    typical = statistics.median(taken[1:])
    echoed = [rules for rules, name in zip(drafts, names, strict=True) if name.name == rules][:40]
    backend.close()
    backend = Measured(samples=0)
    backend.warm()
    ours = theirs = 0.0
    for _ in range(3):
        theirs += bare(backend, echoed)
        start = time.perf_counter()
        for rules in echoed:
            backend.propose(Asked(rules))
        ours += time.perf_counter() - start
    met = [
        verdict("named %", 100.0 * sum(bool(name.name) for name in names) / len(names), ">=", 100),
        verdict("pass the check %", 100.0 * passed / len(names), ">=", 100),
        verdict("differ from the draft %", 100.0 * len(changed) / len(names), ">=", 25),
        verdict("first name / the median of the others", taken[0] / typical, ">=", 3),
        verdict("names a minute", 60 / typical, ">=", 60),
        verdict("a name / bare evaluation of its tokens", ours / theirs, "<=", 1.15),
    ]
    print(f"memory at most {memory():,.0f} MB")
    sys.exit(not all(met))


def memory() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    (peak,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024
