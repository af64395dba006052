"""Rows of SQLite as values of the surface."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from insights_core.errors import StoreUnusable
from insights_core.model import Insight, RecentInsight, TrendingInsight
from insights_core.moments import from_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BASIC = """i.id, i.short_id, i.name, i.derived_name, i.query, i.dashboards, i.description, i.tags, i.favorited,
    i.created_at, i.created_by, i.updated_at, i.last_modified_at"""

COLUMNS = """i.id, i.short_id, i.name, i.derived_name, i.query, i."order", i.deleted, i.dashboards, i.description, i.tags,
    i.favorited, i.folder, i.created_at, i.created_by, i.updated_at, i.last_modified_at, i.last_modified_by,
    i.name_source, i.derived_source, i.revision"""

Row = tuple[Any, ...]


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn what a value cannot be, where the file's own checksums would have to tell, into `StoreUnusable`."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:
        told = " ".join(str(error).split())
        raise StoreUnusable(f"a row is damaged ({told}): run `insights check`, or restore a backup") from error


def whole(row: Row) -> Row:
    """Return the row, which holds no bytes: no column does, and SQLite does not look again when it reads."""
    if bytes in map(type, row):
        raise TypeError("bytes stand where a text or a number should")
    return row


def insights(rows: Iterable[Row]) -> list[Insight]:
    """Return insights from rows of `COLUMNS`."""
    with damage_told():
        return [insight(whole(row)) for row in rows]


def recents(rows: Iterable[Row]) -> list[RecentInsight]:
    """Return entries from rows of `BASIC` and the moment of the view."""
    with damage_told():
        return [recent(whole(row)) for row in rows]


def trendings(rows: Iterable[Row]) -> list[TrendingInsight]:
    """Return entries from rows of `BASIC`, the last view, the number of viewers and the latest of them as JSON."""
    with damage_told():
        return [trending(whole(row)) for row in rows]


def insight(row: Row) -> Insight:
    """Return an insight from a row of `COLUMNS`."""
    (id_, short_id, name, derived_name, query, order, deleted, dashboards, description, tags, favorited, folder,
     created_at, created_by, updated_at, last_modified_at, last_modified_by, name_source, derived_source,
     revision) = row  # fmt: skip
    return Insight(
        id_, short_id, name, derived_name, _object(query), order, bool(deleted), _array(dashboards), description,
        _array(tags), bool(favorited), folder, from_microseconds(created_at), created_by, from_microseconds(updated_at),
        from_microseconds(last_modified_at), last_modified_by, derived_source if name is None else name_source, revision,
    )  # fmt: skip


def recent(row: Row) -> RecentInsight:
    """Return an entry from a row of `BASIC` and the moment of the view."""
    # The hot one: written out, since a star costs more than the rest.
    (id_, short_id, name, derived_name, query, dashboards, description, tags, favorited,
     created_at, created_by, updated_at, last_modified_at, last_viewed_at) = row  # fmt: skip
    return RecentInsight(
        id_, short_id, name, derived_name, _object(query), _array(dashboards), description, _array(tags),
        bool(favorited), from_microseconds(created_at), created_by, from_microseconds(updated_at),
        from_microseconds(last_modified_at), from_microseconds(last_viewed_at),
    )  # fmt: skip


def trending(row: Row) -> TrendingInsight:
    """Return an entry from a row of `BASIC`, the last view, the number of viewers and the latest of them as JSON."""
    *basic, last_viewed_at, viewers, latest = row
    return TrendingInsight(*(*_basic(basic), from_microseconds(last_viewed_at), viewers, _array(latest)))


def _basic(row: list[Any]) -> Any:
    (id_, short_id, name, derived_name, query, dashboards, description, tags, favorited,
     created_at, created_by, updated_at, last_modified_at) = row  # fmt: skip
    return (
        id_, short_id, name, derived_name, _object(query), _array(dashboards), description, _array(tags),
        bool(favorited), from_microseconds(created_at), created_by, from_microseconds(updated_at),
        from_microseconds(last_modified_at),
    )  # fmt: skip


# What json.loads does around this takes as long as a short text itself; the store wrote the text without blanks.
_decode = json.JSONDecoder().raw_decode


def _object(text: str | None) -> Any:
    return None if text is None else _decode(text)[0]


def _array(text: str) -> tuple[Any, ...]:
    return () if text == "[]" else tuple(json.loads(text))
