"""The sentence beside a name: what a query computes, of what, for which rows and when, as far as it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Column,
    Condition,
    Count,
    Entity,
    Rank,
    is_star,
)

from .clauses import (
    compare_phrase,
    conditions_phrase,
    period_phrase,
    setting_phrase,
    span_phrase,
    subject_phrase,
)
from .clean import clean, cut
from .computed import measured, own_label
from .dimensions import dimension_phrase
from .entities import entity_phrase
from .frames import SHAPED
from .heads import kind_phrase, subject
from .joint import distinct, enumerated
from .journeys import end_of_path, step_phrase
from .measures import is_moment, label_of, measure_phrase
from .nouns import described
from .pieces import WORD, Part, Phrase, fill, phrase, slot_names, styled, together, word, words_of
from .simplify import simplified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Order, Output, Predicate, Value

    _Writer: TypeAlias = Callable[["_Asked"], Phrase]

LONGEST_SENTENCE = 200
_LISTED = (8, 4, 2, 1)
_LONGEST_LINE = 2_000
_LONGEST_UNREAD = 40
_LONGEST_PAGE = 60
_AS_IS = frozenset({"values", "unread", "page"})
"""Where texts come from that stand as they are spelt."""
_READ_OFF = frozenset({"source", "statement", "scale", "hidden", "interval", "of", "axis", "funnelWindowIntervalUnit"})
"""Options that a reader found, or that others say, and not settings that somebody made."""
_USUAL = (("funnelVizType", "steps"), ("funnelOrderType", "ordered"))
"""Settings that say what goes without saying."""
_SHOWN = ("attribute", "key", "unit", "sample", "dimension", "rank")


class _Asked(NamedTuple):
    """What a sentence is made of, and how long its lists may be."""

    meaning: Meaning
    language: Language
    most: int

    @property
    def about(self) -> Entity | None:
        """Whose columns stand alone."""
        return subject(self.meaning) or self.meaning.source

    def outputs(self, *roles: str) -> list[tuple[int, Output]]:
        """Return the outputs of some roles, with their places."""
        return [(at, output) for at, output in enumerate(self.meaning.outputs) if output.role in roles]


def sentence(meaning: Meaning, language: Language) -> str:
    """Return one sentence of at most 200 characters, with a full stop.

    Lists grow shorter first, then what the pattern has last goes; what was not understood stays as long as it can.
    """
    meaning = simplified(meaning, guards=True)
    pattern = f"sentence.{_pattern(meaning, language)}"
    names = slot_names(language.patterns[pattern])
    for most in _LISTED:
        asked = _Asked(meaning, language, most)
        slots = {name: found for name in names if (found := _WRITERS[name](asked))}
        text = _line(fill(language, pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            return f"{text or _line(kind_phrase(meaning, language), language)}."
    for dropped in (*(name for name in reversed(names) if name != "unread"), "unread"):
        slots.pop(dropped, None)
        text = _line(fill(language, pattern, slots), language)
        if len(text) < LONGEST_SENTENCE:
            break
    return f"{cut(text, LONGEST_SENTENCE - 1)}."


def _pattern(meaning: Meaning, language: Language) -> str:
    roles = {output.role for output in meaning.outputs}
    if meaning.shape == "unknown" and not meaning.outputs and not meaning.source.name:
        return "foreign" if meaning.words or meaning.unread else "product"
    if f"sentence.{meaning.shape}" in language.patterns:
        return meaning.shape
    if meaning.shape not in SHAPED:
        return "product"
    if "measure" in roles:
        return "measured"
    return "rows" if meaning.outputs or meaning.source.name else "product"


def _line(parts: Phrase, language: Language) -> str:
    first = styled(parts[:1], language, "sentence") if parts else ()
    return clean("".join(_spelt(part, language) for part in (*first, *parts[1:])), _LONGEST_LINE)


def _spelt(part: Part, language: Language) -> str:
    """Return the text of a part with its acronyms as they are always spelt; values and what was not read stand as they are."""
    if not _AS_IS.isdisjoint(part.fact):
        return part.text
    return WORD.sub(lambda found: language.acronyms.get(found[0].lower(), found[0]), part.text)


def _listed(phrases: Iterable[Phrase], asked: _Asked, last: str = "join.and") -> Phrase:
    """Return the first phrases as a list, and whether there are more."""
    return enumerated(phrases, asked.language, asked.most, last=last)


# What is measured


def _measures(asked: _Asked) -> Phrase:
    where = not _merged(asked)
    return _listed(
        (measured(output, at, asked.language, asked.about, where=where) for at, output in asked.outputs("measure")),
        asked,
    )


def _merged(asked: _Asked) -> tuple[Predicate, ...]:
    """Return the conditions of the only measure, which are those of the whole."""
    found = asked.outputs("measure")
    if len(found) != 1 or own_label(found[0][1], asked.language):
        return ()
    value = found[0][1].value
    return value.where if isinstance(value, (Count, Aggregate)) else ()


# What it is split by, and in which order


def _breakdown(asked: _Asked) -> Phrase:
    meaning, language = asked.meaning, asked.language
    if meaning.shape == "latest":
        ranks = ((at, item.of) for at, item in enumerate(meaning.conditions) if isinstance(item, Condition))
        within = next(((at, rank.within) for at, rank in ranks if isinstance(rank, Rank)), (0, ()))
        found = [subject_phrase(of, ("conditions", within[0]), language, asked.about) for of in within[1]]
        return _listed(found, asked)
    return _listed((dimension_phrase(output, at, language, asked.about) for at, output in _split(asked)), asked)


def _split(asked: _Asked) -> list[tuple[int, Output]]:
    keys = ("key",) if asked.outputs("measure") else ()
    return asked.outputs("dimension", "rank", *keys)


def _ranked(asked: _Asked) -> Phrase:
    """Return what comes first, and how much of it there is."""
    meaning, language = asked.meaning, asked.language
    limit = phrase((str(meaning.limit),), ("limit",)) if meaning.limit is not None else ()
    place, order = next(
        ((at, item) for at, item in enumerate(meaning.order) if limit or item.descending or not _is_time(item, asked)),
        (0, None),
    )
    if order is None:
        return fill(language, "order.none", {"limit": limit}) if limit else ()
    output = meaning.outputs[order.output] if order.output is not None else None
    is_measure = output is not None and output.role == "measure"
    if output is not None and output.role in ("dimension", "rank") and not limit and not order.descending:
        return ()
    thing: Phrase = ()
    if output is None:
        thing = subject_phrase(order.value, ("order", place), language, asked.about) if order.value is not None else ()
    elif not is_measure:
        thing = _column(output, order.output or 0, asked)
    elif len(asked.outputs("measure")) > 1:
        thing = measure_phrase(output, order.output or 0, language)
    kind = "time" if _is_time(order, asked) else "measure" if is_measure or (limit and order.descending) else "value"
    pattern = f"order.{kind}.{'last' if order.descending else 'first'}{'.limit' if limit else ''}"
    return (
        fill(language, pattern, {"limit": limit, "thing": thing})
        if thing or is_measure or kind == "time"
        else (fill(language, "order.none", {"limit": limit}) if limit else ())
    )


def _is_time(order: Order, asked: _Asked) -> bool:
    meaning, language = asked.meaning, asked.language
    output = meaning.outputs[order.output] if order.output is not None else None
    value = output.value if output is not None else order.value
    if isinstance(value, Aggregate):
        value = value.of
    moment = isinstance(value, Column) and is_moment(value, language)
    return moment or isinstance(value, Bucket) or (output is not None and output.role == "time")


# Rows


def _columns(asked: _Asked) -> Phrase:
    rows = set(words_of(_things(asked)))
    found = (_column(output, at, asked) for at, output in asked.outputs(*_SHOWN) if _is_told(output.value))
    return _listed((item for item in found if not set(words_of(item)) <= rows), asked)


def _is_told(value: Value) -> bool:
    """Whether a column is told: every column is none of its own, and a rank is told where it counts."""
    return not isinstance(value, Rank) and not is_star(value)


def _column(output: Output, at: int, asked: _Asked) -> Phrase:
    if label_of(output, asked.language):
        return phrase(described(output.labels[-1], asked.language), ("outputs", at, "label"))
    value, source = output.value, asked.meaning.source
    if isinstance(value, Column) and not value.scope and value.of in (None, source):
        return phrase(described(value.name, asked.language), ("outputs", at, "value"))
    return subject_phrase(value, ("outputs", at, "value"), asked.language, source)


def _rows(asked: _Asked) -> Phrase:
    return together(asked.language, "columns", columns=_columns(asked), things=_things(asked))


def _things(asked: _Asked) -> Phrase:
    return entity_phrase(asked.meaning.source, ("source",), asked.language)


def _source(asked: _Asked) -> Phrase:
    """Return what the rows come from, where nothing that is measured says so."""
    if asked.meaning.source.kind in ("event", "action"):
        return ()
    rows = _things(asked)
    said = words_of(_measures(asked)) + words_of(_breakdown(asked))
    stems = {asked.language.stem(item) for item in said}
    return () if any(asked.language.stem(item) in stems for item in words_of(rows)) else rows


def _steps(asked: _Asked) -> Phrase:
    steps = [
        together(
            asked.language,
            "where",
            measure=step_phrase(step, at, asked.language),
            filters=conditions_phrase(step.where, ("steps", at, "where"), asked.language, step.of),
        )
        for at, step in enumerate(asked.meaning.steps)
    ]
    found = distinct(steps) if asked.meaning.shape == "retention" else steps
    ends = found if len(found) <= max(asked.most, 2) else [found[0], found[-1]]
    parts: Phrase = ()
    for item in ends:
        parts = together(asked.language, "step", first=parts, second=item)
    return parts


def _end(asked: _Asked, role: str) -> Phrase:
    """Return where paths start or end: a page as it is spelt."""
    pages = (
        (at, step.of) for at, step in enumerate(asked.meaning.steps) if step.role == role and step.of.kind == "page"
    )
    page = next((phrase((of.name[:_LONGEST_PAGE],), ("steps", at, "page")) for at, of in pages), ())
    return page or end_of_path(asked.meaning, role, asked.language)


def _paths_of(asked: _Asked) -> Phrase:
    sources = (entity_phrase(item, ("sources", at), asked.language) for at, item in enumerate(asked.meaning.sources))
    return _listed(sources, asked)


# For which rows, and when


def _filters(asked: _Asked) -> Phrase:
    told: Sequence[Predicate] = [
        item
        for item in (*_merged(asked), *asked.meaning.conditions)
        if not (isinstance(item, Condition) and item.clause in ("join", "pivot"))
        and not (isinstance(item, Condition) and isinstance(item.of, Rank) and asked.meaning.shape == "latest")
    ]
    found = conditions_phrase(told[: asked.most], ("conditions",), asked.language, asked.about)
    return fill(asked.language, "join.more", {"first": found}) if found and len(told) > asked.most else found


def _settings(asked: _Asked) -> Phrase:
    told = [
        option
        for option in asked.meaning.options
        if option.name not in _READ_OFF and option not in _USUAL and "[" not in option.name
    ]
    found = [setting_phrase(name, value, asked.language) for name, value in told if name != "funnelWindowInterval"]
    amount, unit = asked.meaning.option("funnelWindowInterval"), asked.meaning.option("funnelWindowIntervalUnit")
    if amount is not None:
        span = span_phrase(str(amount), str(unit or "day"), ("options",), asked.language)
        found.append(fill(asked.language, "within", {"span": span}))
    return _listed(found, asked, "list.comma")


def _unread(asked: _Asked) -> Phrase:
    found = (
        word(asked.language, f"unread.{text}", ("unread", at))
        or phrase((" ".join(text.split())[:_LONGEST_UNREAD],), ("unread", at))
        for at, text in enumerate(asked.meaning.unread)
    )
    return _listed(found, asked)


def _words(asked: _Asked) -> Phrase:
    told = [phrase(described(text, asked.language), ("words", at)) for at, text in enumerate(asked.meaning.words)]
    return _listed(told, asked)


_WRITERS: dict[str, _Writer] = {
    "measures": _measures,
    "source": _source,
    "breakdown": _breakdown,
    "ranked": _ranked,
    "columns": _columns,
    "rows": _rows,
    "things": _things,
    "steps": _steps,
    "of": _paths_of,
    "start": lambda asked: _end(asked, "start"),
    "end": lambda asked: _end(asked, "end"),
    "each": lambda asked: word(asked.language, f"each.{asked.meaning.interval}", ("interval",)),
    "filters": _filters,
    "period": lambda asked: period_phrase(asked.meaning.period, asked.language),
    "compare": lambda asked: compare_phrase(asked.meaning.compare, asked.language),
    "settings": _settings,
    "verb": lambda asked: phrase((str(asked.meaning.option("statement") or "run"),), ("options", 0)),
    "kind": lambda asked: kind_phrase(asked.meaning, asked.language),
    "words": _words,
    "unread": _unread,
}
