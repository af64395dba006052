"""The store in a SQLite file, or in memory."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeAlias

from insights_core.errors import NotFound
from insights_core.model import Insight, Receipt, RecentInsight
from insights_core.moments import from_microseconds

from ._connections import Connections, Synchronous, checked_path, require_sqlite, write_ahead
from ._schema import migrate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from insights_core.inputs import NewInsight

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_COLUMNS = """i.id, i.short_id, i.name, i.derived_name, i.query, i."order", i.deleted, i.dashboards, i.description, i.tags,
    i.favorited, i.folder, i.created_at, i.created_by, i.updated_at, i.last_modified_at, i.last_modified_by,
    i.name_source, i.revision"""

_PROJECT = "(SELECT id FROM project WHERE key = :project)"

_VIEWER = f"(SELECT id FROM viewer WHERE project = {_PROJECT} AND user = :user)"

_GET = f"SELECT {_COLUMNS} FROM insight AS i WHERE i.project = {_PROJECT} AND NOT i.deleted"
_GET_BY_ID = f"{_GET} AND i.id = :reference"
_GET_BY_SHORT_ID = f"{_GET} AND i.short_id = :reference"

_ALL_BY_IDS = f"SELECT {_COLUMNS} FROM json_each(:ids) AS j CROSS JOIN insight AS i ON i.id = j.value ORDER BY j.key"

_LIST = f"""
SELECT {_COLUMNS} FROM insight AS i WHERE i.project = {_PROJECT} AND i.deleted = 0
ORDER BY i.created_at DESC, i.id DESC LIMIT :limit"""

_IDS = f"""
SELECT j.value, i.id, i.deleted FROM json_each(:references) AS j CROSS JOIN insight AS i ON i.id = j.value
WHERE j.type = 'integer' AND i.project = {_PROJECT}
UNION ALL
SELECT j.value, i.id, i.deleted FROM json_each(:references) AS j CROSS JOIN insight AS i ON i.short_id = j.value
WHERE j.type = 'text' AND i.project = {_PROJECT}"""

_CREATE = f"""
INSERT INTO insight (project, short_id, name, derived_name, query, "order", dashboards, description, tags, favorited,
    folder, created_at, created_by, updated_at, last_modified_at, last_modified_by, name_source)
VALUES ({_PROJECT}, :short_id, :name, :derived_name, :query, :order, :dashboards, :description, :tags, :favorited,
    :folder, :now, :created_by, :now, :now, :created_by, :name_source)
ON CONFLICT (project, short_id) DO NOTHING
RETURNING id"""

_SET_DELETED = """
UPDATE insight SET deleted = :deleted, updated_at = max(:now, updated_at + 1), revision = revision + 1
WHERE id IN (SELECT value FROM json_each(:ids)) AND deleted <> :deleted"""

_INTERN_PROJECT = "INSERT INTO project (key) VALUES (:project) ON CONFLICT DO NOTHING"

_INTERN_VIEWER = """
INSERT INTO viewer (project, user) SELECT id, :user FROM project WHERE key = :project ON CONFLICT DO NOTHING"""

# The moment of a call without `at`: later than each view of this user, those of deleted insights included (two index
# seeks, one for either value of `dead`), and later than the watermark.
_NEXT_MOMENT = """max(:now,
    coalesce((SELECT last_viewed_at + 1 FROM view WHERE viewer = w.id AND dead = 0 ORDER BY last_viewed_at DESC LIMIT 1), :now),
    coalesce((SELECT last_viewed_at + 1 FROM view WHERE viewer = w.id AND dead = 1 ORDER BY last_viewed_at DESC LIMIT 1), :now),
    coalesce(w.forgotten_until + 1, :now))"""


def _record(moment: str, condition: str) -> str:
    # CROSS JOIN keeps this order of loops: the ids ascend, so that both tables are walked forward.
    return f"""
WITH w (id, project, moment) AS MATERIALIZED (
    SELECT w.id, w.project, {moment} FROM viewer AS w
    WHERE w.project = {_PROJECT} AND w.user = :user AND {condition})
