"""Who or what is left by the conditions: adjectives, what is with or without what, and what stands in brackets behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, Condition, Count, Entity, Group
from insights_core.query.words import folded, split

from .entities import entity_phrase
from .nouns import described, lowered, property_noun
from .pieces import Origin, Phrase, fill, phrase, quoted, worded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.language.protocol import Identifiers, Language
    from insights_core.query.meaning import Meaning, Predicate

_WORDY = re.compile(r"(?=[^\W\d_]{2})[\w .&'/+#-]{2,32}+")
_HASH = re.compile(r"(?=[\w-]*\d)[0-9a-fA-F-]{8,}+|0x\w++|\d[\d.,:-]*+")
_CODE = re.compile(r"[A-Za-z0-9]{1,2}")
_PER_SECOND = re.compile(r"\s?/\s?s(?:ec(?:ond)?)?s?$", re.IGNORECASE)
_MOST_VALUES = 3
_MOST_ADJECTIVES = 2
_SAME = ("exact", "in")
_NEGATIVE = ("is_not", "not_icontains", "not_in")
_POSITIVE = ("exact", "in", "starts", "icontains", "ends", "is_cleaned_path_exact")


def per_second(text: str, language: Language) -> str:
    """Return a text with the sign for "per second" at its end written out: Batch Requests/sec."""
    return _PER_SECOND.sub(f" {language.words['per_second']}", text)


def spoken_value(value: object, language: Language | None = None) -> tuple[str, ...]:
    """Return a value as words where it is one that people say, not a code, a hash or a number."""
    if not isinstance(value, str):
        return ()
    value = (per_second(value, language) if language is not None else value).strip(" :;,.!?-_/*^$()[]\"'")
    if not _WORDY.fullmatch(value) or _HASH.fullmatch(value):
        return ()
    return (value,) if language is not None and value.lower() in language.acronyms else split(value)


def adjective(item: Predicate, language: Language) -> tuple[str, ...]:
    """Return what a condition makes of a noun in front of which it stands: failed, active, critical."""
    if not isinstance(item, Condition) or not isinstance(item.of, Column):
        return ()
    key = folded(item.of.name)
    plain = tuple(part for part in key if part not in language.identifiers.flags)
    if not plain:
        return ()
    values = item.values
    told = language.synonyms.get("_".join(plain)) or language.synonyms.get(plain[-1])
    if told and len(values) == 1 and (found := told.get(str(values[0]).lower())):
        return (found,) if item.operator == "exact" else ()
    truth = _truth(values, key, language) if len(values) == 1 else None
    if truth is not None and item.operator in ("exact", "is_not"):
        positive = truth == (item.operator == "exact")
        words = property_noun("_".join(plain), language)
        if words and positive and words[-1].lower().endswith(language.identifiers.flag_endings):
            return words
        return ()
    if plain[-1] in language.identifiers.statuses and item.operator == "is_not" and len(values) == 1:
        words = lowered(spoken_value(values[0], language), shouting=True)
        return words[1:] if len(words) == _MOST_ADJECTIVES and words[0] in language.identifiers.negating else ()
    if plain[-1] in language.identifiers.statuses and item.operator in _SAME and len(values) <= _MOST_ADJECTIVES:
        spoken = [lowered(spoken_value(value, language), shouting=True) for value in values]
        most = _MOST_ADJECTIVES // len(spoken) if spoken else 0
        fits = all(0 < len(words) <= most and words[-1] not in language.identifiers.degrees for words in spoken)
        return (
            worded(language, "join.and", first=spoken[0], second=spoken[-1] if len(spoken) > 1 else ())
            if spoken and fits
            else ()
        )
    return ()


def _truth(values: tuple[object, ...], key: tuple[str, ...], language: Language) -> bool | None:
    value = values[0]
    if isinstance(value, bool):
        return value
    flagged = bool(key) and (
        key[0] in language.identifiers.flags
        or (len(key) == 1 and key[0].endswith(language.identifiers.participle_endings))
    )
    if flagged and str(value).lower() in language.identifiers.truths:
        return True
    if flagged and str(value).lower() in language.identifiers.untruths:
        return False
    return None


def is_place(item: Predicate, identifiers: Identifiers) -> bool:
    """Whether a condition only says where the data lies: of all queries of a project it says the same."""
    words = folded(item.of.name) if isinstance(item, Condition) and isinstance(item.of, Column) else ()
    return bool(words) and (
        words[-1] in identifiers.places
        or (len(words) > 1 and words[-1] in identifiers.naming and words[-2] in identifiers.places)
    )


def about(item: Predicate, entity: Entity | None) -> bool:
    """Whether a condition is about an entity, so that it may describe its noun."""
    if not isinstance(item, Condition) or not isinstance(item.of, Column):
        return False
    of = item.of.of
    return of is None or entity is None or of == entity or entity.kind in ("cte", "event", "all") or not of.name


def adjectives(
    predicates: Sequence[Predicate], origin: Origin, entity: Entity | None, language: Language, *, every: bool = False
) -> Phrase:
    """Return the conditions on an entity that stand in front of its noun, one part each."""
    found: Phrase = ()
    for place, item in enumerate(predicates):
        words = adjective(item, language) if about(item, entity) else ()
        if not words and every:
            words = value_words(item, language)
        if words:
            found = (*found, *phrase(words, (*origin, place)))
    return found[: 2 if not every else 1]


def of_what_was_done(meaning: Meaning, language: Language) -> Meaning:
    """Move what describes an event from the people who are counted to what they did: users with failed checkouts."""
    counts = [output.value for output in meaning.outputs if output.role == "measure"]
    plain = language.identifiers.plain_events
    for value in counts:
        if not isinstance(value, Count) or not isinstance(value.unit, Entity) or value.of.name.lower() in plain:
            return meaning
    moved = tuple(item for item in meaning.conditions if _of_event(item) and adjective(item, language))
    if not moved or not counts:
        return meaning
    outputs = tuple(
        output._replace(value=output.value._replace(where=(*output.value.where, *moved)))
        if output.role == "measure" and isinstance(output.value, Count)
        else output
        for output in meaning.outputs
    )
    return meaning._replace(outputs=outputs, conditions=tuple(item for item in meaning.conditions if item not in moved))


def _of_event(item: Predicate) -> bool:
    return isinstance(item, Condition) and isinstance(item.of, Column) and item.of.scope in ("", "event")


def own_ending(predicates: Sequence[Predicate], origin: Origin, entity: Entity | None, language: Language) -> Phrase:
    """Return what stands in brackets: what conditions of one measure alone say and no adjective does."""
    left = [
        (place, item)
        for place, item in enumerate(predicates)
        if not (about(item, entity) and adjective(item, language))
    ]
    details = [quoted(words, (*origin, place)) for place, item in left if (words := value_words(item, language))]
    return details[0] if details else ()


def value_words(item: Predicate, language: Language) -> tuple[str, ...]:
    """Return the values of a condition as people say them in brackets; nothing for codes and for what only guards."""
    if isinstance(item, Group) or not isinstance(item.of, Column):
        return ()
    if item.operator in _POSITIVE and 0 < len(item.values) <= _MOST_VALUES:
        truth = _truth(item.values, folded(item.of.name), language) if len(item.values) == 1 else None
        if truth is not None:
            plain = "_".join(part for part in folded(item.of.name) if part not in language.identifiers.flags)
            words = property_noun(plain, language) if plain else ()
            return words if truth or not words else worded(language, "not", value=words)
        key = folded(item.of.name)
        if (
            key
            and key[-1] in language.identifiers.statuses
            and len(item.values) == 1
            and _CODE.fullmatch(str(item.values[0]))
            and not str(item.values[0]).isdigit()
        ):
            return (key[-1], str(item.values[0]))
        told = [
            words for value in item.values if (words := spoken_value(value, language)) and not _only_key(value, key)
        ]
        if len(told) < len(item.values):
            return ()
        found: tuple[str, ...] = ()
        for at, words in enumerate(told):
            spoken = lowered(words, shouting=len("".join(words)) > 3)
            joint = "join.and" if at == len(told) - 1 else "list.comma"
            found = worded(language, joint, first=found, second=spoken)
        return (*found, language.words["page"]) if _is_page(item, language) and len(told) == 1 else found
    if item.operator in _NEGATIVE and len(item.values) == 1 and not _guards(item, language):
        words = lowered(spoken_value(item.values[0], language))
        return worded(language, "excluding", value=words) if words else ()
    return ()


def _is_page(item: Condition, language: Language) -> bool:
    """Whether a condition is met on one page alone, and its value is no word for a page itself."""
    name = item.of.name.lower() if isinstance(item.of, Column) else ""
    page = language.words["page"]
    exact = item.operator in ("exact", "is_cleaned_path_exact") and str(item.values[0]).startswith("/")
    return exact and language.known.get(name) == page and page not in folded(str(item.values[0]))


def _only_key(value: object, key: tuple[str, ...]) -> bool:
    """Whether a value says no more than its key: a feature flag that is my-feature-flag."""
    words = folded(str(value))
    return words == key or (len(key) > 1 and set(key) < set(words) and len(words) == len(key) + 1)


def _guards(item: Condition, language: Language) -> bool:
    """Whether a condition only keeps out those who test or are no users at all."""
    words = {*folded(item.of.name if isinstance(item.of, Column) else ""), *folded(str(item.values[0]))}
    return bool(words & language.identifiers.testers)


def entity_ending(predicates: Sequence[Predicate], origin: Origin, entity: Entity | None, language: Language) -> Phrase:
    """Return what the rows are without: orders without payments."""
    for place, item in enumerate(predicates):
        if isinstance(item, Condition) and item.operator == "missing":
            things = missing_things(item, (*origin, place), entity, language)
            if things:
                return fill(language, "without", {"thing": things})
    return ()


def missing_things(item: Condition, origin: Origin, entity: Entity | None, language: Language) -> Phrase:
    """Return what is missing or exists beside rows; nothing where it is of their own kind: gaps, last ones."""
    if not isinstance(item.of, Column) or item.of.of == entity:
        return ()
    own = phrase(language.plural(property_noun(item.of.name, language)), origin) if item.of.name else ()
    return own or entity_phrase(item.of.of, origin, language)


def brackets(
    predicates: Sequence[Predicate],
    origin: Origin,
    entity: Entity | None,
    language: Language,
    known: set[str],
    *,
    every: bool = False,
) -> list[Phrase]:
    """Return, for each condition that no adjective says, what can stand in brackets; what is said already is left out."""
    found: list[Phrase] = []
    for place, item in enumerate(predicates):
        described_ = adjective(item, language) if about(item, entity) else ()
        if (described_ and not every) or is_place(item, language.identifiers):
            continue
        words = (
            described_ or value_words(item, language)
            if not (isinstance(item, Condition) and item.clause == "pivot")
            else ()
        )
        if words and not {part.lower().strip(",") for part in words} <= known:
            found.append(quoted(words, (*origin, place)))
    return found


__all__ = ["adjective", "adjectives", "brackets", "described", "entity_ending", "own_ending", "value_words"]
