"""Time in SQL: buckets and parts of a moment in every dialect, and spans counted back from now."""

from __future__ import annotations

import re

from sqlglot import exp

from insights_core.query.meaning import Period

from .text import TIME_GROUP

UNITS = {
    "second": "second", "minute": "minute", "hour": "hour", "day": "day", "week": "week", "month": "month",
    "quarter": "quarter", "year": "year", "isoweek": "week", "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week",
    "mi": "minute", "hh": "hour", "dd": "day", "wk": "week", "ww": "week", "mm": "month", "mon": "month", "qq": "quarter",
    "q": "quarter", "yyyy": "year", "yy": "year", "y": "year",
}  # fmt: skip
_CALLED_BUCKETS = {
    "tostartofsecond": "second", "tostartofminute": "minute", "tostartoffiveminutes": "minute", "tostartoftenminutes": "minute",
    "tostartoffiveminute": "minute", "tostartoffifteenminutes": "minute", "tostartofhour": "hour", "tostartofday": "day",
    "todate": "day", "tostartofweek": "week", "tomonday": "week", "tostartofmonth": "month", "toyyyymm": "month",
    "toyyyymmdd": "day", "tostartofquarter": "quarter", "tostartofyear": "year", "yearweek": "week", "to_date": "day",
    "date": "day", "last_day": "month", "eomonth": "month", "ts_or_ds_to_date": "day", "timestamp_trunc": "", "datefromparts": "day",
}  # fmt: skip
_CALLED_PARTS = {
    "tohour": "hour_of_day", "todayofweek": "day_of_week", "weekday": "day_of_week", "tomonth": "month_of_year", "toyear": "year",
    "dayname": "day_of_week", "dow": "day_of_week", "isodow": "day_of_week", "dayofweek": "day_of_week", "day_of_week": "day_of_week",
    "monthname": "month_of_year", "hour": "hour_of_day", "hourofday": "hour_of_day", "weekday_name": "day_of_week", "dayofmonth": "day_of_month",
    "day": "day_of_month", "month": "month_of_year", "year": "year", "quarter": "quarter_of_year", "week": "week_of_year", "doy": "day_of_year",
    "minute": "minute_of_hour", "toquarter": "quarter_of_year", "isoweek": "week_of_year", "dw": "day_of_week", "dayofyear": "day_of_year",
    "mm": "month_of_year", "mon": "month_of_year", "yyyy": "year", "yy": "year", "hh": "hour_of_day", "dd": "day_of_month", "wk": "week_of_year",
}  # fmt: skip
_FORMATTERS = frozenset({
    "strftime", "date_format", "to_char", "formatdatetime", "format_date", "format_timestamp", "format", "to_varchar", "from_unixtime",
    "format_datetime", "datename", "datepart", "extract", "date_part",
})  # fmt: skip
_TRUNCATING = frozenset({"date_trunc", "datetrunc", "timestamp_trunc", "datetime_trunc"})
_INTERVALS = frozenset({TIME_GROUP, "time_bucket", "tostartofinterval", "date_bin", "date_slice", "time_slice", "bin"})
_PARTS: dict[type[exp.Expression], str] = {
    exp.Hour: "hour_of_day", exp.DayOfWeek: "day_of_week", exp.DayOfWeekIso: "day_of_week", exp.DayOfMonth: "day_of_month",
    exp.Day: "day_of_month", exp.Month: "month_of_year", exp.Year: "year", exp.Quarter: "quarter_of_year", exp.Week: "week_of_year",
    exp.WeekOfYear: "week_of_year", exp.Minute: "minute_of_hour", exp.DayOfYear: "day_of_year",
}  # fmt: skip
TRUNCATIONS = (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc, exp.TimeTrunc)
_MARK = re.compile(r"%-?\w|[YyWwHh]{1,4}+|MM|Month|Mon|Day|Dy|DD|dd|IW|MI|mm|EEEE?+|ddd?+d?+|D\b")
_SIGNS = (
    ("minute", {"%M", "MI", "%i"}),
    ("hour", {"%H", "%I", "%k", "HH", "hh", "HH24", "%h"}),
    ("day", {"%d", "%j", "%D", "%e", "DD", "dd"}),
    ("week", {"%U", "%V", "%W", "%v", "IW", "WW", "ww"}),
    ("month", {"%m", "%b", "%B", "%c", "MM", "Mon", "Month", "mm"}),
    ("year", {"%Y", "%y", "%G", "YYYY", "yyyy", "YY", "y", "Y"}),
)
_CYCLES = {
    "%a": "day_of_week", "%A": "day_of_week", "%w": "day_of_week", "%u": "day_of_week", "%H": "hour_of_day", "%-H": "hour_of_day",
    "%I": "hour_of_day", "Day": "day_of_week", "Dy": "day_of_week", "D": "day_of_week", "HH": "hour_of_day", "hh": "hour_of_day", "Month": "month_of_year",
    "Mon": "month_of_year", "%b": "month_of_year", "%B": "month_of_year", "%m": "month_of_year", "MM": "month_of_year", "EEE": "day_of_week",
    "EEEE": "day_of_week", "ddd": "day_of_week", "dddd": "day_of_week", "%d": "day_of_month", "DD": "day_of_month", "%W": "week_of_year",
    "%M": "minute_of_hour", "%k": "hour_of_day", "IW": "week_of_year", "%V": "week_of_year", "ID": "day_of_week",
}  # fmt: skip
_NAMED_CYCLES = {
    "day": "day_of_week",
    "dy": "day_of_week",
    "month": "month_of_year",
    "mon": "month_of_year",
    "d": "day_of_week",
    "id": "day_of_week",
}
_SPAN = re.compile(r"(?<!\d)(\d++)\s*+([a-z]++)", re.IGNORECASE)
SHIFTS = (exp.DateSub, exp.DateAdd, exp.TsOrDsAdd, exp.TimestampSub, exp.DatetimeSub, exp.TimestampAdd, exp.DatetimeAdd)
_STEPS = {"day": "d", "week": "w", "month": "m", "year": "y", "hour": "h", "minute": "min", "quarter": "q"}
NAMED_UNITS = {
    "date": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year", "hour": "hour", "minute": "minute",
    "week_start": "week", "month_start": "month", "year_month": "month", "yearmonth": "month", "calendar_date": "day",
}  # fmt: skip


