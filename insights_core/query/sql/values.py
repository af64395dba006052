"""Columns, choices and calls as values, and which reader takes which kind of node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Case,
    Column,
    Constant,
    Entity,
    Extreme,
    Opaque,
    columns_in,
    is_measured,
)

from . import aggregates, arithmetic, conditions
from .aggregates import FUNCTIONS, QUANTILES, called_on, percentile
from .arithmetic import bucketed
from .calls import called
from .reader import COMPARISONS, FAMILIES, READERS, columns_of, read, scalar
from .scopes import part, view_entity
from .text import PLACEHOLDER
from .time import SHIFTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.query.meaning import Value

    from .reader import Reader
    from .scopes import View

_PARTS = (
    exp.Substring,
    exp.RegexpExtract,
    exp.Split,
    exp.SplitPart,
    exp.Left,
    exp.Right,
    exp.Replace,
    exp.RegexpReplace,
)
_DIFFERENCES = (exp.DateDiff, exp.TimestampDiff, exp.DatetimeDiff, exp.TsOrDsDiff, exp.TimeDiff)


_JSON = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar)


def _column(node: exp.Expression, view: View, depth: int) -> Value:
    if not isinstance(node, exp.Column):
        return Opaque(node.key)
    name = node.name
    if name == PLACEHOLDER:
        return Constant(None)
    behind = view.behind(node)
    if (behind is None or isinstance(behind, Entity)) and (named := _aliased(node, view)) is not None:
        return read(named, view, depth + 1)
    if behind is None or isinstance(behind, Entity):
        return Column(name, behind if isinstance(behind, Entity) else None)
    inner, inner_view = behind
    value = read(inner, inner_view, depth + 1)
    if isinstance(value, Column):
        labels = value.labels if name in (value.name, *value.labels) else (*value.labels, name)
        return value._replace(labels=labels)
    if inner_view.branches and isinstance(value, Constant):
        return Column(name, inner_view.entity)
    return value


def _aliased(node: exp.Column, view: View) -> exp.Expression | None:
    """Return the aggregate that the same SELECT gives this name to: some engines let one column use another's alias."""
    found = view.projections.get(node.name.lower()) if not node.table else None
    if found is None or not isinstance(found, exp.Alias) or found.find(exp.AggFunc) is None:
        return None
    # `sum(x) AS x` speaks of the table's x.
    return None if node.find_ancestor(exp.Alias) is found else found.this


def _literal(node: exp.Expression, _: View, __: int) -> Value:
    return Constant(scalar(node))


def _bracket(node: exp.Expression, view: View, depth: int) -> Value:
    """Read an element: of BigQuery's quantiles it is one of them."""
    inner = node.this
    if isinstance(inner, exp.ApproxQuantiles) and node.expressions:
        count, at = scalar(inner.args.get("expression")), scalar(node.expressions[0])
        if isinstance(count, int) and isinstance(at, int) and count:
            return called_on(percentile(exp.Literal.number(at / count)), inner.this, view, depth)
    return read(inner, view, depth + 1)


def _conditional(node: exp.Expression, view: View, depth: int) -> Value:
    if isinstance(node, exp.Case):
        results = [item.args.get("true") for item in node.args.get("ifs") or ()] + [node.args.get("default")]
        tests = [node.this, *(item.this for item in node.args.get("ifs") or ())]
    else:
        results, tests = [node.args.get("true"), node.args.get("false")], [node.this]
    kept = [item for item in results if item is not None]
    values = [read(item, view, depth + 1) for item in kept]
    speaking = [value for value in values if not isinstance(value, Constant)]
    if speaking:
        return _measured("case", speaking) or (
            speaking[0] if len(set(speaking)) == 1 else Opaque("case", tuple(speaking))
        )
    of = tuple(dict.fromkeys(column for item in tests if item is not None for column in columns_of(item, view, depth)))
    literals = tuple(value.value for value in values if isinstance(value, Constant) and value.value is not None)
    return Case(of, literals)


def _json(node: exp.Expression, view: View, depth: int) -> Value:
    path = node.expression
    names = [item.name for item in path.find_all(exp.JSONPathKey)] if path is not None else []
    name = names[-1] if names else (path.name if path is not None else "")
    base = next(columns_in(read(node.this, view, depth + 1)), None)
    return Column(
        name.rpartition(".")[2].strip("$\"'[] ") or (base.name if base else ""), base.of if base else view_entity(view)
    )


def _dot(node: exp.Expression, view: View, depth: int) -> Value:
    inner = node.expression
    if isinstance(inner, exp.Func) and isinstance(inner, exp.Expression):
        return read(inner, view, depth + 1)  # a call with its schema
    return Column(node.name or node.expression.name, view_entity(view))


