"""The sentence beside a name: everything that the query says, as far as it fits, the most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clean import clean, cut
from .details import compare_phrase, conditions_phrase, period_phrase, setting_phrase
from .nouns import described, event_noun, property_noun, table_noun
from .pieces import Part, Phrase, compiled, fill, phrase, styled, word
from .splits import breakdown_phrase
from .subjects import ACTOR_MATHS, measure_phrase, step_phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights_core.facts.types import Facts, Measure

    from .language import Language

LONGEST_SENTENCE = 200
_LISTED = (8, 4, 2, 1)
_LONGEST_LINE = 2_000


def sentence(facts: Facts, language: Language) -> str:
    """Return one sentence of at most 200 characters, with a full stop."""
    empty = ".empty" if not facts.measures and f"sentence.{facts.kind}.empty" in language.patterns else ""
    pattern = language.patterns.get(f"sentence.{facts.kind}{empty}") or language.patterns["sentence.other"]
    for most in _LISTED:
        slots = _slots(facts, language, most)
        text = _line(fill(pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            return f"{text}." if text else ""
    names = [name for segment in compiled(pattern) if segment.optional for name in segment.pieces[1::2]]
    for dropped in reversed(names):
        slots[dropped] = ()
        text = _line(fill(pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            break
    return f"{cut(text, LONGEST_SENTENCE - 1)}."


def _line(parts: Phrase, language: Language) -> str:
    first = styled(parts[:1], language, "sentence") if parts else ()
    return clean("".join(part.text for part in (*first, *parts[1:])), _LONGEST_LINE)


def _slots(facts: Facts, language: Language, most: int) -> dict[str, Phrase]:
    def listed(phrases: Iterable[Phrase], pattern: str = "list.comma") -> Phrase:
        return _listed(phrases, language, most, pattern)

    def spelt(name: str, texts: Iterable[str]) -> Phrase:
        return listed(
            phrase(described(text, language) or (text,), f"{name}[{place}]") for place, text in enumerate(texts)
        )

    steps = _steps(facts, language)
    if most < len(steps) > 1:
        steps = [steps[0], steps[-1]]
    return {
        "kind": word(language, f"kind.{facts.kind}", "kind"),
        "measures": listed(_measure(item, f"measures[{place}]", language) for place, item in enumerate(facts.measures)),
        "steps": _listed(steps, language, len(steps), "list.arrow"),
        "breakdown": listed(
            breakdown_phrase(item, f"breakdowns[{place}]", language) for place, item in enumerate(facts.breakdowns)
        ),
        "each": word(language, f"each.{facts.interval}", "interval"),
        "filters": conditions_phrase(facts.filters[:most], "filters", language),
        "period": period_phrase(facts.period, language),
        "compare": compare_phrase(facts.compare, language),
        "formula": listed(
            phrase((f"{label} {formula}".strip(),), f"formulas[{place}]")
            for place, (formula, label) in enumerate(facts.formulas)
        ),
        "start": phrase((facts.start,), "start"),
        "end": phrase((facts.end,), "end"),
        "columns": spelt("columns", facts.columns),
        "rows": _rows(facts, language, most),
        "limit": phrase((str(facts.limit),), "limit") if facts.limit is not None else (),
        "settings": listed(
            setting_phrase(option.name, option.value, language) for option in facts.options if option.name != "source"
        ),
        "node": phrase(described(facts.node, language), "node") or word(language, "kind.other", "kind"),
        "words": spelt("words", facts.words),
    }


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
    bare = measure._replace(label="", filters=())
    if measure.math in ACTOR_MATHS:
        events = phrase(event_noun(measure.entity, language), f"{fact}.entity") or word(
            language, "all", f"{fact}.entity"
        )
        actors = word(language, f"sentence.{measure.math}", f"{fact}.math")
        found = fill(language.patterns["actors"], {"actors": actors, "measure": events})
    elif measure.of and measure.over is None and not measure.math.endswith("_duration"):
        found = fill(
            language.patterns["of_what"],
            {
                "math": word(language, f"sentence.{measure.math}", f"{fact}.math")
                or phrase(described(measure.math, language), f"{fact}.math"),
                "of": phrase(property_noun(measure.of, language), f"{fact}.of"),
                "measure": measure_phrase(bare._replace(math="total", of=""), fact, language),
            },
        )
    else:
        found = measure_phrase(bare, fact, language)
    for place, other in enumerate(measure.alternatives):
        more = phrase(event_noun(other, language), f"{fact}.alternatives[{place}]")
        found = fill(language.patterns["join.or"], {"first": found, "second": more})
    if measure.label:
        found = fill(
            language.patterns["labelled"], {"measure": found, "label": phrase((measure.label,), f"{fact}.label")}
        )
    return _filtered(found, measure, fact, language)


def _filtered(found: Phrase, measure: Measure, fact: str, language: Language) -> Phrase:
    own = conditions_phrase(measure.filters, f"{fact}.filters", language)
    return fill(language.patterns["where"], {"measure": found, "filters": own}) if own else found


def _listed(phrases: Iterable[Phrase], language: Language, most: int, pattern: str = "list.comma") -> Phrase:
    """Return the first phrases as a list, and whether there are more."""
    found = list(filter(None, phrases))
    parts: Phrase = ()
    for item in found[:most]:
        parts = fill(language.patterns[pattern], {"first": parts, "second": item}) if parts else item
    return fill(language.patterns["join.more"], {"first": parts}) if len(found) > most else parts


__all__ = ["LONGEST_SENTENCE", "Part", "sentence"]
