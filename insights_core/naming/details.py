"""Conditions of facts in full, for the check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.facts.types import Condition, Group

from .nouns import described, property_noun
from .pieces import Phrase, fill, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Filter
    from insights_core.language.protocol import Language

_MOST_VALUES = 3
_LONGEST_VALUE = 40
_DEEPEST = 4


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
