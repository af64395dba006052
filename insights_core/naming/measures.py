"""What a value is called: a noun with its aggregation, the author's label where that speaks."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Case,
    Change,
    Column,
    Constant,
    Count,
    Duration,
    Extreme,
    Opaque,
    Product,
    Ratio,
    Running,
    Sum,
    inner_values,
)
from insights_core.query.words import LONGEST, folded, split

from .entities import entity_phrase, entity_words, owner_words
from .nouns import (
    described,
    event_step,
    outcomes,
    property_noun,
    same,
    tidied,
)
from .pieces import Origin, Part, Phrase, bent, fill, phrase, together, word, worded, words_of
from .populations import adjectives, entity_ending, own_ending, per_second

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Entity, Output, Value

Words = tuple[str, ...]
_MOST_PARTS = 2
_CODE = re.compile(r"[a-z]{1,2}\d*+|\W*+|__\w*+|_?col_?\d*+|expr\w*+|column\d*+|f\d_?", re.IGNORECASE)


def is_blank(label: str, language: Language) -> bool:
    """Whether a label says nothing but that something is counted or computed: `n`, `value`, `total_count`, `avg`."""
    if _CODE.fullmatch(label) and label.lower() not in language.acronyms:
        return True
    words = [item.lower() for item in split(label)]
    return all(
        item in language.identifiers.blank or item in language.identifiers.aggregating or item.isdigit()
        for item in words
    )


def label_of(output: Output, language: Language) -> Words:
    """Return the author's own words for an output: the outermost name that speaks."""
    for label in reversed(output.labels):
        if not is_blank(label, language) and _readable(label):
            if known := language.known.get(label.lower()):
                return tuple(known.split())
            bare = label.partition(" (")[0]
            label = bare if label.endswith(")") and not is_blank(bare, language) else label  # noqa: PLW2901
            words = described(per_second(label, language), language)
            # Of what is added up the amount is the noun, of what is counted it says nothing.
            silent = language.identifiers.counting - (frozenset() if isinstance(output.value, Count) else _AMOUNTS)
            words = tidied(_uncounted(words, silent, language), language)
            if words and words[0].lower() not in language.small:
                return words
    return ()


_AMOUNTS = frozenset({"amount"})


def _uncounted(words: Words, silent: frozenset[str], language: Language) -> Words:
    """Drop the words at either end that only say that something is counted: number of orders, order count."""
    first, last = 0, len(words)
    while first < last - 1 and words[first].lower() in silent:
        first += 1
    while last > first + 1 and words[last - 1].lower() in silent:
        last -= 1
    kept = words[first:last]
    low = [item.lower() for item in kept]
    for at in range(len(low) - 2):
        if low[at] in language.identifiers.numbers and low[at + 1] in language.identifiers.totals:
            return (*kept[:at], *kept[at + 2 :])
    return kept


def _readable(label: str) -> bool:
    """Whether a label is written in an alphabet that names are written in."""
    letters = [char for char in label if char.isalpha()]
    return not letters or sum(char < "\u0250" for char in letters) * 2 > len(letters)


def _plural_label(label: Words, language: Language) -> Words:
    """Put a label into the plural, unless one of its words is there already: submissions today."""
    if any(
        len(item) > 3
        and item.lower().endswith("s")
        and not item.lower().endswith("ss")
        and language.singular((item,)) != (item,)
        for item in label
    ):
        return label
    return language.plural(label)


def measure_phrase(output: Output, place: int, language: Language, *, owned: bool = True) -> Phrase:
    """Return what an output measures, as people say it; `owned` by its entity where the label alone says too little."""
    make = _remembered if _is_plain(output) else _measure_phrase
    return make(output, place, language, owned)


def _is_plain(output: Output) -> bool:
    """Whether what is made of an output may be kept: a project asks for the same few all day.

    Only counts without values, since to a cache 1 and True are one, and only short ones.
    """
    value = output.value
    return (
        isinstance(value, Count)
        and not value.where
        and len(value.of.name) + len(value.of.label) + sum(map(len, output.labels)) <= LONGEST
        and not value.of.alternatives
        and not isinstance(value.unit, Column)
    )


