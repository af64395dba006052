"""Meanings and names of queries without their values: all that a backend gets that is not on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.errors import BackendError, InvalidQuery
from insights_core.naming import name_all
from insights_core.query.registry import read

from .ask import Outward
from .redact import UNTOLD, Redacted, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights_core.language.protocol import Language
    from insights_core.naming import Draft
    from insights_core.query.meaning import Meaning


def outward(queries: Iterable[Any], language: Language, style: str = "title") -> list[Outward | BackendError]:
    """Return for each query what may be sent of it, or why nothing may.

    They are told apart as `name_all` does, and read by the readers of this package alone: what a plugin makes of a query
    nobody can vouch for.
    """
    found: list[tuple[Redacted, Meaning] | BackendError] = []
    first = 1
    for query in queries:
        try:
            redacted = redact(query, first=first)
            found.append((redacted, _described(redacted.query)))
            first += len(redacted.values)
        except BackendError as error:
            found.append(error)
    drafts = iter(name_all([item[1] for item in found if isinstance(item, tuple)], language=language, style=style))
    return [_outward(*item, next(drafts)) if isinstance(item, tuple) else item for item in found]


def _outward(redacted: Redacted, meaning: Meaning, draft: Draft) -> Outward:
    titles = tuple(map(redacted.marked, draft.titles()))
    return Outward(meaning, redacted.marked(draft.name), titles, redacted.restored)


def _described(query: Any) -> Meaning:
    try:
        meaning = read(query)
    except InvalidQuery:
        raise BackendError(UNTOLD, backend="") from None
    if meaning.shape == "unknown" and not (meaning.outputs or meaning.sources or meaning.source.name):
        raise BackendError(UNTOLD, backend="")
    return meaning
