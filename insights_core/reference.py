"""What the system must do, in dicts and lists: the model that every store is tested against.

Slow and obvious on purpose: each rule stands where it applies, as a scan over everything that there is. It shares no
code with any store, only the classes of errors; what it returns are plain dicts with the fields of `model`, so that a
test compares field by field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
Records = list[Record]

TICK = timedelta(microseconds=1)
"""Times are whole microseconds: the least by which a later one is later."""
FUTURE = timedelta(minutes=5)
"""How far ahead of the clock a replayed view may lie: other machines' clocks are never quite ours."""
LARGEST = 2**63 - 1
"""The largest id, and the largest integer that every store can hold."""
LARGEST_ORDER = 2**53
"""The largest place among others: every reader of JSON keeps it exactly."""
LONGEST_KEY = 400
"""The longest id of a project or a user, in characters."""
LONGEST_SEARCH = 200
"""The longest text that is searched for, in characters."""

BASIC_DETAILS = (
    "id",
    "short_id",
    "name",
    "derived_name",
    "query",
    "dashboards",
    "description",
    "tags",
    "favorited",
    "created_at",
    "created_by",
    "updated_at",
    "last_modified_at",
)
"""What an entry of the last-viewed list says of its insight."""


class Reference:
    """All projects of one imaginary store."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.insights: list[Record] = []
        """Of every project, in the order of their creation; "project" is a key of each."""
        self.views: dict[tuple[str, str], dict[int, datetime]] = {}
        """By project and user: when this user last viewed which insight."""
        self.watermarks: dict[tuple[str, str], datetime] = {}
        """By project and user: nothing at or before this moment is ever taken again."""

    def project(self, id: str) -> ReferenceProject:  # noqa: A002 - the façade's own word
        """Return the calls of one project."""
        return ReferenceProject(self, id)


class ReferenceProject:
    """The calls of the façade on one project."""

    def __init__(self, store: Reference, project: str) -> None:
        self.store = store
        self.id = _key("project", project)

    def create(  # noqa: PLR0913 - an insight has that many fields
        self,
        query: object = None,
        *,
        name: object = None,
        derived_name: object = None,
        order: object = None,
        dashboards: object = (),
        description: object = None,
        tags: object = (),
        favorited: object = False,
        folder: object = None,
        user: object = None,
        name_source: object = None,
        short_id: str | None = None,
    ) -> Record:
        """Store a new insight; with a user, that counts as its first view.

        It does not read queries: give it the derived name that came out elsewhere, and the short id.
        """
        now = self.store.clock()
        user = None if user is None else _key("user", user)
        id_ = len(self.store.insights) + 1
        source = _text_or_none("name_source", name_source)
        record: Record = {
            "project": self.id,
            "id": id_,
            "short_id": short_id or f"ref{id_:05}",
            "name": _text_or_none("name", name),
            "derived_name": _text_or_none("derived_name", derived_name),
            "query": _query(query),
            "order": _order(order),
            "deleted": False,
            "dashboards": _dashboards(dashboards),
            "description": _text_or_none("description", description),
            "tags": _tags(tags),
            "favorited": _truth("favorited", favorited),
            "folder": _text_or_none("folder", folder),
            "created_at": now,
            "created_by": user,
            "updated_at": now,
            "last_modified_at": now,
            "last_modified_by": user,
            "name_source": None if name is None else source or "user",
            "derived_source": source if name is None and derived_name is not None else None,
            "revision": 1,
        }
        self.store.insights.append(record)
        if user is not None:
            self._views_of(user)[id_] = self._next_view(user)
        return _shown(record)

    def get(self, ref: int | str) -> Record:
        """Return the insight of that id or short id."""
        return _shown(self._find(_ref(ref)))

    def list(self, *, limit: object = None, **filters: object) -> Records:
        """Return the insights that pass the filters, in the order asked for; the newest first where nothing is."""
        wanted = _Filters(filters)
        there = [record for record in self._all() if wanted.pass_(record)]
        there.sort(key=lambda record: record["id"], reverse=wanted.descending)
        there.sort(key=lambda record: self._place(record, wanted), reverse=wanted.descending)
        return [_shown(record) for record in there][: None if limit is None else _limit(limit)]

    def _place(self, record: Record, wanted: _Filters) -> Any:
        if wanted.order == "created_at":
            return record["created_at"]
        if wanted.order == "name":
            # The 26 letters of ASCII alone are the same in either case.
            title = next(
                text for text in (record["name"], record["derived_name"], record["short_id"]) if text is not None
            )
            return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in title).encode()
        if wanted.order == "order":
            missing = -math.inf if wanted.descending else math.inf
            return missing if record["order"] is None else record["order"]
        viewers = [user for project, user in self.store.views if project == self.id]
        seen = [
            views[record["id"]]
            for user in viewers
            if wanted.user in {None, user} and record["id"] in (views := self._views_of(user))
        ]
        return max(seen, default=datetime.min.replace(tzinfo=UTC))

    def update(
        self,
        ref: int | str,
        *,
        user: object = None,
        revision: object = None,
        derived: tuple[str | None, str | None] | None = None,
        **changes: object,
    ) -> Record:
        """Change fields; what has these values already is no change.

        It does not read queries: with a new query, `derived` tells the derived name that came out elsewhere, and of whom.
        """
        new = {
            field: _CHANGES[field](value) if field in _CHANGES else _refuse(field) for field, value in changes.items()
        }
        user = None if user is None else _key("user", user)
        base = None if revision is None else _integer("revision", revision, 1)
        record = self._find(_ref(ref))
        if base is not None and base != record["revision"]:
            raise Conflict("changed since", insight=record["id"], revision=record["revision"])
        if "name" in new:
            new["name_source"] = None if new["name"] is None else "user"
        if "derived_name" in new:
            new["derived_source"] = None
        elif derived is not None:
            new["derived_name"], new["derived_source"] = derived
        new = {field: value for field, value in new.items() if not _same(value, record[field])}
        if new:
            record.update(new)
            self._touch(record)
            if new.keys() & {"name", "description", "query"}:
                record["last_modified_at"], record["last_modified_by"] = record["updated_at"], user
        return _shown(record)

    def trending(self, *, days: object = 7, limit: object = 10) -> Records:
        """Return what most users viewed in the last days; then the latest view decides, then the larger id."""
        since = self.store.clock() - timedelta(days=_between("days", days, 1, 365))
        found = []
        for record in self._all():
            views = [
                (seen, user)
                for (project, user), by_id in self.store.views.items()
                if project == self.id and (seen := by_id.get(record["id"])) is not None and seen >= since
            ]
            if views and not record["deleted"]:
                views.sort(key=lambda view: view[1])
                views.sort(key=lambda view: view[0], reverse=True)
                latest = {"last_viewed_at": views[0][0], "viewers": len(views)}
                found.append(
                    {**_shown(record, BASIC_DETAILS), **latest, "latest_viewers": tuple(u for _, u in views[:3])}
                )
        found.sort(key=lambda entry: (entry["viewers"], entry["last_viewed_at"], entry["id"]), reverse=True)
        return found[: _between("limit", limit, 1, 100)]

    def forget(self, user: object) -> int:
        """Clear the user's list for good, and return how many views there were."""
        key = (self.id, _key("user", user))
        views = self.store.views.pop(key, {})
        known = [self.store.watermarks[key]] if key in self.store.watermarks else []
        self.store.watermarks[key] = max([self.store.clock(), *views.values(), *known])
        return len(views)

    def delete(self, *refs: int | str) -> Records:
        """Hide the insights, or none of them if one is not there; in the order of their first mention."""
        found = _distinct([self._find(ref) for ref in _refs(refs)])
        for record in found:
            self._change(record, deleted=True)
        return [_shown(record) for record in found]

    def restore(self, *refs: int | str) -> Records:
        """Bring deleted insights back; what is not deleted stays as it is."""
        found = _distinct([self._find(ref, hidden_too=True) for ref in _refs(refs)])
        for record in found:
            if record["deleted"]:
                self._change(record, deleted=False)
        return [_shown(record) for record in found]

    def viewed(self, user: object, ids: object, at: object = None) -> Record:
        """Record that the user viewed the insights, all of them at one moment."""
        user = _key("user", user)
        wanted = _ids(ids)
        moment = self._next_view(user) if at is None else _moment(at, self.store.clock())
        views = self._views_of(user)
        forgotten = at is not None and moment <= self.store.watermarks.get((self.id, user), moment - TICK)
        there = [] if forgotten else [record for record in self._all() if not record["deleted"]]
        recorded = [record["id"] for record in there if record["id"] in wanted]
        moved = [id_ for id_ in recorded if id_ not in views or views[id_] < moment]
        for id_ in moved:
            views[id_] = moment
        return {
            "recorded": tuple(sorted(recorded)),
            "moved": tuple(sorted(moved)),
            "viewed_at": moment if recorded else None,
        }

    def my_last_viewed(self, user: object, limit: object = 5) -> Records:
        """Return what the user viewed and is not deleted: the latest view first, then the larger id."""
        views = self._views_of(_key("user", user))
        seen = [record for record in self._all() if record["id"] in views and not record["deleted"]]
        seen.sort(key=lambda record: (views[record["id"]], record["id"]), reverse=True)
        return [
            {**_shown(record, BASIC_DETAILS), "last_viewed_at": views[record["id"]]} for record in seen[: _limit(limit)]
        ]

    def _all(self) -> Records:
        """Return the insights of this project, the deleted ones too."""
        return [record for record in self.store.insights if record["project"] == self.id]

    def _find(self, ref: int | str, *, hidden_too: bool = False) -> Record:
        for record in self._all():
            # Compared as text: to `int`, "1_0", " 10" and Arabic digits are ids too; here they name nothing.
            names = (record["id"],) if isinstance(ref, int) else (record["short_id"], str(record["id"]))
            if ref in names and (hidden_too or not record["deleted"]):
                return record
        raise NotFound("there is no such insight", insight=ref)

    def _change(self, record: Record, *, deleted: bool) -> None:
        """Hide the insight, or show it again."""
        record["deleted"] = deleted
        self._touch(record)

    def _touch(self, record: Record) -> None:
        """Move the newest date and the revision, whatever the clock says."""
        record["updated_at"] = max(self.store.clock(), record["updated_at"] + TICK)
        record["revision"] += 1

    def _views_of(self, user: str) -> dict[int, datetime]:
        return self.store.views.setdefault((self.id, user), {})

    def _next_view(self, user: str) -> datetime:
        """Return the moment of a view that happens now: later than all before, and than all that was forgotten."""
        before = [*self._views_of(user).values()]
        if (self.id, user) in self.store.watermarks:
            before.append(self.store.watermarks[self.id, user])
        return max([self.store.clock(), *(seen + TICK for seen in before)])


