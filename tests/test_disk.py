"""System calls that fail at random: what was acknowledged is there, and nothing is there by half."""

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from breaking import agree, work

from insights_core import Insights

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("INSIGHTS_FAULT_ROUNDS", "50"))
IN_A_PROCESS = 10


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The library of faults, built here."""
    configured = shlex.split(sysconfig.get_config_var("CC") or "")[:1]
    compiler = next((found for name in (*configured, "cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if not sys.platform.startswith("linux"):
        pytest.skip("system calls are replaced by LD_PRELOAD, which is Linux's")
    if compiler is None:
        pytest.skip("no C compiler: apt-get install gcc")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, HERE / "faults.c", "-ldl"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return library


@pytest.mark.parametrize("first", range(0, ROUNDS, IN_A_PROCESS))
def test_calls_that_fail_lose_nothing_that_was_acknowledged(tmp_path, shim, first):
    rounds = min(IN_A_PROCESS, ROUNDS - first)
    environment = {**os.environ, "LD_PRELOAD": str(shim), "INSIGHTS_FAULTS_FOLDER": str(tmp_path.resolve())}
    command = [sys.executable, "-X", "faulthandler", HERE / "faulting.py", tmp_path, str(first), str(rounds)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=500, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-3000:]
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [row["seed"] for row in told] == list(range(first, first + rounds))
    met, errors = (sum(row[what] for row in told) for what in ("faults", "errors"))
    assert met, "no call was made to fail"
    print(f"{rounds} rounds, {met} system calls failed, {errors} calls of ours ended in an error")  # noqa: T201 - for -rP
    for row in told:
        sure = {"names": {int(id_): name for id_, name in row["names"].items()}, "viewed": set(row["viewed"])}
        with Insights.open(tmp_path / f"{row['seed']}.db") as insights:
            agree(insights, sure)
            work(insights.project("p"), "after", sure)
            agree(insights, sure)


# The log


CREATES = 20


@pytest.fixture(scope="module")
def died(tmp_path_factory):
    """A database whose second half lies in its log alone."""
    path = tmp_path_factory.mktemp("died") / "died.db"
    ended = subprocess.run(
        [sys.executable, HERE / "losing.py", path, str(CREATES)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    told = ended.stdout.split()
    assert told[-1] == str(CREATES - 1)
    return path, told.index("checkpoint")


def cut(draw, data):
    return data[: draw.randrange(len(data))]


def flipped(draw, data):
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data


def zeroed(draw, data):
    place = draw.randrange(len(data))
    data[place : place + 4096] = bytes(len(data[place : place + 4096]))
    return data


@pytest.mark.parametrize("damage", ["none", "index lost", "lost", "emptied", *[f"{how} {n}" for how in ("cut", "flipped", "zeroed") for n in range(8)]])  # fmt: skip
def test_a_lost_or_damaged_log_costs_the_end_of_what_it_holds(tmp_path, died, damage):
    """What was written since the last checkpoint goes from some moment on; what came before is whole."""
    source, checkpointed = died
    path = tmp_path / "copy.db"
    log = Path(f"{path}-wal")
    shutil.copy(source, path)
    if damage != "lost":
        shutil.copy(f"{source}-wal", log)
    if damage not in ("lost", "index lost"):
        shutil.copy(f"{source}-shm", f"{path}-shm")
    if damage == "emptied":
        log.write_bytes(b"")
    how, _, seed = damage.partition(" ")
    if how in ("cut", "flipped", "zeroed"):
        log.write_bytes(
            {"cut": cut, "flipped": flipped, "zeroed": zeroed}[how](random.Random(seed), bytearray(log.read_bytes()))
        )
    with Insights.open(path) as insights:
        assert insights.check().problems == ()
        project = insights.project("p")
        names = sorted(int(insight.name) for insight in project.list(limit=1000))
        assert names == list(range(len(names))), "a write is there, and an earlier one is not"
        assert len(names) >= checkpointed
        if damage in ("none", "index lost"):
            assert len(names) == CREATES
        if damage in ("lost", "emptied"):
            assert len(names) == checkpointed
        seen = [int(entry.name) for entry in project.my_last_viewed("ann", 1000)]
        assert seen == names[::-1]
        project.create(name=str(len(names)), user="ann")


def test_a_log_that_was_never_taken_is_the_database(tmp_path):
    """Small and new files have everything in the log: without it they are empty, and nobody can see that they were not."""
    path = tmp_path / "new.db"
    insights = Insights.open(path)
    insights.project("p").create(name="all there is")
    shutil.copy(path, tmp_path / "copy.db")
    insights.close()
    with Insights.open(tmp_path / "copy.db") as copy:
        assert (copy.project("p").list(), copy.check().problems) == ([], ())


def test_a_log_beside_another_file_hides_what_that_held(tmp_path):
    """Why a backup is not put under a log that is left: SQLite cannot see that they are no pair."""
    mine, backup = tmp_path / "mine.db", tmp_path / "backup.db"
    insights = Insights.open(mine)
    insights.project("p").create(name="in the log")
    shutil.copy(f"{mine}-wal", tmp_path / "log")
    insights.close()
    with Insights.open(backup) as other:
        for number in range(300):
            other.project("p").create(name=f"in the backup {number}")
    shutil.copy(backup, mine)
    shutil.copy(tmp_path / "log", f"{mine}-wal")
    for _ in range(2):
        with Insights.open(mine) as found:
            assert [insight.name for insight in found.project("p").list(limit=1000)] == ["in the log"]
            assert found.check().problems == ()
    shutil.copy(backup, mine)
    with Insights.open(mine) as found:
        assert len(found.project("p").list(limit=1000)) == 300
