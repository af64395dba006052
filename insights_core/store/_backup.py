"""A copy of a database in a file of its own, whole or not there at all."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from insights_core import files
from insights_core.errors import FileFailed

from ._failures import SQLITE_FAILURES, translated

_PAGES: Final = 2_000
"""Pages that are copied in one go: between two of them Ctrl-C is heard."""

# What cannot be the target's fault: it was empty, and nobody else knows its name.
_OF_THE_SOURCE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_INTERRUPT,
}


def write(connection: sqlite3.Connection, source: Path | None, target: Path, *, mode: int | None) -> None:
    """Copy a database, as of one moment, to a file that is not there yet.

    Args:
        connection: Of the database, and in no transaction.
        source: The database's own file, for what goes wrong with it.
        target: The new file.
        mode: Its permissions; by default its owner's alone.

    Raises:
        FileFailed: The target cannot be written; nothing of it is left.
        StoreError: The source cannot be read.
    """
    files.checked_mode(mode)
    with files.beside(Path(os.path.realpath(target)), mode=mode, shown=str(target), replace=False) as unfinished:
        _copy(connection, source, unfinished, target)


def _copy(connection: sqlite3.Connection, source: Path | None, unfinished: Path, target: Path) -> None:
    try:
        copy = sqlite3.connect(unfinished, isolation_level=None)
    except SQLITE_FAILURES as error:
        raise _told(error, source, target) from error
    try:
        # Without a transaction around it, whatever others write between two steps would begin the copy anew.
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        connection.backup(copy, pages=_PAGES)
        # One file, to be carried anywhere; the write-ahead log comes back when it is opened.
        copy.execute("PRAGMA journal_mode = DELETE")
    except SQLITE_FAILURES as error:
        raise _told(error, source, target) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        copy.close()


def _told(error: Exception, source: Path | None, target: Path) -> Exception:
    code = int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK))
    if code == sqlite3.SQLITE_IOERR_READ or code & 0xFF in _OF_THE_SOURCE:
        return translated(error, source)
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return FileFailed(f"{target} cannot be written: the disk is full")
    told = " ".join(str(error).split())[:200]
    return FileFailed(f"{target} cannot be written: {told}")
