"""WHERE, HAVING and their kin as conditions; what only bounds time becomes the period, what only joins is dropped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Bucket,
    Column,
    Condition,
    Constant,
    Entity,
    Group,
    Opaque,
    Period,
    Rank,
    columns_in,
)

from .reader import read as value_of
from .reader import scalar
from .scopes import entity_of, part
from .text import PLACEHOLDER, TIME_FILTER
from .time import span_back

if TYPE_CHECKING:
    from insights_core.query.meaning import Predicate, Scalar, Value

    from .scopes import View

_OPERATORS: dict[type[exp.Expression], str] = {
    exp.EQ: "exact", exp.NullSafeEQ: "exact", exp.NEQ: "is_not", exp.GT: "gt", exp.GTE: "gte", exp.LT: "lt", exp.LTE: "lte",
    exp.Like: "icontains", exp.ILike: "icontains", exp.RegexpLike: "regex", exp.RegexpILike: "regex", exp.SimilarTo: "regex",
    exp.StartsWith: "starts", exp.Glob: "icontains",
}  # fmt: skip
NEGATIONS = {
    "exact": "is_not", "is_not": "exact", "icontains": "not_icontains", "in": "not_in", "not_in": "in", "is_not_set": "is_set", "is_set": "is_not_set",
    "regex": "not_regex", "exists": "missing", "missing": "exists", "gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt", "between": "not_between",
    "starts": "not_starts", "ends": "not_ends", "not_icontains": "icontains",
}  # fmt: skip
_MIRRORED = {"gt": "lt", "lt": "gt", "gte": "lte", "lte": "gte"}
_DEEPEST = 12
SIZES = frozenset({"arraysize", "size", "length", "cardinality", "array_length", "len", "json_array_length"})
"""Calls that say how many things a value holds."""
EVENT_COLUMNS = frozenset({"event", "event_name", "eventname", "event_type", "event_action"})
"""Columns that say which event a row is: on a table of events that is no filter but the subject."""
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?(?:[T ].*+)?|\d{8}|\d{1,2}/\d{1,2}/\d{2,4}", re.DOTALL)
_CALLED = {
    "startswith": "starts", "starts_with": "starts", "endswith": "ends", "ends_with": "ends", "match": "regex", "regexp_contains": "regex",
    "like": "icontains", "ilike": "icontains", "contains": "icontains", "has": "exact", "position": "icontains", "multisearchany": "in",
    "contains_substr": "icontains",
}  # fmt: skip


def read(node: exp.Expression | None, view: View, clause: str = "where") -> tuple[tuple[Predicate, ...], Period | None]:
    """Return the conditions that all hold, and the period that the clause bounds."""
    found: list[Predicate] = []
    period: Period | None = None
    for item in conjuncts(node) if node is not None else ():
        span = _span(item, view)
        if span is not None:
            period = _wider(period, span)
        elif (predicate := _predicate(item, view, clause)) is not None:
            found.append(predicate)
        elif _is_unread(item, view):
            view.unread[item.key] = None
    return tuple(dict.fromkeys(found)), period


def _is_unread(node: exp.Expression, view: View) -> bool:
    """Whether a condition that nothing came of says something: no join's plumbing, no dashboard's value, no part of a period."""
    columns = list(node.find_all(exp.Column))
    if not columns or any(column.name in (PLACEHOLDER, TIME_FILTER) for column in columns) or _has_placeholder(node):
        return False
    left, right = node.this, node.args.get("expression")
    if isinstance(node, exp.EQ) and isinstance(left, exp.Expression) and isinstance(right, exp.Expression):
        is_join = left.find(exp.Column) and right.find(exp.Column) and not node.find(exp.Select)
        return not (is_join or isinstance(value_of(left, view), (Bucket, Constant)))
    return not (isinstance(left, exp.Expression) and isinstance(value_of(left, view), (Bucket, Constant)))


def _has_placeholder(node: exp.Expression) -> bool:
    return any(PLACEHOLDER in literal.name or literal.name.startswith("$") for literal in node.find_all(exp.Literal))


def _wider(known: Period | None, span: Period) -> Period:
    if known is None:
        return span
    return Period(known.start or span.start, known.end or span.end)


def conjuncts(node: exp.Expression) -> list[exp.Expression]:
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


def _span(node: exp.Expression, view: View) -> Period | None:
    """Return the period where a comparison bounds a moment by a date or by a span back from now."""
    if isinstance(node, exp.Between):
        low, high = (_text(node.args[side]) for side in ("low", "high"))
        if _DATE.fullmatch(low) and _DATE.fullmatch(high):
            return Period(low[:10], high[:10])
        return span_back(node)
    if isinstance(node, (exp.GT, exp.GTE, exp.LT, exp.LTE)):
        back = span_back(node)
        if back is not None:
            # `ended_at < now() - interval '90 days'` is what is older than that, no period of the last 90 days.
            older = isinstance(node, (exp.LT, exp.LTE)) == _moment_left(node)
            return Period("", back.start) if older else back
        value = _text(node.expression)
        if _DATE.fullmatch(value):
            return Period(value[:10]) if isinstance(node, (exp.GT, exp.GTE)) else Period("", value[:10])
    if isinstance(node, exp.EQ) and (value := _text(node.expression)) and _DATE.fullmatch(value) and "-" in value:
        return Period(value[:10], value[:10])
    del view
    return None


def _moment_left(node: exp.Expression) -> bool:
    return node.this.find(exp.Interval) is None and not node.this.find(exp.CurrentTimestamp, exp.CurrentDate)


def _text(node: exp.Expression | None) -> str:
    while isinstance(
        node, (exp.Cast, exp.TryCast, exp.Paren, exp.TsOrDsToDate, exp.StrToDate, exp.StrToTime, exp.Date)
    ) or (
        isinstance(node, exp.Anonymous)
        and node.name.lower() in ("unix_timestamp", "todate", "todatetime", "to_date", "timestamp", "date", "datetime")
    ):
        node = node.this if isinstance(node.this, exp.Expression) else next(iter(node.expressions), None)
    return node.name if isinstance(node, exp.Literal) and node.is_string else ""


def _predicate(node: exp.Expression, view: View, clause: str, depth: int = 0) -> Predicate | None:
    while isinstance(node, exp.Paren):
        node = node.this
    if depth > _DEEPEST:
        return None
    if isinstance(node, exp.Or):
        parts = [_predicate(item, view, clause, depth + 1) for item in _disjuncts(node)]
        if any(part is None for part in parts):
            return None
        kept = tuple(dict.fromkeys(part for part in parts if part is not None))
        return _one_of(kept) or (Group("or", kept) if len(kept) > 1 else kept[0])
    if isinstance(node, exp.And):
        inner, _ = read(node, view, clause)
        return Group("and", inner) if len(inner) > 1 else next(iter(inner), None)
    if isinstance(node, exp.Not):
        return _negated(_predicate(node.this, view, clause, depth + 1))
    found = _condition(node, view, clause)
    return _negated(found) if found is not None and node.args.get("negate") else found


def _disjuncts(node: exp.Expression) -> list[exp.Expression]:
    found, left = [], [node]
    while left:
        item = left.pop()
        if isinstance(item, exp.Paren):
            left.append(item.this)
        elif isinstance(item, exp.Or):
            left += [item.expression, item.this]
        else:
            found.append(item)
    return found


def _one_of(parts: tuple[Predicate, ...]) -> Condition | None:
    """Return `a = 1 OR a = 2` as one condition: `a IN (1, 2)`."""
    conditions = [part for part in parts if isinstance(part, Condition) and part.operator in ("exact", "in")]
    if len(conditions) == len(parts) and len({part.of for part in conditions}) == 1:
        return conditions[0]._replace(
            operator="in", values=tuple(value for part in conditions for value in part.values)
        )
    return None


def _negated(found: Predicate | None) -> Predicate | None:
    if isinstance(found, Condition) and found.operator in NEGATIONS:
        return found._replace(operator=NEGATIONS[found.operator])
    return Group("not", (found,)) if found is not None else None


def _condition(node: exp.Expression, view: View, clause: str) -> Condition | None:
    if isinstance(node, exp.Exists):
        return _existing(node.this, "exists", clause)
    if isinstance(node, (exp.Column, exp.Dot)):
        # A bare flag (`WHERE is_active`) is a comparison with true.
        return _compared(value_of(node, view), "exact", (True,), clause)
    if isinstance(node, exp.Is):
        if isinstance(node.expression, exp.Null):
            return _compared(value_of(node.this, view), "is_not_set", (), clause)
        return _compared(value_of(node.this, view), "exact", (scalar(node.expression),), clause)
    if isinstance(node, exp.In):
        query = node.args.get("query")
        if query is not None:
            return _existing(query, "exists", clause)
        return _compared(value_of(node.this, view), "in", tuple(map(scalar, node.expressions)), clause)
    if isinstance(node, exp.Between):
        bounds = (scalar(node.args["low"]), scalar(node.args["high"]))
        return _compared(value_of(node.this, view), "between", bounds, clause)
    if isinstance(node, exp.Anonymous) and node.name.lower() in _CALLED and len(node.expressions) > 1:
        return _compared(
            value_of(node.expressions[0], view), _CALLED[node.name.lower()], (scalar(node.expressions[1]),), clause
        )
    operator = _OPERATORS.get(type(node))
    left, right = node.this, node.args.get("expression")
    if operator is None or not isinstance(right, exp.Expression) or not isinstance(left, exp.Expression):
        return None
    if isinstance(right, exp.Null):
        return _compared(
            value_of(left, view), {"exact": "is_not_set", "is_not": "is_set"}.get(operator, operator), (), clause
        )
    if scalar(right) is None and scalar(left) is not None:
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    if isinstance(right, (exp.Subquery, exp.Select)) or right.find(exp.Select):
        return _latest(left, right, view, clause) if operator == "exact" else None
    return _compared(value_of(left, view), operator, (scalar(right),), clause)


def _latest(left: exp.Expression, right: exp.Expression, view: View, clause: str) -> Condition | None:
    """Read `time = (select max(time) …)`: the rows of the last moment."""
    function = right.find(exp.Max, exp.Min)
    if function is None:
        return None
    return (
        Condition(Rank(value_of(left, view), (), isinstance(function, exp.Max)), "exact", (1,), "rank")
        if clause
        else None
    )


def _existing(query: exp.Expression, operator: str, clause: str) -> Condition | None:
    select = query.find(exp.Select)
    from_ = part(select, "from") if select is not None else None
    table = from_.find(exp.Table) if from_ is not None else None
    if table is None:
        return None
    return Condition(Column("", entity_of(table)), operator, (), clause)


def _compared(of: Value, operator: str, values: tuple[Scalar, ...], clause: str) -> Condition | None:
    if isinstance(of, Rank):
        return Condition(of, operator, values, "rank")
    if (
        isinstance(of, Opaque)
        and of.text in SIZES
        and len(of.columns) == 1
        and isinstance(of.columns[0], Column)
        and len(values) == 1
    ):
        # The size of a list against nothing: whether there are any.
        sizes: dict[tuple[str, Scalar], str] = {
            ("exact", 0): "missing",
            ("gt", 0): "exists",
            ("gte", 1): "exists",
            ("is_not", 0): "exists",
            ("lt", 1): "missing",
        }
        has = sizes.get((operator, values[0]))
        return Condition(of.columns[0], has, (), clause) if has else None
    if isinstance(of, (Constant, Opaque)) or (isinstance(of, Column) and of.name in (TIME_FILTER, PLACEHOLDER, "")):
        return None
    if operator in ("is_set", "is_not_set"):
        return Condition(of, operator, (), clause)
    # `'$event'` is a dashboard's variable, but `'$pageview'` is the name of an event.
    marks = () if isinstance(of, Column) and of.name.lower() in EVENT_COLUMNS else ("$",)
    known = tuple(
        value
        for value in values
        if value is not None and PLACEHOLDER not in str(value) and not str(value).startswith(marks or "\0")
    )
    if not known:
        return None
    if operator == "icontains":
        text = str(known[0])
        operator = (
            "exact"
            if "%" not in text and "*" not in text and "_" not in text
            else "starts"
            if not text.startswith(("%", "*"))
            else "icontains"
        )
        if not text.strip("%*").replace("%", " ").strip():
            return None
        known = tuple(str(value).strip("%*").replace("%", " ") for value in known)
    if operator == "in" and len(known) == 1:
        operator = "exact"
    if isinstance(of, Bucket) and all(str(value).isdigit() for value in known):
        return None  # a part of a period, in numbers
    return Condition(of, operator, known, clause)


def entities_of(predicate: Predicate) -> set[Entity]:
    """Return the entities that a condition is about."""
    if isinstance(predicate, Group):
        return set().union(*(entities_of(item) for item in predicate.items)) if predicate.items else set()
    return {column.of for column in columns_in(predicate.of) if column.of is not None}
