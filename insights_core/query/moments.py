"""Which values are points in time: what is ordered by them is the latest, not the top."""

from __future__ import annotations

import re

from .meaning import Aggregate, Bucket, Column, Extreme, Value

_MOMENT = re.compile(
    r"(?:(?:^|_)(?:date|datetime|timestamp|at|day|week|month|year|on|ts|dt|[abcm]time)|^time|Date|Timestamp|At)$"
)

_CLOCK = re.compile(
    r"(?:^|_)(?:start|end|begin|created?|updated?|opened|closed?|finish|event|arrival|departure|pickup|dropoff|order|log|snapshot|view|"
    r"checkout)(?:ed)?_?time$",
    re.IGNORECASE,
)


def is_moment(value: Value | None) -> bool:
    """Whether a value is a point in time, by the name of its column."""
    if isinstance(value, Extreme):
        return is_moment(value.of)
    if isinstance(value, Aggregate):
        return value.function in ("min", "max") and is_moment(value.of)
    if isinstance(value, Bucket):
        return True
    return isinstance(value, Column) and any(
        _MOMENT.search(name) or _CLOCK.search(name) for name in (value.name, *value.labels)
    )
