"""What holds for the rows of an answer: conditions of every level, the period, the order and the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from insights_core.query.meaning import Column, Condition, Order, Rank

from . import conditions
from .reader import read
from .scopes import View, is_star, named_source, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.query.meaning import Output, Period, Predicate

_DEEPEST = 100
_CLAUSES = {"where": "where", "prewhere": "where", "having": "having", "qualify": "rank"}


class Rows(NamedTuple):
    """What holds for the rows of a statement."""

    conditions: tuple[Predicate, ...] = ()
    period: Period | None = None


def rows_of(view: View, depth: int = 0) -> Rows:
    """Collect the clauses of a SELECT, of what its main source is made of, and of what it is joined with so that rows are lost."""
    if view.rows is None:
        view.rows = Rows()  # while they are looked for: a CTE that reads itself ends here
        view.rows = _collected(view, view.select, depth) if view.select is not None and depth <= _DEEPEST else Rows()
    return view.rows


def _collected(view: View, select: exp.Select, depth: int) -> Rows:
    if view.branches:
        return _of_all([rows_of(branch, depth + 1) for branch in view.branches])
    found: list[Predicate] = []
    period: Period | None = None
    for clause, kind in _CLAUSES.items():
        node = part(select, clause)
        if node is not None:
            more, span = conditions.read(node.this, view, kind)
            found += [_missing(item, select, view) for item in more]
            period = period or span
    joined = [rows_of(source, depth + 1) for source in _restricting(view)]
    joined += [Rows(*conditions.read(join.args.get("on"), view, "join")) for join in _inner(select)]
    for inner in joined:
        found += inner.conditions
        period = period or inner.period
    found += _distinct_on(select, view)
    return Rows(tuple(dict.fromkeys(found)), period)


def _of_all(branches: list[Rows]) -> Rows:
    """Return what holds for the rows of every branch of a union."""
    shared = [item for item in branches[0].conditions if all(item in branch.conditions for branch in branches[1:])]
    return Rows(tuple(shared), next((branch.period for branch in branches if branch.period is not None), None))


def own_conditions(view: View) -> tuple[tuple[Predicate, ...], ...]:
    """Return what holds for the rows of each branch of a union alone."""
    branches = [rows_of(branch, 1) for branch in view.branches]
    shared = set(_of_all(branches).conditions)
    return tuple(tuple(item for item in branch.conditions if item not in shared) for branch in branches)


def _inner(select: exp.Select) -> Iterator[exp.Join]:
    """Yield the joins that keep the rows alone that have a partner."""
    for join in select.args.get("joins") or ():
        if not join.side and join.kind.upper() in ("", "INNER"):
            yield join


def _restricting(view: View) -> Iterator[View]:
    """Yield the SELECTs behind the main source and the inner joins."""
    several = len(view.sources) > 1
    if isinstance(view.main, View) and not (several and _is_one_row(view.main)):
        inner = view.main.select
        if inner is not None and part(inner, "limit") is not None and view.handed_on is None:
            view.unread["limit"] = None  # the answer is of some rows alone, and nothing says of which
        yield view.main
    for join in _inner(view.select) if view.select is not None else ():
        source = view.sources.get(join.alias_or_name.lower())
        if isinstance(source, View) and source is not view.main and not _is_one_row(source):
            yield source


def _is_one_row(view: View) -> bool:
    """Whether a SELECT answers one row alone: what holds for the rows behind it holds for its own figures, not for what it is joined with."""
    select = view.select
    if select is None or view.branches or part(select, "group") is not None:
        return False
    return bool(select.expressions) and all(
        item.find(exp.AggFunc) and not item.find(exp.Window) for item in select.expressions
    )


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


def _distinct_on(select: exp.Select, view: View) -> list[Predicate]:
    """Read PostgreSQL's DISTINCT ON: one row of each key stays, in the order of the statement the last or the first."""
    distinct = select.args.get("distinct")
    on = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
    if on is None or not on.expressions:
        return []
    within = tuple(read(item, view) for item in on.expressions)
    order = part(select, "order")
    keys = [item for item in order.expressions if read(item.this, view) not in within] if order is not None else []
    by = read(keys[0].this, view) if keys else None
    return [Condition(Rank(by, within, not keys or bool(keys[0].args.get("desc"))), "exact", (1,), "rank")]


def order_of(tree: exp.Expression, view: View, outputs: list[Output]) -> tuple[Order, ...]:
    """Return what the rows are ordered by: of a statement that only hands on what a SELECT in it orders, that order."""
    for select, inner in _handed_on(tree, view):
        node = part(select, "order")
        if node is not None:
            return tuple(_ordered(item, inner, outputs, is_own=inner is view) for item in node.expressions[:2])
    return ()


def limit_of(tree: exp.Expression, view: View) -> int | None:
    """Return how many rows are kept, by the statement or by the SELECT that it only hands on."""
    for select, _ in _handed_on(tree, view):
        limit = select.args.get("limit")
        amount = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
        if isinstance(amount, exp.Literal) and amount.is_int:
            return int(amount.name)
    return None


def _handed_on(tree: exp.Expression, view: View) -> Iterator[tuple[exp.Expression, View]]:
    yield tree, view
    inner: View | None = view
    while inner is not None and inner.select is not None:
        yield inner.select, inner
        inner = inner.handed_on


def _ordered(item: exp.Expression, view: View, outputs: list[Output], *, is_own: bool) -> Order:
    node = item.this if isinstance(item, exp.Ordered) else item
    descending = bool(item.args.get("desc")) if isinstance(item, exp.Ordered) else False
    selected = view.select.expressions if view.select is not None else []
    if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(selected):
        if is_own and not any(map(is_star, selected)):
            return Order(int(node.name) - 1, None, descending)
        node = selected[int(node.name) - 1].unalias()
    name = node.name.lower() if isinstance(node, exp.Column) else ""
    if is_own:
        for place, output in enumerate(outputs):
            names = [label.lower() for label in output.labels[-1:]]
            if isinstance(output.value, Column) and not output.labels:
                names.append(output.value.name.lower())
            if name and name in names:
                return Order(place, None, descending)
    elif name in view.projections:
        node = view.projections[name].unalias()
    value = read(node, view)
    same = next((at for at, output in enumerate(outputs) if output.value == value), None)
    return Order(same, None if same is not None else value, descending)
