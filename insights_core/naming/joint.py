"""Several phrases as one: what they share is said once, what differs stands side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query.words import folded

from .nouns import described, outcomes
from .pieces import Phrase, fill, phrase, together, word, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

_MOST_LISTED = 3
_FEWEST_OF_AREA = 4
_LONGEST_DIFFERENCE = 2


def distinct(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return phrases without those that say the same as an earlier one."""
    found: dict[tuple[str, ...], Phrase] = {}
    for item in phrases:
        found.setdefault(tuple(words_of(item)), item)
    return [item for words, item in found.items() if words]


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
    if len(events) < fewest or len(events) < len(meaning.sources) or len({words[0] for words in events}) > 1:
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
