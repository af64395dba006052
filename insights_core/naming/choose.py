"""Which of the candidates is the name: a few monotone features and their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .pieces import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from insights_core.language.protocol import Language

    from .candidates import Title
    from .pieces import Phrase

_LONGEST = 60


class Weights(NamedTuple):
    """What a feature is worth; laid by hand, tuned on pairs of titles."""

    informs: float = 0.35
    """Each word that says something, up to six."""
    bland: float = -0.5
    """Each word that says next to nothing."""
    repeats: float = -1.5
    """Each content word that is said twice, but for what brackets add to."""
    long: float = -0.1
    """Each character above fifty-six."""
    too_long: float = -4.0
    crowded: float = -0.5
    """Each word above seven."""


KINDS: dict[str, float] = {
    "first": 2.0, "computed": 0.5, "both": 3.2, "common": 2.5, "two_of_many": 2.0, "source": 0.9, "rows": 1.5, "function": 0.5, "under": 0.8,
    "shared": 1.6, "column": 1.7, "a_column": 0.6, "columns": 1.0, "sample": 1.6, "nothing": -2.0, "interval": 0.6, "one": 0.6, "two": 1.3,
    "two_dims_of_many": 1.1, "adjective": 1.0, "ending": 2.0, "detail": 0.4, "threshold": 0.0, "details": 0.3, "limit": 0.2, "unit": 2.5, "metric": 2.5, "caption": 3.5,
    "with": 1.0, "metrics": 1.0, "aggregate": 1.5, "aggregates": 1.8, "thing": 2.0, "plain": 1.7, "undivided": -1.0, "three": 1.6, "statistics": 2.0, "joined": 3.4, "rate": 4.0, "tops": 1.6, "compared": 0.3, "common_start": 2.6, "retention_interval": 0.6, "maths": 3.0, "ends": 1.5,
    "noun_ends": 2.25, "all_steps": 1.8, "noun_steps": 1.8, "subject": 1.0, "two_events": 1.0, "one_event": 1.0, "kind": 1.5, "words": 0.5,
    "shown": 1.4, "shown_computed": 1.2, "key": 0.5, "one_of_few": 0.5, "area": 4.4, "actor_interval": 0.6, "default_interval": -0.6, "chosen_interval": -0.3,
}  # fmt: skip
"""What each way to fill a slot is worth."""

WEIGHTS = Weights()
_ENOUGH = 6
_MANY = 7
_ROOM = 56


def _content(parts: Phrase, language: Language) -> list[str]:
    """Return the words that say something: no joints, no arrows."""
    words = [item.strip("(),:") for item in words_of(parts)]
    return [item for item in words if item and item not in language.small and item != "→"]


def score(title: Title, language: Language, weights: Weights = WEIGHTS, kinds: Mapping[str, float] = KINDS) -> float:
    """Return what speaks for a title."""
    content = _content(title.parts, language)
    informing = [item for item in content if item not in language.identifiers.bland]
    bracket = next((at for at, part in enumerate(title.parts) if part.text.startswith(" (")), len(title.parts))
    outside, said_again = content, False
    if bracket < len(title.parts):
        outside = _content(title.parts[:bracket], language)
        said_again = set(_content(title.parts[bracket:], language)) <= set(outside)
    text = sum(len(part.text) for part in title.parts)
    return (
        sum(kinds[kind] for kind in title.kinds)
        + weights.informs * min(len(set(informing)), _ENOUGH)
        + weights.bland * (len(content) - len(informing))
        + weights.repeats * (len(outside) - len(set(outside)) + said_again)
        + weights.long * max(0, text - _ROOM)
        + (weights.too_long if text > _LONGEST else 0.0)
        + weights.crowded * max(0, len(content) - _MANY)
    )


def ranked(titles: Iterable[Title], language: Language) -> list[tuple[float, Title]]:
    """Return the titles with their scores, the best first; the same titles come in the same order."""
    scored = [(score(title, language), title) for title in titles]
    return sorted(scored, key=lambda item: -item[0])
