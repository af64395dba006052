"""What the commands read: files, and standard input under the name that a person knows it by."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from insights_app import guard

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_query(file: Any, *, sql: bool) -> dict[str, Any] | str:
    from insights_core.facts import parse_text

    if file.isatty():
        click.echo("Type a query, then Ctrl-D (Ctrl-Z and Enter on Windows):", err=True)
    return parse_text(text_of(file), sql=sql)


def text_of(file: Any) -> str:
    """Return all text of a file, which may hold as much as a line of an export."""
    from insights_core.errors import InvalidQuery
    from insights_core.inputs import LONGEST_LINE

    name = name_of(file)
    with guard.naming(name):
        data = file.read(LONGEST_LINE + 1)
    if len(data) > LONGEST_LINE:
        raise InvalidQuery(f"{name} holds more than {LONGEST_LINE:,} bytes")
    return decoded(data, name)


def lines_of(file: Any) -> Iterator[bytes]:
    from insights_core.inputs import bounded_lines

    with guard.naming(name_of(file)):
        yield from bounded_lines(file)


def name_of(file: Any) -> str:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name != "<stdin>" else "standard input"


def decoded(data: bytes, where: str) -> str:
    from insights_core.errors import InvalidQuery

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidQuery(f"{where} is not UTF-8 text (byte {error.start}): convert it first") from None


def bytes_left(file: Any) -> int | None:
    """Return how many bytes are still to be read, None where nobody knows, as of a pipe."""
    if not file.seekable():
        return None
    here: int = file.tell()
    end: int = file.seek(0, os.SEEK_END)
    file.seek(here)
    return end - here
