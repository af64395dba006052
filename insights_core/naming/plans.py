"""One plan for each kind of query: the pattern of its name and what fills the slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.words import folded, split

from .conditions import detail_phrase, with_adjective
from .nouns import described, table_noun
from .pieces import SPACE, Phrase, fill, phrase, required_slots, word, words_of
from .series import listed, shared_words, subject
from .splits import breakdown_phrase, breakdowns_phrase
from .subjects import measure_phrase, plural_phrase, step_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from insights_core.facts.types import Facts

    from .language import Language

_TOTALS = frozenset({"ActionsTable", "ActionsBarValue", "ActionsPie", "BoldNumber", "WorldMap"})
_RANKING = frozenset({"ActionsTable", "ActionsBarValue"})
_SPOKEN_INTERVALS = frozenset({"week", "month", "quarter", "year"})
_ARROWS = 3


class Plan(NamedTuple):
    """A pattern and what fills it; `shorter` holds briefer phrases for slots that can do with less."""

    pattern: str
    slots: dict[str, Phrase]
    shorter: Mapping[str, Phrase] = {}


def plan_for(facts: Facts, language: Language) -> Plan:
    """Return how a query is named."""
    plan = _PLANS.get(facts.kind, _other)(facts, language)
    for names in required_slots(language.patterns[plan.pattern]):
        if not any(map(plan.slots.get, names)):
            # A query that asks for nothing yet is still of a kind.
            plan.slots.update(dict.fromkeys(names, word(language, f"kind.{facts.kind}", "kind")))
    if facts.filters and facts.kind != "other" and "filter" not in plan.slots:
        said = fill(language.patterns[plan.pattern], plan.slots)
        plan.slots["filter"] = detail_phrase(facts.filters, said, language)
    return plan


def _trends(facts: Facts, language: Language) -> Plan:
    measure, implied = subject(facts, language)
    breakdown = _unsaid(breakdowns_phrase(facts.breakdowns, language) or implied, measure, language)
    slots = {"measure": measure, "breakdown": breakdown}
    if facts.display in _RANKING and len(facts.breakdowns) == 1 and breakdown and _is_ranked(facts, language):
        return Plan("trends.top", {**slots, "breakdown": plural_phrase(breakdown, language)})
    if not breakdown and facts.display not in _TOTALS and len(facts.measures) == 1:
        slots["interval"] = _interval(facts, measure, language)
    return Plan("trends", slots, _briefer(facts, language))


def _is_ranked(facts: Facts, language: Language) -> bool:
    """Whether people rank the values of the breakdown: pages and titles, but not countries and plans."""
    words = {*folded(facts.breakdowns[0].key)[-1:], *words_of(breakdown_phrase(facts.breakdowns[0], "", language))[-1:]}
    return not words.isdisjoint(language.ranked)


def _briefer(facts: Facts, language: Language) -> Mapping[str, Phrase]:
    """Return the first of several measures, which stands for all where there is no room for more."""
    if len(facts.measures) < 2:
        return {}
    first = measure_phrase(facts.measures[0], "measures[0]", language)
    return {"measure": fill(language.patterns["list.rest"], {"first": first})}


def _interval(facts: Facts, measure: Phrase, language: Language) -> Phrase:
    """Say how often a value is drawn where that is not the usual, or where the number depends on it."""
    measured = facts.measures[0]
    visitors = measured.math == "dau" and not measured.label and measured.entity.lower() in language.plain_events
    if facts.interval not in _SPOKEN_INTERVALS and not (visitors and facts.interval == "day"):
        return ()
    return _once(word(language, f"interval.{facts.interval}", "interval"), measure)


def _once(found: Phrase, measure: Phrase) -> Phrase:
    """Return a phrase unless the measure starts or ends the same way: no daily daily users, no monthly ... by month."""
    stems = {item[:3] for item in words_of(found)}
    return () if any(item[:3] in stems for item in words_of(measure)) else found


def _unsaid(found: Phrase, measure: Phrase, language: Language) -> Phrase:
    """Return a breakdown unless the measure ends with it already: cost per team, by team."""
    said, words = words_of(measure), words_of(found)
    at = len(said) - len(words)
    return () if at > 0 and said[at:] == words and said[at - 1] in language.small else found


def _funnel(facts: Facts, language: Language) -> Plan:
    steps = [step_phrase(measure, f"measures[{place}]", language) for place, measure in enumerate(facts.measures)]
    slots = {"breakdown": breakdowns_phrase(facts.breakdowns, language)}
    if len(steps) < 2:
        return Plan("funnel.one", {**slots, "steps": steps[0] if steps else ()})
    pattern = f"funnel.{facts.option('funnelVizType')}"
    common, rest = _without_common(steps)
    if common and pattern not in language.patterns:
        slots["subject"] = common
        steps, pattern = rest, "funnel.common"
    ends = _chain((steps[0], steps[-1]), language)
    every = _chain(steps, language) if len(steps) <= _ARROWS else ends
    return Plan(pattern if pattern in language.patterns else "funnel", {**slots, "steps": every}, {"steps": ends})


def _without_common(steps: Sequence[Phrase]) -> tuple[Phrase, list[Phrase]]:
    """Take the words off that every step begins with: email sent, email opened."""
    texts = [" ".join(part.text for part in step).split() for step in steps]
    count = min(shared_words(texts), min(map(len, texts)) - 1)
    if count < 1:
        return (), list(steps)
    facts = [step[0].fact for step in steps]
    return phrase(texts[0][:count], ", ".join(facts)), [
        phrase(text[count:], fact) for text, fact in zip(texts, facts, strict=True)
    ]


def _chain(steps: Sequence[Phrase], language: Language) -> Phrase:
    """Return steps in their order, an arrow between each two."""
    chained = steps[0]
    for step in steps[1:]:
        chained = fill(language.patterns["step"], {"first": chained, "second": step})
    return chained


def _retention(facts: Facts, language: Language) -> Plan:
    slots = {
        "interval": word(language, f"interval.{facts.interval}", "interval"),
        "breakdown": breakdowns_phrase(facts.breakdowns, language),
    }
    telling = [
        measure for measure in facts.measures if measure.label or measure.entity.lower() not in language.plain_events
    ]
    steps = [step_phrase(measure, f"measures[{place}]", language) for place, measure in enumerate(facts.measures)]
    if len(steps) == 2 and words_of(steps[0]) != words_of(steps[1]):
        return Plan("retention.two", {**slots, "steps": _chain(steps, language)})
    return Plan("retention", {**slots, "measure": steps[0] if steps and telling else ()})


def _of_events(kind: str) -> Callable[[Facts, Language], Plan]:
    def plan(facts: Facts, language: Language) -> Plan:
        slots = {
            "measure": subject(facts, language).measure,
            "breakdown": breakdowns_phrase(facts.breakdowns, language),
        }
        return Plan(kind, slots)

    return plan


def _paths(facts: Facts, language: Language) -> Plan:
    ends = {
        name: phrase(split(point)[:6] or (point[:30],), name) if point else ()
        for name, point in (("start", facts.start), ("end", facts.end))
    }
    return Plan("paths", {"measure": () if any(ends.values()) else subject(facts, language).measure, **ends})


def _table(facts: Facts, language: Language) -> Plan:
    measured = any(measure.math != "total" for measure in facts.measures) or bool(facts.breakdowns) or not facts.columns
    rows = word(language, f"table.{facts.tables[0]}", "tables[0]") if facts.tables else ()
    measure = subject(facts, language).measure or rows or phrase(split(" ".join(facts.tables)), "tables[0]")
    slots = {"measure": measure, "breakdown": breakdowns_phrase(facts.breakdowns, language)}
    return Plan("table" if measured else "table.rows", slots)


def _sql(facts: Facts, language: Language) -> Plan:
    if not facts.measures:
        return _sql_rows(facts, language)
    measure = subject(facts, language).measure
    first = breakdown_phrase(facts.breakdowns[0], "breakdowns[0]", language) if facts.breakdowns else ()
    interval = _once(word(language, f"interval.{facts.interval}", "interval"), measure)
    slots = {
        "measure": measure,
        "breakdown": _unsaid(breakdowns_phrase(facts.breakdowns, language), measure, language),
        "interval": interval,
        "trend": word(language, f"trend.{facts.interval}", "interval"),
    }
    # The first column is what people call a card with many after.
    shorter = {"measure": measure_phrase(facts.measures[0], "measures[0]", language)}
    if facts.limit and facts.order and first and not facts.interval:
        number = phrase((str(facts.limit),), "limit")
        return Plan("sql.top", {**slots, "limit": number, "breakdown": plural_phrase(first, language)}, shorter)
    return Plan("sql", slots, shorter)


def _sql_rows(facts: Facts, language: Language) -> Plan:
    statement = facts.option("statement")
    if statement and facts.tables:
        written = phrase(table_noun(facts.tables[0], language), "tables[0]")
        return Plan(
            "sql.statement", {"verb": phrase(described(statement, language), "options.statement"), "measure": written}
        )
    named = facts.option("source")
    rows = (
        phrase(table_noun(named or facts.tables[0], language), "source" if named else "tables[0]")
        if facts.tables
        else ()
    )
    if rows and named:
        return Plan("sql.rows", {"measure": rows, "filter": ()})  # its author knew what holds for it
    if rows:
        return Plan("sql.rows", {"measure": with_adjective(facts.filters, "filters", rows, language)})
    columns = [phrase(described(name, language), f"columns[{place}]") for place, name in enumerate(facts.columns[:2])]
    return Plan("other", {"measure": listed(columns, language) or word(language, "kind.sql", "kind")})


def _other(facts: Facts, language: Language) -> Plan:
    lead = phrase((item for item in split(facts.node) if item.lower() not in ("query", "node")), "node")
    more = (item for text in facts.words for item in split(text))
    speaking = tuple(dict.fromkeys(item.lower() for item in more if not item.isdigit()))[:4]
    rest = phrase((item for item in speaking if item not in words_of(lead)), "words")
    together = (*lead, *SPACE, *rest) if lead and rest else lead or rest
    return Plan("other", {"measure": together or word(language, "kind.other", "kind")})


_PLANS: dict[str, Callable[[Facts, Language], Plan]] = {
    "trends": _trends,
    "funnel": _funnel,
    "retention": _retention,
    "stickiness": _of_events("stickiness"),
    "lifecycle": _of_events("lifecycle"),
    "paths": _paths,
    "table": _table,
    "sql": _sql,
}
