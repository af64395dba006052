"""What a fixed case is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.testing.profiles import Profile
    from insights_core.testing.trial import Trial


class Case(NamedTuple):
    """A short history, and what must come of it."""

    name: str
    checks: str
    run: Callable[[Trial], None]
    """Raises `Mismatch` where the subject is wrong, and `NotOffered` where it cannot be asked."""
    ours: bool
    """Whether the hosted service leaves it open."""

    def is_asked(self, profile: Profile) -> bool:
        """Tell whether a profile holds anyone to this."""
        return profile.to_the_letter or not self.ours


class Cases:
    """Cases in the order of their definition."""

    def __init__(self) -> None:
        self.all: list[Case] = []

    def add(self, checks: str, *, ours: bool = False) -> Callable[[Callable[[Trial], None]], Callable[[Trial], None]]:
        """Make a case of a function; its name is the case's, with hyphens."""

        def made(function: Callable[[Trial], None]) -> Callable[[Trial], None]:
            self.all.append(Case(function.__name__.replace("_", "-"), checks, function, ours))
            return function

        return made