def _measure_phrase(output: Output, place: int, language: Language, owned: bool) -> Phrase:  # noqa: FBT001
    origin = ("outputs", place)
    value = output.value
    label = label_of(output, language)
    if not label or _says_who(label, value, language):
        return value_phrase(value, (*origin, "value"), language)
    return _labelled(label, value, origin, language, owned=owned)


_remembered = lru_cache(maxsize=4096)(_measure_phrase)


def _says_who(label: Words, value: Value, language: Language) -> bool:
    """Whether a label only says that users are counted, and not what they did."""
    if not isinstance(value, Count) or value.unit is None or isinstance(value.unit, Column) or value.of.kind != "event":
        return False
    plain = value.of.name.lower() in language.identifiers.plain_events
    return not plain and same(label, tuple(language.words["actors.users"].split()))


def _labelled(label: Words, value: Value, origin: Origin, language: Language, *, owned: bool) -> Phrase:
    low = [item.lower() for item in label]
    lead: Phrase = ()
    spoken = _spoken(value, origin, language)
    if spoken and not set(words_of(spoken)) & set(low) and not set(low) & language.identifiers.aggregating:
        lead = spoken
    things = entity_words(value.of, language) if isinstance(value, Count) else ()
    described_ = low[-1].endswith(language.identifiers.label_endings) and len(low) == 1 and not _overlaps(things, low)
    if isinstance(value, Count) and described_ and things:
        adjective = phrase(label, (*origin, "label"))
        return together(language, "described", adjective=adjective, noun=phrase(things, (*origin, "value", "of")))
    if isinstance(value, Count) and not value.unit:
        label = (
            _plural_label(label, language) if low[-1] not in language.identifiers.generic and not described_ else label
        )
    said = phrase(label, (*origin, "label"))
    owner = _owner(value)
    content = [item for item in low if item not in language.identifiers.aggregating and item not in language.small]
    generic = bool(content) and content[-1] in language.identifiers.generic and len(content) <= _MOST_PARTS
    event = owner is not None and owner.kind in ("event", "action")
    if owned and owner is not None and (not content or (generic and not event)):
        subject = tuple(item for item in entity_words(owner, language, number="singular") if item.lower() not in low)[
            -_MOST_PARTS:
        ]
        if subject and not _overlaps(subject, content):
            at = next((at for at, item in enumerate(low) if item not in language.identifiers.aggregating), 0)
            owner_phrase, noun = phrase(subject, (*origin, "value", "of")), phrase(label[at:], (*origin, "label"))
            said = together(language, "owned", owner=owner_phrase, noun=noun)
            said = together(language, "of", math=phrase(label[:at], (*origin, "label")), measure=said)
    return together(language, "of", math=lead, measure=said)


def _overlaps(left: Words, right: list[str]) -> bool:
    stems = {item.lower().rstrip("s")[:5] for item in left}
    return bool(stems & {item.rstrip("s")[:5] for item in right})


def _spoken(value: Value, origin: Origin, language: Language) -> Phrase:
    if isinstance(value, Running):
        return word(language, f"running.{value.function}", (*origin, "value"))
    if isinstance(value, Aggregate) and value.function not in ("sum", "any", "list", "group"):
        if value.function in ("max", "min") and isinstance(value.of, Column):
            return ()
        return word(language, f"math.{value.function}", (*origin, "value", "function"))
    return ()


def _owner(value: Value | None) -> Entity | None:
    """Return the entity that a value is about."""
    if isinstance(value, Count):
        return value.of
    if isinstance(value, Column):
        return value.of
    if isinstance(value, Ratio):
        return _owner(value.bottom) or _owner(value.top)
    for inner in inner_values(value):
        found = _owner(inner)
        if found is not None and found.name:
            return found
    return None


def value_phrase(value: Value | None, origin: Origin, language: Language) -> Phrase:
    """Return a value without a label, as people say it."""
    writer: Callable[[Any, Origin, Language], Phrase] | None = _WRITERS.get(type(value))
    return writer(value, origin, language) if writer is not None else ()


