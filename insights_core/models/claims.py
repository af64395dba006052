"""What may be claimed of a meaning, by codes that each language has its phrases for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query import meaning as m

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_NEGATED = frozenset(
    ["is_not", "not_icontains", "not_regex", "not_in", "is_not_set", "missing", "not_starts", "not_ends", "not_between"]
)
_BOUNDS = {"gt": ("above",), "gte": ("above",), "lt": ("below",), "lte": ("below",), "between": ("above", "below")}
_FALSE = frozenset({"false", "0", "no"})
_ACTORS = {
    "dau": ("actors.day",),
    "weekly_active": ("actors.week", "interval.week"),
    "monthly_active": ("actors.month", "interval.month"),
    "unique_session": ("actors.session",),
    "first_time": ("first_time", "extreme.first"),
}
_OF_ACTORS = frozenset({"retention", "stickiness", "lifecycle", "paths", "funnel", "cohort", "actors"})
_MANY = frozenset({"distribution", "cohort", "lifecycle", "rows", "latest"})
_LISTS = frozenset({"rows", "ranking"})
_STEPS = 3
"""Counts beside each other that people call a funnel."""
_MOMENTS = {"max": ("extreme.last", "period"), "min": ("extreme.first",)}
_EXTREMES = {"highest": "math.max", "lowest": "math.min"}


def walk(value: Any) -> list[Any]:
    """Return every node of a value of a meaning."""
    found = [value]
    for node in found:  # it grows on the way
        found += [item for item in node if isinstance(item, tuple)]
    return found


def is_opaque(meaning: m.Meaning) -> bool:
    """Whether something of the answer itself was not understood."""
    return any(isinstance(node, m.Opaque) for node in walk(meaning.outputs))


def conditions(meaning: m.Meaning) -> Iterator[tuple[m.Condition, bool]]:
    """Yield every condition of a query, and whether it holds for what is not what its words say."""
    yield from _leaves(meaning.conditions, negated=False)
    for node in walk((meaning.outputs, meaning.steps)):
        if isinstance(node, (m.Count, m.Aggregate, m.Step)):
            yield from _leaves(node.where, negated=False)


def _leaves(predicates: Iterable[m.Predicate], *, negated: bool) -> Iterator[tuple[m.Condition, bool]]:
    for item in predicates:
        if isinstance(item, m.Group):
            yield from _leaves(item.items, negated=negated != (item.operator == "not"))
        else:
            says_no = bool(item.values) and str(item.values[0]).lower() in _FALSE
            yield item, negated or item.operator in _NEGATED or says_no


def true_claims(meaning: m.Meaning) -> Iterator[str]:
    """Yield the codes of what may be said of a meaning."""
    yield from (f"kind.{meaning.shape}", f"interval.{meaning.interval}")
    for node in walk((meaning.outputs, meaning.steps)):
        yield from _OF_NODES.get(type(node), _nothing)(node)
    for item, is_opposite in conditions(meaning):
        yield from _BOUNDS.get(item.operator, ())
        if is_opposite:
            yield "not"
    yield from _of_rows(meaning)
    yield from _of_setting(meaning)


def _nothing(_: Any) -> tuple[str, ...]:
    return ()


def _of_aggregate(node: m.Aggregate) -> Iterator[str]:
    yield from (f"math.{node.function}", *_MOMENTS.get(node.function, ()))
    if node.function == "avg" or node.per:
        yield "per.actor"
    if isinstance(node.of, (m.Case, m.Constant)):
        yield "ratio"


_OF_NODES: dict[type, Callable[[Any], Iterable[str]]] = {
    m.Aggregate: _of_aggregate,
    m.Count: lambda node: ("math.sum", "math.unique") if node.unit is not None else ("math.sum",),
    m.Entity: lambda node: ("actors", "math.unique", *_ACTORS.get(node.name, ())) if node.kind == "actor" else (),
    m.Ratio: lambda _: ("ratio", "math.avg", "per.actor"),
    m.Change: lambda _: ("growth", "compare"),
    m.Running: lambda node: ("running", f"math.{node.function}", "math.sum"),
    m.Duration: lambda _: ("duration",),
    m.Bucket: lambda node: (f"interval.{node.unit.partition('_of_')[0]}", f"time.{node.unit}"),
    m.Extreme: lambda node: (f"extreme.{node.which}", _EXTREMES.get(node.which, "top")),
    m.Rank: lambda _: ("top", "bottom"),
    m.Column: lambda node: ("split",) if node.bins else (),
}
"""What may be said for each kind of value."""


def _of_rows(meaning: m.Meaning) -> Iterator[str]:
    measured = [output for output in meaning.outputs if output.role == "measure"]
    is_split = any(output.role in ("dimension", "key", "rank") for output in meaning.outputs)
    if is_split or meaning.limit is not None or meaning.order:
        yield from ("top", "bottom")
    if meaning.order or meaning.shape == "latest":
        yield from ("extreme.last", "extreme.first", "period", *(_EXTREMES.values() if meaning.shape in _LISTS else ()))
    if is_split or len(measured) > 1 or meaning.shape in _MANY:
        yield "split"
    if len(measured) > 1:
        yield "compare"
    if len(measured) >= _STEPS and all(isinstance(output.value, m.Count) for output in measured):
        yield "kind.funnel"


def _of_setting(meaning: m.Meaning) -> Iterator[str]:
    if meaning.shape in _OF_ACTORS or meaning.source.name == "persons":
        yield "actors"
    if meaning.shape == "funnel":
        yield from ("ratio", "duration")
    if meaning.shape == "retention":
        yield from ("ratio", "cohort")
    if meaning.period is not None:
        yield "period"
    if meaning.compare:
        yield from ("compare", "growth", "period")
    if meaning.display.endswith("Cumulative"):
        yield "running"
    for option in meaning.options:
        if option.name == "filterTestAccounts":
            yield "not"
        elif "first_time" in str(option.value):
            yield from ("first_time", "extreme.first")
