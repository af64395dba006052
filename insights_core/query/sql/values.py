"""Expressions of SQL as values: what a column is, is counted as, or is computed from, through every level of a statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Case,
    Change,
    Column,
    Constant,
    Count,
    Duration,
    Entity,
    Extreme,
    Opaque,
    Product,
    Rank,
    Ratio,
    Running,
    Sum,
    columns_in,
    is_measured,
)

from . import conditions
from .text import PLACEHOLDER, TIME_GROUP
from .time import bucket, rounded_down, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from insights_core.query.meaning import Predicate, Value

    from .scopes import View

_DEEPEST = 40
_TRANSPARENT = (
    exp.Alias, exp.Paren, exp.Cast, exp.TryCast, exp.Round, exp.Coalesce, exp.Nullif, exp.Ceil, exp.Floor, exp.Abs, exp.Neg,
    exp.AtTimeZone, exp.Distinct, exp.ToChar, exp.Trim, exp.Lower, exp.Upper, exp.TimeStrToTime, exp.StrToTime, exp.ParseJSON, exp.Trunc,
    exp.ToNumber, exp.Initcap, exp.Order, exp.Limit, exp.IgnoreNulls, exp.RespectNulls, exp.ConvertTimezone, exp.StrToDate, exp.Collate,
    exp.Explode, exp.UnixToTime, exp.TimeToUnix, exp.CurrentTimestamp, exp.PropertyEQ,
)  # fmt: skip
_CALLED_TRANSPARENT = frozenset("""
    tostring touint64 touint32 touint8 toint64 toint32 tofloat64 tofloat32 todecimal64 todecimal32 ifnull isnull zeroifnull nvl todatetime
    fromunixtimestamp from_unixtime dateadd format formatreadablesize formatreadablequantity pg_size_pretty format_number to_number try_cast
    currency unix_timestamp ornull assumenotnull tonullable tolowcardinality str trim_array safe_cast convert iif_null text number numeric
    to_json_string parseint int64 string datetime timestamp timestamp_micros timestamp_millis timestamp_seconds to_timestamp jsonextractstring
    jsonextract jsonextractfloat jsonextractint decode bytes2readable truncate format_bytes getdate_null tofixedstring any_value tointervalday
    json_extract_scalar todatetime64 money