def _count(value: Count, origin: Origin, language: Language) -> Phrase:
    things = entity_phrase(value.of, (*origin, "of"), language)
    unit = value.unit
    lead = adjectives(value.where, (*origin, "where"), value.of, language)
    ending = own_ending(value.where, (*origin, "where"), value.of, language)
    if value.of.label and not isinstance(unit, Column):
        return phrase(_plural_label(described(value.of.label, language), language), (*origin, "of", "label"))
    if unit is None:
        noun = things or word(language, "all", (*origin, "of"))
        return together(language, "details", measure=_joined(lead, noun, language), details=ending)
    if isinstance(unit, Column):
        noun = phrase(language.plural(_column_words(unit, language, bare_entity=True)), (*origin, "unit"))
        if value.of.kind == "event" and things and not same(tuple(words_of(noun)), tuple(words_of(things))):
            return fill(language, "actors", {"actors": noun, "measure": _joined(lead, things, language)})
        return together(language, "details", measure=_joined(lead, noun, language), details=ending)
    actors = _actors(value, unit.name, _joined(lead, things, language), origin, language)
    return together(language, "details", measure=actors, details=ending)


def _actors(value: Count, code: str, things: Phrase, origin: Origin, language: Language) -> Phrase:
    if code != "first_time" and (value.of.name.lower() in language.identifiers.plain_events or not things):
        key = {"dau": "visitors" if value.of.name else "dau", "unique_group": "active_group"}.get(code, code)
        return word(language, f"actors.{key}", (*origin, "unit"))
    if code == "first_time":
        plain = value.of.name.lower() in language.identifiers.plain_events or not things
        measure = word(language, "actors.new", (*origin, "unit")) if plain else things
        return fill(language, "first_time", {"measure": measure})
    actors = word(language, "actors.users" if code == "dau" else f"actors.{code}", (*origin, "unit"))
    return fill(language, "actors", {"actors": actors, "measure": things})


def _joined(lead: Phrase, noun: Phrase, language: Language) -> Phrase:
    """Return a noun with the adjectives that it does not hold already."""
    known = set(words_of(noun))
    for part in reversed(lead):
        if part.text.strip() and not set(part.text.lower().split()) <= known:
            noun = together(language, "described", adjective=(part,), noun=noun)
    return noun


def column_words(column: Column, language: Language) -> Words:
    """Return what a column is called: the author's label, else its name, with its entity where that says too little."""
    return _column_words(column, language)


def _column_words(column: Column, language: Language, *, bare_entity: bool = False) -> Words:
    for label in reversed(column.labels):
        if not is_blank(label, language) and not all(item in language.identifiers.naming for item in folded(label)):
            # Kept as the author wrote it, but for ids and the marks of keys.
            return tidied(property_noun(label, language), language)
    words = property_noun(column.name, language)
    low = [item.lower() for item in words]
    owner = owner_words(column.of, language)
    if all(item in language.identifiers.naming for item in low) and owner:
        return owner
    if (
        len(low) == 1
        and low[0] in language.identifiers.attributive
        and owner
        and not bare_entity
        and low[0] not in [item.lower() for item in owner]
    ):
        return worded(language, "owned", owner=owner, noun=words)
    return tidied(words, language)


def _column(value: Column, origin: Origin, language: Language) -> Phrase:
    return phrase(column_words(value, language), origin)


def measured_column(value: Value, origin: Origin, language: Language) -> Phrase:
    """Return the thing that is summed or averaged, with its entity in front where the column alone says little."""
    if not isinstance(value, Column):
        return value_phrase(value, origin, language)
    words = column_words(value, language)
    low = [item.lower() for item in words]
    if value.name.lower() in language.known:
        return phrase(words, origin)
    if done := _done_with(words, value.of, language):
        return phrase(done, (*origin, "of"))
    content = [item for item in low if item not in language.identifiers.counting]
    if len(content) == _MOST_PARTS and content[0] in language.identifiers.timed and folded(value.name)[-1] not in low:
        content = content[:1]  # load_ms says no more than the load
    owner = owner_words(value.of, language)[-_MOST_PARTS:]
    single = (
        len(content) <= 1
        and not (content and language.is_participle(content[0]))
        and not (set(content) & language.identifiers.telling)
    )
    owner = tuple(item for item in owner if not _overlaps((item,), low))
    if single and owner and value.of is not None and value.of.kind != "function":
        return together(language, "owned", owner=phrase(owner, (*origin, "of")), noun=phrase(words, origin))
    return phrase(words, origin)


