"""SQL of any dialect, read into its meaning: through sqlglot, by its tokens where no parser can take it."""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING

from insights_core.query import limits

from .text import prepare

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

# Without a handler of its own, what sqlglot says of statements that it only half knows lands on standard error.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


_MOST_JOINS = 500
_MOST_BESIDE = 4
"""How much longer than what a parser sees a text may be with its comments and templates."""


def read(text: str, dialect: str | None = None) -> Meaning | None:
    """Return the meaning of an SQL text, or None where it is none.

    Of several statements the last that answers is meant; tables that earlier ones make are read through.
    """
    from .dialect import dialects, is_sql
    from .salvage import LOOKED_AT, from_tokens, parted, statements

    if not is_sql(text):
        return None
    is_long = len(text) > _MOST_BESIDE * limits.LONGEST_PARSED
    prepared = prepare(text[:LOOKED_AT] if is_long else text)
    if not prepared.sql.strip():
        return None
    meaning = None
    if not is_long:
        candidates = dict.fromkeys((dialect, *dialects(prepared.sql)) if dialect else dialects(prepared.sql))
        # Only where no dialect takes the text whole are its lines looked at for statements.
        for trees in chain(
            (statements(prepared.sql, item) for item in candidates),
            (parted(prepared.sql, item) for item in [*candidates][:2]),
        ):
            meaning = next(
                (found for tree in trees or () if (found := _meaning(tree, prepared.is_series)) is not None), None
            )
            if meaning is not None:
                break
    if meaning is None:
        meaning = from_tokens(prepared.sql)
    return meaning._replace(caption=prepared.caption)


def _meaning(tree: object, is_series: bool) -> Meaning | None:  # noqa: FBT001
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from .select import meaning_of

    if not isinstance(tree, exp.Expression):
        return None
    if any(len(select.args.get("joins") or ()) > _MOST_JOINS for select in tree.find_all(exp.Select)):
        return None  # the parser's scopes take the square of the tables that have one name
    try:
        return meaning_of(tree, is_series=is_series)
    except (SqlglotError, RecursionError):
        return None
