"""Everything in a store as records of JSON types, and back: lossless, in one consistent moment, all or nothing.

The first record says what follows and the last counts it, so that a file that was cut off is known for one.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core import inputs
from insights_core.errors import Conflict, InvalidInput
from insights_core.moments import EARLIEST, LATEST, from_microseconds

from ._rows import damage_told, whole

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Record = dict[str, Any]

FORMAT = "insights-core"
VERSION = 1

# Field by field as they are stored, so that nothing is lost: times are microseconds since 1970.
_INSIGHT_FIELDS = (
    "id", "short_id", "name", "derived_name", "query", "order", "deleted", "dashboards", "description", "tags", "favorited",
    "folder", "created_at", "created_by", "updated_at", "last_modified_at", "last_modified_by", "name_source",
    "derived_source", "revision",
)  # fmt: skip
_JSON_FIELDS = ("query", "dashboards", "tags")
_FLAGS = ("deleted", "favorited")
_SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "insight": {
        "project": str, "id": int, "short_id": str, "name": (str, type(None)), "derived_name": (str, type(None)),
        "query": (dict, type(None)), "order": (int, type(None)), "deleted": bool, "dashboards": list,
        "description": (str, type(None)), "tags": list, "favorited": bool, "folder": (str, type(None)), "created_at": int,
        "created_by": (str, type(None)), "updated_at": int, "last_modified_at": int, "last_modified_by": (str, type(None)),
        "name_source": (str, type(None)), "derived_source": (str, type(None)), "revision": int,
    },
    "viewer": {"project": str, "user": str, "forgotten_until": (int, type(None))},
    "view": {"project": str, "user": str, "insight": int, "last_viewed_at": int},
}  # fmt: skip

_QUALIFIED = ", ".join(f'i."{field}"' for field in _INSIGHT_FIELDS)
_QUOTED = ", ".join(f'"{field}"' for field in _INSIGHT_FIELDS)
_MOST_AT_ONCE = 100

LATER_THAN = 1_000
"""Microseconds beyond the five minutes: each view without a moment of its own lies one behind the user's last."""


def latest(now: int) -> int:
    """Return the last moment that is taken for one that was, by a clock that says `now`."""
    return now + inputs.FUTURE_ALLOWED // timedelta(microseconds=1) + LATER_THAN


class _Table(NamedTuple):
    fields: tuple[str, ...]
    key: int
    """How many columns stand in front of the fields: what the rows are ordered by, and distinct in."""
    statement: str


_TABLES = {
    "insight": _Table(
        ("project", *_INSIGHT_FIELDS),
        1,
        f"SELECT i.id, p.key, {_QUALIFIED} FROM insight AS i JOIN project AS p ON p.id = i.project "
        "WHERE i.id > ? ORDER BY i.id",
    ),
    "viewer": _Table(
        ("project", "user", "forgotten_until"),
        1,
        "SELECT w.id, p.key, w.user, w.forgotten_until FROM viewer AS w JOIN project AS p ON p.id = w.project "
        "WHERE w.id > ? ORDER BY w.id",
    ),
    "view": _Table(
        ("project", "user", "insight", "last_viewed_at"),
        2,
        "SELECT v.viewer, v.insight, p.key, w.user, v.insight, v.last_viewed_at FROM view AS v "
        "JOIN viewer AS w ON w.id = v.viewer JOIN project AS p ON p.id = w.project "
        "WHERE (v.viewer, v.insight) > (?, ?) ORDER BY v.viewer, v.insight",
    ),
}


