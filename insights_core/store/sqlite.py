"""The store in a SQLite file, or in memory."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from insights_core.errors import Conflict, InvalidInput, NotFound, StoreClosed, StoreError, StoreUnusable
from insights_core.inputs import shown
from insights_core.model import (
    Answered,
    Asked,
    CheckReport,
    Insight,
    Receipt,
    RecentInsight,
    StoredKey,
    TrendingInsight,
)
from insights_core.moments import from_microseconds

from . import _backup, _check, _listing, _repair, _rows, _search, _transfer
from . import _statements as _sql
from ._connections import Connections, Synchronous, checked_path, write_ahead
from ._failures import require_sqlite
from ._look import PRIVATE
from ._schema import migrate, require_newest, still_newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from insights_core.inputs import Listing, NewInsight, Renaming

    from ._lane import Lane

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_Listed: TypeAlias = "list[Insight]"  # inside the class, `list` is a method
_Recent: TypeAlias = "list[RecentInsight]"
_Trending: TypeAlias = "list[TrendingInsight]"
_Tuples: TypeAlias = "list[tuple[Any, ...]]"

P = ParamSpec("P")
T = TypeVar("T")


def _reads(
    method: Callable[Concatenate[SQLiteStore, sqlite3.Connection, P], T],
) -> Callable[Concatenate[SQLiteStore, P], T]:
    """Call the method with this thread's connection, which nobody else uses meanwhile."""

    @wraps(method)
    def call(self: SQLiteStore, /, *given: P.args, **named: P.kwargs) -> T:
        return self._connections.lane().read(lambda connection: method(self, connection, *given, **named))

    return call


def _writes(
    method: Callable[Concatenate[SQLiteStore, sqlite3.Connection, P], T],
) -> Callable[Concatenate[SQLiteStore, P], T]:
    """Call the method with this thread's connection in a transaction, which ends with it; it may be called again."""

    @wraps(method)
    def call(self: SQLiteStore, /, *given: P.args, **named: P.kwargs) -> T:
        return self._connections.lane().transact(lambda connection: method(self, connection, *given, **named))

    return call


