"""A title as it is read beside a query: its words, and the phrases in it that claim something."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .vocabulary import WORD, stem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insights_core.language.protocol import Language

    from .evidence import Evidence

NEUTRAL = "neutral"
GENERAL = "general"
"""What is said of any query: usage, trend. It may stand for what is measured."""

_LONGEST_PHRASE = 5
_SHORT_FORMS = (4, 3)
"""Letters of a short form that a title may spell out: LCP is largest contentful paint."""
_LONGEST_SHORT = 3
"""Letters of words that are no plurals: OS, CLS, bus."""
_PROPER = re.compile(r"['’]s?$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


class Token(NamedTuple):
    """A word of a title, or a phrase that claims one thing."""

    word: str
    stems: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    is_spelt_out: bool = False
    """Whether it is part of what the query has a short form for."""

    @property
    def is_plain(self) -> bool:
        """Whether it is a word of its own, and no number."""
        return not self.codes and len(self.word) > 1 and not any(map(str.isdigit, self.word))


@lru_cache(maxsize=8192)
def _key(word: str, language: Language) -> str:
    """Return a word as the tables of phrases have it: hourly is how often, hours are a unit."""
    if word[:-1].isupper() and word.endswith("s"):
        return word[:-1].lower()
    return " ".join(language.singular((word.lower(),))) if len(word) > _LONGEST_SHORT else word.lower()


@lru_cache(maxsize=8)
def _phrases(language: Language) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for code, phrases in ((NEUTRAL, language.neutral), *language.claims.items()):
        for phrase in phrases.split("|"):
            words = tuple(_key(word, language) for word in WORD.findall(phrase))
            found[words] = found.get(words, frozenset()) | {code}
    found.pop((), None)
    return found


def read(text: str, language: Language) -> list[Token]:
    """Return the words of a title, the longest phrases that claim something as one."""
    words = [_PROPER.sub("", word) for word in WORD.findall(_THOUSANDS.sub("", text))]
    keys = [_key(word, language) for word in words]
    stems = [stem(key, language) for key in keys]
    phrases = _phrases(language)
    found: list[Token] = []
    at = 0
    while at < len(words):
        sizes = range(min(_LONGEST_PHRASE, len(words) - at), 0, -1)
        size = next((size for size in sizes if tuple(keys[at : at + size]) in phrases), 1)
        codes = phrases.get(tuple(keys[at : at + size]), frozenset())
        found.append(Token(" ".join(words[at : at + size]), tuple(stems[at : at + size]), codes))
        at += size
    return found


class Title:
    """A title as it is read beside a query."""

    def __init__(self, text: str, evidence: Evidence) -> None:
        self.text = text
        self.evidence = evidence
        self._language = evidence.language
        self.tokens = self._spelt_out(read(text, self._language))

    def _spelt_out(self, tokens: list[Token]) -> list[Token]:
        """Mark the words whose first letters are a word of the query."""
        content = [at for at, token in enumerate(tokens) if not self.is_small(token)]
        for size in _SHORT_FORMS:
            for start in range(len(content) - size + 1):
                run = content[start : start + size]
                if "".join(tokens[at].word[0] for at in run).lower() in self.evidence.words.stems:
                    for at in run:
                        tokens[at] = tokens[at]._replace(is_spelt_out=True)
        return tokens

    def is_small(self, token: Token) -> bool:
        """Whether a token only joins others."""
        return len(token.stems) == 1 and token.stems[0] in self._language.small

    def content(self, tokens: Iterable[Token]) -> list[str]:
        """Return the stems of those words that say something."""
        return [part for token in tokens for part in token.stems if part not in self._language.small]

    @cached_property
    def stems(self) -> list[str]:
        """The stems of all words that say something."""
        return self.content(self.tokens)

    def codes(self, *starts: str) -> set[str]:
        """Return the claims that it makes, those that begin so."""
        return {code for token in self.tokens for code in token.codes if code.startswith(starts or "")}

    def around(self, role: str) -> list[tuple[list[Token], list[Token]]]:
        """Return what stands before each place of a word (by, from, to), and behind it up to the next that joins."""
        word = stem(self._language.words[f"role.{role}"], self._language)
        found = []
        for at, token in enumerate(self.tokens):
            if token.stems == (word,):
                behind = self.tokens[at + 1 :]
                ends = (place for place, item in enumerate(behind) if place and self._ends(item))
                found.append((self.tokens[:at], behind[: next(ends, len(behind))]))
        return found

    def _ends(self, token: Token) -> bool:
        return self.is_small(token) and token.stems[0] not in self._joints

    @cached_property
    def _joints(self) -> set[str]:
        return {stem(self._language.words["and"], self._language)}

    @property
    def is_joint(self) -> bool:
        """Whether it sets several things side by side."""
        versus = self._language.patterns["versus"].format(first="", second="").strip()
        joints = self._joints | {stem(versus, self._language)}
        return "," in self.text or any(not joints.isdisjoint(token.stems) for token in self.tokens)
