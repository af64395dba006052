"""What was read from a query: plain, immutable, the same shape whatever format it came in.

Named tuples and not dataclasses: one is made for each series, filter and breakdown of every query, and they cost a third.
Codes in here (`trends`, `avg`, `exact`, `week`) are no words of a name: each language has its own for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from insights_core.query.meaning import Meaning

Scalar: TypeAlias = str | int | float | bool | None


class Condition(NamedTuple):
    """One comparison, the leaf of a filter: `$browser` `exact` ("Chrome",)."""

    key: str
    """The property, column or expression compared; empty where only the value speaks (a cohort, a raw expression)."""
    operator: str = "exact"
    """exact, is_not, icontains, not_icontains, regex, not_regex, gt, gte, lt, lte, between, is_set, is_not_set, in, not_in,
    or a format's own."""
    values: tuple[Scalar, ...] = ()
    scope: str = "event"
    """Whose property it is: event, person, session, group, cohort, feature, element, column, expression."""


class Group(NamedTuple):
    """Filters joined by `and` or `or`, or the opposite of one, `not`."""

    operator: str
    items: tuple[Filter, ...]


Filter: TypeAlias = Condition | Group


class Measure(NamedTuple):
    """What is counted or computed: a series, a step of a funnel, one of retention's two events, an aggregate of SQL."""

    entity: str = ""
    """The event, action, table or expression, as it is spelt in the query; empty for all events."""
    source: str = "event"
    """What `entity` is: event, action, table, expression, or all."""
    math: str = "total"
    """How it is aggregated: total, dau, weekly_active, monthly_active, unique, unique_group, unique_session,
    first_time_for_user, sum, avg, min, max, median, p75…p99, ratio, …"""
    of: str = ""
    """The property or column that `math` works on."""
    label: str = ""
    """The name that a person gave to it: a custom name, an alias."""
    filters: tuple[Filter, ...] = ()
    """What holds for this measure alone."""
    group: int | None = None
    """The group type that is counted instead of users."""
    alternatives: tuple[str, ...] = ()
    """Further events that count as the same thing."""
    over: Measure | None = None
    """The divisor, where this is a ratio of two measures."""
    extras: tuple[Option, ...] = ()
    """What else was said of it, kept as it was."""


class Breakdown(NamedTuple):
    """What the measures are split by."""

    key: str
    scope: str = "event"
    """Whose property it is, as in `Condition.scope`."""
    label: str = ""
    bins: int | None = None
    table: str = ""
    """Of SQL: the table that the column belongs to."""


class Period(NamedTuple):
    """The span of time looked at, as it is spelt: `-30d`, `mStart`, `2024-01-01`, `all`."""

    start: str = ""
    end: str = ""


class Option(NamedTuple):
    """A setting that was understood and that needs no field of its own: a window, a smoothing, a display."""

    name: str
    value: Any


class Facts(NamedTuple):
    """Everything that a query says."""

    kind: str
    """trends, funnel, retention, paths, stickiness, lifecycle, table (rows, not aggregates), sql, or other."""
    node: str = ""
    """The kind as the query spells it, for instance `TrendsQuery`."""
    measures: tuple[Measure, ...] = ()
    """Series in their order; of a funnel the steps; of retention the first and the returning event."""
    breakdowns: tuple[Breakdown, ...] = ()
    filters: tuple[Filter, ...] = ()
    """What all measures share; all of them hold."""
    formulas: tuple[tuple[str, str], ...] = ()
    """(formula, the name that a person gave to it)."""
    period: Period | None = None
    interval: str = ""
    """hour, day, week, month, quarter, year; empty where time is no axis."""
    compare: str = ""
    """Empty, `previous`, or the offset compared to."""
    display: str = ""
    """The chart, as the query spells it."""
    tables: tuple[str, ...] = ()
    """Of SQL and table queries: what the rows come from, the main one first."""
    columns: tuple[str, ...] = ()
    """Of queries that list rows: the columns, as people read them."""
    order: tuple[str, ...] = ()
    """What rows are ordered by; `-` in front means descending."""
    limit: int | None = None
    """How many rows or groups at most, where the query says so on purpose."""
    start: str = ""
    """Of paths: where they start."""
    end: str = ""
    """Of paths: where they end."""
    options: tuple[Option, ...] = ()
    words: tuple[str, ...] = ()
    """Identifiers that stand in the query and in none of the fields above."""
    unread: tuple[str, ...] = ()
    """The keys, as paths, that the reader did not understand."""
    meaning: Meaning | None = None
    """Of SQL: what it means; the other fields are what of it they can hold."""

    def option(self, name: str) -> Any:
        """Return the value of an option, or None."""
        return next((option.value for option in self.options if option.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what is known, with JSON types only; empty fields are left out."""
        shown: dict[str, Any] = _plain(self)
        return shown


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        if hasattr(value, "_asdict"):
            fields = value._asdict()
            # The meaning says the same once more, in its own way.
            return {
                name: _plain(field)
                for name, field in fields.items()
                if field not in ("", (), None) and name != "meaning"
            }
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value
