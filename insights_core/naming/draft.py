"""The rules' name: from facts to a name and a sentence beside it, without a model, in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.adapter import fact_of
from insights_core.language.en import ENGLISH
from insights_core.query.meaning import Meaning

from .candidates import candidates
from .choose import ranked
from .clean import PREFERRED, clean, cut
from .pieces import WORD, Part, Phrase, fill, styled, word
from .sentences import sentence
from .simplify import simplified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Facts
    from insights_core.language.protocol import Language

_LONGEST_DETAILS = 60


class Draft(NamedTuple):
    """A name made by the rules."""

    name: str
    parts: Phrase
    """The pieces of the name, in order, each with the fact that it came from."""
    facts: Facts
    language: Language
    style: str

    def considered(self, most: int = 4) -> list[tuple[str, float, str]]:
        """Return the best names that were considered: what each is worth, and what it was filled with.

        The first is the one that was chosen, unless it had to be told from a sibling.
        """
        meaning = simplified(self.facts.meaning) if self.facts.meaning is not None else Meaning()
        found: dict[str, tuple[float, str]] = {}
        for worth, title in ranked(candidates(meaning, self.language), self.language):
            text = clean("".join(part.text for part in styled(title.parts, self.language, self.style)))
            found.setdefault(text, (worth, ", ".join((title.frame, *title.kinds))))
        return [(text, worth, filled) for text, (worth, filled) in list(found.items())[:most]]

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
        return sentence(self.facts, self.language)


def draft(facts: Facts, *, language: Language = ENGLISH, style: str = "title", siblings: Sequence[Facts] = ()) -> Draft:
    """Name what facts describe; the same facts always get the same name.

    Args:
        facts: what was read from a query.
        language: the tables to write with.
        style: `title` for Title Case, `sentence` for sentence case.
        siblings: further facts that the name has to be told from, as in `name_all`.
    """
    if siblings:
        from .family import name_all

        return name_all([facts, *siblings], language=language, style=style)[0]
    return compose(facts, (), language, style)


def compose(facts: Facts, details: Phrase, language: Language, style: str) -> Draft:
    """Name a meaning by the best of its candidates; `details`, where there are any, stand in brackets at the end."""
    meaning = simplified(facts.meaning) if facts.meaning is not None else Meaning()
    titles = [title for _, title in ranked(candidates(meaning, language), language)]
    if details:
        # What tells it from others stands in the brackets, in place of what would stand there.
        titles = [title for title in titles if not {"detail", "details"} & set(title.kinds)] or titles
    chosen = titles[0].parts if titles else word(language, _kind(meaning, language), "kind")
    parts = styled(tuple(part._replace(fact=fact_of(part.fact, meaning)) for part in chosen), language, style)
    parts = _bracketed(parts, details, language, style) if details else _cut(parts, PREFERRED, language)
    name = clean("".join(part.text for part in parts))
    if not name:
        parts = styled(word(language, _kind(meaning, language), "kind"), language, style)
        name = clean("".join(part.text for part in parts))
    return Draft(name, parts, facts, language, style)


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
    text = cut("".join(part.text for part in parts), longest)
    while text.rpartition(" ")[2].lower() in language.small and " " in text:
        text = cut(text, len(text) - 1)
    kept, left = [], len(text)
    for part in parts:
        if left <= 0:
            break
        kept.append(part._replace(text=part.text[:left]))
        left -= len(part.text)
    return tuple(kept)
