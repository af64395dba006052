"""The last reader: any JSON object of a kind that nobody knows gets a name from its kind and its words."""

from __future__ import annotations

from typing import Any

from .properties import read_filters, text
from .types import Facts
from .words import split

_KIND_KEYS = ("kind", "insight", "type", "query_type", "queryType", "chart_type", "viz_type", "display_type")
_MOST_WORDS = 40
_LONGEST_VALUE = 120


def read(query: Any) -> Facts | None:
    """Return facts with the kind and the words of an object, or None where it has no words at all."""
    if not isinstance(query, dict):
        return None
    kind = next((text(query[key]) for key in _KIND_KEYS if text(query.get(key)).strip()), "")
    found: list[str] = []
    _collect({key: value for key, value in query.items() if key not in _KIND_KEYS}, found)
    words = tuple(dict.fromkeys(found))
    if not split(kind) and not any(map(split, words)):
        return None
    properties = query.get("properties")
    filters = read_filters(properties) if isinstance(properties, list) else ()
    unread = tuple(str(key) for key in query if key not in _KIND_KEYS and key != "properties")
    return Facts(kind="other", node=kind, filters=filters, words=words, unread=unread)


def _collect(value: Any, found: list[str]) -> None:
    """Gather texts that read like identifiers or labels, nearest to the root first; keys only where no value speaks."""
    layer = [value]
    keys: list[str] = []
    while layer and len(found) < _MOST_WORDS:
        below: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                keys += [key for key in item if isinstance(key, str)]
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and len(item) <= _LONGEST_VALUE and split(item):
                found.append(item)
        layer = below
    found += keys[: _MOST_WORDS - len(found)]
