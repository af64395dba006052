"""A name against the facts: its form, and whether each word and number in it comes from the query."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from insights_core.facts.words import folded

from .clean import LONGEST, clean
from .english import ENGLISH
from .nouns import event_noun, label_noun, property_noun, table_noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.facts.types import Facts

    from .language import Language

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def verify(text: str, facts: Facts, *, language: Language = ENGLISH) -> list[str]:
    """Return what is wrong with a name for these facts, one line each; nothing where it is fine."""
    problems = _form(text)
    if text.strip():
        licensed = _licensed(facts, language)
        problems += [
            f"{word!r} is not in the query" for word in _words(text) if not _is_licensed(word, licensed, language)
        ]
    return problems


def _form(text: str) -> list[str]:
    if not text.strip():
        return ["it is empty"]
    if len(text) > LONGEST:
        return [f"it has {len(text)} characters, {LONGEST} at most"]
    return (
        []
        if clean(text) == text
        else ["it is not one clean line: control characters, quotes around it, or a full stop"]
    )


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))


def _licensed(facts: Facts, language: Language) -> frozenset[str]:
    """Collect the roots of all words that these facts allow: their identifiers, what the tables make of them, the table's own."""
    found: set[str] = set(_table_words(language))
    for text in _texts(facts):
        found.update(_roots(text, language))
    return frozenset(found)


def _texts(value: object) -> Iterator[str]:
    """Yield every text and number in the facts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


@lru_cache(maxsize=8192)
def _roots(text: str, language: Language) -> frozenset[str]:
    spelt = (folded(text), *(noun(text, language) for noun in (event_noun, property_noun, label_noun, table_noun)))
    words = {word.lower() for words in spelt for word in words}
    words.update(part.lower() for part in _WORD.findall(text))
    words.update(_DIGITS.findall(text))
    return frozenset(_root(word, language) for word in words) | words


@lru_cache(maxsize=8192)
def _root(word: str, language: Language) -> str:
    low = word.lower()
    low = language.verbs.get(low) or language.actions.get(low) or low
    return language.singular(low) if low.isascii() and low.isalpha() else low


@lru_cache(maxsize=8)
def _table_words(language: Language) -> frozenset[str]:
    texts = [*language.patterns.values(), *language.words.values()]
    texts += [word for table in language.synonyms.values() for word in table.values()]
    return frozenset(_root(word.lower(), language) for text in texts for word in _WORD.findall(text)) | language.small


def _is_licensed(word: str, licensed: frozenset[str], language: Language) -> bool:
    low = word.lower()
    return low in licensed or _root(low, language) in licensed or all(part in licensed for part in folded(low))
