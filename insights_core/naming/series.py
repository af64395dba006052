"""Several measures as one phrase: what they share is said once, what differs stands side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.types import Condition

from .conditions import with_adjective
from .nouns import described, plural, property_noun
from .pieces import SPACE, Part, Phrase, fill, phrase, word, words_of
from .subjects import ACTOR_MATHS, COUNTS, measure_phrase, rated_phrase, singular_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.facts.types import Facts, Measure

    from .language import Language


class Subject(NamedTuple):
    """What a query measures, and what it is split by without being broken down: series that differ in one filter."""

    measure: Phrase
    by: Phrase = ()


_QUOTIENT = re.compile(r"[(\s]*+([A-Z])[\s)]*+/[(\s]*+([A-Z])[\s)]*+(\*\s*+100(?:\.0*+)?)?\s*+")
_SHARE = re.compile(
    r"[(\s]*+([A-Z])[\s)]*+/\s*+\(\s*+([A-Z])\s*+\+\s*+([A-Z])\s*+\)[\s)]*+(?:\*\s*+100(?:\.0*+)?)?\s*+"
)


def subject(facts: Facts, language: Language) -> Subject:
    """Return what the query measures."""
    if not facts.measures:
        return Subject(())
    if facts.formulas:
        named = _formula(facts, language)
        if named:
            return Subject(named)
    if len(facts.measures) == 1:
        measure = facts.measures[0]
        found = measure_phrase(measure, "measures[0]", language)
        counted = measure.math in COUNTS and measure.over is None
        if not counted:
            return Subject(found)
        return Subject(with_adjective(facts.filters, "filters", found, language, only_synonyms=bool(measure.label)))
    split_by = _split_by_filter(facts, language)
    if split_by is not None:
        return split_by
    maths = _maths(facts, language)
    if maths:
        return Subject(maths)
    measures = _unpivoted(facts.measures)
    phrases = [measure_phrase(measure, f"measures[{place}]", language) for place, measure in enumerate(measures)]
    return Subject(joined(_distinct(phrases), language))


def _maths(facts: Facts, language: Language) -> Phrase:
    """Name series that differ only by their aggregation: load time P75/P90/P99."""
    first = facts.measures[0]
    bare = {measure._replace(math="avg", label="") for measure in facts.measures}
    spoken = [language.words.get(f"math.{measure.math}", "") for measure in facts.measures]
    if len(bare) > 1 or not first.of or not all(spoken) or len(set(spoken)) < len(spoken):
        return ()
    noun = measure_phrase(first._replace(math="sum", label=""), "measures[0]", language)
    return (*noun, *SPACE, Part("/".join(spoken), "measures"))


def _unpivoted(measures: Sequence[Measure]) -> Sequence[Measure]:
    """See one measure in the columns of a pivot, each of which has a name of its own and computes the same of other rows."""
    inner = {dict(measure.extras).get("inner_label", "") for measure in measures}
    keys = {tuple(getattr(item, "key", "") for item in measure.filters) for measure in measures}
    bare = {measure._replace(label="", extras=(), filters=()) for measure in measures}
    label = inner.pop()
    if len(measures) < 3 or len(bare) > 1 or inner or len(keys) > 1 or not (label or keys.pop()):
        return measures
    return [measures[0]._replace(label=label, extras=(), filters=())]


def _distinct(phrases: Sequence[Phrase]) -> list[Phrase]:
    found: dict[tuple[str, ...], Phrase] = {}
    for item in phrases:
        found.setdefault(tuple(words_of(item)), item)
    return [item for words, item in found.items() if words]


def _formula(facts: Facts, language: Language) -> Phrase:
    """Name a formula: as its author did, as a rate, or as this per that."""
    formula, label = facts.formulas[0]
    if label:
        return phrase(described(label, language), "formulas[0]")
    if len(facts.formulas) > 1:
        return ()
    quotient, share = _QUOTIENT.fullmatch(formula), _SHARE.fullmatch(formula)
    found = share or quotient
    if not found:
        return ()
    top, bottom = (ord(letter) - ord("A") for letter in found.groups()[:2])
    if max(top, bottom) >= len(facts.measures):
        return ()
    upper, lower = (measure_phrase(facts.measures[at], f"measures[{at}]", language) for at in (top, bottom))
    if share or (quotient and quotient[3]) or facts.display == "BoldNumber":
        return fill(language.patterns["rate"], {"first": rated_phrase(upper, language)})
    if facts.measures[bottom].math in ACTOR_MATHS and not facts.measures[bottom].label:
        code = f"actor.{facts.measures[bottom].math}"
        lower = word(language, code, f"measures[{bottom}].math") or lower
    return fill(language.patterns["per"], {"first": upper, "second": singular_phrase(lower, language)})


def _split_by_filter(facts: Facts, language: Language) -> Subject | None:
    """See a breakdown in series of one event that differ only by the value of one property."""
    first = facts.measures[0]
    keys = set()
    for measure in facts.measures:
        if measure._replace(filters=(), label="") != first._replace(filters=(), label="") or len(measure.filters) != 1:
            return None
        condition = measure.filters[0]
        if not isinstance(condition, Condition) or condition.operator != "exact":
            return None
        keys.add(condition.key)
    if len(keys) != 1 or len(facts.measures) < 3:
        return None
    key = phrase(property_noun(keys.pop(), language), "measures[0].filters[0].key")
    return Subject(measure_phrase(first._replace(filters=(), label=""), "measures[0]", language), key)


def joined(phrases: Sequence[Phrase], language: Language) -> Phrase:
    """Return phrases as one: what they share once, what differs side by side."""
    if len(phrases) < 2:
        return phrases[0] if phrases else ()
    texts = [[item for part in found for item in part.text.split()] for found in phrases]
    facts = ", ".join(dict.fromkeys(part.fact for found in phrases for part in found if part.fact != "pattern"))
    factored = _factored(texts, facts, language)
    if factored:
        return factored
    common = _common(texts, language) if len(phrases) > 2 else ()
    if common:
        return phrase(plural(common, language), facts)
    name = {2: "list.two", 3: "list.three"}.get(len(phrases), "list.more")
    return fill(language.patterns[name], dict(zip(("first", "second", "third"), phrases, strict=False)))


def _factored(texts: Sequence[Sequence[str]], facts: str, language: Language) -> Phrase:
    """Say the words that two or three phrases begin and end with once, where what differs is short: signups vs logins failed."""
    head, tail = shared_words(texts), shared_words([text[::-1] for text in texts])
    middles = [text[head : len(text) - tail] for text in texts]
    if len(texts) > 3 or not (head or tail) or not all(0 < len(middle) <= 2 for middle in middles):
        return ()
    stems = [item[:4].lower() for middle in middles for item in middle]
    if len(set(stems)) < len(stems):
        return ()
    slots = dict(zip(("first", "second", "third"), (phrase(middle, facts) for middle in middles), strict=False))
    listed_ = fill(language.patterns["versus" if len(texts) == 2 else "list.three"], slots)
    before, after = phrase(texts[0][:head], facts), phrase(texts[0][len(texts[0]) - tail :] if tail else (), facts)
    return (*before, *(SPACE if before else ()), *listed_, *(SPACE if after else ()), *after)


def shared_words(texts: Sequence[Sequence[str]]) -> int:
    """Count the words that all begin with."""
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
    return (
        found
        if any(item.lower() not in language.small and item.lower() not in language.mathematical for item in found)
        else ()
    )


def listed(phrases: Sequence[Phrase], language: Language) -> Phrase:
    """Return phrases as an enumeration of two at most."""
    if len(phrases) < 2:
        return phrases[0] if phrases else ()
    return fill(language.patterns["list.two"], {"first": phrases[0], "second": phrases[1]})


__all__ = ["Part", "Subject", "joined", "listed", "subject"]
