"""The products' own queries: web, revenue and marketing analytics, logs, traces, errors, recordings.

Most ask something fixed and only filter it: a row of the catalogue says what, and which keys narrow or split it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import (
    Aggregate,
    Column,
    Condition,
    Entity,
    Meaning,
    Option,
    Order,
    Output,
    Period,
    Predicate,
    Step,
)

from . import base
from .catalogue import PRODUCTS, Product, measure
from .filters import column, in_order, read_filters, read_period
from .nodes import compared
from .notes import Notes, mapping, scalars, text
from .series import read_step

if TYPE_CHECKING:
    from collections.abc import Callable

_FILTERS = (
    "properties",
    "filterGroup",
    "fixedProperties",
    "having_predicates",
    "console_log_filters",
    "comment_text",
)
_OPTIONS = frozenset("""
    filterTestAccounts filter_test_accounts samplingFactor sampling aggregation_group_type_index conversionGoal offset
    doPathCleaning includeRevenue includeScrollDepth includeBounceRate includeAvgTimeOnPage includeHost stripQueryParams
    thresholds integrationFilter draftConversionGoal drillDownLevel after personId groupKey groupTypeIndex assignee
    sparklineBreakdownBy resourceFingerprint rootSpans flatSpans searchValues attributeType breakdownType modelName
    rendering maxDistance maxValuesPerProperty issueId randomOrder filterSupportTraces timestamp symbols operand
    session_ids person_uuid distinct_ids user_modified_filters neighborDirection person_id group_key group_type_index
    materializationType endpointNames funnelCorrelationType funnelCorrelationNames funnelCorrelationExcludeNames
    funnelCorrelationExcludeEventNames funnelCorrelationEventNames funnelCorrelationEventExcludePropertyNames
