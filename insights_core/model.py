"""What the calls return: immutable values, times as aware UTC datetimes, and `to_dict()` for JSON.

Named tuples and not dataclasses: seven frozen dataclasses cost a program that imports the library ten milliseconds, and
each entry of a list three times as much to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

Query = dict[str, Any]
"""A saved query: a JSON object in one of the formats that the readers know."""


def _json_ready(value: object) -> object:
    if hasattr(value, "isoformat"):
        # Always six digits, so that times sort as text too.
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


def _to_dict(record: NamedTuple) -> dict[str, Any]:
    return {name: _json_ready(value) for name, value in record._asdict().items()}


class Insight(NamedTuple):
    """A saved query with everything that is known of it."""

    id: int
    """Unique in the store."""
    short_id: str
    """Eight letters and digits, at least one letter; unique in the project."""
    name: str | None
    """The name that a person gave, or that was generated on request."""
    derived_name: str | None
    """The name that the query itself suggests; shown where `name` is missing."""
    query: Query | None
    order: int | None
    deleted: bool
    dashboards: tuple[int, ...]
    description: str | None
    tags: tuple[str, ...]
    """Distinct and sorted."""
    favorited: bool
    folder: str | None
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    """When anything at all last changed."""
    last_modified_at: datetime
    """When name, description or query last changed."""
    last_modified_by: str | None
    name_source: str | None
    """Who made the name that is shown: `user`, or the naming backend; None where there is none."""
    revision: int
    """Starts at 1 and grows by one with each change."""

    @property
    def title(self) -> str:
        """The text to show: the name, else the derived name, else the short id."""
        return self.name or self.derived_name or self.short_id

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)


class Key(NamedTuple):
    """A key of the HTTP server; the key itself is shown once, when it is made, and kept nowhere."""

    prefix: str
    """Its first characters, to know it by."""
    user: str
    scope: str
    """`insight:read`, or `insight:write`, which includes it."""
    projects: tuple[str, ...]
    """What it may reach; empty for every project."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the hour."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only."""
        return _to_dict(self)


class StoredKey(NamedTuple):
    """A key as a store keeps it; times are microseconds since 1970."""

    prefix: str
    hash: str
    user: str
    scope: str
    projects: str
    """A JSON array."""
    created_at: int
    expires_at: int | None
    last_used_at: int | None


class Asked(NamedTuple):
    """What a backend is asked, as far as its answer depends on it."""

    facts: str
    """The fingerprint of what was read from the query."""
    draft: str
    maker: str
    """The backend, its model, and the version of what it is told."""


class Answered(NamedTuple):
    """What became of it."""

    name: str | None
    """None where the answer was refused."""
    problem: str = ""


class RecentInsight(NamedTuple):
    """An entry of the last-viewed list: the basic details of an insight, and when this user last viewed it."""

    id: int
    short_id: str
    name: str | None
    derived_name: str | None
    query: Query | None
    dashboards: tuple[int, ...]
    description: str | None
    tags: tuple[str, ...]
    favorited: bool
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    last_modified_at: datetime
    last_viewed_at: datetime
    """This user's own last view, never anybody else's."""

    @property
    def title(self) -> str:
        """The text to show: the name, else the derived name, else the short id."""
        return self.name or self.derived_name or self.short_id

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)


class TrendingInsight(NamedTuple):
    """An entry of the trending list: the basic details of an insight, and who viewed it of late."""

    id: int
    short_id: str
    name: str | None
    derived_name: str | None
    query: Query | None
    dashboards: tuple[int, ...]
    description: str | None
    tags: tuple[str, ...]
    favorited: bool
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    last_modified_at: datetime
    last_viewed_at: datetime
    """The last view by anybody."""
    viewers: int
    """How many different users viewed it in the days asked for."""
    latest_viewers: tuple[str, ...]
    """Up to three of them, the latest first."""

    @property
    def title(self) -> str:
        """The text to show: the name, else the derived name, else the short id."""
        return self.name or self.derived_name or self.short_id

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)


class Page(NamedTuple):
    """A part of a listing."""

    insights: tuple[Insight, ...]
    next_cursor: str | None
    """What to pass for the page behind this one; None where this is the last."""


class CheckReport(NamedTuple):
    """What `check` found."""

    problems: tuple[str, ...]
    """What is wrong with the file, one line each; empty where all is well."""
    notes: tuple[str, ...]
    """What works, but worse than it could."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)


class Receipt(NamedTuple):
    """What a bulk view update did. It never tells a missing id from one of another project."""

    recorded: tuple[int, ...]
    """The ids that were kept, ascending: they exist in this project and are not deleted."""
    moved: tuple[int, ...]
    """Those of `recorded` whose time grew, ascending; a replay moves none."""
    viewed_at: datetime | None
    """The timestamp that the whole call got; None where nothing was recorded."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)


class Name(NamedTuple):
    """A generated name, and how it came about."""

    name: str
    description: str
    """One sentence; it says what the name leaves out."""
    backend: str
    """The backend that made the name."""
    fallback_from: str | None = None
    """The backend that was asked and did not deliver; None where nothing failed."""
    problems: tuple[str, ...] = ()
    """Why the steps before did not make the name, one line each."""
    check: str | None = None
    """The level that judged what the backend wrote: strict, contradiction or off; None where it is the rules' name."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in their order, with JSON types only; times are ISO 8601 in UTC with six digits."""
        return _to_dict(self)
