"""What breakdowns are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .joint import listed
from .nouns import described, property_noun, table_noun
from .pieces import Phrase, phrase, word, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Breakdown
    from insights_core.language.protocol import Language


def breakdown_phrase(item: Breakdown, fact: str, language: Language) -> Phrase:
    """Return what a breakdown is called: the thing that differs, not the property that holds it."""
    if item.scope in ("cohort", "feature"):
        return word(language, f"scope.{item.scope}", f"{fact}.scope")
    if item.scope == "time":
        return word(language, f"time.{item.key}", f"{fact}.key")
    if item.label and not (
        item.table and {part.lower() for part in described(item.label, language)} <= language.identifiers.fillers
    ):
        words = property_noun(item.label, language)
        return phrase(words or described(item.label, language), f"{fact}.label")
    words = property_noun(item.key, language)
    if item.table and {part.lower() for part in words} <= language.identifiers.fillers:
        # The name of a team is the team.
        return phrase(language.singular(table_noun(item.table, language)), f"{fact}.table")
    return phrase(words, f"{fact}.key")


def breakdowns_phrase(items: Sequence[Breakdown], language: Language) -> Phrase:
    """Return the first two breakdowns, each thing said once."""
    found: dict[tuple[str, ...], Phrase] = {}
    for place, item in enumerate(items):
        piece = breakdown_phrase(item, f"breakdowns[{place}]", language)
        if piece:
            found.setdefault(tuple(words_of(piece)), piece)
    return listed(list(found.values())[:2], language)
