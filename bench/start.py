"""What it costs to start: whole processes, each as a ratio to the bare import that it cannot do without.

The contestants take turns, so that a slow moment of the machine falls on all of them; the figure is the median.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

QUERY = Path(__file__).parent.parent / "examples" / "pageviews-by-browser.json"


def contestants() -> dict[str, list[str]]:
    insights = shutil.which("insights", path=str(Path(sys.executable).parent)) or "insights"
    return {
        "import click": [sys.executable, "-c", "import click"],
        "insights --help": [insights, "--help"],
        "insights name QUERY": [insights, "name", str(QUERY)],
        "import pluggy": [sys.executable, "-c", "import pluggy"],
        "import insights_core": [sys.executable, "-c", "import insights_core"],
    }


# (what, measured against, the ratio that it must not pass)
LIMITS = (
    ("insights --help", "import click", 1.6),
    ("insights name QUERY", "import click", 3.0),
    ("import insights_core", "import pluggy", 1.5),
)


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench start", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args(arguments).rounds
    commands = contestants()
    for command in commands.values():
        seconds(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, median of {rounds} processes")
    failed = False
    for what, base, limit in LIMITS:
        ratio = medians[what] / medians[base]
        failed |= ratio > limit
        print(
            f"{what:<22} {medians[what] * 1e3:6.1f} ms = {ratio:4.2f} x {base} ({medians[base] * 1e3:.1f} ms), at most {limit}"
        )
    sys.exit(failed)
