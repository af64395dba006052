"""Calls that the parser does not know: ClickHouse's combinators, other engines' names for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import Extreme

from .aggregates import called_on, percentile, where_of
from .arithmetic import between, bucketed, ratio
from .reader import read
from .text import TIME_GROUP

if TYPE_CHECKING:
    from insights_core.query.meaning import Predicate, Value

    from .scopes import View

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


def called(node: exp.Expression, view: View, depth: int) -> Value | None:
    """Read a call by its name, or None where the name says nothing."""
    name = (node.this if isinstance(node.this, str) else node.name).lower()
    arguments = list(node.expressions)
    plain = name.removesuffix("state").removesuffix("merge").removesuffix("ornull").removesuffix("ordefault")
    where: tuple[Predicate, ...] = ()
    if plain.endswith("if") and plain.removesuffix("if") in _CALLED_FUNCTIONS and arguments:
        plain = plain.removesuffix("if")
        where = where_of(arguments[-1], view)
        arguments = arguments[:-1]
    function = _CALLED_FUNCTIONS.get(plain)
    if function is None and plain.startswith("quantile"):
        function = "median"
    if function in ("median", "quantiles") and isinstance(node, exp.ParameterizedAgg):
        levels = [percentile(item) for item in arguments]
        of = node.args.get("params") or []
        return called_on(levels[0] if levels else "median", of[0] if of else None, view, depth, where)
    if function == "percentile" and len(arguments) > 1:
        return called_on(percentile(arguments[1]), arguments[0], view, depth, where)
    if function in ("first", "last") and len(arguments) > 1:
        return Extreme(function, read(arguments[0], view, depth + 1), read(arguments[1], view, depth + 1))
    if function:
        return called_on(function, arguments[0] if arguments else None, view, depth, where)
    if name in ("safe_divide", "div0", "try_divide", "divide", "intdiv") and arguments[1:]:
        return ratio(read(arguments[0], view, depth + 1), read(arguments[1], view, depth + 1))
    if name in ("timestampdiff", "datediff", "date_diff", "age", "julianday_diff") and arguments[1:]:
        return between(node, view, depth)
    if name == TIME_GROUP:
        return bucketed(node, view, depth)
    return None
