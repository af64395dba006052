"""SQLite connections: one for each thread and process, opened on demand, closed with the store.

Every call to SQLite goes through a lane: `lane.rows` and `lane.write` for one statement, `with lane.writing() as
connection` for a write of several. A lane is a connection and the lock that lets `close()` wait for a running call.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from insights_core.errors import InvalidInput, StoreBusy, StoreClosed, StoreError, StoreUnusable
from insights_core.files import is_name
from insights_core.wanted import unwanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

Synchronous = Literal["FULL", "NORMAL"]

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
_STEPS_BETWEEN_LOOKS: Final = 20_000
"""Of SQLite's own machine, about a millisecond: how often a statement looks whether anybody still waits for it."""

OLDEST_SQLITE: Final = (3, 37, 0)  # STRICT tables came with 3.37

# What a child process inherits by fork is kept here for good: closing it, which the garbage collector would do, removes
# the write-ahead log under the parent's feet.
_inherited: list[sqlite3.Connection] = []

_CLOSED: Final = "the store is closed: open it again"

_UNUSABLE: Final = {
    sqlite3.SQLITE_CORRUPT: "is damaged: run `insights check`, or restore a backup",
    sqlite3.SQLITE_NOTADB: "is no SQLite database: choose another path",
    sqlite3.SQLITE_READONLY: "cannot be written: it was opened read-only, or its permissions or its folder's forbid it",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "cannot be opened: check its permissions",
}


SQLITE_FAILURES: Final = (sqlite3.Error, UnicodeDecodeError)
"""What the module raises; the latter where a damaged file puts bytes that are no text into SQLite's own message."""


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise `StoreUnusable` where SQLite is too old for the schema."""
    if version < OLDEST_SQLITE:
        found, needed = (".".join(map(str, parts)) for parts in (version, OLDEST_SQLITE))
        raise StoreUnusable(f"SQLite {found} is too old: {needed} or newer is needed, as newer Pythons bring it")


def translated(error: Exception, path: Path | None) -> StoreError:
    """Return the error of ours for one of SQLite's."""
    where = "the database in memory" if path is None else f"the database {path}"
    primary = _primary_code(error)
    told = " ".join(str(error).split())[:200]  # SQLite quotes whole values
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{where} is held by another writer: try again, or give a longer busy timeout")
    if primary in _UNUSABLE:
        return StoreUnusable(f"{where} {_UNUSABLE[primary]} ({told})")
    if primary == sqlite3.SQLITE_FULL:
        return StoreError(f"{where} cannot grow: the disk is full; nothing was stored")
    if primary == sqlite3.SQLITE_INTERRUPT:
        return StoreError(f"{where} was left: whoever asked waits no longer; nothing was stored")
    if primary == sqlite3.SQLITE_OK:
        # The module's own error, of a text that is no UTF-8: SQLite itself stores any bytes.
        return StoreUnusable(f"{where} {_UNUSABLE[sqlite3.SQLITE_CORRUPT]} ({told})")
    return StoreError(f"{where} failed: {told}; nothing was stored")


def _primary_code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)) & 0xFF


def _is_busy(error: sqlite3.Error) -> bool:
    return _primary_code(error) == sqlite3.SQLITE_BUSY


