"""Identifiers as people say them: events as plural nouns, properties as nouns, aliases without their counting words."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from insights_core.query.words import LONGEST, folded, is_label, split

from .pieces import worded

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.language.protocol import Language

Words = tuple[str, ...]


def remembered(function: Callable[[str, Language], Words]) -> Callable[[str, Language], Words]:
    """Cache what is made of identifiers: a project has few of them, and none is long."""
    cached = lru_cache(maxsize=8192)(function)

    @wraps(function)
    def wrapper(text: str, language: Language) -> Words:
        return cached(text[:LONGEST], language)

    return wrapper


_MOST_EVENT_WORDS = 4


def event_words(event: str, language: Language) -> Words:
    """Return the words of an event as people say them.

    `area.part.thing_done` has its area in front, which goes where the rest is long enough to speak for itself.
    """
    known = language.known.get(event.lower())
    if known:
        return tuple(known.split())
    if is_label(event):
        return lowered(_expanded(split(event), language))
    area, _, rest = event.partition(".")
    words = _expanded(split(event), language)
    if "." in rest and len(words) > _MOST_EVENT_WORDS and not is_label(area):
        words = words[len(split(area)) :]
    return words


@remembered
def event_noun(event: str, language: Language) -> Words:
    """Return an event as a plural noun.

    `order_placed` → orders placed, `share_button_clicked` → share button clicks, `user_signed_up` → signups,
    `view_cart` → cart views.
    """
    return language.counted(event_words(event, language))


@remembered
def event_step(event: str, language: Language) -> Words:
    """Return an event as a step on the way: what happened once."""
    return language.step(event_words(event, language))


@remembered
def property_noun(key: str, language: Language) -> Words:
    """Return a property or column as a noun in the singular: without its marks, units and ids."""
    known = language.known.get(key.lower())
    if known:
        return tuple(known.split())
    spelt = split(key)
    words = _expanded(spelt, language)
    if len(words) > 1 and words[0].lower() in language.identifiers.flags:
        words = words[1:]
    words = _without(words, language.identifiers.fillers)
    bare = words
    while len(bare) > 1 and bare[-1].lower() in language.identifiers.units:
        bare = bare[:-1]
    if (
        len(spelt) > 1
        and spelt[-1].lower() in language.identifiers.units
        and bare[-1].lower() in language.identifiers.timed
    ):
        # A load of 300 ms is the time that it took.
        return worded(language, "time_of", thing=bare)
    return bare


@remembered
def described(label: str, language: Language) -> Words:
    """Return the words of a label as they are, short forms spelt out."""
    return _expanded(split(label), language)


@remembered
def table_noun(table: str, language: Language) -> Words:
    """Return what the rows of a table are, in the plural."""
    words = _without(_expanded(split(table.rpartition(".")[2]), language), language.identifiers.fillers)
    return language.plural(words)


def _expanded(words: Words, language: Language) -> Words:
    table = language.identifiers.abbreviations
    if not any(word.lower() in table for word in words):
        return words
    # Between two words, "no" is no number: search_no_results, but order_no and no_of_orders.
    inner = range(1, len(words) - 1)
    spelt = tuple(
        word if at in inner and word.lower() in language.identifiers.negating else table.get(word.lower(), word)
        for at, word in enumerate(words)
    )
    return tuple(word for word in spelt if word) or words


def _without(words: Words, unwanted: frozenset[str]) -> Words:
    kept = tuple(word for word in words if word.lower() not in unwanted)
    return kept or words


def lowered(words: Words, *, shouting: bool = False) -> Words:
    """Return the words of a label in lower case where their capitals are only those of a heading, or of a constant."""
    return tuple(
        word.lower() if word[1:] == word[1:].lower() or (shouting and word.isupper()) else word for word in words
    )


def outcomes(language: Language) -> frozenset[str]:
    """Return the adjectives of what went well or wrong: failed, successful."""
    return frozenset(language.synonyms.get("success", {}).values())


def same(left: Words, right: Words) -> bool:
    """Whether two phrases say the same, whatever their case."""
    return tuple(word.lower() for word in left) == tuple(word.lower() for word in right)


def said(words: Words, identifier: str) -> bool:
    """Whether a phrase already holds every word of an identifier."""
    return set(folded(identifier)) <= {word.lower() for word in words}


def tidied(words: Words, language: Language) -> Words:
    """Put `%` and a unit where people say them, and drop a word that is said twice in a row."""
    found: list[str] = []
    for item in words:
        if not found or found[-1].lower() != item.lower():
            found.append(item)
    while len(found) > 1 and found[-1].lower() in language.identifiers.short_units:
        found.pop()
    if "%" in found and len(found) > 1:
        found = [item for item in found if item != "%"]
    return tuple(found)
