"""A child process that was forked goes on with a database as its parent does, or is told why it cannot."""

import gc
import multiprocessing
import os
import sqlite3
import threading
import traceback

import pytest

from insights_core import Insights, StoreClosed
from insights_core.store import _forks, _lane

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


class Child:
    """A forked process that runs `work`, and waits in it where `wait` is called until `go` is."""

    def __init__(self, work):
        told, tell = os.pipe()
        come, call = os.pipe()
        self.id = os.fork()
        if self.id == 0:
            code = 1
            try:
                os.close(call)
                work(lambda: (os.write(tell, b"x"), os.read(come, 1)))
                code = 0
            except BaseException:  # noqa: BLE001 - whatever it is, it must not reach the parent's tests
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(tell)
        os.close(come)
        self._told, self._call = told, call

    def waits(self):
        return os.read(self._told, 1) == b"x"

    def ends_well(self):
        os.close(self._call)
        os.close(self._told)
        return os.waitstatus_to_exitcode(os.waitpid(self.id, 0)[1]) == 0


def test_parent_and_child_go_on_each_by_itself(path):
    with Insights.open(path) as insights, Insights.memory() as memory:
        project = insights.project("1")
        kept = project.create(name="n", user="ann")

        def work(wait):
            wait()
            assert project.viewed("bob", [kept.id]).recorded == (kept.id,)
            assert _lane.inherited == []
            with Insights.open(path) as another:
                another.project("1").viewed("cleo", [kept.id])
            with pytest.raises(StoreClosed, match="in memory"):
                memory.project("1").list()
            insights.close()

        child = Child(work)
        assert child.waits()
        assert project.viewed("ann", [kept.id]).recorded == (kept.id,)
        assert child.ends_well()
        assert [project.my_last_viewed(user)[0].id for user in ("ann", "bob", "cleo")] == [kept.id] * 3
        assert memory.project("1").list() == []


def test_a_fork_while_other_threads_work_leaves_no_child_without_the_database(path):
    """As often as one likes: the threads are between two calls, or the fork waits until they are."""
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("1")
        ids = [project.create(name="n").id for _ in range(20)]
        done = threading.Event()

        def load(user):
            while not done.is_set():
                project.viewed(user, ids)
                project.my_last_viewed(user, 20)
                project.create(name=user)

        threads = [threading.Thread(target=load, args=(f"thread {number}",)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            for number in range(20):

                def work(wait, number=number):
                    for _ in range(3):
                        assert project.viewed(f"child {number}", ids).recorded == tuple(ids)
                    with Insights.open(path) as another:
                        assert another.project("1").viewed(f"child {number}", ids).recorded == tuple(ids)

                assert Child(work).ends_well()
        finally:
            done.set()
            for thread in threads:
                thread.join()
        assert insights.check().problems == ()
        for number in range(20):
            assert len(project.my_last_viewed(f"child {number}", 100)) == 20


def test_the_locks_of_a_child_are_seen_by_its_parent(path):
    """While the child reads, the parent's checkpoint must not take away what it reads."""
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("1")
        ids = [project.create(name=f"n{number}", description="d" * 3000).id for number in range(150)]

        def work(wait):
            lines = insights.export_lines()
            first = [next(lines) for _ in range(5)]
            wait()
            whole = [*first, *lines]
            assert sum('"type": "insight"' in line for line in whole) == 150
            assert not [line for line in whole if '"description": "e' in line]

        child = Child(work)
        assert child.waits()
        for letter in "eee":
            for id_ in ids:
                project.update(id_, description=letter * 1500)
            ((refused, _, _),) = insights._store._connections.lane().rows("PRAGMA wal_checkpoint(TRUNCATE)")
            assert refused == 1
        assert child.ends_well()
        assert insights.check().problems == ()


def refused(path, insights):
    """What a child does that may not use the file: each way to it tells why, and none waits."""

    def work(wait):
        for call in (
            lambda: insights.project("1").list(),
            lambda: insights.project("1").create(name="x"),
            lambda: next(insights.export_lines()),
            lambda: Insights.open(path),
            lambda: Insights.open(path, read_only=True),
        ):
            with pytest.raises(StoreClosed, match="in use when this process was forked"):
                call()
        with Insights.open(path.with_name("another.db")) as another:
            another.project("1").create(name="another file is free")
        insights.close()
        gc.collect()

    return work


def test_an_export_that_stands_open_is_the_parents_alone(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        for number in range(300):
            project.create(name=f"n{number}")
        lines = insights.export_lines()
        begun = [next(lines), next(lines)]

        def work(wait):
            refused(path, insights)(wait)
            with pytest.raises(StoreClosed):
                list(lines)

        assert Child(work).ends_well()
        project.create(name="later")
        assert sum('"type": "insight"' in line for line in [*begun, *lines]) == 300
        assert insights.check().problems == ()
        assert Child(lambda wait: project.create(name="nothing stands open now")).ends_well()


def test_a_call_that_outlasts_the_busy_timeout_keeps_the_child_out(path):
    with Insights.open(path, busy_timeout=0.05) as insights:
        project = insights.project("1")
        inside, go = threading.Event(), threading.Event()

        def hold():
            insights._store._connections.lane().read(lambda connection: (inside.set(), go.wait(60)))

        thread = threading.Thread(target=hold)
        thread.start()
        assert inside.wait(60)
        project.create(name="before")
        assert Child(refused(path, insights)).ends_well()
        go.set()
        thread.join()
        assert project.create(name="after").id == 2
        assert Child(lambda wait: project.create(name="of a child")).ends_well()
        assert len(project.list()) == 3


def test_a_fork_in_the_midst_of_a_call_keeps_the_child_out(path):
    """As a signal handler may: the call that it interrupted goes on in the parent."""
    with Insights.open(path) as insights:
        children = []

        def midst(connection):
            connection.execute("INSERT INTO project (key) VALUES ('midst')")
            children.append(Child(refused(path, insights)).ends_well())

        insights._store._connections.lane().transact(midst)
        assert children == [True]
        with sqlite3.connect(path) as connection:
            assert connection.execute("SELECT key FROM project").fetchall() == [("midst",)]
        connection.close()


def test_a_child_of_a_child_is_told_too(path):
    with Insights.open(path) as insights:
        insights.project("1").create(name="n")
        lines = insights.export_lines()
        next(lines)

        def work(wait):
            assert Child(refused(path, insights)).ends_well()

        assert Child(work).ends_well()
        lines.close()


def count(insights):
    return len(insights.project("1").list())


def test_a_pool_of_forked_processes_shares_a_handle(path):
    with Insights.open(path) as insights:
        insights.project("1").create(name="n")
        context = multiprocessing.get_context("fork")
        counts = context.SimpleQueue()
        processes = [context.Process(target=lambda: counts.put(count(insights))) for _ in range(4)]
        for process in processes:
            process.start()
        assert [counts.get() for _ in processes] == [1] * 4
        for process in processes:
            process.join()


def test_no_lock_is_held_when_a_fork_is_over(path):
    with Insights.open(path) as insights:
        insights.project("1").create(name="n")
        assert Child(lambda wait: None).ends_well()
        assert _forks._held == []
        thread = threading.Thread(target=insights.close)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
