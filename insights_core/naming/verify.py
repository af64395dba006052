"""A name against the facts: its form, whether all that it says comes from the query, and whether the essential is there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from insights_core.facts.adapter import fact_of, facts_of
from insights_core.facts.types import Breakdown, Condition, Facts, Group, Measure
from insights_core.language.en import ENGLISH
from insights_core.query.meaning import Period as MeantPeriod
from insights_core.query.words import folded

from .claims import NEUTRAL, Token, conditions, is_opposite, meanings, read, roots, true_claims
from .clauses import period_phrase
from .clean import LONGEST, clean
from .conditions import adjective, is_synonym
from .details import conditions_phrase
from .nouns import event_noun, label_noun, property_noun, table_noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning

    from .pieces import Phrase

_NO_NOUNS = (".math", ".key")
"""What the rules write of a measure beside the thing itself: how it is counted, and what its series differ in."""
_ONE_OF = 3
"""A name has one of so many words of what is measured at least."""
ACTOR_MATHS = ("dau", "weekly_active", "monthly_active", "unique_session", "unique_group")
_DIGITS = re.compile(r"\d+")
_SEQUENCES = frozenset({"funnel", "retention"})
_LEADING = frozenset({"funnel", "retention", "paths"})
_COUNTED = ("actors", "actors.session", "actors.group")
# What a name has to say where the rules say it: how things are counted, and of whom.
_TELLING = (
    *("math.avg", "math.min", "math.max", "math.median", "math.p75", "math.p90", "math.p95", "math.p99"),
    *("math.stddev", "math.variance", "first_time", "ratio", "per.actor", *_COUNTED),
)
# Another way to say it: a ratio is what falls on one, and that is an average.
_INSTEAD = {
    "actors": ("actors.day", "actors.week", "actors.month", "math.unique"),
    "ratio": ("math.avg", "kind.funnel"),
    "per.actor": ("math.avg",),
    "math.avg": ("per.actor",),
}
_CODES = {Measure: {"source", "math"}, Condition: {"operator", "scope"}, Breakdown: {"scope"}, Group: {"operator"}}
"""Fields whose texts are ours, not the query's."""
_OWN = frozenset({"kind", "interval", "display", "unread", "order", "measures", "meaning"})
_CONDITION = re.compile(r"filters\[|conditions\[|\bwhere\b")
"""Where a part of a draft comes from that only a condition says."""


def verify(text: str, meaning: Meaning, *, language: Language = ENGLISH) -> list[str]:
    """Return what is wrong with a name for this meaning, one line each; nothing where it is fine.

    Every word has to come from the query or from the published tables (`language.en.claims`, the synonyms) for a fact of it,
    every number from the query; and what `SEMANTICS` calls essential has to stand in its place.
    """
    problems = _form(text)
    if text.strip():
        judge = _Judge(text, _facts(meaning), language)
        problems += [*judge.foreign(), *judge.missing(), *judge.misplaced()]
    return problems


@lru_cache(maxsize=256)
def _facts(meaning: Meaning) -> Facts:
    return facts_of(meaning)


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


class _Known(NamedTuple):
    """What is known of facts, whatever name is held against them."""

    parts: Phrase
    drafted: tuple[Token, ...]
    licensed: frozenset[str]
    opposites: frozenset[str]
    """Words of conditions that hold for the opposite, and of nothing else."""
    claims: frozenset[str]


@lru_cache(maxsize=256)
def _known(facts: Facts, language: Language) -> _Known:
    from insights_core.query.meaning import Meaning

    from .draft import compose

    made = compose(facts.meaning or Meaning(), (), language, "title")
    parts = tuple(part._replace(fact=fact_of(part.fact, made.simplified)) for part in made.parts)
    draft = "".join(part.text for part in parts)
    opposed = {id(condition) for condition, negated in conditions(facts) if is_opposite(condition, negated=negated)}
    opposites: set[str] = set()
    licensed = set(language.small).union(
        *(roots(part.text, language) for part in parts if not _CONDITION.search(part.fact))
    )
    for found, condition in _texts(facts):
        (opposites if id(condition) in opposed else licensed).update(_roots(found, language))
    for condition, _ in conditions(facts):
        for noun in (False, True):
            licensed.update(*(roots(part.text, language) for part in adjective(condition, "", language, noun=noun)))
    told = conditions_phrase([item for item, _ in conditions(facts)], "", language)
    joining = (part for part in told if part.fact == "pattern")
    licensed.update(
        *(
            roots(part.text, language)
            for part in (*joining, *period_phrase(MeantPeriod(*facts.period) if facts.period else None, language))
        )
    )
    opposites -= licensed
    licensed |= roots(draft, language)
    drafted = read(draft, language)
    claims = true_claims(facts) | {code for token in drafted for code in meanings(language).get(token.root, ())}
    return _Known(parts, drafted, frozenset(licensed), frozenset(opposites), claims)