""".split())  # fmt: skip
_FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Median: "median", exp.Stddev: "stddev", exp.StddevPop: "stddev",
    exp.StddevSamp: "stddev", exp.Variance: "variance", exp.VariancePop: "variance", exp.AnyValue: "any", exp.GroupConcat: "list",
    exp.ArrayAgg: "list", exp.ArrayConcatAgg: "list", exp.Mode: "mode", exp.Corr: "correlation",
}  # fmt: skip
_CALLED_FUNCTIONS = {
    "uniq": "unique", "uniqexact": "unique", "uniqcombined": "unique", "uniqcombined64": "unique", "uniqhll12": "unique", "uniqtheta": "unique",
    "count": "count", "sum": "sum", "avg": "avg", "min": "min", "max": "max", "median": "median", "mediantiming": "median", "quantile": "median",
    "medianexact": "median", "any": "any", "anylast": "any", "anyheavy": "any", "sumdistinct": "sum", "grouparray": "list", "groupuniqarray": "list",
    "approx_count_distinct": "unique", "sumwithoverflow": "sum", "stddevpop": "stddev", "stddevsamp": "stddev", "total": "sum", "listagg": "list",
    "string_agg": "list", "collect_list": "list", "collect_set": "list", "count_distinct": "unique", "countdistinct": "unique", "hll": "unique",
    "argmax": "last", "argmin": "first", "max_by": "last", "min_by": "first", "quantiles": "quantiles", "quantilesexact": "quantiles",
    "percentile_approx": "percentile", "percentile": "percentile", "approx_percentile": "percentile", "group_concat": "list", "cume_dist": "",
    "quantileexact": "median", "quantiletiming": "median", "quantiletdigest": "median", "sumif": "sum", "countif": "count", "avgif": "avg",
}  # fmt: skip
_QUANTILES = (exp.Quantile, exp.PercentileCont, exp.PercentileDisc, exp.ApproxQuantile, exp.ApproxQuantiles)
_DIFFERENCES = (exp.DateDiff, exp.TimestampDiff, exp.DatetimeDiff, exp.TsOrDsDiff, exp.TimeDiff)
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.PercentRank, exp.CumeDist)
_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.LT,
    exp.GTE,
    exp.LTE,
    exp.In,
    exp.And,
    exp.Or,
    exp.Is,
    exp.Like,
    exp.ILike,
    exp.Not,
    exp.Between,
)
_MOMENT = re.compile(r"(?:(?:^|_)(?:date|datetime|timestamp|at|day|week|month|year|on|ts|dt)|Date|Timestamp|At)$")
_CLOCK = re.compile(
    r"(?:^|_)(?:start|end|begin|created?|updated?|opened|closed?|finish|event|arrival|departure|pickup|dropoff|order|log|snapshot|view|checkout)(?:ed)?_?time$",
    re.IGNORECASE,
)
_JSON = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar)
_CONDITIONAL = (exp.Case, exp.If)


def read(node: exp.Expression | None, view: View, depth: int = 0) -> Value:
    """Return what an expression is, in the terms of the tables that it comes from."""
    if node is None or depth > _DEEPEST:
        return Opaque("" if node is None else node.key)
    node = unwrapped(node)
    reader = _READERS.get(type(node))
    if reader is not None:
        return reader(node, view, depth)
    for kinds, family in _FAMILIES:
        if isinstance(node, kinds):
            return family(node, view, depth)
    return _other(node, view, depth)


def unwrapped(node: exp.Expression) -> exp.Expression:
    """Return what is behind casts that keep the grain, rounding, defaults and brackets."""
    for _ in range(_DEEPEST * 2):
        inner: object = None
        if isinstance(node, exp.Cast) and node.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.DATE32):
            return node
        if isinstance(node, (exp.TimeToStr, exp.ToChar)) and node.args.get("format") is not None:
            return node
        if isinstance(node, _TRANSPARENT):
            inner = node.this if node.this is not None else next(iter(node.expressions), None)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Expression):
            return node
        elif isinstance(node, exp.Anonymous) and node.name.lower() in _CALLED_TRANSPARENT:
            inner = next(
                (item for item in node.expressions if not isinstance(item, (exp.Literal, exp.Var, exp.Interval))), None
            )
        if not isinstance(inner, exp.Expression):
            return node
        node = inner
    return node


def _column(node: exp.Column, view: View, depth: int) -> Value:
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
    if inner_view.branches and not isinstance(value, Column):
        return Column(name, inner_view.entity, ()) if isinstance(value, Constant) else value
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


def scalar(node: exp.Expression | None) -> str | int | float | bool | None:
    """Return the value of a literal, or None."""
    while isinstance(node, (exp.Cast, exp.TryCast, exp.Paren, exp.Lower, exp.Upper)):
        node = node.this
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg):
        inner = scalar(node.this)
        return -inner if isinstance(inner, (int, float)) and not isinstance(inner, bool) else None
    if not isinstance(node, exp.Literal):
        return None
    text = node.name
    if node.is_string:
        return text
    try:
        return int(text) if len(text) <= 15 and text.isdigit() else float(text)
    except ValueError:
        return text


def _where(node: exp.Expression | None, view: View) -> tuple[Predicate, ...]:
    return conditions.read(node, view)[0] if node is not None else ()


def _count(node: exp.Expression, view: View, depth: int) -> Value:
    argument = node.this
    if isinstance(argument, exp.Star) or argument is None:
        return Count(view_entity(view))
    if isinstance(argument, exp.Distinct):
        return _distinct(argument.expressions[0] if argument.expressions else argument.this, view, depth)
    if isinstance(argument, _CONDITIONAL):
        where, inner = _branch(argument)
        unit = None
        if isinstance(inner, exp.Distinct):
            unit = inner
        return (
            Count(view_entity(view, argument), where=_where(where, view))
            if unit is None
            else _distinct(unit, view, depth)
        )
    if isinstance(argument, (exp.Literal, exp.Boolean, exp.Null)):
        return Count(view_entity(view))
    inner = unwrapped(argument)
    if isinstance(inner, exp.Column):
        value = read(inner, view, depth + 1)
        if isinstance(value, Column):
            return Count(value.of if value.of and value.of.name else view_entity(view))
    if isinstance(inner, _COMPARISONS):
        return Count(view_entity(view), where=_where(inner, view))
    return Count(view_entity(view, argument))


def _distinct(argument: exp.Expression | None, view: View, depth: int) -> Value:
    where: tuple[Predicate, ...] = ()
    node = unwrapped(argument) if argument is not None else None
    if isinstance(node, _CONDITIONAL):
        condition, node = _branch(node)
        where = _where(condition, view)
    value = read(node, view, depth + 1) if node is not None else None
    if isinstance(value, Column):
        return Count(value.of or view_entity(view), unit=value, where=where)
    if isinstance(value, Bucket):
        return Count(view_entity(view), unit=Column(value.unit.removesuffix("_of_week"), None), where=where)
    first = next(columns_in(value), None)
    return Count(view_entity(view), unit=first, where=where)


def view_entity(view: View, node: exp.Expression | None = None) -> Entity:
    """Return what a row of a SELECT is: of the source that an expression reads, else of the main one."""
    from .scopes import View as _View

    column = node.find(exp.Column) if node is not None else None
    source = view.sources.get(column.table.lower()) if column is not None and column.table else None
    source = source if source is not None else view.main
    if isinstance(source, _View):
        return named_source(source)
    return source if source is not None else Entity("", "all")


_BLANK_SOURCE = re.compile(
    r"(?:_*+(?:\w{1,3}|base|cte\w*+|data|final\w*+|results?|sources?\w*+|src\w*+|filtered\w*+|ranked\w*+|renamed\w*+|temp\w*+|tmp\w*+|main|combined|"
    r"joined|steps?\w*+|raw\w*+|staging|staged|stg|inner\w*+|outer\w*+|sub\w*+|query\w*+|subq\w*+|derived\w*+|grouped|agg\w*+|pre\w*+|calc\w*+|stats|"
    r"totals?|counts?|cnt|daily|weekly|monthly|hourly|yearly|this_\w++|last_\w++|prev\w*+|current\w*+|numbered|deduped|dedup\w*+|cleaned|unioned|all_data|dataset|rows|records|tab\w?\d*+|table\w?\d*+|input|output|window\w*+|selected|aux|list|"
    r"ordered\w*+|\w++_data|data_\w++|prep\w*+|predata\w*+|alias|anon\w*+|unpivot\w*+|pivot\w*+|summary|__\w*+|result_set|values|t_\w))",
    re.IGNORECASE,
)


def named_source(view: View) -> Entity:
    """Return what the rows of a sub-query or CTE are: by the author's name for it, where that speaks, else by its source.

    A SELECT that groups has other rows than its source: one for each key.
    """
    if view.name and not _BLANK_SOURCE.fullmatch(view.name):
        return Entity(view.name, "cte")
    inner = view.main
    from .scopes import View as _View

    if isinstance(inner, _View):
        return named_source(inner)
    return view.entity


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


def _aggregate(node: exp.Expression, view: View, depth: int) -> Value:
    return _called_on(_FUNCTIONS.get(type(node), ""), node.this, view, depth)


def _called_on(
    function: str, argument: exp.Expression | None, view: View, depth: int, where: tuple[Predicate, ...] = ()
) -> Value:
    """Return an aggregation of an argument: of a condition it is a count, of a value kept by a condition a part."""
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0] if argument.expressions else argument.this
    node = unwrapped(argument) if argument is not None else None
    if function == "unique":
        found = _distinct(node, view, depth)
        return found._replace(where=(*found.where, *where)) if isinstance(found, Count) else found
    if function == "count":
        return Count(view_entity(view), where=where)
    if node is None:
        return Opaque(function)
    if isinstance(node, _COMPARISONS) and function in ("sum", "avg"):
        counted = Count(view_entity(view), where=(*_where(node, view), *where))
        return counted if function == "sum" else Ratio(counted, Count(view_entity(view), where=where))
    if isinstance(node, _CONDITIONAL):
        kept = _kept(node, function, view, depth, where)
        if kept is not None:
            return kept
    value = read(node, view, depth + 1)
    if isinstance(value, Constant):
        return Count(view_entity(view), where=where) if function == "sum" else Opaque(function)
    if is_measured(value):
        if function == "sum" and not isinstance(value, (Ratio, Running)):
            return _narrowed(value, where)
        if function in ("any", "group") or (function in ("max", "min") and not _is_grouped_below(node, view)):
            return value
        return Aggregate(function, value, where, per=_per(node, view))
    return Aggregate(function, value, where)


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
        inner = (*_where(condition, view), *where)
        if function == "sum" and (nothing or len(node.args.get("ifs") or ()) <= 1):
            return Count(view_entity(view, condition), where=inner)
        if function == "avg" and nothing and other is not None:
            entity = view_entity(view, condition)
            return Ratio(Count(entity, where=inner), Count(entity, where=where))
        return None
    if not nothing:
        return None
    value = read(plain, view, depth + 1)
    inner = (*_where(condition, view), *where)
    if is_measured(value):
        return _narrowed(value, inner)
    if isinstance(value, Constant):
        return Count(view_entity(view), where=inner)
    return Aggregate(function, value, inner)


def _narrowed(value: Value, where: tuple[Predicate, ...]) -> Value:
    return value._replace(where=(*value.where, *where)) if where and isinstance(value, (Count, Aggregate)) else value


def _is_grouped_below(node: exp.Expression, view: View) -> bool:
    return bool(_per(node, view))


def _per(node: exp.Expression, view: View) -> str:
    """Return the key that inner rows were grouped by: the average of counts per it."""
    from .scopes import View as _View
    from .scopes import part

    column = node if isinstance(node, exp.Column) else node.find(exp.Column)
    behind = view.behind(column) if column is not None else None
    inner = (
        behind[1]
        if behind is not None and not isinstance(behind, Entity)
        else view.main
        if isinstance(view.main, _View)
        else None
    )
    if inner is None or inner.select is None:
        return ""
    group = part(inner.select, "group")
    if group is None:
        return ""
    from .time import bucket as cut

    for key in inner.select.expressions:
        core = key.unalias()
        plain = unwrapped(core)
        if is_measured(read(plain, inner, _DEEPEST - 4)):
            continue
        found = cut(plain)
        if found is not None and found[0]:
            return found[0]
        if isinstance(plain, exp.Column):
            return plain.name
        if key.alias:
            return key.alias
    return ""


def _quantile(node: exp.Expression, view: View, depth: int) -> Value:
    level = node.args.get("quantile") or next((item for item in node.find_all(exp.Literal) if not item.is_string), None)
    return _called_on(percentile(level), node.this if not isinstance(node.this, exp.Literal) else None, view, depth)


def percentile(level: exp.Expression | None) -> str:
    """Return the code of a quantile: 0.9 is `p90`, 0.5 the median."""
    digits = level.name if isinstance(level, exp.Expression) else ""
    try:
        number = float(digits)
    except ValueError:
        return "median"
    percent = number * 100 if number <= 1 else number
    return "median" if round(percent, 6) == 50 else f"p{percent:g}".replace(".", "") if percent != 100 else "max"


def _within_group(node: exp.Expression, view: View, depth: int) -> Value:
    ordered = (
        node.expression.expressions[0].this if node.expression is not None and node.expression.expressions else None
    )
    inner = node.this
    if isinstance(inner, _QUANTILES):
        return _called_on(percentile(inner.this), ordered, view, depth)
    if isinstance(inner, exp.Mode):
        return _called_on("mode", ordered, view, depth)
    return read(inner, view, depth + 1)


def _filtered(node: exp.Expression, view: View, depth: int) -> Value:
    value = read(node.this, view, depth + 1)
    clause = node.expression
    return _narrowed(value, _where(clause.this if clause is not None else None, view))


def _arg(node: exp.Expression, view: View, depth: int) -> Value:
    which = "last" if isinstance(node, exp.ArgMax) else "first"
    return Extreme(which, read(node.this, view, depth + 1), read(node.expression, view, depth + 1))


def _window(node: exp.Expression, view: View, depth: int) -> Value:
    inner = node.this
    if isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
        inner = inner.this
    order = node.args.get("order")
    within = node.args.get("partition_by") or ()
    if isinstance(inner, _RANKS) or (isinstance(inner, exp.Anonymous) and inner.name.lower() in ("rownumber", "ntile")):
        by = order.expressions[0] if order is not None and order.expressions else None
        key = read(by.this, view, depth + 1) if by is not None else None
        return Rank(key, tuple(read(item, view, depth + 1) for item in within))
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


def _arithmetic(node: exp.Expression, view: View, depth: int) -> Value:
    if isinstance(node, exp.SafeDivide) or (isinstance(node, exp.Anonymous) and node.expressions):
        left, right = (node.this, node.expression) if isinstance(node, exp.SafeDivide) else node.expressions[:2]
        return _ratio(read(left, view, depth + 1), read(right, view, depth + 1))
    left_node, right_node = unwrapped(node.this), unwrapped(node.expression)
    if isinstance(node, exp.Sub) and (unit := rounded_down(node)) and not isinstance(left_node, exp.Literal):
        return Bucket(unit, read(left_node, view, depth + 1))
    left, right = read(left_node, view, depth + 1), read(right_node, view, depth + 1)
    if isinstance(left, (Constant, Rank)) and not isinstance(node, exp.Div):
        return _without_constant(node, right, left)
    if isinstance(right, Constant):
        return left
    if isinstance(node, exp.Mul):
        if isinstance(left, Ratio) and isinstance(right, Constant):
            return left
        return Product((*_parts(left, Product), *_parts(right, Product)))
    if isinstance(node, exp.Div):
        return _ratio(left, right)
    if isinstance(node, exp.Add):
        if isinstance(node.expression, exp.Interval):
            return left
        return Sum((*_parts(left, Sum), *_parts(right, Sum)))
    if isinstance(node.expression, exp.Interval):
        return left
    return _difference(left, right)


def _without_constant(node: exp.Expression, value: Value, _: Value) -> Value:
    # `1 - a / b` is the other part of a whole: a rate too, but of what is left.
    if isinstance(node, exp.Sub) and isinstance(value, Ratio):
        return Ratio(Change(value.bottom, value.top), value.bottom)
    return value


def _parts(value: Value, kind: type) -> tuple[Value, ...]:
    return value.parts if isinstance(value, kind) else (value,)


def _difference(left: Value, right: Value) -> Value:
    if _is_moment(left) and (_is_moment(right) or isinstance(right, Constant)):
        return Duration(right, left)
    if isinstance(right, Extreme) and right.which == "previous" and right.of == left:
        return Change(left)
    if isinstance(left, Ratio) and False:
        return left
    return Change(left, right)


def _ratio(top: Value, bottom: Value) -> Value:
    if isinstance(bottom, Constant):
        return top
    if isinstance(top, Constant):
        return Ratio(top, bottom)
    # (new - old) / old is the change of the old one, told as a share of it.
    if (
        isinstance(top, Change)
        and top.since is not None
        and bottom in (top.since, top.of)
        and isinstance(top.since, Extreme)
    ):
        return Change(top.of)
    if isinstance(top, Change) and top.since is None:
        return top
    return Ratio(top, bottom)


def _is_moment(value: Value) -> bool:
    if isinstance(value, Extreme):
        return _is_moment(value.of)
    if isinstance(value, Aggregate):
        return value.function in ("min", "max") and _is_moment(value.of)
    if isinstance(value, Bucket):
        return True
    return isinstance(value, Column) and any(
        _MOMENT.search(name) or _CLOCK.search(name) for name in (value.name, *value.labels)
    )


def is_moment(value: Value) -> bool:
    """Whether a value is a point in time, by the name of its column."""
    return _is_moment(value)


def _between(node: exp.Expression, view: View, depth: int) -> Value:
    # Most dialects put the later moment first once parsed; a call that the parser does not know has it last.
    sides = (
        (node.this, node.args.get("expression"))
        if isinstance(node.this, exp.Expression)
        else node.expressions[-1:-3:-1]
    )
    # In dialects that put the unit first, one that was taken for a moment pushes the others on.
    first = node.this
    if (
        isinstance(first, (exp.Column, exp.Literal, exp.Var))
        and unit_of(first.name)
        and node.args.get("unit") is not None
    ):
        sides = (exp.column(node.args["unit"].name.lower()), node.args.get("expression"))
    left, right = (read(item, view, depth + 1) for item in sides)
    return Duration(
        None if isinstance(right, (Constant, Opaque)) else right, None if isinstance(left, (Constant, Opaque)) else left
    )


def _bucket(node: exp.Expression, view: View, depth: int) -> Value | None:
    found = bucket(node)
    if found is None or not found[0]:
        return None
    unit, of = found
    inner = read(of, view, depth + 1) if of is not None else None
    if isinstance(inner, Bucket):
        return inner if not unit.endswith(("_of_day", "_of_week", "_of_year", "_of_month")) else Bucket(unit, inner.of)
    if isinstance(inner, (Duration, Count)) or (inner is not None and is_measured(inner) and not _is_moment(inner)):
        return inner  # the days of a span, not a day of the calendar
    return Bucket(unit, inner)


def _extract(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a part of a moment; the seconds of an epoch are the moment itself, and those of a span the span."""
    found = _bucket(node, view, depth)
    return found if found is not None else read(node.expression, view, depth + 1)


