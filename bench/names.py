"""How good the rules' names are and what they cost: `python -m bench names [--speed]`.

Good: `score.py` over the shared cases, by the nearest of two good names, with and without the captions of comments, and the
kinds of faults that were met. Fast (`--speed`): typical
queries a second inside the library and through `insights name --jsonl`, and SQL as a ratio to one bare parse of the same
text in the same run. Both read the shared cases where they lie beside the checkout; speed also runs on the project's own.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "naming"
OWN = ROOT / "tests" / "data" / "queries.jsonl"

# (file, group of the score, figure, at least or at most, target); what people themselves called it stays as information.
TARGETS = (
    ("more/sql", "all", "goodF1", ">=", 56.0),
    ("more/sql", "all", "far", "<=", 27.0),
    ("more/sql", "all", "clash", "<=", 10.0),
    ("more/posthog", "all", "goodF1", ">=", 84.0),
    ("people", "phtpl", "goodF1", ">=", 86.0),
    ("people", "all", "short", ">=", 100.0),
)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def verdict(what: str, value: float, sign: str, target: float) -> bool:
    met = value >= target if sign == ">=" else value <= target
    print(f"{'ok    ' if met else 'MISSED'}  {what:44} {value:10,.2f}  {sign} {target:,}")
    return met


# Quality


def quality() -> bool:
    from insights_core.naming import name_all

    if not (SHARED / "people.jsonl").exists():
        print(f"skipped: the shared cases are not at {SHARED}")
        return True
    met = []
    for file in ("people", "more/sql", "more/posthog"):
        cases = rows(SHARED / f"{file}.jsonl")
        meanings = [read(case["query"]) for case in cases]
        scored = scores(cases, named(meanings))
        print(f"{file}\n{scored}")
        if any(item.caption for item in meanings):
            bare = [item._replace(caption="") for item in meanings]
            print(f"{file}, without the captions of comments\n{scores(cases, named(bare))}")
        figures = figures_of(scored)
        met += [
            verdict(f"{file} {group} {figure}", figures[group][figure], sign, target)
            for of, group, figure, sign, target in TARGETS
            if of == file
        ]
        together = [made.name for made in name_all(meanings)]
        share = 100 * clashes(meanings, together) / len(meanings)
        met.append(verdict("clash % with name_all, equal ones aside", share, "<=", 0.0))
    met.append(kinds())
    return all(met)


def read(query: Any) -> Any:
    from insights_core.query import registry

    return registry.read(query)


def named(meanings: list[Any]) -> list[str]:
    from insights_core.naming import draft

    return [draft(item).name for item in meanings]


def kinds() -> bool:
    """One small input for each kind of fault that was met, with its good names; a reader takes some others too."""
    from insights_core.errors import InvalidQuery
    from insights_core.query.registry import parse_text

    right, every = 0, (SHARED / "kinds" / "expected.tsv").read_text(encoding="utf-8").splitlines()
    for line in every:
        file, _, good = line.partition("\t")
        data = (SHARED / "kinds" / file).read_bytes()
        encoding = (
            "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8" if file != "latin1.sql" else "latin-1"
        )
        try:
            name = named([read(parse_text(data.decode(encoding), sql=file.endswith(".sql")))])[0]
        except InvalidQuery:
            name = "(refused: no query)"
        is_right = name.lower() in (one.lower() for one in good.split(" | "))
        right += is_right
        if not is_right:
            print(f"        {file:44} {name}  |  {good}")
    return verdict(f"kinds to the letter, of {len(every)}", right, ">=", 52)


def scores(cases: list[dict[str, Any]], names: list[str]) -> str:
    """What `score.py` prints for these names."""
    with (
        tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as asked,
        tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file,
    ):
        asked.writelines(json.dumps(case) + "\n" for case in cases)
        asked.flush()
        file.writelines(
            json.dumps({"id": case["id"], "name": name}) + "\n" for case, name in zip(cases, names, strict=True)
        )
        file.flush()
        command = [sys.executable, SHARED / "score.py", asked.name, file.name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.rstrip()


def figures_of(scored: str) -> dict[str, dict[str, float]]:
    """The figures that `score.py` printed, by their group."""
    return {
        line.split()[0]: {key: float(value) for key, value in re.findall(r"(\w+)=\s*([\d.]+)", line)}
        for line in scored.splitlines()
    }


def clashes(meanings: list[Any], names: list[str]) -> int:
    different: dict[str, set[Any]] = {}
    for item, name in zip(meanings, names, strict=True):
        different.setdefault(name, set()).add(item)
    return sum(len(items) for items in different.values() if len(items) > 1)


# Speed


def best(function: Callable[[], object], rounds: int = 7) -> float:
    """The shortest of several runs: what else the machine does only ever adds."""

    def once() -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return min(once() for _ in range(rounds))


def speed() -> bool:
    from insights_core.naming import draft
    from insights_core.query.registry import read

    every = rows(OWN) + (rows(SHARED / "people.jsonl") if (SHARED / "people.jsonl").exists() else [])
    typical = [case["query"] for case in every if not statement(case["query"])]
    statements = [text for case in every if (text := statement(case["query"]))]

    def name_typical() -> None:
        for query in typical:
            draft(read(query))

    name_typical()
    inside = len(typical) / best(name_typical)
    met = [verdict("PostHog queries a second in the library", inside, ">=", 15_000)]
    if alone := piped(typical, ("--jobs", "1")):
        print(f"        queries a second through name --jsonl, one process {alone:,.0f}")
        met.append(verdict("queries a second through name --jsonl", piped(typical), ">=", 12_000))
    met.append(verdict("SQL, as a ratio to one bare parse", sql_ratio(statements), "<=", 2.2))
    for what, made in (("JSON", large_json), ("SQL", large_sql)):
        met.append(verdict(f"{what} of 900 kB / of 90 kB, a byte", linear(made), "<=", 2.0))
    return all(met)


def large_json(size: int, word: str) -> Any:
    """A query of about so many bytes: filters upon filters; a word of its own keeps what was cached out of it."""
    one = {"key": "plan", "value": ["a value of some length"], "operator": "exact", "type": "event"}
    many = [{**one, "key": f"{word}_{at}"} for at in range(size // 100)]
    return {"kind": "TrendsQuery", "series": [{"event": "order_placed"}], "properties": many}


def large_sql(size: int, word: str) -> str:
    return "SELECT " + ", ".join(f"sum({word}_{at}) AS total_{at}" for at in range(size // 33)) + " FROM orders"


def linear(made: Callable[[int, str], Any]) -> float:
    """How much dearer a byte is in a query ten times as large."""
    from insights_core.naming import draft
    from insights_core.query.registry import read

    def cost(size: int, word: str) -> float:
        query = made(size, word)
        return best(lambda: draft(read(query)).description, 1) / size

    cost(90_000, "first")
    return cost(900_000, "second") / min(cost(90_000, word) for word in ("third", "fourth", "fifth"))


def statement(query: Any) -> str:
    """The SQL of a query, or nothing."""
    while isinstance(query, dict) and isinstance(query.get("source"), dict):
        query = query["source"]
    if isinstance(query, str):
        return query
    return query.get("query", "") if query.get("kind") == "HogQLQuery" else ""


def piped(queries: list[Any], jobs: tuple[str, ...] = (), repeat: int = 60) -> float:
    """Queries a second through the command, its start taken off."""
    command = shutil.which("insights", path=str(Path(sys.executable).parent))
    if command is None:
        print("skipped: the command `insights` is not installed beside this interpreter")
        return 0.0
    lines = "".join(json.dumps({"id": at, "query": query}) + "\n" for at, query in enumerate(queries))

    def run(text: str) -> float:
        # A file in and a file out: a pipe would measure how fast this process feeds and empties it.
        with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as made:
            given.write(text)
            given.seek(0)
            return best(
                lambda: (
                    given.seek(0)
                    or subprocess.run([command, "name", "--jsonl", *jobs], stdin=given, stdout=made, check=True)
                ),
                5,
            )

    start, whole = run(lines.splitlines()[0] + "\n"), run(lines * repeat)
    return len(queries) * repeat / (whole - start)


def sql_ratio(texts: Iterable[str]) -> float:
    """Naming over bare parsing, summed over the texts that parse as they are guessed."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    from insights_core.naming import draft
    from insights_core.query.registry import read
    from insights_core.query.sql.dialect import dialects
    from insights_core.query.sql.text import prepare

    ours = theirs = 0.0
    for text in texts:
        plain = prepare(text).sql
        dialect = dialects(plain)[0]
        try:
            theirs += best(lambda plain=plain, dialect=dialect: sqlglot.parse_one(plain, dialect=dialect), 3)
        except SqlglotError:
            continue
        ours += best(lambda text=text: draft(read(text)), 3)
    return ours / theirs


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench names", description=__doc__.splitlines()[0])
    parser.add_argument("--speed", action="store_true", help="measure what names cost instead of how good they are")
    args = parser.parse_args(argv)
    sys.exit(0 if (speed() if args.speed else quality()) else 1)
