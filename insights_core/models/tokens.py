"""SQL cut into tokens without a dialect: what is code in every way to read it, and what is a literal or a comment.

Dialects disagree about where a literal or a comment ends (does a backslash escape, does `#` begin a comment). So a text is
read in each way that it gives cause for; a reading that goes wrong (a literal that never ends) is dropped, and only what is
code in all that are left is code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple

LONGEST = 50_000
"""Characters; a longer statement is not read."""

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_HASH_IS_COMMENT, _SLASHES_ARE_COMMENT, _ESCAPES, _TRIPLES, _NESTS, _TIGHT = range(6)
_CAUSES = ("#", "//", "\\", ("'''", '"""'), "/*", "--")
"""What a text must hold for the readings of the same place to differ."""


class Token(NamedTuple):
    """A piece of a statement."""

    kind: str
    """word, number, text (a literal), quoted (in double quotes: a name or a literal), name (in backticks), or mark."""
    start: int
    end: int


class UnreadableError(Exception):
    """What is code in a text and what is not cannot be told."""


def tokens(text: str) -> list[Token]:
    """Return the tokens that are code or literals; what lies between them is blank, a comment, or disputed.

    Raises:
        UnreadableError: No reading makes sense of the text, or it is too long.
    """
    if len(text) > LONGEST:
        raise UnreadableError
    options = [_ways(text, cause) for cause in _CAUSES]
    # Each cause doubles the readings, and a reading is linear.
    readings = [found for ways in product(*options) if (found := _read(text, ways)) is not None]
    if not readings:
        raise UnreadableError
    first, *others = [found for found in readings if not _is_odd(text, found)] or readings
    agreed = set(first).intersection(*others)
    return [token for token in first if token in agreed]


def _ways(text: str, cause: str | tuple[str, ...]) -> tuple[bool, ...]:
    causes = (cause,) if isinstance(cause, str) else cause
    # One opening is no nesting.
    return (False, True) if any(text.count(mark) > (mark == "/*") for mark in causes) else (False,)


@lru_cache(maxsize=64)
def _pattern(ways: tuple[bool, ...]) -> re.Pattern[str]:
    comments = [r"--(?=\s|\Z)[^\n]*+" if ways[_TIGHT] else r"--[^\n]*+", r"\{\#(?:[^#]++|\#(?!\}))*+\#\}"]
    if ways[_HASH_IS_COMMENT]:
        comments.append(r"\#[^\n]*+")
    if ways[_SLASHES_ARE_COMMENT]:
        comments.append(r"//[^\n]*+")
    escape = r"|\\." if ways[_ESCAPES] else ""
    plain = r"\\" if ways[_ESCAPES] else ""
    single, double = rf"'(?:[^'{plain}]++|''{escape})*+'", rf'"(?:[^"{plain}]++|""{escape})*+"'
    if ways[_TRIPLES]:
        single = rf"'''(?:[^'{plain}]++|'{{1,2}}(?!'){escape})*+'''|{single}"
        double = rf'"""(?:[^"{plain}]++|"{{1,2}}(?!"){escape})*+"""|{double}'
    return re.compile(
        rf"(?P<blank>\s++|{'|'.join(comments)})"
        r"|(?P<block>/\*)"
        r"|(?P<delimited>n?q'[^\s'])"
        r"|(?P<dollars>\$(?:[^\W\d]\w*+)?\$)"
        r"|(?P<escaped>e')"
        rf"|(?P<text>(?:u&|rb|br|[nrbxf])?(?:{single}))"
        rf"|(?P<quoted>(?:u&|rb|br|[rb])?(?:{double}))"
        r"|(?P<name>`)"
        r"|(?P<number>\.?\d(?:[\w.]|(?<=e)[+-](?=\d))*+)"
        r"|(?P<word>[^\W\d][\w$]*+)"
        r"|(?P<mark>[!#$%&()*+,\-./:;<=>?@\[\]^{|}~])",
        re.DOTALL | re.IGNORECASE,
    )


def _is_odd(text: str, found: list[Token]) -> bool:
    """Whether a literal touches a word or a literal, or brackets do not match: a reading that took an end for a beginning."""
    open_brackets = 0
    for place, (kind, start, end) in enumerate(found):
        if kind == "mark":
            open_brackets += (text[start] in "([") - (text[start] in ")]")
            if open_brackets < 0:
                return True
        if kind in ("word", "number", "mark"):
            continue
        before = found[place - 1] if place else None
        touches = before is not None and before.end == start and before.kind != "mark"
        if touches and before is not None and text[before.start : before.end].lower() not in _TYPES:
            return True
        if text[end : end + 1].isalnum() or text[end : end + 1] == "_":
            return True
    return open_brackets != 0


_TYPES = frozenset(
    {"date", "time", "timestamp", "datetime", "interval", "json", "point", "decimal", "numeric", "bytea"}
)
"""What may stand before a literal without a blank: `date'2024-01-01'`."""

_REST_OF_ESCAPED = re.compile(r"(?:[^'\\]++|''|\\.)*+'", re.DOTALL)
_REST_OF_NAME = re.compile(r"(?:[^`]++|``)*+`")
_BLOCK_ENDS = {False: re.compile(r"\*/"), True: re.compile(r"/\*|\*/")}


def _read(text: str, ways: tuple[bool, ...]) -> list[Token] | None:
    """Return the tokens in one reading, or None where it leads nowhere."""
    pattern, found, place = _pattern(ways), [], 0
    while place < len(text):
        match = pattern.match(text, place)
        if match is None:
            return None  # a literal that never ends, a stray backslash, a mark that no dialect knows
        kind, end = match.lastgroup or "", match.end()
        if kind == "block":
            end = _end_of_block(text, match.end(), nests=ways[_NESTS])
        elif kind == "delimited":
            closing = _CLOSING.get(text[end - 1], text[end - 1]) + "'"
            end = _end_of(text, closing, end)
        elif kind == "dollars":
            end = _end_of(text, match[0], end)
        elif kind == "name":
            rest = _REST_OF_NAME.match(text, end)
            end = rest.end() if rest else -1
        elif kind == "escaped":
            rest = _REST_OF_ESCAPED.match(text, end)
            kind, end = ("text", rest.end()) if rest else ("word", end - 1)
        if end < 0 or _is_wrong(text, kind, place, end):
            return None
        if kind not in ("blank", "block"):
            found.append(Token("text" if kind in ("delimited", "dollars") else kind, place, end))
        place = end
    return found


def _end_of(text: str, closing: str, place: int) -> int:
    end = text.find(closing, place)
    return end + len(closing) if end >= 0 else -1


def _end_of_block(text: str, place: int, *, nests: bool) -> int:
    depth = 1
    for match in _BLOCK_ENDS[nests].finditer(text, place):
        depth += 1 if match[0] == "/*" else -1
        if not depth:
            return match.end()
    return -1


_FILE_AT = re.compile(r"@[\w.~%-]*/")


def _is_wrong(text: str, kind: str, place: int, end: int) -> bool:
    """Whether a token cannot stand here: the end of a comment that none began, an address, the path of a file."""
    if kind == "word":
        return not (text[place].isalpha() or text[place] == "_") or text[end : end + 1] == "@"
    if kind != "mark":
        return False
    return text.startswith("*/", place) or (text[place] == "@" and _FILE_AT.match(text, place) is not None)
