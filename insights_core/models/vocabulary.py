"""Words by their stems, and which other words they support."""

from __future__ import annotations

import itertools
import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from insights_core.query.words import LONGEST, folded

from .lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights_core.language.protocol import Language

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|%")
_DIGITS = re.compile(r"\d+")
_SHORT, _LONG = 3, 4


class Vocabulary:
    """Some words by their stems, with what they support of other words."""

    def __init__(self, stems: Iterable[str], language: Language) -> None:
        self.spelt = frozenset(stems)
        self.stems = _widened(self.spelt, language)
        self._language = language

    def __bool__(self) -> bool:
        return bool(self.stems)

    @cached_property
    def _lines(self) -> str:
        return "\n" + "\n".join(word for word in self.stems if len(word) > _LONG) + "\n"

    @cached_property
    def _near(self) -> frozenset[int]:
        return lexicon(self._language.code).reach(self.stems)

    def holds(self, stem: str) -> bool:
        """Whether a stem is one of these, begins or ends one, or is what one is short for."""
        if stem in self.stems:
            return True
        if len(stem) >= _LONG and (f"\n{stem}" in self._lines or f"{stem}\n" in self._lines):
            return True
        table = lexicon(self._language.code)
        starts = (stem[:size] for size in range(_SHORT, len(stem) - 1))
        return any(start in self.stems and not table.groups.get(start) for start in starts) and table.is_word(stem)

    def supports(self, stem: str) -> bool:
        """Whether it holds a stem or one that is related to it."""
        return self.holds(stem) or lexicon(self._language.code).is_near(stem, self._near)


def stem(word: str, language: Language) -> str:
    """Return what the forms of a word have in common."""
    return _stem(word[:LONGEST].lower(), language)


@lru_cache(maxsize=32_768)
def _stem(low: str, language: Language) -> str:
    return language.stem(low) if low.isascii() and low.isalpha() else low


@lru_cache(maxsize=16_384)
def _stems(identifier: str, language: Language) -> frozenset[str]:
    words = folded(identifier)
    found = {stem(word, language) for word in words}
    for word in words:
        found.update(stem(part, language) for part in WORD.findall(language.identifiers.abbreviations.get(word, "")))
    found.update(stem("".join(pair), language) for pair in itertools.pairwise(words))
    if len(words) > 1:
        found.add("".join(word[0] for word in words))
    known = WORD.findall(language.known.get(identifier.lower(), ""))
    return frozenset(found).union((stem(word, language) for word in known), _DIGITS.findall(identifier))


def stems(identifier: str, language: Language) -> frozenset[str]:
    """Return the stems of an identifier's words, short forms spelt out, pairs of them as one, and their first letters."""
    return _stems(identifier[:LONGEST], language)


def affirmed(stemmed: str, language: Language) -> str:
    """Return a stem without a beginning that says the opposite: unhandled → handled."""
    return next((stemmed.removeprefix(start) for start in language.opposing if stemmed.startswith(start)), stemmed)


@lru_cache(maxsize=8)
def _alike(language: Language) -> tuple[tuple[frozenset[str], ...], ...]:
    return tuple(
        tuple(frozenset(stem(word, language) for word in WORD.findall(phrase)) for phrase in group.split("|"))
        for group in language.alike
    )


def _widened(words: frozenset[str], language: Language) -> frozenset[str]:
    """Return stems with those of phrases that mean the same."""
    for phrases in _alike(language):
        if any(phrase <= words for phrase in phrases):
            words = words.union(*phrases)
    return words
