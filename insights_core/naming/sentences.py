"""The sentence beside a name: what the name leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insights_core.facts.types import Facts

    from .language import Language


def describe_rest(facts: Facts, name: str, language: Language) -> str:
    """Return one sentence of at most 200 characters."""
    _ = facts, language
    return f"{name}."
