"""Ctrl-C at any moment of a call: no transaction stays open, no lock stays held, and what is told is stored."""

import asyncio
import copy
import gc
import inspect
import multiprocessing
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from insights_core import Insights, StoreBusy, StoreClosed, errors
from insights_core.store._lane import Lane

ROUNDS = int(os.environ.get("INSIGHTS_INTERRUPT_ROUNDS", "300"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def nobody_holds(path):
    """Tell whether another connection gets the write lock at once."""
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


# In a process of its own, with signals at random moments; each exception is kept, as an interactive shell keeps the
# last one, so that nothing is put right by its frames being dropped.
INTERRUPTED = """
import random, signal, sqlite3, sys
from insights_core import Insights
path, rounds = sys.argv[1], int(sys.argv[2])
kept = []
def interrupt(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
draw = random.Random(1)
with Insights.open(path, synchronous="NORMAL") as insights:
    project = insights.project("p")
    first = project.create(name="first", user="ann")
    told = [first.id]
    calls = [
        lambda: told.append(project.create(name="n", user="ann").id),
        lambda: project.update(first.id, description=str(draw.random())),
        lambda: project.viewed("bob", [first.id]),
        lambda: project.viewed("new %s" % draw.random(), [first.id]),
        lambda: project.forget("bob"),
        lambda: project.delete(project.create(name="gone").id),
        lambda: project.list(),
        lambda: list(insights.export_lines()),
    ]
    for number in range(rounds):
        call = draw.choice(calls)
        try:
            signal.setitimer(signal.ITIMER_REAL, draw.uniform(0.0001, 0.004))
            for _ in range(100):  # one that is heard in a finalizer goes no further
                call()
        except KeyboardInterrupt as error:
            kept.append(error)
        signal.setitimer(signal.ITIMER_REAL, 0)
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        if number % 50 == 0:
            at = project.viewed("cleo", [first.id]).viewed_at
            with Insights.open(path, read_only=True) as reader:
                assert reader.project("p").my_last_viewed("cleo")[0].last_viewed_at == at
    assert set(told) <= {insight.id for insight in project.list()}
    assert insights.check().problems == ()
print(len(kept))
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timers")
def test_no_interrupt_leaves_a_transaction_open(path):
    command = [sys.executable, "-c", INTERRUPTED, path, str(ROUNDS)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > ROUNDS // 2


def opcodes(code):
    yield code
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from opcodes(constant)


def signalled_within(call, number):
    """Raise `KeyboardInterrupt` when the lane's code is entered for the nth time, where a signal would be heard."""
    watched = {code for name in ("transact", "_attempt", "_ready", "write", "rows", "read") for code in opcodes(getattr(Lane, name).__code__)}  # fmt: skip
    seen = 0

    def trace(frame, event, argument):
        nonlocal seen
        if event == "call" and frame.f_code in watched:
            seen += 1
            if seen == number:
                raise KeyboardInterrupt

    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.settrace(None)
    return None


@pytest.mark.parametrize("number", range(1, 8))
def test_an_interrupt_at_the_entry_of_each_function_of_a_write(path, number):
    with Insights.open(path) as insights:
        project = insights.project("1")
        kept = project.create(name="n", user="ann")
        for call in (
            lambda: project.create(name="x"),
            lambda: project.viewed("ann", [kept.id]),
            lambda: project.viewed(f"new {number}", [kept.id]),
        ):
            error = signalled_within(call, number)
            assert nobody_holds(path), error
            thread = threading.Thread(target=project.viewed, args=("bob", [kept.id]))
            thread.start()
            thread.join(60)
            assert not thread.is_alive()
        at = project.viewed("ann", [kept.id]).viewed_at
        with Insights.open(path, read_only=True) as reader:
            assert reader.project("1").my_last_viewed("ann")[0].last_viewed_at == at


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, ZeroDivisionError])
def test_whatever_is_raised_in_a_transaction_ends_it(path, kind):
    with Insights.open(path) as insights:
        lane = insights._store._connections.lane()

        def work(connection):
            connection.execute("INSERT INTO project (key) VALUES ('half')")
            raise kind

        with pytest.raises(kind):
            lane.transact(work)
        assert nobody_holds(path)
        assert lane.rows("SELECT * FROM project") == []