""".split())  # fmt: skip


_DIRECTIONS = ("ASC", "DESC")
_STRUCTURED = frozenset((*_FILTERS, "dateRange", "compareFilter", "interval", "limit", "orderBy", "orderDirection"))


def _product(kind: str) -> base.NodeReader:
    product = PRODUCTS[kind]
    structured = _STRUCTURED | product.splits.keys() | product.narrows.keys()

    def reader(query: dict[str, Any]) -> Meaning:
        notes = Notes()
        read = structured
        outputs = product.outputs + _splits(query, product, notes)
        conditions: list[Predicate] = []
        for key in _FILTERS:
            if query.get(key):
                conditions += read_filters(query[key], notes, key)
        conditions += _narrowed(query, product, notes)
        extra = _EXTRA.get(kind)
        meaning = Meaning(
            shape=product.shape,
            source=product.source,
            outputs=outputs,
            period=read_period(query.get("dateRange"), notes),
            interval=text(query.get("interval")),
            compare=compared(query, notes) if query.get("compareFilter") else "",
            limit=_limit(query, notes),
            order=_order(query, notes),
            sources=(product.source,) if product.source.name else (),
            format=kind,
        )
        if extra is not None:
            more, meaning = extra(query, meaning, notes)
            read |= more
        notes.rest(query, read, _OPTIONS)
        shape = _shape(meaning) if meaning.shape in ("series", "split") else meaning.shape
        return meaning._replace(
            shape=shape,
            conditions=meaning.conditions + in_order(conditions),
            options=meaning.options + notes.options,
            unread=meaning.unread + notes.unread,
        )

    return reader


def _shape(meaning: Meaning) -> str:
    return "split" if any(output.role == "dimension" for output in meaning.outputs) else meaning.shape


def _splits(query: dict[str, Any], product: Product, notes: Notes) -> tuple[Output, ...]:
    found = []
    for key, scope in product.splits.items():
        value = query.get(key)
        for place, item in enumerate(value if isinstance(value, list) else [value]):
            name = text(item.get("property")) if isinstance(item, dict) else text(item)
            if name:
                found.append(Output("dimension", _split(name, scope)))
            elif item not in (None, ""):
                notes.missed.append(f"{key}[{place}]" if isinstance(value, list) else key)
    return tuple(found)


def _split(name: str, scope: str) -> Column:
    table, dot, inner = name.rpartition(".")
    if dot and scope == "revenue_analytics":
        # `revenue_analytics_product.name`: the name of the product.
        return Column(inner, Entity(table.removeprefix("revenue_analytics_"), "table"), (), scope)
    return column(name, scope)


def _narrowed(query: dict[str, Any], product: Product, notes: Notes) -> list[Predicate]:
    found: list[Predicate] = []
    for key, (name, operator) in product.narrows.items():
        value = query.get(key)
        values = scalars(value) if value not in (None, "", []) else ()
        if values and not (key == "status" and values == ("all",)):
            compared = "in" if operator == "exact" and len(values) > 1 else operator
            found.append(Condition(Column(name, product.source), compared, values))
        elif value not in (None, "", []) and not values:
            notes.missed.append(key)
    return found


def _limit(query: dict[str, Any], notes: Notes) -> int | None:
    limit = query.get("limit")
    if type(limit) is int:
        return limit
    if limit:
        notes.missed.append("limit")
    return None


def _order(query: dict[str, Any], notes: Notes) -> tuple[Order, ...]:
    by = query.get("orderBy")
    direction = text(query.get("orderDirection"))
    if isinstance(by, list) and not any(isinstance(item, list) for item in by):
        by = [by] if len(by) > 1 and text(by[1]).upper() in _DIRECTIONS else by
    pairs = [
        (text(item[0]), text(item[1])) if isinstance(item, list) and item[1:] else (text(item), direction)
        for item in (by if isinstance(by, list) else [by])
    ]
    if by and not all(name for name, _ in pairs):
        notes.missed.append("orderBy")
    return tuple(Order(None, Column(name), way.upper() != "ASC") for name, way in pairs if name)


# What some kinds have beside


_Extra = tuple[frozenset[str], Meaning]


def _path_vitals(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    metric = column(text(query.get("metric")) or "metric", "", meaning.source)
    outputs = (
        measure(Aggregate(text(query.get("percentile")) or "p90", metric)),
        Output("dimension", Column("$pathname", None, (), "event")),
    )
    return frozenset({"metric", "percentile"}), meaning._replace(outputs=outputs)


def _top_customers(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    span = text(query.get("groupBy"))
    order = (Order(0, None, descending=True),)
    return frozenset({"groupBy"}), meaning._replace(interval="" if span == "all" else span, order=order)


def _marketing(query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    shown = tuple(Output("attribute", Column(text(item))) for item in scalars(query.get("select")) if text(item))
    return frozenset({"select"}), meaning._replace(outputs=shown)


def _daily(_query: dict[str, Any], meaning: Meaning, _notes: Notes) -> _Extra:
    return frozenset(), meaning._replace(interval="day")


def _recorded(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    steps: tuple[Step, ...] = ()
    for key in ("events", "actions"):
        for place, item in enumerate(notes.several(query, key)):
            node = {"type": key, **item} if isinstance(item, dict) else item
            steps += (read_step(node, notes, f"{key}[{place}]"),)
    start, end = text(query.get("date_from")), text(query.get("date_to"))
    by = text(query.get("order"))
    order = (Order(None, Column(by), text(query.get("order_direction")).upper() != "ASC"),) if by else ()
    meaning = meaning._replace(steps=steps, period=Period(start, end) if start or end else meaning.period, order=order)
    return frozenset("events actions date_from date_to order order_direction".split()), meaning


def _attributed(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    filters = notes.part(query, "filters")
    notes.rest(filters, _ATTRIBUTED, frozenset(), "filters.")
    conditions = read_filters(filters.get("properties"), notes, "filters.properties")
    period = read_period(filters.get("dateRange"), notes) or meaning.period
    return frozenset({"filters"}), meaning._replace(conditions=conditions, period=period)


def _correlated(query: dict[str, Any], meaning: Meaning, notes: Notes) -> _Extra:
    events = tuple(Step(Entity(text(item), "event")) for item in notes.several(query, "events") if text(item))
    return frozenset({"events"}), meaning._replace(steps=events)


_ATTRIBUTED = frozenset({"properties", "dateRange"})
_EXTRA: dict[str, Callable[[dict[str, Any], Meaning, Notes], _Extra]] = {
    "WebVitalsPathBreakdownQuery": _path_vitals,
    "RevenueAnalyticsTopCustomersQuery": _top_customers,
    "MarketingAnalyticsTableQuery": _marketing,
    "MarketingAnalyticsAggregatedQuery": _marketing,
    "NonIntegratedConversionsTableQuery": _marketing,
    "MCPToolDailyStatsQuery": _daily,
    "RecordingsQuery": _recorded,
    "SessionAttributionExplorerQuery": _attributed,
    "ErrorTrackingIssueCorrelationQuery": _correlated,
}


_AROUND = frozenset({"source", "properties", "dateRange", "compareFilter"})


def _around(shape: str) -> base.NodeReader:
    """Make the reader of a node that looks at another, its `source`, in a way of its own."""

    def reader(query: dict[str, Any]) -> Meaning | None:
        inner = base.read(query.get("source"))
        if inner is None:
            return None
        notes = Notes()
        conditions = read_filters(query.get("properties"), notes)
        period = read_period(query.get("dateRange"), notes)
        compare = compared(query, notes) if query.get("compareFilter") else ""
        notes.rest(query, _AROUND, _OPTIONS | {"interval", "orderBy"})
        about = inner.option("of") or inner.shape if inner.shape == "actors" else inner.shape
        settings = tuple(option for option in inner.options if option.name != "of")
        return inner._replace(
            shape=shape,
            source=inner.sources[0] if len(inner.sources) == 1 else Entity("", "all"),
            conditions=inner.conditions + tuple(item for item in conditions if item not in inner.conditions),
            period=period or inner.period,
            compare=compare or inner.compare,
            options=(Option("of", about), *settings, *notes.options),
            unread=inner.unread + notes.unread,
            format=mapping(query)["kind"],
        )

    return reader


READERS: dict[str, base.NodeReader] = {
    **{kind: _product(kind) for kind in PRODUCTS},
    "WebVitalsQuery": _around("web_vitals"),
    "FunnelCorrelationQuery": _around("correlation"),
}
