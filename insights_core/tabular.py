"""Rows of values as people and programs read them: a table for a terminal, tab-separated text, JSON, CSV."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def json_text(value: object) -> str:
    """Return JSON for people: indented, in its own order, characters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return RFC 4180 text: a header, CRLF line ends, nested values as JSON, None as nothing.

    A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers. What another
    separator than the comma would split stands in quotes: programs guess it, and take a semicolon or a tab for one.
    """
    lines = [columns, *([_csv_cell(row[column]) for column in columns] for row in rows)]
    return "".join(",".join(map(_quoted, line)) + "\r\n" for line in lines)


# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), in either width, and what it drops or
# passes over in front of one: blanks of any kind, line ends, controls, and marks that have no width.
_FORMULA = re.compile(
    r"[\s\x00-\x20\x7f-\xa0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62-\ufe66\ufe6b\u2212]"
)
_DROPPED = ("\t", "\r")
"""In front of a text, an old spreadsheet runs what is behind these whatever it is."""
_SEPARATING = re.compile(r"[,;|\t\r\n\"\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|^\s|\s$|^'")


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and (value.startswith(_DROPPED) or _FORMULA.match(value)):
        return "'" + value
    return str(value)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _SEPARATING.search(cell) else cell


def tab_separated(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return one line a row, without a header, for `cut` and its kind."""
    return "".join("\t".join(_cell(row[column]) for column in columns) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(one_line(str(item)) for item in value)
    return one_line(str(value))


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield where each value stands in nested JSON, and its text: `("measures[0].entity", "$pageview")`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield one_line(path), _cell(value)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str, terminal: Any) -> None:
    """Print rows: a table where standard output is a terminal, tab-separated text elsewhere.

    Times are local in the table and stay ISO 8601 in UTC in the text. `terminal` is where the table goes, which has
    colours and escapes its own cells.
    """
    if not sys.stdout.isatty():
        sys.stdout.write(tab_separated(rows, columns))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, file=terminal)
    if not rows:
        console.print(Text(empty, style="dim"))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row[column], int) for row in rows)
        table.add_column(
            column.replace("_", " "), justify="right" if numeric else "left", no_wrap=column in _NEVER_WRAPPED
        )
    for row in rows:
        # Text and not str: square brackets in a name are no markup.
        table.add_row(
            *(Text(_local(row[column]) if column.endswith("_at") else _cell(row[column])) for column in columns)
        )
    console.print(table)


_NEVER_WRAPPED = {"id", "short_id", "last_viewed_at", "created_at"}


def _local(value: Any) -> str:
    if value is None:
        return ""
    return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M")
