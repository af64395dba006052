"""A meaning as facts, for what still speaks of facts: the check of what others wrote, and the sentence beside a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.query import meaning as m

from .types import Breakdown, Condition, Facts, Group, Measure, Option, Period

if TYPE_CHECKING:
    from .types import Filter, Scalar

_LONGEST_COLUMNS = 30
_PARTS = {
    "hour_of_day": "hour",
    "month_of_year": "month",
    "week_of_year": "week",
    "quarter_of_year": "quarter",
    "minute_of_hour": "minute",
}


def facts_of(meaning: m.Meaning) -> Facts:
    """Return what of a meaning facts can hold."""
    if meaning.format != "sql":
        return _of_posthog(meaning)
    measures = tuple(_measure(output) for output in meaning.outputs if output.role in ("measure", "sample"))
    split = [
        output
        for output in meaning.outputs
        if output.role in ("dimension", "rank") or (output.role == "key" and measures)
    ]
    columns = [name for output in meaning.outputs if output.role in ("attribute", "key") and (name := _name(output))]
    sources = meaning.sources or (meaning.source,)
    named = meaning.source.name if meaning.source.kind == "cte" else ""
    return Facts(
        kind="sql",
        node="sql",
        measures=measures,
        breakdowns=tuple(_breakdown(output) for output in split),
        filters=tuple(found for item in meaning.conditions if (found := _filter(item)) is not None),
        period=Period(*meaning.period) if meaning.period is not None else None,
        interval=meaning.interval,
        tables=tuple(source.name for source in sources if source.name),
        columns=() if measures else tuple(columns[:_LONGEST_COLUMNS]),
        order=tuple(name for order in meaning.order if (name := _order(order, meaning))),
        limit=meaning.limit,
        options=(*((Option("source", named),) if named else ()), *(Option(*option) for option in meaning.options)),
        unread=meaning.unread,
        meaning=meaning,
    )


_KINDS = {
    "funnel": "funnel", "retention": "retention", "paths": "paths", "stickiness": "stickiness", "lifecycle": "lifecycle", "rows": "table",
    "actors": "table", "latest": "table", "first": "table", "best": "table", "bottom": "ranking",
}  # fmt: skip
_TABLES = frozenset({"EventsQuery", "ActorsQuery", "PersonsNode", "GroupsQuery", "SessionsQuery"})


def _of_posthog(meaning: m.Meaning) -> Facts:
    measured = [output for output in meaning.outputs if output.role == "measure"]
    trends = meaning.format in ("TrendsQuery", "TRENDS") or (measured and meaning.format not in _TABLES)
    kind = _KINDS.get(meaning.shape) or ("table" if meaning.format in _TABLES else "trends" if trends else "other")
    between = [step for step in meaning.steps if step.role not in ("start", "end")]
    measures = tuple(_step(step) for step in between) or tuple(_measure(output) for output in measured)
    if not measures and kind == "paths":
        measures = tuple(
            Measure(source.name, "event" if source.name else "all") for source in meaning.sources if source.name
        )
    ends = {step.role: step.of.name for step in meaning.steps if step.role in ("start", "end")}
    columns = tuple(
        name for output in meaning.outputs if output.role in ("attribute", "key") and (name := _name(output))
    )
    tables = (_ROWS.get(meaning.format, meaning.source.name),) if kind == "table" else ()
    return Facts(
        kind=kind,
        node=meaning.format,
        measures=measures,
        breakdowns=tuple(_breakdown(output) for output in meaning.outputs if output.role == "dimension"),
        filters=tuple(found for item in meaning.conditions if (found := _filter(item)) is not None),
        period=Period(*meaning.period) if meaning.period is not None else None,
        interval=meaning.interval,
        compare=meaning.compare,
        display=meaning.display,
        tables=tables if any(tables) else (),
        columns=columns[:_LONGEST_COLUMNS],
        order=tuple(name for order in meaning.order if (name := _order(order, meaning))),
        limit=meaning.limit,
        start=ends.get("start", ""),
        end=ends.get("end", ""),
        options=tuple(Option(*option) for option in meaning.options),
        words=meaning.words,
        unread=meaning.unread,
        meaning=meaning,
    )


_ROWS = {
    "EventsQuery": "events",
    "ActorsQuery": "persons",
    "PersonsNode": "persons",
    "GroupsQuery": "groups",
    "SessionsQuery": "sessions",
}


def _step(step: m.Step) -> Measure:
    filters = tuple(found for item in step.where if (found := _filter(item)) is not None)
    source = {"action": "action", "table": "table"}.get(step.of.kind, "event") if step.of.name else "all"
    return Measure(step.of.name, source, "total", "", step.of.label, filters, alternatives=step.of.alternatives)


_IN_MEASURE = {"label": "label", "function": "math", "where": "filters[0]"}


def fact_of(origin: str | tuple[str | int, ...], meaning: m.Meaning) -> str:
    """Return the place in the facts that a place in the meaning stands for."""
    if isinstance(origin, str):
        return origin
    first = origin[0]
    if first == "conditions":
        return f"filters[{origin[1]}]" if len(origin) > 1 else "filters[0]"
    if first == "steps" and len(origin) > 1 and isinstance(origin[1], int):
        if meaning.shape == "paths":
            return meaning.steps[origin[1]].role
        if "where" in origin:
            return f"measures[{origin[1]}].filters[0]"
        return f"measures[{origin[1]}].{'label' if origin[-1] == 'label' else 'entity'}"
    if first == "format":
        return "node"
    if first in ("source", "sources"):
        return "measures[0].entity" if any(output.role == "measure" for output in meaning.outputs) else "tables[0]"
    if first != "outputs" or len(origin) == 1 or not isinstance(origin[1], int):
        return "columns[0]" if first == "outputs" else str(first)
    at = origin[1]
    role = meaning.outputs[at].role
    place = sum(output.role in _SAME.get(role, (role,)) for output in meaning.outputs[:at])
    if role in ("measure", "sample"):
        return f"measures[{place}].{_of_measure(origin[2:], meaning.outputs[at].value)}"
    return f"breakdowns[{place}].key" if role in ("dimension", "rank") else f"columns[{place}]"


_SAME = {
    "measure": ("measure", "sample"),
    "sample": ("measure", "sample"),
    "dimension": ("dimension", "rank"),
    "rank": ("dimension", "rank"),
}


def _of_measure(steps: tuple[str | int, ...], value: m.Value) -> str:
    for step in steps:
        if step in _IN_MEASURE:
            return _IN_MEASURE[step]
    if steps[-1:] in (("of",), ("unit",)) and isinstance(value, m.Count):
        if steps[-1] == "unit" and isinstance(value.unit, m.Entity):
            return "math"
        return "entity" if steps[-1] == "of" else "of"
    return "entity" if steps[-2:] == ("of", "of") else "of"


def _name(output: m.Output) -> str:
    if output.labels:
        return output.labels[-1]
    column = _column(output.value)
    return column.name if column is not None and column.name != "*" else ""


def _column(value: m.Value | None) -> m.Column | None:
    return next(m.columns_in(value), None)


def _measure(output: m.Output) -> Measure:
    label = output.labels[-1] if output.labels else ""
    return _of_value(output.value, label)


def _of_value(value: m.Value, label: str = "") -> Measure:
    if isinstance(value, m.Count):
        filters = tuple(found for item in value.where if (found := _filter(item)) is not None)
        source = (
            {"event": "event", "action": "action"}.get(value.of.kind, "table")
            if value.of.name or value.of.kind == "table"
            else "all"
        )
        label = label or value.of.label
        if isinstance(value.unit, m.Column):
            return Measure(
                value.of.name, source, "unique", value.unit.name, label, filters, alternatives=value.of.alternatives
            )
        math = value.unit.name if value.unit is not None else "total"
        group = int(value.per) if value.per.isdigit() else None
        math = {"first_time": "first_time_for_user"}.get(math, math)
        source = source if source != "table" or math == "total" else "event"
        return Measure(value.of.name, source, math, "", label, filters, group, value.of.alternatives)
    if isinstance(value, m.Aggregate):
        inner = _of_value(value.of)
        filters = tuple(found for item in value.where if (found := _filter(item)) is not None)
        if isinstance(value.of, m.Duration):
            until = _column(value.of.until or value.of.since)
            return Measure(
                inner.entity, inner.source, f"{value.function}_duration", until.name if until else "", label, filters
            )
        if value.per == "user":
            return inner._replace(math=f"{value.function}_count_per_actor", label=label or inner.label)
        column = _column(value.of)
        return Measure(
            inner.entity,
            inner.source,
            value.function,
            column.name if column else inner.of,
            label,
            filters or inner.filters,
        )
    if isinstance(value, m.Ratio):
        top, bottom = _of_value(value.top, label), _of_value(value.bottom)
        return top._replace(math="ratio" if top.math in ("total", "unique") else top.math, over=bottom)
    column = _column(value)
    of = column.of if column is not None else None
    entity = of.name if of is not None else ""
    source = of.kind if of is not None and of.kind in ("event", "action") else "table"
    return Measure(entity, source, "sum" if isinstance(value, m.Running) else "", column.name if column else "", label)


def _breakdown(output: m.Output) -> Breakdown:
    value = output.value
    if isinstance(value, m.Bucket):
        return Breakdown(_PARTS.get(value.unit, value.unit), "time")
    column = _column(value)
    name = column.name if column is not None else ""
    labels = output.labels or (column.labels if column is not None else ())
    label = labels[-1] if labels else ""
    table = column.of.name if column is not None and column.of is not None else ""
    if column is not None and column.scope:
        return Breakdown(name, column.scope, label if label != name else "", column.bins)
    return Breakdown(name or label, "column", label if label != name else "", table=table)


def _filter(item: m.Predicate) -> Filter | None:
    if isinstance(item, m.Group):
        inner = tuple(found for part in item.items if (found := _filter(part)) is not None)
        return Group(item.operator, inner) if inner else None
    if item.clause in ("rank", "pivot"):
        return None
    column = _column(item.of)
    if column is None:
        return None
    if item.operator in ("missing", "exists"):
        entity = column.name or (column.of.name if column.of is not None else "")
        return Condition(entity, "is_not_set" if item.operator == "missing" else "is_set", (), "column")
    values: tuple[Scalar, ...] = item.values
    return Condition(column.name, _OPERATORS.get(item.operator, item.operator), values, column.scope or "column")


_OPERATORS = {"starts": "icontains", "ends": "icontains", "not_starts": "not_icontains", "not_ends": "not_icontains"}


def _order(order: m.Order, meaning: m.Meaning) -> str:
    column = _column(order.value)
    name = (
        _name(meaning.outputs[order.output]) if order.output is not None else column.name if column is not None else ""
    )
    return f"-{name}" if order.descending and name else name