class _Judge:
    """One name, held against the facts."""

    def __init__(self, text: str, facts: Facts, language: Language) -> None:
        self._text = text
        self._facts = facts
        self._language = language
        self._known = _known(facts, language)
        self._said = read(text, language)
        meant = meanings(language)
        self._claimed = {code for token in self._said for code in meant.get(token.root, ())}
        self._roots = [part for token in self._said for part in token.root.split()]
        self._words = roots(text, language).union(self._roots)

    def foreign(self) -> list[str]:
        """Return what is said that is not so."""
        known, meant = self._known, meanings(self._language)
        problems = []
        for token in dict.fromkeys(self._said):
            if token.root in known.opposites and "not" not in self._claimed:
                problems.append(f"{token.word!r} is the opposite of what the query says")
            elif token.claim == NEUTRAL or self._is_licensed(token) or token.root in known.opposites:
                continue
            elif token.claim:
                if not meant[token.root] & known.claims:
                    problems.append(f"{token.word!r} is not what the query says")
            else:
                problems.append(f"{token.word!r} is not in the query")
        return problems + self._wrong_numbers()

    def _is_licensed(self, token: Token) -> bool:
        licensed = self._known.licensed
        return (
            token.root in licensed
            or all(part in licensed for part in token.root.split())
            or (not token.claim and all(part in licensed for part in folded(token.word)))
        )

    def _wrong_numbers(self) -> list[str]:
        """Return numbers that stand in the query, but for something else."""
        period = set(_DIGITS.findall(" ".join((*(self._facts.period or ()), self._facts.compare))))
        limit = set() if self._facts.limit is None else {str(self._facts.limit)}
        right = {"period": period, "top": limit}
        return [
            f"{number.word!r} stands in the query for something else"
            for before, number in zip(self._said, self._said[1:], strict=False)
            if number.word.isdigit() and before.claim in right and number.word not in right[before.claim]
        ]

    def missing(self) -> Iterator[str]:
        """Yield what the name must tell and does not."""
        yield from self._missing_counting()
        for part in self._known.parts:
            adjectives = (part._replace(text=part.text.lower()),)
            if "filters[" not in part.fact or not is_synonym(adjectives, self._language):
                continue
            if not (roots(part.text, self._language) | self._positive()) & self._words:
                yield f"{part.text!r} is missing"
        yield from list(self._missing_heads()) or self._missing_measures()
        yield from self._missing_splits()

    def _missing_counting(self) -> Iterator[str]:
        meant = meanings(self._language)
        of_actors = any(measure.math in ACTOR_MATHS for measure in self._facts.measures)
        for token in self._known.drafted:
            telling = meant.get(token.root, frozenset()) & set(_TELLING if of_actors else _TELLING[: -len(_COUNTED)])
            instead = (other for code in telling for other in _INSTEAD.get(code, ()))
            if telling and not self._claimed & {*telling, *instead} and not ("ratio" in telling and self._at("per")):
                yield f"how it is counted ({token.word}) is missing"
                break

    def _missing_splits(self) -> Iterator[str]:
        for part in self._known.parts:
            if part.fact.startswith("measures[") and part.fact.endswith(".key"):
                told = roots(part.text, self._language) - self._language.small
                if (told - self._told(0) or told).isdisjoint(self._words):
                    yield f"what the series differ in ({part.text.lower()}) is missing"
        for item, written in self._breakdowns():
            if not self._tells(item, written, self._said) or self._is_told_by_the_measure(written):
                yield f"the breakdown ({item.label or item.key}) is missing"

    def _is_told_by_the_measure(self, told: frozenset[str]) -> bool:
        """Whether a breakdown has no word that the measure has not, and nothing in the name splits by it."""
        measured = frozenset().union(*(self._told(place) for place in range(len(self._facts.measures))))
        return told <= measured and not told & (self._behind("by") | self._behind("per")) and "top" not in self._claimed

    def _positive(self) -> frozenset[str]:
        """Return the words of the properties that something is, and not those that it is not."""
        found: frozenset[str] = frozenset()
        for condition, negated in conditions(self._facts):
            if not is_opposite(condition, negated=negated):
                found |= _roots(condition.key, self._language)
        return found

    def _missing_heads(self) -> Iterator[str]:
        """Yield the nouns of events and tables that the rules write and the name leaves out: syncs, of syncs completed."""
        if self._facts.kind in _SEQUENCES:
            return
        counted = {f"measures[{at}].entity" for at, item in enumerate(self._facts.measures) if not item.of}
        for part in self._known.parts:
            if part.fact not in counted or self._facts.formulas:
                continue
            nouns = [word for word in part.text.split() if not self._language.is_participle(word)]
            if nouns and roots(nouns[-1], self._language).isdisjoint(self._words):
                yield f"{nouns[-1].lower()!r} is missing"

    def _missing_measures(self) -> Iterator[str]:
        ends = range(len(self._facts.measures))
        sequence = self._facts.kind in _SEQUENCES and len(ends) > 1
        for place in (0, ends[-1]) if sequence else ends:
            own = self._own(place)
            written = own & self._written(f"measures[{place}]", but=_NO_NOUNS) or own
            # One word of many tells nothing: whoever named an event may have made a sentence of it.
            if own and len(own & self._words) * _ONE_OF < len(written):
                measure = self._facts.measures[place]
                yield f"{measure.label or measure.of or measure.entity or 'what is measured'} is missing"

    def _own(self, place: int) -> frozenset[str]:
        """Return the words of which a name must have one to tell a measure; none where the rules do not name it."""
        told = self._told(place)
        others = (self._told(at) for at in range(len(self._facts.measures)) if at != place)
        own = told.difference(*others)
        return own if own & self._written(f"measures[{place}]", but=_NO_NOUNS) else told

    def _told(self, place: int) -> frozenset[str]:
        """Return the words that tell of a measure: what it is of rather than what it is made on."""
        written = self._written(f"measures[{place}]", but=_NO_NOUNS)
        if not written:
            return frozenset()
        measure = self._facts.measures[place]
        named = _all_roots(self._language, measure.label, measure.of)
        if not named & written:
            named |= written | _all_roots(self._language, measure.entity, *measure.alternatives)
        return named - self._language.small

    def misplaced(self) -> Iterator[str]:
        """Yield what stands in the place of something else."""
        drafted = [part for token in self._known.drafted for part in token.root.split()]
        said = read(self._text.partition("(")[0], self._language)
        for token in dict.fromkeys(said):
            joins = token.claim == NEUTRAL or token.root in self._language.small
            if not joins and said.count(token) > max(1, drafted.count(token.root)):
                yield f"{token.word!r} stands there too often"
        if self._facts.kind in _SEQUENCES and len(self._facts.measures) > 1 and self._is_reversed():
            yield "its steps stand in the wrong order"
        if self._facts.kind == "paths":
            yield from self._wrong_way()
        if self._facts.kind not in _LEADING and self._at("to") and not self._drafts("to"):
            yield "nothing in the query leads from one thing to another"
        yield from self._wrong_split()
        yield from self._wrong_divisor()

    def _is_reversed(self) -> bool:
        first, last = self._own(0), self._own(len(self._facts.measures) - 1)
        opening = [place for place, word in enumerate(self._roots) if word in first - last]
        closing = [place for place, word in enumerate(self._roots) if word in last - first]
        if self._at("from") and not self._at("to") and not self._drafts("from"):  # orders after carts
            opening, closing = closing, opening
        return bool(opening and closing) and opening[0] > closing[-1]

    def _wrong_way(self) -> Iterator[str]:
        for role, where in (("from", self._facts.start), ("to", self._facts.end)):
            behind = self._behind(role)
            if behind and not _all_roots(self._language, where) & behind:
                yield f"the paths do not lead {role} there"

    def _wrong_split(self) -> Iterator[str]:
        by = self._at("by")
        behind = self._behind("by") | self._behind("per")
        cohorts = (text for text, condition in _texts(self._facts) if condition and condition.scope == "cohort")
        values = _all_roots(self._language, *cohorts)
        if by and not self._facts.breakdowns and not self._drafts("by") and not behind <= values | self._language.small:
            yield "nothing in the query is broken down"
        ranked = "top" in self._claimed
        for item, written in self._breakdowns():
            if not (by or self._at("per")):
                continue
            there = [token for token in self._said if not behind or set(token.root.split()) & behind]
            if not ranked and behind and not self._tells(item, written, there):
                yield "what is measured and what it is broken down by have changed places"
                break
            before = [token for token in self._said if token not in there]
            # The top events by country: what is ranked is a breakdown too.
            split = self._tells(item, written, there) and any(self._tells(*one, before) for one in self._breakdowns())
            if ranked and behind and not (split or self._tells(item, written, before) or self._tells_measure(there)):
                yield "what is ranked and what it is ranked by have changed places"
                break

    def _tells_measure(self, tokens: Sequence[Token]) -> bool:
        words = {part for token in tokens for part in token.root.split()}
        return any(self._own(place) & words for place in range(len(self._facts.measures)))

    def _wrong_divisor(self) -> Iterator[str]:
        behind = self._behind("per")
        if not behind or self._drafts("per"):
            divisors = self._divisors()
            if behind and divisors and not behind & divisors:
                yield "what is divided and what it is divided by have changed places"
            return
        allowed = self._divisors()
        for item in self._facts.breakdowns:
            allowed |= _all_roots(self._language, item.key, item.label, item.table)
        if not behind & allowed:
            yield "nothing in the query falls on one of these"

    def _divisors(self) -> frozenset[str]:
        """Return the words of what something is divided by, and of what it is broken down by."""
        found: set[str] = set()
        for part, after in zip(self._known.drafted, self._known.drafted[1:], strict=False):
            if part.root == self._language.words.get("role.per"):
                found.update(after.root.split())
        for item in self._facts.breakdowns:
            found |= _all_roots(self._language, item.key, item.label, item.table)
        if any("/" in formula for formula, _ in self._facts.formulas) and len(self._facts.measures) > 1:
            measure = self._facts.measures[1]
            found |= _all_roots(self._language, measure.entity, measure.of, measure.label)
            found |= self._written("measures[1]")
        for measure in self._facts.measures:
            if measure.over is not None:
                over = measure.over
                found |= _all_roots(self._language, over.entity, over.of, over.label)
        return frozenset(found)

    def _breakdowns(self) -> Iterator[tuple[Breakdown, frozenset[str]]]:
        """Yield each breakdown that the rules name, with the words of which a name must have one to tell it."""
        measured = frozenset().union(*(self._told(place) for place in range(len(self._facts.measures))))
        for place, item in enumerate(self._facts.breakdowns):
            if written := self._written(f"breakdowns[{place}]"):
                told = written | _all_roots(self._language, item.key, item.label)
                yield item, (told - measured if written - measured else told)

    def _tells(self, item: Breakdown, told: frozenset[str], tokens: Sequence[Token]) -> bool:
        if item.scope == "time":
            codes = {f"interval.{item.key}", f"time.{item.key}"}
            if any(codes & meanings(self._language).get(token.root, frozenset()) for token in tokens):
                return True
            return any(token.root in told for token in tokens if not token.claim)
        words = {part for token in tokens for part in token.root.split()}
        return bool(told & words)

    def _written(self, fact: str, but: tuple[str, ...] = ()) -> frozenset[str]:
        """Return the roots that the rules write for a fact; none where they leave it unsaid."""
        found = (
            roots(part.text, self._language)
            for part in self._known.parts
            if part.fact.startswith(fact) and not part.fact.endswith(but)
        )
        return frozenset().union(*found) - self._language.small

    def _drafts(self, role: str) -> bool:
        return any(token.root == self._language.words.get(f"role.{role}") for token in self._known.drafted)

    def _at(self, role: str) -> list[int]:
        return [at for at, token in enumerate(self._said) if token.root == self._language.words.get(f"role.{role}")]

    def _behind(self, role: str) -> frozenset[str]:
        """Return the roots behind the last such word, up to the next word that joins."""
        found = self._at(role)
        if not found:
            return frozenset()
        words: list[str] = []
        for token in self._said[found[-1] + 1 :]:
            if words and token.root in self._language.small and token.root != "and":
                break
            words += token.root.split()
        return frozenset(words) - self._language.small


