"""The grammar of Volu. A noun that ends in a vowel is soft, any other is hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.language.en import ENGLISH

from .tables import ADJECTIVES, SMALL

if TYPE_CHECKING:
    from insights_core.language.protocol import Spot, Words

SEVERAL = "oi"


def plural(words: Words) -> Words:
    """Return orderoi for order and for orders: identifiers bring English plurals along."""
    one = singular(words)
    return (*one[:-1], one[-1] + SEVERAL) if one else one


def singular(words: Words) -> Words:
    """Return the noun at the end as one thing."""
    if not words:
        return words
    if words[-1].endswith(SEVERAL):
        return (*words[:-1], words[-1].removesuffix(SEVERAL))
    return (*words[:-1], *ENGLISH.singular(words[-1:]))


def counted(words: Words) -> Words:
    """Return an event as things: what was done to a thing goes without saying."""
    return plural(thing(ENGLISH.step(words)))


def thing(words: Words) -> Words:
    """Return a thing without what was done to it."""
    return ENGLISH.thing(words)


def agree(adjective: str, noun: Words) -> str:
    """Return Price medika, Cost mediku, and medikai, medikui of several, for what the tables have as medike."""
    head = noun[-1].lower() if noun else ""
    one = head.removesuffix(SEVERAL)
    ending = ("a" if one[-1:] in tuple("aeiouy") else "u") + ("i" if head.endswith(SEVERAL) else "")
    return " ".join(word[:-1] + ending if word in ADJECTIVES else word for word in adjective.split())


def joint(left: str, right: str) -> str:
    """Let nouns grow together."""
    return " " if not (left + right).isalpha() or ENGLISH.is_participle(right) else ""


def cased(word: str, spot: Spot) -> str:
    """Give nouns a capital, where they begin."""
    if spot.kind == "own":
        return word
    if spot.kind == "adjective" or spot.inside or word in SMALL | ADJECTIVES or ENGLISH.is_participle(word):
        return word.lower()
    return word[:1].upper() + word[1:]
