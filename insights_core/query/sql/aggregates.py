"""Values over several rows: counts, sums, quantiles, windows, and the conditions that they keep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Column,
    Constant,
    Count,
    Entity,
    Extreme,
    Opaque,
    Rank,
    Ratio,
    Running,
    columns_in,
    is_measured,
)

from . import conditions
from .reader import COMPARISONS, CONDITIONAL, read, unwrapped
from .scopes import View, part, view_entity
from .time import bucket

if TYPE_CHECKING:
    from insights_core.query.meaning import Predicate, Value

_FLAG = re.compile(r"(?:is|has|was|did|can)_", re.IGNORECASE)
FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Median: "median", exp.Stddev: "stddev", exp.StddevPop: "stddev",
    exp.StddevSamp: "stddev", exp.Variance: "variance", exp.VariancePop: "variance", exp.AnyValue: "any", exp.GroupConcat: "list",
    exp.ArrayAgg: "list", exp.ArrayConcatAgg: "list", exp.Mode: "mode", exp.Corr: "correlation",
}  # fmt: skip


QUANTILES = (exp.Quantile, exp.PercentileCont, exp.PercentileDisc, exp.ApproxQuantile, exp.ApproxQuantiles)


_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.PercentRank, exp.CumeDist)


def where_of(node: exp.Expression | None, view: View) -> tuple[Predicate, ...]:
    """Return the conditions of a clause within an aggregation."""
    return conditions.read(node, view)[0] if node is not None else ()


def count(node: exp.Expression, view: View, depth: int) -> Value:
    """Read COUNT: of rows, of different values, or of the rows that a condition keeps."""
    argument = node.this
    if isinstance(argument, exp.Star) or argument is None:
        return Count(view_entity(view))
    if isinstance(argument, exp.Distinct):
        return distinct(argument.expressions[0] if argument.expressions else argument.this, view, depth)
    if isinstance(argument, CONDITIONAL):
        where, inner = _branch(argument)
        unit = None
        if isinstance(inner, exp.Distinct):
            unit = inner
        return (
            Count(view_entity(view, argument), where=where_of(where, view))
            if unit is None
            else distinct(unit, view, depth)
        )
    if isinstance(argument, (exp.Literal, exp.Boolean, exp.Null)):
        return Count(view_entity(view))
    inner = unwrapped(argument)
    if isinstance(inner, exp.Column):
        value = read(inner, view, depth + 1)
        if isinstance(value, Column):
            return Count(value.of if value.of and value.of.name else view_entity(view))
    if isinstance(inner, COMPARISONS):
        return Count(view_entity(view), where=where_of(inner, view))
    return Count(view_entity(view, argument))


def distinct(argument: exp.Expression | None, view: View, depth: int) -> Value:
    """Return the count of different values."""
    where: tuple[Predicate, ...] = ()
    node = unwrapped(argument) if argument is not None else None
    if isinstance(node, CONDITIONAL):
        condition, node = _branch(node)
        where = where_of(condition, view)
    value = read(node, view, depth + 1) if node is not None else None
    if isinstance(value, Column):
        return Count(value.of or view_entity(view), unit=value, where=where)
    if isinstance(value, Bucket):
        return Count(view_entity(view), unit=Column(value.unit.removesuffix("_of_week"), None), where=where)
    first = next(columns_in(value), None)
    return Count(view_entity(view), unit=first, where=where)


def _branch(node: exp.Expression) -> tuple[exp.Expression | None, exp.Expression | None]:
    """Return the condition and the result of a CASE that keeps some rows and drops the others."""
    if isinstance(node, exp.If):
        return node.this, node.args.get("true")
    ifs = node.args.get("ifs") or ()
    if not ifs:
        return None, None
    first = ifs[0]
    result = first.args.get("true")
    if isinstance(result, exp.Literal) and result.name == "0" and node.args.get("default") is not None:
        return exp.Not(this=exp.Paren(this=first.this.copy())), node.args["default"]
    condition = first.this
    if node.this is not None:
        condition = exp.EQ(this=node.this.copy(), expression=condition.copy())
    elif len(ifs) > 1:
        same = [item.this for item in ifs if item.args.get("true") == result]
        if len(same) == len(ifs):
            condition = exp.or_(*(item.copy() for item in same))
    return condition, result


def count_if(node: exp.Expression, view: View, depth: int) -> Value:
    """Read COUNT_IF: the rows that a condition keeps."""
    del depth
    return Count(view_entity(view), where=where_of(node.this, view))


def approximately(node: exp.Expression, view: View, depth: int) -> Value:
    """Read an approximate count of different values as the exact one."""
    return distinct(node.this, view, depth)


def aggregate(node: exp.Expression, view: View, depth: int) -> Value:
    """Read an aggregation that the parser knows."""
    return called_on(FUNCTIONS.get(type(node), ""), node.this, view, depth)


def called_on(
    function: str, argument: exp.Expression | None, view: View, depth: int, where: tuple[Predicate, ...] = ()
) -> Value:
    """Return an aggregation of an argument: of a condition it is a count, of a value kept by a condition a part."""
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0] if argument.expressions else argument.this
    node = unwrapped(argument) if argument is not None else None
    if function == "unique":
        found = distinct(node, view, depth)
        return found._replace(where=(*found.where, *where)) if isinstance(found, Count) else found
    if function == "count":
        return Count(view_entity(view), where=where)
    if node is None:
        return Opaque(function)
    if function in ("sum", "avg") and (isinstance(node, COMPARISONS) or _is_flag(node, view, depth)):
        counted = Count(view_entity(view), where=(*where_of(node, view), *where))
        return counted if function == "sum" else Ratio(counted, Count(view_entity(view), where=where))
    if isinstance(node, CONDITIONAL):
        kept = _kept(node, function, view, depth, where)
        if kept is not None:
            return kept
    value = read(node, view, depth + 1)
    if isinstance(value, Constant):
        return Count(view_entity(view), where=where) if function == "sum" else Opaque(function)
    if is_measured(value):
        if function == "sum" and not isinstance(value, (Ratio, Running)):
            return narrowed(value, where)
        if function in ("any", "group") or (function in ("max", "min") and not _per(node, view)):
            return value
        return Aggregate(function, value, where, per=_per(node, view))
    return Aggregate(function, value, where)


def _is_flag(node: exp.Expression, view: View, depth: int) -> bool:
    """Whether a column says yes or no: what is added up are the rows where it says yes."""
    return (
        isinstance(node, exp.Column)
        and _FLAG.match(node.name) is not None
        and isinstance(read(node, view, depth + 1), Column)
    )


def _kept(node: exp.Expression, function: str, view: View, depth: int, where: tuple[Predicate, ...]) -> Value | None:
    if (
        isinstance(node, exp.Case)
        and len(node.args.get("ifs") or ()) > 1
        and not isinstance(_branch(node)[1], exp.Literal)
    ):
        return None
    condition, result = _branch(node)
    if condition is None or result is None:
        return None
    other = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
    plain = unwrapped(result)
    nothing = (
        other is None
        or isinstance(unwrapped(other), exp.Null)
        or (isinstance(unwrapped(other), exp.Literal) and unwrapped(other).name in ("0", "0.0", ""))
    )
    if isinstance(plain, (exp.Literal, exp.Boolean)):
        inner = (*where_of(condition, view), *where)
        if function == "sum" and (nothing or len(node.args.get("ifs") or ()) <= 1):
            return Count(view_entity(view, condition), where=inner)
        if function == "avg" and nothing and other is not None:
            entity = view_entity(view, condition)
            return Ratio(Count(entity, where=inner), Count(entity, where=where))
        return None
    if not nothing:
        return None
    value = read(plain, view, depth + 1)
    inner = (*where_of(condition, view), *where)
    if is_measured(value):
        return narrowed(value, inner)
    if isinstance(value, Constant):
        return Count(view_entity(view), where=inner)
    return Aggregate(function, value, inner)


def narrowed(value: Value, where: tuple[Predicate, ...]) -> Value:
    """Return a count or aggregation under more conditions."""
    return value._replace(where=(*value.where, *where)) if where and isinstance(value, (Count, Aggregate)) else value


def _per(node: exp.Expression, view: View) -> str:
    """Return the key that inner rows were grouped by: the average of counts per it."""
    column = node if isinstance(node, exp.Column) else node.find(exp.Column)
    behind = view.behind(column) if column is not None else None
    inner = view.main if isinstance(view.main, View) else None
    if behind is not None and not isinstance(behind, Entity):
        inner = behind[1]
    if inner is None or inner.select is None:
        return ""
    group = part(inner.select, "group")
    if group is None:
        return ""
    for key in inner.select.expressions:
        core = key.unalias()
        plain = unwrapped(core)
        if is_measured(read(plain, inner)):
            continue
        found = bucket(plain)
        if found is not None and found[0]:
            return found[0]
        if isinstance(plain, exp.Column):
            return str(plain.name)
        if key.alias:
            return str(key.alias)
    return ""


def quantile(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a quantile: its level and what it is of."""
    level = node.args.get("quantile") or next((item for item in node.find_all(exp.Literal) if not item.is_string), None)
    return called_on(percentile(level), node.this if not isinstance(node.this, exp.Literal) else None, view, depth)


