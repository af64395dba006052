"""What a query says, with no word of any language and nothing of its format.

Named tuples and not dataclasses: some dozens are made for each query, and they cost a third. Texts in here are either spelt as in
the query (`name`, `labels`, `caption`) or codes of the field (`avg`, `week`, `ranking`), for which each language has its own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar: TypeAlias = str | int | float | bool | None


class Entity(NamedTuple):
    """What rows are, or who acts: a table, an event, a CTE whose name speaks."""

    name: str = ""
    """As it is spelt, without its schema; empty for every event, or where nothing is known."""
    kind: str = "table"
    """table, event, action, cte, catalogue, file, model, function, cohort, actor, or all.

    An actor's `name` is a code: dau, weekly_active, monthly_active, unique_session, unique_group, first_time.
    """
    alternatives: tuple[str, ...] = ()
    """Further names that count as the same thing."""
    label: str = ""
    """The name that a person gave to it."""
    area: str = ""
    """The schema or dataset that it lies in, as it is spelt."""


class Column(NamedTuple):
    """A column or property."""

    name: str
    of: Entity | None = None
    labels: tuple[str, ...] = ()
    """The names that it got on its way out, the innermost first."""
    scope: str = ""
    """Whose property it is, where the format says so: event, person, session, group, cohort, feature, element, expression."""
    bins: int | None = None


class Bucket(NamedTuple):
    """A moment cut to a unit (second … year), or the part of a moment that comes back.

    The parts are minute_of_hour, hour_of_day, day_of_week, day_of_month, day_of_year, week_of_year, month_of_year, quarter_of_year.
    """

    unit: str
    of: Value | None = None


class Count(NamedTuple):
    """How many rows or, with `unit`, how many different values of it."""

    of: Entity
    unit: Column | Entity | None = None
    where: tuple[Predicate, ...] = ()
    per: str = ""
    """Of counts of an actor: the span that one counts for (week, month), or the group type's index."""


class Aggregate(NamedTuple):
    """sum, avg, min, max, median, p75 … p99, stddev, variance, mode, any, list of a value over rows."""

    function: str
    of: Value
    where: tuple[Predicate, ...] = ()
    per: str = ""
    """What the inner values were counted for: `avg` of counts per user."""


class Ratio(NamedTuple):
    """One value for each of another; `share` where the bottom holds the top."""

    top: Value
    bottom: Value


class Sum(NamedTuple):
    """Several values added up."""

    parts: tuple[Value, ...]


class Change(NamedTuple):
    """What is left of a value when another, often its own of before, is taken away."""

    of: Value
    since: Value | None = None


class Running(NamedTuple):
    """A value added up, or averaged (`function`), along the rows so far."""

    of: Value
    function: str = "sum"


class Duration(NamedTuple):
    """The time between two moments; `since` is None where it lasts until now."""

    since: Value | None
    until: Value | None


class Product(NamedTuple):
    """Values multiplied: a quantity with its price."""

    parts: tuple[Value, ...]


class Extreme(NamedTuple):
    """The `of` of the row with the last, first, longest … `by`: "latest X per Y"."""

    which: str
    """first, last, highest, lowest."""
    of: Value
    by: Value | None = None


class Rank(NamedTuple):
    """The place of a row among others."""

    by: Value | None = None
    within: tuple[Value, ...] = ()
    descending: bool = True
    """Whether the first place is that of the highest, or the latest."""


class Case(NamedTuple):
    """A value chosen by conditions: the bands of a column, a translation of codes."""

    of: tuple[Value, ...]
    results: tuple[Scalar, ...] = ()


class Constant(NamedTuple):
    """The same in each row."""

    value: Scalar


class Opaque(NamedTuple):
    """Understood as far as this: the text, and the columns in it."""

    text: str
    columns: tuple[Value, ...] = ()


Value: TypeAlias = (
    Column | Bucket | Count | Aggregate | Ratio | Sum | Change | Running | Duration | Product | Extreme | Rank | Case | Constant | Opaque
)  # fmt: skip


class Condition(NamedTuple):
    """One comparison, scoped to the entity that its column comes from."""

    of: Value
    operator: str = "exact"
    """exact, is_not, icontains, not_icontains, starts, ends, regex, not_regex, gt, gte, lt, lte, between, not_between, is_set,
    is_not_set, in, not_in, exists, missing, or a format's own."""
    values: tuple[Scalar, ...] = ()
    clause: str = "where"
    """where, having, rank, join."""


class Group(NamedTuple):
    """Conditions joined by `and` or `or`, or the opposite of one, `not`."""

    operator: str
    items: tuple[Predicate, ...]


