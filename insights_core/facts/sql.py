"""SQL text of any dialect as facts, by way of its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .adapter import facts_of

if TYPE_CHECKING:
    from .types import Facts


def read(text: str, dialect: str | None = None) -> Facts | None:
    """Return the facts of a statement, or None where the text is none."""
    from insights_core.query.sql import read as read_sql

    meaning = read_sql(text, dialect) if isinstance(text, str) else None
    return facts_of(meaning) if meaning is not None else None
