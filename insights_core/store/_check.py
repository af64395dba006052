"""Whether a database is what it should be: SQLite's own checks, and the laws of this schema."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from . import _search
from ._places import risky_place
from ._schema import OBJECTS

if TYPE_CHECKING:
    from pathlib import Path

# Each finds the rows that break a law of the schema that no constraint can hold.
_LAWS = {
    "view {0} of viewer {1} is marked as of a deleted insight and is not, or the other way round": """
        SELECT v.insight, v.viewer FROM view AS v JOIN insight AS i ON i.id = v.insight WHERE v.dead <> i.deleted""",
    "view {0} of viewer {1} crosses projects": """
        SELECT v.insight, v.viewer FROM view AS v JOIN insight AS i ON i.id = v.insight JOIN viewer AS w ON w.id = v.viewer
        WHERE w.project <> i.project""",
    "view {0} of viewer {1} lies before what was forgotten": """
        SELECT v.insight, v.viewer FROM view AS v JOIN viewer AS w ON w.id = v.viewer
        WHERE v.last_viewed_at <= w.forgotten_until""",
    "insight {0} was changed before it was created": """
        SELECT id FROM insight WHERE updated_at < created_at OR last_modified_at < created_at OR last_modified_at > updated_at""",
    "insight {0} has tags that are no sorted, distinct texts": """
        SELECT id FROM insight WHERE tags <> (SELECT json_group_array(value) FROM
            (SELECT DISTINCT value FROM json_each(tags) WHERE type = 'text' ORDER BY value COLLATE BINARY))""",
    "insight {0} has dashboards that are no distinct integers": """
        SELECT id FROM insight WHERE json_array_length(dashboards) <>
            (SELECT count(DISTINCT value) FROM json_each(dashboards) WHERE type = 'integer')""",
}

_MOST_SHOWN = 20


def problems(connection: sqlite3.Connection, *, writable: bool) -> list[str]:
    """Return what is wrong, one line each, at most twenty of a kind."""
    found = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST_SHOWN})") if text != "ok"]
    if found:
        return [f"the file is damaged: {text}" for text in found]
    there = {(kind.upper(), name) for kind, name in connection.execute("SELECT type, name FROM sqlite_schema")}
    missing = [
        f"the {kind.lower()} {name} is missing: restore a backup, or import an export into a new database"
        for kind, name in OBJECTS
        if (kind, name) not in there
    ]
    if missing:
        return missing
    rows = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_SHOWN)
    found = [f"a row of {table} refers to a {parent} that is not there" for table, _, parent, _ in rows]
    for law, statement in _LAWS.items():
        found += [law.format(*row) for row in connection.execute(statement).fetchmany(_MOST_SHOWN)]
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