class _Filters:
    """What a listing goes by."""

    def __init__(self, given: dict[str, object]) -> None:
        for name in given.keys() - _FILTERS.keys():
            _refuse(name)
        checked = {name: check(given[name]) for name, check in _FILTERS.items() if name in given}
        self.words: list[str] = checked.get("search", [])
        self.tags = set(checked.get("tags", ()))
        self.dashboards = set(checked.get("dashboards", ()))
        self.deleted = checked.get("deleted", False)
        self.user = checked.get("user")
        self.exact = {name: checked[name] for name in ("favorited", "created_by", "name_source") if name in checked}
        order = checked.get("order", "-created_at")
        self.order, self.descending = order.removeprefix("-"), order.startswith("-")

    def pass_(self, record: Record) -> bool:
        """Tell whether an insight is listed."""
        shown = _shown(record)
        return (
            record["deleted"] == self.deleted
            and self.tags <= set(record["tags"])
            and self.dashboards <= set(record["dashboards"])
            and all(shown[name] == value for name, value in self.exact.items())
            and self._has_words(record)
        )

    def _has_words(self, record: Record) -> bool:
        texts = [record["name"], record["derived_name"], record["description"], *record["tags"]]
        there = [word.lower() for text in texts if text for word in _words(text)]
        return all(any(found.startswith(word.lower()) for found in there) for word in self.words)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _shown(record: Record, fields: Iterable[str] | None = None) -> Record:
    """Return these fields, or all; the query is a copy, and the caller may do with it whatever they like."""
    hidden = {"project", "derived_source"}
    chosen = [field for field in record if field not in hidden] if fields is None else fields
    shown = {field: deepcopy(record[field]) if field == "query" else record[field] for field in chosen}
    if "name_source" in shown and record["name"] is None:
        shown["name_source"] = record["derived_source"]
    return shown


