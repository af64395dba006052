"""The tables, and the migrations that make them. Never edit a migration that was released: add one."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any

from insights_core.errors import StoreUnusable
from insights_core.moments import EARLIEST, LATEST

from ._look import APPLICATION_ID, MIGRATION_SET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    from ._lane import Lane


_TIME = f"BETWEEN {EARLIEST} AND {LATEST}"

# A project and a user are texts of the caller's; views hold one small integer for the two of them. `forgotten_until` is
# the watermark of `forget`: no view at or before it is ever taken again.
#
# `view.dead` mirrors `insight.deleted`, so that the last-viewed list is one walk over the head of `view_recent`, however
# many of the newest views are of deleted insights; the trigger keeps it true whoever writes. Both `last_viewed_at` and
# `insight` descend in the index: the list is in its order, also among equal times.
#
# `insight_kept` says of many ids which are kept without reading the pages of their queries: a fifth of the cost of
# viewing a thousand.
#
# The name that is shown is `name`, or where that is missing `derived_name`; each has the source of its own.
_M001 = f"""
CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (key <> '')
) STRICT;

CREATE TABLE insight (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    project INTEGER NOT NULL REFERENCES project (id),
    short_id TEXT NOT NULL CHECK (length(short_id) = 8 AND short_id GLOB '*[A-Za-z]*' AND short_id NOT GLOB '*[^0-9A-Za-z]*'),
    name TEXT,
    derived_name TEXT,
    query TEXT CHECK (json_type(query) = 'object'),
    "order" INTEGER,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    dashboards TEXT NOT NULL DEFAULT '[]' CHECK (json_type(dashboards) = 'array'),
    description TEXT,
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tags) = 'array'),
    favorited INTEGER NOT NULL DEFAULT 0 CHECK (favorited IN (0, 1)),
    folder TEXT,
    created_at INTEGER NOT NULL CHECK (created_at {_TIME}),
    created_by TEXT,
    updated_at INTEGER NOT NULL CHECK (updated_at {_TIME}),
    last_modified_at INTEGER NOT NULL CHECK (last_modified_at {_TIME}),
    last_modified_by TEXT,
    name_source TEXT,
    derived_source TEXT,
    revision INTEGER NOT NULL DEFAULT 1 CHECK (revision > 0),
    UNIQUE (project, short_id)
) STRICT;

CREATE INDEX insight_kept ON insight (id, project) WHERE deleted = 0;

CREATE INDEX insight_newest ON insight (project, deleted, created_at DESC, id DESC);

CREATE TABLE viewer (
    id INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES project (id),
    user TEXT NOT NULL CHECK (user <> ''),
    forgotten_until INTEGER CHECK (forgotten_until {_TIME}),
    UNIQUE (project, user)
) STRICT;

CREATE TABLE view (
    viewer INTEGER NOT NULL REFERENCES viewer (id),
    insight INTEGER NOT NULL REFERENCES insight (id),
    last_viewed_at INTEGER NOT NULL CHECK (last_viewed_at {_TIME}),
    dead INTEGER NOT NULL DEFAULT 0 CHECK (dead IN (0, 1)),
    PRIMARY KEY (viewer, insight)
) STRICT, WITHOUT ROWID;

CREATE INDEX view_recent ON view (viewer, dead, last_viewed_at DESC, insight DESC);

CREATE INDEX view_insight ON view (insight);

CREATE TABLE naming_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL REFERENCES project (id),
    run_at INTEGER NOT NULL CHECK (run_at {_TIME})
) STRICT;