def percentile(level: exp.Expression | None) -> str:
    """Return the code of a quantile: 0.9 is `p90`, 0.5 the median."""
    digits = level.name if isinstance(level, exp.Expression) else ""
    try:
        number = float(digits)
    except ValueError:
        return "median"
    percent = number * 100 if number <= 1 else number
    named = {50.0: "median", 100.0: "max", 0.0: "min"}.get(round(percent, 6))
    return named or f"p{percent:g}".replace(".", "")


def within_group(node: exp.Expression, view: View, depth: int) -> Value:
    """Read `percentile_cont(0.9) WITHIN GROUP (ORDER BY x)`."""
    ordered = (
        node.expression.expressions[0].this if node.expression is not None and node.expression.expressions else None
    )
    inner = node.this
    if isinstance(inner, QUANTILES):
        return called_on(percentile(inner.this), ordered, view, depth)
    if isinstance(inner, exp.Mode):
        return called_on("mode", ordered, view, depth)
    return read(inner, view, depth + 1)


def filtered(node: exp.Expression, view: View, depth: int) -> Value:
    """Read `agg(…) FILTER (WHERE …)`."""
    value = read(node.this, view, depth + 1)
    clause = node.expression
    return narrowed(value, where_of(clause.this if clause is not None else None, view))


