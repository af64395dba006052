"""The rules' own name, as a backend: instant, offline, always there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core import hookimpl

if TYPE_CHECKING:
    from insights_core import NamingBackend, NamingRequest


class Heuristic:
    """Returns the draft: the rules themselves live in `insights_core.naming`, so that a fallback needs no plugin."""

    name = "heuristic"
    keeps_deadline = True
    is_local = True

    def propose(self, request: NamingRequest) -> str:
        """Return the draft as it is."""
        return request.draft


@hookimpl
def insights_naming_backends() -> list[NamingBackend]:
    """Offer the rules."""
    return [Heuristic()]
