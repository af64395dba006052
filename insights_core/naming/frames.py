"""The frames of names: for which shapes of a meaning, and the pattern of its slots. A naming rule is a row."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """One way to put a name together: for which shapes, and the pattern of its slots in the tables of the language."""

    pattern: str
    shapes: frozenset[str]


def _frame(pattern: str, *shapes: str) -> Frame:
    return Frame(pattern, frozenset(shapes))


FRAMES = (
    _frame("number", "number"),
    _frame("series", "series", "samples"),
    _frame("split", "split", "matrix"),
    _frame("ranking", "ranking"),
    _frame("things", "ranking"),
    _frame("rows", "rows", "unknown"),
    _frame("rows.by", "rows"),
    _frame("latest", "latest"),
    _frame("first", "first"),
    _frame("best", "best"),
    _frame("bottom", "bottom"),
    _frame("duplicates", "duplicates"),
    _frame("statement", "statement"),
    _frame("table_top", "split"),
    _frame("funnel", "funnel"),
    _frame("funnel.common", "funnel"),
    _frame("funnel.trends", "funnel"),
    _frame("funnel.time", "funnel"),
    _frame("retention", "retention"),
    _frame("retention.two", "retention"),
    _frame("stickiness", "stickiness"),
    _frame("lifecycle", "lifecycle"),
    _frame("paths", "paths"),
    _frame("actors", "actors"),
    _frame("experiment", "experiment", "exposures"),
    _frame("product"),
)

SHAPED = frozenset().union(*(frame.shapes for frame in FRAMES))
"""Every shape that has a frame of its own; others are named as what they are called."""
