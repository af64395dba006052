"""What a query holds for or against a title: its words, what may be claimed of it, what it measures and is split by."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from insights_core.naming.populations import adjective, is_place, value_words
from insights_core.naming.simplify import simplified
from insights_core.query import meaning as m

from .claims import conditions, is_opaque, true_claims, walk
from .lexicon import lexicon
from .titles import read
from .vocabulary import WORD, Vocabulary, affirmed, stem, stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from insights_core.language.protocol import Language

_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"[\w$]+")
_MOST_TOKENS = 20_000
_SHORTEST = 2
_YEAR = 4
"""Digits of a date that are its year."""
_CODES = frozenset(
    [
        "kind",
        "scope",
        "unit",
        "function",
        "per",
        "which",
        "operator",
        "clause",
        "role",
        "shape",
        "interval",
        "compare",
        "display",
        "format",
        "unread",
    ]
)
"""Fields of a meaning whose texts are ours, not the query's; and what was not understood."""
_CONDITIONS = frozenset({"conditions", "where"})
_NAMING = ("name", "id", "key")
"""Endings of columns that only say which one it is of what they are of."""
_NEGATED = re.compile(r"\bnot\b|!=|<>|\bnull\b|\bexcept\b|\bminus\b|\banti\b", re.IGNORECASE)
"""How a text says no, whatever the reader made of it."""
SYNTAX = frozenset(
    [
        "select",
        "from",
        "where",
        "group",
        "by",
        "order",
        "limit",
        "join",
        "left",
        "right",
        "inner",
        "outer",
        "full",
        "cross",
        "on",
        "and",
        "or",
        "not",
        "case",
        "when",
        "then",
        "else",
        "end",
        "as",
        "with",
        "union",
        "all",
        "having",
        "distinct",
        "in",
        "is",
        "null",
        "like",
        "between",
        "interval",
        "over",
        "partition",
        "cast",
        "asc",
        "desc",
        "offset",
        "using",
        "exists",
        "values",
        "set",
        "into",
        "if",
        "ifnull",
        "nullif",
        "coalesce",
        "true",
        "false",
        "kind",
        "series",
        "source",
        "query",
        "version",
        "properties",
        "operator",
        "type",
        "event",
    ]
)
"""Words of SQL and JSON that say nothing of what is asked."""


