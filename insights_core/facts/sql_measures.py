"""Aggregates of SQL as measures: counts, conditional counts, sums, quantiles, and ratios of two of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from .sql_filters import column_key, read_where
from .sql_text import PLACEHOLDER
from .types import Measure, Option

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sql_scope import Found

_DEEPEST = 12
INNER_LABEL = "inner_label"
_TRANSPARENT = (
    exp.Alias, exp.Paren, exp.Cast, exp.TryCast, exp.Round, exp.Coalesce, exp.Nullif, exp.Ceil, exp.Floor, exp.Abs, exp.Neg,
    exp.AtTimeZone, exp.Distinct,
)  # fmt: skip
_ARITHMETIC = (exp.Mul, exp.Div, exp.Add, exp.Sub)
_MATHS: dict[type[exp.Expression], str] = {
    exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.ApproxDistinct: "unique", exp.Median: "median",
    exp.Stddev: "stddev", exp.StddevPop: "stddev", exp.StddevSamp: "stddev", exp.Variance: "variance",
}  # fmt: skip
_MOMENT = re.compile(r"(?:(?:^|_)(?:date|datetime|timestamp|at|day|week|month|year|on|ts)|Date|Timestamp|At)$")
_DIFFERENCES = (exp.DateDiff, exp.TimestampDiff, exp.DatetimeDiff, exp.TsOrDsDiff)
_COMPARISONS = (exp.EQ, exp.GT, exp.LT, exp.GTE, exp.LTE, exp.In, exp.And)
_QUANTILES = (exp.Quantile, exp.PercentileCont, exp.PercentileDisc, exp.ApproxQuantile, exp.ApproxQuantiles)
_NAMED_MATHS = {
    "uniq": "unique", "uniqexact": "unique", "uniqcombined": "unique", "uniqhll12": "unique", "count": "total", "sum": "sum",
    "avg": "avg", "min": "min", "max": "max", "median": "median", "quantile": "median", "any": "", "sumdistinct": "sum",
}  # fmt: skip
# Names that an alias has where nobody thought of one.
_BLANK_LABEL = re.compile(
    r"_*+(?:value|values|val|metric|metrics|count|counts|cnt|c|n|num|number|total|totals|result|results|y|x|data|amount_of|time|ts|expr\w*+"
    r"|ratio|rate|pct|percent|percentage|share|avg|average|mean|median|max|min|maximum|minimum|p\d\d|count_?\d*|[a-z]\d*)_*+",
    re.IGNORECASE,
)
_ID = re.compile(r"(?:_?(?:id|uuid|guid|pk|key|sha|hash))$|(?<=[a-z])(?:Id|ID|Uuid|UUID)$")


def unwrapped(node: exp.Expression) -> exp.Expression:
    """Return what is behind rounding, casts, defaults and arithmetic with constants."""
    for _ in range(_DEEPEST * 2):
        if isinstance(node, _TRANSPARENT):
            inner = node.this if node.this is not None else next(iter(node.expressions), None)
        elif isinstance(node, _ARITHMETIC) and node.expression is not None:
            inner = node.this if _is_number(node.expression) else node.expression if _is_number(node.this) else None
        elif isinstance(node, exp.Anonymous):
            speaking = [item for item in node.expressions if not isinstance(item, (exp.Literal, exp.Var))]
            inner = speaking[0] if len(speaking) == 1 and node.name.lower() not in _NAMED_MATHS else None
            inner = inner if isinstance(inner, (exp.AggFunc, exp.Div, exp.Round)) else None
        else:
            return node
        if not isinstance(inner, exp.Expression):
            return node
        node = inner
    return node


def _is_number(node: exp.Expression) -> bool:
    while isinstance(node, (exp.Paren, exp.Cast, exp.Neg)):
        node = node.this
    return isinstance(node, exp.Literal)


def speaking(label: str) -> str:
    """Return an alias that says something, or an empty text."""
    return "" if _BLANK_LABEL.fullmatch(label) or label.startswith(PLACEHOLDER) else label


def is_constant(found: Found) -> bool:
    """Whether an expression is the same in every row: a caption, a parameter."""
    node = found.node
    return isinstance(node, (exp.Literal, exp.Null, exp.Boolean)) or (
        node.find(exp.Column) is None and node.find(exp.Star) is None
    )


def breakdown_name(found: Found) -> str:
    """Return what people call a selected expression that is no aggregate."""
    if speaking(found.name):
        return found.name
    return _first_column(found.node)


def _first_column(node: exp.Expression) -> str:
    key = column_key(node)
    if not key:
        column = node.find(exp.Column)
        key = column.name if column is not None else ""
    return "" if key == PLACEHOLDER else key


def read_measure(found: Found, depth: int = 0) -> Measure | None:
    """Return the measure that an expression computes, or None where it aggregates nothing."""
    if depth > _DEEPEST:
        return None
    node = unwrapped(found.node)
    reader = next((reader for kinds, reader in _READERS if isinstance(node, kinds)), None)
    measure = reader(node, found, depth) if reader else None
    label = speaking(found.name)
    if measure is None or not label or label == measure.label:
        return measure
    # What an inner SELECT called it is what stays the same where a pivot gives each column a name of its own.
    inner = (Option(INNER_LABEL, measure.label),) if measure.label and not measure.extras else measure.extras
    return measure._replace(label=label, extras=inner)


def _behind(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    """Read a column that an inner SELECT computes; its name there is what a person called it."""
    behind = found.scope.lookup(node) if isinstance(node, exp.Column) else None
    return read_measure(behind._replace(name=node.name), depth + 1) if behind is not None else None


def _either(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    """Read a sum or difference: its first side that measures anything."""
    sides = (read_measure(found._replace(node=side, name=""), depth + 1) for side in (node.this, node.expression))
    return next((side for side in sides if side is not None), None)


def _within(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    """Read the first aggregate inside a CASE or a function call."""
    if isinstance(node, exp.Anonymous) and _named_math(node.name) is not None:
        return _aggregate(node, found, depth)
    for branch in _branches(node):
        measure = read_measure(found._replace(node=branch, name=""), depth + 1)
        if measure is not None:
            return measure
    inner = next((item for item in node.find_all(exp.AggFunc) if isinstance(item, exp.Expression)), None)
    if inner is not None:
        return read_measure(found._replace(node=inner, name=""), depth + 1)
    columns = (item for branch in _branches(node) for item in branch.find_all(exp.Column))
    measures = (_behind(column, found, depth + 1) for column in columns)
    return next((measure for measure in measures if measure is not None), None)


def _branches(node: exp.Expression) -> list[exp.Expression]:
    """Return what a CASE or a call can come out as; the conditions of a CASE measure nothing."""
    if isinstance(node, exp.Case):
        found = [*(branch.args.get("true") for branch in node.args.get("ifs") or ()), node.args.get("default")]
    elif isinstance(node, exp.If):
        found = [node.args.get("true"), node.args.get("false")]
    else:
        found = [node.this, *node.expressions]
    return [item for item in found if isinstance(item, exp.Expression)]


def _wrapped(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    inner = node.this
    if isinstance(node, exp.WithinGroup):
        ordered = (
            node.expression.expressions[0].this
            if node.expression is not None and node.expression.expressions
            else inner
        )
        return Measure(found.scope.table_of(), "table", _quantile(inner), column_key(unwrapped(ordered)))
    if not isinstance(inner, exp.Expression):
        return None
    if isinstance(node, exp.Window) and not isinstance(inner, (exp.Sum, exp.Avg, exp.Count, exp.Max, exp.Min)):
        return None
    measure = read_measure(found._replace(node=inner, name=""), depth + 1)
    if measure is not None and isinstance(node, exp.Filter):
        measure = measure._replace(filters=measure.filters + tuple(read_where(node.expression.this)[0]))
    return measure


def _ratio(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    top = read_measure(found._replace(node=node.this, name=""), depth + 1)
    bottom = read_measure(found._replace(node=node.expression, name=""), depth + 1)
    if top is None or bottom is None:
        return top or bottom
    return top._replace(math="ratio" if top.math in ("total", "unique") else top.math, over=bottom)


def _named_math(name: str) -> str | None:
    lowered = name.lower()
    lowered = lowered.removesuffix("ornull").removesuffix("if").removesuffix("merge")
    if lowered.startswith("quantile"):
        return "median"
    return _NAMED_MATHS.get(lowered)


def _quantile(node: exp.Expression) -> str:
    literal = node.args.get("quantile") or node.find(exp.Literal)
    digits = literal.name if literal is not None else ""
    found = re.fullmatch(r"0?\.(\d+)", digits)
    percent = found[1].ljust(2, "0").rstrip() if found else ""
    return "median" if percent in ("", "50") else f"p{percent}"


def _aggregate(node: exp.Expression, found: Found, depth: int) -> Measure | None:
    table = found.scope.table_of()
    if isinstance(node, exp.CountIf):
        return Measure(table, "table", "total", filters=tuple(read_where(node.this)[0]))
    if isinstance(node, _QUANTILES):
        return Measure(table, "table", _quantile(node), _argument_name(node.this, found, depth))
    called = node.this if isinstance(node.this, str) else ""
    arguments = [item for item in (node.this, *node.expressions) if isinstance(item, exp.Expression)]
    argument = arguments[0] if arguments else None
    if isinstance(node, exp.Count):
        return _count(argument, found)
    math = _MATHS.get(type(node)) or _named_math(called) or ""
    # ClickHouse's combinator: `uniqIf(x, condition)`.
    filters = tuple(read_where(arguments[-1])[0]) if called.lower().endswith("if") and arguments else ()
    if math == "total":
        return Measure(table, "table", "total", filters=filters)
    if isinstance(argument, (exp.Case, exp.If)) and math:
        return _conditional(argument, math, found)
    if math == "unique":
        return _distinct(argument, found)._replace(filters=filters)
    counted = _of_inner(argument, math, found, depth)
    if counted is not None or not math:
        return counted
    name = _argument_name(argument, found, depth)
    if math in ("min", "max") and _MOMENT.search(name):
        return None  # the first or last time of something is a column, not what a chart measures
    between = _between(argument)
    if between:
        math, name = f"{math}_duration", between
    return Measure(_table(argument, found), "table", math, name, filters=filters)


def _between(argument: exp.Expression | None) -> str:
    """Return the later moment where an argument is the time between two."""
    node = unwrapped(argument) if argument is not None else None
    if isinstance(node, exp.Extract):
        node = unwrapped(node.expression)
    if isinstance(node, exp.Sub) and all(_MOMENT.search(column_key(side)) for side in (node.this, node.expression)):
        return column_key(node.this)
    if isinstance(node, _DIFFERENCES):
        # Most dialects put the later moment first once parsed; MySQL's TIMESTAMPDIFF does so too.
        return column_key(node.this if not isinstance(node, exp.Anonymous) else node.expressions[-1])
    return ""


def _of_inner(argument: exp.Expression | None, math: str, found: Found, depth: int) -> Measure | None:
    """Read the sum of counts, which is a count whatever the levels between, and the sum of a comparison."""
    if argument is None or math not in ("sum", "max"):
        return None
    if isinstance(argument, _COMPARISONS):
        return Measure(found.scope.table_of(), "table", "total", filters=tuple(read_where(argument)[0]))
    inner = read_measure(found._replace(node=argument, name=""), depth + 1)
    additive = ("total", "unique", "sum") if math == "sum" else ("total",)
    return inner if inner is not None and inner.math in additive else None


def _table(argument: exp.Expression | None, found: Found) -> str:
    column = argument.find(exp.Column) if argument is not None else None
    return found.scope.table_of(column)


def _argument_name(argument: exp.Expression | None, found: Found, depth: int) -> str:
    """Return the name of what is aggregated; a column that an inner SELECT computed keeps the name it got there."""
    if argument is None:
        return ""
    node = unwrapped(argument)
    name = _first_column(node)
    if speaking(name) or not isinstance(node, exp.Column) or depth > _DEEPEST:
        return name
    behind = found.scope.lookup(node)
    return (_argument_name(behind.node, behind, depth + 1) or name) if behind is not None else name


def _count(argument: exp.Expression | None, found: Found) -> Measure:
    table = found.scope.table_of()
    if argument is None or isinstance(argument, (exp.Star, exp.Literal)):
        return Measure(table, "table", "total")
    if isinstance(argument, exp.Distinct):
        node = argument.expressions[0] if argument.expressions else argument
        return _conditional(node, "unique", found) if isinstance(node, (exp.Case, exp.If)) else _distinct(node, found)
    if isinstance(argument, (exp.Case, exp.If)):
        return _conditional(argument, "total", found)
    return Measure(_table(argument, found), "table", "total")


def _conditional(node: exp.Expression, math: str, found: Found) -> Measure:
    """Read `CASE WHEN result = 'ok' THEN id END`: what is counted where the condition holds."""
    branch = node.args["ifs"][0] if isinstance(node, exp.Case) and node.args.get("ifs") else node
    filters = tuple(read_where(branch.this)[0]) if branch.this is not None else ()
    value = branch.args.get("true")
    column = value if isinstance(value, exp.Column) else None
    if math == "unique" and column is not None:
        return _distinct(column, found)._replace(filters=filters)
    if column is None or math == "total":
        total = math in ("sum", "total", "unique")
        return Measure(
            _table(column, found),
            "table",
            "total" if total else math,
            "" if total else _first_column(node),
            filters=filters,
        )
    return Measure(_table(column, found), "table", math, column.name, filters=filters)


def _distinct(node: exp.Expression | None, found: Found) -> Measure:
    """Read a distinct count: of a table's own id it counts the rows, of a foreign one the things it points to."""
    name = _first_column(node) if node is not None else ""
    table = _table(node, found)
    if not name:
        return Measure(table, "table", "total")
    subject = _ID.sub("", name)
    if not subject:
        return Measure(table, "table", "total", name)
    return Measure(table, "table", "unique", name)


_READERS: tuple[tuple[tuple[type, ...], Callable[[exp.Expression, Found, int], Measure | None]], ...] = (
    ((exp.Column,), _behind),
    ((exp.Filter, exp.WithinGroup, exp.Window, exp.IgnoreNulls, exp.Bracket), _wrapped),
    ((exp.Div, exp.SafeDivide), _ratio),
    (_ARITHMETIC, _either),
    ((exp.AggFunc, exp.CountIf), _aggregate),
    ((exp.Case, exp.If, exp.Anonymous, exp.Greatest, exp.Least), _within),
)
"""Who reads which kind of expression; the first that fits."""