def _shifted(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a moment that is moved: back to the start of its month it is a bucket, else it is what it was."""
    inner = read(node.this, view, depth + 1)
    moved = node.args.get("expression")
    unit = rounded_down(moved) if moved is not None and moved.find(exp.Column) else ""
    if (
        not unit
        and moved is not None
        and any(item.name == PLACEHOLDER for item in moved.find_all(exp.Column, exp.Anonymous))
    ):
        unit = "interval"
    return Bucket(unit, inner.of if isinstance(inner, Bucket) else inner) if unit else inner


def _bracket(node: exp.Expression, view: View, depth: int) -> Value:
    """Read an element: of BigQuery's quantiles it is one of them."""
    inner = node.this
    if isinstance(inner, exp.ApproxQuantiles) and node.expressions:
        count, at = scalar(inner.args.get("expression")), scalar(node.expressions[0])
        if isinstance(count, int) and isinstance(at, int) and count:
            return _called_on(percentile(exp.Literal.number(at / count)), inner.this, view, depth)
    return read(inner, view, depth + 1)


def _cast_to_day(node: exp.Expression, view: View, depth: int) -> Value:
    inner = read(node.this, view, depth + 1)
    return inner if isinstance(inner, (Bucket, Constant)) else Bucket("day", inner)


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
        measured = next((value for value in speaking if is_measured(value)), None)
        if measured is not None or len(set(speaking)) == 1:
            return measured if measured is not None else speaking[0]
        return Opaque("case", tuple(speaking))
    of = tuple(dict.fromkeys(column for item in tests if item is not None for column in _columns_of(item, view, depth)))
    literals = tuple(value.value for value in values if isinstance(value, Constant) and value.value is not None)
    return Case(of, literals)


def _columns_of(node: exp.Expression, view: View, depth: int) -> Iterator[Value]:
    for column in node.find_all(exp.Column):
        value = read(column, view, depth + 1)
        if not isinstance(value, Constant):
            yield value


def _json(node: exp.Expression, view: View, depth: int) -> Value:
    path = node.expression
    names = [item.name for item in path.find_all(exp.JSONPathKey)] if path is not None else []
    name = names[-1] if names else (path.name if path is not None else "")
    base = next(columns_in(read(node.this, view, depth + 1)), None)
    return Column(
        name.rpartition(".")[2].strip("$\"'[] ") or (base.name if base else ""), base.of if base else view_entity(view)
    )


def _dot(node: exp.Expression, view: View, depth: int) -> Value:
    del depth
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
    from .scopes import View as _View
    from .scopes import part

    from_ = part(select, "from")
    if (from_ is not None and isinstance(from_.this, exp.Unnest)) or (from_ is not None and from_.find(exp.Unnest)):
        where = part(select, "where")
        for test in where.find_all(exp.EQ) if where is not None else ():
            value = scalar(test.expression)
            if isinstance(value, str) and test.this.name.lower() in ("key", "name", "k"):
                return Column(value, view_entity(view), scope="event")
    scope = next(
        (inner for inner in view.scope.subquery_scopes if inner.expression is select or inner.expression is query), None
    )
    if scope is None or not select.expressions:
        columns = tuple(Column(item.name) for item in select.find_all(exp.Column))
        return Opaque("subquery", columns[:1])
    inner = view.view(scope, "")
    value = read(select.expressions[0], inner, depth + 1)
    if isinstance(value, Column) and part(select, "order") is not None and not is_measured(value):
        return Extreme("last", value)
    return value if isinstance(inner, _View) else Opaque("subquery")


def _comparison(node: exp.Expression, view: View, depth: int) -> Value:
    found = tuple(dict.fromkeys(_columns_of(node, view, depth)))
    return Case(found, (True, False))


def _concat(node: exp.Expression, view: View, depth: int) -> Value:
    values = [
        read(item, view, depth + 1)
        for item in (node.this, node.args.get("expression"), *node.expressions)
        if isinstance(item, exp.Expression)
    ]
    speaking = [value for value in values if not isinstance(value, Constant)]
    if any(map(is_measured, speaking)):
        return next(value for value in speaking if is_measured(value))
    if len(speaking) == 1:
        return speaking[0]
    return Opaque("concat", tuple(speaking)) if speaking else Constant(None)


def _other(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a call that nothing here knows: through it where it has one argument that speaks, else as far as its columns."""
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc, exp.CombinedAggFunc, exp.ParameterizedAgg)):
        found = _called(node, view, depth)
        if found is not None:
            return found
    if isinstance(node, exp.Func) and (cut := _bucket(node, view, depth)) is not None:
        return cut
    if isinstance(node, exp.AggFunc):
        return _called_on("any", node.this if isinstance(node.this, exp.Expression) else None, view, depth)
    arguments = [
        item for item in (node.this, node.args.get("expression"), *node.expressions) if isinstance(item, exp.Expression)
    ]
    values = [value for item in arguments if not isinstance(value := read(item, view, depth + 1), Constant)]
    measured = next((value for value in values if is_measured(value)), None)
    if measured is not None:
        return measured
    if not values:
        return Constant(None)
    name = (node.name if isinstance(node, exp.Anonymous) else node.key).lower()
    columns = tuple(dict.fromkeys(column for value in values for column in columns_in(value)))
    if name in conditions.SIZES:
        return Opaque(name, columns)
    if (
        len(values) == 1
        and isinstance(values[0], Column)
        and isinstance(
            node,
            (
                exp.Substring,
                exp.RegexpExtract,
                exp.Split,
                exp.SplitPart,
                exp.Left,
                exp.Right,
                exp.Replace,
                exp.RegexpReplace,
            ),
        )
    ):
        return values[0]
    if len(columns) == 1 and len(values) == 1 and isinstance(node, (exp.Func, exp.Bracket)):
        return columns[0] if isinstance(values[0], Column) else Opaque(name, columns)
    return Opaque(name, columns)


def _called(node: exp.Expression, view: View, depth: int) -> Value | None:
    name = (node.this if isinstance(node.this, str) else node.name).lower()
    arguments = list(node.expressions)
    plain = name.removesuffix("state").removesuffix("merge").removesuffix("ornull").removesuffix("ordefault")
    where: tuple[Predicate, ...] = ()
    if plain.endswith("if") and plain.removesuffix("if") in _CALLED_FUNCTIONS and arguments:
        plain = plain.removesuffix("if")
        where = _where(arguments[-1], view)
        arguments = arguments[:-1]
    function = _CALLED_FUNCTIONS.get(plain)
    if function is None and plain.startswith("quantile"):
        function = "median"
    if function in ("median", "quantiles") and isinstance(node, exp.ParameterizedAgg):
        levels = [percentile(item) for item in arguments]
        of = node.args.get("params") or []
        return _called_on(levels[0] if levels else "median", of[0] if of else None, view, depth, where)
    if function == "percentile" and len(arguments) > 1:
        return _called_on(percentile(arguments[1]), arguments[0], view, depth, where)
    if function in ("first", "last") and len(arguments) > 1:
        return Extreme(function, read(arguments[0], view, depth + 1), read(arguments[1], view, depth + 1))
    if function:
        return _called_on(function, arguments[0] if arguments else None, view, depth, where)
    if name in ("safe_divide", "div0", "try_divide", "divide", "intdiv") and len(arguments) == 2:
        return _ratio(read(arguments[0], view, depth + 1), read(arguments[1], view, depth + 1))
    if (
        name in ("timestampdiff", "datediff", "date_diff", "age", "julianday_diff", "dateDiff".lower())
        and len(arguments) >= 2
    ):
        return _between(node, view, depth)
    if name == TIME_GROUP:
        return _bucket(node, view, depth)
    return None


_Reader = "Callable[[exp.Expression, View, int], Value]"
_READERS: dict[type[exp.Expression], Callable[[exp.Expression, View, int], Value]] = {
    exp.Column: _column, exp.Literal: _literal, exp.Boolean: _literal, exp.Null: _literal, exp.Count: _count, exp.Filter: _filtered,
    exp.WithinGroup: _within_group, exp.Window: _window, exp.Case: _conditional, exp.If: _conditional, exp.Subquery: _subquery, exp.Dot: _dot,
    exp.ArgMax: _arg, exp.ArgMin: _arg, exp.SafeDivide: _arithmetic, exp.Parameter: _literal, exp.Placeholder: _literal, exp.SessionParameter: _literal,
    exp.Extract: _extract, exp.DateAdd: _shifted, exp.DateSub: _shifted, exp.TsOrDsAdd: _shifted, exp.TimestampAdd: _shifted, exp.TimestampSub: _shifted,
    exp.DatetimeAdd: _shifted, exp.DatetimeSub: _shifted, exp.Bracket: _bracket, exp.Cast: _cast_to_day, exp.TryCast: _cast_to_day, exp.CountIf: lambda node, view, _: Count(view_entity(view), where=_where(node.this, view)),
    exp.ApproxDistinct: lambda node, view, depth: _distinct(node.this, view, depth), exp.DPipe: _concat, exp.Concat: _concat, exp.ConcatWs: _concat,
    exp.Mul: _arithmetic, exp.Div: _arithmetic, exp.Add: _arithmetic, exp.Sub: _arithmetic, exp.IntDiv: _arithmetic, exp.Mod: _arithmetic,
}  # fmt: skip
_FAMILIES: tuple[tuple[tuple[type[exp.Expression], ...], Callable[[exp.Expression, View, int], Value]], ...] = (
    (_QUANTILES, _quantile), (tuple(_FUNCTIONS), _aggregate), (_DIFFERENCES, _between), (_JSON, _json), (_COMPARISONS, _comparison),
)  # fmt: skip
