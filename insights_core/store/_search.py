"""The index behind the search: SQLite's full-text search where it has one, else a scan.

The index is not part of a migration: a file may be opened by an SQLite with FTS5 today and by one without tomorrow, and
the triggers that keep the index would end every write of the latter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_FIELDS = ("name", "derived_name", "description", "tags")
_NAMES = ", ".join(_FIELDS)
_NEW, _OLD = (", ".join(f"{row}.{field}" for field in _FIELDS) for row in ("new", "old"))

# Without diacritics being removed a word is what it is written as; upper and lower case are one.
_INDEX = f"""
CREATE VIRTUAL TABLE insight_words USING fts5 (
    {_NAMES}, content = 'insight', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3')"""

_TRIGGERS = {
    "insight_words_added": f"""AFTER INSERT ON insight BEGIN
        INSERT INTO insight_words (rowid, {_NAMES}) VALUES (new.id, {_NEW}); END""",
    "insight_words_removed": f"""AFTER DELETE ON insight BEGIN
        INSERT INTO insight_words (insight_words, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD}); END""",
    "insight_words_changed": f"""AFTER UPDATE OF {_NAMES} ON insight BEGIN
        INSERT INTO insight_words (insight_words, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});
        INSERT INTO insight_words (rowid, {_NAMES}) VALUES (new.id, {_NEW}); END""",
}

FILTER = "i.id IN (SELECT rowid FROM insight_words WHERE insight_words MATCH :match)"
"""The condition of a listing where there is an index."""


def available(connection: sqlite3.Connection) -> bool:
    """Tell whether this SQLite has FTS5."""
    return connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def installed(connection: sqlite3.Connection) -> bool:
    """Tell whether the file has the index, kept up to date."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'insight_words_added'").fetchone() is not None


def install(connection: sqlite3.Connection) -> None:
    """Make the index from all that is there; inside a transaction."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'insight_words'").fetchone() is None:
        connection.execute(_INDEX)
    for name, body in _TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER {name} {body}")
    connection.execute("INSERT INTO insight_words (insight_words) VALUES ('rebuild')")


def suspend(connection: sqlite3.Connection) -> None:
    """Take the triggers away, for an SQLite that could not run them; `install` brings the index up to date later."""
    for name in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")


def match(words: Sequence[str]) -> str:
    """Return the search as FTS5 takes it: every word quoted, so that none is an operator, each as a prefix."""
    return " ".join(f'"{word}"*' for word in words)


def starts_words(words: Sequence[str], *texts: str | None) -> bool:
    """Tell whether each word stands at the start of a word of the texts: the scan that does without an index."""
    joined = " ".join(text for text in texts if text).lower()
    return all(re.search(rf"(?<![^\W_]){re.escape(word.lower())}", joined) for word in words)
