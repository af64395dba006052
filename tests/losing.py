"""Makes a database whose newest writes lie in its log alone, and dies with it: `python losing.py DATABASE CREATES`.

Prints a line for each call that returned, then `left` before the writes that no checkpoint takes.
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path

from insights_core import Insights


def main(path, creates):
    insights = Insights.open(path)
    project = insights.project("p")
    for number in range(creates):
        project.create({"kind": "x"}, name=f"{number}", user="ann")
        sys.stdout.write(f"{number}\n")
        if number == creates // 2:
            # What a busy program's log does by itself every thousand pages.
            with sqlite3.connect(path) as other:
                other.execute("PRAGMA wal_checkpoint(PASSIVE)")
            other.close()
            sys.stdout.write("checkpoint\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
