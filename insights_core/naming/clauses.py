"""Conditions, periods and settings in full: for the sentence beside a name, and for what tells two names apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, Condition, Count, Opaque, Rank

from .joint import enumerated
from .measures import column_words, value_phrase
from .nouns import described, lowered, property_noun
from .pieces import Phrase, fill, phrase, word
from .populations import missing_things

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Entity, Period, Predicate, Value

    from .pieces import Origin

_MOST_VALUES = 3
_LONGEST_VALUE = 40
_DEEPEST = 4
_SPANS = ("between", "not_between")
_RELATIVE = re.compile(r"-(\d{1,6})([a-zA-Z]+?)(?:Start|End)?")
_CURRENT = re.compile(r"(-1)?([a-zA-Z]+?)Start")
_UNITS = {
    "h": "hour",
    "d": "day",
    "w": "week",
    "m": "month",
    "q": "quarter",
    "y": "year",
    "min": "minute",
    "M": "minute",
}


def conditions_phrase(
    predicates: Sequence[Predicate],
    origin: Origin,
    language: Language,
    about: Entity | None = None,
    joint: str = "and",
    depth: int = 0,
) -> Phrase:
    """Return conditions as people say them: plan is pro or team and country is not France.

    Columns of what it is `about` stand alone, others with what they are of where that says too little.
    """
    alone = len(predicates) == 1
    found = (
        _predicate(item, (*origin, place), language, about, depth, alone=alone) for place, item in enumerate(predicates)
    )
    return enumerated(found, language, joint=f"join.{joint}", last=f"join.{joint}")


def _predicate(
    item: Predicate, origin: Origin, language: Language, about: Entity | None, depth: int, *, alone: bool
) -> Phrase:
    if isinstance(item, Condition):
        return _condition(item, origin, language, about)
    if depth >= _DEEPEST:
        return ()
    joint = "or" if item.operator == "or" else "and"
    inner = conditions_phrase(item.items, (*origin, "items"), language, about, joint, depth + 1)
    pattern = (
        "condition.none"
        if item.operator == "not"
        else "condition.group"
        if len(item.items) > 1 and not alone
        else "condition.bare"
    )
    return fill(language, pattern, {"inner": inner}) if inner else ()


def _condition(item: Condition, origin: Origin, language: Language, about: Entity | None) -> Phrase:
    if item.operator in ("missing", "exists"):
        # Rows of its own kind are passed over, but not a column of its own that is empty.
        named = isinstance(item.of, Column) and item.of.name
        things = missing_things(item, origin, None if named else about, language)
        return fill(language, f"condition.{item.operator}", {"key": things}) if things else ()
    key = subject_phrase(item.of, (*origin, "of"), language, about)
    values = _values(item, origin, language)
    scope = item.of.scope if isinstance(item.of, Column) else ""
    known = (f"condition.{scope}.{item.operator}", f"condition.{item.operator}")
    pattern = next((name for name in known if name in language.patterns), "condition.other")
    operator = phrase(described(item.operator, language), origin)
    return fill(language, pattern, {"key": key, "operator": operator, "values": values}) if key or scope else ()


def subject_phrase(value: Value, origin: Origin, language: Language, about: Entity | None) -> Phrase:
    """Return what a condition is on, or what rows are ordered by."""
    if isinstance(value, Column):
        own = value.of is None or value.of == about or not value.of.name
        words = property_noun(value.name, language) if own else column_words(value, language)
        return phrase(words or (value.name[:_LONGEST_VALUE].strip(),), origin)
    if isinstance(value, Count) and value.unit is None:
        return fill(language, "number_of", {"measure": value_phrase(value, origin, language)})
    if isinstance(value, Rank):
        within = enumerated(
            [value_phrase(of, (*origin, "within", at), language) for at, of in enumerate(value.within)], language
        )
        by = subject_phrase(value.by, (*origin, "by"), language, about) if value.by is not None else ()
        return fill(language, "rank", {"by": by, "within": within})
    if isinstance(value, Opaque):
        return opaque_phrase(value, origin, language, about)
    return value_phrase(value, origin, language)


def opaque_phrase(value: Opaque, origin: Origin, language: Language, about: Entity | None) -> Phrase:
    """Return a value of which only the columns are known as that: a value computed from them."""
    columns = (subject_phrase(of, (*origin, "columns", at), language, about) for at, of in enumerate(value.columns))
    told = enumerated(columns, language, _MOST_VALUES)
    return fill(language, "computed", {"columns": told}) if told else ()


def _values(item: Condition, origin: Origin, language: Language) -> Phrase:
    """Return the values of a condition: the first ones, and whether there are more."""
    joint = "join.and" if item.operator in _SPANS else "join.or"
    texts = (phrase((_value(value, language),), (*origin, "values")) for value in item.values)
    return enumerated(texts, language, _MOST_VALUES, joint=joint, last=joint, more="join.others")


def _value(value: object, language: Language) -> str:
    if value is None or isinstance(value, bool) or value == "":
        return language.words[f"value.{str(value).lower()}"]
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def period_phrase(period: Period | None, language: Language) -> Phrase:
    """Return a period in words: last 30 days, this month, 2024-01-01 to 2024-03-31."""
    if period is None:
        return ()
    start, end = period.start, period.end
    if not end or end in ("now", "dEnd"):
        return _relative(start, language) or _moments(start, "", language)
    return _moments(start, end, language)


@lru_cache(maxsize=1024)
def _relative(start: str, language: Language) -> Phrase:
    origin = ("period", "start")
    named = word(language, f"period.{start}", origin)
    if named:
        return named
    if found := _RELATIVE.fullmatch(start):
        span = span_phrase(found[1], _UNITS.get(found[2], found[2]), origin, language)
        if span:
            return fill(language, "period.last", {"span": span if found[1] != "1" else span[-1:]})
    if found := _CURRENT.fullmatch(start):
        unit = language.words.get(f"unit.{_UNITS.get(found[2], found[2])}", "")
        if unit:
            return fill(language, "period.last" if found[1] else "period.this", {"span": phrase((unit,), origin)})
    return ()


def span_phrase(amount: str, unit: str, origin: Origin, language: Language) -> Phrase:
    """Return a length of time: 30 days, 1 week."""
    spelt = language.words.get(f"unit.{unit}", "")
    units = phrase((spelt if amount == "1" else " ".join(language.plural((spelt,))),), origin) if spelt else ()
    return fill(language, "span", {"amount": phrase((amount,), origin), "unit": units}) if units else ()


def _moments(start: str, end: str, language: Language) -> Phrase:
    slots = {"start": _moment(start, ("period", "start"), language), "end": _moment(end, ("period", "end"), language)}
    if start == end:
        return fill(language, "period.on", {"start": slots["start"]})
    pattern = "period.between" if all(slots.values()) else "period.since" if slots["start"] else "period.until"
    return fill(language, pattern, slots)


def _moment(text: str, origin: Origin, language: Language) -> Phrase:
    """Return one end of a period: 7 days ago, 2024-03-31."""
    found = _RELATIVE.fullmatch(text)
    span = span_phrase(found[1], _UNITS.get(found[2], found[2]), origin, language) if found else ()
    if span and not text.endswith(("Start", "End")):
        return fill(language, "period.ago", {"span": span})
    return _relative(text, language) or phrase((text[:_LONGEST_VALUE],) if text else (), origin)


def compare_phrase(compare: str, language: Language) -> Phrase:
    """Return what a period is compared with."""
    if not compare:
        return ()
    if compare == "previous":
        return word(language, "compare.previous", ("compare",))
    span = _relative(compare, language) or phrase((compare,), ("compare",))
    return fill(language, "compare.earlier", {"span": span})


def setting_phrase(name: str, value: object, language: Language) -> Phrase:
    """Return a setting: in words of its own, else its name, and its value where that is one."""
    origin = ("options", name)
    known = word(language, f"option.{name}.{value}", origin)
    if known:
        return known
    label = word(language, f"option.{name}", origin) or phrase(lowered(property_noun(name, language)), origin)
    if isinstance(value, (bool, tuple)) and value is not False:
        return label
    told = described(value, language) if isinstance(value, str) else ()
    shown = phrase(told or (_value(value, language),), origin)
    pattern = f"setting.{name}" if f"setting.{name}" in language.patterns else "setting"
    return fill(language, pattern, {"name": label, "value": shown})
