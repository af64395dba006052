"""Time in SQL: buckets of every dialect, parts of a moment, and spans counted back from now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from .sql_text import TIME_GROUP
from .types import Period

if TYPE_CHECKING:
    from .sql_scope import Found

UNITS = {
    "second": "second", "minute": "minute", "hour": "hour", "day": "day", "week": "week", "month": "month",
    "quarter": "quarter", "year": "year", "isoweek": "week", "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week",
}  # fmt: skip
_NAMED_BUCKETS = {
    "tostartofsecond": "second", "tostartofminute": "minute", "tostartoffiveminutes": "minute", "tostartoffifteenminutes": "minute",
    "tostartofhour": "hour", "tostartofday": "day", "todate": "day", "tostartofweek": "week", "tomonday": "week",
    "tostartofmonth": "month", "toyyyymm": "month", "toyyyymmdd": "day", "tostartofquarter": "quarter", "tostartofyear": "year",
    "yearweek": "week", "to_date": "day", "date": "day", "last_day": "month", "monthname": "month", "eomonth": "month",
}  # fmt: skip
_FORMATTING = {
    "strftime",
    "date_format",
    "to_char",
    "formatdatetime",
    "format_date",
    "format_timestamp",
    "format",
    "to_varchar",
}
_MEASURED = {TIME_GROUP, "time_bucket", "tostartofinterval", "date_bin", "date_slice", "time_slice", "bin"}
_PARTS: dict[type[exp.Expression], str] = {
    exp.Hour: "hour", exp.DayOfWeek: "day_of_week", exp.DayOfWeekIso: "day_of_week", exp.DayOfMonth: "day_of_month", exp.Month: "month",
    exp.Year: "year", exp.Quarter: "quarter", exp.Week: "week", exp.WeekOfYear: "week", exp.Minute: "minute", exp.DayOfYear: "day_of_year",
}  # fmt: skip
_NAMED_PARTS: dict[str, str] = {
    "tohour": "hour", "todayofweek": "day_of_week", "weekday": "day_of_week", "tomonth": "month", "toyear": "year", "dayname": "day_of_week",
    "dow": "day_of_week", "isodow": "day_of_week", "dayofweek": "day_of_week", "weekday_name": "day_of_week", "hour": "hour",
    "hourofday": "hour", "day_of_week": "day_of_week",
}  # fmt: skip
_TRUNCATIONS = (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc, exp.TimeTrunc)
_MARK = re.compile(r"%-?\w|[YyWwHh]{1,4}|MM|Mon|DD|dd|IW|MI|mm")
_MARKS = {
    "minute": {"%M", "MI"},
    "hour": {"%H", "%I", "%k", "HH", "hh"},
    "day": {"%d", "%j", "%D", "%e", "DD", "dd"},
    "week": {"%U", "%V", "%W", "%u", "%v", "%G", "IW", "WW", "ww"},
    "month": {"%m", "%b", "%B", "MM", "Mon"},
    "year": {"%Y", "%y", "YYYY", "yyyy", "YY"},
}
_SPAN = re.compile(r"(?<!\d)(\d+)\s*+([a-z]+?)s?\b", re.IGNORECASE)
_SHIFTS = (exp.DateSub, exp.DateAdd, exp.TsOrDsAdd, exp.TimestampSub, exp.DatetimeSub)
_DEEPEST = 8
_STEPS = {"day": "d", "week": "w", "month": "m", "year": "y", "hour": "h", "minute": "min", "quarter": "q"}


def _unit(text: str) -> str:
    lowered = text.lower()
    return UNITS.get(lowered) or UNITS.get(lowered.rstrip("s")) or ("week" if lowered.startswith("week") else "")


def bucket(found: Found, depth: int = 0) -> str:
    """Return the unit that an expression cuts time into, or an empty text where it does not."""
    node = found.node
    if isinstance(node, _TRUNCATIONS):
        unit = node.args.get("unit")
        return _unit(unit.name) if unit is not None else "day"
    if isinstance(node, (exp.TsOrDsToDate, exp.Date)):
        return _inside(found, depth) or "day"
    if isinstance(node, exp.Cast):
        inner = _inside(found, depth)
        return inner or ("day" if node.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.DATE32) else "")
    if isinstance(node, (exp.TimeToStr, exp.ToChar)):
        return _inside(found, depth) or _of_format(node.text("format"))
    if isinstance(node, (exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.Sub, exp.Add)):
        return _of_arithmetic(node)
    if isinstance(node, (exp.Anonymous, exp.Func)):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        if name in _NAMED_BUCKETS:
            return _NAMED_BUCKETS[name]
        if name in _FORMATTING:
            return _of_format(next((item.name for item in node.expressions if isinstance(item, exp.Literal)), ""))
        return _measured(node) if name in _MEASURED else _inside(found, depth)
    return _inside(found, depth)


def _inside(found: Found, depth: int) -> str:
    """Look behind a column that stands for a bucket, and into a call that only formats one."""
    if depth > _DEEPEST:
        return ""
    node, scope = found.node, found.scope
    if isinstance(node, exp.Column):
        behind = scope.lookup(node)
        return bucket(behind, depth + 1) if behind is not None else ""
    inner = _speaking(node)
    return bucket(found._replace(node=inner), depth + 1) if inner is not None else ""


def _speaking(node: exp.Expression) -> exp.Expression | None:
    """Return the part of a call that can hold a bucket: what it is called on, a CASE's first branch, an argument."""
    if isinstance(node, exp.Case):
        candidates = [branch.args.get("true") for branch in node.args.get("ifs") or ()]
    elif isinstance(node.this, exp.Expression):
        return node.this
    else:
        candidates = sorted(node.expressions, key=lambda item: not isinstance(item, exp.Func))
    speaking = (item for item in candidates if isinstance(item, (exp.Func, exp.Column)))
    return next((item for item in speaking if isinstance(item, exp.Expression)), None)