def of_extreme_row(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a value of the row where another is highest or lowest."""
    which = "last" if isinstance(node, exp.ArgMax) else "first"
    return Extreme(which, read(node.this, view, depth + 1), read(node.expression, view, depth + 1))


def window(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a window: a place among rows, the row before, a running or moving total, or the value over a part."""
    inner = node.this
    if isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
        inner = inner.this
    order = node.args.get("order")
    within = node.args.get("partition_by") or ()
    if isinstance(inner, _RANKS) or (isinstance(inner, exp.Anonymous) and inner.name.lower() in ("rownumber", "ntile")):
        groups = tuple(read(item, view, depth + 1) for item in within)
        ordered = [
            (read(item.this, view, depth + 1), item) for item in (order.expressions if order is not None else ())
        ]
        # What all rows of a group share orders none of them.
        key, by = next(((key, item) for key, item in ordered if key not in groups), (None, None))
        return Rank(key, groups, by is not None and bool(by.args.get("desc")))
    if isinstance(inner, (exp.Lag, exp.Lead)):
        return Extreme("previous" if isinstance(inner, exp.Lag) else "next", read(inner.this, view, depth + 1))
    if isinstance(inner, (exp.FirstValue, exp.LastValue)):
        return Extreme("first" if isinstance(inner, exp.FirstValue) else "last", read(inner.this, view, depth + 1))
    value = read(inner, view, depth + 1)
    frame = node.args.get("spec")
    if order is not None and is_measured(value):
        function = value.function if isinstance(value, Aggregate) and value.function != "sum" else "sum"
        if function in ("sum", "avg"):
            of = value.of if isinstance(value, Aggregate) and value.function in ("sum", "avg") else value
            bounded = frame is not None and "UNBOUNDED" not in str(frame.args.get("start", "")).upper()
            return Running(of, "moving" if bounded else function)
    return value