def unit_of(text: str) -> str:
    """Return the unit that a word of SQL stands for."""
    low = text.lower().strip("'\"")
    return UNITS.get(low) or UNITS.get(low.rstrip("s")) or ("week" if low.startswith("week") else "")


def _named(unit: exp.Expression) -> str:
    """Return what a unit is called; the parser writes BigQuery's WEEK as the day that it starts on."""
    return "week" if "week" in unit.key else unit_of(unit.name)


def bucket(node: exp.Expression) -> tuple[str, exp.Expression | None] | None:
    """Return the unit that a call cuts time into and what it cuts, or None where the call is another."""
    if isinstance(node, TRUNCATIONS):
        unit, of = node.args.get("unit"), node.this
        if isinstance(of, (exp.Column, exp.Var)) and unit is not None and unit_of(of.name) and not _named(unit):
            unit, of = of, unit  # in the other dialects' order
        return _named(unit) if unit is not None else "day", of
    if type(node) in _PARTS:
        return _PARTS[type(node)], node.this
    if isinstance(node, exp.Extract):
        return _CALLED_PARTS.get(node.name.lower(), ""), node.expression
    if isinstance(node, (exp.TsOrDsToDate, exp.Date, exp.LastDay)):
        return "month" if isinstance(node, exp.LastDay) else "day", node.this
    if isinstance(node, (exp.TimeToStr, exp.ToChar, exp.UnixToTime)) and node.args.get("format") is not None:
        return of_format(node.text("format")), node.this
    if isinstance(node, (exp.Monthname, exp.Dayname)):
        return "month_of_year" if isinstance(node, exp.Monthname) else "day_of_week", node.this
    if isinstance(node, (exp.Anonymous, exp.Func)):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        arguments = [item for item in (*node.expressions, node.this) if isinstance(item, exp.Expression)]
        if name in _TRUNCATING:
            said = next((item for item in arguments if unit_of(item.name)), None)
            return (
                (unit_of(said.name), next((item for item in arguments if item is not said), None))
                if said is not None
                else None
            )
        if name in _INTERVALS:
            return _of_interval(node), next((item for item in arguments if item.find(exp.Column)), None)
        if _CALLED_BUCKETS.get(name):
            return _CALLED_BUCKETS[name], arguments[0] if arguments else None
        if name in _CALLED_PARTS and isinstance(node, exp.Anonymous):
            return _CALLED_PARTS[name], arguments[0] if arguments else None
        if name in _FORMATTERS:
            return _formatted(arguments)
    return None