def _same(one: object, other: object) -> bool:
    # As JSON text, where True is not 1 and the order of keys counts.
    return one == other if not isinstance(one, dict) else json.dumps(one) == json.dumps(other)


def _refuse(name: str) -> NoReturn:
    raise InvalidInput(f"{name}: there is no such thing")


def _distinct(records: Records) -> Records:
    return list({record["id"]: record for record in records}.values())


def _whole(what: str, value: str) -> str:
    """Return text that is made of whole characters."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidInput(f"{what}: half a character (a lone surrogate) is no text")
    return value


def _text(what: str, value: object) -> str:
    # Within a query NUL is fine: JSON has an escape for it.
    if not isinstance(value, str) or "\0" in value:
        raise InvalidInput(f"{what}: expected text without NUL")
    return _whole(what, value)


def _text_or_none(what: str, value: object) -> str | None:
    return None if value is None else _text(what, value)


def _key(what: str, value: object) -> str:
    key = _text(what, value)
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidInput(f"{what}: expected 1 to {LONGEST_KEY} characters")
    return key


def _integer(what: str, value: object, lowest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= LARGEST:
        raise InvalidInput(f"{what}: expected an integer from {lowest} to {LARGEST}")
    return value


def _ref(value: object) -> int | str:
    # Text that no insight is called by, "0" or "-1", is merely not found.
    return value if isinstance(value, str) else _integer("insight", value, 1)


def _refs(values: tuple[object, ...]) -> list[int | str]:
    return [_ref(value) for value in values]


def _order(value: object) -> int | None:
    return None if value is None else _between("order", value, -LARGEST_ORDER, LARGEST_ORDER)


def _between(what: str, value: object, lowest: int, highest: int) -> int:
    if _integer(what, value, lowest) > highest:
        raise InvalidInput(f"{what}: expected an integer from {lowest} to {highest}")
    return _integer(what, value, lowest)


def _truth(what: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"{what}: expected true or false")
    return value


def _limit(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput("limit: expected an integer from 1")
    return value


def _several(what: str, values: object) -> list[object]:
    # Text would do as a list of its characters, bytes as one of integers, a dict as one of its keys: all by mistake.
    if isinstance(values, str | bytes | bytearray | dict) or not isinstance(values, Iterable):
        raise InvalidInput(f"{what}: expected a list")
    return list(values)


def _ids(values: object) -> set[int]:
    ids = {_integer("ids", value, 1) for value in _several("ids", values)}
    if not ids:
        raise InvalidInput("ids: expected at least one")
    return ids


def _dashboards(values: object) -> tuple[int, ...]:
    """Return them in their order, each once."""
    return tuple(dict.fromkeys(_integer("dashboards", value, 0) for value in _several("dashboards", values)))


def _tags(values: object) -> tuple[str, ...]:
    return tuple(sorted({_text("tags", value) for value in _several("tags", values)}))


def _moment(at: object, now: datetime) -> datetime:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidInput("at: expected a moment with its offset from UTC")
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        raise InvalidInput("at: outside the years 1 to 9999 in UTC") from None
    if moment - now > FUTURE:
        raise InvalidInput("at: more than five minutes in the future")
    return moment


def _query(value: object) -> object:
    if value is not None and not isinstance(value, dict):
        raise InvalidInput("query: expected a JSON object")
    return _json(value)


def _json(value: object) -> object:
    """Return a copy of a JSON value."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        return _whole("query", value)
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_whole("query", key): _json(item) for key, item in value.items()}
    raise InvalidInput("query: expected JSON values only")


def _search(value: object) -> list[str]:
    if len(_text("search", value)) > LONGEST_SEARCH:
        raise InvalidInput(f"search: expected at most {LONGEST_SEARCH} characters")
    return _words(str(value))


def _listed_order(value: object) -> str:
    if value not in {"created_at", "-created_at", "name", "-name", "order", "-order", "-last_viewed_at"}:
        raise InvalidInput("order: there is no such order")
    return str(value)


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: _text_or_none("name", value),
    "derived_name": lambda value: _text_or_none("derived_name", value),
    "query": _query,
    "order": _order,
    "dashboards": _dashboards,
    "description": lambda value: _text_or_none("description", value),
    "tags": _tags,
    "favorited": lambda value: _truth("favorited", value),
    "folder": lambda value: _text_or_none("folder", value),
}

_FILTERS: dict[str, Callable[[Any], Any]] = {
    "search": _search,
    "tags": _tags,
    "dashboards": _dashboards,
    "favorited": lambda value: _truth("favorited", value),
    "created_by": lambda value: _key("created_by", value),
    "name_source": lambda value: _text("name_source", value),
    "deleted": lambda value: _truth("deleted", value),
    "order": _listed_order,
    "user": lambda value: _key("user", value),
}
