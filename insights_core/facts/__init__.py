"""Queries as plain facts: one query format a file, one shape for all of them."""

from .reading import Reader, describe, parse_json, parse_text
from .types import Breakdown, Condition, Facts, Filter, Group, Measure, Option, Period

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
    "parse_json",
    "parse_text",
]
