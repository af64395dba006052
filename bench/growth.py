"""How the time to name a query grows with its length: texts made to hang a reader, each beside one four times as long.

Reading is linear, so the longer takes about four times as long; quadratic reading takes sixteen times as long, and
exponential reading never ends. What is refused, or read no further than its start, grows by less.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from typing import TYPE_CHECKING, Any

from insights_core.naming.redact import redacted

from insights_core import InvalidQuery, Namer
from insights_core.naming.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable

AT_MOST = 9.0
LENGTH = 12_000
"""Characters of the shorter; the longer one is as long as what was reported."""
ROUNDS = 3


def trend(**fields: Any) -> dict[str, Any]:
    return {"kind": "TrendsQuery", "series": [{"event": "signed up", **fields}]}


def table(item: str) -> dict[str, Any]:
    return {"kind": "EventsQuery", "select": [item]}


def many(piece: str, end: str = "", start: str = "") -> Callable[[int], str]:
    return lambda length: start + piece * (length // len(piece)) + end


TEXTS: dict[str, Callable[[int], str]] = {
    "blanks": many(" ", "x"),
    "comments": many("/**/", "x"),
    "open comments": many("/*"),
    "comments of a line": many(" -- a"),
    "quotes": many("'a "),
    "doubled quotes": many("''", "'"),
    "escaped quotes": many("\\'", start="'"),
    "brackets": many("("),
    "calls": many("f("),
    "letters": many("a"),
    "aliases": many(" as"),
    "aliases and blanks": many(" ", "(", " as "),
    "macros": many("$__timeFilter("),
    "macros with a list": many("() ", start="$__timeFilter("),
    "parameters": many("{{"),
    "references": many("{{ ref("),
    "options": many("[[{{"),
    "dollars": many("$a "),
    "dots": many("."),
    "words": many("select "),
    "numbers": many("1"),
    "apostrophes": many("a'"),
}
PLACES: dict[str, Callable[[str], Any]] = {
    "SQL": lambda text: text,
    "SQL, where": lambda text: "select count(*) from t where " + text,
    "SQL, commented": lambda text: "/*" + text + "*/ select count(*) from t",
    "HogQL query": lambda text: {"kind": "HogQLQuery", "query": text},
    "math_hogql": lambda text: trend(math="hogql", math_hogql=text),
    "aggregate": lambda text: trend(math="hogql", math_hogql=f"sum({text})"),
    "event": lambda text: trend(event=text),
    "label": lambda text: trend(custom_name=text),
    "breakdown": lambda text: {**trend(), "breakdownFilter": {"breakdown": text, "breakdown_type": "hogql"}},
    "formula": lambda text: {**trend(), "trendsFilter": {"formula": "A" + text + "/B"}},
    "column": table,
    "column, alias": lambda text: table("count() as " + text),
    "filter": lambda text: {**trend(), "properties": [{"type": "hogql", "key": text}]},
    "value": lambda text: {**trend(), "properties": [{"key": "plan", "value": text}]},
    "unknown kind": lambda text: {"kind": "Odd", "text": text},
    "key": lambda text: {"kind": "Odd", text: 1},
}


def seconds(namer: Namer, query: Any) -> float:
    """Seconds of this thread's own work, the least of some rounds: what else the machine does only adds to it."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.thread_time()
        try:
            facts = namer.describe(query)
            redacted(facts, clean(namer.generate_name(query).name))
        except InvalidQuery:
            pass
        best = min(best, time.thread_time() - start)
        if best > 1:
            break
    return best


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="print every pair, not the ten that grow most alone")
    shown = None if parser.parse_args(arguments).all else 10
    namer = Namer(installed=False)
    grown = []
    for place, around in PLACES.items():
        for name, text in TEXTS.items():
            short, long = around(text(LENGTH)), around(text(4 * LENGTH))
            before, after = seconds(namer, short), seconds(namer, long)
            # What is that quick has a ratio of other things.
            grown.append((after / max(before, 2e-3), after, place, name, len(json.dumps(long))))
    grown.sort(reverse=True)
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {len(grown)} pairs")
    for ratio, after, place, name, length in grown[:shown]:
        print(f"{place:<16} {name:<20} x {ratio:5.1f}, {after * 1e3:7.1f} ms for {length:,} characters")
    worst = grown[0][0]
    print(f"at most x {worst:.1f} for four times the length; linear is 4, quadratic 16, and {AT_MOST} are allowed")
    sys.exit(worst > AT_MOST)
