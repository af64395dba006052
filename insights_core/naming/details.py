"""Conditions, periods and settings in full: for the sentence beside a name, and for what tells two names apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from insights_core.facts.types import Condition, Group

from .nouns import described, lowered, property_noun
from .pieces import Phrase, fill, phrase, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Filter, Period
    from insights_core.language.protocol import Language

_MOST_VALUES = 3
_LONGEST_VALUE = 40
_DEEPEST = 4
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
    filters: Sequence[Filter], fact: str, language: Language, joint: str = "and", depth: int = 0
) -> Phrase:
    """Return filters as people say them: plan is pro or team and country is not France."""
    found = [condition_phrase(item, f"{fact}[{place}]", language, depth) for place, item in enumerate(filters)]
    parts: Phrase = ()
    for item in filter(None, found):
        parts = fill(language, f"join.{joint}", {"first": parts, "second": item}) if parts else item
    return parts


def condition_phrase(item: Filter, fact: str, language: Language, depth: int = 0) -> Phrase:
    """Return one filter in words."""
    if isinstance(item, Group):
        if depth >= _DEEPEST:
            return ()
        joint = "or" if item.operator == "or" else "and"
        inner = conditions_phrase(item.items, fact, language, joint, depth + 1)
        pattern = "condition.none" if item.operator == "not" else "condition.group"
        return fill(
            language,
            pattern if len(item.items) > 1 or item.operator == "not" else "condition.bare",
            {"inner": inner},
        )
    key = phrase(property_noun(item.key, language) or (item.key[:_LONGEST_VALUE].strip(),), fact)
    values = values_phrase(item, fact, language)
    scoped = f"condition.{item.scope}.{item.operator}"
    plain = f"condition.{item.operator}"
    known = next((name for name in (scoped, plain) if name in language.patterns), "")
    if not known:
        operator = phrase(described(item.operator, language), fact)
        return fill(language, "condition.other", {"key": key, "operator": operator, "values": values})
    return fill(language, known, {"key": key, "values": values})


def values_phrase(item: Condition, fact: str, language: Language) -> Phrase:
    """Return the values of a condition: the first ones, and whether there are more."""
    texts = [_value(value, language) for value in item.values[:_MOST_VALUES]]
    parts: Phrase = ()
    for text in filter(None, texts):
        found = phrase((text,), fact)
        parts = fill(language, "join.or", {"first": parts, "second": found}) if parts else found
    return fill(language, "join.more", {"first": parts}) if parts and len(item.values) > _MOST_VALUES else parts


def _value(value: object, language: Language) -> str:
    if isinstance(value, bool):
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
    named = word(language, f"period.{start}", "period.start")
    if named:
        return named
    if found := _RELATIVE.fullmatch(start):
        unit = language.words.get(f"unit.{_UNITS.get(found[2], found[2])}", "")
        pattern = "period.last_one" if found[1] == "1" else "period.last"
        if unit:
            units = unit if found[1] == "1" else " ".join(language.plural(tuple(unit.split())))
            return fill(
                language,
                pattern,
                {"amount": phrase((found[1],), "period.start"), "unit": phrase((units,), "period.start")},
            )
    if found := _CURRENT.fullmatch(start):
        unit = language.words.get(f"unit.{_UNITS.get(found[2], found[2])}", "")
        if unit:
            return fill(
                language,
                "period.last_one" if found[1] else "period.this",
                {"unit": phrase((unit,), "period.start")},
            )
    return ()


def _moments(start: str, end: str, language: Language) -> Phrase:
    first = (_relative(start, language) or phrase((start[:_LONGEST_VALUE],), "period.start")) if start else ()
    last = (_relative(end, language) or phrase((end[:_LONGEST_VALUE],), "period.end")) if end else ()
    pattern = "period.between" if first and last else "period.since" if first else "period.until"
    return fill(language, pattern, {"start": first, "end": last})


def compare_phrase(compare: str, language: Language) -> Phrase:
    """Return what a period is compared with."""
    if not compare:
        return ()
    if compare == "previous":
        return word(language, "compare.previous", "compare")
    return fill(language, "compare.earlier", {"span": _relative(compare, language) or phrase((compare,), "compare")})


def setting_phrase(name: str, value: object, language: Language) -> Phrase:
    """Return a setting that has no words of its own: its name, and its value where that is one."""
    known = word(language, f"option.{name}.{value}", f"options.{name}") or word(
        language, f"option.{name}", f"options.{name}"
    )
    if known and (isinstance(value, (bool, tuple)) or f"option.{name}.{value}" in language.words):
        return known
    label = known or phrase(lowered(property_noun(name, language)), f"options.{name}")
    if isinstance(value, tuple) or value is True:
        return label
    told = described(value, language) if isinstance(value, str) else ()
    shown = phrase(told or (_value(value, language),), f"options.{name}")
    return fill(language, "setting", {"name": label, "value": shown})
