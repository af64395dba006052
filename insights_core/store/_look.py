"""Whose a database file is, looked at before anything of it is written, and again before each write.

The file is never opened by hand while SQLite may have it open: closing it would drop all locks that this process holds on
it. SQLite's own `immutable=1` reads it without a lock, without a log, and without making any file beside it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from insights_core.errors import StoreUnusable

from ._failures import SQLITE_FAILURES, primary_code, translated

if TYPE_CHECKING:
    from insights_core.errors import StoreError

    FileId = tuple[int, int]

APPLICATION_ID: Final = 0x494E5347
"""What our files carry at byte 68, to be known by: "INSG"."""
MIGRATION_SET: Final = "insights_core"
PRIVATE: Final = 0o600
"""Permissions of a new file: its owner's alone. SQLite gives the files beside it the same."""

_ATTEMPTS: Final = 5
_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_KNOWN_FORMAT: Final = 2
# What says nothing of whose file it is: it cannot be opened now, or another connection is about to.
_NO_ANSWER: Final = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


class _State(NamedTuple):
    file: FileId
    size: int
    written: int
    has_log: bool


def make(path: Path, mode: int) -> None:
    """Make the file, empty and with these permissions, where there is none; SQLite would make it readable for others."""
    try:
        _make(path, mode)
        path.chmod(mode)  # whatever the umask took away
    except FileExistsError:
        return
    except OSError as error:
        told = error.strerror or str(error)
        raise StoreUnusable(
            f"the database {path} cannot be opened: check that its folder exists and is writable ({told})"
        ) from error


def _make(path: Path, mode: int) -> None:
    # Without opening it, where the system can: another thread may have it open already when it is closed here.
    with suppress(AttributeError, PermissionError, NotImplementedError):
        os.mknod(path, mode | stat.S_IFREG)
        return
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))


def admit(path: Path, patience: float) -> None:
    """Raise `StoreUnusable` for a file that is another program's, or no database; nothing of it is written.

    What is empty is admitted, and what is ours in any version. A file that changes meanwhile is looked at again.
    """
    refused: StoreError | None = None
    for _ in range(_ATTEMPTS):
        before = _state(path)
        refused = _refused(path, before, patience)
        if refused is None or _state(path) == before:
            break
    if refused is not None:
        raise refused


def _state(path: Path) -> _State:
    try:
        found = path.stat()
    except OSError as error:
        raise StoreUnusable(f"the database {path} cannot be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise StoreUnusable(f"{path} is no file: choose another path")
    try:
        log = Path(f"{path}-wal").stat().st_size
    except OSError:
        log = 0
    return _State((found.st_dev, found.st_ino), found.st_size, found.st_mtime_ns, log > 0)


def _refused(path: Path, state: _State, patience: float) -> StoreError | None:
    if state.size == 0:
        return None
    if state.size < _HEADER:  # SQLite takes a file of one byte for an empty one
        return StoreUnusable(f"the database {path} is no SQLite database: choose another path")
    try:
        # What is in the log counts too, and without its locks it cannot be read.
        with closing(_connection(path, "" if state.has_log else "&immutable=1", patience)) as connection:
            is_ours = _is_ours(connection)
    except SQLITE_FAILURES as error:
        if primary_code(error) in _NO_ANSWER:
            return None
        if primary_code(error) == sqlite3.SQLITE_NOTADB and _is_newer_format(path):
            return StoreUnusable(
                f"the database {path} is of a newer SQLite format than SQLite {sqlite3.sqlite_version} can read"
            )
        return translated(error, path)
    return None if is_ours else StoreUnusable(f"{path} is a database of another program: choose another path")


def _connection(path: Path, options: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode=ro{options}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )


def _is_ours(connection: sqlite3.Connection) -> bool:
    ((application,),) = connection.execute("PRAGMA application_id").fetchall()
    if application:
        return bool(application == APPLICATION_ID)
    objects = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema").fetchall()}
    if "_sqlite_migrations" not in objects:
        return not objects
    ours = "SELECT 1 FROM _sqlite_migrations WHERE migration_set = ?"
    return bool(connection.execute(ours, (MIGRATION_SET,)).fetchall())


def _is_newer_format(path: Path) -> bool:
    # By hand, since SQLite does not tell: nobody holds a lock on a file that SQLite cannot read.
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return False
    return header.startswith(_MAGIC) and max(header[18], header[19]) > _KNOWN_FORMAT


class Watch:
    """Tells whether the file that was opened is the one that stands at its path."""

    def __init__(self, path: Path) -> None:
        """Take the file as it is now for the one that is opened."""
        self._path = path
        self._name = str(path)
        state = _state(path)
        self.file = state.file
        """Its device and number."""
        self._seen = (-1, -1)
        self._was_ours = False

    def look(self) -> None:
        """Raise `StoreUnusable` where the file was deleted, moved or replaced: what is written now is lost."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 - before each write, and twice as fast as Path.stat
        except OSError as error:
            gone = error.strerror or str(error)
            raise StoreUnusable(
                f"the database {self._path} was deleted or moved since it was opened ({gone}): nothing was stored; "
                "put it back, or open it again"
            ) from error
        if (found.st_dev, found.st_ino) != self.file:
            raise StoreUnusable(
                f"the database {self._path} was replaced by another file since it was opened: nothing was stored; "
                "open it again"
            )
        if (found.st_mtime_ns, found.st_size) != self._seen:
            # In a write-ahead log's company the file itself changes only now and then, when the log is copied into it.
            self._look_inside()
            self._seen = (found.st_mtime_ns, found.st_size)

    def _look_inside(self) -> None:
        application = None
        try:
            with closing(_connection(self._path, "&immutable=1", 0)) as connection:
                ((application,),) = connection.execute("PRAGMA application_id").fetchall()
        except SQLITE_FAILURES as error:
            # Anything else may come of reading in the midst of a checkpoint.
            if primary_code(error) == sqlite3.SQLITE_NOTADB:
                application = 0
        if application == APPLICATION_ID:
            self._was_ours = True
        elif application or (self._was_ours and application == 0):
            raise StoreUnusable(
                f"the database {self._path} was overwritten since it was opened: nothing was stored; restore it from a "
                "backup, and open it again"
            )
