"""A connection to SQLite and the lock that is held while it works.

Every call to SQLite goes through a lane: `rows` and `write` for one statement, `read` and `transact` for several.

Python runs the handler of a signal between two of its instructions, and Ctrl-C raises there. Three places are safe: the
entry and the exit of `with lock` (the lock is written in C), and a `finally` that calls nothing written in Python before
it has done its work. A context manager written in Python is not: an exception can come between its `__enter__` and the
block, and before the first line of its `__exit__`. So what is to be done inside is handed in as a function.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from insights_core.errors import StoreBusy, StoreClosed
from insights_core.wanted import unwanted

from ._failures import SQLITE_FAILURES, is_busy, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from insights_core.errors import StoreError

    Values = Mapping[str, Any] | Sequence[Any]
    Row = tuple[Any, ...]

T = TypeVar("T")

LOG_BOUND: Final = 32 * 2**20
"""Bytes that the write-ahead log is meant to stay within, except while a reader stands still: it is cut back from `CUT_FROM`
on, and many writers add to it until one of them has got the moment to do so. `bench.load` judges it."""
CUT_FROM: Final = 12 * 2**20
_WRITES_BETWEEN_LOOKS: Final = 16
_LONGEST_NAP: Final = 0.07
_BUSY_MILLISECONDS: Final = 2
_CHECKPOINT_MILLISECONDS: Final = 250
_ATTEMPTS: Final = 8
_NOT_TRIED: Final = -1

CLOSED: Final = "the store is closed: open it again"
IN_MEMORY: Final = "a store in memory belongs to the process that made it: open one of your own after a fork"
CARRIED: Final = (
    "the database {path} was in use when this process was forked (a call that ran on, or an export that was not read to "
    "its end), and SQLite takes its parent's locks for its own here: fork at another moment, or start the child by spawn"
)

# What a child process inherits by fork is kept here for good: closing it, which the garbage collector would do, removes
# the write-ahead log under the parent's feet.
inherited: list[sqlite3.Connection] = []


class Lane:
    """A connection, opened when it is first needed, and its lock; safe from any thread."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_connect",
        "_connection",
        "_inspect",
        "_look_again_at",
        "_patience",
        "_standing",
        "_transacting",
        "_writes",
        "lock",
        "path",
        "process",
    )

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        path: Path | None,
        patience: float,
        inspect: Callable[[sqlite3.Connection | None], None],
    ) -> None:
        """Make a lane.

        Args:
            connect: Opens a connection.
            path: The file, or None in memory.
            patience: For how many seconds another writer is waited for.
            inspect: Called before something is written, with the connection in each transaction and with None before a
                statement that is a transaction of its own: raises what speaks against it.
        """
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._inspect = inspect
        self.path = path
        self.process = os.getpid()
        """The one that has opened the connection."""
        self.lock = threading.RLock()
        self._closed = False
        self._transacting = False
        self._standing = False
        self._patience = patience
        self._writes = 0
        self._look_again_at = CUT_FROM
        self._connection = connect()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, opened where it is not; nothing keeps others from using it meanwhile."""
        connection = self._connection
        if self._closed:
            raise StoreClosed(CLOSED)
        if connection is None:
            # Closed for a fork: see `_forks`.
            self.process = os.getpid()
            connection = self._connection = self._connect()
        elif self.process != os.getpid():
            raise StoreClosed(IN_MEMORY if self.path is None else CARRIED.format(path=self.path))
        return connection

    def _ready(self) -> sqlite3.Connection:
        connection = self._connection
        if connection is None or self._closed or self.process != os.getpid():
            connection = self.connection
        if connection.in_transaction and not self._standing:
            if self._transacting:
                raise StoreBusy("this thread is in the midst of a write: a signal handler cannot use the store here")
            connection.execute("ROLLBACK")  # whoever left it open was told nothing of it
        return connection

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns, which nobody else's call on this connection comes between."""
        try:
            with self.lock:
                return work(self._ready())
        except SQLITE_FAILURES as error:
            raise self._told(error) from error

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        """Run one statement to its end and return its rows; other writers are waited for."""
        try:
            with self.lock:
                return self._ready().execute(statement, values).fetchall()
        except SQLITE_FAILURES as error:
            if not is_busy(error):
                raise self._told(error) from error
        return self._insist(lambda connection: connection.execute(statement, values).fetchall())

    def write(self, statement: str, values: Values) -> list[Row]:
        """Run one writing statement as a transaction of its own and return its rows."""
        self._inspect(None)
        rows = self.rows(statement, values)
        self._bound_log()
        return rows

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns, with the write lock held from the start: committed, or on any error rolled back.

        `work` is called again where another writer came between. A deferred transaction that reads first and then writes
        would get "database is locked" at once, whatever the timeout.
        """
        try:
            with self.lock:
                value = self._attempt(self._ready(), work)
        except SQLITE_FAILURES as error:
            if not is_busy(error):
                raise self._told(error) from error
            value = self._insist(lambda connection: self._attempt(connection, work))
        self._bound_log()
        return value

    def _attempt(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._transacting = True
            connection.execute("BEGIN IMMEDIATE")
            self._inspect(connection)
            value = work(connection)
            connection.execute("COMMIT")
            return value
        finally:
            # After a full or broken disk SQLite has rolled back by itself; otherwise the transaction is still open.
            self._transacting = False
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock in a block; for whoever closes the lane when the block fails. Others take `transact`."""
        try:
            self.rows("BEGIN IMMEDIATE")
            with self.lock:
                self._transacting = True
                connection = self.connection
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    self._transacting = False
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        except SQLITE_FAILURES as error:
            raise self._told(error) from error

    def stand(self) -> None:
        """Begin to read as of one moment, until the lane is closed; only `rows` and `read` are for it."""
        with self.lock:
            self._standing = True
        self.rows("BEGIN")
        self.rows("SELECT 1 FROM project LIMIT 1")  # the moment is that of the first reading

    def _insist(self, attempt: Callable[[sqlite3.Connection], T]) -> T:
        # SQLite's own busy handler sleeps ever longer, up to 100 ms, so that a writer who came late and wakes often
        # starves the one who waits longest. Short sleeps of random length give everybody the same chance. Nobody holds
        # the lock meanwhile: a fork need not wait for it.
        from random import random

        until = time.monotonic() + self._patience
        while True:
            time.sleep((0.3 + 0.7 * random()) * _LONGEST_NAP)  # noqa: S311 - no secret
            try:
                with self.lock:
                    return attempt(self._ready())
            except SQLITE_FAILURES as error:
                if not is_busy(error) or time.monotonic() > until or unwanted():
                    raise self._told(error) from error

    def _told(self, error: Exception) -> StoreError:
        return StoreClosed(CLOSED) if self._closed else translated(error, self.path)

    def _bound_log(self) -> None:
        # SQLite starts the log anew only when nobody is in it, which under steady load may never be. A checkpoint that
        # asks for it outright keeps writers out while it waits for the readers to leave: a moment, and where one stands
        # still not again before the log has doubled.
        self._writes += 1
        if self.path is None or self._writes % _WRITES_BETWEEN_LOOKS:
            return
        with suppress(OSError):
            size = Path(f"{self.path}-wal").stat().st_size
            if size <= CUT_FROM:
                self._look_again_at = CUT_FROM
            if size <= self._look_again_at:
                return
            with self.lock, suppress(sqlite3.OperationalError):
                connection = self._ready()
                connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
                try:
                    failed, pages = self._cut_log(connection)
                finally:
                    waiting_briefly(connection)
                if pages == _NOT_TRIED:
                    self._writes -= 1  # look again after the next write
                else:
                    self._look_again_at = 2 * size if failed else CUT_FROM

    def _cut_log(self, connection: sqlite3.Connection) -> tuple[bool, int]:
        # Another's checkpoint, which each commit to a long log begins, turns this one away at once: no timeout helps.
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_BUSY_MILLISECONDS / 1000)
            ((failed, pages, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if pages != _NOT_TRIED:
                break
        return bool(failed), pages

    @property
    def idle(self) -> bool:
        """Whether nothing is open that ends with the connection; to be asked by whoever holds the lock."""
        connection = self._connection
        return connection is None or not (self._transacting or self._standing or connection.in_transaction)

    @property
    def is_inherited(self) -> bool:
        """Whether the connection is another process's."""
        return self._connection is not None and self.process != os.getpid()

    def rest(self) -> None:
        """Close the connection until it is needed again; to be called by whoever holds the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*SQLITE_FAILURES):
                connection.close()

    def close(self) -> None:
        """Close the connection once its running call has ended."""
        if self.is_inherited:
            self._closed = True
            return
        with self.lock:
            self._closed = True
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def __del__(self, *, process_id: Callable[[], int] = os.getpid, kept: list[sqlite3.Connection] = inherited) -> None:
        # A thread has ended, or a child process drops what belongs to its parent's threads. Or the interpreter ends, and
        # this module is emptied already: what is needed then has to be held by the function itself.
        connection = getattr(self, "_connection", None)  # none where it could not be opened
        if connection is None:
            return
        if self.process == process_id():
            connection.close()
        else:
            kept.append(connection)


def waiting_briefly(connection: sqlite3.Connection) -> None:
    """Leave all but the first moment of waiting for other writers to the lane. Last: the pragmas before it may wait."""
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
