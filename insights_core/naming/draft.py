"""The rules' name: from facts to a name and a sentence beside it, without a model, in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.adapter import fact_of
from insights_core.query.meaning import Meaning

from .choose import ranked
from .clean import PREFERRED, clean, cut
from .english import ENGLISH
from .frames import candidates
from .pieces import WORD, Part, Phrase, fill, required_slots, styled, word
from .plans import Plan, plan_for
from .sentences import sentence
from .simplify import simplified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Facts

    from .language import Language

# What goes first when a name is too long: the least distinguishing.
_OPTIONAL = ("filter", "limit", "interval", "trend", "subject")
_LAST = ("breakdown",)
_LONGEST_DETAILS = 60


class Draft(NamedTuple):
    """A name made by the rules."""

    name: str
    parts: Phrase
    """The pieces of the name, in order, each with the fact that it came from."""
    facts: Facts
    language: Language
    style: str

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
        parts = styled((Part(name, ""),), self.language, self.style)
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
    """Name facts; `details`, where there are any, stand in brackets at the end and are never dropped."""
    if facts.meaning is not None:
        return _chosen(facts, details, language, style)
    plan = plan_for(facts, language)
    if details:
        plan.slots.pop("filter", None)
        ending = _bracketed(details, language, style)
        room = PREFERRED - sum(len(part.text) for part in ending)
        parts = (*_fitted(plan, language, style, max(room, PREFERRED // 2)), *ending)
    else:
        parts = _fitted(plan, language, style, PREFERRED)
    name = clean("".join(part.text for part in parts))
    if not name:
        kind = f"kind.{facts.kind}" if f"kind.{facts.kind}" in language.words else "kind.other"
        parts = styled(word(language, kind, "kind"), language, style)
        name = clean("".join(part.text for part in parts))
    return Draft(name, parts, facts, language, style)


def _chosen(facts: Facts, details: Phrase, language: Language, style: str) -> Draft:
    """Name a meaning by the best of its candidates; what tells it from others stands in brackets instead of its own."""
    meaning = simplified(facts.meaning) if facts.meaning is not None else Meaning()
    titles = ranked(candidates(meaning, language), language)
    if details:
        titles = [item for item in titles if not {"detail", "details"} & set(item[1].kinds)] or titles
    kind = f"kind.{meaning.shape}" if f"kind.{meaning.shape}" in language.words else "kind.sql"
    chosen = titles[0][1].parts if titles else word(language, kind, "kind")
    parts = styled(tuple(Part(part.text, fact_of(part.fact, meaning)) for part in chosen), language, style)
    ending = _bracketed(details, language, style) if details else ()
    room = max(PREFERRED - sum(len(part.text) for part in ending), PREFERRED // 2)
    parts = (*_cut(parts, room if details else PREFERRED, language), *ending)
    name = clean("".join(part.text for part in parts))
    return Draft(name or clean(language.words["kind.sql"]), parts, facts, language, style)


def _bracketed(details: Phrase, language: Language, style: str) -> Phrase:
    short = _cut(styled(details, language, style), _LONGEST_DETAILS, language)
    return fill(language.patterns["details"], {"details": short})


def _fitted(plan: Plan, language: Language, style: str, longest: int) -> Phrase:
    """Fill the pattern with as much as fits; the least distinguishing goes first, words are cut last."""
    slots = dict(plan.slots)
    pattern = language.patterns[plan.pattern]
    parts = styled(fill(pattern, slots), language, style)
    if sum(len(part.text) for part in parts) <= longest:
        return parts
    required = {name for names in required_slots(pattern) for name in names}
    briefer: list[tuple[str, Phrase]] = [(name, ()) for name in _OPTIONAL if name not in required]
    briefer += plan.shorter.items()
    briefer += [(name, ()) for name in _LAST if name not in required]
    for name, instead in briefer:
        if slots.get(name):
            slots[name] = instead
            parts = styled(fill(pattern, slots), language, style)
            if sum(len(part.text) for part in parts) <= longest:
                return parts
    return _cut(parts, longest, language)


def _cut(parts: Phrase, longest: int, language: Language) -> Phrase:
    """Cut a name between words, and never behind one that leads on to the next: `and`, `by`."""
    text = cut("".join(part.text for part in parts), longest)
    while text.rpartition(" ")[2].lower() in language.small and " " in text:
        text = cut(text, len(text) - 1)
    kept, left = [], len(text)
    for part in parts:
        if left <= 0:
            break
        kept.append(Part(part.text[:left], part.fact))
        left -= len(part.text)
    return tuple(kept)