def _all_roots(language: Language, *texts: str) -> frozenset[str]:
    return frozenset().union(*(_roots(text, language) for text in texts if text)) - language.small


@lru_cache(maxsize=8192)
def _roots(text: str, language: Language) -> frozenset[str]:
    """Return the roots of an identifier: as it is spelt, and of all that the rules make of it."""
    spelt = (folded(text), *(noun(text, language) for noun in (event_noun, property_noun, label_noun, table_noun)))
    found = roots(text, language).union(*(roots(" ".join(words), language) for words in spelt))
    return found | set(_DIGITS.findall(text))


def _texts(value: object, condition: Condition | None = None) -> Iterator[tuple[str, Condition | None]]:
    """Yield every text and number that stands in the query, with the condition that it is of."""
    if isinstance(value, str):
        yield value, condition
    elif isinstance(value, Facts):
        for name, field in zip(value._fields, value, strict=True):
            if name not in _OWN or name == "measures":
                yield from _texts(field, condition)
    elif isinstance(value, tuple):
        codes = _CODES.get(type(value), set())
        names = value._fields if hasattr(value, "_fields") else ("",) * len(value)
        inner = value if isinstance(value, Condition) else condition
        for name, field in zip(names, value, strict=True):
            if name not in codes:
                yield from _texts(field, inner)
    elif isinstance(value, (int, float)):
        yield str(value).lower(), condition
