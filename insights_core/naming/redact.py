"""Facts and a draft without the values of the query: what may be shown to somebody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.facts.types import Breakdown, Condition, Facts, Option
from insights_core.facts.words import folded

from .claims import conditions
from .conditions import adjective
from .english import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_PLACEHOLDER = re.compile(r"\bVALUE ?(\d+)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*+'?|\"(?:[^\"]|\"\")*+\"?|\b\d++(?:\.\d++)?\b")
_UNTOLD = frozenset({"other"})
"""Kinds whose words may be values as well as identifiers."""


class Redacted(NamedTuple):
    """What may be sent, and what its placeholders stand for."""

    facts: Facts
    """As they were, with a placeholder for each value of a filter and each literal of an expression."""
    draft: str
    values: tuple[str, ...]
    """What `VALUE1`, `VALUE2`, … stand for in the draft, as it is written there."""

    def restored(self, text: str) -> str:
        """Put the values back where a text has placeholders; one that stands for nothing stays."""

        def value(found: re.Match[str]) -> str:
            number = int(found[1]) if len(found[1]) < 4 else 0
            return self.values[number - 1] if 0 < number <= len(self.values) else found[0]

        return _PLACEHOLDER.sub(value, text)


def redacted(facts: Facts, draft: str) -> Redacted | None:
    """Return facts and draft with placeholders for all values; None where they cannot be told from identifiers.

    Values are those of filters, literals in expressions, search texts, cohorts, and the ends of paths. A word that is an
    identifier of the query as well stays: it is sent anyway.
    """
    if facts.kind in _UNTOLD or (facts.kind == "sql" and not facts.measures and not facts.columns and not facts.tables):
        return None
    hidden: set[str] = set()
    plain = _hide(facts, hidden)
    for condition, _ in conditions(facts):
        if all(isinstance(value, bool) for value in condition.values):
            continue  # true and false are sent, and so are their words
        for noun in (False, True):
            hidden.update(*(folded(part.text) for part in adjective(condition, "", ENGLISH, noun=noun)))
    hidden -= {word for text in _texts(plain) for word in folded(text)}
    values: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        if not set(folded(found[0])) & hidden and found[0].lower() not in hidden:
            return found[0]
        if found[0] not in values:
            values.append(found[0])
        return f"VALUE{values.index(found[0]) + 1}"

    return Redacted(plain, _WORD.sub(placeholder, draft), tuple(values))


def _hide(value: Any, hidden: set[str]) -> Any:
    """Return facts without values; their words are added to `hidden`."""
    if isinstance(value, Condition):
        hidden.update(word for item in value.values for word in _words(item))
        values = tuple(item if isinstance(item, bool) else "VALUE" for item in value.values)
        return value._replace(key=_literals(value.key, hidden), values=values)
    if isinstance(value, Breakdown) and value.scope == "cohort":
        hidden.update(_words(value.label))
        return value._replace(label="")
    if isinstance(value, Option):
        return value if isinstance(value.value, bool) else value._replace(value=_hidden(value.value, hidden))
    if isinstance(value, Facts):
        ends = {name: _hidden(getattr(value, name), hidden) for name in ("start", "end") if getattr(value, name)}
        fields = {name: _hide(field, hidden) for name, field in value._asdict().items() if name not in ends}
        return value._replace(**{**fields, **ends, "words": (), "unread": ()})
    if isinstance(value, tuple):
        items = [_hide(item, hidden) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return _literals(value, hidden) if isinstance(value, str) else value


def _hidden(value: Any, hidden: set[str]) -> Any:
    for text in _texts(value):
        hidden.update(_words(text))
    return "VALUE"


def _literals(text: str, hidden: set[str]) -> str:
    """Return an expression without its literals; an identifier has none."""
    if not any(mark in text for mark in "'\"()"):
        return text

    def placeholder(found: re.Match[str]) -> str:
        hidden.update(_words(found[0]))
        return "VALUE"

    return _QUOTED.sub(placeholder, text)


def _words(value: object) -> set[str]:
    text = str(value)
    return {*folded(text), *(word.lower() for word in _WORD.findall(text))}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
