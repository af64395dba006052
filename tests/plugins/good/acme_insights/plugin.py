"""A backend that puts the draft into lower case, a language, and a reader of the queries of a made-up tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core import InvalidQuery, hookimpl

if TYPE_CHECKING:
    from insights_core import NamingRequest
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning


class Lower:
    """Proposes the rules' name in lower case: the same words, so that it stays true."""

    name = "lower"
    keeps_deadline = True
    is_local = True

    def propose(self, request: NamingRequest) -> str:
        """Return the draft in lower case."""
        return request.draft.lower()


@hookimpl
def insights_naming_backends() -> list[Lower]:
    """Offer the backend."""
    return [Lower()]


@hookimpl
def insights_languages() -> list[Language]:
    """Offer Volu."""
    from .volu import VOLU

    return [VOLU]


@hookimpl
def insights_describe_query(query: Any) -> Meaning | None:
    """Read `{"acme": {"count": "orders", "per": "country"}}`."""
    if not isinstance(query, dict) or "acme" not in query:
        return None
    from insights_core.query.meaning import Column, Count, Entity, Meaning, Output

    counted = query["acme"].get("count")
    if not counted:
        raise InvalidQuery("this acme query counts nothing: give it a `count`")
    per = query["acme"].get("per")
    source = Entity(counted, "event")
    split = (Output("dimension", Column(per, source)),) if per else ()
    return Meaning(
        shape="split" if per else "number",
        source=source,
        outputs=(Output("measure", Count(source)), *split),
        format="acme",
    )
