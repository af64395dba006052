"""The last reader: any JSON object of a kind that nobody knows gets a name from its kind and its words."""

from __future__ import annotations

from typing import Any

from .properties import read_filters, read_period, text
from .types import Facts
from .words import split

_KIND_KEYS = ("kind", "insight", "type", "query_type", "queryType", "chart_type", "viz_type", "display_type")
_READ = ("properties", "dateRange")
_MOST_WORDS = 40
_LONGEST_VALUE = 120


def read(query: Any) -> Facts | None:
    """Return facts with the kind and the words of an object, or None where it has no words at all.

    Filters and dates that are written as everywhere are read; what else there is counts as not understood.
    """
    if not isinstance(query, dict):
        return None
    kind_key = next((key for key in _KIND_KEYS if text(query.get(key)).strip()), "")
    words = _collect({key: value for key, value in query.items() if key not in (kind_key, *_READ)})
    kind = text(query.get(kind_key))
    if not split(kind) and not any(map(split, words)):
        return None
    properties = query.get("properties")
    return Facts(
        kind="other",
        node=kind,
        filters=read_filters(properties) if isinstance(properties, list) else (),
        period=read_period(query.get("dateRange")),
        words=words,
        unread=tuple(str(key) for key in query if key not in (kind_key, *_READ)),
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
