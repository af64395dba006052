"""Queries as plain facts, by way of their meaning: for the check of names that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.registry import Reader, parse_json, parse_text, read

from .adapter import facts_of
from .types import Breakdown, Condition, Facts, Filter, Group, Measure, Option, Period

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Breakdown",
    "Condition",
    "Facts",
    "Filter",
    "Group",
    "Measure",
    "Option",
    "Period",
    "Reader",
    "describe",
    "facts_of",
    "parse_json",
    "parse_text",
]


def describe(query: Any, readers: Iterable[Reader] = ()) -> Facts:
    """Read a query, or an insight around one, into facts.

    Args:
        query: a JSON object in any format that a reader knows, or the text of an SQL statement.
        readers: further readers, asked in order after the built-in ones; not iterated while a built-in one answers.

    Raises:
        InvalidQuery: this is no query, or none that can be read.
    """
    return facts_of(read(query, readers))
