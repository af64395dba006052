"""What the store costs beside hand-written SQLite and beside its peers, in one run, as ratios.

Warm page cache; the contestants take turns in an order that rotates. `limit` is the best that the standard module can
do by hand on the same file: the rows alone, or as dicts with parsed JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import _contestants as c

BATCHES = (1, 100, 1_000, 10_000)
ODD = 1_000_000  # views, a tenth of them of each user, where the newest are deleted or all of one moment
LARGEST_FOR_PEERS = 1_000_000  # filling the peers takes minutes above it
Times = dict[str, dict[str, list[float]]]


class Report:
    """Seconds of each call, by operation and contestant."""

    def __init__(self) -> None:
        self.times: dict[int, Times] = {}

    def median(self, size: int, operation: str, contestant: str) -> float | None:
        taken = self.times.get(size, {}).get(operation, {}).get(contestant)
        return statistics.median(taken) if taken else None

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"views": size, "operation": operation, "contestant": contestant, **figures(taken)}
            for size, operations in self.times.items()
            for operation, contestants in operations.items()
            for contestant, taken in contestants.items()
        ]


def figures(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {
        "mean_us": statistics.fmean(ordered) * 1e6,
        "p50_us": ordered[len(ordered) // 2] * 1e6,
        "p99_us": ordered[int(len(ordered) * 0.99)] * 1e6,
    }


def take_turns(contestants: dict[str, Callable[[], Any]], rounds: int, calls: int) -> dict[str, list[float]]:
    """Time each contestant `calls` times in each round, the order rotating from round to round."""
    names = list(contestants)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        contestants[name]()
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            call = contestants[name]
            for _ in range(calls):
                start = time.perf_counter()
                call()
                taken[name].append(time.perf_counter() - start)
    return taken


def measure(folder: Path, size: int, each: int, djangos: list[str], effort: float) -> Times:
    """Measure all operations at one size, with at most `each` views a user."""
    insights, users = c.shape(size, each)
    path = folder / f"{size}.db"
    c.prepare(path, insights, users)
    for alias in djangos:
        from bench import _django

        _django.fill(alias, insights, users, c.QUERY)
    subjects: dict[str, Any] = {
        "limit, rows": c.Limit(path, "FULL", parsed=False),
        "limit, parsed": c.Limit(path, "FULL", parsed=True),
        "us": c.Library(path, "FULL"),
        "us, NORMAL": c.Library(path, "NORMAL"),
        "SQLAlchemy": c.SQLAlchemy(path),
        "sqlite-utils": c.SqliteUtils(path),
        **{f"Django, {'SQLite' if alias == 'default' else 'PostgreSQL'}": c.Django(alias) for alias in djangos},
    }
    times: Times = {
        "recent": take_turns({name: subject.recent for name, subject in subjects.items()}, 20, int(15 * effort) or 1)
    }
    draw = random.Random(7)
    for batch in BATCHES:
        if batch <= insights:
            ids = draw.sample(range(1, insights + 1), batch)
            calls = {name: (lambda subject=subject, ids=ids: subject.viewed(ids)) for name, subject in subjects.items()}
            # A median of fewer than forty calls swings by a fifth from run to run.
            times[f"viewed {batch:,}"] = take_turns(
                calls, 8, int(20 * effort / (1 + batch // 100)) or int(5 * effort) or 1
            )
    for subject in subjects.values():
        subject.close()
    for alias in djangos:
        _django.empty(alias)
    if size == ODD:
        times |= measure_odd(folder)
    for file in folder.glob(f"{size}.db*"):
        file.unlink()
    return times


def measure_odd(folder: Path) -> Times:
    """Measure the list of a user whose 100,000 views begin with deleted ones, or are all of one moment."""
    plain = c.Library(prepared(folder / "plain.db"), "FULL")
    times: Times = {}
    for name, options in {
        "recent, 20,000 deleted": {"deleted": 20_000},
        "recent, 100,000 equal": {"equal": True},
    }.items():
        subject = c.Library(prepared(folder / "odd.db", **options), "FULL")
        times[name] = take_turns({"us": subject.recent, "us, plain": plain.recent}, 20, 20)
        subject.close()
        for file in folder.glob("odd.db*"):
            file.unlink()
    plain.close()
    return times


def prepared(path: Path, **options: Any) -> Path:
    c.prepare(path, *c.shape(ODD, ODD // 10), **options)
    return path


# (operation, contestant in front, contestant behind, "at most" or "at least", ratio, at which size)
TARGETS = (
    ("recent", "us", "limit, parsed", "at most", 1.5),
    ("recent", "Django, PostgreSQL", "us", "at least", 20.0),
    ("recent, 20,000 deleted", "us", "us, plain", "at most", 1.2),
    ("recent, 100,000 equal", "us", "us, plain", "at most", 1.2),
    ("viewed 1", "us", "limit, rows", "at most", 1.5),
    ("viewed 100", "us", "limit, rows", "at most", 1.25),
    ("viewed 1,000", "us", "limit, rows", "at most", 1.25),
    ("viewed 10,000", "us", "limit, rows", "at most", 1.25),
    ("viewed 1", "Django, PostgreSQL", "us", "at least", 5.0),
    ("viewed 100", "Django, PostgreSQL", "us", "at least", 7.0),
    ("viewed 1,000", "Django, PostgreSQL", "us", "at least", 12.0),
    ("viewed 10,000", "Django, PostgreSQL", "us", "at least", 12.0),
)


def show(report: Report, size: int) -> None:
    print(f"\n{size:,} views")
    for operation, contestants in report.times[size].items():
        print(f"  {operation}")
        for name, taken in contestants.items():
            shown = figures(taken)
            print(
                f"    {name:<20} mean {shown['mean_us']:10,.1f}  p50 {shown['p50_us']:10,.1f}  p99 {shown['p99_us']:10,.1f} us"
            )


def judge(report: Report) -> bool:
    """Print the targets at the largest common size, and return whether one was missed.

    By medians: at full durability the disk's slow moments, a hundred times the rest, fall on whom they like.
    """
    missed = False
    size = max(size for size in report.times if size <= 1_000_000)
    print(f"\nTargets at {size:,} views")
    for operation, front, behind, bound, ratio in TARGETS:
        above, below = report.median(size, operation, front), report.median(size, operation, behind)
        if above is None or below is None:
            print(f"  not measured: {operation}: {front} / {behind}")
            continue
        reached = above / below <= ratio if bound == "at most" else above / below >= ratio
        missed |= not reached
        print(
            f"  {'reached' if reached else 'MISSED ':<8} {operation}: {front} / {behind} = {above / below:.2f}, {bound} {ratio}"
        )
    sizes = sorted(report.times)
    first, last = report.median(sizes[0], "recent", "us"), report.median(sizes[-1], "recent", "us")
    if first and last:
        print(f"  recent: {sizes[-1]:,} views / {sizes[0]:,} views = {last / first:.2f} (at 10,000,000 at most 1.3)")
    return missed


def plot(report: Report, file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panes = pyplot.subplots(1, 2, figsize=(12, 5))
    for pane, operation in zip(panes, ("recent", "viewed 100"), strict=True):
        names = dict.fromkeys(name for operations in report.times.values() for name in operations.get(operation, {}))
        for name in names:
            points = [(size, median * 1e6) for size in report.times if (median := report.median(size, operation, name))]
            pane.plot(*zip(*points, strict=True), marker="o", label=name)
        pane.set(title=operation, xscale="log", yscale="log", xlabel="views", ylabel="median, microseconds")
        pane.grid(alpha=0.3)
    panes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench store", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 and 100,000 views, fewer calls")
    parser.add_argument("--large", action="store_true", help="10,000,000 views too")
    parser.add_argument("--each", type=int, default=10_000, help="views of each user at most (default: 10,000)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    options = parser.parse_args(arguments)
    sizes = [1_000, 100_000] if options.quick else [1_000, 100_000, 1_000_000] + [10_000_000] * options.large
    print(
        f"{platform.platform()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    report = Report()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-store-")))
        djangos: list[str] = []
        if importlib.util.find_spec("django") is None:
            print("not measured: Django is not installed (pip install -e '.[bench]')")
        else:
            from bench import _django

            port = stack.enter_context(c.postgresql())
            if isinstance(port, str):
                print(f"not measured: {port}")
            _django.configure(folder, port if isinstance(port, int) else None)
            djangos = ["default"] + ["postgresql"] * isinstance(port, int)
        for size in sizes:
            report.times[size] = measure(
                folder,
                size,
                options.each,
                djangos if size <= LARGEST_FOR_PEERS else [],
                0.3 if options.quick else 1.0,
            )
            show(report, size)
        if djangos:
            for alias in djangos:
                _django.close(alias)
    missed = judge(report)
    if options.json:
        options.json.write_text(json.dumps(report.to_json(), indent=1), encoding="utf-8")
    if options.plot:
        plot(report, options.plot)
    sys.exit(missed and not options.quick)
