"""Names that are told apart: queries that mean different things never share a name while any fact differs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from insights_core.language.en import ENGLISH

from .details import compare_phrase, conditions_phrase, period_phrase, setting_phrase
from .draft import Draft, compose
from .nouns import described
from .pieces import Part, Phrase, fill, phrase, word
from .splits import breakdowns_phrase
from .subjects import measure_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from insights_core.facts.types import Facts
    from insights_core.language.protocol import Language

    Aspect: TypeAlias = Callable[[Facts, Sequence[Facts], Language], Phrase]

_LONGEST_DETAIL = 40
_MOST_ROUNDS = 3
_CODES = frozenset({"kind", "math", "interval", "source", "scope", "operator"})
"""Fields that hold codes and no words of the query."""


def name_all(queries: Iterable[Facts], *, language: Language = ENGLISH, style: str = "title") -> list[Draft]:
    """Name several queries at once, in their order.

    Queries with equal facts get one name. Where different ones would, the smallest difference is added to each of them in
    the same way: "Pageviews (Last 7 Days)" and "Pageviews (Last 30 Days)".
    """
    facts = list(queries)
    different = list(dict.fromkeys(facts))
    drafts = {item: compose(item, (), language, style) for item in different}
    details: dict[Facts, Phrase] = defaultdict(tuple)
    for aspect in (*_ASPECTS, *(_difference,) * _MOST_ROUNDS):
        clashing = _clashing(drafts)
        if not clashing:
            break
        for group in clashing:
            _tell_apart(group, aspect, details, language)
            for item in group:
                drafts[item] = compose(item, details[item], language, style)
    _number(drafts)
    return [drafts[item] for item in facts]


def _clashing(drafts: dict[Facts, Draft]) -> list[list[Facts]]:
    groups: dict[str, list[Facts]] = defaultdict(list)
    for item, made in drafts.items():
        groups[made.name.casefold()].append(item)
    return [group for group in groups.values() if len(group) > 1]


def _tell_apart(
    group: Sequence[Facts],
    aspect: Aspect,
    details: dict[Facts, Phrase],
    language: Language,
) -> None:
    """Add one aspect to the names of a group, unless it is the same in all of it."""
    found = {item: aspect(item, group, language) for item in group}
    if len({"".join(part.text for part in parts).casefold() for parts in found.values()}) < 2:
        return
    for item, parts in found.items():
        if parts:
            before = details[item]
            details[item] = fill(language, "list.comma", {"first": before, "second": parts}) if before else parts


def _number(drafts: dict[Facts, Draft]) -> None:
    """Number what no words tell apart: differences behind the end of what fits into a name."""
    for group in _clashing(drafts):
        for number, item in enumerate(sorted(group, key=repr)[1:], 2):
            made = drafts[item]
            mark = Part(f" #{number}", "pattern")
            drafts[item] = made._replace(name=made.name + mark.text, parts=(*made.parts, mark))


# What may differ, the most telling first. Each is asked for one query of a group and sees the group.


def _filters(facts: Facts, group: Sequence[Facts], language: Language) -> Phrase:
    shared = set(group[0].filters).intersection(*(other.filters for other in group[1:]))
    own = [item for item in facts.filters if item not in shared]
    return conditions_phrase(own[:1], "filters", language)


def _period(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return period_phrase(facts.period, language)


def _interval(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return word(language, f"each.{facts.interval}", "interval")


def _breakdown(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return breakdowns_phrase(facts.breakdowns, language)


def _compare(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return compare_phrase(facts.compare, language)


def _display(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return word(language, f"display.{facts.display}", "display") or phrase(
        described(facts.display, language), "display"
    )


def _settings(facts: Facts, group: Sequence[Facts], language: Language) -> Phrase:
    shared = set(group[0].options).intersection(*(other.options for other in group[1:]))
    own = [option for option in facts.options if option not in shared]
    return setting_phrase(own[0].name, own[0].value, language) if own else ()


def _limit(facts: Facts, _: Sequence[Facts], language: Language) -> Phrase:
    return fill(language, "limit", {"limit": phrase((str(facts.limit),), "limit")}) if facts.limit else ()


def _measures(facts: Facts, group: Sequence[Facts], language: Language) -> Phrase:
    shared = set(group[0].measures).intersection(*(other.measures for other in group[1:]))
    own = [(place, measure) for place, measure in enumerate(facts.measures) if measure not in shared]
    if not own:
        return ()
    place, measure = own[0]
    told = conditions_phrase(measure.filters[:1], f"measures[{place}].filters", language)
    return told or fill(language, "with", {"thing": measure_phrase(measure, f"measures[{place}]", language)})


def _of_texts(name: str, pattern: str) -> Aspect:
    """Return an aspect that tells by the first text of a field that the group does not share."""

    def aspect(facts: Facts, group: Sequence[Facts], language: Language) -> Phrase:
        every: list[tuple[str, ...]] = [getattr(other, name) for other in group]
        shared = set(every[0]).intersection(*every[1:])
        own = [text for text in getattr(facts, name) if text not in shared]
        return fill(language, pattern, {"thing": phrase(described(own[0], language), name)}) if own else ()

    return aspect


def _difference(facts: Facts, group: Sequence[Facts], language: Language) -> Phrase:
    """Return the first fact at all that differs, as its place and its value."""
    mine = _flat(facts.to_dict(), "")
    others = [_flat(other.to_dict(), "") for other in group]
    for path in sorted({path for flat in others for path in flat}):
        if path.rpartition(".")[2] not in _CODES and len({repr(flat.get(path)) for flat in others}) > 1:
            value = mine.get(path)
            if value is None:
                return ()
            told = described(value, language) if isinstance(value, str) else ()
            return phrase(told or (str(value)[:_LONGEST_DETAIL],), path)
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
    _filters,
    _period,
    _interval,
    _breakdown,
    _compare,
    _measures,
    _display,
    _limit,
    _settings,
    _of_texts("columns", "with"),
    _of_texts("tables", "from"),
    _of_texts("words", "with"),
)
