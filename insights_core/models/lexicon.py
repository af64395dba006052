"""Which words of a language are related: derived from each other, or of one sense. Read from a table with the first check."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Lexicon(NamedTuple):
    """The related words of a language, by their stems."""

    groups: dict[str, tuple[int, ...]]
    """The groups that each stem is in; none for a rare word that has no relatives."""

    def is_word(self, stem: str) -> bool:
        """Whether this is a common word of the language, and no name, place or code."""
        return stem in self.groups

    def reach(self, stems: frozenset[str]) -> frozenset[int]:
        """Return the groups that any of the stems is in."""
        return frozenset(group for stem in stems for group in self.groups.get(stem, ()))

    def is_near(self, stem: str, groups: frozenset[int]) -> bool:
        """Whether a stem is in one of the groups."""
        return any(group in groups for group in self.groups.get(stem, ()))


@cache
def lexicon(code: str) -> Lexicon:
    """Return the words of a language; none where there is no table for it."""
    table = files(__package__).joinpath(f"related_{code}.txt")
    groups: dict[str, list[int]] = {}
    if table.is_file():
        for number, line in enumerate(table.read_text(encoding="utf-8").splitlines()):
            if not line.startswith("#"):
                first, *others = line.split()
                groups.setdefault(first, [])
                for stem in (first, *others) if others else ():
                    groups.setdefault(stem, []).append(number)
    return Lexicon({stem: tuple(found) for stem, found in groups.items()})
