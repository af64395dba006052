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

from .entities import entity_phrase
from .frames import SHAPED
from .joint import common_end, distinct, joined, pair, with_area
from .journeys import journey_heads
from .measures import label_of, measure_phrase, rated_phrase, value_phrase
from .nouns import described
from .pieces import Head, Origin, Phrase, fill, phrase, together, word, words_of
from .populations import spoken_value
from .rows import ranked_rows, row_heads, sample_heads

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Output


_MOST_MEASURES = 2
_MOST_LISTED = 3


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
    return [Head(fill(language, "actors", {"actors": actors, "measure": things}), "first")]


def kind_phrase(meaning: Meaning, language: Language) -> Phrase:
    """Return what kind of query this is, as its format calls it where the language has no word of its own."""
    words = (item for item in described(meaning.format, language) if item.lower() not in language.identifiers.formats)
    return word(language, f"kind.{meaning.shape}", ("format",)) or phrase(words, ("format",))


def _product_heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return what a product's own query is called: by its measures, else by the words of its kind."""
    measured = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    found = _measure_heads(meaning, measured, language) if measured else []
    named = kind_phrase(meaning, language)
    if named:
        found.append(Head(named, "kind"))
    if meaning.shape == "unknown":
        told = tuple(dict.fromkeys((*meaning.words, *(path.rpartition(".")[2] for path in meaning.unread))))
        words = phrase(tuple(item for text in told[:2] for item in described(text, language))[:4], ("words",))
        if words and not set(words_of(words)) <= set(words_of(named)):
            found.append(Head(together(language, "about", kind=named, thing=words), "kind"))
    return found or [Head(word(language, "kind.other", ("format",)), "nothing")]


def heads(meaning: Meaning, language: Language) -> list[Head]:
    """Return the ways to say what a meaning is about, the likeliest first."""
    if meaning.shape in JOURNEYS:
        return journey_heads(meaning, language)
    if meaning.shape == "actors":
        return _actor_heads(meaning, language)
    if meaning.shape in ("rows", "unknown") and not meaning.outputs and not meaning.source.name:
        return _product_heads(meaning, language)
    if meaning.shape not in SHAPED or meaning.shape in ("experiment", "exposures"):
        return _product_heads(meaning, language)
    if meaning.shape in ("rows", "latest", "first", "best", "duplicates", "unknown"):
        return row_heads(meaning, language)
    if meaning.shape == "samples":
        return sample_heads(meaning, language)
    if meaning.shape == "statement":
        return [Head(_noun_of(meaning.source, ("source",), language), "source")]
    measures = [(at, output) for at, output in enumerate(meaning.outputs) if output.role == "measure"]
    if meaning.shape in ("lifecycle", "stickiness"):
        return _habit_heads(meaning, measures, language)
    if not measures and meaning.shape == "ranking":
        return ranked_rows(meaning, language)
    return _measure_heads(meaning, measures, language)


