"""Many writers on one file: no error, nothing lost, and a reader that stands still stops nobody."""

import json
import sqlite3
import subprocess
import sys
import threading

from insights_core import Insights
from insights_core.store import _lane

WORK = """
import json, random, sys, threading
from insights_core import Insights
path, seed, threads, turns = sys.argv[1], *map(int, sys.argv[2:])
told = []
with Insights.open(path, synchronous="NORMAL", busy_timeout=60) as insights:
    project = insights.project("p")
    print("ready", flush=True)
    sys.stdin.readline()
    def work(number):
        draw = random.Random(number)
        for turn in range(turns):
            user = f"user {draw.randrange(3)}"
            if turn % 4 == 3:
                project.my_last_viewed(user)
            elif turn % 10 == 2:
                told.append(["create", project.create(name=f"{number} {turn}", user=user).id, user, ""])
            else:
                receipt = project.viewed(user, draw.sample(range(1, 51), 10))
                told.extend(["view", id_, user, str(receipt.viewed_at)] for id_ in receipt.recorded)
    workers = [threading.Thread(target=work, args=(seed + number,)) for number in range(threads)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
print(json.dumps(told))
"""


def test_eight_processes_and_eight_threads_lose_nothing(tmp_path):
    path = tmp_path / "load.db"
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("p")
        for number in range(50):
            project.create(name=f"n {number}")
    shapes = [(1000 * number, 1) for number in range(8)] + [(99_000, 8)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, path, str(seed), str(threads), "40"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed, threads in shapes
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    results = []
    readers = [
        threading.Thread(target=lambda process=process: results.append(process.communicate("go\n")))
        for process in processes
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(120)
    assert [error for _, error in results] == [""] * len(processes)
    told = [line for output, _ in results for line in json.loads(output)]
    with Insights.open(path) as insights:
        assert insights.check().problems == ()
        project = insights.project("p")
        seen = {
            user: {e.id: str(e.last_viewed_at) for e in project.my_last_viewed(user, 10_000)}
            for user in ("user 0", "user 1", "user 2")
        }
        for _, id_, user, at in told:
            assert seen[user][id_] >= at
        for views in seen.values():
            moments = sorted(set(views.values()))
            assert moments
        assert len(project.list()) == 50 + sum(what == "create" for what, *_ in told)
        # Each call of a user had a moment of its own, whichever process it came from.
        calls = {}
        for what, id_, user, at in told:
            if what == "view":
                calls.setdefault((user, at), set()).add(id_)
        assert all(len(ids) == 10 for ids in calls.values())


def test_a_reader_that_stands_still_stops_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(_lane, "CUT_FROM", 100_000)
    path = tmp_path / "a.db"
    with Insights.open(path, synchronous="NORMAL", busy_timeout=0) as insights:
        project = insights.project("p")
        ids = [project.create(name="n").id for _ in range(20)]
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        (before,) = reader.execute("SELECT count(*) FROM view").fetchone()
        for _ in range(400):
            assert project.viewed("ann", ids).moved == tuple(ids)
        assert reader.execute("SELECT count(*) FROM view").fetchone() == (before,)
        reader.execute("COMMIT")
        reader.close()


def test_the_log_is_cut_back_where_nobody_stands_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr(_lane, "CUT_FROM", 100_000)
    path = tmp_path / "a.db"
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("p")
        # Without SQLite's own checkpoints, which would hide ours.
        insights._store._connections.lane().connection.execute("PRAGMA wal_autocheckpoint = 0")
        ids = [project.create(name="n").id for _ in range(20)]
        sizes = []
        for _ in range(400):
            project.viewed("ann", ids)
            sizes.append((tmp_path / "a.db-wal").stat().st_size)
        assert max(sizes) < 100_000 + 2 * 16 * 60_000
        assert min(sizes[200:]) < 100_000
