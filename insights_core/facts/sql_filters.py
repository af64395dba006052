"""WHERE clauses as filters; what only bounds time becomes the period, what only joins is dropped."""

from __future__ import annotations

from sqlglot import exp

from .sql_text import PLACEHOLDER
from .sql_time import span_back
from .types import Condition, Filter, Group, Period, Scalar

_OPERATORS: dict[type[exp.Expression], str] = {
    exp.EQ: "exact", exp.NullSafeEQ: "exact", exp.NEQ: "is_not", exp.GT: "gt", exp.GTE: "gte", exp.LT: "lt", exp.LTE: "lte",
    exp.Like: "icontains", exp.ILike: "icontains", exp.RegexpLike: "regex", exp.RegexpILike: "regex", exp.In: "in", exp.Is: "is",
    exp.Between: "between",
}  # fmt: skip
_NEGATIONS = {
    "exact": "is_not",
    "icontains": "not_icontains",
    "in": "not_in",
    "is_not_set": "is_set",
    "regex": "not_regex",
}
_MIRRORED = {"gt": "lt", "lt": "gt", "gte": "lte", "lte": "gte"}
EVENT_COLUMNS = frozenset({"event", "event_name", "eventname", "event_type", "event_action"})
"""Columns that say which event a row is: on a table of events that is no filter but the subject."""

_EXACT_DIGITS = 15
_DEEPEST = 12
_WRAPPERS = (exp.Cast, exp.TryCast, exp.Lower, exp.Upper, exp.Trim, exp.Paren, exp.Coalesce)


def read_where(node: exp.Expression) -> tuple[list[Filter], Period | None]:
    """Return the filters that all hold, and the period that the clause bounds."""
    filters: list[Filter] = []
    period: Period | None = None
    for item in _conjuncts(node):
        span = span_back(item)
        if span is not None:
            period = period or span
        elif (found := _filter(item)) is not None:
            filters.append(found)
    return filters, period


def _conjuncts(node: exp.Expression) -> list[exp.Expression]:
    """Flatten `a AND b AND c` without recursion: generated SQL chains thousands."""
    found, left = [], [node]
    while left:
        item = left.pop()
        if isinstance(item, exp.Paren):
            left.append(item.this)
        elif isinstance(item, exp.And):
            left += [item.expression, item.this]
        else:
            found.append(item)
    return found


def _filter(node: exp.Expression) -> Filter | None:
    if isinstance(node, exp.Paren):
        return _filter(node.this)
    if isinstance(node, exp.Or):
        left, right = _filter(node.this), _filter(node.expression)
        # A branch that only asks whether a parameter is set leaves the other one in force.
        return Group("or", (left, right)) if left and right else None
    if isinstance(node, exp.And):
        parts = tuple(part for item in _conjuncts(node) if (part := _filter(item)))
        return Group("and", parts) if len(parts) > 1 else (parts[0] if parts else None)
    if isinstance(node, exp.Not):
        inner = _filter(node.this)
        if isinstance(inner, Condition) and inner.operator in _NEGATIONS:
            return inner._replace(operator=_NEGATIONS[inner.operator])
        return Group("not", (inner,)) if inner else None
    return _condition(node)


def _condition(node: exp.Expression) -> Condition | None:
    found = _comparison(node)
    if found is not None and node.args.get("negate"):
        # Newer parsers keep the NOT of `NOT LIKE` inside.
        return found._replace(operator=_NEGATIONS.get(found.operator, found.operator))
    return found


def _comparison(node: exp.Expression) -> Condition | None:
    operator = _OPERATORS.get(type(node))
    if operator is None:
        # A bare flag (`WHERE is_active`) is a comparison with true.
        key = column_key(node)
        flag = key and key != PLACEHOLDER and isinstance(node, (exp.Column, exp.Dot))
        return Condition(key, "exact", (True,), "column") if flag else None
    left, right = node.this, node.args.get("expression")
    if operator == "between":
        right_values = tuple(map(_value, (node.args["low"], node.args["high"])))
        return _compared(left, operator, right_values)
    if operator == "in":
        if node.args.get("query") is not None:
            return None
        return _compared(left, operator, tuple(map(_value, node.expressions)))
    if right is None:
        return None
    if isinstance(right, exp.Null) and operator in ("is", "exact"):
        return Condition(column_key(left), "is_not_set", (), "column") if column_key(left) else None
    if _value(right) is None and _value(left) is not None:
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    return _compared(left, "exact" if operator == "is" else operator, (_value(right),))


def _compared(node: exp.Expression, operator: str, values: tuple[Scalar, ...]) -> Condition | None:
    key = column_key(node)
    # `'$event'` is a dashboard's variable, but `'$pageview'` is the name of an event.
    marks = PLACEHOLDER if key.lower() in EVENT_COLUMNS else ("$", PLACEHOLDER)
    known = tuple(value for value in values if value is not None and not str(value).startswith(marks))
    if not key or not known or key == PLACEHOLDER:
        return None
    if operator.endswith("icontains"):
        known = tuple(str(value).strip("%") for value in known)
    if operator == "in" and len(known) == 1:
        operator = "exact"
    return Condition(key, operator, known, "column")


def _value(node: exp.Expression) -> Scalar:
    """Return the literal, or None; a column in double quotes is how MySQL spells text."""
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else _number(node.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.name}"
    if isinstance(node, exp.Column) and not node.table and isinstance(node.this, exp.Identifier) and node.this.quoted:
        return node.name
    return _value(node.this) if isinstance(node, (exp.Cast, exp.TryCast)) else None


def _number(digits: str) -> Scalar:
    # A literal may be longer than Python reads or a float holds: then its spelling is its value.
    if len(digits) > _EXACT_DIGITS:
        return digits
    try:
        return int(digits)
    except ValueError:
        return digits


def column_key(node: exp.Expression | None, depth: int = 0) -> str:
    """Return the name of the column or property that an expression reads, or an empty text."""
    if node is None or depth > _DEEPEST:
        return ""
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Dot):
        return str(node.expression.name)
    if isinstance(node, (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar)):
        keys = [item.name or item.text("this") for item in node.find_all(exp.JSONPathKey)] or [node.expression.name]
        return keys[-1]
    if isinstance(node, exp.Bracket):
        keys = [item.name for item in node.expressions if isinstance(item, exp.Literal) and item.is_string]
        return keys[-1] if keys else column_key(node.this, depth + 1)
    if isinstance(node, _WRAPPERS) or (isinstance(node, exp.Func) and isinstance(node.this, exp.Expression)):
        return column_key(node.this, depth + 1)
    if isinstance(node, exp.Anonymous):
        return next((key for item in node.expressions if (key := column_key(item, depth + 1))), "")
    return ""
