"""Rows that break a law, mended in the transaction that the caller has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.errors import StoreUnusable

from . import _check, _search
from ._laws import LAWS, said, values

if TYPE_CHECKING:
    import sqlite3


def mended(connection: sqlite3.Connection, now: int) -> list[str]:
    """Mend what can be, by a clock that says `now`, and return one line for each row that was.

    Raises:
        StoreUnusable: The file itself is damaged; nothing is mended.
    """
    if damage := _check.damage(connection):
        raise StoreUnusable(f"only rows can be repaired, and here {damage[0]}")
    given = values(now)
    found = []
    for law in LAWS:
        rows = connection.execute(law.find, given).fetchall() if law.mend else []
        if not rows:
            continue
        found += [f"{said(law, row)}: {law.mended}" for row in rows]
        for statement in law.mend:
            # A pragma takes no values.
            connection.execute(statement, given if ":" in statement else {})
    if found and _search.installed(connection) and _search.available(connection):
        # It goes by the numbers of insights, and its triggers by their words alone.
        connection.execute("INSERT INTO insight_words (insight_words) VALUES ('rebuild')")
    return found