def _subquery(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a scalar sub-query: in BigQuery's way a property of an event, else the value that it selects."""
    query = node.this if isinstance(node, exp.Subquery) else node
    select = (
        query
        if isinstance(query, exp.Select)
        else query.find(exp.Select)
        if isinstance(query, exp.Expression)
        else None
    )
    if select is None:
        return Opaque("subquery")
    from_ = part(select, "from")
    if from_ is not None and from_.find(exp.Unnest):
        where = part(select, "where")
        for test in where.find_all(exp.EQ) if where is not None else ():
            key = scalar(test.expression)
            if isinstance(key, str) and test.this.name.lower() in ("key", "name", "k"):
                return Column(key, view_entity(view), scope="event")
    scope = next(
        (inner for inner in view.scope.subquery_scopes if inner.expression is select or inner.expression is query), None
    )
    if scope is None or not select.expressions:
        columns = tuple(Column(item.name) for item in select.find_all(exp.Column))
        return Opaque("subquery", columns[:1])
    inner = view.view(scope, "")
    selected = read(select.expressions[0], inner, depth + 1)
    if isinstance(selected, Column) and part(select, "order") is not None and not is_measured(selected):
        return Extreme("last", selected)
    return selected


def _comparison(node: exp.Expression, view: View, depth: int) -> Value:
    found = tuple(dict.fromkeys(columns_of(node, view, depth)))
    return Case(found, (True, False))


def _concat(node: exp.Expression, view: View, depth: int) -> Value:
    values = [
        read(item, view, depth + 1)
        for item in (node.this, node.args.get("expression"), *node.expressions)
        if isinstance(item, exp.Expression)
    ]
    speaking = [value for value in values if not isinstance(value, Constant)]
    if not speaking:
        return Constant(None)
    return _measured("concat", speaking) or (speaking[0] if len(speaking) == 1 else Opaque("concat", tuple(speaking)))


def _measured(name: str, values: Sequence[Value]) -> Value | None:
    """Return what is measured where one of the values is; where several are, the call is not any one of them."""
    found = tuple(dict.fromkeys(filter(is_measured, values)))
    return found[0] if len(found) == 1 else Opaque(name, found) if found else None


def _other(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a call that nothing here knows: through it where it has one argument that speaks, else as far as its columns."""
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc, exp.CombinedAggFunc, exp.ParameterizedAgg)):
        found = called(node, view, depth)
        if found is not None:
            return found
    if isinstance(node, exp.Func) and (cut := bucketed(node, view, depth)) is not None:
        return cut
    if isinstance(node, exp.AggFunc):
        return called_on("any", node.this if isinstance(node.this, exp.Expression) else None, view, depth)
    arguments = [
        item for item in (node.this, node.args.get("expression"), *node.expressions) if isinstance(item, exp.Expression)
    ]
    values = [value for item in arguments if not isinstance(value := read(item, view, depth + 1), Constant)]
    if not values:
        return Constant(None)
    name = (node.name if isinstance(node, exp.Anonymous) else node.key).lower()
    if (measured := _measured(name, values)) is not None:
        return measured
    columns = tuple(dict.fromkeys(column for value in values for column in columns_in(value)))
    if name in conditions.SIZES:
        return Opaque(name, columns)
    if len(values) == 1 and isinstance(values[0], Column) and isinstance(node, _PARTS):
        return values[0]
    if len(columns) == 1 and len(values) == 1 and isinstance(node, (exp.Func, exp.Bracket)):
        return columns[0] if isinstance(values[0], Column) else Opaque(name, columns)
    return Opaque(name, columns)


_READERS: dict[type[exp.Expression], Reader] = {
    exp.Column: _column, exp.Literal: _literal, exp.Boolean: _literal, exp.Null: _literal, exp.Parameter: _literal,
    exp.Placeholder: _literal, exp.SessionParameter: _literal, exp.Count: aggregates.count, exp.CountIf: aggregates.count_if,
    exp.ApproxDistinct: aggregates.approximately, exp.Filter: aggregates.filtered, exp.WithinGroup: aggregates.within_group,
    exp.Window: aggregates.window, exp.ArgMax: aggregates.of_extreme_row, exp.ArgMin: aggregates.of_extreme_row,
    exp.Case: _conditional, exp.If: _conditional, exp.Subquery: _subquery, exp.Dot: _dot, exp.Bracket: _bracket,
    exp.DPipe: _concat, exp.Concat: _concat, exp.ConcatWs: _concat, exp.Extract: arithmetic.extract, exp.Cast: arithmetic.cast_to_day,
    exp.TryCast: arithmetic.cast_to_day,
    **dict.fromkeys((exp.Mul, exp.Div, exp.Add, exp.Sub, exp.IntDiv, exp.Mod, exp.SafeDivide), arithmetic.arithmetic),
    **dict.fromkeys(SHIFTS, arithmetic.shifted),
}  # fmt: skip
READERS.update(_READERS)
FAMILIES += [
    (QUANTILES, aggregates.quantile), (tuple(FUNCTIONS), aggregates.aggregate), (_DIFFERENCES, arithmetic.between), (_JSON, _json),
    (COMPARISONS, _comparison), ((exp.Expression,), _other),
]  # fmt: skip
