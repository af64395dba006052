"""Formulas over series, `A / B * 100`, as the values that they compute."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from insights_core.query.meaning import Change, Constant, Opaque, Product, Ratio, Sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights_core.query.meaning import Value

_LONGEST = 500
# The service reads formulas with Python's own parser too. What is no formula never gets to it: it warns about odd literals.
_FORMULA = re.compile(r"(?>\s*+(?>\b[A-Za-z]\b|\b\d+\.\d+\b|\b\d+\b|\.\d+\b|[-+*/()%^]))++\s*+")


class Formula(NamedTuple):
    """What a formula computes."""

    value: Value
    scale: float
    """The constant that the value is multiplied by: a hundred for percents."""
    used: frozenset[int]
    """The places of the series in it."""
    is_read: bool


class _Term(NamedTuple):
    value: Value | None
    """None for a plain number, which is then the scale."""
    scale: float = 1.0


class _UnreadError(Exception):
    pass


def read(formula: str, series: Sequence[Value]) -> Formula:
    """Return what a formula computes over series; one that is no plain arithmetic is opaque."""
    tree = _tree(formula)
    used = frozenset(_letters(formula, len(series)))
    if tree is not None:
        try:
            term = _term(tree, series)
        except (_UnreadError, RecursionError, OverflowError):
            pass
        else:
            value = Constant(_number(term.scale)) if term.value is None else term.value
            return Formula(value, 1.0 if term.value is None else term.scale, used, is_read=True)
    return Formula(Opaque(formula, tuple(series[place] for place in sorted(used))), 1.0, used, is_read=False)


@lru_cache(maxsize=1024)
def _tree(formula: str) -> ast.expr | None:
    if len(formula) > _LONGEST or not _FORMULA.fullmatch(formula):
        return None
    try:
        return ast.parse(formula.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _letters(formula: str, count: int) -> list[int]:
    places = (ord(letter.upper()) - ord("A") for letter in re.findall(r"\b[A-Za-z]\b", formula[:_LONGEST]))
    return [place for place in places if place < count]


def _term(node: ast.expr, series: Sequence[Value]) -> _Term:
    if isinstance(node, ast.Name):
        place = ord(node.id.upper()) - ord("A")
        if place < len(series):
            return _Term(series[place])
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return _Term(None, float(node.value))
    elif isinstance(node, ast.UnaryOp):
        inner = _term(node.operand, series)
        return inner if isinstance(node.op, ast.UAdd) else inner._replace(scale=-inner.scale)
    elif isinstance(node, ast.BinOp):
        operation = _OPERATIONS.get(type(node.op))
        if operation is not None:
            return operation(_term(node.left, series), _term(node.right, series))
    raise _UnreadError


def _times(left: _Term, right: _Term) -> _Term:
    scale = left.scale * right.scale
    if left.value is None or right.value is None:
        return _Term(left.value or right.value, scale)
    return _Term(Product((*_parts(left.value, Product), *_parts(right.value, Product))), scale)


def _over(left: _Term, right: _Term) -> _Term:
    if right.value is None:
        if not right.scale:
            raise _UnreadError
        return _Term(left.value, left.scale / right.scale)
    if left.value is None:
        return _Term(Ratio(Constant(_number(left.scale)), _scaled(right)))
    return _Term(Ratio(left.value, right.value), left.scale / right.scale if right.scale else 1.0)


def _plus(left: _Term, right: _Term) -> _Term:
    if left.value is None and right.value is None:
        return _Term(None, left.scale + right.scale)
    if right.scale < 0 and right.value is not None:
        return _minus(left, right._replace(scale=-right.scale))
    if left.scale == right.scale and left.value is not None and right.value is not None:
        return _Term(Sum((*_parts(left.value, Sum), *_parts(right.value, Sum))), left.scale)
    return _Term(Sum((*_parts(_scaled(left), Sum), *_parts(_scaled(right), Sum))))


def _minus(left: _Term, right: _Term) -> _Term:
    if left.value is None and right.value is None:
        return _Term(None, left.scale - right.scale)
    if left.scale == right.scale and left.value is not None and right.value is not None:
        return _Term(Change(left.value, right.value), left.scale)
    return _Term(Change(_scaled(left), _scaled(right)))


def _scaled(term: _Term) -> Value:
    if term.value is None:
        return Constant(_number(term.scale))
    return term.value if term.scale == 1 else Product((Constant(_number(term.scale)), term.value))


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _parts(value: Value, kind: type[Sum | Product]) -> tuple[Value, ...]:
    return value.parts if isinstance(value, kind) and isinstance(value, (Sum, Product)) else (value,)


_OPERATIONS = {ast.Mult: _times, ast.Div: _over, ast.Add: _plus, ast.Sub: _minus}
