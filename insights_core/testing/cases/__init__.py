"""The fixed cases, in the order in which they are run."""

from . import access, http, names, recent, trending, viewed
from ._case import Case

CASES: tuple[Case, ...] = tuple(
    case for part in (recent, viewed, trending, names, http, access) for case in part.cases.all
)
"""Each a short history, and what must come of it."""

__all__ = ["CASES", "Case"]
