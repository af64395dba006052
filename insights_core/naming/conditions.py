"""What filters are called: the published synonym of a condition, the value of a status, or the condition in full."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from insights_core.facts.types import Condition
from insights_core.query.words import split

from .nouns import lowered, property_noun
from .pieces import Phrase, phrase, together, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Filter
    from insights_core.language.protocol import Language

_MOST_WORDS = 2
_ACRONYM = 3
_WORDLIKE = re.compile(r"[^\W\d_][\w .&'’-]*")
_OPPOSITES = {"true": "false", "false": "true", "1": "0", "0": "1"}
_TRUTHS = {"1": "true", "0": "false", "yes": "true", "no": "false"}


def adjective(condition: Filter, fact: str, language: Language, *, noun: bool = False) -> Phrase:
    """Return what a condition makes of the things it holds for: the published synonym, or the value of a status.

    `success = false` → failed; `priority = 'high'` → high; as a noun (`failure`) for what is in front of "rate".
    """
    if not isinstance(condition, Condition) or len(condition.values) != 1:
        return ()
    if condition.operator not in ("exact", "is_not", "in"):
        return ()
    words = property_noun(condition.key, language)
    if not words:
        return ()
    value = str(condition.values[0]).strip().lower()
    if condition.operator == "is_not":
        value = _OPPOSITES.get(value, "")
    table = language.synonyms.get(words[-1].lower(), {})
    found = table.get(value) or table.get(_TRUTHS.get(value, ""))
    if found:
        return phrase((language.rates.get(found, found) if noun else found,), fact)
    if condition.operator == "is_not" or words[-1].lower() not in language.identifiers.statuses:
        return ()
    return value_phrase(condition.values[0], fact)


def is_synonym(found: Phrase, language: Language) -> bool:
    """Whether a phrase comes from the published table."""
    return any(part.text in table.values() for part in found for table in language.synonyms.values())


def value_phrase(value: object, fact: str) -> Phrase:
    """Return a value as words, where it reads like words: `IN_REVIEW` → in review, but no url and no number."""
    text = str(value)
    words = split(text) if isinstance(value, str) and _WORDLIKE.fullmatch(text) else ()
    return phrase(lowered(words, shouting=len(text) > _ACRONYM), fact) if 0 < len(words) <= _MOST_WORDS else ()


def with_adjective(
    filters: Sequence[Filter], fact: str, noun: Phrase, language: Language, *, only_synonyms: bool = False
) -> Phrase:
    """Put what the conditions make of a noun in front of it, unless it says so itself.

    A noun that a person wrote (`only_synonyms`) most likely says what its conditions mean: then only a published synonym
    is added, and none to a participle (merged pull requests).
    """
    found = (adjective(item, f"{fact}[{place}]", language) for place, item in enumerate(filters))
    lead = next(filter(None, found), ())
    if not lead or any(word[:4] == other[:4] for word in words_of(lead) for other in words_of(noun)):
        return noun
    if only_synonyms and (
        not is_synonym(lead, language) or any(language.is_participle(word) for word in words_of(noun))
    ):
        return noun
    return together(language, "described", adjective=lead, noun=noun)
