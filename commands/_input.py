"""What the commands read: files, and standard input under the name that a person knows it by."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING, Any

import click
from insights_app import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_query(file: Any, *, sql: bool, encoding: str | None = None) -> dict[str, Any] | str:
    """Return the query in a file, by the mark that it begins with, or else in the encoding that was given."""
    from insights_core.query.registry import parse_text

    if file.isatty():
        click.echo("Type a query, then Ctrl-D (Ctrl-Z and Enter on Windows):", err=True)
    return parse_text(_decoded(_bytes_of(file), name_of(file), encoding), sql=sql)


def text_of(file: Any) -> str:
    """Return all text of a file in UTF-8."""
    from insights_core.errors import InvalidQuery

    try:
        return _bytes_of(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidQuery(f"{name_of(file)} is not UTF-8 text (byte {error.start}): convert it first") from None


def _bytes_of(file: Any) -> bytes:
    """Return what a file holds, which may be as much as a line of an export."""
    from insights_core.errors import InvalidQuery
    from insights_core.inputs import LONGEST_LINE

    name = name_of(file)
    with guard.naming(name):
        data: bytes = file.read(LONGEST_LINE + 1)
    if len(data) > LONGEST_LINE:
        raise InvalidQuery(f"{name} holds more than {LONGEST_LINE:,} bytes")
    return data


def lines_of(file: Any) -> Iterator[bytes]:
    """Yield the lines of a file."""
    from insights_core.inputs import bounded_lines

    with guard.naming(name_of(file)):
        yield from bounded_lines(file)


def name_of(file: Any) -> str:
    """Return what a person calls a file."""
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name != "<stdin>" else "standard input"


def _decoded(data: bytes, where: str, encoding: str | None) -> str:
    from insights_core.errors import InvalidQuery

    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    used = marked or encoding or "utf-8"
    if used == "utf-8" and b"\0" in data:
        nul = data.index(b"\0")
        told = f"UTF-16 without a mark needs --encoding utf-16-{'le' if nul % 2 else 'be'}"
        raise InvalidQuery(f"{where} has a NUL at byte {nul}: {told}")
    try:
        text = data.decode(used)
    except UnicodeError as error:
        at = f" (byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
        shown = used.removesuffix("-sig").upper()
        told = (
            "say what it is with --encoding, latin-1 for example"
            if used == "utf-8"
            else "is it damaged, or another --encoding?"
        )
        raise InvalidQuery(f"{where} is not {shown} text{at}: {told}") from None
    return text.removeprefix("\ufeff")


def bytes_left(file: Any) -> int | None:
    """Return how many bytes are still to be read, None where nobody knows, as of a pipe."""
    if not file.seekable():
        return None
    here: int = file.tell()
    end: int = file.seek(0, os.SEEK_END)
    file.seek(here)
    return end - here
