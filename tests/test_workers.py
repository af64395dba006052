"""Processes that share work end with the one that they work for, whatever ended it and whatever they do."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from insights_core.workers import pool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors are POSIX")

PROGRAM = """
import os, re, sys, time
from insights_core.workers import pool

def busy(kind, pipe):
    with open(pipe, "w") as out:  # held open as long as this process lives
        out.write("ready")
        out.flush()
        if kind == "sleeping":
            time.sleep(1000)
        re.match("(a*)*b", "a" * 1000)  # holds the interpreter for ever

if __name__ == "__main__":
    with pool(2) as processes:
        for pipe in sys.argv[2:]:
            processes.submit(busy, sys.argv[1], pipe)
        sys.stdin.read()
        if sys.argv[1] == "sleeping":
            raise KeyError("of the block")
"""


@pytest.mark.parametrize("kind", ["sleeping", "matching"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, None])
def test_workers_end_with_their_parent(tmp_path, kind, number):
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    pipes = [tmp_path / "one", tmp_path / "two"]
    for pipe in pipes:
        os.mkfifo(pipe)
    command = [sys.executable, script, kind if number else "sleeping", *pipes]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        opened = [pipe.open("rb", buffering=0) for pipe in pipes]
        for pipe in opened:
            assert pipe.read(5) == b"ready"
        if number is None:
            parent.stdin.close()
            parent.wait(30)
            assert b"of the block" in parent.stderr.read()
        else:
            parent.send_signal(number)
        # The end of the pipe comes when whoever wrote is gone; an orphan would keep it open for ever.
        for pipe in opened:
            assert pipe.read(1) == b""
            pipe.close()


def test_work_is_done_to_its_end():
    with pool(2) as processes:
        assert list(processes.map(abs, range(-5, 5))) == [5, 4, 3, 2, 1, 0, 1, 2, 3, 4]


def test_a_pool_that_is_given_up_waits_for_nobody():
    def give_up():
        with pool(1) as processes:
            processes.submit(time.sleep, 1_000)
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
