"""The way into expressions: one reader for each kind of node, each expression read once, no value beyond all bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp

from insights_core.query.meaning import Column, Constant, Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from insights_core.query.meaning import Value

    from .scopes import View

    Reader: TypeAlias = Callable[[exp.Expression, View, int], Value]

READERS: dict[type[exp.Expression], Reader] = {}
"""What reads each kind of node; filled by `values`, whose readers need this module themselves."""
FAMILIES: list[tuple[tuple[type[exp.Expression], ...], Reader]] = []
"""The same for kinds with many children, asked in turn; the last takes everything."""
COMPARISONS = (
    exp.EQ, exp.NEQ, exp.GT, exp.LT, exp.GTE, exp.LTE, exp.In, exp.And, exp.Or, exp.Is, exp.Like, exp.ILike, exp.Not, exp.Between,
)  # fmt: skip
CONDITIONAL = (exp.Case, exp.If)
DEEPEST = 100
_CHOICES = frozenset({"iff", "iif", "if"})
_LARGEST = 120
_MOST_LEAVES = 8
_LONGEST_INTEGER = 15
_TRANSPARENT = (
    exp.Alias, exp.Paren, exp.Cast, exp.TryCast, exp.Round, exp.Coalesce, exp.Nullif, exp.Ceil, exp.Floor, exp.Abs, exp.Neg,
    exp.AtTimeZone, exp.Distinct, exp.ToChar, exp.Trim, exp.Lower, exp.Upper, exp.TimeStrToTime, exp.StrToTime, exp.ParseJSON, exp.Trunc,
    exp.ToNumber, exp.Initcap, exp.Order, exp.Limit, exp.IgnoreNulls, exp.RespectNulls, exp.ConvertTimezone, exp.StrToDate, exp.Collate,
    exp.Explode, exp.UnixToTime, exp.TimeToUnix, exp.CurrentTimestamp, exp.PropertyEQ,
)  # fmt: skip
_CALLED_TRANSPARENT = frozenset(["tostring", "touint64", "touint32", "touint8", "toint64", "toint32", "tofloat64", "tofloat32", "todecimal64", "todecimal32", "ifnull", "isnull", "zeroifnull", "nvl", "todatetime", "fromunixtimestamp", "from_unixtime", "dateadd", "format", "formatreadablesize", "formatreadablequantity", "pg_size_pretty", "format_number", "to_number", "try_cast", "currency", "unix_timestamp", "ornull", "assumenotnull", "tonullable", "tolowcardinality", "str", "trim_array", "safe_cast", "convert", "iif_null", "text", "number", "numeric", "to_json_string", "parseint", "int64", "string", "datetime", "timestamp", "timestamp_micros", "timestamp_millis", "timestamp_seconds", "to_timestamp", "jsonextractstring", "jsonextract", "jsonextractfloat", "jsonextractint", "decode", "bytes2readable", "truncate", "format_bytes", "getdate_null", "tofixedstring", "any_value", "tointervalday", "json_extract_scalar", "todatetime64", "money"])  # fmt: skip


def read(node: exp.Expression | None, view: View, depth: int = 0) -> Value:
    """Return what an expression is, in the terms of the tables that it comes from.

    Each is read once for a view: where every CTE uses the one before twice, there are as many ways as two to the number of them.
    """
    if node is None or depth > DEEPEST:
        return Opaque("" if node is None else node.key)
    known = view.values.get(id(node))
    if known is not None and known[0] is node:
        return known[1]
    view.values[id(node)] = node, Opaque(node.key)  # while it is read: what is made of itself ends here
    value = _bounded(_read(unwrapped(node), view, depth), node)
    view.values[id(node)] = node, value
    return value


def _read(node: exp.Expression, view: View, depth: int) -> Value:
    reader = READERS.get(type(node))
    if reader is None:
        reader = next(family for kinds, family in FAMILIES if isinstance(node, kinds))
    return reader(node, view, depth)


def _bounded(value: Value, node: exp.Expression) -> Value:
    """Return a value, or its leaves alone where it has grown beyond what anybody could tell."""
    left: list[tuple[object, ...]] = [value]
    leaves: dict[Value, None] = {}
    for _ in range(_LARGEST):
        if not left:
            return value
        item = left.pop()
        if isinstance(item, Column):
            leaves[item] = None
        left += [field for field in item if isinstance(field, tuple)]
    return Opaque(node.key, tuple(leaves)[:_MOST_LEAVES])


def unwrapped(node: exp.Expression) -> exp.Expression:
    """Return what is behind casts that keep the grain, rounding, defaults and brackets."""
    for _ in range(DEEPEST):
        inner: object = None
        if isinstance(node, exp.Cast) and node.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.DATE32):
            return node
        if isinstance(node, (exp.TimeToStr, exp.ToChar)) and node.args.get("format") is not None:
            return node
        if isinstance(node, _TRANSPARENT):
            inner = node.this if node.this is not None else next(iter(node.expressions), None)
        elif isinstance(node, exp.Anonymous) and node.name.lower() in _CALLED_TRANSPARENT:
            inner = next(
                (item for item in node.expressions if not isinstance(item, (exp.Literal, exp.Var, exp.Interval))), None
            )
        elif isinstance(node, exp.Anonymous) and node.name.lower() in _CHOICES and len(node.expressions) > 1:
            test, *results = (item.copy() for item in node.expressions)
            return exp.If(this=test, true=results[0], false=results[1] if results[1:] else None)
        if not isinstance(inner, exp.Expression):
            return node
        node = inner
    return node


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
        return int(text) if len(text) <= _LONGEST_INTEGER and text.isdigit() else float(text)
    except ValueError:
        return text


def columns_of(node: exp.Expression, view: View, depth: int) -> Iterator[Value]:
    """Yield what the columns below a node are."""
    for column in node.find_all(exp.Column):
        value = read(column, view, depth + 1)
        if not isinstance(value, Constant):
            yield value
