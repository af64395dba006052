"""Other ways to say a name that the rules wrote: its own words, in another order or joined otherwise.

Whoever reads well can choose among them; what they say is as true as the draft, and each is held against the facts all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from insights_core.language.en import ENGLISH

from .draft import compose
from .verify import verify

if TYPE_CHECKING:
    from insights_core.facts.types import Facts
    from insights_core.language.protocol import Language

_THINGS = ("measures[0].entity", "measures[0].label", "measures[0].of")
_ARROW = " → "
_BRACKETED = re.compile(r"(.{1,400}) \(([^()]{1,400})\)")


def variants(text: str, facts: Facts, *, language: Language = ENGLISH) -> list[str]:
    """Return the other ways to say a draft that pass the check; none where it can be said in one way only.

    >>> from insights_core.facts import describe
    >>> query = {"kind": "FunnelsQuery", "series": [{"event": "cart_viewed"}, {"event": "order_placed"}]}
    >>> variants("Cart Viewed → Order Placed Funnel", describe(query))
    ['Cart Viewed to Order Placed Funnel']
    """
    found = {text: None, _with_detail_inside(text, facts, language): None}
    for change in (_list_first, _kind_first, _participle_first, _pair_joined, _arrow_in_words, _said_once):
        found.update(dict.fromkeys([changed for name in found if (changed := change(name, language))]))
    return [name for name in found if name not in ("", text) and not verify(name, facts, language=language)]


def has_words_of(name: str, draft: str, *, language: Language = ENGLISH) -> bool:
    """Tell whether a name has all words of a draft as they are there, and no other, and is joined as often; in any order.

    An arrow is the word for it. What stands side by side may do so with a comma, and what leads somewhere from somewhere.

    >>> has_words_of("Closed Tickets by Hub", "Tickets Closed by Hub"), has_words_of("Visit Order", "Visit → Order")
    (True, False)
    """
    return _words_and_joints(name, language) == _words_and_joints(draft, language)


def _words_and_joints(text: str, language: Language) -> tuple[Counter[str], int, bool]:
    to, from_ = language.words["role.to"], language.words["role.from"]
    against, beside = (joint.strip() for joint in _joints(language))
    words = Counter(re.findall(r"[^\W_]+", text.lower().replace(_ARROW.strip(), to)))
    del words[from_]
    joints = re.findall(rf",(?: {beside}\b)?|\b{beside}\b|\b{against}\b", text.lower())
    del words[beside], words[against]
    # The last of several is joined by a word.
    return words, len(joints), bool(joints) and joints[-1] != ","


def _with_detail_inside(text: str, facts: Facts, language: Language) -> str:
    """Return a name with the filter that stands behind it in brackets in front of what it narrows: average mobile load time.

    Not of one thing among several, and not what something is not: not done issues.
    """
    bracketed = _BRACKETED.fullmatch(text)
    parts = compose(facts, (), language, "title").parts
    details = {part.text.lower() for part in parts if part.fact.startswith("filters[")}
    kept_out = language.patterns["excluding"].partition("{")[0]
    if not bracketed or bracketed[2].lower() not in details or bracketed[2].lower().startswith(kept_out):
        return ""
    name, detail = bracketed.groups()
    if not _is_of_one(name, language):
        return ""
    things = (part.text.lower() for part in parts if part.fact in _THINGS)
    at = max(0, name.lower().find(next(things, "")))
    return f"{name[:at]}{detail} {name[at:]}"


def _joints(language: Language) -> tuple[str, str]:
    """Return what stands between two things that are set against each other, and side by side."""
    against, beside = (language.patterns[code].format(first="", second="") for code in ("versus", "list.two"))
    return against, beside


def _is_of_one(text: str, language: Language) -> bool:
    return not any(joint in text for joint in (*_joints(language), ", ", _ARROW))


def _arrow_in_words(text: str, language: Language) -> str:
    """Return what leads from one thing to another in words; three in a row read better with arrows."""
    to = language.words["role.to"]
    lead, colon, steps = text.rpartition(": ")
    if steps.count(_ARROW) != 1 or to in steps.lower().split():
        return ""
    return lead + colon + steps.replace(_ARROW, f" {to} ")


def _pair_joined(text: str, language: Language) -> str:
    """Return what is set against each other side by side: new and returning players."""
    against, beside = _joints(language)
    return text.replace(against, beside) if text.count(against) == 1 and beside not in text else ""


def _list_first(text: str, language: Language) -> str:
    """Return the word for a list in front: list of incidents."""
    ending = language.patterns["table.rows"].partition("[")[0].format(measure="")
    name, found, rest = text.rpartition(ending.title()) if ending.title() in text else text.rpartition(ending)
    listed = language.patterns["list.of"].format(measure=name)
    return f"{listed[:1].upper()}{listed[1:]}{rest}" if found and name and (not rest or rest.startswith(" (")) else ""


def _kind_first(text: str, language: Language) -> str:
    """Return the word for a funnel in front of more steps than two: funnel: visit → cart → order."""
    kind = f" {language.words['kind.funnel']}"
    at = text.lower().find(kind)
    if text.count(_ARROW) < 2 or at < text.rfind(_ARROW):
        return ""
    word = text[at + 1 : at + len(kind)]
    return f"{word[:1].upper()}{word[1:]}: {text[:at]}{text[at + len(kind) :]}"


def _participle_first(text: str, language: Language) -> str:
    """Return what was done in front of what it was done to: closed tickets."""
    words = text.split(" ")
    end = next(
        (at for at, word in enumerate(words) if word.lower() in language.small or word.startswith("(")), len(words)
    )
    if end < 2 or not _is_of_one(text, language) or not language.is_participle(words[end - 1].lower()):
        return ""
    return " ".join([words[end - 1], *words[: end - 1], *words[end:]])


def _said_once(text: str, language: Language) -> str:
    """Return a name without the words that a phrase begins with where the one before it ends with them: films by film views."""
    words = text.split(" ")
    roots = [language.stem(word.lower()) for word in words]
    for at, word in enumerate(words):
        if word.lower() in language.small:
            for size in range(min(at, len(words) - at - 2), 0, -1):
                after = words[at + 1 + size]
                again = roots[at - size : at] == roots[at + 1 : at + 1 + size]
                if again and after.lower() not in language.small and not after.startswith("("):
                    return " ".join(words[: at + 1] + words[at + 1 + size :])
    return ""
