"""What stands beside the head of a name: the interval, what it is split by, who is left by the conditions, the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import (
    Column,
    Condition,
    Count,
    Entity,
    Rank,
    Ratio,
    columns_in,
)
from insights_core.query.moments import is_moment
from insights_core.query.words import folded

from .dimensions import dimensions
from .entities import entity_phrase, entity_words
from .heads import JOURNEYS
from .measures import measure_phrase, value_phrase
from .nouns import property_noun
from .pieces import Head, Phrase, bent, fill, phrase, word, worded, words_of
from .populations import adjective, adjectives, brackets, entity_ending
from .thresholds import thresholds

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Value


_MOST_DIMENSIONS = 2
_EVERY_DAY = ("day", "week", "month", "quarter", "year", "hour")


def intervals(meaning: Meaning, language: Language) -> list[Head]:
    """Return how often it is told, and nothing: what a chart has that nobody chose is rarely said."""
    if not meaning.interval or meaning.interval not in _EVERY_DAY:
        return [Head((), "")]
    kind = "interval"
    if meaning.shape == "retention" or (meaning.shape == "lifecycle" and meaning.interval != "day"):
        kind = "retention_interval"
    elif meaning.format != "sql" and meaning.interval == "day":
        # A day is what a chart has that nobody chose; of active people it is the unit.
        first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
        kind = "actor_interval" if meaning.shape == "series" and _counts_people(first, language) else "default_interval"
    elif meaning.format != "sql":
        kind = "chosen_interval"
    spoken = Head(word(language, f"interval.{meaning.interval}", ("interval",)), kind)
    return [spoken, Head((), "")]


def _counts_people(value: Value | None, language: Language) -> bool:
    """Whether people are counted who were there at all."""
    if not isinstance(value, Count) or not isinstance(value.unit, Entity):
        return False
    return value.unit.name == "dau" and value.of.name.lower() in language.identifiers.plain_events


def breakdowns(meaning: Meaning, language: Language) -> list[Head]:
    """Return what it is split by: one thing, two, or nothing."""
    if meaning.shape in ("latest", "first"):
        return groups(meaning, language)
    if meaning.shape == "rows":
        return _ordered_by(meaning, language)
    dims = dimensions(meaning, language)
    if meaning.shape in ("ranking", "bottom"):
        each = {tuple(words_of(head.parts)) for head in groups(meaning, language)}
        dims = [parts for parts in dims if tuple(words_of(singularized(parts, language))) not in each] or dims
        things = dims[0] if dims else entity_phrase(meaning.source, ("source",), language)
        if not dims and any(output.role == "measure" for output in meaning.outputs):
            return [Head((), "")]
        return [Head(things if meaning.limit == 1 and dims else pluralized(things, language), "one")]
    if not dims:
        return [Head((), "")]
    ways = [Head(dims[0], "one"), Head((), "undivided")]
    if len(dims) > 1:
        both = fill(language, "frame.pair", {"first": dims[0], "second": dims[1]})
        ways.append(Head(both, "two" if len(dims) == _MOST_DIMENSIONS else "two_dims_of_many"))
    return ways


def groups(meaning: Meaning, language: Language) -> list[Head]:
    """Return what there is one row, or the same few, for each of."""
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Rank) and item.of.within:
            found = value_phrase(item.of.within[0], ("conditions", at), language)
            return [Head(singularized(found, language), "one"), Head((), "")] if found else [Head((), "")]
    return [Head((), "")]


def _ordered_by(meaning: Meaning, language: Language) -> list[Head]:
    """Return the amount that rows are ordered by, the greatest first: tables by size."""
    found = keys(meaning, language) if meaning.order and meaning.order[0].descending else []
    return [Head(head.parts, "key") for head in found if head.parts] + [Head((), "")]


def keys(meaning: Meaning, language: Language) -> list[Head]:
    """Return what the rows are ordered by, without the thing that it is of."""
    order = meaning.order[0] if meaning.order else None
    if order is None:
        return [Head((), "")]
    value = order.value if order.output is None else meaning.outputs[order.output].value
    origin = ("order", 0)
    if is_moment(value):
        parts: Phrase = ()
    elif isinstance(value, Column):
        parts = phrase(property_noun((value.labels or (value.name,))[-1], language), origin)
    elif order.output is not None:
        parts = measure_phrase(meaning.outputs[order.output], order.output, language)
    else:
        parts = value_phrase(value, origin, language)
    words = words_of(parts)
    read = language.identifiers
    spelt = set(words) | {item for column in columns_in(value) for item in folded(column.name)}
    silent = read.identifying | read.naming | read.moments
    tells = bool(words) and not spelt & silent and not language.is_participle(words[-1])
    return [Head(parts if tells else (), "")]


def counted_things(meaning: Meaning, head: Phrase, language: Language) -> tuple[list[Head], list[Head]]:
    """Return what is ranked where that is what is counted, events by how many of each there are, and what else splits it."""
    dims = dimensions(meaning, language)
    things = pluralized(dims[0], language) if dims else ()
    if not things or words_of(things) != words_of(head):
        return [Head((), "")], [Head((), "")]
    return [Head(things, "first")], [Head(dims[1] if len(dims) > 1 else (), "one")]


def pluralized(parts: Phrase, language: Language) -> Phrase:
    """Put the last noun of a phrase into the plural."""
    return bent(parts, language.plural)


def singularized(parts: Phrase, language: Language) -> Phrase:
    """Put the last noun of a phrase into the singular."""
    return bent(parts, language.singular)


def described_by(meaning: Meaning, entity: Entity | None, head: Phrase, language: Language) -> list[Head]:
    """Return the adjectives that conditions put in front of the head."""
    first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
    if not meaning.conditions or (first is not None and not isinstance(first, (Count, Ratio))):
        return [Head((), "")]  # of revenue it is the orders that succeeded, not the revenue
    found = adjectives(meaning.conditions, ("conditions",), entity or meaning.source, language) or _described_head(
        meaning, head, language
    )
    return [Head(found, "adjective"), Head((), "")] if found else [Head((), "")]


def _described_head(meaning: Meaning, head: Phrase, language: Language) -> Phrase:
    """Return the adjective of a condition on another entity than the main one, where the head names that entity."""
    known = {next(iter(language.singular((item,)))) for item in words_of(head)}
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.of.of is not None:
            owner = entity_words(item.of.of, language, number="singular")
            if owner and owner[-1].lower() in known and (words := adjective(item, language)):
                return phrase(words, ("conditions", at))
    return ()


def endings(meaning: Meaning, head: Phrase, language: Language) -> list[Head]:
    """Return what the rows are with or without."""
    if not meaning.conditions:
        return [Head((), "")]
    found = entity_ending(meaning.conditions, ("conditions",), meaning.source, language)
    if found:
        return [Head(found, "ending")]
    joined = _with_joined(meaning, head, language)
    return [Head(joined, "with"), Head((), "")] if joined else [Head((), "")]


def _with_joined(meaning: Meaning, head: Phrase, language: Language) -> Phrase:
    """Return what the rows are joined to, where a condition describes that: members with archived plans."""
    known = set(words_of(head))
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.of.of not in (None, meaning.source):
            words = adjective(item, language)
            things = entity_words(item.of.of, language)
            if words and things and not {part.lower() for part in things} & known:
                return fill(
                    language,
                    "with",
                    {"thing": phrase(worded(language, "described", adjective=words, noun=things), ("conditions", at))},
                )
    return ()


_WITHOUT_ADJECTIVE = JOURNEYS | {"stickiness", "lifecycle"}


IN_BRACKETS = frozenset({"detail", "details", "threshold"})
"""Kinds of heads that stand in brackets behind a name: what tells it from its siblings takes their place."""


def filters(meaning: Meaning, entity: Entity | None, language: Language, known: set[str]) -> list[Head]:
    """Return what conditions can stand in brackets behind."""
    if not meaning.conditions:
        return [Head((), "")]
    first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
    summed = first is not None and not isinstance(first, (Count, Ratio))
    every = summed or meaning.shape in _WITHOUT_ADJECTIVE
    details = brackets(meaning.conditions, ("conditions",), entity or meaning.source, language, known, every=every)
    found = [Head((), "")]
    if not details:
        return [Head(parts, "threshold") for parts in thresholds(meaning, language)[:1]] + found
    found.insert(0, Head(details[0], "detail"))
    if len(details) > 1:
        both = fill(language, "list.comma", {"first": details[0], "second": details[1]})
        found.insert(0, Head(both, "details"))
    return found


def compared(meaning: Meaning, language: Language) -> list[Head]:
    """Return what the period is compared with."""
    if meaning.compare != "previous":
        return [Head((), "")]
    return [Head(word(language, "compare.previous", ("compare",)), "compared"), Head((), "")]


def limits(meaning: Meaning) -> list[Head]:
    """Return how many rows there are at most."""
    if meaning.limit is None or meaning.limit < 2:
        return [Head((), "")]
    return [Head(phrase((str(meaning.limit),), ("limit",)), "limit")]
