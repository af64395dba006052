"""The lanes of one store: one for each thread and process, opened on demand, closed with the store."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from insights_core.errors import InvalidInput, StoreClosed, StoreUnusable
from insights_core.files import is_name
from insights_core.wanted import unwanted

from . import _forks, _look
from ._failures import SQLITE_FAILURES, translated
from ._lane import CLOSED, IN_MEMORY, Lane, waiting_briefly
from ._look import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._look import FileId

Synchronous = Literal["FULL", "NORMAL"]

_STEPS_BETWEEN_LOOKS = 20_000
"""Of SQLite's own machine, about a millisecond: how often a statement looks whether anybody still waits for it."""
_MOST = 0o777


class Connections:
    """The lanes of one store."""

    def __init__(
        self, path: Path | None, *, synchronous: Synchronous, busy_timeout: float, read_only: bool, mode: int
    ) -> None:
        if synchronous not in ("FULL", "NORMAL"):
            raise InvalidInput(f"synchronous must be FULL or NORMAL, not {synchronous!r}")
        if isinstance(busy_timeout, bool) or not isinstance(busy_timeout, int | float) or not 0 <= busy_timeout < 2**31:
            raise InvalidInput(f"busy_timeout must be a number of seconds, 0 or more, not {busy_timeout!r}")
        if isinstance(mode, bool) or not isinstance(mode, int) or mode | _MOST != _MOST or mode & PRIVATE != PRIVATE:
            raise InvalidInput(f"mode must be permissions that let the owner read and write, like 0o600, not {mode!r}")
        self._path = path
        self._synchronous = synchronous
        self.patience = busy_timeout
        """For how many seconds another writer is waited for."""
        self.read_only = read_only
        self._lanes: weakref.WeakSet[Lane] = weakref.WeakSet()
        self.guard = threading.RLock()
        """Held while a lane is made: no fork falls in between."""
        self._closed = False
        self._local = threading.local()
        self._watch: _look.Watch | None = None
        self.inspect_schema: Callable[[sqlite3.Connection], None] | None = None
        """Raises where the schema, once it was brought up to date, is no longer this version's."""
        if path is not None:
            self._admit(path, mode)
        self._shared = self._open() if path is None else None

    def _admit(self, path: Path, mode: int) -> None:
        with self.guard:
            _forks.register(self)
            if not self.read_only:
                _look.make(path, mode)
            watch = _look.Watch(path)
            _forks.refuse_carried(path, watch.file)
            self._watch = watch
            _look.admit(path, self.patience)

    @property
    def path(self) -> Path | None:
        """The database file; None for a store in memory."""
        return self._path

    @property
    def shared(self) -> bool:
        """Whether there is one connection for all threads, in memory."""
        return self._shared is not None

    @property
    def file(self) -> FileId | None:
        """What the file is known by, whatever its path; None in memory."""
        return None if self._watch is None else self._watch.file

    def lanes(self) -> list[Lane]:
        """Return the lanes that are in use."""
        return list(self._lanes)

    def look(self) -> None:
        """Raise `StoreUnusable` where the file is no longer the one that was opened."""
        if self._watch is not None:
            self._watch.look()

    def lane(self) -> Lane:
        """Return this thread's lane; a store in memory has one for all threads."""
        lane: Lane | None = self._shared or getattr(self._local, "lane", None)
        if self._closed:
            raise StoreClosed(CLOSED)
        if lane is None:
            lane = self._local.lane = self._open()
        elif self._shared is not None and lane.process != os.getpid():
            raise StoreClosed(IN_MEMORY)
        return lane

    def separate(self) -> Lane:
        """Return a lane for one long reading, to be given back to `release`; a store in memory has but one for all."""
        return self._shared or self._open()

    def release(self, lane: Lane) -> None:
        """Close a lane that was lent by `separate`."""
        if lane is not self._shared:
            lane.close()

    def _open(self) -> Lane:
        with self.guard:
            if self._closed:
                raise StoreClosed(CLOSED)
            lane = Lane(self._connect, self._path, self.patience, self._inspect)
            self._lanes.add(lane)
        return lane

    def _inspect(self, connection: sqlite3.Connection | None) -> None:
        if self._watch is not None:
            self._watch.look()
        if connection is not None and self.inspect_schema is not None:
            self.inspect_schema(connection)

    def _connect(self) -> sqlite3.Connection:
        if self._watch is not None and self._path is not None:
            _forks.refuse_carried(self._path, self._watch.file)
            # Else SQLite would make a new file, or read another one than the threads before.
            self._watch.look()
        try:
            connection = sqlite3.connect(
                ":memory:" if self._path is None else f"{self._path.as_uri()}?mode={'ro' if self.read_only else 'rw'}",
                uri=self._path is not None,
                timeout=self.patience,
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
            if threading.current_thread() is not threading.main_thread():
                # Signals are handled in the main thread, and what a handler raises in a callback of SQLite is lost there.
                connection.set_progress_handler(unwanted, _STEPS_BETWEEN_LOOKS)
        except SQLITE_FAILURES as error:
            connection.close()
            raise translated(error, self._path) from error
        return connection

    def close(self) -> None:
        """Close every connection once its running call has ended, and end the snapshots. Twice is once."""
        self._closed = True
        # Whoever makes a lane now has seen it closed, or is waited for.
        with self.guard:
            lanes = self.lanes()
        for lane in lanes:
            lane.close()

    def renew_locks(self) -> None:
        """Forget, in a child process, what the threads of its parent hold."""
        self.guard = threading.RLock()
        for lane in self.lanes():
            lane.lock = threading.RLock()


def foreign_keys_on(connection: sqlite3.Connection) -> None:
    """Have SQLite check foreign keys: it does not unless each connection asks."""
    connection.execute("PRAGMA foreign_keys = ON")


def durable_as(connection: sqlite3.Connection, synchronous: Synchronous) -> None:
    """FULL: a call that returned survives a power cut. NORMAL: it survives a crash of the program, and is faster."""
    connection.execute(f"PRAGMA synchronous = {synchronous}")


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
