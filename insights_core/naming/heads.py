"""What a name is about: the measures, the rows, the steps, each in the ways that it can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import (
    Aggregate,
    Column,
    Condition,
    Count,
    Entity,
    Ratio,
    Running,
    columns_in,
)
from insights_core.query.words import folded

from .frames import SHAPED
from .joint import joined
from .journeys import arrow, shared_start, steps, steps_phrases
from .measures import (
    column_words,
    entity_phrase,
    label_of,
    measure_phrase,
    rated_phrase,
    value_phrase,
)
from .nouns import described, plural, property_noun, singular
from .pieces import SPACE, Origin, Part, Phrase, fill, phrase, word, words_of
from .populations import spoken_value

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Output


_MOST_MEASURES = 2
_MOST_LISTED = 3


class Head(NamedTuple):
    """One way to fill a slot."""

    parts: Phrase
    kind: str
    """What `choose.KINDS` weighs it by; empty where it counts for nothing."""


def subject(meaning: Meaning) -> Entity | None:
    """Return the entity that a name is about: what the first measure counts, else the source."""
    for output in meaning.outputs:
        if output.role == "measure":
            return _counted(output)
    return meaning.source


def _counted(output: Output) -> Entity | None:
    value = output.value
    if isinstance(value, Ratio):
        value = value.bottom
    return value.of if isinstance(value, Count) else None


JOURNEYS = frozenset({"funnel", "retention", "paths"})


def two_events(meaning: Meaning, language: Language) -> list[Head]:
    """Return both events of a retention, where they differ."""
    phrases = steps_phrases(meaning, language)
    if len(phrases) < 2 or words_of(phrases[0]) == words_of(phrases[-1]):
        return [Head((), "")]
    return [Head(arrow([phrases[0], phrases[-1]], language), "two_events")]


def told_apart(meaning: Meaning, language: Language) -> list[Head]:
    """Return the steps of a funnel without the words that all of them begin with."""
    phrases = steps_phrases(meaning, language)
    start = len(words_of(shared_start(phrases)))
    if not start:
        return [Head((), "")]
    rest = [phrase(" ".join(part.text for part in parts).split()[start:], parts[0].fact) for parts in phrases]
    told = rest if len(rest) <= 3 else [rest[0], rest[-1]]
    return [Head(arrow(told, language), "")]


def _journey_heads(meaning: Meaning, language: Language) -> list[Head]:
    if meaning.shape == "funnel":
        found = [Head(parts, kind) for parts, kind in steps(meaning, language)]
        return found or [Head((), "")]
    if meaning.shape == "paths":
        of = [source for source in meaning.sources if source.name.lower() not in language.plain_events]
        return [Head(entity_phrase(of[0], ("sources", 0), language) if of else (), "")]
    first = meaning.steps[0].of if meaning.steps else Entity()
    same = len({step.of for step in meaning.steps}) < 2
    plain = first.name.lower() in language.plain_events or not same
    head = (
        ()
        if plain
        else phrase(
            singular(tuple(words_of(entity_phrase(first, ("steps", 0), language))), language), ("steps", 0, "of")
        )
    )
    return [Head(head, "one_event" if head else "")]


def _actor_heads(meaning: Meaning, language: Language) -> list[Head]:
    actors = (
        word(language, "actors.users", ("source",))
        if meaning.source.kind == "actor"
        else entity_phrase(meaning.source, ("source",), language)
    )
    done = [source for source in meaning.sources if source.kind in ("event", "action") and source.name]
    if not done:
        return [Head(actors, "first")]
    things = entity_phrase(done[0], ("sources", 0), language)
    return [Head(fill(language.patterns["actors"], {"actors": actors, "measure": things}), "first")]


def _product_heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return what a product's own query is called: by its measures, else by the words of its kind."""
    measured = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    found = _measure_heads(meaning, measured, language) if measured else []
    named = word(language, f"kind.{meaning.shape}", ("format",)) or phrase(
        tuple(item for item in described(meaning.format, language) if item.lower() not in ("query", "node")),
        ("format",),
    )
    if named:
        found.append(Head(named, "kind"))
    if meaning.shape == "unknown":
        told = tuple(dict.fromkeys((*meaning.words, *(path.rpartition(".")[2] for path in meaning.unread))))
        words = phrase(tuple(item for text in told[:2] for item in described(text, language))[:4], ("words",))
        if words and not set(words_of(words)) <= set(words_of(named)):
            found.append(Head((*named, *(SPACE if named else ()), *words), "kind"))
    return found or [Head(word(language, "kind.other", ("format",)), "nothing")]


def heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return the ways to say what a meaning is about, the likeliest first."""
    if meaning.shape in JOURNEYS:
        return _journey_heads(meaning, language)
    if meaning.shape == "actors":
        return _actor_heads(meaning, language)
    if meaning.shape in ("rows", "unknown") and not meaning.outputs and not meaning.source.name:
        return _product_heads(meaning, language)
    if meaning.shape not in SHAPED or meaning.shape in ("experiment", "exposures"):
        return _product_heads(meaning, language)
    if meaning.shape in ("rows", "latest", "duplicates", "unknown", "toprows"):
        return _row_heads(meaning, language)
    if meaning.shape == "samples":
        return _sample_heads(meaning, language)
    if meaning.shape == "statement":
        return [Head(_noun_of(meaning.source, ("source",), language), "source")]
    measures = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    if not measures and meaning.shape == "ranking":
        return _ranked_rows(meaning, language)
    return _measure_heads(meaning, measures, language)


class _Told(NamedTuple):
    """A measure in words, and which output it is."""

    at: int
    output: Output
    parts: Phrase


def _measure_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    told = [_Told(at, output, measure_phrase(output, at, language)) for at, output in measures]
    told = [item for item in told if item.parts]
    if not told:
        return [Head(_noun_of(meaning.source, ("source",), language), "source")]
    key = meaning.order[0].output if meaning.order and meaning.order[0].descending else None
    first = next((item for item in told if item.at == key), None) or _primary(told)
    return [
        *_one_measure(meaning, first, language),
        *_metric_heads(meaning, measures, language),
        *_statistics(measures, language),
        *_aggregates(told, first, language),
        *_maths_heads(measures, language),
        *(_rate(meaning, first, language) if len(told) == 1 else ()),
        *_together(meaning, _distinct(told), language, ranked=key is not None),
    ]


def _one_measure(meaning: Meaning, first: _Told, language: Language) -> list[Head]:
    """Return the ways to say the measure that matters most: by its label, without its owner, as it is computed."""
    at, output, parts = first
    found = [Head(parts, "first")]
    if isinstance(output.value, Running) and meaning.display:
        # A chart that adds up as it goes shows the same measure.
        found.append(Head(measure_phrase(output._replace(value=output.value.of), at, language), "first"))
    others = (
        ("plain", measure_phrase(output, at, language, owned=False)),
        ("computed", value_phrase(output.value, ("outputs", at, "value"), language)),
    )
    return found + [Head(other, kind) for kind, other in others if other and words_of(other) != words_of(parts)]


def _aggregates(told: list[_Told], first: _Told, language: Language) -> list[Head]:
    """Return what is computed of the rows where they are counted too."""
    computed = [item for item in told if not isinstance(item.output.value, Count)]
    if not computed or len(computed) == len(told) or computed[0] == first:
        return []
    more = _distinct(computed)
    pair = [Head(_pair(more[0], more[1], language), "aggregates")] if len(more) > 1 else []
    return [Head(computed[0].parts, "aggregate"), *pair]


def _rate(meaning: Meaning, first: _Told, language: Language) -> list[Head]:
    """Return a ratio of two counts that is shown in per cent or as one number as a rate."""
    value = first.output.value
    if (
        not isinstance(value, Ratio)
        or first.output.labels
        or not (meaning.option("scale") or meaning.display == "BoldNumber")
    ):
        return []
    top = value_phrase(value.top, ("outputs", first.at, "value", "top"), language)
    return [Head(fill(language.patterns["rate"], {"first": rated_phrase(top, language)}), "rate")]


def _together(meaning: Meaning, distinct: list[Phrase], language: Language, *, ranked: bool) -> list[Head]:
    """Return the ways to say several measures in one: what they share, two of them, what they are all of."""
    if len(distinct) < _MOST_MEASURES:
        return []
    found = [Head(joined(distinct, language), "joined")]
    if len(distinct) == _MOST_MEASURES:
        found.append(Head(_pair(distinct[0], distinct[1], language), "both"))
    else:
        found.append(Head(_common(distinct), "common"))
        if not ranked:
            found.append(Head(entity_phrase(meaning.source, ("source",), language), "source"))
        found.append(_listed(distinct, language))
    return [head for head in found if head.parts]


def _listed(distinct: list[Phrase], language: Language) -> Head:
    if len(distinct) > _MOST_LISTED:
        return Head(_pair(distinct[0], distinct[1], language), "two_of_many")
    slots = dict(zip(("first", "second", "third"), distinct, strict=True))
    return Head(fill(language.patterns["list.three"], slots), "three")


def _metric_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return what a table of named values is asked for: where the counter's name is `Page Splits/sec`, page splits."""
    generic = all(
        any(item in _GENERIC_VALUE for item in folded(column.name))
        for _, output in measures
        for column in columns_in(output.value)
    )
    if not generic or not any(True for _, output in measures for _ in columns_in(output.value)):
        return []
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.operator in ("exact", "in"):
            words = folded(item.of.name)
            if words and (
                words[-1] in _METRIC_NAMES or (words[-1] == "name" and len(words) > 1 and words[-2] in _METRIC_NAMES)
            ):
                told = [phrase(spoken, ("conditions", at)) for value in item.values if (spoken := spoken_value(value))]
                if len(told) == 1:
                    return [Head(told[0], "metric")]
                if told:
                    return [Head(_pair(told[0], told[1], language), "metric" if len(told) == 2 else "metrics")]
    return []