def _formatted(arguments: list[exp.Expression]) -> tuple[str, exp.Expression | None] | None:
    said = next((item for item in arguments if isinstance(item, (exp.Literal, exp.Var))), None)
    if said is None or (isinstance(said, exp.Literal) and not said.is_string):
        return None
    unit = _CALLED_PARTS.get(said.name.lower(), "") or of_format(said.name)
    return (unit, next((item for item in arguments if item is not said), None)) if unit else None


def of_format(text: str) -> str:
    """Return the finest unit that a format spells (`%Y-%m`), or the part where it spells one that comes back (`%H`)."""
    # The parser turns the `D` of PostgreSQL's `Day` into its own `%u`.
    named = _NAMED_CYCLES.get(text.lower().replace("%u", "d").removeprefix("fm").removeprefix("tm"))
    if named:
        return named
    marks = _MARK.findall(text)
    if len(marks) == 1 and marks[0] in _CYCLES:
        return _CYCLES[marks[0]]
    plain = {mark.replace("-", "") for mark in marks}
    return next((unit for unit, signs in _SIGNS if not signs.isdisjoint(plain)), "")


def _of_interval(node: exp.Expression) -> str:
    for item in node.find_all(exp.Literal, exp.Interval, exp.Var):
        if isinstance(item, exp.Interval):
            return unit_of(item.text("unit")) or "interval"
        span = _SPAN.search(item.name)
        if span:
            return unit_of(span[2]) or "interval"
    return "interval"


def rounded_down(node: exp.Expression) -> str:
    """Return the unit that date arithmetic rounds down to: a date minus its own day of the month is a month."""
    for kind, unit in ((exp.DayOfYear, "year"), (exp.DayOfMonth, "month"), (exp.Day, "month"), (exp.DayOfWeek, "week")):
        if node.find(kind):
            return unit
    names = {item.name.lower() for item in node.find_all(exp.Anonymous)}
    return "week" if names & {"weekday", "dayofweek"} else ""


def span_back(node: exp.Expression) -> Period | None:
    """Return the period of `now() - interval '30 days'` and its like, or None."""
    interval = node.find(exp.Interval, *SHIFTS)
    if interval is None:
        return None
    amount, unit = interval.text("this"), interval.text("unit")
    if isinstance(interval, SHIFTS):
        value = interval.args.get("expression")
        literal = value.find(exp.Literal) if value is not None else None
        amount = literal.name if literal is not None else ""
        unit = value.text("unit") if isinstance(value, exp.Interval) else unit
    if not unit and (found := _SPAN.search(amount)):
        amount, unit = found[1], found[2]
    step = _STEPS.get(unit_of(unit))
    amount = amount.lstrip("-")
    return Period(f"-{amount}{step}") if step and amount.isdigit() else None
