"""Times: whole microseconds since 1970 in storage, aware UTC datetimes at the surface."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
LATEST_PRESENT = (datetime(3001, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""What no clock that is right will reach in our time."""


def to_microseconds(moment: datetime) -> int:
    """Return an aware moment as whole microseconds; integer arithmetic, since float seconds are off by one at times."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """Return the moment in UTC that lies so many microseconds after 1970."""
    return _EPOCH + timedelta(0, 0, microseconds)


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
