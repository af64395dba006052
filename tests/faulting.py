"""A program whose system calls fail now and then, telling what was acknowledged; the library `faults.c` is preloaded.

Run by tests/test_disk.py: `python faulting.py FOLDER FIRST ROUNDS`. It ends itself by SIGKILL, with every second handle still
open, so that their logs lie there as after a crash.
"""

import contextlib
import ctypes
import json
import os
import random
import signal
import sys
from pathlib import Path

from breaking import failures, work

from insights_core import Insights, StoreError

RATES = (3, 10, 30, 100, 300)
"""One call in so many fails."""


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def opened(path):
    """Return a handle, or None where each of twenty tries met a fault, and how many did."""
    for errors in range(20):
        try:
            return Insights.open(path), errors
        except StoreError as error:
            if "\n" in str(error):
                raise
    return None, 20


def one_round(faults, folder, seed):
    """Return a handle that is to stay open, or None."""
    draw = random.Random(seed)
    path = folder / f"{seed}.db"
    sure = {"names": {}, "viewed": set()}
    if draw.random() < 0.5:
        # The others find a disk that fails from the first call on, where the file is made.
        with Insights.open(path) as insights:
            work(insights.project("p"), "before", sure)
    faults.faults_begin(seed, draw.choice(RATES))
    handle, errors = opened(path)
    for number in range(draw.choice([1, 4, 10]) if handle is not None else 0):
        errors += failures(lambda number=number: work(handle.project("p"), f"during {number}", sure))
    if handle is not None and seed % 2 == 0:
        # What a failing close leaves behind is what the next open finds.
        with contextlib.suppress(StoreError):
            handle.close()
        handle = None
    tell(seed=seed, faults=faults.faults_end(), errors=errors, names=sure["names"], viewed=sorted(sure["viewed"]))
    return handle


def main(folder, first, rounds):
    faults = ctypes.CDLL(None)
    kept = [one_round(faults, folder, seed) for seed in range(first, first + rounds)]
    os.kill(os.getpid(), signal.SIGKILL)
    return kept


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
