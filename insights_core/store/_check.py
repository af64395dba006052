"""Whether a database is what it should be: SQLite's own checks, and the laws of this schema."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from . import _search
from ._laws import LAWS, said, values
from ._places import risky_place
from ._schema import OBJECTS

if TYPE_CHECKING:
    from pathlib import Path

_MOST_SHOWN = 20


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the file itself, one line each: where anything is, its rows tell nothing."""
    found = [
        text for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST_SHOWN})").fetchall() if text != "ok"
    ]
    if found:
        return [f"the file is damaged: {text}" for text in found]
    there = {
        (kind.upper(), name) for kind, name in connection.execute("SELECT type, name FROM sqlite_schema").fetchall()
    }
    return [
        f"the {kind.lower()} {name} is missing: restore a backup, or import an export into a new database"
        for kind, name in OBJECTS
        if (kind, name) not in there
    ]


def problems(connection: sqlite3.Connection, *, writable: bool, now: int) -> list[str]:
    """Return what is wrong, by a clock that says `now`: one line each, at most twenty of a kind."""
    if found := damage(connection):
        return found
    rows = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_SHOWN)
    found = [f"a row of {table} refers to a {parent} that is not there" for table, _, parent, _ in rows]
    given = values(now)
    for law in LAWS:
        hint = "; `insights check --repair` mends it" if law.mend else ""
        found += [said(law, row) + hint for row in connection.execute(law.find, given).fetchmany(_MOST_SHOWN)]
    if writable and _search.installed(connection) and _search.available(connection):
        try:
            connection.execute("INSERT INTO insight_words (insight_words, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            found.append(f"the index of words does not match the insights: {error}")
    return found


def notes(connection: sqlite3.Connection, path: Path | None) -> list[str]:
    """Return what works, but worse than it could."""
    found = []
    if not _search.available(connection):
        found.append(f"SQLite {sqlite3.sqlite_version} has no FTS5: searches read every insight")
    if path is not None:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            found.append(f"the journal mode is {mode}, not wal: readers and writers wait for each other")
        if place := risky_place(path):
            found.append(place)
    return found