def _done_with(words: Words, event: Entity | None, language: Language) -> Words:
    """Return an event that says of a property what was done with it: seats that are selected."""
    things = entity_words(event, language) if event is not None and event.kind == "event" else ()
    if not things or not language.is_participle(things[-1]):
        return ()
    same_things = same(language.singular(words), language.singular(language.thing(things)))
    return things if same_things else ()


def _aggregate(value: Aggregate, origin: Origin, language: Language) -> Phrase:
    of = value.of
    function = value.function
    lead = adjectives(value.where, (*origin, "where"), _owner(of), language)
    ending = own_ending(value.where, (*origin, "where"), _owner(of), language)
    if isinstance(of, Count) and function not in ("sum", "max", "min", "list", "any") and value.per:
        counted = value_phrase(of, (*origin, "of"), language)
        spoken = word(language, f"math.{function}", (*origin, "function"))
        if f"interval.{value.per}" in language.words:
            each = word(language, f"interval.{value.per}", (*origin, "per"))
            every = together(language, "described", adjective=each, noun=counted)
            return together(language, "of", math=spoken, measure=every)
        per = (
            word(language, "actor.dau", (*origin, "per"))
            if value.per == "user"
            else phrase(language.singular(property_noun(value.per, language)), (*origin, "per"))
        )
        top = together(language, "of", math=spoken, measure=counted)
        return fill(language, "per", {"first": top, "second": per}) if per else top
    if function in ("min", "max") and isinstance(of, Column) and is_moment(of, language):
        things = entity_phrase(of.of, (*origin, "of", "of"), language, number="singular")
        code = "extreme.last" if function == "max" else "extreme.first"
        what = phrase(
            language.action(
                tuple(
                    item
                    for item in property_noun(of.name, language)
                    if item.lower() not in language.identifiers.moments
                )
            ),
            (*origin, "of"),
        )
        return together(
            language,
            "described",
            adjective=word(language, code, (*origin, "function")),
            noun=together(language, "owned", owner=things, noun=what),
        )
    noun = _revenue(value, (*origin, "of"), language) or measured_column(of, (*origin, "of"), language)
    spoken = word(language, f"math.{function}", (*origin, "function"))
    inner = _joined(lead, noun, language)
    if not spoken or set(words_of(spoken)) <= set(words_of(noun)):
        return together(language, "details", measure=inner, details=ending)
    said = fill(language, "of", {"math": spoken, "measure": inner})
    return together(language, "details", measure=said, details=ending)


def _revenue(value: Aggregate, origin: Origin, language: Language) -> Phrase:
    """Return what the amounts of payments add up to: revenue, with whose payments they are in front."""
    of = value.of
    if value.function != "sum" or not isinstance(of, Column) or of.labels or of.of is None or of.of.kind != "event":
        return ()
    event = folded(of.of.name)
    known = language.identifiers
    paid = known.payments & set(event) and (known.received & set(event) or len(event) == 1)
    if not paid or not set(folded(of.name)) - known.units <= known.money or not set(folded(of.name)) & known.money:
        return ()
    named = [item for item in event if item not in known.received]
    whose = phrase(named if set(named) - known.payments else (), (*origin, "of"))
    return together(language, "owned", owner=whose, noun=word(language, "revenue", origin))


def is_moment(column: Column, language: Language) -> bool:
    """Whether a column holds a moment, by its name."""
    words = folded(column.name)
    return bool(words) and words[-1] in language.identifiers.moments