CREATE TABLE naming_change (
    run INTEGER NOT NULL REFERENCES naming_run (id),
    insight INTEGER NOT NULL REFERENCES insight (id),
    old_name TEXT,
    old_source TEXT,
    new_name TEXT NOT NULL,
    PRIMARY KEY (run, insight)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER insight_deleted AFTER UPDATE OF deleted ON insight WHEN new.deleted <> old.deleted
BEGIN
    UPDATE view SET dead = new.deleted WHERE insight = new.id;
END;
"""


# What backends made of what they were asked, so that the same meaning is asked once. `facts` is the fingerprint of what was
# read from a query, `draft` what the rules made of it, `maker` the backend with its model and the version of what it is
# asked; `name` is null where the answer was refused, `problem` says why. No part of an export: it can be made again.
_M002 = """
CREATE TABLE generated_name (
    facts TEXT NOT NULL,
    draft TEXT NOT NULL,
    maker TEXT NOT NULL,
    name TEXT,
    problem TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (facts, draft, maker)
) STRICT, WITHOUT ROWID;
"""

# Keys of the HTTP server. A key is 256 random bits, so that a plain hash of it cannot be turned back; `prefix` is its first
# characters, to know it by. `projects` is a list of project ids, or empty for all.
_M003 = f"""
CREATE TABLE api_key (
    prefix TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    user TEXT NOT NULL CHECK (user <> ''),
    scope TEXT NOT NULL CHECK (scope IN ('insight:read', 'insight:write')),
    projects TEXT NOT NULL CHECK (json_type(projects) = 'array'),
    created_at INTEGER NOT NULL CHECK (created_at {_TIME}),
    expires_at INTEGER CHECK (expires_at {_TIME}),
    last_used_at INTEGER CHECK (last_used_at {_TIME})
) STRICT, WITHOUT ROWID;
"""

# What says in the file's first bytes whose it is.
_M004 = f"PRAGMA application_id = {APPLICATION_ID};\n"

OBJECTS = tuple(re.findall(r"CREATE (TABLE|INDEX|TRIGGER) (\w+)", _M001 + _M002 + _M003))
"""What the schema is made of, as (sort, name)."""


def _migrations() -> Migrations:
    from sqlite_utils import Migrations

    migrations = Migrations(MIGRATION_SET)

    @migrations(name="m001_insights_and_views")
    def m001_insights_and_views(database: Database) -> None:
        _run_script(database, _M001)

    @migrations(name="m002_generated_names")
    def m002_generated_names(database: Database) -> None:
        _run_script(database, _M002)

    @migrations(name="m003_api_keys")
    def m003_api_keys(database: Database) -> None:
        _run_script(database, _M003)

    @migrations(name="m004_application_id")
    def m004_application_id(database: Database) -> None:
        _run_script(database, _M004)

    return migrations


NEWEST = ("m001_insights_and_views", "m002_generated_names", "m003_api_keys", "m004_application_id")
"""The names of all migrations of this version, in order."""


def _run_script(database: Database, script: str) -> None:
    # executescript() would commit the transaction that the migration runs in.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.execute(statement)
            statement = ""


IS_NEWEST = f"(SELECT count(*) FROM _sqlite_migrations WHERE migration_set = '{MIGRATION_SET}') = {len(NEWEST)}"
"""The condition of a statement that only this version's schema is for; an index answers it."""


def applied(rows: Callable[..., Iterable[tuple[Any, ...]]]) -> tuple[str, ...] | None:
    """Return the names of our migrations that the file has, in order; None for a file that holds something else.

    `rows` runs a statement with its values and returns the rows.
    """
    there = {name for (name,) in rows("SELECT name FROM sqlite_schema")}
    if "_sqlite_migrations" in there:
        ours = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
        if found := tuple(name for (name,) in rows(ours, (MIGRATION_SET,))):
            return found
    return None if there else ()


def migrate(lane: Lane) -> None:
    """Bring the file to this version's schema; raise `StoreUnusable` for a file of another program or a newer version.

    The library that runs the migrations is imported only where there is one to run.
    """
    if _is_newest(lane.rows, lane.path):
        return
    from sqlite_utils import Database

    with lane.writing() as connection:
        # Another process may have been first while this one waited for the write lock.
        if not _is_newest(connection.execute, lane.path):
            _migrations().apply(Database(connection, execute_plugins=False))


def require_newest(rows: Callable[..., Iterable[tuple[Any, ...]]], path: Path | None) -> None:
    """Raise `StoreUnusable` unless the file has this version's schema: read-only it cannot be given one."""
    if not _is_newest(rows, path):
        raise StoreUnusable(f"{path} is of an older version: open it once for writing to bring it up to date")


def still_newest(connection: sqlite3.Connection, path: Path | None) -> None:
    """Raise `StoreUnusable` where another version has changed the schema since the file was opened."""
    if connection.execute(f"SELECT {IS_NEWEST}").fetchone() != (1,):
        require_newest(connection.execute, path)


def _is_newest(rows: Callable[..., Iterable[tuple[Any, ...]]], path: Path | None) -> bool:
    names = applied(rows)
    if names is None:
        raise StoreUnusable(f"{path} is a database of another program: choose another path")
    if unknown := set(names) - set(NEWEST):
        newest = max(unknown)
        raise StoreUnusable(f"{path} was written by a newer version of insights-core ({newest}): upgrade it")
    return names == NEWEST
