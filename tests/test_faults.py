"""Full disks, damaged files, files that go away: an error or a right answer, and the handle goes on once it is over."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from insights_core import Insights, StoreError, StoreUnusable

DAMAGING = Path(__file__).parent / "damaging.py"
BREAKING = Path(__file__).parent / "breaking.py"
ROUNDS = int(os.environ.get("INSIGHTS_DAMAGE_ROUNDS", "150"))


def fill(path):
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("p")
        for number in range(1, 201):
            query = {
                "kind": "TrendsQuery",
                "series": [{"event": f"event {number}"}],
                "filler": "x" * (number * 7 % 900),
            }
            project.create(query, name=f"Insight {number}", tags=[f"tag {number % 5}"], user=f"user {number % 7}")
        project.viewed("ann", range(1, 120))


def damaged_rounds(good, folder, seed, rounds):
    command = [sys.executable, "-X", "faulthandler", DAMAGING, good, folder, str(seed), str(rounds)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=500, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_damaged_file_gives_an_error_or_a_right_answer(tmp_path):
    good = tmp_path / "good.db"
    fill(good)
    sys.path.insert(0, str(DAMAGING.parent))
    from damaging import outcomes

    copy = tmp_path / "copy.db"
    copy.write_bytes(good.read_bytes())
    right = json.loads(json.dumps(outcomes(copy)))
    wrong = []
    for row in damaged_rounds(good, tmp_path, 1, ROUNDS):
        found = row["found"]
        told = "open" in found or isinstance(found["check"], dict) or bool(found["check"])
        for name, answer in found.items():
            is_error = isinstance(answer, dict) and "error" in answer
            # A flip inside a text is a text like another: nobody can tell. What it must not do is pass for more.
            if not is_error and name in ("recent", "trending", "list") and len(answer) != len(right[name]) and not told:
                wrong.append((row["round"], row["damage"], name))
            if is_error:
                if answer["error"] == "NotFound" and not told:
                    wrong.append((row["round"], row["damage"], name))
                assert "\n" not in answer["said"]
    assert wrong == []


@pytest.mark.parametrize("fault", ["read", "write", "short write", "flush"])
def test_a_disk_that_breaks_loses_nothing_that_was_acknowledged(tmp_path, fault):
    """Through SQLite's VFS: from some operation on the disk fails for good, then it is well again."""
    result = subprocess.run(
        [sys.executable, BREAKING, tmp_path, fault, str(max(20, ROUNDS // 5))],
        capture_output=True,
        encoding="utf-8",
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert int(result.stdout) > 10, "the fault was hardly met"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with room for one MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("this system has no command to mount a file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_small_disk_that_is_full_is_survived(small_disk):
    path = small_disk / "a.db"
    with Insights.open(path) as insights:
        project = insights.project("p")
        kept = []

        def fill_up():
            while True:
                kept.append(project.create({"kind": "x", "filler": "y" * 20_000}, name="big", user="ann").id)

        with pytest.raises(StoreError, match="disk is full"):
            fill_up()
        assert len(kept) > 5
        assert [insight.id for insight in project.my_last_viewed("ann", 100)] == kept[::-1]
        with pytest.raises(StoreError):
            insights.backup(small_disk / "copy.db")
        assert sorted(file.name for file in small_disk.iterdir()) == ["a.db", "a.db-shm", "a.db-wal"]
        subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
        kept.append(project.create({"kind": "x", "filler": "y" * 20_000}, name="room again", user="ann").id)
        assert insights.check().problems == ()
    with Insights.open(path) as insights:
        assert [insight.id for insight in insights.project("p").my_last_viewed("ann", 100)] == kept[::-1]


def test_a_full_disk_is_survived(tmp_path):
    """In a child: RLIMIT_FSIZE stops real files of the real system from growing, as a full disk does."""
    pytest.importorskip("resource", reason="RLIMIT_FSIZE is POSIX")
    code = """
import resource, signal, sys
from insights_core import Insights, StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = sys.argv[1]
with Insights.open(path) as insights:
    project = insights.project("p")
    kept = [project.create(name=f"n {n}", user="ann").id for n in range(20)]
    before = list(insights.export_lines())
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, resource.RLIM_INFINITY))
    errors = 0
    for turn in range(30):
        try:
            project.create({"kind": "x", "filler": "y" * 50_000}, name="big", user="ann")
        except StoreError as error:
            errors += 1
            assert chr(10) not in str(error)
    assert errors, "the limit was never met"
    stored = len(project.list())
    assert stored == 20 + 30 - errors
    assert len(project.my_last_viewed("ann", 100)) == stored
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert project.create(name="room again", user="ann").id
    assert project.viewed("ann", kept).recorded == tuple(kept)
    assert insights.check().problems == ()
with Insights.open(path) as insights:
    assert insights.check().problems == ()
    assert len(insights.project("p").list()) == stored + 1
"""
    result = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.db"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_a_file_moved_away_never_gives_a_wrong_list(tmp_path):
    path = tmp_path / "a.db"
    with Insights.open(path) as insights:
        project = insights.project("p")
        kept = project.create(name="n", user="ann")
        if sys.platform != "win32":  # there, a file in use cannot be moved at all
            path.rename(tmp_path / "moved.db")
            with contextlib.suppress(StoreError):  # either is right: the old list, or an error
                assert [insight.id for insight in project.list()] == [kept.id]
                project.viewed("ann", [kept.id])


def without(path, kind, name):
    fill(path)
    connection = sqlite3.connect(path)
    connection.execute(f"DROP {kind} {name}")
    connection.close()


def read(path):
    with Insights.open(path) as insights:
        project = insights.project("p")
        return [len(answer) for answer in (project.list(), project.my_last_viewed("ann", 200), project.trending())]


@pytest.mark.parametrize("table", ["view", "insight", "viewer"])
def test_a_table_that_somebody_dropped_is_an_error(tmp_path, table):
    without(tmp_path / "a.db", "TABLE", table)
    with pytest.raises(StoreError) as told:
        read(tmp_path / "a.db")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("index", ["view_recent", "insight_kept", "view_insight"])
def test_an_index_that_somebody_dropped_is_told_by_check_and_wrongs_no_list(tmp_path, index):
    path = tmp_path / "a.db"
    without(path, "INDEX", index)
    assert read(path) == [200, 119, 10]
    with Insights.open(path) as insights:
        (problem,) = insights.check().problems
    assert problem.startswith(f"the index {index} is missing: ")


def test_bytes_where_a_text_should_be_are_damage(tmp_path):
    path = tmp_path / "a.db"
    fill(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name = 'insight'")
    connection.commit()
    connection.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE insight SET name = x'ff' WHERE id = 100")
    connection.commit()
    connection.close()
    with Insights.open(path) as insights:
        project = insights.project("p")
        for reading in (lambda: project.get(100), project.list, lambda: list(insights.export_lines())):
            with pytest.raises(StoreUnusable, match="bytes stand where"):
                reading()
        assert project.get(99).name == "Insight 99"


def test_a_short_write_ahead_log_loses_the_tail_and_nothing_else(tmp_path):
    path = tmp_path / "a.db"
    with Insights.open(path) as insights:
        project = insights.project("p")
        for number in range(50):
            project.create(name=f"n {number}", user="ann")
        log = (tmp_path / "a.db-wal").read_bytes()
        data = path.read_bytes()
    assert len(log) > 10_000
    for length in (0, 31, 32, 5_000, len(log) // 2, len(log) - 1):
        copy = tmp_path / f"cut {length}.db"
        copy.write_bytes(data)
        Path(f"{copy}-wal").write_bytes(log[:length])
        try:
            with Insights.open(copy) as insights:
                assert insights.check().problems == ()
                names = [insight.name for insight in reversed(insights.project("p").list())]
                assert names == [f"n {number}" for number in range(len(names))]
        except StoreUnusable as error:
            pytest.fail(f"a log cut at {length} ended in {error}")
