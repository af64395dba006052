"""Whether a title that others wrote is true of a query: is anything contradicted, invented, or missing that is essential?

It measures with the query's whole text, what was understood of it, the phrases that a language publishes for claims
(`language/en/claims.py`) and a table of related words. What was not understood contradicts nothing.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from insights_core.errors import InvalidInput
from insights_core.language.en import ENGLISH

from .evidence import Evidence
from .rules import RULES, Level, Refusal
from .titles import Title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

LEVELS: tuple[Level, ...] = get_args(Level)
LONGEST = 100
"""Characters of a name."""
_ODD = frozenset({"So", "Me", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that no title has by itself: emoji and other pictures, control characters, what is none."""
_SHOWN = 20


class Verdict(NamedTuple):
    """What the check says of a title; true where it has nothing against it."""

    level: Level
    refusals: tuple[Refusal, ...] = ()

    def __bool__(self) -> bool:
        return not self.refusals

    def __str__(self) -> str:
        return f"{'; '.join(map(str, self.refusals)) or 'fine'} (check: {self.level})"


class Check:
    """The check of titles for one query, however many they are.

    Args:
        query: The query as it stands: a JSON object or a text.
        meaning: What was understood of it.
        own: The title that our rules give it: its words are supported, and nobody has to say what it leaves out.
        language: The language of the titles.
    """

    def __init__(self, query: Any, meaning: Meaning, own: str = "", language: Language = ENGLISH) -> None:
        self._evidence = Evidence(query, meaning, language, own)
        self._own = own

    def verdict(self, title: str, level: Level = "strict") -> Verdict:
        """Judge a title.

        Raises:
            InvalidInput: There is no such level.
        """
        if level not in LEVELS:
            raise InvalidInput(f"check must be {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, not {level!r}")
        if level == "off":
            return Verdict(level)
        refusals = tuple(self._form(title))
        if not refusals and title != self._own:
            read = Title(title, self._evidence)
            refusals = tuple(refusal for rule in self._rules for refusal in rule(read, self._evidence, level))
        return Verdict(level, tuple(dict.fromkeys(refusals)))

    @cached_property
    def _rules(self) -> list[Any]:
        """The rules that our own title keeps: nobody has to be better."""
        own = Title(self._own, self._evidence)
        return [rule for rule in RULES if not self._own or not any(rule(own, self._evidence, "strict"))]

    def _form(self, title: str) -> Iterator[Refusal]:
        if not title.strip():
            yield Refusal("form", title[:_SHOWN], "is no title: it is empty")
        elif len(title) > LONGEST:
            yield Refusal("form", title[:_SHOWN], f"begins a title of {len(title)} characters, {LONGEST} at most")
        for char in dict.fromkeys(title[:LONGEST]):
            if unicodedata.category(char) in _ODD and char not in self._evidence.text:
                yield Refusal("form", char, "is a character that the query does not hold")
