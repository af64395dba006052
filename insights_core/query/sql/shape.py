"""What each column of an answer is for, and the shape that follows from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Column,
    Condition,
    Constant,
    Count,
    Entity,
    Extreme,
    Meaning,
    Order,
    Rank,
    is_measured,
)
from insights_core.query.moments import is_moment

from .conditions import EVENT_COLUMNS
from .time import NAMED_UNITS

if TYPE_CHECKING:
    from insights_core.query.meaning import Output, Predicate, Value

    from .scopes import View

_ACTORS = frozenset(
    {"person_id", "distinct_id", "user_id", "person", "user_pseudo_id", "anonymous_id", "userid", "visitor_id"}
)
_DATE = re.compile(r"^(?:date|day|week|month)_|_(?:date|day|week|month)$")
_MOST_SAMPLES = 4
_CYCLES = ("_of_day", "_of_week", "_of_month", "_of_year", "_of_hour")


def with_roles(outputs: list[Output], view: View, *, is_series: bool) -> list[Output]:
    """Return the columns with their roles: measure, dimension, time, key, attribute, rank, constant, sample, unit."""
    grouped = view.is_grouped
    measured = any(is_measured(output.value) for output in outputs)
    aggregated = grouped or measured
    timed = is_series or any(
        _label(output) in ("time", "timestamp", "ts", "time_sec") and not isinstance(output.value, Constant)
        for output in outputs[:1]
    )
    found = []
    for output in outputs:
        role = output.role or _role(output, aggregated=aggregated)
        if not aggregated and timed and role == "attribute" and _is_sample(output):
            role = "sample"
        found.append(output._replace(role=role))
    if sum(output.role == "sample" for output in found) > _MOST_SAMPLES:
        # So many columns are a list of what happened, no lines of a chart.
        found = [item._replace(role="attribute") if item.role == "sample" else item for item in found]
    # A date beside a key is one more column of the thing that the key names, no axis.
    keyed = any(
        item.role == "dimension" and isinstance(item.value, Column) and item.value.name.lower() == "id"
        for item in found
    )
    if keyed:
        found = [
            output._replace(role="attribute")
            if output.role == "time" and isinstance(output.value, Bucket) and output.value.unit == "day"
            else output
            for output in found
        ]
    amounts = [item for item in found if item.role == "measure" and not _is_last_time(item.value)]
    if amounts or found[2:]:
        # The first or last time of something is one more column beside what is measured.
        found = [
            item._replace(role="attribute") if item.role == "measure" and _is_last_time(item.value) else item
            for item in found
        ]
    if grouped and not measured:
        # Only keys are selected: the different values of them.
        found = [output._replace(role="key") if output.role == "dimension" else output for output in found]
    return found


def _is_last_time(value: Value) -> bool:
    return isinstance(value, Aggregate) and value.function in ("min", "max") and is_moment(value.of)


def _label(output: Output) -> str:
    name = output.labels[-1] if output.labels else output.value.name if isinstance(output.value, Column) else ""
    return name.lower()


def _role(output: Output, *, aggregated: bool) -> str:
    value = output.value
    if isinstance(value, Rank):
        return "rank"
    if isinstance(value, Aggregate) and value.function in ("list", "any"):
        return "attribute"
    if is_measured(value):
        return "measure"
    if isinstance(value, Constant):
        return "constant"
    if isinstance(value, Bucket):
        return "dimension" if value.unit.endswith(_CYCLES) else "time"
    if isinstance(value, Extreme) and aggregated:
        return "attribute"
    if (
        isinstance(value, Column)
        and aggregated
        and value.name.lower() in NAMED_UNITS
        and (value.labels or (value.name,))[-1].lower() in NAMED_UNITS
    ):
        return "time"
    if isinstance(value, Column) and _label(output) in ("time", "timestamp", "ts") and aggregated:
        return "time"
    if isinstance(value, Column) and aggregated and _DATE.search(_label(output)):
        return "time"
    return "dimension" if aggregated else "attribute"


def _is_sample(output: Output) -> bool:
    value = output.value
    return not is_moment(value) and _label(output) not in ("time", "metric", "name", "label", "series", "text")


def interval_of(outputs: list[Output]) -> str:
    """Return the unit that the axis of time is cut to."""
    for output in outputs:
        if output.role == "time":
            value = output.value
            if isinstance(value, Bucket):
                return value.unit
            label = _label(output)
            return NAMED_UNITS.get(label) or next(
                (unit for name, unit in NAMED_UNITS.items() if name in label.split("_")), "interval"
            )
    return ""


def by_event(meaning: Meaning) -> Meaning:
    """Turn `event = 'signed_up'` into what is counted: on a table of events it is no filter but the subject."""
    shared, rest = _event_in(meaning.conditions)
    outputs = []
    for output in meaning.outputs:
        value = output.value
        if isinstance(value, Count):
            own, left = _event_in(value.where)
            event = own or shared
            if event is not None:
                value = value._replace(of=event, where=left)
            is_event_table = value.of.kind == "event" or value.of.name.lower() == "events"
            if is_event_table and isinstance(value.unit, Column) and value.unit.name.lower() in _ACTORS:
                value = value._replace(
                    unit=Entity("dau", "actor"), of=value.of if value.of.kind == "event" else Entity("", "event")
                )
        outputs.append(output._replace(value=value))
    return meaning._replace(outputs=tuple(outputs), conditions=rest, source=shared or meaning.source)


def _event_in(predicates: tuple[Predicate, ...]) -> tuple[Entity | None, tuple[Predicate, ...]]:
    for place, item in enumerate(predicates):
        if (
            isinstance(item, Condition)
            and isinstance(item.of, Column)
            and item.of.name.lower() in EVENT_COLUMNS
            and item.operator in ("exact", "in")
        ):
            names = tuple(str(value) for value in item.values)
            return Entity(names[0], "event", names[1:]), predicates[:place] + predicates[place + 1 :]
    return None, predicates


def shaped(meaning: Meaning, *, is_series: bool) -> Meaning:
    """Return a meaning with the shape that follows from its columns, its order and its limit."""
    meaning = _placed(meaning)
    return meaning._replace(shape=_shape(meaning, is_series=is_series))


def _placed(meaning: Meaning) -> Meaning:
    """Turn a place among rows into their order and limit: `row_number() over (order by sales desc) <= 3` are the top 3."""
    for at, item in enumerate(meaning.conditions):
        rank = item.of if isinstance(item, Condition) and item.clause == "rank" else None
        if not isinstance(rank, Rank) or rank.by is None or is_moment(rank.by) or not (most := _places(item)):
            continue
        output = next((place for place, output in enumerate(meaning.outputs) if output.value == rank.by), None)
        if output is None and any(output.role == "measure" for output in meaning.outputs):
            continue  # the ranked rows are what is measured, not what the answer lists
        order = Order(output, None if output is not None else rank.by, rank.descending)
        if rank.within:
            return meaning._replace(order=(order,), limit=most) if not meaning.limit else meaning
        return meaning._replace(
            order=(order,), limit=most, conditions=meaning.conditions[:at] + meaning.conditions[at + 1 :]
        )
    return meaning


def _places(item: Predicate) -> int:
    """Return how many places a condition on a rank keeps; none where it keeps others than the first ones."""
    if not isinstance(item, Condition) or not item.values or not isinstance(item.values[-1], int):
        return 0
    last = int(item.values[-1])
    kept = {"exact": last if last == 1 else 0, "lte": last, "lt": last - 1, "between": last, "in": last}
    return max(kept.get(item.operator, 0), 0)


def _shape(meaning: Meaning, *, is_series: bool) -> str:
    roles = [output.role for output in meaning.outputs]
    top = meaning.order[0] if meaning.order else None
    if "measure" in roles:
        return _measured_shape(meaning, roles, top, is_series=is_series)
    if "unit" in roles:
        return "rows"
    ordered = _ordered_by(meaning, top)
    descending = top is not None and top.descending
    several = descending and ordered is not None and (meaning.limit or 0) > 1
    first = _first_of(meaning)
    if (
        several
        and (first is None or not first.within)
        and _is_amount(ordered, meaning.outputs[top.output] if top and top.output is not None else None)
    ):
        return "ranking"
    if first is not None:
        return _first_shape(first.by, descending=first.descending)
    if meaning.limit == 1 and ordered is not None and "sample" not in roles:
        return _first_shape(ordered, descending=descending)
    if several and is_moment(ordered) and "sample" not in roles:
        return "latest"
    return "samples" if "sample" in roles else "rows"


def _first_shape(by: Value | None, *, descending: bool) -> str:
    """Return what one row of many is: by time the latest or the first, by an amount the best."""
    if by is None or is_moment(by):
        return "latest" if descending else "first"
    return "best" if descending else "rows"


def _measured_shape(meaning: Meaning, roles: list[str], top: Order | None, *, is_series: bool) -> str:
    dims = "dimension" in roles
    if dims and meaning.limit and top is not None and top.output is not None and roles[top.output] == "measure":
        return "ranking" if top.descending else "bottom"
    if "time" in roles:
        return "matrix" if dims else "series"
    if dims:
        return "split"
    return "series" if is_series else "number"


def _ordered_by(meaning: Meaning, top: Order | None) -> Value | None:
    if top is None:
        return None
    return meaning.outputs[top.output].value if top.output is not None else top.value


def _first_of(meaning: Meaning) -> Rank | None:
    """Return what the rows are the first, or the last, of: one for each key."""
    for item in meaning.conditions:
        if isinstance(item, Condition) and item.clause == "rank" and isinstance(item.of, Rank) and _places(item):
            return item.of
    return None


def _is_amount(value: Value | None, output: Output | None) -> bool:
    names = output.labels[-1:] if output is not None else ()
    name = names[0] if names else value.name if isinstance(value, Column) else ""
    return (
        not is_moment(value)
        and not name.lower().endswith(("id", "name", "date", "key"))
        and not isinstance(value, Rank)
    )
