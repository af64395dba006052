"""The rules' name: from facts to a name and a sentence beside it, without a model, in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.words import split

from .clean import PREFERRED, clean, cut
from .english import ENGLISH
from .nouns import event_step, label_noun, plural, table_noun
from .pieces import Part, Phrase, fill, phrase, styled, words_of
from .sentences import describe_rest
from .subjects import (
    breakdown_phrase,
    breakdowns_phrase,
    interval_phrase,
    listed,
    measure_phrase,
    with_adjective,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from insights_core.facts.types import Facts, Measure

    from .language import Language

_RANKING = ("ActionsTable", "ActionsBarValue")
# What goes first when a name is too long: the least distinguishing.
_DROPPED = ("compare", "period", "filter", "limit", "interval", "subject", "breakdown")
_SPOKEN_INTERVALS = ("week", "month", "quarter", "year")


class Draft(NamedTuple):
    """A name made by the rules."""

    name: str
    description: str
    """One sentence; it says what the name leaves out."""
    parts: Phrase
    """The pieces of the name, in order, each with the fact that it came from."""


class _Plan(NamedTuple):
    """A pattern and what fills it; `shorter` holds briefer phrases for slots that can do with less."""

    pattern: str
    slots: dict[str, Phrase]
    shorter: Mapping[str, Phrase] = {}


def draft(facts: Facts, *, language: Language = ENGLISH, style: str = "title") -> Draft:
    """Name what facts describe; the same facts always get the same name.

    Args:
        facts: what was read from a query.
        language: the tables to write with.
        style: `title` for Title Case, `sentence` for sentence case.
    """
    plan = _PLANS.get(facts.kind, _other)(facts, language)
    parts = _fitted(plan, language, style)
    name = clean("".join(part.text for part in parts))
    if not name:
        kind = f"kind.{facts.kind}" if f"kind.{facts.kind}" in language.words else "kind.other"
        parts = styled(word(language, kind, "kind"), language, style)
        name = clean("".join(part.text for part in parts))
    return Draft(name, describe_rest(facts, name, language), parts)


def _fitted(plan: _Plan, language: Language, style: str) -> Phrase:
    """Fill the pattern with as much as fits; the least distinguishing goes first, words are cut last."""
    slots = dict(plan.slots)
    pattern = language.patterns[plan.pattern]

    def attempt() -> Phrase | None:
        parts = styled(fill(pattern, slots), language, style)
        return parts if sum(len(part.text) for part in parts) <= PREFERRED else None

    for name in ("", *_DROPPED):
        if name and not slots.pop(name, None):
            continue
        if parts := attempt():
            return parts
    for name, briefer in plan.shorter.items():
        slots[name] = briefer
        if parts := attempt():
            return parts
    return _cut(styled(fill(pattern, slots), language, style))


def _cut(parts: Phrase) -> Phrase:
    text = cut("".join(part.text for part in parts), PREFERRED)
    kept, left = [], len(text)
    for part in parts:
        if left <= 0:
            break
        kept.append(part._replace(text=part.text[:left]))
        left -= len(part.text)
    return tuple(kept)


# One plan for each kind


def _trends(facts: Facts, language: Language) -> _Plan:
    measure = _measures(facts, language)
    breakdown = breakdowns_phrase(facts.breakdowns, language)
    ranked = facts.display in _RANKING and len(facts.breakdowns) == 1 and words_of(breakdown)[-1:] != []
    slots = {
        "measure": measure,
        "breakdown": breakdown,
        "interval": interval_phrase(facts, language) if facts.interval in _SPOKEN_INTERVALS else (),
    }
    if ranked and words_of(breakdown)[-1] in language.ranked:
        return _Plan("trends.top", {**slots, "breakdown": _plural(breakdown, language)})
    return _Plan("trends", slots)


def _plural(found: Phrase, language: Language) -> Phrase:
    *lead, last = found
    return (*lead, last._replace(text=" ".join(plural(tuple(last.text.split()), language))))


def _measures(facts: Facts, language: Language) -> Phrase:
    """Return all series as one phrase."""
    if len(facts.measures) == 1:
        return with_adjective(facts.filters, "filters", _one(facts.measures[0], 0, language), language)
    phrases = [_one(measure, place, language) for place, measure in enumerate(facts.measures)]
    different: list[Phrase] = []
    for item in phrases:
        if words_of(item) not in [words_of(other) for other in different]:
            different.append(item)
    named = next((label for _, label in facts.formulas if label), "")
    if named:
        return phrase(label_noun(named, language), "formulas[0]")
    if len(facts.formulas) == 1 and len(different) == 2 and "/" in facts.formulas[0][0]:
        return fill(language.patterns["per"], {"first": different[0], "second": different[1]})
    return with_adjective(facts.filters, "filters", listed(different, language), language)


def _one(measure: Measure, place: int, language: Language) -> Phrase:
    fact = f"measures[{place}]"
    return with_adjective(measure.filters, f"{fact}.filters", measure_phrase(measure, fact, language), language)


def _step(measure: Measure, place: int, language: Language) -> Phrase:
    fact = f"measures[{place}]"
    if measure.label:
        return phrase(label_noun(measure.label, language), f"{fact}.label")
    if not measure.entity:
        return word(language, "all", f"{fact}.entity")
    return phrase(event_step(measure.entity, language), f"{fact}.entity")


def _funnel(facts: Facts, language: Language) -> _Plan:
    steps = [_step(measure, place, language) for place, measure in enumerate(facts.measures)]
    slots = {"breakdown": breakdowns_phrase(facts.breakdowns, language)}
    if len(steps) < 2:
        return _Plan("funnel.one", {**slots, "steps": steps[0] if steps else ()})
    ends = fill(language.patterns["step"], {"first": steps[0], "second": steps[-1]})
    every = steps[0]
    for step in steps[1:]:
        every = fill(language.patterns["step"], {"first": every, "second": step})
    pattern = f"funnel.{facts.option('funnelVizType')}"
    return _Plan(
        pattern if pattern in language.patterns else "funnel",
        {**slots, "steps": every if len(steps) <= 3 else ends},
        {"steps": ends},
    )


def _retention(facts: Facts, language: Language) -> _Plan:
    slots = {
        "interval": interval_phrase(facts, language),
        "breakdown": breakdowns_phrase(facts.breakdowns, language),
    }
    steps = [_step(measure, place, language) for place, measure in enumerate(facts.measures)]
    if len(steps) == 2 and words_of(steps[0]) != words_of(steps[1]):
        return _Plan(
            "retention.two",
            {**slots, "steps": fill(language.patterns["step"], {"first": steps[0], "second": steps[1]})},
        )
    return _Plan("retention", {**slots, "measure": steps[0] if steps else ()})


def _of_events(kind: str) -> Callable[[Facts, Language], _Plan]:
    def plan(facts: Facts, language: Language) -> _Plan:
        slots = {"measure": _measures(facts, language), "breakdown": breakdowns_phrase(facts.breakdowns, language)}
        return _Plan(kind, slots)

    return plan


def _paths(facts: Facts, language: Language) -> _Plan:
    ends = {
        name: phrase(split(point)[:6] or (point[:30],), name) if point else ()
        for name, point in (("start", facts.start), ("end", facts.end))
    }
    return _Plan("paths", {"measure": () if any(ends.values()) else _measures(facts, language), **ends})


def _table(facts: Facts, language: Language) -> _Plan:
    measured = any(measure.math != "total" for measure in facts.measures) or bool(facts.breakdowns) or not facts.columns
    rows = word(language, f"table.{facts.tables[0]}", "tables[0]") if facts.tables else ()
    measure = _measures(facts, language) or rows or phrase(split(" ".join(facts.tables)), "tables[0]")
    slots = {"measure": measure, "breakdown": breakdowns_phrase(facts.breakdowns, language)}
    return _Plan("table" if measured else "table.rows", slots)


def _sql(facts: Facts, language: Language) -> _Plan:
    breakdown = breakdowns_phrase(facts.breakdowns, language)
    if not facts.measures:
        rows = phrase(table_noun(facts.tables[0], language), "tables[0]") if facts.tables else ()
        if not rows:
            rows = listed(
                [phrase(label_noun(name, language), f"columns[{at}]") for at, name in enumerate(facts.columns[:2])],
                language,
            )
            return _Plan("other", {"measure": rows or word(language, "kind.sql", "kind")})
        return _Plan("sql.rows", {"measure": with_adjective(facts.filters, "filters", rows, language)})
    slots = {
        "measure": _measures(facts, language),
        "breakdown": breakdown,
        "interval": interval_phrase(facts, language),
    }
    first = breakdown_phrase(facts.breakdowns[0], "breakdowns[0]", language) if facts.breakdowns else ()
    if facts.limit and facts.order and first and not slots["interval"]:
        number = phrase((str(facts.limit),), "limit")
        return _Plan("sql.top", {**slots, "limit": number, "breakdown": _plural(first, language)})
    return _Plan("sql", slots)


def _other(facts: Facts, language: Language) -> _Plan:
    words = tuple(split(facts.node))
    more = tuple(item for text in facts.words for item in split(text))
    speaking = tuple(dict.fromkeys(item.lower() for item in more if not item.isdigit()))[:4]
    known = word(language, "kind.other", "kind")
    lead = phrase((item for item in words if item.lower() not in ("query", "node")), "node")
    rest = phrase((item for item in speaking if item not in words_of(lead)), "words")
    joined = (*lead, Part(" ", "pattern"), *rest) if lead and rest else lead or rest
    return _Plan("other", {"measure": joined or known})


_PLANS: dict[str, Callable[[Facts, Language], _Plan]] = {
    "trends": _trends,
    "funnel": _funnel,
    "retention": _retention,
    "stickiness": _of_events("stickiness"),
    "lifecycle": _of_events("lifecycle"),
    "paths": _paths,
    "table": _table,
    "sql": _sql,
}
