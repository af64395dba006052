"""Many writers on one file: 8 processes and, in one more, 8 threads; views of ten ids each, reads in between.

Run once through the library and once by hand (autocommit statements on the standard sqlite3 module, the same schema), in
turns. Prints calls a second, the longest wait, errors, lost views and the largest size of the write-ahead log.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from insights_core import Insights
from insights_core.store._lane import LOG_BOUND

PROCESSES = 8
THREADS = 8
INSIGHTS = 1_000
USERS = 50

# What hand-written code would do for a view, without a receipt, and for the list.
BY_HAND_VIEW = """
INSERT INTO view (viewer, insight, last_viewed_at)
SELECT w.id, i.id, :now FROM viewer AS w JOIN project AS p ON p.id = w.project AND p.key = 'p'
CROSS JOIN json_each(:ids) AS j CROSS JOIN insight AS i ON i.id = j.value
WHERE w.user = :user AND NOT i.deleted
ON CONFLICT (viewer, insight) DO UPDATE SET last_viewed_at = max(last_viewed_at, excluded.last_viewed_at)"""
BY_HAND_LIST = """
SELECT i.*, v.last_viewed_at FROM view AS v JOIN insight AS i ON i.id = v.insight
WHERE v.viewer = (SELECT w.id FROM viewer AS w JOIN project AS p ON p.id = w.project WHERE p.key = 'p' AND w.user = :user)
AND v.dead = 0 ORDER BY v.last_viewed_at DESC, v.insight DESC LIMIT 5"""


class Library:
    """The public calls."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._insights = Insights.open(path, synchronous=synchronous, busy_timeout=30)
        self._project = self._insights.project("p")

    def view(self, user: str, ids: list[int]) -> None:
        self._project.viewed(user, ids)

    def list(self, user: str) -> None:
        self._project.my_last_viewed(user)


class ByHand:
    """Two statements on the standard module; a connection for each thread."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._path, self._synchronous, self._local = path, synchronous, threading.local()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            self._local.connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            self._local.connection.execute("PRAGMA foreign_keys = ON")
        connection: sqlite3.Connection = self._local.connection
        return connection

    def view(self, user: str, ids: list[int]) -> None:
        values = {"now": time.time_ns() // 1000, "ids": json.dumps(ids), "user": user}
        self._connection().execute(BY_HAND_VIEW, values)

    def list(self, user: str) -> None:
        for row in self._connection().execute(BY_HAND_LIST, {"user": user}).fetchall():
            json.loads(row[6] or "null")


def work(subject: Library | ByHand, seed: int, seconds: float) -> dict[str, list[float] | int]:
    """Call until the time is over; every fourth call reads."""
    draw = random.Random(seed)
    waits: list[float] = []
    calls = errors = 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        user = f"user {draw.randrange(USERS)}"
        start = time.perf_counter()
        try:
            if calls % 4 == 3:
                subject.list(user)
            else:
                subject.view(user, draw.sample(range(1, INSIGHTS + 1), 10))
                waits.append(time.perf_counter() - start)
        except Exception as error:  # noqa: BLE001 - counted, and shown
            errors += 1
            print(repr(error), file=sys.stderr)
        calls += 1
    return {"calls": calls, "errors": errors, "waits": waits}


def child(contestant: str, path: str, synchronous: str, threads: int, seed: int, seconds: float) -> None:
    """Be one of the processes: wait for the word, work in so many threads, write what happened beside the database."""
    subject = {"library": Library, "by hand": ByHand}[contestant](path, synchronous)
    subject.list("user 0")
    print("ready", flush=True)
    sys.stdin.readline()
    results: list[dict] = []
    workers = [
        threading.Thread(target=lambda number=number: results.append(work(subject, seed + number, seconds)))
        for number in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    Path(f"{path}.{seed}.json").write_text(json.dumps(results), encoding="utf-8")


def prepare(path: Path) -> None:
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("p")
        query = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "order_placed"}]}
        ids = [project.create(query, name=f"Insight {number}").id for number in range(INSIGHTS)]
        for user in range(USERS):
            project.viewed(f"user {user}", ids[:1])


def run(contestant: str, synchronous: str, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "load.db"
        prepare(path)
        command = [sys.executable, "-m", "bench", "load", "--child", contestant, str(path), synchronous]
        shapes = [(1, 1000 * number) for number in range(PROCESSES)] + [(THREADS, 999_000)]
        children = [
            subprocess.Popen(
                [*command, str(threads), str(seed), str(seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for threads, seed in shapes
        ]
        for process in children:
            assert process.stdout.readline() == "ready\n"
        for process in children:
            process.stdin.write("go\n")
            process.stdin.flush()
        largest = 0
        log = path.with_name(path.name + "-wal")
        while any(process.poll() is None for process in children):
            largest = max(largest, log.stat().st_size if log.exists() else 0)
            time.sleep(0.01)
        results = [
            result for found in path.parent.glob("*.json") for result in json.loads(found.read_text(encoding="utf-8"))
        ]
        waits = sorted(wait for result in results for wait in result["waits"])
        return {
            "calls a second": sum(result["calls"] for result in results) / seconds,
            "errors": sum(result["errors"] for result in results),
            "p50 ms": waits[len(waits) // 2] * 1e3,
            "p99.9 ms": waits[int(len(waits) * 0.999)] * 1e3,
            "longest ms": waits[-1] * 1e3,
            "largest log MB": largest / 1e6,
        }


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--child"]:
        contestant, path, synchronous, threads, seed, seconds = arguments[1:]
        child(contestant, path, synchronous, int(threads), int(seed), float(seconds))
        return
    parser = argparse.ArgumentParser(prog="python -m bench load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    options = parser.parse_args(arguments)
    print(
        f"SQLite {sqlite3.sqlite_version}, synchronous {options.synchronous}, {PROCESSES} processes + {THREADS} threads"
    )
    rates: dict[str, list[float]] = {"by hand": [], "library": []}
    largest = 0.0
    for _ in range(options.rounds):
        for contestant, found in rates.items():
            figures = run(contestant, options.synchronous, options.seconds)
            found.append(figures["calls a second"])
            largest = max(largest, figures["largest log MB"] if contestant == "library" else 0)
            print(f"{contestant:>8}  " + "  ".join(f"{name} {value:,.1f}" for name, value in figures.items()))
    ratio = sum(rates["library"]) / sum(rates["by hand"])
    print(f"library / by hand: {ratio:.2f} (at least 0.8)")
    print(f"largest log of the library: {largest:.1f} MB (at most {LOG_BOUND / 1e6:.1f})")
    sys.exit(ratio < 0.8 or largest * 1e6 > LOG_BOUND)