def _ratio(value: Ratio, origin: Origin, language: Language) -> Phrase:
    top, bottom = value.top, value.bottom
    if (
        isinstance(top, Count)
        and isinstance(bottom, Count)
        and top.of == bottom.of
        and (top.unit == bottom.unit or top.where)
    ):
        return _share(top, bottom, origin, language)
    upper = value_phrase(top, (*origin, "top"), language)
    lower = value_phrase(bottom, (*origin, "bottom"), language)
    if not upper or not lower:
        return upper or lower
    if (isinstance(bottom, Sum) and top in bottom.parts) or _of_one_thing(top, bottom, language):
        return fill(language, "rate", {"first": rated_phrase(upper, language)})
    if same(tuple(words_of(upper)), tuple(words_of(lower))):
        return fill(language, "share_of", {"first": upper})
    return fill(language, "per", {"first": upper, "second": _one_of(bottom, lower, origin, language)})


def _of_one_thing(top: Value, bottom: Value, language: Language) -> bool:
    """Whether two things happen to the same: emails bounced of emails sent."""
    both = (top, bottom)
    if not all(isinstance(item, Count) and item.of.kind == "event" and not item.of.label for item in both):
        return False
    steps = [event_step(item.of.name, language) for item in both if isinstance(item, Count) and item.unit is None]
    if len(steps) < len(both) or not all(steps):
        return False
    return all(map(language.is_participle, (step[-1] for step in steps))) and same(*map(language.thing, steps))


def _share(top: Count, bottom: Count, origin: Origin, language: Language) -> Phrase:
    """Return the part of things that meets a condition: the rate of what the condition says, else a share."""
    things = entity_phrase(bottom.of, (*origin, "bottom", "of"), language, number="singular")
    if isinstance(bottom.unit, Column):
        things = phrase(language.singular(_column_words(bottom.unit, language)), (*origin, "bottom", "unit"))
    lead = adjectives(top.where, (*origin, "top", "where"), top.of, language, every=True)
    if lead:
        noun = language.rates.get(lead[0].text.lower())
        rate = (Part(noun, lead[0].fact),) if noun else ()
        rated = together(language, "owned", owner=things, noun=rate) if rate else _joined(lead[:1], things, language)
        return fill(language, "rate", {"first": rated})
    without = entity_ending(top.where, (*origin, "top", "where"), None, language)
    if without:
        several = phrase(language.plural(tuple(words_of(things))), (*origin, "bottom", "of"))
        return fill(language, "share_of", {"first": together(language, "ended", measure=several, ending=without)})
    return fill(language, "share", {"first": things})


def _one_of(bottom: Value, lower: Phrase, origin: Origin, language: Language) -> Phrase:
    """Return one of what a ratio has below: an actor, or the thing without what was done to it."""
    if (
        isinstance(bottom, Count)
        and bottom.unit is not None
        and not isinstance(bottom.unit, Column)
        and not bottom.of.label
    ):
        actor = word(language, f"actor.{bottom.unit.name}", (*origin, "bottom", "unit"))
        if actor:
            return actor
    below = language.singular(language.thing(tuple(" ".join(part.text for part in lower).split())))
    return phrase(below, (*origin, "bottom"))


def rated_phrase(parts: Phrase, language: Language) -> Phrase:
    """Put the noun of a phrase into the form that stands in front of "rate": syncs failed → sync failure."""

    def rated(words: Words) -> Words:
        if len(words) > 1 and words[0].lower() in outcomes(language):
            words = (*words[1:], words[0])
        return language.action(language.singular(words))

    return bent(parts, rated)


def _sum(value: Sum, origin: Origin, language: Language) -> Phrase:
    found = [value_phrase(part, (*origin, "parts", at), language) for at, part in enumerate(value.parts)]
    found = [part for part in found if part][:_MOST_PARTS]
    if len(found) < _MOST_PARTS:
        return found[0] if found else ()
    return fill(language, "list.two", {"first": found[0], "second": found[1]})


def _product(value: Product, origin: Origin, language: Language) -> Phrase:
    """Return several values multiplied: a quantity with its price is an amount."""
    columns = [part for part in value.parts if isinstance(part, Column)]
    priced = next((column for column in columns if set(folded(column.name)) & language.identifiers.prices), None)
    if priced is not None and len(columns) == len(value.parts) > 1:
        owner = phrase(owner_words(columns[0].of, language)[-_MOST_PARTS:], (*origin, "parts", 0, "of"))
        return together(language, "owned", owner=owner, noun=word(language, "amount", origin))
    found = [measured_column(part, (*origin, "parts", at), language) for at, part in enumerate(value.parts)]
    found = [part for part in found if part][:_MOST_PARTS]
    if len(found) < _MOST_PARTS:
        return found[0] if found else ()
    known = set(words_of(found[0]))
    second = tuple(
        Part(" ".join(item for item in part.text.split() if item.lower() not in known) or " ", part.fact)
        for part in found[1]
        if part.text.strip()
    )
    second = tuple(part for part in second if part.text.strip())
    return fill(language, "times", {"first": found[0], "second": second}) if second else found[0]