def test_a_lane_that_finds_a_transaction_open_rolls_it_back(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        kept = project.create(name="n", user="ann")
        for call in (
            lambda: project.viewed("ann", [kept.id]),
            lambda: project.create(name="x"),
            project.list,
        ):
            insights._store._connections.lane().connection.execute("BEGIN IMMEDIATE")
            call()
            assert nobody_holds(path)
        at = project.my_last_viewed("ann")[0].last_viewed_at
        with Insights.open(path, read_only=True) as reader:
            assert reader.project("1").my_last_viewed("ann")[0].last_viewed_at == at


def test_a_signal_handler_in_the_midst_of_a_write_is_refused_and_may_close(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        lane = insights._store._connections.lane()

        def midst(connection):
            connection.execute("INSERT INTO project (key) VALUES ('midst')")
            for call in (project.list, lambda: project.create(name="x")):
                with pytest.raises(StoreBusy, match="in the midst of a write"):
                    call()

        lane.transact(midst)
        assert lane.rows("SELECT key FROM project") == [("midst",)]

        def closing(connection):
            connection.execute("INSERT INTO project (key) VALUES ('closing')")
            insights.close()
            connection.execute("INSERT INTO project (key) VALUES ('closed')")

        with pytest.raises(StoreClosed):
            lane.transact(closing)
    with Insights.open(path) as insights:
        assert insights._store._connections.lane().rows("SELECT key FROM project") == [("midst",)]


# Snapshots


@pytest.fixture
def filled(path):
    with Insights.open(path, synchronous="NORMAL") as insights:
        for number in range(250):
            insights.project("1").create(name=f"n{number}", user="ann")
        yield insights


def in_thread(call):
    """Return what a call comes to in a thread of its own; a test that hangs fails."""
    found = []

    def run():
        try:
            found.append(call())
        except Exception as error:  # noqa: BLE001 - told to the test
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert found, "it hangs"
    return found[0]


def insights_in(lines):
    return sum('"type": "insight"' in line for line in lines)


def test_each_line_of_an_export_may_be_read_in_another_thread(filled):
    lines = filled.export_lines()
    found = [in_thread(lambda: next(lines)) for _ in range(20)]
    filled.project("1").create(name="meanwhile")
    assert insights_in(found + in_thread(lambda: list(lines))) == 250


def test_an_export_that_was_begun_elsewhere_may_be_dropped_here(filled):
    box = []

    def begin():
        lines = filled.export_lines()
        next(lines)
        next(lines)
        box.append(lines)

    in_thread(begin)
    box.clear()
    gc.collect()
    in_thread(filled.close)


def test_an_export_in_asyncio(filled):
    async def main():
        lines = filled.export_lines()
        found = [await asyncio.to_thread(next, lines, None) for _ in range(30)]
        both = await asyncio.gather(
            asyncio.to_thread(list, lines),
            asyncio.to_thread(list, filled.export_lines()),
            asyncio.to_thread(filled.check),
        )
        assert insights_in(found + both[0]) == insights_in(both[1]) == 250
        assert both[2].problems == ()
        half = filled.export_lines()
        await asyncio.to_thread(next, half)
        await asyncio.wait_for(asyncio.to_thread(filled.close), 60)
        with pytest.raises(StoreClosed):
            await asyncio.to_thread(list, half)

    asyncio.run(main())


def test_closing_ends_the_exports_that_stand_open(filled, path):
    exports = [filled.export_lines() for _ in range(3)]
    for lines in exports:
        next(lines)
    in_thread(filled.close)
    for lines in exports:
        assert isinstance(in_thread(lambda lines=lines: list(lines)), StoreClosed)
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.db"]  # nobody is in its log


# Errors in other processes


def raised(kind):
    """An error of this kind with whatever it takes by keyword."""
    names = [name for name, one in inspect.signature(kind.__init__).parameters.items() if one.kind is one.KEYWORD_ONLY]
    return kind("what was wrong", **{name: f"the {name}" for name in names})


RAISED = [
    raised(kind) for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.InsightsError)
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "carried",
    [*(lambda error, p=p: pickle.loads(pickle.dumps(error, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)), copy.copy],
)
def test_an_error_is_carried_whole(error, carried):
    error.add_note("more")
    found = carried(error)
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert found.args == error.args
    assert vars(found) == vars(error)


def missing(number):
    with Insights.memory() as insights:
        insights.project("1").get(number)


def test_an_error_comes_out_of_a_pool_of_processes():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        with pytest.raises(errors.NotFound, match="no insight 7") as caught:
            pool.apply_async(missing, (7,)).get(timeout=120)
        assert caught.value.insight == 7