INSERT INTO view (viewer, insight, last_viewed_at)
SELECT w.id, i.id, w.moment FROM w CROSS JOIN json_each(:ids) AS j CROSS JOIN insight AS i ON i.id = j.value
WHERE i.project = w.project AND NOT i.deleted
ON CONFLICT (viewer, insight) DO UPDATE SET last_viewed_at = excluded.last_viewed_at
    WHERE excluded.last_viewed_at > last_viewed_at
RETURNING insight, last_viewed_at"""


_RECORD_NOW = _record(_NEXT_MOMENT, "true")
_RECORD_AT = _record(":at", "(w.forgotten_until IS NULL OR w.forgotten_until < :at)")

_KEPT = f"""
SELECT i.id FROM json_each(:ids) AS j CROSS JOIN insight AS i ON i.id = j.value
WHERE i.project = {_PROJECT} AND NOT i.deleted"""

_FORGOTTEN = f"SELECT 1 FROM viewer WHERE id = {_VIEWER} AND forgotten_until >= :at"

_RECENT = f"""
SELECT i.id, i.short_id, i.name, i.derived_name, i.query, i.dashboards, i.description, i.tags, i.favorited,
    i.created_at, i.created_by, i.updated_at, i.last_modified_at, v.last_viewed_at
FROM view AS v CROSS JOIN insight AS i ON i.id = v.insight
WHERE v.viewer = {_VIEWER} AND v.dead = 0
ORDER BY v.last_viewed_at DESC, v.insight DESC LIMIT :limit"""


_Listed: TypeAlias = "list[Insight]"  # inside the class, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"


class SQLiteStore:
    """Insights and views in one SQLite database; see `Store` for what each call does."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    def open(cls, path: Any, *, synchronous: Synchronous = "FULL", busy_timeout: float = 5.0) -> SQLiteStore:
        """Open the file, making it where it is missing, and bring its schema up to date."""
        require_sqlite()
        connections = Connections(checked_path(path), synchronous=synchronous, busy_timeout=busy_timeout)
        try:
            with connections.lane() as connection:
                write_ahead(connection, busy_timeout)
            migrate(connections.lane())
        except BaseException:
            connections.close()
            raise
        return cls(connections)

    @classmethod
    def memory(cls) -> SQLiteStore:
        """Make a store that lives in this process alone and ends with it."""
        require_sqlite()
        connections = Connections(None, synchronous="NORMAL", busy_timeout=0)
        migrate(connections.lane())
        return cls(connections)

    def close(self) -> None:
        self._connections.close()

    def create(self, project: str, new: NewInsight, now: int) -> Insight:
        values = {**new._asdict(), "project": project, "user": new.created_by, "now": now}
        with self._connections.lane().writing() as connection:
            connection.execute(_INTERN_PROJECT, values)
            created = None
            while created is None:  # a short id that the project has already is drawn again
                created = connection.execute(_CREATE, {**values, "short_id": _short_id()}).fetchone()
            if new.created_by is not None:
                connection.execute(_INTERN_VIEWER, values)
                connection.execute(_RECORD_NOW, {**values, "ids": json.dumps(created)}).fetchall()
            return _fetch(connection, project, created[0])

    def get(self, project: str, reference: int | str) -> Insight:
        with self._connections.lane() as connection:
            return _fetch(connection, project, reference)

    def ids(self, project: str, references: Sequence[int | str]) -> dict[int | str, int]:
        with self._connections.lane() as connection:
            return {given: found for given, found, _ in _resolve(connection, project, references)}

    def list(self, project: str, limit: int) -> _Listed:
        with self._connections.lane() as connection:
            rows = connection.execute(_LIST, {"project": project, "limit": limit}).fetchall()
        return [_insight(row) for row in rows]

    def set_deleted(self, project: str, references: Sequence[int | str], now: int, *, deleted: bool) -> _Listed:
        with self._connections.lane().writing() as connection:
            rows = _resolve(connection, project, references)
            found = {given: id_ for given, id_, was_deleted in rows if not (deleted and was_deleted)}
            for reference in references:
                if reference not in found:
                    raise _not_found(project, reference)
            ids = json.dumps(list(dict.fromkeys(found[reference] for reference in references)))
            connection.execute(_SET_DELETED, {"ids": ids, "deleted": deleted, "now": now})
            return [_insight(row) for row in connection.execute(_ALL_BY_IDS, {"ids": ids}).fetchall()]

    def record_views(self, project: str, user: str, ids: Sequence[int], now: int, at: int | None) -> Receipt:
        values = {"project": project, "user": user, "ids": json.dumps(ids), "now": now, "at": at}
        if at is not None:
            return self._replay_views(values, at)
        with self._connections.lane() as connection:
            moved = connection.execute(_RECORD_NOW, values).fetchall()
            # Nothing moves on the first view of a user, and where no id is kept; only the former needs more.
            if not moved and connection.execute(_KEPT, values).fetchone() is None:
                return _NOTHING_RECORDED
        if not moved:
            with self._connections.lane().writing() as connection:
                connection.execute(_INTERN_VIEWER, values)
                moved = connection.execute(_RECORD_NOW, values).fetchall()
        ids = _ascending(moved)
        return Receipt(ids, ids, from_microseconds(moved[0][1])) if moved else _NOTHING_RECORDED

    def _replay_views(self, values: dict[str, Any], at: int) -> Receipt:
        with self._connections.lane().writing() as connection:
            kept = connection.execute(_KEPT, values).fetchall()
            if not kept or connection.execute(_FORGOTTEN, values).fetchone():
                return _NOTHING_RECORDED
            connection.execute(_INTERN_VIEWER, values)
            moved = connection.execute(_RECORD_AT, values).fetchall()
        return Receipt(_ascending(kept), _ascending(moved), from_microseconds(at))

    def recent(self, project: str, user: str, limit: int) -> _Recent:
        with self._connections.lane() as connection:
            rows = connection.execute(_RECENT, {"project": project, "user": user, "limit": limit}).fetchall()
        return [_recent(row) for row in rows]


