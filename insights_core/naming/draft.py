"""The rules' name: from a meaning to a name and a sentence beside it, without a model, in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.language.en import ENGLISH

from .candidates import candidates
from .choose import ranked
from .clean import PREFERRED, clean, cut
from .pieces import WORD, Part, Phrase, fill, styled, word
from .sentence import sentence
from .simplify import simplified
from .slots import IN_BRACKETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

    from .candidates import Title
    from .pieces import Origin

_LONGEST_DETAILS = 60


class Draft(NamedTuple):
    """A name made by the rules."""

    name: str
    parts: Phrase
    """The pieces of the name, in order, each with its place in the simplified meaning."""
    meaning: Meaning
    language: Language
    style: str
    details: Phrase = ()
    """What tells it from its siblings, in brackets behind it."""

    @property
    def simplified(self) -> Meaning:
        """The meaning as the name tells it: what the parts' places lead into."""
        return simplified(self.meaning)

    def origins(self) -> list[tuple[str, str]]:
        """Return the words of the name, each with its place in the simplified meaning: `outputs[0].value.of`."""
        return [(part.text, _spelt(part.fact)) for part in self.parts]

    def considered(self, most: int = 4) -> list[tuple[str, float, str]]:
        """Return the best names that were considered: what each is worth, and what it was filled with.

        The first is the one that was chosen, unless it had to be told from a sibling.
        """
        found: dict[str, tuple[float, str]] = {}
        for worth, title in _titles(self.meaning, (), self.language):
            text = clean("".join(part.text for part in styled(title.parts, self.language, self.style)))
            found.setdefault(text, (worth, ", ".join((title.frame, *title.kinds))))
        return [(text, worth, filled) for text, (worth, filled) in list(found.items())[:most]]

    def titles(self, most: int = 3) -> tuple[str, ...]:
        """Return other names that were considered, the best first, which tell of all that this one tells of."""
        told = _told(self.parts)
        found: dict[str, None] = {}
        for _, title in _titles(self.meaning, self.details, self.language):
            if told <= _told((*title.parts, *self.details)):
                found[_written(title.parts, self.details, self.language, self.style)[0]] = None
        found.pop(self.name, None)
        return tuple(found)[:most]

    def in_style(self, name: str) -> str:
        """Return another name for the same in this one's case; words that both have are spelt as here.

        One that is in lower case throughout was meant so.
        """
        if name == name.lower():
            return name
        words = WORD.findall(self.name)
        # The first word of a sentence is large for its place alone: where it moves, it is small.
        own = words[1:] if self.style == "sentence" and words and words[0][1:].islower() else words
        spelt = {word.lower(): word for word in own}
        parts = styled((Part(name, "", "label"),), self.language, self.style)
        plain = (WORD.sub(lambda found: spelt.get(found[0].lower(), found[0]), part.text) for part in parts)
        text = "".join(plain)
        return text[:1].upper() + text[1:] if self.name[:1].isupper() else text

    @property
    def description(self) -> str:
        """One sentence of at most 200 characters; it says what the name leaves out."""
        return sentence(self.meaning, self.language)


def draft(
    meaning: Meaning, *, language: Language = ENGLISH, style: str = "title", siblings: Sequence[Meaning] = ()
) -> Draft:
    """Name what a query means; the same meaning always gets the same name.

    Args:
        meaning: what was read from a query.
        language: the tables to write with.
        style: `title` for Title Case, `sentence` for sentence case.
        siblings: further meanings that the name has to be told from, as in `name_all`.
    """
    if siblings:
        from .siblings import name_all

        return name_all([meaning, *siblings], language=language, style=style)[0]
    return compose(meaning, (), language, style)


def compose(meaning: Meaning, details: Phrase, language: Language, style: str) -> Draft:
    """Name a meaning by the best of its candidates; `details`, where there are any, stand in brackets at the end."""
    title = next((title for _, title in _titles(meaning, details, language)), None)
    kind = word(language, _kind(meaning, language), ("shape",))
    name, parts = _written(title.parts if title is not None else kind, details, language, style)
    if not name:
        name, parts = _written(kind, (), language, style)
    return Draft(name, parts, meaning, language, style, details)


def _titles(meaning: Meaning, details: Phrase, language: Language) -> Iterator[tuple[float, Title]]:
    """Yield the candidates, the best first; what tells from siblings stands in place of other brackets."""
    titles = ranked(candidates(simplified(meaning), language), language)
    bare = [item for item in titles if IN_BRACKETS.isdisjoint(item[1].kinds)] if details else titles
    yield from bare or titles


def _told(parts: Phrase) -> set[tuple[str | int, ...]]:
    """Return what of a meaning a title tells of: which outputs, steps and conditions."""
    return {part.fact[:2] for part in parts if isinstance(part.fact, tuple) and len(part.fact) > 1}


def _written(chosen: Phrase, details: Phrase, language: Language, style: str) -> tuple[str, Phrase]:
    """Return a title in its case, cut to its length, as a text and as parts."""
    parts = styled(chosen, language, style)
    parts = _bracketed(parts, details, language, style) if details else _cut(parts, PREFERRED, language)
    return clean("".join(part.text for part in parts)), parts


def _spelt(origin: Origin | str) -> str:
    if isinstance(origin, str):
        return origin
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in origin).lstrip(".")


def _kind(meaning: Meaning, language: Language) -> str:
    own = f"kind.{meaning.shape}"
    return own if own in language.words else "kind.sql" if meaning.format == "sql" else "kind.other"


def _bracketed(parts: Phrase, details: Phrase, language: Language, style: str) -> Phrase:
    """Return a name with details in brackets; it is cut to what they leave of the room, half of it at least."""
    slots = {"measure": (), "details": _cut(styled(details, language, style), _LONGEST_DETAILS, language)}
    taken = sum(len(part.text) for part in fill(language, "details", slots))
    return fill(language, "details", slots | {"measure": _cut(parts, max(PREFERRED - taken, PREFERRED // 2), language)})


def _cut(parts: Phrase, longest: int, language: Language) -> Phrase:
    """Cut a name between words, and never behind one that leads on to the next: `and`, `by`."""
    whole = "".join(part.text for part in parts)
    text = cut(whole, longest)
    while text.rpartition(" ")[2].lower() in language.small and " " in text:
        text = cut(text, len(text) - 1)
    if text == whole:
        return parts
    kept, left = [], len(text)
    for part in parts:
        if left <= 0:
            break
        kept.append(part._replace(text=part.text[:left]))
        left -= len(part.text)
    return tuple(kept)
