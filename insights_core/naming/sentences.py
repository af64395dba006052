"""The sentence beside a name: everything that the query says, as far as it fits, the most important first."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from .clean import clean, cut
from .details import compare_phrase, conditions_phrase, period_phrase, setting_phrase
from .nouns import described, event_noun, property_noun, table_noun
from .pieces import Phrase, fill, phrase, slot_names, styled, word, words_of
from .splits import breakdown_phrase
from .subjects import ACTOR_MATHS, is_plain, measure_phrase, step_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from insights_core.facts.types import Facts, Measure
    from insights_core.language.protocol import Language

    _Maker: TypeAlias = Callable[[Facts, Language, int], Phrase]

LONGEST_SENTENCE = 200
_LISTED = (8, 4, 2, 1)
_LONGEST_LINE = 2_000
_READ_OFF = frozenset({"source", "statement", "scale", "hidden", "interval", "of", "axis"})
"""Options that a reader found, not settings that somebody made."""


def sentence(facts: Facts, language: Language) -> str:
    """Return one sentence of at most 200 characters, with a full stop.

    Lists grow shorter first, then what the pattern has last goes.
    """
    kinds = (f"sentence.{facts.kind}.empty", f"sentence.{facts.kind}", "sentence.other")
    pattern = next(name for name in kinds[bool(facts.measures) :] if name in language.patterns)
    names = slot_names(language.patterns[pattern])
    for most in _LISTED:
        slots = {name: found for name in names if (found := _MAKERS[name](facts, language, most))}
        text = _line(fill(language, pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            return f"{text}." if text else f"{_line(_kind(facts, language, most), language)}."
    for dropped in reversed(names):
        slots.pop(dropped, None)
        text = _line(fill(language, pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            break
    return f"{cut(text, LONGEST_SENTENCE - 1)}."


def _line(parts: Phrase, language: Language) -> str:
    first = styled(parts[:1], language, "sentence") if parts else ()
    return clean("".join(part.text for part in (*first, *parts[1:])), _LONGEST_LINE)


def _rows(facts: Facts, language: Language, most: int) -> Phrase:
    known = word(language, f"table.{facts.tables[0]}", "tables[0]") if facts.tables and facts.kind == "table" else ()
    found = (phrase(table_noun(name, language), f"tables[{place}]") for place, name in enumerate(facts.tables))
    return known or _listed(found, language, most)


def _steps(facts: Facts, language: Language) -> list[Phrase]:
    return [
        _filtered(step_phrase(measure, f"measures[{place}]", language), measure, f"measures[{place}]", language)
        for place, measure in enumerate(facts.measures)
    ]


def _measure(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return a measure with everything that was said of it: who or what is counted, of what, by whom it was named."""
    if is_plain(measure):
        return _remembered(measure, fact, language)
    return _filtered(_told(measure, fact, language), measure, fact, language)


@lru_cache(maxsize=4096)
def _remembered(measure: Measure, fact: str, language: Language) -> Phrase:
    return _told(measure, fact, language)


def _told(measure: Measure, fact: str, language: Language) -> Phrase:
    bare = measure._replace(label="", filters=())
    if measure.math in ACTOR_MATHS:
        events = phrase(event_noun(measure.entity, language), f"{fact}.entity") or word(
            language, "all", f"{fact}.entity"
        )
        actors = word(language, f"sentence.{measure.math}", f"{fact}.math")
        found = fill(language, "actors", {"actors": actors, "measure": events})
    elif measure.of and measure.over is None and not measure.math.endswith("_duration"):
        found = fill(
            language,
            "of_what",
            {
                "math": word(language, f"sentence.{measure.math}", f"{fact}.math")
                or word(language, f"math.{measure.math}", f"{fact}.math"),
                "of": phrase(property_noun(measure.of, language), f"{fact}.of"),
                "measure": measure_phrase(bare._replace(math="total", of=""), fact, language),
            },
        )
    else:
        found = measure_phrase(bare, fact, language)
    for place, other in enumerate(measure.alternatives):
        more = phrase(event_noun(other, language), f"{fact}.alternatives[{place}]")
        found = fill(language, "join.or", {"first": found, "second": more})
    label = described(measure.label, language)
    if label and not {part.lower() for part in label} <= set(words_of(found)):
        found = fill(language, "labelled", {"measure": found, "label": phrase(label, f"{fact}.label")})
    return found