_NOTHING_RECORDED = Receipt((), (), None)


def _ascending(rows: list[tuple[Any, ...]]) -> tuple[int, ...]:
    return tuple(sorted(row[0] for row in rows))


def _resolve(
    connection: sqlite3.Connection, project: str, references: Sequence[int | str]
) -> list[tuple[int | str, int, bool]]:
    values = {"project": project, "references": json.dumps(references)}
    return connection.execute(_IDS, values).fetchall()


def _fetch(connection: sqlite3.Connection, project: str, reference: int | str) -> Insight:
    statement = _GET_BY_SHORT_ID if isinstance(reference, str) else _GET_BY_ID
    row = connection.execute(statement, {"project": project, "reference": reference}).fetchone()
    if row is None:
        raise _not_found(project, reference)
    return _insight(row)


def _not_found(project: str, reference: int | str) -> NotFound:
    return NotFound(f"no insight {reference} in project {project}: it does not exist, or is deleted", insight=reference)


def _insight(row: tuple[Any, ...]) -> Insight:
    (id_, short_id, name, derived_name, query, order, deleted, dashboards, description, tags, favorited, folder,
     created_at, created_by, updated_at, last_modified_at, last_modified_by, name_source, revision) = row  # fmt: skip
    return Insight(
        id_, short_id, name, derived_name, _object(query), order, bool(deleted), _array(dashboards), description,
        _array(tags), bool(favorited), folder, from_microseconds(created_at), created_by, from_microseconds(updated_at),
        from_microseconds(last_modified_at), last_modified_by, name_source, revision,
    )  # fmt: skip


def _recent(row: tuple[Any, ...]) -> RecentInsight:
    (id_, short_id, name, derived_name, query, dashboards, description, tags, favorited,
     created_at, created_by, updated_at, last_modified_at, last_viewed_at) = row  # fmt: skip
    return RecentInsight(
        id_, short_id, name, derived_name, _object(query), _array(dashboards), description, _array(tags),
        bool(favorited), from_microseconds(created_at), created_by, from_microseconds(updated_at),
        from_microseconds(last_modified_at), from_microseconds(last_viewed_at),
    )  # fmt: skip


def _object(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _array(text: str) -> tuple[Any, ...]:
    return () if text == "[]" else tuple(json.loads(text))


def _short_id() -> str:
    while True:
        drawn = int.from_bytes(os.urandom(8))
        text = "".join(_ALPHABET[drawn // 62**place % 62] for place in range(8))
        if not text.isdigit():
            return text
