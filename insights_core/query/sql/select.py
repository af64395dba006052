"""A parsed statement as its meaning: the answer's columns with their roles, the conditions of every level, the shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

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
    Opaque,
    Option,
    Order,
    Output,
    Rank,
    inner_values,
    is_measured,
)

from . import conditions
from .arithmetic import is_moment
from .reader import unwrapped
from .scopes import View, entity_of, named_source, part, root_view
from .time import NAMED_UNITS
from .values import read

if TYPE_CHECKING:
    from insights_core.query.meaning import Period, Predicate, Value

_DEEPEST = 24
_MOST_OUTPUTS = 200
_ACTORS = frozenset(
    {"person_id", "distinct_id", "user_id", "person", "user_pseudo_id", "anonymous_id", "userid", "visitor_id"}
)
_DATE = re.compile(r"^(?:date|day|week|month)_|_(?:date|day|week|month)$")
_CYCLES = ("_of_day", "_of_week", "_of_month", "_of_year", "_of_hour")


class _Rows(NamedTuple):
    """What holds for the rows of a statement."""

    conditions: tuple[Predicate, ...]
    period: Period | None


def meaning_of(tree: exp.Expression, *, is_series: bool = False) -> Meaning | None:
    """Return what a statement means, or None where the parser kept it as unparsed text."""
    if isinstance(tree, exp.Command):
        return None
    query = isinstance(tree, exp.Query)
    created = isinstance(tree, (exp.Create, exp.Insert)) and isinstance(tree.expression, exp.Query)
    if not query and not created:
        return _statement(tree)
    view = root_view(tree)
    if view is None or view.select is None:
        return _statement(tree)
    outputs = _outputs(view)
    rows = _rows(view)
    found = _roles(outputs, view, is_series=is_series)
    order, limit = (
        _order(tree if query else tree.expression, view, found),
        _limit(tree if query else tree.expression, view),
    )
    sources = _sources(tree, view)
    meaning = Meaning(
        shape="rows",
        source=_source(view),
        outputs=tuple(found),
        conditions=rows.conditions,
        period=rows.period,
        interval=_interval(found),
        order=order,
        limit=limit,
        sources=sources,
        options=() if query else (Option("statement", tree.key),),
        unread=tuple(dict.fromkeys(_unread(found))),
        format="sql",
    )
    distinct = view.select.args.get("distinct")
    on = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
    if on is not None and on.expressions:
        # PostgreSQL's DISTINCT ON keeps one row of each key: in the order of the statement the last or the first.
        key = Rank(None, tuple(read(item, view) for item in on.expressions))
        meaning = meaning._replace(conditions=(*meaning.conditions, Condition(key, "exact", (1,), "rank")))
    return _shaped(_by_event(meaning), view, is_series=is_series)


def _statement(tree: exp.Expression) -> Meaning:
    names = dict.fromkeys(table for table in tree.find_all(exp.Table) if table.name)
    sources = tuple(dict.fromkeys(entity_of(table) for table in names))
    source = sources[0] if sources else Entity("", "all")
    return Meaning("statement", source, sources=sources, options=(Option("statement", tree.key),), format="sql")


def _source(view: View) -> Entity:
    main = view.main
    if isinstance(main, View):
        return named_source(main)
    return main if main is not None else Entity("", "all")


def _sources(tree: exp.Expression, view: View) -> tuple[Entity, ...]:
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = [entity_of(table) for table in tree.find_all(exp.Table) if table.name and table.name.lower() not in ctes]
    return tuple(dict.fromkeys([view.entity, *tables]))


# The answer's columns


def _outputs(view: View, depth: int = 0) -> list[Output]:
    select = view.select
    if select is None:
        return []
    found: list[Output] = []
    for node in select.expressions[:_MOST_OUTPUTS]:
        if _is_star(node):
            found += _starred(node, view, depth)
            continue
        label = node.alias
        if isinstance(node, exp.EQ) and (named := _assigned(node)):
            # T-SQL's other way to name a column: `[time] = getdate()`.
            label, node = named, node.expression  # noqa: PLW2901
        value = read(node, view)
        labels = _labels(value, node, view, label)
        unit = node.find(exp.Explode) is not None and node.find(exp.AggFunc) is None
        found.append(Output("unit" if unit and not isinstance(value, Constant) else "", value, labels))
    if view.branches and len(view.branches) > 1 and depth < _DEEPEST:
        found = _united(found, view)
    return found


def _assigned(node: exp.EQ) -> str:
    left = node.this
    if isinstance(left, exp.Column) and not left.table and not isinstance(node.expression, exp.Literal):
        return left.name
    return left.name if isinstance(left, exp.Literal) and left.is_string else ""


def _is_star(node: exp.Expression) -> bool:
    return isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))


def _starred(node: exp.Expression, view: View, depth: int) -> list[Output]:
    table = node.table.lower() if isinstance(node, exp.Column) else ""
    source = view.sources.get(table) if table else view.main
    if isinstance(source, View) and depth < _DEEPEST:
        return _outputs(source, depth + 1)
    return [Output("", Column("*", source if isinstance(source, Entity) else None))]


def _labels(value: Value, node: exp.Expression, view: View, label: str) -> tuple[str, ...]:
    """Return the names that a value got on its way out, the outermost last."""
    found: list[str] = []
    core = unwrapped(node)
    if isinstance(core, exp.Column) and not isinstance(value, Column):
        name = core.name
        behind = view.behind(core)
        if isinstance(behind, tuple):
            inner, inner_view = behind
            found += _labels(value, inner, inner_view, inner.alias or "")
            if name not in found:
                found.append(name)
    if label and label not in found and not (isinstance(value, Column) and label in (value.name, *value.labels)):
        found.append(label)
    if isinstance(value, Column):
        found = [*value.labels, *found]
    return tuple(dict.fromkeys(item for item in found if not item.startswith("__")))


def _united(first: list[Output], view: View) -> list[Output]:
    """Return the columns of a union: a literal that differs between its parts is a dimension, whatever the parts are."""
    others = [_outputs(branch) for branch in view.branches[1:12]]
    merged: list[Output] = []
    for place, output in enumerate(first):
        same = [other[place] for other in others if place < len(other)]
        values = [output.value, *(item.value for item in same)]
        if all(isinstance(value, Constant) for value in values) and len(set(values)) > 1:
            merged.append(Output("dimension", Column((output.labels or ("",))[-1] or "kind", None), output.labels))
        elif len(set(values)) > 1 and is_measured(output.value) and any(map(is_measured, values[1:])):
            merged.append(output)
            merged += [item for item in same if item.value != output.value and is_measured(item.value)]
        else:
            merged.append(output)
    return merged


def _roles(outputs: list[Output], view: View, *, is_series: bool) -> list[Output]:
    select = view.select
    grouped = select is not None and part(select, "group") is not None
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
    if amounts or len(found) > 2:
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


def _interval(outputs: list[Output]) -> str:
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


def _unread(outputs: list[Output]) -> list[str]:
    found = []
    left: list[Value] = [output.value for output in outputs]
    while left:
        value = left.pop()
        if isinstance(value, Opaque):
            found.append(value.text)
        left += inner_values(value)
    return found


# What holds for the rows


def _rows(view: View, depth: int = 0) -> _Rows:
    """Collect what holds for the rows: the clauses of the statement and of every SELECT that its main source is made of."""
    found: list[Predicate] = []
    period: Period | None = None
    select = view.select
    if select is None or depth > _DEEPEST:
        return _Rows((), None)
    for clause in ("where", "prewhere", "having", "qualify"):
        node = part(select, clause)
        if node is not None:
            kind = "having" if clause == "having" else "rank" if clause == "qualify" else "where"
            more, span = conditions.read(node.this, view, kind)
            found += [_missing(item, select, view) for item in more]
            period = period or span
    main = view.main
    if isinstance(main, View):
        inner = _rows(main, depth + 1)
        found += [
            item for item in inner.conditions if not (isinstance(item, Condition) and item.clause == "having" and False)
        ]
        period = period or inner.period
    return _Rows(tuple(dict.fromkeys(found)), period)


def _missing(found: Predicate, select: exp.Select, view: View) -> Predicate:
    """Turn `LEFT JOIN orders … WHERE orders.id IS NULL` into what is missing: rows without orders."""
    if not isinstance(found, Condition) or found.operator != "is_not_set" or not isinstance(found.of, Column):
        return found
    for join in select.args.get("joins") or ():
        if (join.side or "").upper() == "LEFT" and isinstance(join.this, (exp.Table, exp.Subquery)):
            source = view.sources.get(join.this.alias_or_name.lower())
            entity = named_source(source) if isinstance(source, View) else source
            on = join.args.get("on")
            keys = (
                {column.name for column in on.find_all(exp.Column)}
                if on is not None
                else {item.name for item in join.args.get("using") or ()}
            )
            if (
                entity is not None
                and entity != view.entity
                and (found.of.of == entity or (isinstance(source, View) and found.of.of == source.entity))
                and found.of.name in keys
            ):
                return Condition(Column("", entity), "missing", (), found.clause)
    return found


# Order and limit


def _order(tree: exp.Expression, view: View, outputs: list[Output]) -> tuple[Order, ...]:
    select = view.select
    node = part(tree, "order") or (part(select, "order") if select is not None else None)
    if node is None:
        return ()
    found = []
    for item in node.expressions[:2]:
        inner = item.this if isinstance(item, exp.Ordered) else item
        descending = bool(item.args.get("desc")) if isinstance(item, exp.Ordered) else False
        found.append(_ordered(inner, descending, view, outputs))
    return tuple(found)


def _ordered(node: exp.Expression, descending: bool, view: View, outputs: list[Output]) -> Order:  # noqa: FBT001
    if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(outputs):
        return Order(int(node.name) - 1, None, descending)
    name = node.name.lower() if isinstance(node, exp.Column) else ""
    for place, output in enumerate(outputs):
        names = [label.lower() for label in output.labels[-1:]]
        if isinstance(output.value, Column) and not output.labels:
            names.append(output.value.name.lower())
        if name and name in names:
            return Order(place, None, descending)
    value = read(node, view)
    place = next((at for at, output in enumerate(outputs) if output.value == value), None)
    return Order(place, None if place is not None else value, descending)


def _limit(tree: exp.Expression, view: View) -> int | None:
    for node in (tree, view.select):
        limit = node.args.get("limit") if node is not None else None
        amount = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
        if isinstance(amount, exp.Literal) and amount.is_int:
            return int(amount.name)
    return None


# The shape


def _by_event(meaning: Meaning) -> Meaning:
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
            and item.of.name.lower() in conditions.EVENT_COLUMNS
            and item.operator in ("exact", "in")
        ):
            names = tuple(str(value) for value in item.values)
            return Entity(names[0], "event", names[1:]), predicates[:place] + predicates[place + 1 :]
    return None, predicates


def _shaped(meaning: Meaning, view: View, *, is_series: bool) -> Meaning:
    roles = [output.role for output in meaning.outputs]
    measured, timed = "measure" in roles, "time" in roles
    dims = roles.count("dimension")
    shape = "rows"
    top = meaning.order[0] if meaning.order else None
    if any(output.role == "unit" for output in meaning.outputs) and not measured:
        shape = "rows"
    elif measured:
        ranked = (
            meaning.limit is not None and meaning.limit > 1 and top is not None and top.descending and dims
            and top.output is not None and roles[top.output] == "measure"
        )  # fmt: skip
        shape = (
            "ranking"
            if ranked
            else "series"
            if timed and not dims
            else "matrix"
            if timed and dims
            else "split"
            if dims
            else "number"
        )
        if not timed and is_series and not dims:
            shape = "series"
    elif (
        top is not None
        and top.descending
        and (meaning.limit or 0) > 1
        and top.output is not None
        and _is_amount(meaning.outputs[top.output])
    ):
        shape = "ranking"
    elif _is_latest(meaning) or (meaning.limit == 1 and top is not None and top.descending and "sample" not in roles):
        shape = "latest"
    elif "sample" in roles:
        shape = "samples"
    del view
    return meaning._replace(shape=shape)


def _is_amount(output: Output) -> bool:
    value = output.value
    name = output.labels[-1] if output.labels else value.name if isinstance(value, Column) else ""
    return (
        not is_moment(value)
        and not name.lower().endswith(("id", "name", "date", "key"))
        and not isinstance(value, Rank)
    )


def _is_latest(meaning: Meaning) -> bool:
    return any(
        isinstance(item, Condition) and item.clause == "rank" and item.values in ((1,), (True,))
        for item in meaning.conditions
    )
