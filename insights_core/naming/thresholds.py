"""How much has to be reached: the number that a condition or a group's figure is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.meaning import Column, Condition, columns_in, is_measured
from insights_core.query.moments import is_moment
from insights_core.query.words import folded

from .measures import label_of, value_phrase
from .nouns import property_noun
from .pieces import Phrase, fill, phrase

if TYPE_CHECKING:
    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

_SAID = {"gt": "above", "gte": "at_least", "lt": "below", "lte": "at_most"}
_LARGEST = 1_000_000_000
"""From here on a number is a moment or an id."""


def thresholds(meaning: Meaning, language: Language) -> list[Phrase]:
    """Return, for each bound that is a number of something, the thing and the number: amount above 10,000.

    Whether there are any at all is no bound.
    """
    found = []
    for at, item in enumerate(meaning.conditions):
        number = item.values[0] if isinstance(item, Condition) and item.operator in _SAID and item.values else None
        if not isinstance(item, Condition) or isinstance(number, (bool, str)) or number is None:
            continue
        if not 1 < abs(number) < _LARGEST or is_moment(item.of) or _only_which(item, language):
            continue
        origin = ("conditions", at)
        thing = _thing(item, meaning, language)
        bound = fill(language, _SAID[item.operator], {"value": phrase((f"{number:,}",), origin)})
        if thing:
            found.append(fill(language, "bound", {"thing": thing, "bound": bound}))
    return found


def _thing(item: Condition, meaning: Meaning, language: Language) -> Phrase:
    origin = ("conditions", 0, "of")
    output = next((output for output in meaning.outputs if output.value == item.of), None)
    label = label_of(output, language) if output is not None else ()
    if label:
        return phrase(label, origin)
    if isinstance(item.of, Column):
        return phrase(property_noun((item.of.labels or (item.of.name,))[-1], language), origin)
    return value_phrase(item.of, origin, language) if is_measured(item.of) else ()


def _only_which(item: Condition, language: Language) -> bool:
    """Whether a bound is on a column that says which row it is, and not how much."""
    read = language.identifiers
    silent = read.naming | read.moments | read.keys
    return isinstance(item.of, Column) and any(
        word in silent for column in columns_in(item.of) for word in folded(column.name)[-1:]
    )
