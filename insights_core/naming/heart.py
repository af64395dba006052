"""A meaning's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .choose import ranked
from .clean import clean
from .english import ENGLISH
from .frames import candidates
from .pieces import styled
from .simplify import simplified

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

    from .language import Language


def name_of(meaning: Meaning, language: Language = ENGLISH, style: str = "title") -> str:
    """Return the name of a meaning."""
    meaning = simplified(meaning)
    best = ranked(candidates(meaning, language), language)
    if not best:
        return "SQL Query"
    return clean("".join(part.text for part in styled(best[0][1].parts, language, style)))
