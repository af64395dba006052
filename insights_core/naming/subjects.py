"""The phrases of a name: what is measured, by what, of what, in which period, each with the fact it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.facts.types import Condition
from insights_core.facts.words import is_label, split

from .nouns import event_noun, event_step, label_noun, plural, property_noun, table_noun
from .pieces import Part, Phrase, fill, phrase, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Breakdown, Facts, Filter, Measure

    from .language import Language

_ACTOR_MATHS = ("dau", "weekly_active", "monthly_active", "unique_session", "unique_group")
_MOST_VALUES = 2
_LONGEST_VALUE = 30


def word(language: Language, code: str, fact: str) -> Phrase:
    """Return the word for a code, or nothing."""
    text = language.words.get(code)
    return (Part(text, fact),) if text else ()


# What is measured


def measure_phrase(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return what a measure is called, without its own filters."""
    if measure.over is not None:
        return ratio_phrase(measure, measure.over, fact, language)
    noun = noun_phrase(measure, fact, language)
    math = measure.math
    if measure.label and math in ("total", "sum", "unique", *_ACTOR_MATHS):
        return noun
    if math in _ACTOR_MATHS:
        return _actors(measure, noun, fact, language)
    if math in ("total", "unique"):
        return noun
    if math == "sum":
        return _property_of(measure, fact, language) or noun
    if math.startswith(
        ("avg_count", "min_count", "max_count", "median_count", "p75_count", "p90_count", "p95_count", "p99_count")
    ):
        return fill(language.patterns["per_actor"], {"measure": noun})
    if math.startswith("first_"):
        return fill(language.patterns["first_time"], {"measure": noun})
    spoken = word(language, f"math.{math}", f"{fact}.math")
    subject = noun if measure.label else (_property_of(measure, fact, language) or noun)
    if not spoken or set(words_of(spoken)) & set(words_of(subject)):
        return subject
    return fill(language.patterns["of"], {"math": spoken, "measure": subject})


def noun_phrase(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return the things that a measure counts."""
    if measure.label:
        words = label_noun(measure.label, language)
        if words:
            return phrase(words, f"{fact}.label")
    if measure.math == "unique" and measure.of:
        return phrase(plural(property_noun(measure.of, language), language), f"{fact}.of")
    if measure.source == "table":
        return phrase(table_noun(measure.entity, language), f"{fact}.entity") or word(language, "all", f"{fact}.entity")
    if not measure.entity:
        return word(language, "all", f"{fact}.entity")
    return phrase(event_noun(measure.entity, language), f"{fact}.entity") or word(language, "all", f"{fact}.entity")


def _actors(measure: Measure, noun: Phrase, fact: str, language: Language) -> Phrase:
    plain = measure.entity.lower() in language.plain_events
    math = measure.math
    if plain:
        code = {"dau": "visitors" if measure.entity else "dau", "unique_group": "active_group"}.get(math, math)
        return word(language, f"actors.{code}", f"{fact}.math")
    actors = word(language, "actors.users" if math == "dau" else f"actors.{math}", f"{fact}.math")
    return fill(language.patterns["actors"], {"actors": actors, "measure": noun})


def _property_of(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return the property that is summed or averaged, with the event in front where the property alone says little."""
    if not measure.of:
        return ()
    words = property_noun(measure.of, language) if not is_label(measure.of) else split(measure.of)
    of = phrase(words, f"{fact}.of")
    if len(words) > 1 or measure.source == "table" or not measure.entity:
        return of
    event = event_step(measure.entity, language)
    lead = tuple(item for item in event if item.lower() not in {part.lower() for part in words})
    return phrase(lead, f"{fact}.entity") + (Part(" ", "pattern"),) * bool(lead) + of


def ratio_phrase(top: Measure, bottom: Measure, fact: str, language: Language) -> Phrase:
    """Return what one measure divided by another is called."""
    if top.label:
        return noun_phrase(top, fact, language)
    upper = measure_phrase(top._replace(over=None, math="total" if top.math == "ratio" else top.math), fact, language)
    lower = measure_phrase(bottom, f"{fact}.over", language)
    if words_of(upper) == words_of(lower):
        named = adjective_phrase(top.filters, f"{fact}.filters", language)
        singular = tuple(part._replace(text=part.text) for part in lower)
        return fill(language.patterns["rate"], {"first": singular + ((Part(" ", "pattern"), *named) if named else ())})
    return fill(language.patterns["per"], {"first": upper, "second": lower})


# By what


def breakdown_phrase(item: Breakdown, fact: str, language: Language) -> Phrase:
    """Return what a breakdown is called."""
    if item.scope in ("cohort", "feature"):
        return word(language, f"scope.{item.scope}", f"{fact}.scope")
    if item.scope == "time":
        return word(language, f"time.{item.key}", fact)
    if item.label:
        return phrase(
            split(item.label) if is_label(item.label) else property_noun(item.label, language), f"{fact}.label"
        )
    return phrase(property_noun(item.key, language), f"{fact}.key")


def breakdowns_phrase(items: Sequence[Breakdown], language: Language) -> Phrase:
    """Return all breakdowns, each said once."""
    found: list[Phrase] = []
    for place, item in enumerate(items):
        piece = breakdown_phrase(item, f"breakdowns[{place}]", language)
        if piece and words_of(piece) not in [words_of(other) for other in found]:
            found.append(piece)
    return listed(found, language)


def listed(phrases: Sequence[Phrase], language: Language, *, pattern: str = "list.two") -> Phrase:
    """Return phrases as an enumeration: one, two, or two and the hint that there are more."""
    if len(phrases) < 2:
        return phrases[0] if phrases else ()
    name = pattern if len(phrases) == 2 else "list.more"
    return fill(language.patterns[name], {"first": phrases[0], "second": phrases[1]})


# Of what


def adjective(condition: Filter, fact: str, language: Language) -> Phrase:
    """Return the published synonym of a condition (`success = false` → failed), or nothing."""
    if (
        not isinstance(condition, Condition)
        or len(condition.values) != 1
        or condition.operator not in ("exact", "is_not", "in")
    ):
        return ()
    words = property_noun(condition.key, language)
    table = language.synonyms.get(words[-1].lower()) if words else None
    value = str(condition.values[0]).strip().lower()
    if table is None:
        return ()
    if condition.operator == "is_not":
        value = {"true": "false", "false": "true"}.get(value, "")
    return phrase((table[value],), fact) if value in table else ()


def adjective_phrase(filters: Sequence[Filter], fact: str, language: Language) -> Phrase:
    """Return the first synonym that the conditions have."""
    found = (adjective(item, f"{fact}[{place}]", language) for place, item in enumerate(filters))
    return next(filter(None, found), ())


def with_adjective(filters: Sequence[Filter], fact: str, noun: Phrase, language: Language) -> Phrase:
    """Put the synonym of a condition in front of a noun that does not say it yet."""
    lead = adjective_phrase(filters, fact, language)
    if not lead or set(words_of(lead)) & set(words_of(noun)):
        return noun
    return (*lead, Part(" ", "pattern"), *noun)


# When


def interval_phrase(facts: Facts, language: Language) -> Phrase:
    """Return how often a value is drawn, where the chart says so on purpose."""
    return word(language, f"interval.{facts.interval}", "interval")