Predicate: TypeAlias = Condition | Group


class Output(NamedTuple):
    """One column of the answer, one series, one formula."""

    role: str
    """measure, dimension, time, key, attribute, rank, constant."""
    value: Value
    labels: tuple[str, ...] = ()
    """The names that a person gave to it, the outermost last."""


class Step(NamedTuple):
    """A step of a funnel, one of retention's two events, one end of paths."""

    of: Entity
    where: tuple[Predicate, ...] = ()
    role: str = "step"
    """step, first, returning, start, end."""


class Period(NamedTuple):
    """The span of time looked at, as it is spelt: `-30d`, `mStart`, `2024-01-01`, `all`."""

    start: str = ""
    end: str = ""


class Order(NamedTuple):
    """What rows are ordered by: an output's place, or another value."""

    output: int | None
    value: Value | None = None
    descending: bool = False


class Option(NamedTuple):
    """A setting that was understood and that needs no field of its own."""

    name: str
    value: Any


class Meaning(NamedTuple):
    """Everything that a query says."""

    shape: str = "unknown"
    """number, series (over time), split, ranking, bottom, matrix, rows, latest, first, best, distribution, cohort, funnel, retention, stickiness,
    lifecycle, paths, comparison, statement, unknown, or a kind of its own (web_overview, logs, …)."""
    source: Entity = Entity("", "all")
    """What the rows come from in the first place."""
    outputs: tuple[Output, ...] = ()
    steps: tuple[Step, ...] = ()
    conditions: tuple[Predicate, ...] = ()
    """What all rows and series share; all of them hold."""
    period: Period | None = None
    interval: str = ""
    compare: str = ""
    """Empty, `previous`, or the offset compared to."""
    order: tuple[Order, ...] = ()
    limit: int | None = None
    sources: tuple[Entity, ...] = ()
    """Everything that is read, the main source first."""
    caption: str = ""
    """The author's own title, from the first comment."""
    display: str = ""
    options: tuple[Option, ...] = ()
    words: tuple[str, ...] = ()
    """Identifiers that stand in none of the fields above."""
    unread: tuple[str, ...] = ()
    """What the reader did not understand: the texts of SQL, the paths of JSON keys."""
    format: str = ""
    """The format and kind, as the query spells it: `sql`, `TrendsQuery`."""

    def option(self, name: str) -> Any:
        """Return the value of an option, or None."""
        return next((option.value for option in self.options if option.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what is known, with JSON types only; empty fields are left out, and `is` says what a value or a group is."""
        shown: dict[str, Any] = _plain(self)
        return shown


def _plain(value: object) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        named = {"is": type(value).__name__.lower()} if isinstance(value, _NAMED) else {}
        fields = value._asdict()
        return named | {name: _plain(field) for name, field in fields.items() if field not in ("", (), None)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


_NAMED = (
    Column, Bucket, Count, Aggregate, Ratio, Sum, Change, Running, Duration, Product, Extreme, Rank, Case, Constant, Opaque, Group,
)  # fmt: skip


def is_star(value: Value | None) -> bool:
    """Whether a value stands for every column."""
    return isinstance(value, Column) and value.name == "*"


def is_measured(value: Value | None) -> bool:
    """Whether a value is computed over several rows."""
    if isinstance(value, (Count, Aggregate, Running)):
        return not (isinstance(value, Aggregate) and value.function in ("any", "group"))
    if isinstance(value, (Case, Bucket)):
        return False  # a band of a measure, or the day of a first time, is what rows are split by
    return any(map(is_measured, inner_values(value)))


def inner_values(value: Value | None) -> tuple[Value, ...]:
    """Return the values that a value is computed from."""
    if isinstance(value, Ratio):
        return value.top, value.bottom
    if isinstance(value, (Sum, Product)):
        return value.parts
    if isinstance(value, Change):
        return (value.of, value.since) if value.since is not None else (value.of,)
    if isinstance(value, (Aggregate, Running, Extreme)):
        return (value.of,)
    if isinstance(value, Bucket):
        return (value.of,) if value.of is not None else ()
    if isinstance(value, Case):
        return value.of
    if isinstance(value, Opaque):
        return value.columns
    if isinstance(value, Duration):
        return tuple(item for item in (value.until, value.since) if item is not None)
    return ()


def columns_in(value: Value | None) -> Iterator[Column]:
    """Yield the columns that a value speaks of."""
    if isinstance(value, Column):
        yield value
    elif isinstance(value, Count) and isinstance(value.unit, Column):
        yield value.unit
    for inner in inner_values(value):
        yield from columns_in(inner)
