"""SQL text of any dialect: through sqlglot, by its tokens where no parser can take it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from insights_core.query import limits

from .sql_text import dialects, from_tokens, is_sql, without_macros

if TYPE_CHECKING:
    from .types import Facts

# Without a handler of its own, what sqlglot says of statements that it only half knows lands on standard error.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


def read(text: str, dialect: str | None = None) -> Facts | None:
    """Return the facts of a statement, or None where the text is none.

    A dialect that turns out wrong costs one more parse, never more.
    """
    if not isinstance(text, str) or not is_sql(text):
        return None
    plain = without_macros(text).replace("\0", " ")
    candidates = (dialect, None) if dialect else dialects(plain)
    for candidate in candidates:
        if facts := _parsed(plain, candidate):
            return facts
    return from_tokens(plain)


def _parsed(text: str, dialect: str | None) -> Facts | None:
    from .sql_tree import read_tree

    trees = limits.parse(text, dialect)
    try:
        return read_tree(trees[-1]) if trees else None
    except RecursionError:
        return None
