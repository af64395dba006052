"""The rules of the check: what contradicts a query, what is invented, and what is missing that is essential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from .titles import GENERAL, NEUTRAL
from .vocabulary import Vocabulary, affirmed, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .evidence import Evidence
    from .titles import Title, Token

Level = Literal["strict", "contradiction", "off"]


class Refusal(NamedTuple):
    """One thing that is wrong with a title."""

    kind: Literal["form", "contradicted", "invented", "missing"]
    word: str
    """The word of the title; of what is missing, words of the query."""
    reason: str

    def __str__(self) -> str:
        return f"{self.word!r} {self.reason}"


_DIGITS = re.compile(r"\d+")
_TWICE = re.compile(r"\b(\w{2,40}) \1\b", re.IGNORECASE)
_HARMLESS = frozenset({NEUTRAL, GENERAL})
_COMPUTED = ("math.", "ratio", "running", "duration", "growth")
_OFTEN = ("kind.", "interval.", "time.")
_UNDIVIDED = frozenset({"series", "number", "funnel", "retention"})
_PLAIN = frozenset({"math.sum", "math.unique", "math.count", "math.any", "math.list", "math.group"})
"""What needs no word: that things are counted or added up."""
_INSTEAD = frozenset({"ratio", "per.actor"})
"""Other ways to say how something is counted."""
_MOST_NAMED = 3
_ONE_OF = 3
"""A title has one of so many words of what is measured at least."""


# Contradicted


def false_claims(title: Title, evidence: Evidence, level: Level) -> Iterator[Refusal]:
    """What is said of how it is counted, how often, of what kind it is, and is not so."""
    for token in title.tokens:
        codes = token.codes
        if not codes or codes & (_HARMLESS | evidence.claims) or token.is_spelt_out:
            continue
        if not _is_spelt(token, evidence) and not (level != "strict" and _may_hide(codes, evidence)):
            yield Refusal("contradicted", token.word, "is not what the query says")


def _is_spelt(token: Token, evidence: Evidence) -> bool:
    """Whether the query spells what a token says; how often is known where an interval is, or a part of a moment."""
    said = [part for part in token.stems if part not in evidence.language.small]
    if any(code.startswith("interval.") for code in token.codes) and evidence.meaning.interval:
        return False
    if any(code.startswith("time.") for code in token.codes):
        is_known = any(code.startswith("time.") and "_of_" in code for code in evidence.claims)
        return not is_known and any(split.holds(part) for split in evidence.splits for part in said)
    return all(map(evidence.words.holds, said))


def _may_hide(codes: frozenset[str], evidence: Evidence) -> bool:
    """Whether a claim may be true of what was not understood; the kind of a query and its interval are no part of that."""
    if any(code.startswith(("kind.", "interval.")) for code in codes):
        return False
    is_computed = any(code.startswith(_COMPUTED) for code in codes)
    return evidence.is_opaque or (bool(evidence.meaning.unread) and not is_computed)


def numbers(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """Numbers that do not stand in the query, or for something else."""
    for before, token in zip((None, *title.tokens), title.tokens, strict=False):
        for number in _DIGITS.findall("" if token.codes else token.word):
            if not evidence.has_number(number):
                yield Refusal("invented", token.word, "is a number that the query does not hold")
            elif before is not None and token.word == number and _is_for_else(number, before.codes, evidence):
                yield Refusal("contradicted", token.word, "stands in the query for something else")


def _is_for_else(number: str, codes: frozenset[str], evidence: Evidence) -> bool:
    meaning = evidence.meaning
    if "top" in codes and meaning.limit is not None:
        return number != str(meaning.limit)
    period = _DIGITS.findall(" ".join((*(meaning.period or ()), meaning.compare)))
    return "period" in codes and bool(period) and number not in period


def opposites(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """Words of conditions that hold for the opposite."""
    if not title.codes("not"):
        for token in title.tokens:
            if not token.codes and not evidence.opposites.isdisjoint(token.stems):
                yield Refusal("contradicted", token.word, "is the opposite of what the query says")


def breakdowns(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """What stands behind "by" and is not what the query breaks down by."""
    for before, behind in title.around("by"):
        said, word = title.content(behind), " ".join(token.word for token in behind)
        is_swapped = any(map(evidence.tells_split, title.content(before))) and any(map(evidence.tells_measure, said))
        if is_swapped and evidence.meaning.shape == "ranking":
            continue  # cities by parcels
        is_told = any(map(evidence.tells_split, said)) or (not is_swapped and evidence.fits_split(said))
        is_told = is_told or (not is_swapped and (_is_order(said, evidence) or not evidence.is_apart))
        if not said or is_told or title.codes("top") or (_is_moment(said, evidence) and not is_swapped):
            continue
        if evidence.splits and (is_swapped or not (evidence.is_opaque or evidence.is_by_event)):
            yield Refusal("contradicted", word, "is not what the query breaks down by")
        elif _is_undivided(evidence) and not _is_done_by(before, said, evidence):
            yield Refusal("contradicted", word, "is not what the query breaks down by: it breaks down by nothing")


def _is_undivided(evidence: Evidence) -> bool:
    is_one = not evidence.is_split and len(evidence.measures) <= 1
    return is_one and not evidence.is_opaque and evidence.meaning.shape in _UNDIVIDED


def _is_order(said: list[str], evidence: Evidence) -> bool:
    """Whether this says what rows are ordered by: indexes by size."""
    return bool(evidence.meaning.order) and any(map(evidence.words.supports, said))


def _is_moment(said: list[str], evidence: Evidence) -> bool:
    """Whether words say how often: by creation month."""
    unit = evidence.meaning.interval
    return bool(unit) and said[-1] == stem(unit, evidence.language)


def _is_done_by(before: list[Token], said: list[str], evidence: Evidence) -> bool:
    """Whether this says who or what did it: incidents caused by deployments."""
    is_done = bool(before) and evidence.language.is_participle(before[-1].word.lower())
    return is_done and all(map(evidence.words.holds, said))


def ranking(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """What is ranked in the title and is what the query ranks by: top parcels by city."""
    by = title.around("by")
    if title.codes("top") and any(map(evidence.tells_split, title.content(by[0][1]) if by else ())):
        said = [token for token in by[0][0] if not title.is_small(token) and not token.word.isdigit()]
        ranked = [token for token in said if "top" not in token.codes]
        if ranked and not any(map(evidence.tells_split, title.content(ranked))):
            yield Refusal("contradicted", ranked[0].word, "is not what the query ranks")


def order(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """Steps in the wrong order, paths that lead the wrong way."""
    steps = evidence.steps
    if evidence.meaning.shape == "paths":
        yield from _wrong_ends(title, evidence)
    elif len(steps) > 1:
        by = title.around("by")
        said = [token for token in (by[0][0] if by else title.tokens) if not title.is_small(token)]
        opening, closing = _places(said, steps[0], steps[-1]), _places(said, steps[-1], steps[0])
        if title.around("from") and not title.around("to"):  # orders from carts
            opening, closing = closing, opening
        if opening and closing and opening[0] > closing[-1]:
            yield Refusal("contradicted", said[closing[-1]].word, "stands in the place of another step")


def _places(said: Sequence[Token], step: Vocabulary, other: Vocabulary) -> list[int]:
    """Return where a title speaks of one step and not of the other."""
    for tells in (Vocabulary.holds, Vocabulary.supports):
        own = [any(tells(step, part) and not tells(other, part) for part in token.stems) for token in said]
        if any(own):
            return [at for at, is_own in enumerate(own) if is_own]
    return []


def _wrong_ends(title: Title, evidence: Evidence) -> Iterator[Refusal]:
    steps = zip(evidence.meaning.steps, evidence.steps, strict=True)
    ends = {step.role: words for step, words in steps}
    for role, own, other in (("from", "start", "end"), ("to", "end", "start")):
        for token in (token for _, behind in title.around(role) for token in behind):
            is_own = own in ends and any(map(ends[own].supports, token.stems))
            if other in ends and not is_own and any(map(ends[other].supports, token.stems)):
                yield Refusal("contradicted", token.word, "is the other end of the paths")


def repetition(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """A word that stands there twice in a row."""
    if (found := _TWICE.search(title.text)) is not None and found[1].lower() not in evidence.language.small:
        yield Refusal("form", found[1], "stands there twice in a row")


# Invented


def invented(title: Title, evidence: Evidence, level: Level) -> Iterator[Refusal]:
    """Words that nothing in the query supports: each of them if strict, else names and values, or most of a title."""
    plain = [at for at, token in enumerate(title.tokens) if token.is_plain and not title.is_small(token)]
    foreign = [title.tokens[at] for at in plain if not _is_supported(title, at, evidence)]
    is_most = len(foreign) * 2 > len(plain)
    for token in foreign:
        if level == "strict" or is_most:
            yield Refusal("invented", token.word, "is not in the query")
        elif not evidence.is_common(token.stems[0]):
            yield Refusal("invented", token.word, "is not in the query, and may be a name or a value")


def _is_supported(title: Title, at: int, evidence: Evidence) -> bool:
    token, words = title.tokens[at], evidence.words
    around = range(max(0, at - 1), min(at + 1, len(title.tokens) - 1))
    joined = {title.tokens[place].stems[-1] + title.tokens[place + 1].stems[0] for place in around}
    plain = affirmed(token.stems[0], evidence.language)
    return token.is_spelt_out or not joined.isdisjoint(words.stems) or any(map(words.supports, {*token.stems, plain}))


# Missing


def measure(title: Title, evidence: Evidence, level: Level) -> Iterator[Refusal]:
    """What is measured, or the steps of a funnel: one word of them."""
    measures = evidence.measures or evidence.steps
    claims = title.codes() & evidence.claims
    if not measures or any(_is_told(words, title, evidence, level) for words in measures):
        return
    is_actors = any(code.startswith("actors") for code in claims)
    is_ranking = "top" in claims and any(map(evidence.tells_split, title.stems))
    is_general = level != "strict" and title.codes(GENERAL) and any(code.startswith(_OFTEN) for code in claims)
    if not (is_actors or is_ranking or is_general or any(token.is_spelt_out for token in title.tokens)):
        yield Refusal("missing", _named(measures[0]), "is measured, and not said")


def _is_told(words: Vocabulary, title: Title, evidence: Evidence, level: Level) -> bool:
    """Whether a title has a word of a measure; of many that our own title says of it, as of a sentence, one tells nothing."""
    told = {part for part in title.stems if words.supports(part)}
    own = {part for part in evidence.own if level == "strict" and part.startswith(tuple(words.spelt))}
    return len(told) * _ONE_OF >= max(1, len(own))


def breakdown(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """What the query breaks down by."""
    if not evidence.splits or any(map(evidence.tells_split, title.stems)) or title.codes("top", "split"):
        return
    by = (*title.around("by"), *title.around("per"))
    is_fit = any(evidence.fits_split(title.content(behind)) for _, behind in by) or (bool(by) and not evidence.is_apart)
    if not is_fit and not (evidence.is_by_event and (by or title.is_joint)):
        yield Refusal("missing", _named(evidence.splits[0]), "is what the query breaks down by, and not said")


def population(title: Title, evidence: Evidence, _: Level) -> Iterator[Refusal]:
    """Which of the things measured: one of the conditions."""
    told = evidence.populations
    if told and not any(words.supports(part) for words in told for part in title.stems):
        yield Refusal("missing", _named(told[0]), "is a condition of the query, and not said")


def counting(title: Title, evidence: Evidence, level: Level) -> Iterator[Refusal]:
    """How the one measure is counted, and of whom."""
    if level != "strict" or len(evidence.measures) != 1:
        return
    wanted = {code for code in evidence.claims if code.startswith("math.")} - _PLAIN
    if wanted and not title.codes() & (wanted | _INSTEAD):
        yield Refusal("missing", min(wanted).partition(".")[2], "is how it is counted, and not said")
    actors = {code for code in evidence.claims if code.startswith(("actors", "first_time"))}
    if actors and not title.codes() & (actors | {"math.unique"}):
        yield Refusal("missing", evidence.language.words["actor.dau"], "is what is counted, and not said")


def _named(words: Vocabulary) -> str:
    return " or ".join(sorted(words.spelt, key=lambda word: (-len(word), word))[:_MOST_NAMED])


RULES = (
    repetition, false_claims, numbers, opposites, breakdowns, ranking, order, invented, measure, breakdown, population, counting,
)  # fmt: skip
