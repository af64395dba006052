"""Whether anybody still waits for a call: what nobody waits for is ended at its next step."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final


class Caller:
    """Who waits for a call, until they give up; seen by all that the call does in its own context."""

    def __init__(self) -> None:
        self.gave_up = False

    def __enter__(self) -> None:
        self._token = _caller.set(self)

    def __exit__(self, *_: object) -> None:
        _caller.reset(self._token)


def unwanted() -> bool:
    """Whether the caller of this context has given up; never where nobody said who waits."""
    caller = _caller.get()
    return caller is not None and caller.gave_up


_caller: Final[ContextVar[Caller | None]] = ContextVar("caller", default=None)