def _habit_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return what people do again and again; being there at all goes without saying."""
    plain = meaning.source.name.lower() in language.identifiers.plain_events and len(meaning.sources) == 1
    if meaning.shape == "lifecycle":
        return [Head((), "")] if plain else _measure_heads(meaning, measures, language)
    found = _measure_heads(meaning, measures, language)
    noun = rated_phrase(found[0].parts, language) if len(measures) == 1 and not measures[0][1].labels else ()
    return [Head(noun, "first")] if noun and not language.is_participle(words_of(noun)[-1]) else found


class _Told(NamedTuple):
    """A measure in words, and which output it is."""

    at: int
    output: Output
    parts: Phrase


def _measure_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    told = [_Told(at, output, measure_phrase(output, at, language)) for at, output in measures]
    told = _without_shares([item for item in told if item.parts], language)
    if not told:
        return [Head(_noun_of(meaning.source, ("source",), language), "source")]
    key = meaning.order[0].output if meaning.order and meaning.order[0].descending else None
    first = next((item for item in told if item.at == key), None) or _primary(told)
    ratios = [item for item in told if isinstance(item.output.value, Ratio)]
    several = distinct([item.parts for item in (ratios if key is None and ratios else told)])
    few = meaning.format not in ("sql", "HogQLQuery") and 1 < len(several) <= _MOST_LISTED and key is None
    return [
        *(head._replace(kind="one_of_few") if few else head for head in _one_measure(meaning, first, language)),
        *_metric_heads(meaning, measures, language),
        *_statistics(measures, language),
        *_aggregates(told, first, language),
        *_maths_heads(measures, language),
        *(_rate(meaning, first, language) if len(told) == 1 else ()),
        *_together(meaning, several, language, ranked=key is not None),
    ]


def _without_shares(told: list[_Told], language: Language) -> list[_Told]:
    """Drop the share of a measure that stands beside it, unless the author has a noun for it: orders, and their percentage."""
    values = [item.output.value for item in told]

    def is_nameless(output: Output) -> bool:
        label = label_of(output, language)
        return not label or (len(label) == 1 and label[0].lower().endswith(language.identifiers.label_endings))

    return [
        item
        for item in told
        if not (
            isinstance(item.output.value, Ratio)
            and item.output.value.top in values
            and not label_of(item.output, language)
        )
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
    ratios = [item for item in told if isinstance(item.output.value, Ratio)]
    computed = ratios or [item for item in told if not isinstance(item.output.value, Count)]
    if not computed or len(computed) == len(told) or computed[0] == first:
        return []
    more = distinct([item.parts for item in computed])
    both = [Head(pair(more[0], more[1], language), "aggregates")] if len(more) > 1 else []
    return [Head(computed[0].parts, "aggregate"), *both]


def _rate(meaning: Meaning, first: _Told, language: Language) -> list[Head]:
    """Return a ratio of two counts that is shown in per cent or as one number as a rate."""
    value = first.output.value
    if (
        not isinstance(value, Ratio)
        or first.output.labels
        or not (meaning.option("scale") or meaning.display == "BoldNumber")
    ):
        return []
    of = value.top
    if isinstance(of, Count) and isinstance(of.unit, Entity) and not of.of.label and of.of.name:
        of = of._replace(unit=None)  # of those who were there, the part who did it
    top = value_phrase(of, ("outputs", first.at, "value", "top"), language)
    whole = language.small & set(words_of(top)) or (isinstance(of, Count) and of.unit is not None)
    if whole:
        return [Head(fill(language, "share_of", {"first": top}), "rate")]
    return [Head(fill(language, "rate", {"first": rated_phrase(top, language)}), "rate")]


def _together(meaning: Meaning, phrases: list[Phrase], language: Language, *, ranked: bool) -> list[Head]:
    """Return the ways to say several measures in one: what they share, two of them, what they are all of."""
    if len(phrases) < _MOST_MEASURES:
        return []
    whole = joined(phrases, language)
    wider = with_area(whole, meaning, language)
    found = [Head(wider, "joined" if wider == whole else "area")]
    if len(phrases) == _MOST_MEASURES:
        found.append(Head(pair(phrases[0], phrases[1], language), "both"))
    else:
        found.append(Head(common_end(phrases), "common"))
        if not ranked:
            found.append(Head(entity_phrase(meaning.source, ("source",), language), "source"))
        found.append(_listed(phrases, language))
    return [head for head in found if head.parts]


def _listed(phrases: list[Phrase], language: Language) -> Head:
    if len(phrases) > _MOST_LISTED:
        return Head(pair(phrases[0], phrases[1], language), "two_of_many")
    slots = dict(zip(("first", "second", "third"), phrases, strict=True))
    return Head(fill(language, "list.three", slots), "three")


def _metric_heads(meaning: Meaning, measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return what a table of named values is asked for: where the counter's name is `Page Splits/sec`, page splits."""
    if not meaning.conditions:
        return []
    metrics = language.identifiers.metrics
    generic = all(
        any(item in language.identifiers.quantities for item in folded(column.name))
        for _, output in measures
        for column in columns_in(output.value)
    )
    if not generic or not any(True for _, output in measures for _ in columns_in(output.value)):
        return []
    for at, item in enumerate(meaning.conditions):
        if isinstance(item, Condition) and isinstance(item.of, Column) and item.operator in ("exact", "in"):
            words = folded(item.of.name)
            if words and (
                words[-1] in metrics
                or (words[-1] in language.identifiers.titles and len(words) > 1 and words[-2] in metrics)
            ):
                told = [
                    phrase(spoken, ("conditions", at))
                    for value in item.values
                    if (spoken := spoken_value(value, language))
                ]
                if len(told) == 1:
                    return [Head(told[0], "metric")]
                if told:
                    return [Head(pair(told[0], told[1], language), "metric" if len(told) == 2 else "metrics")]
    return []


def _statistics(measures: list[tuple[int, Output]], language: Language) -> list[Head]:
    """Return the thing whose least, mean and greatest value stand side by side."""
    if len(measures) < _MOST_MEASURES:
        return []
    groups: dict[tuple[str, ...], list[tuple[int, Output]]] = {}
    for at, output in measures:
        label = label_of(output, language)
        words = tuple(
            item
            for item in label
            if item.lower() not in language.identifiers.aggregating
            and item.lower() not in language.identifiers.blank
            and not item.isdigit()
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
        found.append(Head(fill(language, "statistics", {"first": noun}), "statistics"))
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
    told = spoken[0]
    for other in spoken[1:]:
        told = fill(language, "either", {"first": told, "second": other})
    return [Head(fill(language, "maths", {"measure": noun, "maths": told}), "maths")]


def _primary(phrases: list[_Told]) -> _Told:
    """Return the measure that the others lead to: a ratio that is computed beside what it is computed from, else the first."""
    ratios = [item for item in phrases if isinstance(item[1].value, Ratio)]
    return ratios[0] if ratios else phrases[0]


def _noun_of(entity: Entity, origin: Origin, language: Language) -> Phrase:
    return entity_phrase(entity, origin, language) or word(language, "all", origin)
