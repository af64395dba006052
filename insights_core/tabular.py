"""Rows of values as people and programs read them: a table for a terminal, tab-separated text, JSON, CSV."""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def visible(text: str) -> str:
    """Return text in one line that cannot steer a terminal: control characters become spaces."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(character) in _STEERING else character for character in text)


# Control, line and paragraph separators, and format characters (the bidirectional ones among them).
_STEERING = {"Cc", "Zl", "Zp", "Cf"}


def json_text(value: object) -> str:
    """Return JSON for people: indented, in its own order, characters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return RFC 4180 text: a header, CRLF line ends, nested values as JSON, None as nothing.

    A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers.
    """
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(row[column]) for column in columns] for row in rows)
    return buffer.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def tab_separated(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return one line a row, without a header, for `cut` and its kind."""
    return "".join("\t".join(_cell(row[column]) for column in columns) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(visible(str(item)) for item in value)
    return visible(str(value))


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield where each value stands in nested JSON, and its text: `("measures[0].entity", "$pageview")`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield path, _cell(value)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> None:
    """Print rows on standard output: a table where that is a terminal, tab-separated text elsewhere.

    Times are local in the table and stay ISO 8601 in UTC in the text.
    """
    if not sys.stdout.isatty():
        sys.stdout.write(tab_separated(rows, columns))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
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
