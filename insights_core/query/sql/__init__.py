"""SQL of any dialect, read into its meaning: through sqlglot, by its tokens where no parser can take it."""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING

from insights_core.query import limits

from .dialect import dialects
from .evidence import has_stray_comma, is_damaged, is_prose, opening, passage
from .salvage import LOOKED_AT, borders, from_tokens, parted, statements
from .text import prepare

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

    from .evidence import Opening
    from .text import Text

# Without a handler of its own, what sqlglot says of statements that it only half knows lands on standard error.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


_MOST_JOINS = 500
_END = LOOKED_AT // 4
_MOST_BESIDE = 4
"""How much longer than what a parser sees a text may be with its comments and templates."""


def read(text: str, dialect: str | None = None, *, is_declared: bool = False) -> Meaning | None:
    """Return the meaning of an SQL text, or None where it is none.

    Of several statements the last that answers is meant; tables that earlier ones make are read through. `syntax` is
    unread where not all of the text could be parsed.

    Args:
        text: What may be SQL.
        dialect: The parser's name for its dialect, where it is known.
        is_declared: Whether it stands where nothing but SQL does, so that it is taken for SQL however damaged.
    """
    found = passage(text)
    if found.blocks > 1:
        return None
    is_long = len(found.text) > _MOST_BESIDE * limits.LONGEST_PARSED
    prepared = prepare(found.text[:LOOKED_AT] if is_long else found.text)
    opened = opening(prepared.sql)
    if opened is None or is_prose(prepared.sql):
        return None
    meaning = None if is_long else _parsed(opened, prepared, dialect, is_declared=is_declared)
    if meaning is None:
        meaning = _salvaged(opened, is_declared=is_declared)
    if meaning is None and is_long:
        # What it is about may stand at its end, behind more columns than are looked at.
        return read(f"{found.text[: LOOKED_AT - _END - 1]}\n{found.text[-_END:]}", dialect, is_declared=is_declared)
    return meaning._replace(caption=prepared.caption) if meaning is not None else None


def _parsed(opened: Opening, prepared: Text, dialect: str | None, *, is_declared: bool) -> Meaning | None:
    """Return what the parser makes of a text, in the first dialect in which it makes anything."""
    if not (opened.is_whole or is_declared or is_damaged(opened, [])):
        return None
    known = dialects(opened.code)
    candidates = tuple(dict.fromkeys((dialect, *known) if dialect else known))
    # Only where no dialect takes the text whole are its lines looked at for statements.
    for trees, is_whole in chain(
        ((statements(opened.code, item), True) for item in candidates),
        (parted(opened.code, item) for item in candidates[:2]),
    ):
        meaning = next(
            (found for tree in trees or () if (found := _meaning(tree, prepared.is_series)) is not None), None
        )
        if meaning is None:
            continue
        if is_whole and opened.is_whole and (prepared.is_filled or not has_stray_comma(opened.code, candidates[0])):
            return meaning
        return meaning._replace(unread=(*meaning.unread, "syntax"))
    return None


def _salvaged(opened: Opening, *, is_declared: bool) -> Meaning | None:
    """Return what can be seen of a statement that no parser takes; None where it reads like none, or nothing is seen."""
    if not is_declared and not is_damaged(opened, borders(opened.code)):
        return None
    meaning = from_tokens(opened.code)
    return meaning if meaning.sources or meaning.outputs or is_declared else None


def refusal(text: str) -> str:
    """Return in one line what is missing in a text that `read` makes nothing of, and what to hand over instead."""
    blocks = passage(text).blocks
    if blocks > 1:
        return f"the text has {blocks} fenced blocks of SQL: hand over one of them"
    return "no query was found in the text: hand over one SQL statement by itself, or a query as a JSON object"


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
