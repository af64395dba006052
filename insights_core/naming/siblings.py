"""Names that are told apart: queries that mean different things never share a name while anything in them differs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from insights_core.language.en import ENGLISH
from insights_core.query.meaning import Aggregate, Condition, Count

from .clauses import compare_phrase, conditions_phrase, period_phrase, setting_phrase
from .dimensions import dimensions
from .draft import Draft, compose
from .joint import listed
from .journeys import step_phrase
from .measures import value_phrase
from .nouns import described
from .pieces import Phrase, fill, own, phrase, together, word
from .populations import missing_things

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from insights_core.language.protocol import Language
    from insights_core.query.meaning import Meaning, Predicate

    Aspect: TypeAlias = Callable[[Meaning, Sequence[Meaning], Language], Phrase]

_LONGEST_DETAIL = 40
_MOST_ROUNDS = 3
_CODES = frozenset({"shape", "function", "interval", "kind", "scope", "operator", "clause", "role", "which", "is"})
"""Fields that hold codes and no words of the query."""
_UNTOLD = ("rank", "pivot")
_BESIDE = {"exists": "with", "missing": "without"}


def name_all(queries: Iterable[Meaning], *, language: Language = ENGLISH, style: str = "title") -> list[Draft]:
    """Name several queries at once, in their order.

    Queries of equal meaning get one name. Where different ones would, the smallest difference is added to each of them in
    the same way: "Pageviews (Last 7 Days)" and "Pageviews (Last 30 Days)".
    """
    meanings = list(queries)
    drafts = {item: compose(item, (), language, style) for item in dict.fromkeys(meanings)}
    details: dict[Meaning, Phrase] = defaultdict(tuple)
    for aspect in (*_ASPECTS, *(_difference,) * _MOST_ROUNDS):
        clashing = _clashing(drafts)
        if not clashing:
            break
        for group in clashing:
            _tell_apart(group, aspect, details, language)
            for item in group:
                drafts[item] = compose(item, details[item], language, style)
    _number(drafts)
    return [drafts[item] for item in meanings]


def _clashing(drafts: dict[Meaning, Draft]) -> list[list[Meaning]]:
    groups: dict[str, list[Meaning]] = defaultdict(list)
    for item, made in drafts.items():
        groups[made.name.casefold()].append(item)
    return [group for group in groups.values() if len(group) > 1]


def _tell_apart(group: Sequence[Meaning], aspect: Aspect, details: dict[Meaning, Phrase], language: Language) -> None:
    """Add one aspect to the names of a group, unless it is the same in all of it."""
    found = {item: aspect(item, group, language) for item in group}
    if len({"".join(part.text for part in parts).casefold() for parts in found.values()}) > 1:
        for item, parts in found.items():
            details[item] = together(language, "list.comma", first=details[item], second=parts)


def _number(drafts: dict[Meaning, Draft]) -> None:
    """Number what no words tell apart: differences behind the end of what fits into a name."""
    for group in _clashing(drafts):
        for number, item in enumerate(sorted(group, key=repr)[1:], 2):
            made = drafts[item]
            mark = f" #{number}"
            drafts[item] = made._replace(name=made.name + mark, parts=(*made.parts, *own(mark)))


# What may differ, the most telling first. Each is asked for one query of a group and sees the group.


def _unshared(
    group: Sequence[Meaning], of: Callable[[Meaning], Iterable[Any]], meaning: Meaning
) -> list[tuple[int, Any]]:
    """Return what one of a group has and not all of them, with its place."""
    first, *others = map(of, group)
    shared = set(first).intersection(*others)
    return [(place, item) for place, item in enumerate(of(meaning)) if item not in shared]


def _conditions(meaning: Meaning, group: Sequence[Meaning], language: Language) -> Phrase:
    found = _unshared(group, lambda other: other.conditions, meaning)
    told = [item for _, item in found if not (isinstance(item, Condition) and item.clause in _UNTOLD)]
    first = told[0] if told else None
    if isinstance(first, Condition) and first.operator in _BESIDE:
        things = missing_things(first, ("conditions",), meaning.source, language)
        return fill(language, _BESIDE[first.operator], {"thing": things}) if things else ()
    return conditions_phrase(told[:1], ("conditions",), language)


def _dimensions(meaning: Meaning, _: Sequence[Meaning], language: Language) -> Phrase:
    return listed(dimensions(meaning, language)[:2], language)


def _settings(meaning: Meaning, group: Sequence[Meaning], language: Language) -> Phrase:
    own_ = _unshared(group, lambda other: other.options, meaning)
    return setting_phrase(own_[0][1].name, own_[0][1].value, language) if own_ else ()


def _limit(meaning: Meaning, _: Sequence[Meaning], language: Language) -> Phrase:
    return fill(language, "limit", {"limit": phrase((str(meaning.limit),), ("limit",))}) if meaning.limit else ()


def _measures(meaning: Meaning, group: Sequence[Meaning], language: Language) -> Phrase:
    """Return what a measure or a step of its own holds for, else the measure itself."""
    for place, output in _unshared(group, lambda other: other.outputs, meaning):
        if output.role in ("measure", "sample"):
            value = output.value
            where: tuple[Predicate, ...] = value.where if isinstance(value, (Count, Aggregate)) else ()
            told = conditions_phrase(where[:1], ("outputs", place, "value", "where"), language)
            return told or _with(value_phrase(value, ("outputs", place, "value"), language), language)
    for place, step in _unshared(group, lambda other: other.steps, meaning):
        return conditions_phrase(step.where[:1], ("steps", place, "where"), language) or _with(
            step_phrase(step, place, language), language
        )
    return ()


def _with(thing: Phrase, language: Language) -> Phrase:
    return fill(language, "with", {"thing": thing}) if thing else ()


def _texts(of: Callable[[Meaning], Iterable[str]], origin: str, pattern: str) -> Aspect:
    """Return an aspect that tells by the first text that the group does not share."""

    def aspect(meaning: Meaning, group: Sequence[Meaning], language: Language) -> Phrase:
        found = _unshared(group, of, meaning)
        words = described(found[0][1], language) if found else ()
        return fill(language, pattern, {"thing": phrase(words, (origin, found[0][0]))}) if words else ()

    return aspect


def _columns(meaning: Meaning) -> list[str]:
    if any(output.role == "measure" for output in meaning.outputs):
        return []
    return [output.labels[-1] if output.labels else getattr(output.value, "name", "") for output in meaning.outputs]


def _difference(meaning: Meaning, group: Sequence[Meaning], language: Language) -> Phrase:
    """Return the first thing at all that differs, as its place and its value."""
    mine = _flat(meaning.to_dict(), "")
    others = [_flat(other.to_dict(), "") for other in group]
    for path in sorted({path for flat in others for path in flat}):
        if path.rpartition(".")[2] not in _CODES and len({repr(flat.get(path)) for flat in others}) > 1:
            value = mine.get(path)
            if value is None:
                return ()
            told = described(value, language) if isinstance(value, str) else ()
            return phrase(told or (str(value)[:_LONGEST_DETAIL],), (path,))
    return ()


def _flat(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return {
            key: item for name, part in value.items() for key, item in _flat(part, f"{path}.{name}".strip(".")).items()
        }
    if isinstance(value, list):
        return {key: item for place, part in enumerate(value) for key, item in _flat(part, f"{path}[{place}]").items()}
    return {path: value}


_ASPECTS: tuple[Aspect, ...] = (
    _conditions,
    lambda meaning, _, language: period_phrase(meaning.period, language),
    lambda meaning, _, language: word(language, f"each.{meaning.interval}", ("interval",)),
    _dimensions,
    lambda meaning, _, language: compare_phrase(meaning.compare, language),
    _measures,
    lambda meaning, _, language: (
        word(language, f"display.{meaning.display}", ("display",))
        or phrase(described(meaning.display, language), ("display",))
    ),
    _limit,
    _settings,
    _texts(_columns, "outputs", "with"),
    _texts(lambda meaning: [source.name for source in meaning.sources], "sources", "from"),
    _texts(lambda meaning: meaning.words, "words", "with"),
)
