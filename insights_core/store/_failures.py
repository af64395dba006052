"""What SQLite raises as errors of ours."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from insights_core.errors import StoreBusy, StoreError, StoreUnusable

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_SQLITE: Final = (3, 37, 0)  # STRICT tables came with 3.37

_UNUSABLE: Final = {
    sqlite3.SQLITE_CORRUPT: "is damaged: run `insights check`, or restore a backup",
    sqlite3.SQLITE_NOTADB: "is no SQLite database: choose another path",
    sqlite3.SQLITE_READONLY: "cannot be written: it was opened read-only, its permissions or its folder's forbid it, or "
    "its SQLite format is newer than this SQLite",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "cannot be opened: check its permissions",
}

_LEFT: Final = {
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_INTERRUPT: "was left: whoever asked waits no longer",
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
    primary = primary_code(error)
    told = " ".join(str(error).split())[:200]  # SQLite quotes whole values
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{where} is held by another writer: try again, or give a longer busy timeout")
    if primary in _UNUSABLE:
        return StoreUnusable(f"{where} {_UNUSABLE[primary]} ({told})")
    if primary in _LEFT:
        return StoreError(f"{where} {_LEFT[primary]}; nothing was stored")
    if primary == sqlite3.SQLITE_OK:
        # The module's own error, of a text that is no UTF-8: SQLite itself stores any bytes.
        return StoreUnusable(f"{where} {_UNUSABLE[sqlite3.SQLITE_CORRUPT]} ({told})")
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return StoreError(f"{where} refuses it: {told}; nothing was stored; `insights check` may tell why")
    return StoreError(f"{where} failed: {told}; nothing was stored")


def primary_code(error: Exception) -> int:
    """Return SQLite's code for an error, without what extends it; `SQLITE_OK` for an error of the module's own."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)) & 0xFF


def is_busy(error: Exception) -> bool:
    """Tell whether another connection stood in the way, so that trying again helps."""
    return primary_code(error) == sqlite3.SQLITE_BUSY
