"""What the rows of an entity are called: the things of a table, what happens in an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from insights_core.query.words import folded, split

from .nouns import (
    described,
    event_noun,
    event_step,
    outcomes,
    table_noun,
    tidied,
)
from .pieces import Origin, Phrase, phrase, worded

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Entity

Words = tuple[str, ...]
_MOST_PARTS = 2
_MOST_LISTED = 3
_LONGEST_LIST = 45
_PARTITION = re.compile(r"\d++|q[1-4]|v\d{1,2}+", re.IGNORECASE)
"""What tells one part of a table from another: a year, a quarter, a version."""


def entity_words(entity: Entity | None, language: Language, *, number: str = "plural") -> Words:
    """Return what the rows of an entity are, or one of them."""
    if entity is None:
        return ()
    if entity.label:
        return described(entity.label, language)
    if not entity.name:
        return ()
    if entity.alternatives and number == "plural":
        return _several(entity, language)
    if entity.kind in ("event", "action"):
        words = event_noun(entity.name, language)
        if number == "plural":
            words = _failed_first(words, language)
    else:
        if entity.kind == "catalogue":
            words = _catalogue_words(entity.name, language)
            return language.singular(words) if number == "singular" else words
        known = language.words.get(f"table.{entity.name}", "") if entity.kind in ("table", "group") else ""
        words = (
            tuple(known.split()) if known else (*_area_words(entity, language), *_table_words(entity.name, language))
        )
    return language.singular(words) if number == "singular" else words


def _several(entity: Entity, language: Language) -> Words:
    """Return the things that count as one: two or three, else what they are all of, else the first and how many others."""
    names = (entity.name, *entity.alternatives)
    nouns = [event_noun(name, language) for name in names]
    start = _shared_start([described(name, language) for name in names])
    if len(start) >= _MOST_PARTS:
        return language.plural(start)
    if len(nouns) <= _MOST_LISTED:
        pattern = "list.two" if len(nouns) == _MOST_PARTS else "list.three"
        whole = worded(language, pattern, **dict(zip(("first", "second", "third"), nouns, strict=False)))
        if len(" ".join(whole)) <= _LONGEST_LIST:
            return whole
    if start:
        return worded(language, "owned", owner=start, noun=tuple(language.words["all"].split()))
    return worded(language, "list.others", first=nouns[0], count=(str(len(nouns) - 1),))


def _shared_start(texts: list[Words]) -> Words:
    size = 0
    while all(len(text) > size + 1 and text[size] == texts[0][size] for text in texts):
        size += 1
    return texts[0][:size]


def _failed_first(words: Words, language: Language) -> Words:
    """Put what went wrong in front of what it happened to: failed payments."""
    fails = len(words) > 1 and words[-1].lower() in outcomes(language)
    return (words[-1], *words[:-1]) if fails else words


def owner_words(entity: Entity | None, language: Language) -> Words:
    """Return an entity as it stands in front of what is its own: the payment of an invoice paid, an order."""
    if entity is not None and entity.kind in ("event", "action") and entity.name and not entity.label:
        step = event_step(entity.name, language)
        if (
            step
            and step[-1].lower() in language.identifiers.settled
            and set(folded(entity.name)) & language.identifiers.payments
        ):
            return language.thing(step)  # the amount of an order that is complete is the order's
        return language.thing(language.action(step))
    return entity_words(entity, language, number="singular")


def _table_words(name: str, language: Language) -> Words:
    words = described(name.rpartition(".")[2], language)
    kept = tuple(
        item for item in words if item.lower() not in language.identifiers.plumbing and not _PARTITION.fullmatch(item)
    )
    named = kept and not all(item.lower() in language.identifiers.fillers for item in kept)
    return language.plural(tidied(kept, language)) if named else table_noun(name, language)


def _area_words(entity: Entity, language: Language) -> Words:
    """Return the schema in front of a table of one plain word, where it is of the trade: the trades of `dex` are DEX trades."""
    words = split(entity.area) if entity.area and len(split(entity.name)) == 1 else ()
    return words if any(item.lower() in language.acronyms for item in words) and len(words) <= _MOST_PARTS else ()


def _catalogue_words(name: str, language: Language) -> Words:
    """Return what the rows of a database's own table are: by the published table, else without what all of them begin with."""
    low = name.lower().removeprefix("g") if name.lower().startswith("gv$") else name.lower()
    low = next((f"dba_{low.removeprefix(owner)}" for owner in ("all_", "user_") if low.startswith(owner)), low)
    known = language.words.get(f"catalogue.{low}", "")
    if known:
        return tuple(known.split())
    words = described(low, language)
    start = next((at for at, item in enumerate(words[:-1]) if item.lower() not in language.identifiers.catalogues), 0)
    return _table_words("_".join(words[start:]), language)


def entity_phrase(entity: Entity | None, origin: Origin, language: Language, *, number: str = "plural") -> Phrase:
    """Return an entity as a phrase, or nothing."""
    return phrase(entity_words(entity, language, number=number), origin)
