"""What one measure is called: a noun, with the aggregation where people say it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from insights_core.facts.words import LONGEST, is_label, split

from .conditions import adjective, with_adjective
from .nouns import (
    described,
    event_noun,
    event_step,
    label_noun,
    property_noun,
    table_noun,
)
from .pieces import Phrase, bent, fill, phrase, together, word, words_of

if TYPE_CHECKING:
    from insights_core.facts.types import Measure
    from insights_core.language.protocol import Language

ACTOR_MATHS = ("dau", "weekly_active", "monthly_active", "unique_session", "unique_group")
COUNTS = ("total", "unique", "ratio", *ACTOR_MATHS)
_LABEL_SPEAKS = (*COUNTS, "sum", "min", "max")


def measure_phrase(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return what a measure is called, with the synonym of a condition of its own in front: failed payments."""
    if is_plain(measure):
        return _remembered(measure, fact, language)
    bare = _bare(measure, fact, language)
    if measure.math not in COUNTS or measure.over is not None:
        return bare
    return with_adjective(measure.filters, f"{fact}.filters", bare, language, only_synonyms=bool(measure.label))


def is_plain(measure: Measure) -> bool:
    """Whether what is made of a measure may be kept: a project asks for the same few series all day.

    Only those without values, since to a cache 1 and True are one; and only short ones.
    """
    if measure.filters or measure.extras or measure.over is not None:
        return False
    return len(measure.entity) + len(measure.label) + len(measure.of) <= LONGEST


@lru_cache(maxsize=4096)
def _remembered(measure: Measure, fact: str, language: Language) -> Phrase:
    return _bare(measure, fact, language)


def _bare(measure: Measure, fact: str, language: Language) -> Phrase:
    label = speaking_label(measure, language)
    if label and measure.math in _LABEL_SPEAKS:
        return phrase(label, f"{fact}.label")
    if measure.over is not None:
        return _ratio(measure, measure.over, fact, language)
    return _aggregated(measure, noun_phrase(measure, fact, language), bool(label), fact, language)


def _aggregated(measure: Measure, noun: Phrase, labelled: bool, fact: str, language: Language) -> Phrase:  # noqa: FBT001
    math = measure.math
    if math in ACTOR_MATHS:
        return _actors(measure, noun, fact, language)
    if math in ("total", "unique"):
        return noun
    if "_count_per_" in math:
        spoken = word(language, f"math.{math.partition('_count')[0]}", f"{fact}.math")
        return fill(language, "per_actor", {"math": spoken, "measure": noun})
    if math.startswith("first_"):
        return fill(language, "first_time", {"measure": noun})
    subject = noun if labelled else (_property_of(measure, fact, language) or noun)
    spoken = word(language, f"math.{math.removesuffix('_duration') if labelled else math}", f"{fact}.math")
    if not spoken or set(words_of(spoken)) & set(words_of(subject)):
        return subject
    return fill(language, "of", {"math": spoken, "measure": subject})


def speaking_label(measure: Measure, language: Language) -> tuple[str, ...]:
    """Return the words of a person's name for a measure, or nothing where it only repeats the aggregation (`P75`)."""
    if not measure.label:
        return ()
    words = label_noun(measure.label, language)
    aggregation = language.words.get(f"math.{measure.math}", "").lower().split()
    content = [
        item for item in words if item.lower() not in aggregation and item.lower() not in language.identifiers.counting
    ]
    return words if content else ()


def noun_phrase(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return the things that a measure counts."""
    label = speaking_label(measure, language)
    if label:
        return phrase(label, f"{fact}.label")
    everything = word(language, "all", f"{fact}.entity")
    if measure.math == "unique" and measure.of:
        return phrase(language.plural(property_noun(measure.of, language)), f"{fact}.of")
    if measure.source == "table":
        return phrase(table_noun(measure.entity, language), f"{fact}.entity") or everything
    return (phrase(event_noun(measure.entity, language), f"{fact}.entity") if measure.entity else ()) or everything


def _actors(measure: Measure, noun: Phrase, fact: str, language: Language) -> Phrase:
    """Return who is counted: plainly where the event only says that they were there."""
    math = measure.math
    if measure.entity.lower() in language.identifiers.plain_events:
        code = {"dau": "visitors" if measure.entity else "dau", "unique_group": "active_group"}.get(math, math)
        return word(language, f"actors.{code}", f"{fact}.math")
    actors = word(language, "actors.users" if math == "dau" else f"actors.{math}", f"{fact}.math")
    return fill(language, "actors", {"actors": actors, "measure": noun})


def _property_of(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return the property that is summed or averaged, with the event in front where the property alone says little."""
    if not measure.of:
        return ()
    words = described(measure.of, language) if is_label(measure.of) else property_noun(measure.of, language)
    if measure.math.endswith("_duration"):
        words = tuple(item for item in words if item.lower() not in language.identifiers.moments) or words
        return phrase(language.action(words), f"{fact}.of")
    of = phrase(words, f"{fact}.of")
    said = {part.lower() for part in words}
    if (
        len(words) > 1
        or said <= language.identifiers.telling
        or measure.of.lower() in language.known
        or not measure.entity
    ):
        return of
    event = (
        language.singular(table_noun(measure.entity, language))
        if measure.source == "table"
        else language.thing(language.action(event_step(measure.entity, language)))
    )
    lead = tuple(item for item in event if item.lower() not in said)
    return together(language, "owned", owner=phrase(lead, f"{fact}.entity"), noun=of)


def _ratio(top: Measure, bottom: Measure, fact: str, language: Language) -> Phrase:
    """Return what one measure divided by another is called: a rate of the same things, else this per that."""
    upper = _bare(top._replace(over=None, math="total" if top.math == "ratio" else top.math), fact, language)
    lower = _bare(bottom, f"{fact}.over", language)
    if words_of(upper) != words_of(lower):
        return fill(language, "per", {"first": upper, "second": singular_phrase(lower, language)})
    if not top.filters:
        return fill(language, "share", {"first": singular_phrase(lower, language)})
    found = (adjective(item, f"{fact}.filters[{place}]", language, noun=True) for place, item in enumerate(top.filters))
    named = next(filter(None, found), ())
    things = singular_phrase(lower, language)
    return fill(language, "rate", {"first": together(language, "owned", owner=things, noun=named)})


def singular_phrase(found: Phrase, language: Language) -> Phrase:
    """Put the last noun of a phrase into the singular, for behind "per"; what was done to it goes without saying."""
    return bent(found, lambda words: language.singular(language.thing(words)))


def rated_phrase(found: Phrase, language: Language) -> Phrase:
    """Put the last noun of a phrase into the form that stands in front of "rate": syncs failed → sync failure."""
    return bent(found, lambda words: language.action(language.singular(words)))


def step_phrase(measure: Measure, fact: str, language: Language) -> Phrase:
    """Return a step of a funnel: what a person has done there."""
    if measure.label:
        return phrase(split(measure.label), f"{fact}.label")
    if not measure.entity:
        return word(language, "all", f"{fact}.entity")
    return phrase(event_step(measure.entity, language), f"{fact}.entity")
