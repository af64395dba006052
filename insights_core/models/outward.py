"""Facts and drafts of queries without their values: all that a backend gets that is not on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.errors import BackendError, InvalidQuery
from insights_core.facts import describe
from insights_core.naming import name_all
from insights_core.naming.pipeline import Outward

from .redact import UNTOLD, Redacted, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights_core.facts import Facts
    from insights_core.language.protocol import Language


def outward(queries: Iterable[Any], language: Language, style: str = "title") -> list[Outward | BackendError]:
    """Return for each query what may be sent of it, or why nothing may.

    They are told apart as `name_all` does, and read by the readers of this package alone: what a plugin makes of a query
    nobody can vouch for.
    """
    found: list[tuple[Redacted, Facts] | BackendError] = []
    first = 1
    for query in queries:
        try:
            redacted = redact(query, first=first)
            found.append((redacted, _described(redacted.query)))
            first += len(redacted.values)
        except BackendError as error:
            found.append(error)
    drafts = iter(name_all([item[1] for item in found if isinstance(item, tuple)], language=language, style=style))
    return [
        Outward(item[1], item[0].marked(next(drafts).name), item[0].restored) if isinstance(item, tuple) else item
        for item in found
    ]


def _described(query: Any) -> Facts:
    try:
        facts = describe(query)
    except InvalidQuery:
        facts = None
    says_nothing = facts is None or (facts.kind == "sql" and not (facts.measures or facts.columns or facts.tables))
    if facts is None or facts.kind == "other" or says_nothing:
        raise BackendError(UNTOLD, backend="")
    return facts