def _measured(node: exp.Expression) -> str:
    for item in node.find_all(exp.Literal, exp.Interval, exp.Var):
        if isinstance(item, exp.Interval):
            return _unit(item.text("unit"))
        span = _SPAN.search(item.name)
        if span:
            return _unit(span[2])
    return "interval"


def _of_format(text: str) -> str:
    """Return the finest unit that a format spells: `%Y-%m`, or `YYYY-MM`."""
    marks = [mark.replace("-", "") for mark in _MARK.findall(text)]
    return next((unit for unit, signs in _MARKS.items() if not signs.isdisjoint(marks)), "")


def _of_arithmetic(node: exp.Expression) -> str:
    """Return the unit that date arithmetic rounds down to: a date minus its own day of the month is a month."""
    for kind, unit in ((exp.DayOfYear, "year"), (exp.DayOfMonth, "month"), (exp.Day, "month"), (exp.DayOfWeek, "week")):
        if node.find(kind):
            return unit
    names = {item.name.lower() for item in node.find_all(exp.Anonymous)}
    if "__parameter" in names:
        return "interval"
    return "week" if names & {"weekday", "dayofweek"} else ""


def moment_part(found: Found, depth: int = 0) -> str:
    """Return the part of a moment that an expression takes (`hour`, `day_of_week`), or an empty text."""
    node = found.node
    if type(node) in _PARTS:
        return _PARTS[type(node)]
    if isinstance(node, exp.Extract):
        name = node.name.lower()
        return _NAMED_PARTS.get(name, "") or _unit(name)
    if isinstance(node, exp.Anonymous):
        return _NAMED_PARTS.get(node.name.lower(), "")
    if isinstance(node, exp.TimeToStr):
        text = node.text("format")
        return "day_of_week" if text in ("%a", "%A", "%w", "%u") else "hour" if text in ("%H", "%-H") else ""
    if depth > _DEEPEST:
        return ""
    if isinstance(node, exp.Column):
        behind = found.scope.lookup(node)
        return moment_part(behind, depth + 1) if behind is not None else ""
    return moment_part(found._replace(node=node.this), depth + 1) if isinstance(node.this, exp.Expression) else ""


def span_back(node: exp.Expression) -> Period | None:
    """Return the period of `now() - interval '30 days'` and its like, or None."""
    interval = node.find(exp.Interval, *_SHIFTS)
    if interval is None:
        return None
    amount, unit = interval.text("this"), interval.text("unit")
    if isinstance(interval, _SHIFTS):
        value = interval.args.get("expression")
        literal = value.find(exp.Literal) if value is not None else None
        amount = literal.name if literal is not None else ""
        inner = value if isinstance(value, exp.Interval) else None
        unit = inner.text("unit") if inner is not None else unit
    step = _STEPS.get(_unit(unit))
    return Period(f"-{amount}{step}") if step and amount.isdigit() else None
