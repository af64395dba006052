"""Words with their origin, and the patterns that put them together."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from insights_core.language.protocol import Spot
from insights_core.query.words import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from insights_core.language.protocol import Kind, Language, Style


class Part(NamedTuple):
    """A piece of a name and the fact that it came from."""

    text: str
    fact: Any
    """Where it comes from: a place in the meaning, `("outputs", 0, "label")`; in a draft the place in the facts as text,
    `measures[0].entity`; `pattern` for the words that join."""
    kind: Kind = ""
    """`own` for words of the language's tables, `adjective` for what is bent after a noun, `label` for what an author wrote to
    be read; empty for the words of identifiers and values."""


Phrase: TypeAlias = tuple[Part, ...]
Origin: TypeAlias = tuple[str | int, ...]
"""A place in a meaning, as the steps that lead there: compared, never parsed."""


class Head(NamedTuple):
    """One way to fill a slot."""

    parts: Phrase
    kind: str
    """What `choose.KINDS` weighs it by; empty where it counts for nothing."""


def own(text: str, fact: Any = "pattern") -> Phrase:
    """Return words of the language's own as one part."""
    return (Part(text, fact, "own"),)


class Slot(NamedTuple):
    """A place in a pattern: a slot by its name, or words of the language."""

    name: str
    """Empty for words of the language."""
    words: Phrase = ()
    agrees: str = ""
    """The slot whose noun it is bent after: an adjective takes the gender and number of what it describes."""


class Segment(NamedTuple):
    """A stretch of a pattern that stands or falls as a whole."""

    places: tuple[Slot, ...]
    slots: tuple[str, ...]
    optional: bool


_SLOT = re.compile(r"\{(=[^{}~]++|\w++)(?:~(\w++))?+\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> tuple[Segment, ...]:
    """Return a pattern as segments.

    `{adjective~measure}` is a slot that agrees with another, `{=double~measure}` a word of the language that does.

    >>> [(segment.slots, segment.optional) for segment in compiled("[{interval} ]{measure}")]
    [(('interval',), True), (('measure',), False)]
    """
    segments = []
    for place, stretch in enumerate(_OPTIONAL.split(pattern)):
        places: list[Slot] = []
        texts = _SLOT.split(stretch)
        for text, slot, agrees in zip(texts[::3], [*texts[1::3], ""], [*texts[2::3], ""], strict=True):
            if text:
                places.append(Slot("", own(text)))
            if slot:
                places.append(Slot("", own(slot[1:]), agrees) if slot[0] == "=" else Slot(slot, (), agrees or ""))
        if places:
            segments.append(Segment(tuple(places), tuple(item.name for item in places if item.name), place % 2 == 1))
    return tuple(segments)


@lru_cache(maxsize=512)
def slot_names(pattern: str) -> tuple[str, ...]:
    """Return the slots of a pattern in their order."""
    return tuple(name for segment in compiled(pattern) for name in segment.slots)


@lru_cache(maxsize=512)
def required_slots(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Return the slots of each segment that a pattern cannot do without."""
    return tuple(segment.slots for segment in compiled(pattern) if not segment.optional and segment.slots)


def fill(language: Language, name: str, slots: Mapping[str, Phrase]) -> Phrase:
    """Put phrases into the slots of a language's pattern; optional segments whose slots are empty are left out."""
    parts: list[Part] = []
    for places, names, optional in compiled(language.patterns[name]):
        if optional and not all(map(slots.get, names)):
            continue
        for slot, words, agrees in places:
            found = slots.get(slot, ()) if slot else words
            parts += agreeing(found, slots.get(agrees, ()), language) if agrees else found
    return tuple(parts)


def agreeing(parts: Phrase, noun: Phrase, language: Language) -> Phrase:
    """Return what describes a noun as it stands beside it."""
    nouns = words_of(tuple(part for part in noun if part.kind != "adjective"))
    end = next((at for at, item in enumerate(nouns) if at and item in language.small), len(nouns))
    behind = tuple(nouns[:end])
    return tuple(
        part._replace(text=language.agree(part.text, behind), kind="adjective") if part.text.strip() else part
        for part in parts
    )


def bent(parts: Phrase, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Phrase:
    """Change the noun of a phrase: the last of its parts that is no adjective."""
    at = next(
        (at for at in range(len(parts) - 1, -1, -1) if parts[at].kind != "adjective" and parts[at].text.strip()), -1
    )
    return tuple(
        part._replace(text=" ".join(change(tuple(part.text.split())))) if place == at else part
        for place, part in enumerate(parts)
    )


def quoted(words: Iterable[str], fact: Any) -> Phrase:
    """Return words that stand as they are in the query: a value, a label."""
    return tuple(part._replace(kind="label") for part in phrase(words, fact))


def together(language: Language, name: str, **slots: Phrase) -> Phrase:
    """Return two phrases in a pattern; where one of them is missing, the other as it is."""
    found = [parts for parts in slots.values() if parts]
    return fill(language, name, slots) if len(found) == len(slots) else found[0] if found else ()


def worded(language: Language, name: str, **slots: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a pattern that is filled with words; where some are missing, the others as they are."""
    whole = together(language, name, **{slot: phrase(words, "") for slot, words in slots.items()})
    return tuple("".join(part.text for part in whole).split())


_WRITTEN = frozenset({"label", "caption"})


def phrase(words: Iterable[str], fact: Any) -> Phrase:
    """Return words as one part."""
    text = " ".join(words)
    return (Part(text, fact, "label" if fact and fact[-1] in _WRITTEN else ""),) if text else ()


def word(language: Language, code: str, fact: Any) -> Phrase:
    """Return the word for a code, or nothing."""
    text = language.words.get(code)
    return own(text, fact) if text else ()


def words_of(found: Phrase) -> list[str]:
    """Return the single words of a phrase, in lower case."""
    return [word for part in found for word in part.text.lower().split()]


WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def styled(parts: Phrase, language: Language, style: Style) -> Phrase:
    """Write parts in Title Case (`title`) or sentence case (`sentence`), as the language has them.

    Each part still says which fact it came from.
    """
    last = len(parts) - 1
    done: list[Part] = []
    first, before = True, ""
    for place, part in enumerate(parts):
        ends = (first, place == last, before.isalnum() and part.text[:1].isalnum())
        write = _remembered if len(part.text) <= LONGEST else _written
        written, wordless = write(part, language, style, ends)
        done.append(written)
        first, before = first and wordless, part.text[-1:]
    return tuple(done)


def _written(part: Part, language: Language, style: Style, ends: tuple[bool, bool, bool]) -> tuple[Part, bool]:
    """Return a part in its case, and whether the name still waits for its first word.

    `ends`: whether it begins the name, whether it ends it, and whether it goes on the part before it without a blank.
    """
    first, last, glued = ends
    found = list(WORD.finditer(part.text))
    pieces, at = [], 0
    for place, word in enumerate(found):
        start, end = place == 0, place == len(found) - 1
        between = part.text[at : word.start()]
        if between == " " and not start and not part.kind:
            between = language.joint(found[place - 1][0], word[0])
            glued = not between
        pieces += [between, language.cased(word[0], Spot(part.kind, style, first and start, last and end, glued))]
        at, glued = word.end(), False
    return part._replace(text="".join(pieces) + part.text[at:]), not found


_remembered = lru_cache(maxsize=8192)(_written)
