"""How a value is computed, in full: for the sentence beside a name, where nothing may be left out that a name leaves out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.query.meaning import (
    Aggregate,
    Case,
    Change,
    Column,
    Count,
    Entity,
    Opaque,
    Product,
    Ratio,
    Running,
    Sum,
    columns_in,
)

from .clauses import conditions_phrase, opaque_phrase
from .entities import entity_phrase
from .joint import enumerated
from .measures import label_of, measured_column, value_phrase
from .nouns import described
from .pieces import Phrase, fill, phrase, together, word, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Output, Value

    from .pieces import Origin

_MOST_PARTS = 3
_DONE = ("event", "action")
"""What may be called by what was done (booked a table): that is told as it is, not as a number of things."""


class Place(NamedTuple):
    """Where a value stands, and for whom it is written."""

    origin: Origin
    language: Language
    about: Entity | None
    """Whose columns stand alone."""

    def inside(self, *steps: str | int) -> Place:
        """Return the place of a value inside."""
        return self._replace(origin=(*self.origin, *steps))


def own_label(output: Output, language: Language) -> tuple[str, ...]:
    """Return what a person called an output, or the events that it counts; by what it is split is said elsewhere."""
    of = output.value.of if isinstance(output.value, Count) else None
    label = label_of(output, language) or (described(of.label, language) if of is not None and of.label else ())
    splits = language.identifiers.splits
    return label[: next((at for at, item in enumerate(label) if at and item.lower() in splits), len(label))]


def measured(output: Output, at: int, language: Language, about: Entity | None, *, where: bool = True) -> Phrase:
    """Return how a measure is computed, behind the author's name for it where that says more.

    `where` not, the conditions of its own are left to the sentence.
    """
    value = output.value
    if not where and isinstance(value, (Count, Aggregate)):
        value = value._replace(where=())
    found = computed(value, Place(("outputs", at, "value"), language, about))
    label = own_label(output, language)
    if not label:
        return found
    said, named = _stems(words_of(found), language), _stems(label, language)
    if found and named <= said:
        return found
    told = phrase(label, ("outputs", at, "label"))
    return (
        told if said - _computing(language) <= named else fill(language, "labelled", {"label": told, "measure": found})
    )


@lru_cache(maxsize=8)
def _computing(language: Language) -> set[str]:
    """Return the words that only say how something is computed."""
    return _stems(language.identifiers.aggregating | language.identifiers.counting, language)


def _stems(words: Iterable[str], language: Language) -> set[str]:
    return {language.stem(word.lower()) for word in words if word.lower() not in language.small}


def computed(value: Value, place: Place) -> Phrase:
    """Return how a value is computed, with the conditions of its own."""
    writer = _WRITERS.get(type(value))
    return writer(value, place) if writer is not None else value_phrase(value, place.origin, place.language)


def _count(value: Count, place: Place) -> Phrase:
    language = place.language
    plain = value._replace(where=(), of=value.of._replace(label=""))
    if isinstance(value.unit, Entity):
        found = _actors(plain, value.unit.name, place)
    elif value.unit is not None:
        found = fill(language, "unique", {"measure": value_phrase(plain, place.origin, language)})
    else:
        found = _things(plain.of, place) or word(language, "all", (*place.origin, "of"))
        if value.of.kind not in _DONE:
            found = fill(language, "number_of", {"measure": found})
    return _where(found, value, place)


def _actors(value: Count, code: str, place: Place) -> Phrase:
    actors = word(place.language, f"sentence.{code}", (*place.origin, "unit"))
    if not actors:
        return value_phrase(value, place.origin, place.language)
    return together(place.language, "actors", actors=actors, measure=_things(value.of, place))


def _things(entity: Entity, place: Place) -> Phrase:
    names = (entity.name, *entity.alternatives)
    found = [
        entity_phrase(entity._replace(name=name, alternatives=()), (*place.origin, "of"), place.language)
        for name in names
    ]
    return enumerated(found, place.language, joint="join.or", last="join.or")


def _aggregate(value: Aggregate, place: Place) -> Phrase:
    language = place.language
    if value.function == "sum" and isinstance(value.of, Column):
        found = measured_column(
            value.of, (*place.origin, "of"), language
        )  # the amounts themselves, not what they come to
    else:
        found = value_phrase(value._replace(where=()), place.origin, language)
    spoken = word(language, f"sentence.{value.function}", (*place.origin, "function"))
    if spoken and not set(words_of(spoken)) & set(words_of(found)):
        found = fill(language, "of", {"math": spoken, "measure": found})
    return _where(found, value, place)


def _where(found: Phrase, value: Count | Aggregate, place: Place) -> Phrase:
    own = conditions_phrase(value.where, (*place.origin, "where"), place.language, place.about)
    return together(place.language, "where", measure=found, filters=own) if found else ()


def _ratio(value: Ratio, place: Place) -> Phrase:
    language, top, bottom = place.language, value.top, value.bottom
    if isinstance(top, Count) and isinstance(bottom, Count) and bottom in (top, top._replace(where=())):
        things = value_phrase(bottom, (*place.origin, "bottom"), language)
        own = conditions_phrase(
            () if top == bottom else top.where, (*place.origin, "top", "where"), language, bottom.of
        )
        return together(language, "where", measure=fill(language, "share_of", {"first": things}), filters=own)
    upper, lower = computed(top, place.inside("top")), computed(bottom, place.inside("bottom"))
    return together(language, "divided", first=upper, second=lower)


def _running(value: Running, place: Place) -> Phrase:
    spoken = word(place.language, f"running.{value.function}", place.origin)
    return together(place.language, "of", math=spoken, measure=computed(value.of, place.inside("of")))


def _change(value: Change, place: Place) -> Phrase:
    of = computed(value.of, place.inside("of"))
    if value.since is None:
        return fill(place.language, "change", {"first": of}) if of else ()
    return together(place.language, "less", first=of, second=computed(value.since, place.inside("since")))


def _parts(joint: str) -> Callable[[Any, Place], Phrase]:
    def writer(value: Sum | Product, place: Place) -> Phrase:
        found = (computed(part, place.inside("parts", at)) for at, part in enumerate(value.parts))
        return enumerated(found, place.language, _MOST_PARTS, joint=joint, last=joint)

    return writer


def _case(value: Case, place: Place) -> Phrase:
    return opaque_phrase(Opaque("", tuple(columns_in(value))), place.origin, place.language, place.about)


def _opaque(value: Opaque, place: Place) -> Phrase:
    return opaque_phrase(value, place.origin, place.language, place.about)


_WRITERS: dict[type, Callable[[Any, Place], Phrase]] = {
    Count: _count, Aggregate: _aggregate, Ratio: _ratio, Running: _running, Change: _change, Sum: _parts("plus"),
    Product: _parts("times"), Case: _case, Opaque: _opaque,
}  # fmt: skip
