"""What stands beside the head of a name: the interval, what it is split by, who is left by the conditions, the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import (
    Bucket,
    Case,
    Column,
    Condition,
    Count,
    Entity,
    Opaque,
    Rank,
    Ratio,
)
from insights_core.query.moments import is_moment
from insights_core.query.words import folded

from .heads import JOURNEYS, subject
from .measures import (
    column_words,
    entity_phrase,
    entity_words,
    is_blank,
    measure_phrase,
    value_phrase,
)
from .nouns import property_noun
from .pieces import Head, Phrase, bent, fill, phrase, word, worded, words_of
from .populations import adjective, adjectives, brackets, entity_ending

if TYPE_CHECKING:
    from insights_core.language.protocol import Identifiers, Language
    from insights_core.query.meaning import Meaning, Output, Value


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


def _beside(words: tuple[str, ...], subject: Entity | None, language: Language) -> tuple[str, ...]:
    """Return what things are split by without the words that name them already: actions by type, exceptions by type."""
    things = [item.lower() for item in entity_words(subject, language, number="singular")]
    if subject is not None and subject.alternatives:
        things = list(language.singular(tuple(language.words["all"].split())))
    for size in range(len(words), 0, -1):
        if things[-size:] == [item.lower() for item in words[:size]]:
            return words[size:] or tuple(language.words["type"].split())
    return words


def _property(value: Column, subject: Entity | None, language: Language, *, ranked: bool) -> tuple[str, ...]:
    """Return what a property is called that things are split by; one of yes and no is a status."""
    words = column_words(value, language)
    raw = folded(value.name)
    if value.scope or (language.singular(tuple(language.words["all"].split())) == words and not ranked):
        words = _beside(words, subject, language)
        flagged = len(raw) > 1 and raw[0] in language.identifiers.flags
        return worded(language, "status", thing=words) if flagged else words
    spelt = {item.lower() for item in words}
    same_thing = {item.lower() for item in entity_words(subject, language, number="singular")}
    if len(words) > 1 and value.of == subject and same_thing and spelt > same_thing:
        rest = tuple(item for item in words if item.lower() not in same_thing)
        if rest and rest[0].lower() in language.identifiers.attributive:
            return rest
    return words


def dimension_phrase(
    output: Output, at: int, language: Language, subject: Entity | None, *, ranked: bool = False
) -> Phrase:
    """Return what an answer is split by."""
    origin = ("outputs", at)
    value = output.value
    if isinstance(value, Bucket):
        return word(language, f"time.{value.unit}", origin)
    if isinstance(value, Column) and value.scope == "cohort":
        return word(language, "scope.cohort", origin)
    if isinstance(value, Column) and value.scope == "feature":
        flag = tuple(
            item for item in property_noun(value.name, language) if item.lower() not in language.identifiers.testing
        )
        return (
            fill(language, "variant", {"key": phrase(flag, origin)})
            if flag
            else word(language, "scope.feature", origin)
        )
    for label in reversed(output.labels):
        if not is_blank(label, language) and not all(item in language.identifiers.naming for item in folded(label)):
            words = property_noun(label, language)
            low = [item.lower() for item in words]
            owner = _owner_words(value, language)
            if (
                len(low) == 1
                and low[0] in language.identifiers.attributive
                and owner
                and low[0] not in [item.lower() for item in owner]
            ):
                return phrase(worded(language, "owned", owner=owner, noun=words), origin)
            return phrase(words, origin)
    if isinstance(value, Column):
        return phrase(_property(value, subject, language, ranked=ranked), origin)
    return value_phrase(value, origin, language)


def _owner_words(value: object, language: Language) -> tuple[str, ...]:
    column = value if isinstance(value, Column) else None
    if isinstance(value, (Case, Opaque)):
        inner = value.of if isinstance(value, Case) else value.columns
        column = next((item for item in inner if isinstance(item, Column)), None)
    return entity_words(column.of, language, number="singular") if column is not None else ()


def dimensions(meaning: Meaning, language: Language) -> list[Phrase]:
    """Return what the answer is split by, one phrase for each thing: keys of what is named beside them are left out."""
    about, read = subject(meaning), language.identifiers
    dims = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "dimension"]
    named = {output.value.of for _, output in dims if isinstance(output.value, Column) and _is_name(output.value, read)}
    titled = any(_ends_in_name(output, read) for _, output in dims)
    crowded = _crowded(dims, about, read)
    found: dict[tuple[str, ...], Phrase] = {}
    for at, output in dims:
        value = output.value
        if isinstance(value, Column) and value.of in crowded:
            parts = entity_phrase(value.of, ("outputs", at), language, number="singular")
            found.setdefault(tuple(words_of(parts)), parts)
            continue
        key = value if isinstance(value, Column) and _is_key(value, read) and not _is_name(value, read) else None
        if key is not None and (titled or key.of in named or _named_beside(key, dims, read)):
            continue
        parts = dimension_phrase(output, at, language, about, ranked=meaning.shape == "ranking")
        if parts:
            found.setdefault(tuple(language.singular(tuple(words_of(parts)))), parts)
    return _without_parts(list(found.values()))


def _without_parts(dims: list[Phrase]) -> list[Phrase]:
    """Drop what a shorter one beside it says already: asset name and asset type, where asset stands there too."""
    sets = [set(words_of(parts)) for parts in dims]
    return [parts for at, parts in enumerate(dims) if not any(other < sets[at] for other in sets)]


def _named_beside(key: Column, dims: list[tuple[int, Output]], identifiers: Identifiers) -> bool:
    """Whether another column names what a key only points to: gender_concept_id beside gender_name."""
    words = set(folded((key.labels or (key.name,))[-1])) | set(folded(key.name))
    for _, output in dims:
        if output.value == key:
            continue
        label = output.labels[-1] if output.labels else output.value.name if isinstance(output.value, Column) else ""
        other = folded(label)
        if len(other) > 1 and other[-1] in identifiers.titling and other[0] in words:
            return True
    return False


def _crowded(dims: list[tuple[int, Output]], subject: Entity | None, identifiers: Identifiers) -> set[Entity]:
    """Return the entities that several columns together only identify: an asset by its address and its host name."""
    columns: dict[Entity, list[str]] = {}
    for _, output in dims:
        value = output.value
        if isinstance(value, Column) and value.of is not None and value.of != subject and value.of.name:
            columns.setdefault(value.of, []).append(value.name)
    return {
        entity
        for entity, names in columns.items()
        if len(names) > 1 and sum(bool(set(folded(name)) & identifiers.identifying) for name in names) > 1
    }


def _ends_in_name(output: Output, identifiers: Identifiers) -> bool:
    label = output.labels[-1] if output.labels else output.value.name if isinstance(output.value, Column) else ""
    words = folded(label)
    return bool(words) and words[-1] in identifiers.titles


def _is_name(column: Column, identifiers: Identifiers) -> bool:
    words = folded((column.labels or (column.name,))[-1]) or folded(column.name)
    return bool(words) and words[-1] in identifiers.titling


def _is_key(column: Column, identifiers: Identifiers) -> bool:
    words = folded(column.name)
    return bool(words) and words[-1] in identifiers.keys


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
    """Return what the rows are ordered by."""
    order = meaning.order[0] if meaning.order else None
    if order is None:
        return [Head((), "")]
    if order.output is None:
        value = order.value
        parts = () if is_moment(value) else value_phrase(value, ("order", 0), language)
    else:
        value = meaning.outputs[order.output].value
        parts = () if is_moment(value) else measure_phrase(meaning.outputs[order.output], order.output, language)
    words = words_of(parts)
    silent = language.identifiers.identifying | language.identifiers.naming | language.identifiers.moments
    tells = bool(words) and not set(words) & silent and not language.is_participle(words[-1])
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
    if first is not None and not isinstance(first, (Count, Ratio)):
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


def filters(meaning: Meaning, entity: Entity | None, language: Language, known: set[str]) -> list[Head]:
    """Return what conditions can stand in brackets behind."""
    first = next((output.value for output in meaning.outputs if output.role == "measure"), None)
    summed = first is not None and not isinstance(first, (Count, Ratio))
    every = summed or meaning.shape in _WITHOUT_ADJECTIVE
    details = brackets(meaning.conditions, ("conditions",), entity or meaning.source, language, known, every=every)
    found = [Head((), "")]
    if details:
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