class Lane:
    """A connection and the lock that is held while it works."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_lock",
        "_look_again_at",
        "_patience",
        "_writes",
        "connection",
        "path",
        "process",
    )

    def __init__(self, connection: sqlite3.Connection, path: Path | None, patience: float) -> None:
        self.connection = connection
        self.path = path
        self.process = os.getpid()
        self._closed = False
        self._lock = threading.RLock()
        self._patience = patience
        self._writes = 0
        self._look_again_at = CUT_FROM

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        return self.connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        if isinstance(error, SQLITE_FAILURES):
            if self._closed:
                raise StoreClosed(_CLOSED) from error
            raise translated(error, self.path) from error

    def rows(self, statement: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement to its end and return its rows; other writers are waited for."""
        with self as connection:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
            return self._insist(statement, values)

    def write(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one writing statement as a transaction of its own and return its rows."""
        rows = self.rows(statement, values)
        self._bound_log()
        return rows

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock from the start; commit at the end, roll back on any error.

        A deferred transaction that reads first and then writes gets "database is locked" at once, whatever the timeout.
        """
        with self as connection:
            self.rows("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                # After a full or broken disk SQLite has rolled back by itself; otherwise the transaction is still open.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        self._bound_log()

    def _insist(self, statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
        # SQLite's own busy handler sleeps ever longer, up to 100 ms, so that a writer who came late and wakes often
        # starves the one who waits longest. Short sleeps of random length give everybody the same chance.
        from random import random

        until = time.monotonic() + self._patience
        while True:
            time.sleep((0.3 + 0.7 * random()) * _LONGEST_NAP)  # noqa: S311 - no secret
            try:
                return self.connection.execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > until or unwanted():
                    raise

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
            with self as connection, suppress(sqlite3.OperationalError):
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

    def close(self) -> None:
        """Close the connection once its running call has ended."""
        with self._lock:
            self._closed = True
            self.connection.close()

    def __del__(self, *, process_id: Callable[[], int] = os.getpid) -> None:
        # A thread has ended, or a child process drops what belongs to its parent's threads. Or the interpreter ends, and
        # this module is emptied already: what is needed then has to be held by the function itself.
        if self.process == process_id():
            self.connection.close()
        else:
            _inherited.append(self.connection)


class Connections:
    """The lanes of one store."""

    def __init__(self, path: Path | None, *, synchronous: Synchronous, busy_timeout: float, read_only: bool) -> None:
        if synchronous not in ("FULL", "NORMAL"):
            raise InvalidInput(f"synchronous must be FULL or NORMAL, not {synchronous!r}")
        if isinstance(busy_timeout, bool) or not isinstance(busy_timeout, int | float) or not 0 <= busy_timeout < 2**31:
            raise InvalidInput(f"busy_timeout must be a number of seconds, 0 or more, not {busy_timeout!r}")
        self._path = path
        self._synchronous = synchronous
        self._busy_timeout = busy_timeout
        self.read_only = read_only
        self._lanes: weakref.WeakSet[Lane] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._closed = False
        self._local = threading.local()
        self._shared = self._open() if path is None else None

    @property
    def path(self) -> Path | None:
        """The database file; None for a store in memory."""
        return self._path

    @property
    def shared(self) -> bool:
        """Whether there is one connection for all threads, in memory."""
        return self._shared is not None

    def lane(self) -> Lane:
        """Return this thread's lane; a store in memory has one for all threads."""
        lane: Lane | None = self._shared or getattr(self._local, "lane", None)
        if self._closed:
            raise StoreClosed(_CLOSED)
        if lane is not None and lane.process == os.getpid():
            return lane
        if self._shared is not None:
            raise StoreClosed(
                "a store in memory belongs to the process that made it: open one of your own after a fork"
            )
        # A forked child drops the inherited lane here; Lane.__del__ keeps its connection from being closed.
        self._local.lane = self._open()
        return self._local.lane  # type: ignore[no-any-return]

    def separate(self) -> Lane:
        """Return a lane for one long reading, to be given back to `release`; a store in memory has but one for all."""
        self.lane()
        return self._shared or self._open()

    def release(self, lane: Lane) -> None:
        """Close a lane that was lent by `separate`."""
        if lane is not self._shared:
            lane.close()

    def _open(self) -> Lane:
        lane = Lane(self._connect(), self._path, self._busy_timeout)
        with self._guard:
            if self._closed:
                raise StoreClosed(_CLOSED)
            self._lanes.add(lane)
        return lane

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                ":memory:" if self._path is None else self._path.as_uri() + ("?mode=ro" if self.read_only else ""),
                uri=self._path is not None,
                timeout=self._busy_timeout,
                isolation_level=None,  # transactions are begun by hand, as IMMEDIATE
                check_same_thread=False,  # close() comes from any thread; a lane is otherwise used by its own alone
                cached_statements=64,
            )
        except SQLITE_FAILURES as error:
            raise translated(error, self._path) from error
        try:
            foreign_keys_on(connection)
            durable_as(connection, self._synchronous)
            waiting_briefly(connection)
            connection.set_progress_handler(unwanted, _STEPS_BETWEEN_LOOKS)
        except SQLITE_FAILURES as error:
            connection.close()
            raise translated(error, self._path) from error
        return connection

    def close(self) -> None:
        """Close every thread's connection once its running call has ended. Twice is once."""
        with self._guard:
            self._closed = True
            lanes = list(self._lanes)
        for lane in lanes:
            if lane.process == os.getpid():
                lane.close()


def foreign_keys_on(connection: sqlite3.Connection) -> None:
    """Have SQLite check foreign keys: it does not unless each connection asks."""
    connection.execute("PRAGMA foreign_keys = ON")


def durable_as(connection: sqlite3.Connection, synchronous: Synchronous) -> None:
    """FULL: a call that returned survives a power cut. NORMAL: it survives a crash of the program, and is faster."""
    connection.execute(f"PRAGMA synchronous = {synchronous}")


def waiting_briefly(connection: sqlite3.Connection) -> None:
    """Leave all but the first moment of waiting for other writers to `Lane.rows`. Last: the pragmas before it may wait."""
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")


def write_ahead(lane: Lane) -> None:
    """Let readers and a writer work side by side; the file remembers it.

    The switch needs the file for itself, so several processes that open a new file at once take turns here.
    """
    lane.rows("PRAGMA journal_mode = WAL")


def checked_path(path: Any, *, must_exist: bool = False) -> Path:
    """Return the path of a database file, refusing what SQLite would take for something else."""
    try:
        name = os.fspath(path)
    except TypeError:
        raise InvalidInput(f"path must be text or a path, not {path!r}") from None
    if not isinstance(name, str) or not is_name(name):
        raise InvalidInput(f"path must name a file, not {name!r}")
    if name == ":memory:":
        raise InvalidInput("':memory:' is no file: use Insights.memory()")
    try:
        return _file_at(name, must_exist=must_exist)
    except OSError as error:
        # A name too long for the file system, a folder that may not be looked into, a working directory that is gone.
        raise StoreUnusable(f"{name} cannot be opened: {error.strerror}: choose another path") from None


def _file_at(name: str, *, must_exist: bool) -> Path:
    found = Path(name)
    if found.is_dir():
        raise StoreUnusable(f"{name} is a folder: give the path of a file in it")
    if not found.parent.is_dir():
        raise StoreUnusable(f"{name} cannot be opened: the folder {found.parent} does not exist")
    if must_exist and not found.exists():
        raise StoreUnusable(f"{name} does not exist: only a database that is there can be opened read-only")
    # Threads and children may change the working directory before they open connections of their own.
    return found.absolute()