class SQLiteStore:
    """Insights and views in one SQLite database; see `Store` for what each call does."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    def open(
        cls,
        path: Any,
        *,
        synchronous: Synchronous = "FULL",
        busy_timeout: float = 5.0,
        read_only: bool = False,
        mode: int = PRIVATE,
    ) -> SQLiteStore:
        """Open the file, making it where it is missing, and bring its schema up to date.

        Read-only, the file must be there and up to date, and nothing of it is written. `mode` is for a new file.
        """
        require_sqlite()
        connections = Connections(
            checked_path(path, must_exist=read_only),
            synchronous=synchronous,
            busy_timeout=busy_timeout,
            read_only=read_only,
            mode=mode,
        )
        try:
            lane = connections.lane()
            if read_only:
                require_newest(lane.rows, lane.path)
            else:
                write_ahead(lane)
                migrate(lane)
                connections.inspect_schema = partial(still_newest, path=lane.path)
                _keep_search_index(lane)
        except BaseException:
            connections.close()
            raise
        return cls(connections)

    @classmethod
    def memory(cls) -> SQLiteStore:
        """Make a store that lives in this process alone and ends with it."""
        require_sqlite()
        connections = Connections(None, synchronous="NORMAL", busy_timeout=0, read_only=False, mode=PRIVATE)
        migrate(connections.lane())
        _keep_search_index(connections.lane())
        return cls(connections)

    def close(self) -> None:
        self._connections.close()

    @_writes
    def create(self, connection: sqlite3.Connection, project: str, new: NewInsight, now: int) -> Insight:
        values = {**new._asdict(), "project": project, "user": new.created_by, "now": now}
        connection.execute(_sql.INTERN_PROJECT, values)
        created = None
        while created is None:  # a short id that the project has already is drawn again
            created = connection.execute(_sql.CREATE, {**values, "short_id": _short_id()}).fetchone()
        if new.created_by is not None:
            connection.execute(_sql.INTERN_VIEWER, values)
            connection.execute(_sql.RECORD_NOW, {**values, "ids": json.dumps(created)}).fetchall()
        return _fetch(connection, project, created[0])

    @_reads
    def get(self, connection: sqlite3.Connection, project: str, reference: int | str) -> Insight:
        return _fetch(connection, project, reference)

    @_reads
    def ids(
        self, connection: sqlite3.Connection, project: str, references: Sequence[int | str]
    ) -> dict[int | str, int]:
        return {given: found for given, found, _ in _resolve(connection, project, references)}

    def list(self, project: str, listing: Listing) -> _Listed:
        return [found for found, _ in self._listed(project, listing)]

    def page(self, project: str, listing: Listing) -> tuple[_Listed, tuple[Any, int] | None]:
        found = self._listed(project, listing._replace(limit=listing.limit + 1))
        shown = found[: listing.limit]
        behind = (shown[-1][1], shown[-1][0].id) if len(found) > len(shown) else None
        return [insight for insight, _ in shown], behind

    @_reads
    def _listed(self, connection: sqlite3.Connection, project: str, listing: Listing) -> Sequence[tuple[Insight, Any]]:
        indexed = bool(listing.words) and _search.available(connection) and _search.installed(connection)
        scanned = bool(listing.words) and not indexed
        limited = listing._replace(limit=-1) if scanned else listing
        rows = connection.execute(*_listing.statement(project, limited, indexed=indexed)).fetchall()
        found = list(zip(_rows.insights(row[:-1] for row in rows), (row[-1] for row in rows), strict=True))
        if scanned:
            found = [pair for pair in found if _mentions(pair[0], listing.words)][: listing.limit]
        return found

    @_writes
    def update(  # noqa: PLR0913 - the protocol's, and the connection
        self,
        connection: sqlite3.Connection,
        project: str,
        reference: int | str,
        changes: Mapping[str, Any],
        now: int,
        *,
        user: str | None,
        revision: int | None,
    ) -> Insight:
        before = _fetch_row(connection, project, reference)
        old = dict(zip(_FIELDS, before, strict=True))
        if revision is not None and revision != old["revision"]:
            raise _conflict(old, revision)
        changed = {field: value for field, value in changes.items() if value != old[field]}
        if changed:
            moment = max(now, old["updated_at"] + 1)
            changed |= {"updated_at": moment, "revision": old["revision"] + 1}
            if changed.keys() & _MODIFYING:
                changed |= {"last_modified_at": moment, "last_modified_by": user}
            assignments = ", ".join(f'"{field}" = :{field}' for field in changed)
            connection.execute(f"UPDATE insight SET {assignments} WHERE id = :id", {**changed, "id": old["id"]})
            before = _fetch_row(connection, project, old["id"])
        return _rows.insights([before])[0]

    @_writes
    def set_deleted(
        self, connection: sqlite3.Connection, project: str, references: Sequence[int | str], now: int, *, deleted: bool
    ) -> _Listed:
        rows = _resolve(connection, project, references)
        found = {given: id_ for given, id_, was_deleted in rows if not (deleted and was_deleted)}
        for reference in references:
            if reference not in found:
                raise _not_found(project, reference)
        ids = list(dict.fromkeys(found[reference] for reference in references))
        connection.execute(_sql.SET_DELETED, {"ids": json.dumps(ids), "deleted": deleted, "now": now})
        return _all_by_ids(connection, ids)

    def record_views(self, project: str, user: str, ids: Sequence[int], now: int, at: int | None) -> Receipt:
        # As JSON, too, since they are integers all; json.dumps takes five times as long.
        values = {"project": project, "user": user, "ids": repr(list(ids)), "now": now, "at": at}
        if at is not None:
            return self._replay_views(values, at)
        lane = self._connections.lane()
        moved = lane.write(_sql.RECORD_NOW, values)
        if not moved:
            # Nothing moves on the first view of a user, and where no id is kept; only the former needs more.
            if not lane.rows(_sql.KEPT, values):
                return _NOTHING_RECORDED
            moved = self._record_first(values)
        ids = _ascending(moved)
        return Receipt(ids, ids, from_microseconds(moved[0][1])) if moved else _NOTHING_RECORDED

    @_writes
    def _record_first(self, connection: sqlite3.Connection, values: dict[str, Any]) -> _Tuples:
        connection.execute(_sql.INTERN_VIEWER, values)
        return connection.execute(_sql.RECORD_NOW, values).fetchall()

    @_writes
    def _replay_views(self, connection: sqlite3.Connection, values: dict[str, Any], at: int) -> Receipt:
        kept = connection.execute(_sql.KEPT, values).fetchall()
        if not kept or connection.execute(_sql.FORGOTTEN, values).fetchone():
            return _NOTHING_RECORDED
        connection.execute(_sql.INTERN_VIEWER, values)
        moved = connection.execute(_sql.RECORD_AT, values).fetchall()
        return Receipt(_ascending(kept), _ascending(moved), from_microseconds(at))

    def recent(self, project: str, user: str, limit: int) -> _Recent:
        rows = self._connections.lane().rows(_sql.RECENT, {"project": project, "user": user, "limit": limit})
        return _rows.recents(rows)

    def trending(self, project: str, since: int, limit: int) -> _Trending:
        rows = self._connections.lane().rows(_sql.TRENDING, {"project": project, "since": since, "limit": limit})
        return _rows.trendings(rows)

    @_writes
    def forget(self, connection: sqlite3.Connection, project: str, user: str, now: int) -> int:
        values = {"project": project, "user": user, "now": now}
        connection.execute(_sql.INTERN_PROJECT, values)
        connection.execute(_sql.INTERN_VIEWER, values)
        connection.execute(_sql.FORGET, values)
        return connection.execute(_sql.REMOVE_VIEWS, values).rowcount

    @_writes
    def rename(self, connection: sqlite3.Connection, project: str, renamings: Sequence[Renaming], now: int) -> _Listed:
        done = []
        run = None
        for renaming in renamings:
            row = connection.execute(_sql.GET_BY_ID, {"project": project, "reference": renaming.insight}).fetchone()
            old = dict(zip(_FIELDS, row or (), strict=bool(row)))
            # Whoever changed the insight since the name was made knows better; names by persons are never touched.
            if not row or old["revision"] != renaming.revision or old["name"] is not None:
                continue
            if run is None:
                run = connection.execute(_sql.NEW_RUN, {"project": project, "now": now}).lastrowid
            connection.execute(_sql.RENAME, {**renaming._asdict(), "now": now})
            connection.execute(
                "INSERT INTO naming_change VALUES (?, ?, ?, ?, ?)",
                (run, renaming.insight, old["derived_name"], old["derived_source"], renaming.name),
            )
            done.append(renaming.insight)
        return _all_by_ids(connection, done)

    @_writes
    def undo_renaming(self, connection: sqlite3.Connection, project: str, now: int) -> _Listed:
        (run,) = connection.execute(_sql.LAST_RUN, {"project": project}).fetchone()
        if run is None:
            raise NotFound(f"no run of naming is left to undo in project {shown(project)}", insight=0)
        undone = connection.execute(_sql.UNDONE, (run,)).fetchall()
        for insight, name, source in undone:
            connection.execute(_sql.RENAME, {"insight": insight, "name": name, "source": source, "now": now})
        connection.execute("DELETE FROM naming_change WHERE run = ?", (run,))
        connection.execute("DELETE FROM naming_run WHERE id = ?", (run,))
        return _all_by_ids(connection, [insight for insight, _, _ in undone])

    @_reads
    def recall_name(self, connection: sqlite3.Connection, asked: Asked) -> Answered | None:
        row = connection.execute(_sql.RECALL_NAME, asked).fetchone()
        return row and Answered(*row)

    @_writes
    def remember_name(self, connection: sqlite3.Connection, asked: Asked, answered: Answered) -> None:
        connection.execute(_sql.REMEMBER_NAME, (*asked, *answered))

    @_reads
    def names_made(self, connection: sqlite3.Connection, facts: Sequence[str]) -> set[tuple[str, str]]:
        return set(connection.execute(_sql.NAMES_MADE, (json.dumps(facts),)).fetchall())

    @_writes
    def add_key(self, connection: sqlite3.Connection, key: StoredKey) -> None:
        connection.execute("INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?, ?, ?)", key)

    @_reads
    def find_key(self, connection: sqlite3.Connection, prefix: str) -> StoredKey | None:
        row = connection.execute("SELECT * FROM api_key WHERE prefix = ?", (prefix,)).fetchone()
        return row and StoredKey(*row)

    @_reads
    def list_keys(self, connection: sqlite3.Connection) -> Sequence[StoredKey]:
        return [StoredKey(*row) for row in connection.execute("SELECT * FROM api_key ORDER BY created_at, prefix")]

    @_writes
    def remove_key(self, connection: sqlite3.Connection, prefix: str) -> bool:
        return connection.execute("DELETE FROM api_key WHERE prefix = ?", (prefix,)).rowcount > 0

    @_writes
    def touch_key(self, connection: sqlite3.Connection, prefix: str, now: int) -> None:
        connection.execute("UPDATE api_key SET last_used_at = ? WHERE prefix = ?", (now, prefix))

    def check(self, now: int) -> CheckReport:
        lane = self._connections.lane()

        def look(connection: sqlite3.Connection) -> CheckReport:
            problems = _check.problems(connection, writable=not self._connections.read_only, now=now)
            return CheckReport(tuple(problems), () if problems else tuple(_check.notes(connection, lane.path)))

        try:
            self._connections.look()
            return lane.read(look)
        except StoreClosed:
            raise
        except StoreError as error:
            return CheckReport((str(error),), ())

    def repair(self, now: int, *, dry_run: bool) -> Sequence[str]:
        done: list[str] = []

        def mend(connection: sqlite3.Connection) -> None:
            done[:] = _repair.mended(connection, now)
            if dry_run:
                raise _DryRunError

        with suppress(_DryRunError):
            self._connections.lane().transact(mend)
        return done

    def export_records(self) -> Iterator[dict[str, Any]]:
        if self._connections.shared:
            # The one connection in memory is not to be held while the caller reads.
            yield from self._connections.lane().read(_all_records)
            return
        # A connection of its own: the caller may go on using the store, in this thread too, while it reads the snapshot.
        lane = self._connections.separate()
        try:
            lane.stand()
            yield from _transfer.records(lane.rows)
        finally:
            self._connections.release(lane)

    def import_records(self, records: Iterable[dict[str, Any]], *, renumber: bool, now: int) -> dict[str, int]:
        found = _transfer.checked(records, now)

        def load(connection: sqlite3.Connection) -> None:
            try:
                _transfer.load(connection, found, renumber=renumber, new_short_id=_short_id)
            except sqlite3.IntegrityError as error:
                raise InvalidInput(f"the export breaks a law of the store: {error}") from error

        self._connections.lane().transact(load)
        return {name: len(rows) for name, rows in found.items()}

    def backup(self, path: Any, *, mode: int | None = None) -> None:
        target = checked_path(path)
        if target.exists():
            raise StoreUnusable(f"{target} exists already: choose another path, or remove it")
        self._connections.lane().read(
            lambda connection: _backup.write(connection, self._connections.path, target, mode=mode)
        )


class _DryRunError(Exception):
    """Ends a transaction that was only to show what it would do."""


_FIELDS = (
    "id", "short_id", "name", "derived_name", "query", "order", "deleted", "dashboards", "description", "tags", "favorited",
    "folder", "created_at", "created_by", "updated_at", "last_modified_at", "last_modified_by", "name_source",
    "derived_source", "revision",
)  # fmt: skip
_MODIFYING = {"name", "description", "query"}
_NOTHING_RECORDED = Receipt((), (), None)


def _keep_search_index(lane: Lane) -> None:
    def is_due(connection: sqlite3.Connection) -> bool:
        return _search.available(connection) != _search.installed(connection)

    def keep(connection: sqlite3.Connection) -> None:
        # Another process may have been first while this one waited for the write lock.
        if is_due(connection):
            (_search.install if _search.available(connection) else _search.suspend)(connection)

    if lane.read(is_due):
        lane.transact(keep)


def _all_records(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    return list(_transfer.records(lambda statement, values: connection.execute(statement, values).fetchall()))


def _mentions(insight: Insight, words: Sequence[str]) -> bool:
    return _search.starts_words(words, insight.name, insight.derived_name, insight.description, *insight.tags)


def _conflict(old: Mapping[str, Any], revision: int) -> Conflict:
    return Conflict(
        f"insight {old['id']} has revision {old['revision']}, not {revision}: read it again and repeat the change",
        insight=old["id"], revision=old["revision"],
    )  # fmt: skip


def _ascending(rows: Sequence[tuple[Any, ...]]) -> tuple[int, ...]:
    return tuple(sorted(row[0] for row in rows))


def _resolve(
    connection: sqlite3.Connection, project: str, references: Sequence[int | str]
) -> Sequence[tuple[int | str, int, bool]]:
    values = {"project": project, "references": json.dumps(references)}
    return connection.execute(_sql.IDS, values).fetchall()


def _all_by_ids(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Insight]:
    return _rows.insights(connection.execute(_sql.ALL_BY_IDS, {"ids": json.dumps(ids)}).fetchall())


def _fetch_row(connection: sqlite3.Connection, project: str, reference: int | str) -> tuple[Any, ...]:
    statement = _sql.GET_BY_SHORT_ID if isinstance(reference, str) else _sql.GET_BY_ID
    row: tuple[Any, ...] | None = connection.execute(statement, {"project": project, "reference": reference}).fetchone()
    if row is None:
        raise _not_found(project, reference)
    return row


def _fetch(connection: sqlite3.Connection, project: str, reference: int | str) -> Insight:
    return _rows.insights([_fetch_row(connection, project, reference)])[0]


def _not_found(project: str, reference: int | str) -> NotFound:
    return NotFound(
        f"no insight {shown(reference)} in project {shown(project)}: it does not exist, or is deleted",
        insight=reference,
    )


def _short_id() -> str:
    while True:
        drawn = int.from_bytes(os.urandom(8))
        text = "".join(_ALPHABET[drawn // 62**place % 62] for place in range(8))
        if not text.isdigit():
            return text
