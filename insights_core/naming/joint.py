"""Several phrases as one: what they share is said once, what differs stands side by side."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from insights_core.language.en import ENGLISH
from insights_core.query.words import folded

from .nouns import described, outcomes
from .pieces import Phrase, fill, phrase, together, word, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

_MOST_LISTED = 3
_FEWEST_OF_AREA = 4
_LONGEST_DIFFERENCE = 2
_ARROW = "→"


def distinct(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return phrases without those that say the same as an earlier one."""
    found: dict[tuple[str, ...], Phrase] = {}
    for item in phrases:
        found.setdefault(tuple(words_of(item)), item)
    return [item for words, item in found.items() if words]


def enumerated(
    phrases: Iterable[Phrase],
    language: Language,
    most: int = 100,
    *,
    joint: str = "list.comma",
    last: str = "join.and",
    more: str = "join.more",
) -> Phrase:
    """Return the first of several phrases as an enumeration, each said once, and whether there are more."""
    found = distinct(list(phrases))
    parts: Phrase = ()
    for at, item in enumerate(found[:most]):
        parts = together(language, last if at == len(found) - 1 else joint, first=parts, second=item)
    return fill(language, more, {"first": parts}) if len(found) > most else parts


def joined(phrases: Sequence[Phrase], language: Language) -> Phrase:
    """Return two or three phrases as one, or what more of them share; nothing where they share no word."""
    if len(phrases) < 2:
        return phrases[0] if phrases else ()
    texts = [[item for part in found for item in part.text.split()] for found in phrases]
    origin = phrases[0][0].fact
    # What went wrong stands in front of its noun; to share the noun it goes behind.
    failed = outcomes(language)
    turned = [[*text[1:], text[0]] if text[0].lower() in failed else text for text in texts]
    factored = _factored(texts, origin, language) or _factored(turned, origin, language)
    if factored:
        return factored
    common = _common(texts, language) if len(phrases) > 2 else ()
    if common:
        return phrase(language.plural(common), origin)
    if len(phrases) > _MOST_LISTED:
        return ()
    name = {2: "list.two", 3: "list.three"}[len(phrases)]
    return fill(language, name, dict(zip(("first", "second", "third"), phrases, strict=False)))


def _factored(texts: Sequence[Sequence[str]], origin: object, language: Language) -> Phrase:
    """Say the words that two or three phrases begin and end with once, where what differs is short: signups vs logins failed."""
    head, tail = _shared(texts), _shared([text[::-1] for text in texts])
    middles = [text[head : len(text) - tail] for text in texts]
    if (
        not language.elides
        or len(texts) > _MOST_LISTED
        or not (head or tail)
        or not all(0 < len(middle) <= _LONGEST_DIFFERENCE for middle in middles)
    ):
        return ()
    stems = [item[:4].lower() for middle in middles for item in middle]
    if len(set(stems)) < len(stems):
        return ()
    slots = dict(zip(("first", "second", "third"), (phrase(middle, origin) for middle in middles), strict=False))
    listed = fill(language, "versus" if len(texts) == 2 else "list.three", slots)
    before, after = phrase(texts[0][:head], origin), phrase(texts[0][len(texts[0]) - tail :] if tail else (), origin)
    return fill(language, "around", {"before": before, "list": listed, "after": after})


def with_area(parts: Phrase, meaning: Meaning, language: Language) -> Phrase:
    """Put the area that more events than a name can list are of in front of what their measures share: dashboard loads."""
    events = [folded(source.name) for source in meaning.sources if source.kind == "event" and source.name]
    fewest = _FEWEST_OF_AREA if not parts else _FEWEST_OF_AREA - 1
    areas = {words[:1] for words in events}
    if len(events) < fewest or len(events) < len(meaning.sources) or len(areas) > 1 or areas == {()}:
        return parts
    area = described(events[0][0], language)
    said = language.singular(tuple(words_of(parts)))
    if not said or said == tuple(item.lower() for item in language.singular(area)):
        return together(language, "owned", owner=phrase(area, ("sources",)), noun=word(language, "all", ("sources",)))
    known = set(said) | set(language.singular(said))
    if area[0].lower() in known:
        return parts
    at = next((at for at, item in enumerate(said) if item not in language.mathematical), 0)
    words = "".join(part.text for part in parts).split()
    origin = parts[0].fact
    owned = together(language, "owned", owner=phrase(area, ("sources",)), noun=phrase(words[at:], origin))
    return together(language, "described", adjective=phrase(words[:at], origin), noun=owned)


def _shared(texts: Sequence[Sequence[str]]) -> int:
    count = 0
    for column in zip(*texts, strict=False):
        if len({item.lower() for item in column}) > 1:
            break
        count += 1
    return count


def _common(texts: Sequence[Sequence[str]], language: Language) -> tuple[str, ...]:
    """Return the words that are in all of the texts, in the order of the first."""
    sets = [{item.lower() for item in text} for text in texts[1:]]
    found = tuple(item for item in texts[0] if all(item.lower() in other for other in sets))
    speaks = any(item.lower() not in language.small and item.lower() not in language.mathematical for item in found)
    return found if speaks else ()


def listed(phrases: Sequence[Phrase], language: Language) -> Phrase:
    """Return phrases as an enumeration of two at most."""
    if len(phrases) < 2:
        return phrases[0] if phrases else ()
    return fill(language, "list.two", {"first": phrases[0], "second": phrases[1]})


def pair(left: Phrase, right: Phrase, language: Language) -> Phrase:
    """Join two measures; what both end or begin with is said once."""
    a, b = words_of(left), words_of(right)
    several = language.elides and len(a) > 1 and len(b) > 1
    if several and a[0] == b[0]:
        shorter = _without_first(right)
        if shorter and words_of(shorter)[0] not in language.small:
            right = shorter
    elif several and a[-1] == b[-1]:
        left = _without_last(left)
    return fill(language, "frame.pair", {"first": left, "second": right})


def _without_first(parts: Phrase) -> Phrase:
    first, *rest = parts
    left = first.text.split()[1:]
    head = (first._replace(text=" ".join(left)),) if left else ()
    behind = tuple(rest)
    if not head and behind and not behind[0].text.strip():
        behind = behind[1:]
    return (*head, *behind)


def _without_last(parts: Phrase) -> Phrase:
    *rest, last = parts
    left = last.text.split()[:-1]
    if left:
        return (*rest, last._replace(text=" ".join(left)))
    while rest and not rest[-1].text.strip():
        rest.pop()
    return tuple(rest)


def common_end(phrases: Sequence[Phrase]) -> Phrase:
    """Return the words that all measures end with: two or more, or one that is no general noun."""
    texts = [words_of(parts) for parts in phrases]
    size = 0
    while all(len(text) > size + 1 and text[-1 - size] == texts[0][-1 - size] for text in texts):
        size += 1
    if size < 1:
        return ()
    last = phrases[0]
    words = " ".join(part.text for part in last).split()[-size:]
    return phrase(words, ("outputs",))


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
    words = Counter(re.findall(r"[^\W_]+", text.lower().replace(_ARROW, to)))
    del words[from_]
    joints = re.findall(rf",(?: {beside}\b)?|\b{beside}\b|\b{against}\b", text.lower())
    del words[beside], words[against]
    # The last of several is joined by a word.
    return words, len(joints), bool(joints) and joints[-1] != ","


def _joints(language: Language) -> tuple[str, str]:
    """Return what stands between two things that are set against each other, and side by side."""
    against, beside = (language.patterns[code].format(first="", second="") for code in ("versus", "list.two"))
    return against, beside