def records(rows: Callable[[str, tuple[Any, ...]], Sequence[tuple[Any, ...]]]) -> Iterator[Record]:
    """Yield everything.

    `rows` runs a statement and returns its rows; each time some, so that nothing is open in between but the transaction
    that the caller has begun.
    """
    yield {"type": "header", "format": FORMAT, "version": VERSION}
    counted = dict.fromkeys(_TABLES, 0)
    for name, table in _TABLES.items():
        behind: tuple[Any, ...] = (-(2**63),) * table.key
        while found := rows(f"{table.statement} LIMIT {_MOST_AT_ONCE}", behind):
            for row in found:
                with damage_told():
                    record = _unpacked(dict(zip(table.fields, whole(row)[table.key :], strict=True)))
                yield {"type": name, **record}
            behind = found[-1][: table.key]
            counted[name] += len(found)
    yield {"type": "end", **counted}


def _unpacked(record: Record) -> Record:
    for field in _JSON_FIELDS:
        if record.get(field) is not None:
            record[field] = json.loads(record[field])
    for field in _FLAGS:
        if field in record:
            record[field] = bool(record[field])
    return record


def checked(records: Iterable[Record], now: int) -> dict[str, list[Record]]:
    """Return the records by type; `InvalidInput` says which one is wrong, where it is, and why.

    What it lets pass, `check` finds sound.
    """
    found: dict[str, list[Record]] = {name: [] for name in _SHAPES}
    ended: Record | None = None
    number = 0
    for number, record in enumerate(records, 1):
        kind = record.get("type")
        kind = kind if isinstance(kind, str) else ""  # a list could not be looked up
        if number == 1:
            if kind != "header" or record.get("format") != FORMAT:
                raise InvalidInput("line 1 is no header of an export of insights-core")
            if record.get("version") != VERSION:
                raise InvalidInput(
                    f"line 1: this is version {inputs.shown(record.get('version'))} of the format, and {VERSION} is known"
                )
        elif ended is not None:
            raise InvalidInput(f"line {number} stands behind the end")
        elif kind == "end":
            ended = record
        elif isinstance(kind, str) and kind in found:
            found[kind].append(_of_shape(record, kind, number, latest(now)))
        else:
            raise InvalidInput(f"line {number} is of no known type: {inputs.shown(record.get('type'))}")
    if ended is None or any(ended.get(name) != len(rows) for name, rows in found.items()):
        raise InvalidInput(f"the export is cut off: it ends at line {number} without the count of all lines")
    return found


def _of_shape(record: Record, kind: str, number: int, last_moment: int) -> Record:
    shape = _SHAPES[kind]
    if record.keys() - {"type"} != shape.keys():
        odd = sorted(record.keys() - {"type"} ^ shape.keys())
        raise InvalidInput(f"line {number}: fields are missing or unknown: {', '.join(map(inputs.shown, odd))[:80]}")
    for field, types in shape.items():
        value = record[field]
        if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
            raise InvalidInput(f"line {number}: {field} cannot be {inputs.shown(value)}")
        try:
            _check_value(field, value, last_moment)
        except InvalidInput as error:
            raise InvalidInput(f"line {number}: {error}") from None
    if kind == "insight" and not record["created_at"] <= record["last_modified_at"] <= record["updated_at"]:
        raise InvalidInput(f"line {number}: created_at, last_modified_at and updated_at must not descend")
    return record


def _check_value(field: str, value: Any, last_moment: int) -> None:
    if field in ("project", "user"):
        inputs.key(value, field)
    elif isinstance(value, str):
        inputs.text(value, field)
    elif field == "query":
        inputs.query_json(value)
    elif field == "tags" and json.loads(inputs.tags_json(value)) != value:
        raise InvalidInput("tags must be distinct and sorted")
    elif field == "dashboards" and json.loads(inputs.dashboards_json(value)) != value:
        raise InvalidInput("dashboards must be distinct")
    elif field.endswith(("_at", "_until")) and value is not None:
        if inputs.integer(value, field, EARLIEST, LATEST) > last_moment:
            raise InvalidInput(
                f"{field} lies more than five minutes ahead of the clock here ({from_microseconds(value)}): mend it "
                "where it comes from, by `insights check --repair`, and export it again"
            )
    elif isinstance(value, int) and not isinstance(value, bool):
        # Larger numbers leave no room to count on, and not every reader of JSON keeps them.
        inputs.integer(value, field, -inputs.LARGEST_EXACT if field == "order" else 1, inputs.LARGEST_EXACT)


