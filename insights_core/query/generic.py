"""The last reader: any JSON object of a kind that nobody knows is read by its kind and its words."""

from __future__ import annotations

from typing import Any

from . import embedded
from .meaning import Entity, Meaning
from .posthog.filters import read_filters, read_period
from .posthog.notes import Notes, text
from .words import split

_KIND_KEYS = ("kind", "insight", "type", "query_type", "queryType", "chart_type", "viz_type", "display_type")
_AROUND = frozenset("""
    id uuid short_id uid name title label description summary text note notes tags url link href slug owner author
    created_at updated_at created_by updated_by last_modified_at modified timestamp createdAt updatedAt deleted favorited
    archived pinned version status state code error errors message detail details reason ok success result results count
    total response meta metadata
""".split())  # fmt: skip
"""What stands around a query, or around an answer without one; what has nothing else is no query."""
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_STATEMENTS = frozenset({"HogQLQuery", "SQLQuery"})
_MOST_WORDS = 40
_LONGEST_VALUE = 120


def read(query: Any) -> Meaning | None:
    """Return the kind and the words of an object, or None where it holds no query or has no words at all.

    Filters and dates that are written as everywhere are read; what else there is counts as not understood.
    """
    if not isinstance(query, dict):
        return None
    kind_key = next((key for key in _KIND_KEYS if text(query.get(key)).strip()), "")
    kind = text(query.get(kind_key))
    is_statement = kind in _STATEMENTS and isinstance(query.get("query"), str)
    if is_statement or (not kind_key and embedded.has_text(query)):
        return None  # what stands where SQL does is no SQL, or a reader before this one had taken it
    properties, dates = query.get("properties"), query.get("dateRange")
    read = [
        key
        for key, is_read in (
            (kind_key, True),
            ("properties", isinstance(properties, list)),
            ("dateRange", isinstance(dates, dict)),
        )
        if is_read
    ]
    rest = {key: value for key, value in query.items() if key not in read}
    words = _collect(rest)
    if not split(kind) and not any(map(split, words)):
        return None
    held = {key: value for key, value in rest.items() if key not in _AROUND and value not in _NOTHING}
    if not kind_key and not any(map(split, _collect(held))):
        return None
    notes = Notes()
    return Meaning(
        shape="unknown",
        source=Entity("", "all"),
        conditions=read_filters(properties, notes) if isinstance(properties, list) else (),
        period=read_period(dates, notes) if isinstance(dates, dict) else None,
        words=words,
        unread=(*(str(key) for key in rest), *notes.unread),
        format=kind,
    )


def _collect(value: Any) -> tuple[str, ...]:
    """Return the texts that read like identifiers or labels, nearest to the root first; the keys where there are none."""
    layer = [value]
    found: list[str] = []
    keys: list[str] = []
    while layer and len(found) < _MOST_WORDS:
        below: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                # Sorted, since the order of keys in a file means nothing.
                names = sorted(key for key in item if isinstance(key, str))
                keys += names
                below += [item[name] for name in names]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and len(item) <= _LONGEST_VALUE and split(item):
                found.append(item)
        layer = below
    return tuple(dict.fromkeys(found or keys))[:_MOST_WORDS]
