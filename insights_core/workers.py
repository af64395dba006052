"""Processes that share work, and end with the one that they work for, whatever ended it."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import Connection


@contextmanager
def pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Lend a pool of so many processes. They end with the block, at once where it fails, and with this process.

    Each holds the reading end of a pipe whose other end is here alone: the system closes it even after `kill -9`.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Not forked: a program that has threads, or a model in memory, cannot be.
    context = get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(jobs, context, initializer=_tie, initargs=(lifeline,))
    try:
        yield executor
        executor.shutdown()
    finally:
        held.close()  # nobody waits for the work that is under way: it may take minutes
        executor.shutdown(cancel_futures=True)
        lifeline.close()


def _tie(lifeline: Connection) -> None:
    # Ctrl-C reaches every process of a terminal: the one that has the pool decides, and says so once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    # The thread needs the interpreter, which a long match of a pattern does not let go; the system does not.
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        signal.signal(signal.SIGIO, signal.SIG_DFL)  # which is to end
        # Opened anew, since all workers share what they were given, and of that one alone would be told. Linux has it.
        descriptor = os.open(f"/proc/self/fd/{lifeline.fileno()}", os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def _watch(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()  # nothing is ever sent
    os._exit(1)
