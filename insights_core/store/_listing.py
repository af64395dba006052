"""Listings: filters, orders and pages as one statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _search
from ._rows import COLUMNS

if TYPE_CHECKING:
    from insights_core.inputs import Listing

_LAST = 2**63 - 1

_VIEWED_BY_ME = f"""coalesce((SELECT v.last_viewed_at FROM view AS v JOIN viewer AS w ON w.id = v.viewer
    WHERE v.insight = i.id AND w.project = i.project AND w.user = :user), {-_LAST})"""
_VIEWED_BY_ANYBODY = f"""coalesce((SELECT max(v.last_viewed_at) FROM view AS v WHERE v.insight = i.id), {-_LAST})"""


class _Order(NamedTuple):
    key: str
    """An expression that is never null, so that a page can start behind any key."""
    descending: bool


# Ties go by id, in the direction of the key. What has no `order` comes last in either direction; names go by what is
# shown, in any case of the letters a to z, as SQLite's NOCASE does.
_TITLE = "coalesce(i.name, i.derived_name, i.short_id) COLLATE NOCASE"
_ORDERS = {
    "created_at": _Order("i.created_at", descending=False),
    "-created_at": _Order("i.created_at", descending=True),
    "name": _Order(_TITLE, descending=False),
    "-name": _Order(_TITLE, descending=True),
    "order": _Order(f'coalesce(i."order", {_LAST})', descending=False),
    "-order": _Order(f'coalesce(i."order", {-_LAST})', descending=True),
}


def statement(project: str, listing: Listing, *, indexed: bool) -> tuple[str, dict[str, Any]]:
    """Return the statement and its values; rows are `COLUMNS` and then the sort key.

    Without the index of words the search is not part of it.
    """
    order = _order(listing)
    values: dict[str, Any] = {"project": project, "deleted": listing.deleted, "user": listing.user}
    conditions = ["i.project = (SELECT id FROM project WHERE key = :project)", "i.deleted = :deleted"]
    for name, (condition, value) in _filters(listing, indexed=indexed).items():
        conditions.append(condition)
        values[name] = value
    direction, later = ("DESC", "<") if order.descending else ("ASC", ">")
    if listing.after is not None:
        values["after_key"], values["after_id"] = listing.after
        conditions.append(f"({order.key}, i.id) {later} (:after_key, :after_id)")
    return (
        f"SELECT {COLUMNS}, {order.key} FROM insight AS i WHERE {' AND '.join(conditions)} "
        f"ORDER BY {order.key} {direction}, i.id {direction} LIMIT :limit"
    ), {**values, "limit": listing.limit}


def _order(listing: Listing) -> _Order:
    if listing.order == "-last_viewed_at":
        return _Order(_VIEWED_BY_ANYBODY if listing.user is None else _VIEWED_BY_ME, descending=True)
    return _ORDERS[listing.order]


def _filters(listing: Listing, *, indexed: bool) -> dict[str, tuple[str, Any]]:
    wanted = {
        "tags": (
            "NOT EXISTS (SELECT value FROM json_each(:tags) EXCEPT SELECT value FROM json_each(i.tags))",
            listing.tags,
        ),
        "dashboards": (
            "NOT EXISTS (SELECT value FROM json_each(:dashboards) EXCEPT SELECT value FROM json_each(i.dashboards))",
            listing.dashboards,
        ),
        "favorited": ("i.favorited = :favorited", listing.favorited),
        "created_by": ("i.created_by = :created_by", listing.created_by),
        "name_source": (
            "CASE WHEN i.name IS NULL THEN i.derived_source ELSE i.name_source END = :name_source",
            listing.name_source,
        ),
        "match": (_search.FILTER, _search.match(listing.words) if indexed and listing.words else None),
    }
    return {
        name: (condition, json.dumps(value) if isinstance(value, tuple) else value)
        for name, (condition, value) in wanted.items()
        if value is not None and value != ()
    }