def _filtered(found: Phrase, measure: Measure, fact: str, language: Language) -> Phrase:
    own = conditions_phrase(measure.filters, f"{fact}.filters", language)
    return fill(language, "where", {"measure": found, "filters": own}) if own else found


def _listed(phrases: Iterable[Phrase], language: Language, most: int, pattern: str = "list.comma") -> Phrase:
    """Return the first phrases as a list, and whether there are more."""
    found = list(filter(None, phrases))
    if len(found) < 2:
        return found[0] if found else ()
    parts: Phrase = ()
    for item in found[:most]:
        parts = fill(language, pattern, {"first": parts, "second": item}) if parts else item
    return fill(language, "join.more", {"first": parts}) if len(found) > most else parts


def _spelt(name: str) -> _Maker:
    """Return what makes a list of the texts of a field."""

    def make(facts: Facts, language: Language, most: int) -> Phrase:
        texts: tuple[str, ...] = getattr(facts, name)
        found = [phrase(described(text, language) or (text,), f"{name}[{at}]") for at, text in enumerate(texts)]
        return _listed(found, language, most)

    return make


def _kind(facts: Facts, language: Language, _: int) -> Phrase:
    return word(language, f"kind.{facts.kind}", "kind")


def _measures(facts: Facts, language: Language, most: int) -> Phrase:
    found = [_measure(item, f"measures[{place}]", language) for place, item in enumerate(facts.measures)]
    return _listed(found, language, most)


def _path(facts: Facts, language: Language, most: int) -> Phrase:
    steps = _steps(facts, language)
    if most < len(steps) > 1:
        steps = [steps[0], steps[-1]]
    return _listed(steps, language, len(steps), "list.arrow")


def _breakdowns(facts: Facts, language: Language, most: int) -> Phrase:
    if not facts.breakdowns:
        return ()
    found = [breakdown_phrase(item, f"breakdowns[{at}]", language) for at, item in enumerate(facts.breakdowns)]
    return _listed(found, language, most)


def _formulas(facts: Facts, language: Language, most: int) -> Phrase:
    found = [
        phrase((f"{label} {formula}".strip(),), f"formulas[{at}]") for at, (formula, label) in enumerate(facts.formulas)
    ]
    return _listed(found, language, most)


def _settings(facts: Facts, language: Language, most: int) -> Phrase:
    if not facts.options:
        return ()
    told = (option for option in facts.options if option.name not in _READ_OFF and "[" not in option.name)
    return _listed([setting_phrase(name, value, language) for name, value in told], language, most)


def _node(facts: Facts, language: Language, _: int) -> Phrase:
    return phrase(described(facts.node, language), "node") or word(language, "kind.other", "kind")


_MAKERS: dict[str, _Maker] = {
    "kind": _kind,
    "measures": _measures,
    "steps": _path,
    "breakdown": _breakdowns,
    "each": lambda facts, language, _: word(language, f"each.{facts.interval}", "interval"),
    "filters": lambda facts, language, most: (
        conditions_phrase(facts.filters[:most], "filters", language) if facts.filters else ()
    ),
    "period": lambda facts, language, _: period_phrase(facts.period, language),
    "compare": lambda facts, language, _: compare_phrase(facts.compare, language),
    "formula": _formulas,
    "start": lambda facts, _, __: phrase((facts.start,), "start"),
    "end": lambda facts, _, __: phrase((facts.end,), "end"),
    "columns": _spelt("columns"),
    "rows": _rows,
    "limit": lambda facts, _, __: phrase((str(facts.limit),), "limit") if facts.limit is not None else (),
    "settings": _settings,
    "node": _node,
    "words": _spelt("words"),
}