def load(
    connection: sqlite3.Connection, found: dict[str, list[Record]], *, renumber: bool, new_short_id: Callable[[], str]
) -> None:
    """Store the records inside the transaction that the caller has begun."""
    if not renumber and connection.execute("SELECT 1 FROM insight").fetchone():
        raise Conflict(
            "this store has insights already: import with new ids (renumber), or into an empty one",
            insight=0,
            revision=0,
        )
    projects = _Interned(connection, "project", ("key",))
    viewers = _Interned(connection, "viewer", ("project", "user"))
    ids: dict[tuple[str, int], tuple[int, bool]] = {}
    for record in found["insight"]:
        project = projects[(record["project"],)]
        ids[record["project"], record["id"]] = (
            _insert(connection, project, record, new_short_id if renumber else None),
            record["deleted"],
        )
    for record in found["viewer"]:
        viewer = viewers[projects[(record["project"],)], record["user"]]
        connection.execute(_RAISE_WATERMARK, {"viewer": viewer, "until": record["forgotten_until"]})
    for record in found["view"]:
        if (record["project"], record["insight"]) not in ids:
            raise InvalidInput(f"a view is of insight {record['insight']}, which its project does not have")
        insight, dead = ids[record["project"], record["insight"]]
        viewer = viewers[projects[(record["project"],)], record["user"]]
        connection.execute(
            _MERGE_VIEW, {"viewer": viewer, "insight": insight, "at": record["last_viewed_at"], "dead": dead}
        )
    connection.execute(_DROP_FORGOTTEN)


_RAISE_WATERMARK = """
UPDATE viewer SET forgotten_until = max(coalesce(forgotten_until, :until), :until) WHERE id = :viewer AND :until IS NOT NULL"""

_MERGE_VIEW = """
INSERT INTO view (viewer, insight, last_viewed_at, dead) VALUES (:viewer, :insight, :at, :dead)
ON CONFLICT (viewer, insight) DO UPDATE SET last_viewed_at = max(last_viewed_at, excluded.last_viewed_at)"""

_DROP_FORGOTTEN = """
DELETE FROM view WHERE last_viewed_at <= (SELECT forgotten_until FROM viewer WHERE id = view.viewer)"""


def _insert(
    connection: sqlite3.Connection, project: int, record: Record, new_short_id: Callable[[], str] | None
) -> int:
    """Insert an insight and return its id: its own, or with `new_short_id` a new one."""
    values = {field: record[field] for field in _INSIGHT_FIELDS}
    for field in _JSON_FIELDS:
        if values[field] is not None:
            values[field] = json.dumps(values[field], ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if new_short_id:
        values["id"] = None
        taken = "SELECT 1 FROM insight WHERE project = ? AND short_id = ?"
        while connection.execute(taken, (project, values["short_id"])).fetchone():
            values["short_id"] = new_short_id()
    marks = ", ".join(f":{field}" for field in _INSIGHT_FIELDS)
    statement = f"INSERT INTO insight (project, {_QUOTED}) VALUES (:project, {marks}) RETURNING id"
    (id_,) = connection.execute(statement, {**values, "project": project}).fetchone()
    return int(id_)


class _Interned(dict[tuple[Any, ...], int]):
    """The row ids for the keys of a table; a key that is missing is inserted."""

    def __init__(self, connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
        super().__init__()
        self._connection = connection
        marks = ", ".join("?" for _ in columns)
        self._insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        self._select = f"SELECT id FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in columns)}"

    def __missing__(self, key: tuple[Any, ...]) -> int:
        self._connection.execute(self._insert, key)
        (self[key],) = self._connection.execute(self._select, key).fetchone()
        return self[key]