_GENERIC_VALUE = frozenset(
    ["value", "val", "values", "cntr", "reading", "amount", "number", "data", "count", "quantity"]
)

_METRIC_NAMES = frozenset(
    ["metric", "counter", "measure", "indicator", "stat", "statistic", "variable", "parameter", "kpi", "signal"]
)


def _statistics(measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return the thing whose least, mean and greatest value stand side by side."""
    groups: dict[tuple[str, ...], list[tuple[int, Output]]] = {}
    for at, output in measures:
        label = label_of(output, language)
        words = tuple(
            item
            for item in label
            if item.lower() not in language.aggregating and item.lower() not in language.blank and not item.isdigit()
        )
        groups.setdefault(tuple(item.lower() for item in words), []).append((at, output))
    key, most = max(groups.items(), key=lambda item: len(item[1]))
    if len(most) < 2:
        return []
    at, output = most[0]
    of = output.value.of if isinstance(output.value, Aggregate) else None
    noun = phrase(key, ("outputs", at, "label")) if key else value_phrase(of, ("outputs", at, "value"), language)
    if not noun:
        return []
    found = [Head(noun, "thing")]
    if len(most) > 2:
        found.append(Head(fill(language.patterns["statistics"], {"first": noun}), "statistics"))
    return found


def _maths_heads(measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return a value with the two or three functions that are taken of it: load time P75/P90/P99."""
    values = [output.value for _, output in measures if isinstance(output.value, Aggregate)]
    functions = list(dict.fromkeys(value.function for value in values))
    if len(values) != len(measures) or len({value.of for value in values}) != 1 or not 1 < len(functions) <= 3:
        return []
    at = measures[0][0]
    noun = value_phrase(values[0].of, ("outputs", at, "value", "of"), language)
    spoken = [word(language, f"math.{function}", ("outputs", at, "value", "function")) for function in functions]
    if not noun or not all(spoken):
        return []
    told = Part("/".join(parts[0].text for parts in spoken), ("outputs", at, "value", "function"))
    return [Head((*noun, *SPACE, told), "maths")]


def _primary(phrases: list[_Told]) -> _Told:
    """Return the measure that the others lead to: a ratio that is computed beside what it is computed from, else the first."""
    ratios = [item for item in phrases if isinstance(item[1].value, Ratio)]
    return ratios[-1] if len(ratios) == 1 and len(phrases) > 1 else phrases[0]


def _distinct(phrases: list[_Told]) -> list[Phrase]:
    found: dict[tuple[str, ...], Phrase] = {}
    for _, _, parts in phrases:
        found.setdefault(tuple(words_of(parts)), parts)
    return list(found.values())


def _pair(left: Phrase, right: Phrase, language: Language) -> Phrase:
    """Join two measures; what both end or begin with is said once."""
    a, b = words_of(left), words_of(right)
    if len(a) > 1 and len(b) > 1 and a[0] == b[0] and len(right) >= 1:
        shorter = _without_first(right)
        if shorter:
            right = shorter
    elif len(a) > 1 and len(b) > 1 and a[-1] == b[-1]:
        left = _without_last(left)
    return fill(language.patterns["frame.pair"], {"first": left, "second": right})


def _without_first(parts: Phrase) -> Phrase:
    first, *rest = parts
    left = first.text.split()[1:]
    head = (Part(" ".join(left), first.fact),) if left else ()
    behind = tuple(rest)
    if not head and behind and not behind[0].text.strip():
        behind = behind[1:]
    return (*head, *behind)


def _without_last(parts: Phrase) -> Phrase:
    *rest, last = parts
    left = last.text.split()[:-1]
    if left:
        return (*rest, Part(" ".join(left), last.fact))
    while rest and not rest[-1].text.strip():
        rest.pop()
    return tuple(rest)


def _common(phrases: list[Phrase]) -> Phrase:
    """Return the words that all measures end with: two or more, or one that is no general noun."""
    texts = [words_of(parts) for parts in phrases]
    size = 0
    while all(len(text) > size + 1 and text[-1 - size] == texts[0][-1 - size] for text in texts):
        size += 1
    if size < 1:
        return ()
    last = phrases[0]
    words = " ".join(part.text for part in last).split()[-size:]
    return phrase(words, ("outputs",))


def _noun_of(entity: Entity, origin: Origin, language: Language) -> Phrase:
    return entity_phrase(entity, origin, language) or word(language, "all", origin)


def _row_heads(meaning: Meaning, language: Language) -> list[Head]:
    source = meaning.source
    found = []
    main = entity_phrase(source, ("source",), language)
    if main:
        found.append(Head(main, "rows" if source.kind != "function" else "function"))
    under = meaning.sources[0] if meaning.sources else None
    if under is not None and under != source:
        found.append(Head(entity_phrase(under, ("sources", 0), language), "under"))
    columns = _telling_columns(meaning, language)
    if meaning.shape == "duplicates" and columns:
        owner = entity_phrase(source, ("source",), language, number="singular")
        said = set(words_of(owner)) & set(words_of(columns[0]))
        return [Head(columns[0] if said or not owner else (*owner, *SPACE, *columns[0]), "first")]
    for at, output in enumerate(meaning.outputs):
        if output.role == "unit" and (
            label := label_of(output, language)
            or tuple(words_of(value_phrase(output.value, ("outputs", at), language)))
        ):
            owner = entity_phrase(source, ("source",), language, number="singular")
            things = phrase(plural(label, language), ("outputs", at))
            found.append(Head((*owner, *SPACE, *things) if owner else things, "unit"))
    shared = _shared_prefix(meaning, language)
    if shared:
        found.append(Head(shared, "shared"))
    if len(columns) == 1:
        found.append(Head(columns[0], "column" if len(meaning.outputs) == 1 else "a_column"))
    elif len(columns) == _MOST_MEASURES and len(meaning.outputs) <= 3:
        found.append(Head(_pair(columns[0], columns[1], language), "columns"))
    return [head for head in found if head.parts] or [Head(word(language, "kind.sql", ("source",)), "nothing")]


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
    return phrase(plural(words, language), ("outputs",)) if words and words[0] not in language.aggregating else ()


def _telling_columns(meaning: Meaning, language: Language) -> list[Phrase]:
    found = []
    for at, output in enumerate(meaning.outputs):
        if output.role not in ("attribute", "key"):
            continue
        value = output.value
        if isinstance(value, Column) and value.name == "*":
            return []
        label = label_of(output, language)
        words = label or (column_words(value, language) if isinstance(value, Column) else ())
        if words:
            found.append(phrase(plural(words, language), ("outputs", at)))
    return list({tuple(words_of(item)): item for item in found}.values())


def _ranked_rows(meaning: Meaning, language: Language) -> list[Head]:
    key = meaning.order[0].output
    if key is None:
        return _row_heads(meaning, language)
    output = meaning.outputs[key]
    found = measure_phrase(output, key, language)
    return [Head(found, "first")] if found else _row_heads(meaning, language)


def _sample_heads(meaning: Meaning, language: Language) -> list[Head]:
    samples = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "sample"]
    told = [_Told(at, output, measure_phrase(output, at, language)) for at, output in samples]
    main = entity_phrase(meaning.source, ("source",), language)
    distinct = _distinct([item for item in told if item.parts])
    found = [Head(distinct[0], "sample")] if distinct else []
    if len(distinct) == _MOST_MEASURES:
        found.append(Head(_pair(distinct[0], distinct[1], language), "both"))
    elif len(distinct) > _MOST_MEASURES:
        common = _common(distinct)
        if common:
            found.append(Head(common, "common"))
        found.append(Head(_pair(distinct[0], distinct[1], language), "two_of_many"))
        if main:
            found.append(Head(main, "rows"))
    if main:
        found.append(Head(main, "source"))
    return found or [Head(word(language, "kind.sql", ("source",)), "nothing")]
