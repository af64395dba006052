"""Queries that list rows (`EventsQuery`, `ActorsQuery`, …): what of, which columns, what holds for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .properties import read_filters, scalars, text
from .types import Breakdown, Facts, Measure, Option, Period

if TYPE_CHECKING:
    from .types import Filter

_CALL = re.compile(r"(?P<name>\w+)\((?P<distinct>\s*+distinct\b[\s(]*+)?(?P<body>.*)\)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"\s--\s{0,20}(?P<label>[^\n]{1,300})$")
_ALIAS = re.compile(r"\s{1,20}+as\s{1,20}+[`\"']?(?P<label>[^`\"'()]{1,300})(?:[`\"']\s{0,20}+)?$", re.IGNORECASE)
_LONGEST_LABELLED = 400
_PROPERTY = re.compile(r"(?:properties|person|event)\.[`\"]?([\w$.]+)|(?<![\w$.])([$A-Za-z_][\w$.]*+)(?!\s*+\()")
_CONVERSIONS = re.compile(
    r"\b(?:to(?:Float|Int|UInt|Decimal|String|Date)\w*|cast|round|coalesce|ifNull|nullIf)\b", re.IGNORECASE
)
_MATHS = {
    "count": "total", "sum": "sum", "avg": "avg", "min": "min", "max": "max", "median": "median", "uniq": "unique",
    "percentile": "percentile", "quantile": "percentile", "countif": "total", "uniqexact": "unique",
}  # fmt: skip
_NAMED_ALIKE = {"*", "timestamp", "event", "person", "distinct_id", "uuid", "id"}


def read_table(query: dict[str, Any], name: str, options: tuple[Option, ...], unread: tuple[str, ...]) -> Facts:
    """Return the facts of a table query; `name` says what its rows are where no event narrows them."""
    named = [text(item) for key in ("event", "events") for item in scalars(query.get(key))]
    selected = [text(item) for item in scalars(query.get("select"))]
    source = query.get("source")
    inner = _source_facts(source) if isinstance(source, dict) else None
    measures = [measure for item in selected if (measure := read_aggregate(item, named))]
    aggregated = bool(measures)
    if not measures:
        measures = [Measure(event) for event in named] or list(inner.measures if inner else ())
    columns = tuple(label for item in selected if read_aggregate(item, named) is None and (label := column_name(item)))
    by = [column_name(item) or item for item in map(text, scalars(query.get("breakdowns")))]
    if aggregated:
        # Beside an aggregate a plain column is what it is grouped by.
        by, columns = [*by, *columns], ()
    where = query.get("where")
    filters: tuple[Filter, ...] = ()
    for part in (
        query.get("properties"),
        query.get("fixedProperties"),
        query.get("eventProperties"),
        query.get("filters"),
        where,
    ):
        filters += read_filters([part] if isinstance(part, str) else part)
    after, before = text(query.get("after")), text(query.get("before"))
    limit = query.get("limit")
    return Facts(
        kind="table",
        node=query["kind"],
        measures=tuple(measures),
        breakdowns=tuple(map(Breakdown, by)),
        filters=filters,
        period=Period(after, before) if after or before else (inner.period if inner else None),
        interval=text(query.get("interval")),
        tables=(name,),
        columns=columns,
        order=tuple(text(item) for item in scalars(query.get("orderBy"))),
        limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else None,
        options=options + ((Option("source", inner.node),) if inner else ()),
        unread=unread + (inner.unread if inner else ()),
    )


def _source_facts(source: dict[str, Any]) -> Facts | None:
    from . import posthog

    # An actors query asks who stands behind a point of an insight: the insight is its source's source.
    nested = source.get("source")
    return posthog.read(nested) if isinstance(nested, dict) else posthog.read(source)


def _bare(expression: str) -> str:
    for pattern in (_COMMENT, _ALIAS):
        if found := _at_end(pattern, expression):
            expression = expression[: found.start()]
    return expression.strip()


def _at_end(pattern: re.Pattern[str], expression: str) -> re.Match[str] | None:
    # As far from the end as a match can be long: at each place before it a search would try in vain.
    return pattern.search(expression, max(0, len(expression) - _LONGEST_LABELLED))


def _label(expression: str) -> str:
    found = _at_end(_COMMENT, expression) or _at_end(_ALIAS, expression)
    return found["label"].strip() if found else ""


def column_name(expression: str) -> str:
    """Return what people call a selected column: its comment or alias, else its property."""
    label = _label(expression)
    if label:
        return label
    found = [a or b for a, b in _PROPERTY.findall(_CONVERSIONS.sub("", expression))]
    return found[0] if found else expression.strip()


def read_aggregate(expression: str, events: list[str]) -> Measure | None:
    """Return the measure of an expression like `avg(properties.rent)`, or None where it is none."""
    found = _CALL.fullmatch(_bare(expression))
    if not found or (math := _MATHS.get(found["name"].lower())) is None:
        return None
    of = column_name(found["body"])
    if math == "percentile":
        percent = re.search(r"0?\.(\d+)", found["body"])
        math = "p" + percent[1].ljust(2, "0")[:2] if percent else "median"
    elif math == "total":
        math, of = ("unique", of) if found["distinct"] else ("total", "")
    entity, *others = events or [""]
    return Measure(entity, "event" if entity else "all", math, of, _label(expression), alternatives=tuple(others))
