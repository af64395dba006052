"""Identifiers as people say them: events as plural nouns, properties as nouns, aliases without their counting words."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from insights_core.facts.words import LONGEST, folded, is_label, split

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
_SHORT_UNIT = 3
_SHORTEST_NOUN = 2


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
    return plural(nominal(without_actor(event_words(event, language), language), language), language)


@remembered
def event_step(event: str, language: Language) -> Words:
    """Return an event as a step on the way: what happened once."""
    return without_actor(event_words(event, language), language)


@remembered
def property_noun(key: str, language: Language) -> Words:
    """Return a property or column as a noun in the singular: without its marks, units and ids."""
    known = language.known.get(key.lower())
    if known:
        return tuple(known.split())
    words = _expanded(split(key), language)
    if len(words) > 1 and words[0].lower() in language.flags:
        words = words[1:]
    words = _without(words, language.fillers)
    while len(words) > 1 and words[-1].lower() in language.units:
        words = words[:-1]
    return words


@remembered
def label_noun(label: str, language: Language) -> Words:
    """Return what a person called a measure; the words that only say it is counted go, and what is counted is plural."""
    known = language.known.get(label.lower())
    if known:
        return tuple(known.split())
    if " / " in label:
        upper, _, lower = label.partition(" / ")
        return (*described(upper, language), language.words["per"], *described(lower, language))
    words = described(label, language)
    # A unit that is spelt out (active hours) is what the person wanted to read; `h` and `ms` are not.
    if len(words) > 1 and len(words[-1]) <= _SHORT_UNIT and words[-1].lower() in language.units:
        words = words[:-1]
    kept = tuple(word for word in words if word.lower() not in language.counting)
    if len(kept) == len(words) or not kept:
        return words
    numbered = any(word.lower() in language.counting - language.totals for word in words)
    return plural(kept, language) if numbered else kept


@remembered
def described(label: str, language: Language) -> Words:
    """Return the words of a label as they are, short forms spelt out."""
    return _expanded(split(label), language)


@remembered
def table_noun(table: str, language: Language) -> Words:
    """Return what the rows of a table are, in the plural."""
    words = _without(_expanded(split(table.rpartition(".")[2]), language), language.fillers)
    return plural(words, language)


def _expanded(words: Words, language: Language) -> Words:
    table = language.abbreviations
    if not any(word.lower() in table for word in words):
        return words
    spelt = tuple(table.get(word.lower(), word) for word in words)
    return tuple(word for word in spelt if word) or words


def _without(words: Words, unwanted: frozenset[str]) -> Words:
    kept = tuple(word for word in words if word.lower() not in unwanted)
    return kept or words


def lowered(words: Words, *, shouting: bool = False) -> Words:
    """Return the words of a label in lower case where their capitals are only those of a heading, or of a constant."""
    return tuple(
        word.lower() if word[1:] == word[1:].lower() or (shouting and word.isupper()) else word for word in words
    )


def is_participle(word: str, language: Language) -> bool:
    """Whether a word says that something was done."""
    low = word.lower()
    if low in language.participles:
        return True
    return low.endswith(language.participle_endings) and len(low) > 4 and low not in language.not_participles


def nominal(words: Words, language: Language) -> Words:
    """Turn the verb of an event into its noun, at the end: `page viewed` and `view page` are page views."""
    if not words:
        return words
    lowered = tuple(word.lower() for word in words)
    for size in (2, 1):
        behind = language.verbs.get(" ".join(lowered[-size:]))
        if behind and len(words) >= 2:
            return (*words[:-size], *behind.split())
    if lowered[0] in language.leading and len(words) > 1 and not is_participle(words[-1], language):
        return (*words[1:], language.verbs.get(lowered[0], lowered[0]))
    return words


def singular(words: Words, language: Language) -> Words:
    """Put the noun of a phrase into the singular; a participle behind it stays."""
    at = len(words) - 1
    while at > 0 and is_participle(words[at], language):
        at -= 1
    if at < 0 or words[at].lower() in language.mass or not words[at].isascii() or not words[at].isalpha():
        return words
    low = words[at].lower()
    changed = language.singular(low)
    return words if changed == low else (*words[:at], changed, *words[at + 1 :])


def action(words: Words, language: Language) -> Words:
    """Turn the participle at the end of an event into the noun of what was done: payment failed → payment failure."""
    noun = language.actions.get(words[-1].lower()) if words else None
    return (*words[:-1], noun) if noun else words


def thing(words: Words, language: Language) -> Words:
    """Drop what was done to a thing where its noun says enough: price of an order placed is the order's price."""
    while len(words) > 1 and is_participle(words[-1], language):
        words = words[:-1]
    return words


def without_actor(words: Words, language: Language) -> Words:
    """Drop who did it where the verb says so: `user signed up`."""
    return words[1:] if len(words) > 1 and words[0].lower() in language.actors else words


def plural(words: Words, language: Language) -> Words:
    """Put the noun of a phrase into the plural; a participle behind it stays: `orders placed`."""
    if not words:
        return words
    at = next((place for place, word in enumerate(words) if place and word.lower() in language.small), len(words)) - 1
    while at > 0 and is_participle(words[at], language):
        at -= 1
    if is_participle(words[at], language) and (len(words) == 1 or at < len(words) - 1):
        return words
    return (*words[:at], plural_word(words[at], language), *words[at + 1 :])


@lru_cache(maxsize=8192)
def plural_word(word: str, language: Language) -> str:
    """Return the plural of a noun; what has none, and what is already one, stays."""
    low = word.lower()
    if low in language.mass or len(low) < _SHORTEST_NOUN or not low.isalpha() or not low.isascii():
        return word
    if low.endswith("s") and language.plural(language.singular(low)) == low:
        return word
    return (
        word[: len(low)] + language.plural(low)[len(low) :]
        if language.plural(low).startswith(low)
        else language.plural(low)
    )


def same(left: Words, right: Words) -> bool:
    """Whether two phrases say the same, whatever their case."""
    return tuple(word.lower() for word in left) == tuple(word.lower() for word in right)


def said(words: Words, identifier: str) -> bool:
    """Whether a phrase already holds every word of an identifier."""
    return set(folded(identifier)) <= {word.lower() for word in words}
