"""What a name says of its query beside the query's own words, and what of that is true."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.types import Condition, Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from insights_core.facts.types import Facts, Filter, Measure
    from insights_core.language.protocol import Language

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|%")
NEUTRAL = "neutral"
_NEGATED = frozenset({"is_not", "not_icontains", "not_regex", "not_in", "is_not_set"})
_BOUNDS = {"gt": "above", "gte": "above", "lt": "below", "lte": "below"}
_FALSE = frozenset({"false", "0", "no"})
_ACTORS = {
    "dau": ("actors",),
    "weekly_active": ("actors", "actors.week", "interval.week"),
    "monthly_active": ("actors", "actors.month", "interval.month"),
    "unique_session": ("actors.session",),
    "unique_group": ("actors.group",),
}
_OF_ACTORS = frozenset({"retention", "stickiness", "lifecycle", "paths"})
_DIVIDES = "/"


class Token(NamedTuple):
    """A word, or a phrase that has one meaning."""

    root: str
    """What all its forms and its like have in common."""
    word: str
    claim: str = ""
    """The code of the claim that it makes; empty for a word of its own."""


def root(word: str, language: Language) -> str:
    """Return what the forms of a word have in common."""
    return language.stem(word)


@lru_cache(maxsize=8192)
def roots(text: str, language: Language) -> frozenset[str]:
    """Return the roots of a text's words, those of like phrases as one and each on its own."""
    plain = tuple(root(word, language) for word in WORD.findall(text))
    return frozenset(plain) | {token.root for token in _alike(tuple(zip(plain, plain, strict=True)), language)}


@lru_cache(maxsize=8192)
def read(text: str, language: Language) -> tuple[Token, ...]:
    """Return the words of a text, what claims something as one."""
    words = tuple((root(word, language), word.lower()) for word in WORD.findall(text))
    return tuple(_joined(_alike(words, language), _phrases(language)))


def _alike(words: tuple[tuple[str, str], ...], language: Language) -> tuple[Token, ...]:
    return tuple(_joined([Token(*word) for word in words], _groups(language), like=True))


def _joined(tokens: Iterable[Token], phrases: Mapping[tuple[str, ...], str], *, like: bool = False) -> Iterator[Token]:
    """Yield tokens with the longest phrases as one each: in a group of like ones under its name, else as a claim."""
    left = list(tokens)
    longest = max(map(len, phrases), default=0)
    while left:
        for size in range(min(longest, len(left)), 0, -1):
            code = phrases.get(tuple(token.root for token in left[:size]))
            if code is not None:
                word = " ".join(token.word for token in left[:size])
                yield Token(code, word) if like else Token(" ".join(token.root for token in left[:size]), word, code)
                break
        else:
            size = 1
            yield left[0]
        del left[:size]


@lru_cache(maxsize=8)
def _groups(language: Language) -> dict[tuple[str, ...], str]:
    return {
        tuple(root(word, language) for word in WORD.findall(phrase)): group.partition("|")[0].strip()
        for group in language.alike
        for phrase in group.split("|")
    }


@lru_cache(maxsize=8)
def _phrases(language: Language) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for code, phrases in ((NEUTRAL, language.neutral), *language.claims.items()):
        for phrase in filter(str.strip, phrases.split("|")):
            words = tuple((root(word, language), word) for word in WORD.findall(phrase))
            found.setdefault(tuple(token.root for token in _alike(words, language)), code)
    return found


@lru_cache(maxsize=8)
def meanings(language: Language) -> dict[str, frozenset[str]]:
    """Return which claims each phrase makes: one phrase may make several."""
    found: dict[str, set[str]] = {}
    for code, phrases in language.claims.items():
        for phrase in phrases.split("|"):
            for token in read(phrase.strip(), language):
                found.setdefault(token.root, set()).add(code)
    return {phrase: frozenset(codes) for phrase, codes in found.items()}


def true_claims(facts: Facts) -> frozenset[str]:
    """Return the codes of what may be said of these facts."""
    found = {f"kind.{facts.kind}", f"interval.{facts.interval}", *_of_whole(facts)}
    for measure in facts.measures:
        found.update(_of_measure(measure))
        if measure.math == "dau":
            found.add(f"actors.{facts.interval or 'day'}")
    for breakdown in facts.breakdowns:
        if breakdown.scope == "time":
            found |= {f"interval.{breakdown.key}", f"time.{breakdown.key}"}
    for option in facts.options:
        if option.name == "filterTestAccounts":
            found.add("not")
        elif "first_time" in str(option.value):
            found.add("first_time")
    for condition, negated in conditions(facts):
        found.update(_of_condition(condition, negated=negated))
    return frozenset(found)


def _of_whole(facts: Facts) -> Iterator[str]:
    if facts.kind == "funnel":
        yield from ("ratio", "duration")
    if any(_DIVIDES in formula for formula, _ in facts.formulas):
        yield from ("ratio", "math.avg", "per.actor")
    if facts.kind in _OF_ACTORS or "persons" in facts.tables:
        yield "actors"
    if facts.breakdowns or facts.limit is not None or facts.order:
        yield from ("top", "bottom")
    if facts.period is not None:
        yield "period"
    if facts.compare:
        yield from ("compare", "growth", "period")


def _of_measure(measure: Measure) -> Iterator[str]:
    math, per, _ = measure.math.partition("_count_per_")
    math = math.removesuffix("_duration")
    yield f"math.{math}"
    if per:
        yield "per.actor"
    if math != measure.math and not per:
        yield "duration"
    if math == "total":
        yield "math.sum"
    if math.startswith("first_"):
        yield from ("first_time", "actors")
    if math == "unique" or math in _ACTORS:
        yield "math.unique"
        yield from _ACTORS.get(math, ())
    if math == "unique_group" or measure.group is not None:
        yield "actors.group"
    if measure.over is not None or math == "ratio":
        yield from ("ratio", "math.avg", "per.actor")
        if measure.over is not None:
            yield from _of_measure(measure.over)


def _of_condition(condition: Condition, *, negated: bool) -> Iterator[str]:
    if (
        negated
        or condition.operator in _NEGATED
        or str(condition.values[:1][0:1] and condition.values[0]).lower() in _FALSE
    ):
        yield "not"
    if condition.operator in _BOUNDS:
        yield _BOUNDS[condition.operator]
    if condition.operator == "between":
        yield from ("above", "below")
    if condition.operator in ("is_date_before", "is_date_after"):
        yield "period"


def conditions(facts: Facts) -> Iterator[tuple[Condition, bool]]:
    """Yield every condition of a query, and whether what it says is turned into its opposite."""
    for item in (*facts.filters, *(own for measure in facts.measures for own in _filters(measure))):
        yield from _leaves(item, negated=False)


def _filters(measure: Measure) -> tuple[Filter, ...]:
    return measure.filters + (_filters(measure.over) if measure.over is not None else ())


def _leaves(item: Filter, *, negated: bool) -> Iterator[tuple[Condition, bool]]:
    if isinstance(item, Group):
        for inner in item.items:
            yield from _leaves(inner, negated=negated != (item.operator == "not"))
    else:
        yield item, negated


def is_opposite(condition: Condition, *, negated: bool) -> bool:
    """Whether a condition holds for what is not what its words say."""
    return "not" in _of_condition(condition, negated=negated)
