"""From a parsed statement to facts: what is measured, by what, of what, when."""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlglot import exp

from .properties import in_order
from .sql_filters import EVENT_COLUMNS, read_where
from .sql_measures import breakdown_name, is_constant, read_measure, speaking, unwrapped
from .sql_scope import Found, Scope, first_select, part
from .sql_time import bucket, moment_part
from .types import Breakdown, Condition, Facts, Filter, Measure, Option, Period

_BLANK_SOURCE = re.compile(
    r"_{0,20}(?:\w{1,3}|base|cte\w*|data|final\w*|results?|source\w*|filtered\w*|ranked\w*|temp\w*|tmp\w*|main|combined|joined|step\w*)",
    re.IGNORECASE,
)
_CALENDAR = {"date": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
_ACTORS = frozenset({"person_id", "distinct_id", "user_id", "person", "user_pseudo_id", "anonymous_id"})


class _Selected(NamedTuple):
    measures: list[Measure]
    breakdowns: list[Breakdown]
    columns: list[str]
    interval: str


def read_tree(tree: exp.Expression) -> Facts | None:
    """Return the facts of a statement, or None where the parser kept it as unparsed text."""
    if isinstance(tree, exp.Command):
        return None
    tables = _tables(tree)
    select = first_select(tree)
    if select is None:
        return Facts("sql", "sql", tables=tables, options=_statement(tree))
    scope = Scope(tree)
    # What a statement writes to comes first in it; of what it reads the main source does.
    main = scope.table_of() if isinstance(tree, exp.Query) else next(iter(tables), "")
    tables = tuple(sorted(tables, key=lambda table: table != main))
    selected = _read_projections(scope)
    filters, period = _conditions(scope)
    measures, filters = _named_by_event(selected.measures, filters)
    order = part(select, "order")
    return Facts(
        kind="sql",
        node="sql",
        measures=tuple(measures),
        breakdowns=tuple(selected.breakdowns),
        filters=tuple(filters),
        period=period,
        interval=selected.interval,
        tables=tables,
        columns=() if measures else tuple(selected.columns),
        order=tuple(_ordered(item) for item in order.expressions[:2]) if order is not None else (),
        limit=_limit(tree, select),
        options=(*_source(scope), *_statement(tree)),
    )


def _statement(tree: exp.Expression) -> tuple[Option, ...]:
    """Return what a statement does that does not only read."""
    return () if isinstance(tree, exp.Query) else (Option("statement", tree.key),)


def _source(scope: Scope) -> tuple[Option, ...]:
    """Return the name that the author gave to what the statement reads, where that is a CTE with a name that speaks."""
    from_ = part(scope.select, "from") if scope.select is not None else None
    name = from_.this.name if from_ is not None and isinstance(from_.this, exp.Table) else ""
    speaks = name.lower() in scope.ctes and not _BLANK_SOURCE.fullmatch(name)
    return (Option("source", name),) if speaks else ()


def _tables(tree: exp.Expression) -> tuple[str, ...]:
    ctes, names = set(), []
    for node in tree.find_all(exp.CTE, exp.Table):
        if isinstance(node, exp.CTE):
            ctes.add(node.alias.lower())
        elif node.name:
            names.append(node.name)
    return tuple(dict.fromkeys(name for name in names if name.lower() not in ctes))


def _limit(tree: exp.Expression, select: exp.Select) -> int | None:
    for node in (tree, select):
        limit = node.args.get("limit")
        amount = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
        if isinstance(amount, exp.Literal) and amount.is_int:
            return int(amount.this)
    return None


def _ordered(item: exp.Expression) -> str:
    node = item.this if isinstance(item, exp.Ordered) else item
    name = node.name or node.alias_or_name or node.key
    return f"-{name}" if item.args.get("desc") else name


def _read_projections(scope: Scope) -> _Selected:
    found = _Selected([], [], [], "")
    select = scope.select
    if select is None:
        return found
    grouped = part(select, "group") is not None
    interval = ""
    for node in select.expressions:
        if node.is_star:
            inner = _star(scope) if not found.measures else None
            if inner is not None:
                found.measures.extend(inner.measures)
                found.breakdowns.extend(inner.breakdowns)
                found.columns.extend(inner.columns)
                interval = interval or inner.interval
            continue
        label = node.alias or ""
        core = Found(unwrapped(node), scope, label)
        measure = read_measure(core)
        if measure is not None:
            found.measures.append(measure)
            continue
        unit = bucket(core._replace(node=node.unalias())) or _named_unit(core.node)
        if unit:
            interval = interval or unit
            continue
        if is_constant(core):
            continue
        split_by = _breakdown(core, label)
        if split_by.key:
            found.breakdowns.append(split_by)
        found.columns.append(label or breakdown_name(core))
    if not found.measures and not grouped:
        # Rows, not aggregates: the columns speak, and a date among them is no axis.
        return found._replace(breakdowns=[], columns=[name for name in found.columns if name])
    return found._replace(interval=interval)


def _breakdown(core: Found, label: str) -> Breakdown:
    moment = moment_part(core)
    if moment:
        return Breakdown(moment, "time")
    key, shown = breakdown_name(core), speaking(label)
    table = core.scope.table_of(core.node) if isinstance(core.node, exp.Column) else ""
    return Breakdown(key, "column", shown if shown != key else "", table=table)


def _named_unit(node: exp.Expression) -> str:
    """Return the unit that a column is named after: a calendar table has a `month`."""
    return _CALENDAR.get(node.name.lower(), "") if isinstance(node, exp.Column) else ""


def _star(scope: Scope) -> _Selected | None:
    for inner in scope.subselects():
        if inner.select is not None:
            return _read_projections(inner)
    return None


def _conditions(scope: Scope) -> tuple[list[Filter], Period | None]:
    """Collect what holds for the rows: the WHERE of the statement and of every SELECT that its main source is made of."""
    filters: list[Filter] = []
    period: Period | None = None
    current: Scope | None = scope
    while current is not None:
        if current.select is not None:
            for clause in ("where", "prewhere"):
                where = part(current.select, clause)
                if where is not None:
                    found, span = read_where(where.this)
                    filters += found
                    period = period or span
        current = next(current.subselects(), None)
    return list(in_order(dict.fromkeys(filters))), period


def _named_by_event(measures: list[Measure], filters: list[Filter]) -> tuple[list[Measure], list[Filter]]:
    """Turn `event = 'signed_up'` into what is counted: on a table of events it is no filter but the subject."""
    shared, filters = _events_in(filters)
    named = []
    for measure in measures:
        own, rest = _events_in(list(measure.filters))
        events = own or shared
        over = _named_by_event([measure.over], [])[0][0] if measure.over else None
        counted = measure._replace(over=over)
        if events and measure.source == "table":
            counted = counted._replace(entity=events[0], source="event", alternatives=events[1:], filters=tuple(rest))
        if counted.math == "unique" and counted.of.lower() in _ACTORS and (events or counted.entity == "events"):
            counted = counted._replace(math="dau", source="event", of="", entity=counted.entity if events else "")
        named.append(counted)
    return named, filters


def _events_in(filters: list[Filter]) -> tuple[tuple[str, ...], list[Filter]]:
    for place, item in enumerate(filters):
        if isinstance(item, Condition) and item.key.lower() in EVENT_COLUMNS and item.operator in ("exact", "in"):
            return tuple(str(value) for value in item.values), filters[:place] + filters[place + 1 :]
    return (), filters
