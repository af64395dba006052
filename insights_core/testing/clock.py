"""A clock that goes where a test sends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
"""The least by which one time is later than another."""
FIVE_MINUTES = timedelta(minutes=5)
"""How far ahead of the clock a replayed view may lie."""


class Clock:
    """Stands still until it is moved, forwards or backwards; to be given as `clock` to a store."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present, aware and in UTC."""
        return self.now
