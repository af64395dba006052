"""Text that cannot steer a terminal, whoever wrote it.

A name that came with an import, or the name of a file, may hold what a terminal obeys: a title, a colour, a line written
over another, a direction that turns what follows around. The command line puts all that it prints through `escaped`.
"""

from __future__ import annotations

import re
from typing import Final

# Controls of the first and the second set but for tab and line end, DEL; marks and orders of direction, line and
# paragraph separators, characters without a width but for the joiners that scripts and emoji need, tags, and halves of
# surrogate pairs. A carriage return may stand before a line end alone: elsewhere it writes over what was said.
_STEERING: Final = re.compile(
    "\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANK: Final = re.compile("\r\n|[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_PLANE: Final = 0x10000


def escaped(text: str) -> str:
    r"""Return text that cannot steer a terminal; characters that could are as JSON escapes them, `\u001b`.

    Line ends and tabs stay. Inside a text of JSON the meaning is the same.
    """
    return _STEERING.sub(_escape, text)


def one_line(text: str) -> str:
    """Return text as a cell of a list: in one line and one column, what is not to be seen replaced by blanks."""
    return text if text.isprintable() else _STEERING.sub(" ", unbroken(text))


def unbroken(text: str) -> str:
    """Return text in one line and one column: line ends and tabs become blanks, all else stays."""
    return _BLANK.sub(" ", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _PLANE:
        return f"\\u{code:04x}"
    high, low = divmod(code - _PLANE, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
