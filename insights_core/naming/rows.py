"""What rows are called that nothing is computed of: by what they are, what singles them out, what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, is_star
from insights_core.query.words import folded

from .entities import entity_phrase, entity_words
from .joint import common_end, distinct, pair
from .measures import column_words, label_of, measure_phrase, value_phrase
from .nouns import property_noun
from .pieces import Head, Phrase, phrase, together, word, words_of

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Output

_PAIR = 2
ALONE = frozenset({"shown", "shown_computed"})
"""Kinds of heads that say too much beside who is left by the conditions."""


def row_heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return the ways to say what rows are, the likeliest first."""
    source = meaning.source
    found = []
    single = meaning.shape == "best" and (meaning.limit or 1) == 1
    main = entity_phrase(source, ("source",), language, number="singular" if single else "plural")
    if main:
        found.append(Head(main, "rows" if source.kind != "function" else "function"))
    under = meaning.sources[0] if meaning.sources else None
    if under is not None and under != source:
        found.append(Head(entity_phrase(under, ("sources", 0), language), "under"))
    columns = _telling_columns(meaning, language)
    if meaning.shape == "duplicates" and columns:
        owner = entity_phrase(source, ("source",), language, number="singular")
        said = set(words_of(owner)) & set(words_of(columns[0]))
        return [Head(columns[0] if said else together(language, "owned", owner=owner, noun=columns[0]), "first")]
    for at, output in enumerate(meaning.outputs):
        if output.role == "unit" and (
            label := label_of(output, language)
            or tuple(words_of(value_phrase(output.value, ("outputs", at), language)))
        ):
            owner = entity_phrase(source, ("source",), language, number="singular")
            things = phrase(language.plural(label), ("outputs", at))
            found.append(Head(together(language, "owned", owner=owner, noun=things), "unit"))
    shared = _shared_prefix(meaning, language)
    if shared:
        found.append(Head(shared, "shared"))
    if len(columns) == 1:
        found.append(Head(columns[0], "column" if len(meaning.outputs) == 1 else "a_column"))
    elif len(columns) == _PAIR and len(meaning.outputs) <= 3:
        found.append(Head(pair(columns[0], columns[1], language), "columns"))
    found += _shown(meaning, language)
    return [head for head in found if head.parts] or [Head(word(language, "kind.sql", ("source",)), "nothing")]


def _shown(meaning: Meaning, language: Language) -> list[Head]:
    """Return rows by the one or two things that are told of each beside what it is: asset risk score."""
    owner = entity_words(meaning.source, language, number="singular")
    if not owner or meaning.source.kind not in ("table", "catalogue", "file", "model"):
        return []
    known = {item.lower() for item in owner}
    told: dict[tuple[str, ...], tuple[Phrase, bool]] = {}
    for at, output in enumerate(meaning.outputs):
        if output.role in ("constant", "rank", "time") or is_star(output.value):
            continue
        words = label_of(output, language) or tuple(words_of(value_phrase(output.value, ("outputs", at), language)))
        own = tuple(item for item in words if item.lower() not in known)
        if own and _tells(output, own, language):
            computed = not isinstance(output.value, Column)
            told.setdefault(tuple(item.lower() for item in own), (phrase(own, ("outputs", at)), computed))
    chosen = [parts for parts, computed in told.values() if computed or len(told) <= _PAIR]
    if not 0 < len(chosen) <= _PAIR:
        return []
    both = pair(chosen[0], chosen[1], language) if len(chosen) == _PAIR else chosen[0]
    kind = "shown" if len(told) <= _PAIR else "shown_computed"
    return [Head(together(language, "owned", owner=phrase(owner, ("source",)), noun=both), kind)]


def _tells(output: Output, words: tuple[str, ...], language: Language) -> bool:
    """Whether a column says something of a row, and not only which one it is or when it was made."""
    spelt = output.labels[-1:] or ((output.value.name,) if isinstance(output.value, Column) else ())
    low = {item.lower() for item in words} | {item for label in spelt for item in folded(label)}
    read = language.identifiers
    silent = read.identifying | read.naming | read.remarks
    return not low & silent and not low <= read.bland and words[-1].lower() not in read.moments


def _shared_prefix(meaning: Meaning, language: Language) -> Phrase:
    """Return what the author's names for most columns begin with: drug_concept_id, drug_concept_name are drug concepts."""
    labels = [
        folded(output.labels[-1]) for output in meaning.outputs if output.labels and output.role in ("attribute", "key")
    ]
    if len(labels) < 3:
        return ()
    first = max(labels, key=lambda words: sum(other[:1] == words[:1] for other in labels))
    same = [words for words in labels if words[:1] == first[:1]]
    if len(same) * 3 < len(labels) * 2 or len(same) < 3:
        return ()
    size = 1
    while all(len(words) > size + 1 and words[size] == first[size] for words in same):
        size += 1
    words = property_noun("_".join(first[:size]), language)
    return (
        phrase(language.plural(words), ("outputs",))
        if words and words[0] not in language.identifiers.aggregating
        else ()
    )


def _telling_columns(meaning: Meaning, language: Language) -> list[Phrase]:
    found = []
    for at, output in enumerate(meaning.outputs):
        if output.role not in ("attribute", "key"):
            continue
        value = output.value
        if is_star(value):
            return []
        label = label_of(output, language)
        words = label or (column_words(value, language) if isinstance(value, Column) else ())
        if words:
            found.append(phrase(language.plural(words), ("outputs", at)))
    return list({tuple(words_of(item)): item for item in found}.values())


def ranked_rows(meaning: Meaning, language: Language) -> list[Head]:
    """Return what rows are ranked by, where nothing is computed of them."""
    key = meaning.order[0].output
    if key is None:
        found = value_phrase(meaning.order[0].value, ("order", 0), language)
        return [Head(found, "first")] if found else row_heads(meaning, language)
    output = meaning.outputs[key]
    found = measure_phrase(output, key, language)
    return [Head(found, "first")] if found else row_heads(meaning, language)


def sample_heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return the ways to say what was sampled over time."""
    samples = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "sample"]
    phrases = distinct([measure_phrase(output, at, language) for at, output in samples])
    main = entity_phrase(meaning.source, ("source",), language)
    found = [Head(phrases[0], "sample")] if phrases else []
    if len(phrases) == _PAIR:
        found.append(Head(pair(phrases[0], phrases[1], language), "both"))
    elif len(phrases) > _PAIR:
        common = common_end(phrases)
        if common:
            found.append(Head(common, "common"))
        found.append(Head(pair(phrases[0], phrases[1], language), "two_of_many"))
        if main:
            found.append(Head(main, "rows"))
    if main:
        found.append(Head(main, "source"))
    return found or [Head(word(language, "kind.sql", ("source",)), "nothing")]