def _change(value: Change, origin: Origin, language: Language) -> Phrase:
    of = value_phrase(value.of, (*origin, "of"), language)
    if value.since is None:
        return fill(language, "change", {"first": of}) if of else ()
    since = value_phrase(value.since, (*origin, "since"), language)
    if isinstance(value.of, Aggregate) and isinstance(value.since, Aggregate) and value.of.of == value.since.of:
        inner = value_phrase(value.of.of, (*origin, "of", "of"), language)
        return fill(language, "change", {"first": inner}) if inner else ()
    return fill(language, "less", {"first": of, "second": since}) if of and since else of or since


def _running(value: Running, origin: Origin, language: Language) -> Phrase:
    of = value_phrase(value.of, (*origin, "of"), language)
    spoken = word(language, f"running.{value.function}", origin)
    return together(language, "of", math=spoken, measure=of) if of else ()


def _duration(value: Duration, origin: Origin, language: Language) -> Phrase:
    until = value.until.of if isinstance(value.until, (Aggregate, Extreme)) else value.until
    since = value.since.of if isinstance(value.since, (Aggregate, Extreme)) else value.since
    owner = _owner(until) or _owner(since)
    if isinstance(until, Column):
        words = tuple(
            item for item in property_noun(until.name, language) if item.lower() not in language.identifiers.moments
        )
        verb = language.doing.get(words[-1].lower()) if words else None
        things = entity_phrase(owner, (*origin, "of"), language, number="singular")
        if not words or words[-1].lower() in language.identifiers.created:
            # A thing is there when it is created: the time to a comment.
            return fill(language, "time_to", {"first": things}) if things else word(language, "duration", origin)
        if verb:
            return fill(language, "time_to", {"first": (Part(verb, origin),)})
        if words and words[-1].lower() not in language.identifiers.ends:
            return fill(language, "time_to", {"first": phrase(words, (*origin, "until"))})
        return together(language, "owned", owner=things, noun=word(language, "duration", origin))
    if isinstance(since, Column):
        things = entity_phrase(owner, (*origin, "of"), language, number="singular")
        return together(language, "owned", owner=things, noun=word(language, "age", origin))
    return word(language, "duration", origin)


def _extreme(value: Extreme, origin: Origin, language: Language) -> Phrase:
    of = value_phrase(value.of, (*origin, "of"), language)
    if not of:
        return ()
    spoken = word(language, f"extreme.{value.which}", origin)
    return together(language, "described", adjective=spoken, noun=of)


def _case(value: Case, origin: Origin, language: Language) -> Phrase:
    return next(
        (found for at, of in enumerate(value.of) if (found := value_phrase(of, (*origin, "of", at), language))), ()
    )


def _opaque(value: Opaque, origin: Origin, language: Language) -> Phrase:
    return next(
        (
            found
            for at, of in enumerate(value.columns)
            if (found := value_phrase(of, (*origin, "columns", at), language))
        ),
        (),
    )


def _bucket(value: Bucket, origin: Origin, language: Language) -> Phrase:
    return word(language, f"time.{value.unit}", origin)


def _constant(_: Constant, __: Origin, ___: Language) -> Phrase:
    return ()


_WRITERS: dict[type, Callable[[Any, Origin, Language], Phrase]] = {
    Count: _count, Aggregate: _aggregate, Ratio: _ratio, Sum: _sum, Product: _product, Change: _change, Running: _running,
    Duration: _duration, Extreme: _extreme, Case: _case, Opaque: _opaque, Bucket: _bucket, Column: _column, Constant: _constant,
}  # fmt: skip
