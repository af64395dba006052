"""Sums, differences, rates and spans; moments cut to a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Bucket,
    Change,
    Constant,
    Count,
    Duration,
    Extreme,
    Opaque,
    Product,
    Rank,
    Ratio,
    Sum,
    is_measured,
)
from insights_core.query.moments import is_moment

from .reader import read, unwrapped
from .text import PLACEHOLDER
from .time import bucket, rounded_down, unit_of

if TYPE_CHECKING:
    from insights_core.query.meaning import Value

    from .scopes import View


def arithmetic(node: exp.Expression, view: View, depth: int) -> Value:
    """Read an operation: of numbers alone what is left keeps its meaning (`100 * a / b` is still a share)."""
    if isinstance(node, (exp.Add, exp.Mul)):
        return _chained(node, view, depth)
    left_node = unwrapped(node.this)
    if isinstance(node, exp.Sub) and (unit := rounded_down(node.expression)) and not isinstance(left_node, exp.Literal):
        return Bucket(unit, read(left_node, view, depth + 1))
    left, right = read(left_node, view, depth + 1), read(unwrapped(node.expression), view, depth + 1)
    if isinstance(node, (exp.Div, exp.IntDiv, exp.SafeDivide)):
        return ratio(left, right)
    if isinstance(left, (Constant, Rank)):
        # `1 - a / b` is the other part of a whole: a rate too, but of what is left.
        is_rest = isinstance(node, exp.Sub) and isinstance(right, Ratio)
        return Ratio(Change(right.bottom, right.top), right.bottom) if is_rest and isinstance(right, Ratio) else right
    if isinstance(right, Constant) or isinstance(node, exp.Mod) or isinstance(node.expression, exp.Interval):
        return left
    return _difference(left, right)


def _chained(node: exp.Expression, view: View, depth: int) -> Value:
    """Read `a + b + c` or `a * b * c` without recursion: generated SQL chains hundreds."""
    kind = type(node)
    operands: list[exp.Expression] = []
    left = [node]
    while left:
        item = unwrapped(left.pop())
        if type(item) is kind:
            left += [item.expression, item.this]
        else:
            operands.append(item)
    values = [read(item, view, depth + 1) for item in operands if not isinstance(item, exp.Interval)]
    speaking = [value for value in values if not isinstance(value, Constant)]
    if kind is exp.Add:
        # A place among others, moved by a number or by another place, is a place.
        speaking = [value for value in speaking if not isinstance(value, Rank)] or speaking[:1]
    if len(speaking) <= 1:
        return speaking[0] if speaking else values[0] if values else Constant(None)
    if kind is exp.Mul:
        return Product(
            tuple(part for value in speaking for part in (value.parts if isinstance(value, Product) else (value,)))
        )
    return Sum(tuple(part for value in speaking for part in (value.parts if isinstance(value, Sum) else (value,))))


def _difference(left: Value, right: Value) -> Value:
    if is_moment(left) and (is_moment(right) or isinstance(right, Constant)):
        return Duration(right, left)
    if isinstance(right, Extreme) and right.which == "previous" and right.of == left:
        return Change(left)
    return Change(left, right)


def ratio(top: Value, bottom: Value) -> Value:
    """Return one value for each of another; by a number it stays what it was, and a change over its base is that change."""
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


def between(node: exp.Expression, view: View, depth: int) -> Value:
    """Read the time between two moments, in whichever order a dialect has them."""
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
    return Duration(_known(right), _known(left))


def _known(value: Value) -> Value | None:
    return None if isinstance(value, (Constant, Opaque)) else value


def bucketed(node: exp.Expression, view: View, depth: int) -> Value | None:
    """Read a call that cuts a moment to a unit, or None where it is another call."""
    found = bucket(node)
    if found is None or not found[0]:
        return None
    unit, of = found
    inner = read(of, view, depth + 1) if of is not None else None
    if isinstance(inner, Bucket):
        return inner if not unit.endswith(("_of_day", "_of_week", "_of_year", "_of_month")) else Bucket(unit, inner.of)
    if isinstance(inner, (Duration, Count)) or (inner is not None and is_measured(inner) and not is_moment(inner)):
        return inner  # the days of a span, not a day of the calendar
    return Bucket(unit, inner)


def extract(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a part of a moment; the seconds of an epoch are the moment itself, and those of a span the span."""
    found = bucketed(node, view, depth)
    return found if found is not None else read(node.expression, view, depth + 1)


def shifted(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a moment that is moved: back to the start of its month it is a bucket, else it is what it was."""
    inner = read(node.this, view, depth + 1)
    moved = node.args.get("expression")
    if isinstance(inner, Constant) and isinstance(moved, exp.DateDiff):
        # The months since a fixed day, added to that day again.
        return Bucket(unit_of(node.text("unit")) or "day", read(moved.this, view, depth + 1))
    unit = rounded_down(moved) if moved is not None and moved.find(exp.Column) else ""
    if (
        not unit
        and moved is not None
        and any(item.name == PLACEHOLDER for item in moved.find_all(exp.Column, exp.Anonymous))
    ):
        unit = "interval"
    return Bucket(unit, inner.of if isinstance(inner, Bucket) else inner) if unit else inner


def cast_to_day(node: exp.Expression, view: View, depth: int) -> Value:
    """Read a moment cut to its day."""
    inner = read(node.this, view, depth + 1)
    return inner if isinstance(inner, (Bucket, Constant)) else Bucket("day", inner)
