"""What an answer is split by, one phrase for each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import (
    Bucket,
    Case,
    Column,
    Entity,
    Opaque,
    is_star,
)
from insights_core.query.words import folded

from .entities import entity_phrase, entity_words
from .heads import subject
from .measures import column_words, is_blank, value_phrase
from .nouns import property_noun
from .pieces import Phrase, fill, phrase, word, worded, words_of

if TYPE_CHECKING:
    from insights_core.language.protocol import Identifiers, Language
    from insights_core.query.meaning import Meaning, Output


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
    dims = [
        (at, output)
        for at, output in enumerate(meaning.outputs)
        if output.role == "dimension" and not is_star(output.value)
    ]
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
