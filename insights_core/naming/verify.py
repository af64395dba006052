"""A name against the facts: its form, whether each word in it comes from the query, and whether the essential is there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from insights_core.facts.words import folded

from .clean import LONGEST, clean
from .english import ENGLISH
from .nouns import event_noun, label_noun, property_noun, table_noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.facts.types import Facts

    from .language import Language
    from .pieces import Phrase

_DIGITS = re.compile(r"\d+")
_SEQUENCES = frozenset({"funnel", "retention"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def verify(text: str, facts: Facts, *, language: Language = ENGLISH) -> list[str]:
    """Return what is wrong with a name for these facts, one line each; nothing where it is fine."""
    problems = _form(text)
    if text.strip():
        licensed = _licensed(facts, language)
        problems += [
            f"{word!r} is not in the query" for word in _words(text) if not _is_licensed(word, licensed, language)
        ]
        problems += _missing(text, facts, language)
    return problems


def _missing(text: str, facts: Facts, language: Language) -> list[str]:
    """Return what the name must tell and does not, or tells in the wrong place."""
    from .draft import compose

    said = [_root(word, language) for word in _WORD.findall(text.lower())]
    parts = compose(facts, (), language, "title").parts
    told = [
        _roots_of(measure.entity, measure.of, measure.label, *measure.alternatives, language=language)
        | _written(parts, f"measures[{place}]", language)
        for place, measure in enumerate(facts.measures)
    ]
    problems = []
    if facts.kind in _SEQUENCES and len(told) > 1:
        ends = {place: told[place] for place in (0, len(told) - 1) if _written(parts, f"measures[{place}]", language)}
        missing = [place for place, roots in ends.items() if not roots & set(said)]
        problems += [f"{facts.measures[place].entity or 'a step'} is missing" for place in missing]
        if len(ends) > 1 and not missing and _reversed(said, *ends.values()):
            problems.append("its steps stand in the wrong order")
    else:
        problems += [
            f"{measure.label or measure.entity or 'what is measured'} is missing"
            for place, measure in enumerate(facts.measures)
            if _written(parts, f"measures[{place}]", language) and not told[place] & set(said)
        ]
    for place in range(len(facts.measures)):
        math = _written(parts, f"measures[{place}].math", language)
        if math and not math & set(said):
            problems.append(f"how it is counted ({facts.measures[place].math}) is missing")
            break
    drafted = [_root(word, language) for part in parts for word in _WORD.findall(part.text.lower())]
    words = {_root(word, language): word for word in _words(text) if word not in language.small}
    problems += [
        f"{word!r} stands there too often"
        for root, word in words.items()
        if said.count(root) > max(1, drafted.count(root))
    ]
    by = language.words.get("role.by")
    if by in said and not any(by in _WORD.findall(part.text.lower()) for part in parts):
        problems.append("nothing in the query is broken down")
    if written := _written(parts, "breakdowns[0]", language):
        first = facts.breakdowns[0]
        roots = written | _roots_of(first.key, first.label, language=language)
        if not roots & set(said):
            problems.append(f"the breakdown ({first.label or first.key}) is missing")
        elif not roots & set(_behind_by(said, language)):
            problems.append("what is measured and what it is broken down by have changed places")
    return problems


def _behind_by(said: list[str], language: Language) -> list[str]:
    """Return the words behind the last "by"; all of them where it splits nothing, as in "Top Pages by Views"."""
    by, top = language.words.get("role.by"), language.words.get("role.top")
    return said[len(said) - said[::-1].index(by) :] if by in said and top not in said else said


def _written(parts: Phrase, fact: str, language: Language) -> frozenset[str]:
    """Return the roots of the words that the rules write for a fact; none where they leave it unsaid."""
    words = {word.lower() for part in parts if part.fact.startswith(fact) for word in _WORD.findall(part.text)}
    return frozenset(_root(word, language) for word in words - language.small)


def _reversed(said: list[str], first: frozenset[str], last: frozenset[str]) -> bool:
    opening = [place for place, word in enumerate(said) if word in first - last]
    closing = [place for place, word in enumerate(said) if word in last - first]
    return bool(opening and closing) and opening[0] > closing[-1]


def _roots_of(*texts: str, language: Language) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    return found.union(*(_roots(text, language) for text in texts if text)) - language.small


def _form(text: str) -> list[str]:
    if not text.strip():
        return ["it is empty"]
    if len(text) > LONGEST:
        return [f"it has {len(text)} characters, {LONGEST} at most"]
    return (
        []
        if clean(text) == text
        else ["it is not one clean line: control characters, quotes around it, or a full stop"]
    )


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))


def _licensed(facts: Facts, language: Language) -> frozenset[str]:
    """Collect the roots of all words that these facts allow: their identifiers, what the tables make of them, the table's own."""
    found: set[str] = set(_table_words(language))
    for text in _texts(facts):
        found.update(_roots(text, language))
    return frozenset(found)


def _texts(value: object) -> Iterator[str]:
    """Yield every text and number in the facts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


@lru_cache(maxsize=8192)
def _roots(text: str, language: Language) -> frozenset[str]:
    spelt = (folded(text), *(noun(text, language) for noun in (event_noun, property_noun, label_noun, table_noun)))
    words = {word.lower() for words in spelt for word in words}
    words.update(part.lower() for part in _WORD.findall(text))
    words.update(_DIGITS.findall(text))
    return frozenset(_root(word, language) for word in words) | words


@lru_cache(maxsize=8192)
def _root(word: str, language: Language) -> str:
    low = word.lower()
    low = language.verbs.get(low) or language.actions.get(low) or low
    return language.singular(low) if low.isascii() and low.isalpha() else low


@lru_cache(maxsize=8)
def _table_words(language: Language) -> frozenset[str]:
    texts = [*language.patterns.values(), *language.words.values()]
    texts += [word for table in language.synonyms.values() for word in table.values()]
    return frozenset(_root(word.lower(), language) for text in texts for word in _WORD.findall(text)) | language.small


def _is_licensed(word: str, licensed: frozenset[str], language: Language) -> bool:
    low = word.lower()
    return low in licensed or _root(low, language) in licensed or all(part in licensed for part in folded(low))