class Evidence:
    """All that a query holds for or against a title."""

    def __init__(self, query: Any, meaning: m.Meaning, language: Language, own: str = "") -> None:
        self.meaning = simplified(meaning)
        self.language = language
        self.text = "\n".join(_spelt(query))
        self.own = frozenset(stem(word, language) for word in WORD.findall(own)) - language.small
        tokens = read(own, language)
        own_claims = (code for token in tokens for code in token.codes)
        stemmed = [part for token in tokens for part in token.stems]
        by = stem(language.words["role.by"], language)
        self._own_split = frozenset(stemmed[stemmed.index(by) + 1 :] if by in stemmed else ())
        simpler = () if self.meaning is meaning else true_claims(self.meaning)
        negated = ("not",) if _NEGATED.search(self.text) else ()
        self.claims = frozenset((*true_claims(meaning), *simpler, *own_claims, *negated))
        self.is_opaque = is_opaque(meaning)

    @property
    def is_by_event(self) -> bool:
        """Whether it is broken down by what happened: by all that is measured."""
        return any(isinstance(item.value, m.Column) and item.value.name == "event" for item in self.meaning.outputs)

    @property
    def is_split(self) -> bool:
        """Whether the answer is broken down by anything but time."""
        return any(output.role in ("dimension", "rank") for output in self.meaning.outputs)

    def has_number(self, digits: str) -> bool:
        """Whether a number stands in the query."""
        return digits in self._numbers

    @cached_property
    def _numbers(self) -> frozenset[str]:
        found = frozenset(_DIGITS.findall(self.text))
        return found | {digits[:_YEAR] for digits in found}

    def is_common(self, part: str) -> bool:
        """Whether a stem is a word of the language, or put together of two."""
        table = lexicon(self.language.code)
        halves = ((part[:size], part[size:]) for size in range(_SHORTEST, len(part) - 1))
        return (
            not table.groups
            or any(map(table.is_word, {part, affirmed(part, self.language)}))
            or any(table.is_word(first) and table.is_word(second) for first, second in halves)
        )

    @cached_property
    def words(self) -> Vocabulary:
        """The whole query's: identifiers, aliases, literals, comments, functions, and what our own title makes of them."""
        tokens = dict.fromkeys(_TOKEN.findall(self.text))
        found = frozenset().union(*(stems(token, self.language) for token in list(tokens)[:_MOST_TOKENS]))
        found -= frozenset(stem(word, self.language) for word in SYNTAX)
        told = (adjective(item, self.language) for item, _ in conditions(self.meaning))
        plain = (stem(word, self.language) for words in told for word in words)
        return Vocabulary(found.union(stems_of(self.meaning, self.language), plain, self.own), self.language)

    @cached_property
    def measures(self) -> list[Vocabulary]:
        """What is measured, one for each measure."""
        found = (output for output in self.meaning.outputs if output.role in ("measure", "sample"))
        return [words for output in found if (words := Vocabulary(self._of_measure(output), self.language))]

    def _of_measure(self, output: m.Output) -> frozenset[str]:
        found = stems_of((output.labels, output.value), self.language)
        if any(isinstance(node, m.Entity) and node.kind == "actor" for node in walk(output.value)):
            found |= stems(self.language.words["actor.dau"], self.language)
        return found

    @cached_property
    def splits(self) -> list[Vocabulary]:
        """What it is broken down by."""
        found = [self._of_split(output) for output in self.meaning.outputs if output.role == "dimension"]
        if len(found) == 1 and self.is_by_event:  # what our own title calls it: by type
            found = [found[0] | self._own_split]
        return [Vocabulary(words, self.language) for words in found if words]

    def tells_split(self, stem: str) -> bool:
        """Whether a word tells what it is broken down by, and not what is measured."""
        measured = (*self.measures, *self.steps)
        return not any(stem in words.spelt for words in measured) and any(words.supports(stem) for words in self.splits)

    @property
    def is_apart(self) -> bool:
        """Whether what it is broken down by has a word of its own: fields completed by field has none."""
        measured = frozenset().union(*(words.spelt for words in self.measures))
        return not self.splits or any(words.spelt - measured for words in self.splits)

    def fits_split(self, stems: Iterable[str]) -> bool:
        """Whether words tell what it is broken down by, or could all do so."""
        found = list(stems)
        return any(map(self.tells_split, found)) or any(all(map(split.supports, found)) for split in self.splits)

    def tells_measure(self, stem: str) -> bool:
        """Whether a word tells what is measured, and not what it is broken down by."""
        measured = (*self.measures, *self.steps)
        return not self.tells_split(stem) and any(words.supports(stem) for words in measured)

    def _of_split(self, output: m.Output) -> frozenset[str]:
        texts: list[str] = list(output.labels)
        for node in walk(output.value):
            if isinstance(node, m.Bucket):
                texts.append(node.unit)
            elif isinstance(node, m.Column):
                entity = node.of.name if node.of is not None and node.name.lower().endswith(_NAMING) else ""
                texts += [node.name, *node.labels, entity, self.language.words.get(f"scope.{node.scope}", "")]
            elif isinstance(node, m.Case):
                texts += [str(result) for result in node.results if isinstance(result, str)]
        return frozenset().union(*(stems(text, self.language) for text in texts))

    @cached_property
    def steps(self) -> list[Vocabulary]:
        """The steps of a funnel, retention's two events, the ends of paths."""
        return [
            Vocabulary(stems_of((step.of, step.where), self.language), self.language) for step in self.meaning.steps
        ]

    @cached_property
    def opposites(self) -> frozenset[str]:
        """Stems of conditions that hold for what they do not say, and of nothing else."""
        found: dict[bool, set[str]] = {True: set(), False: set(stems_of(self.meaning, self.language, _CONDITIONS))}
        for item, is_opposite in conditions(self.meaning):
            found[is_opposite].update(stems_of((item.of, item.values), self.language))
        return frozenset(found[True] - found[False])

    @cached_property
    def populations(self) -> list[Vocabulary]:
        """The conditions that say of which of the things measured, where the format tells whose properties they are of."""
        found = []
        for item in self.meaning.conditions:
            if (
                isinstance(item, m.Condition)
                and isinstance(item.of, m.Column)
                and item.of.scope
                and not is_place(item, self.language.identifiers)
            ):
                told = frozenset(stem(word, self.language) for word in adjective(item, self.language))
                if told or value_words(item, self.language):
                    found.append(Vocabulary(told or stems_of((item.of, item.values), self.language), self.language))
        return found


def stems_of(value: Any, language: Language, but: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the stems of all that the query spells in a value of a meaning, some fields aside."""
    return frozenset().union(*(stems(text, language) for text in _texts(value, _CODES | but)))


def _texts(value: Any, but: frozenset[str]) -> set[str]:
    found: set[str] = set()
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, tuple):
            names = getattr(item, "_fields", ())
            if isinstance(item, m.Entity) and item.kind == "actor":
                left.append(item.label)  # its name is a code
            elif names:
                left += [field for name, field in zip(names, item, strict=True) if field and name not in but]
            else:
                left += item
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            found.add(str(item))
    return found


def _spelt(query: Any) -> Iterator[str]:
    """Yield every text and number of a query, as it stands in there."""
    if isinstance(query, dict):
        for key, value in query.items():
            yield str(key)
            yield from _spelt(value)
    elif isinstance(query, list):
        for item in query:
            yield from _spelt(item)
    elif isinstance(query, (str, int, float)) and not isinstance(query, bool):
        yield str(query)
