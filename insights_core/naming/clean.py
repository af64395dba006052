"""Text to a line that can be a name: whatever comes in, what goes out obeys the form of names."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
PREFERRED = 60

# Control, format (bidirectional marks among them), surrogate, private and unassigned characters; not the joiners that
# emoji and several scripts are written with.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
# Letters that extend the one before them although Unicode files them elsewhere: Thai and Lao AM, half-width voice marks.
_EXTENDING = frozenset("\u0e33\u0eb3\uff9e\uff9f")
_VIRAMA = 9  # the combining class of the sign that ties two consonants of Indic scripts into one
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»", "„": "“", "‹": "›", "「": "」", "*": "*"}
# Nothing to do: ASCII and arrows in one line, no double spaces, neither quotes around it nor a full stop behind it.
_TIDY = re.compile(r"[A-Za-z0-9](?: ?[!-~→])*(?<=[A-Za-z0-9)%])")
# All of it is composed already and none is invisible.
_PLAIN = re.compile(r"[ -~À-ÖØ-öø-ɏ→…–—’]*")


def clean(text: str, longest: int = LONGEST) -> str:
    """Return a text as one line in NFC, without control or bidirectional characters, quotes around it or a full stop at its end.

    At most `longest` characters, cut between words, and never inside what a reader sees as one character.
    """
    if len(text) <= longest and _TIDY.fullmatch(text):
        return text
    if not _PLAIN.fullmatch(text):
        spaced = "".join(" " if char.isspace() else char for char in text if char.isspace() or _allowed(char))
        text = unicodedata.normalize("NFC", spaced)
    return _trimmed(cut(_trimmed(" ".join(text.split())), longest))


def _allowed(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _REFUSED


def _trimmed(text: str) -> str:
    """Take away what surrounds a name but is no part of it; one layer may hide another."""
    before = None
    while before != text:
        before = text
        # All of them at once: one a round, 60 kB of them would take a second.
        text = text.lstrip(" \u200c\u200d").rstrip(" \u200c\u200d.…。")
        if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text.count(text[0]) <= 2:
            text = text[1:-1]
    return text


def cut(text: str, longest: int) -> str:
    """Shorten a text to a number of characters, at a space where there is one, never inside a grapheme."""
    if len(text) <= longest:
        return text
    space = text.rfind(" ", 0, longest + 1)
    if space > 0:
        return text[:space].rstrip(" ,;:→&-(")
    end = longest
    while end > 0 and _continues(text[end - 1], text[end]):
        end -= 1
    return text[:end]


def _continues(before: str, char: str) -> bool:
    """Whether a character belongs to the one before it, as marks, joined emoji, flags and jamo do."""
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me")
        or char in _JOINERS
        or char in _EXTENDING
        or unicodedata.combining(before) == _VIRAMA
        or before == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or ("\U0001f1e6" <= char <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
        or ("\u1160" <= char <= "\u11ff" and "\u1100" <= before <= "\u11ff")
    )
