"""The insights: trends, funnels, retention, paths, stickiness and life cycles, as nodes (`{"kind": "TrendsQuery", …}`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Aggregate, Bucket, Entity, Meaning, Option, Output, Running, Step

from . import formulas, keys
from .breakdowns import COUNTRY, read_breakdowns
from .filters import column, read_filters, read_period
from .notes import Notes, items, mapping, scalars, text
from .series import ALL, all_series, in_formula, measured, read_step, sources_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .base import NodeReader
    from .series import Series

_NUMBER = frozenset({"BoldNumber", "Metric"})
_TOTALS = frozenset({"BoldNumber", "ActionsPie", "ActionsBarValue", "ActionsTable", "WorldMap"})
"""The displays that show one value for the whole period: time is no axis."""
_PLAIN_CHART = frozenset({"display", "showLegend", "smoothingIntervals"})
"""Settings that neither compute nor hide anything."""
_HEATMAP = "CalendarHeatmap"
_CUMULATIVE = "ActionsLineGraphCumulative"
_WEEKDAY_AND_HOUR = (Output("dimension", Bucket("day_of_week")), Output("dimension", Bucket("hour_of_day")))
_COMPARE = frozenset({"compare", "compare_to"})
_FORMULA = frozenset({"formula", "custom_name"})


# Parts that several kinds share


def compared(query: dict[str, Any], notes: Notes) -> str:
    """Return what a query compares itself with: nothing, `previous`, or the offset back."""
    compare = notes.part(query, "compareFilter")
    if not compare:
        return ""
    if not compare.keys() <= _COMPARE:
        notes.missed += [f"compareFilter.{key}" for key in compare if key not in _COMPARE]
    return (text(compare.get("compare_to")) or "previous") if compare.get("compare") else ""


def _insight(  # noqa: PLR0913 - what tells the kinds apart, by name
    query: dict[str, Any],
    settings: str,
    notes: Notes,
    shape: str,
    about: Sequence[Entity],
    *,
    outputs: tuple[Output, ...] = (),
    steps: tuple[Step, ...] = (),
    interval: str = "",
) -> Meaning:
    """Return what every insight node has beside its own parts, and sort what its settings, under `settings`, leave over."""
    if not query.keys() <= _PLAIN[settings]:
        notes.rest(query, _STRUCTURED[settings], keys.INSIGHT_OPTIONS)
    for name in _PARTS[settings]:
        part = query.get(name)
        if part and isinstance(part, dict) and not part.keys() <= _PLAIN_PARTS[name]:
            notes.rest(part, *keys.SETTINGS[name], f"{name}.")
    filters, dates = query.get("properties"), query.get("dateRange")
    conditions = read_filters(filters, notes) if filters else ()
    period = read_period(dates, notes) if dates else None
    compare = compared(query, notes) if query.get("compareFilter") else ""
    sources = sources_of(about)
    return Meaning(
        shape=shape,
        source=sources[0] if len(sources) == 1 else ALL,
        outputs=outputs,
        steps=steps,
        conditions=conditions,
        period=period,
        interval=interval,
        compare=compare,
        sources=sources,
        display=text(mapping(query.get(settings)).get("display")),
        options=notes.options,
        unread=notes.unread,
        format=query["kind"],
    )


def _dimensions(query: dict[str, Any], notes: Notes, bins: Any = None) -> tuple[Output, ...]:
    breakdowns = notes.part(query, "breakdownFilter")
    return read_breakdowns(breakdowns, notes, bins) if breakdowns else ()


# Trends


def _trends(query: dict[str, Any]) -> Meaning:
    notes = Notes()
    settings = notes.part(query, "trendsFilter")
    series = all_series(notes.several(query, "series"), notes)
    outputs, hidden = _shown(settings, series, notes, is_split=bool(query.get("breakdownFilter")))
    display = text(settings.get("display"))
    dimensions = _dimensions(query, notes, settings.get("breakdown_histogram_bin_count"))
    interval = text(query.get("interval"))
    if display in _TOTALS or display == _HEATMAP:
        if interval:
            notes.found.append(Option("interval", interval))
        interval = ""
    else:
        interval = interval or "day"
    if display == _HEATMAP:
        dimensions = (*_WEEKDAY_AND_HOUR, *dimensions)
    elif display == "WorldMap" and not dimensions:
        dimensions = (COUNTRY,)
    elif display == _CUMULATIVE:
        outputs = [output._replace(value=Running(output.value)) for output in outputs]
    if hidden:
        notes.found.append(Option("hidden", tuple(hidden)))
    return _insight(
        query,
        "trendsFilter",
        notes,
        _shape(display, interval, is_split=bool(dimensions)),
        [item.entity for item in series],
        outputs=(*outputs, *dimensions),
        interval=interval,
    )


def _shape(display: str, interval: str, *, is_split: bool) -> str:
    if is_split:
        return "matrix" if display == _HEATMAP else "split"
    return "series" if interval and display not in _NUMBER else "number"


def _calendar_heatmap(query: dict[str, Any]) -> Meaning:
    settings = {**mapping(query.get("trendsFilter")), "display": _HEATMAP}
    node = {**query, "kind": "TrendsQuery", "trendsFilter": settings}
    return _trends(node)._replace(format=query["kind"])


def _shown(
    settings: dict[str, Any], series: list[Series], notes: Notes, *, is_split: bool
) -> tuple[list[Output], list[Output]]:
    """Return what is shown, the series or what formulas make of them, and the series that are not."""
    outputs = measured(series)
    hidden: list[Output] = []
    if settings.keys() <= _PLAIN_CHART:
        return outputs, hidden
    if written := _formulas(settings, notes):
        values = [in_formula(item) for item in series]
        used: set[int] = set()
        made = []
        for path, formula, label in written:
            found = formulas.read(formula, values)
            used |= found.used
            if not found.is_read:
                notes.missed.append(path)
            if found.scale != 1:
                notes.found.append(Option("scale", found.scale))
            made.append(Output("measure", found.value, (label,) if label else ()))
        hidden = [output for place, output in enumerate(outputs) if place not in used]
        outputs = made
    away = _hidden_places(settings) if not is_split and len(outputs) > 1 else set()
    if away and len(away & set(range(len(outputs)))) < len(outputs):
        hidden = [*(output for place, output in enumerate(outputs) if place in away), *hidden]
        outputs = [output for place, output in enumerate(outputs) if place not in away]
    return outputs, hidden


def _formulas(settings: dict[str, Any], notes: Notes) -> list[tuple[str, str, str]]:
    """Return each formula with its path and its label; a list of nodes takes precedence over the older keys."""
    found = []
    for place, node in enumerate(notes.several(settings, "formulaNodes", "trendsFilter.")):
        path = f"trendsFilter.formulaNodes[{place}]"
        if not isinstance(node, dict) or not node.keys() <= _FORMULA:
            notes.missed.append(path)
        if formula := text(mapping(node).get("formula")):
            found.append((path, formula, text(node.get("custom_name"))))
    if not found:
        plain = [*items(settings.get("formulas")), settings.get("formula")]
        found = [("trendsFilter.formula", formula, "") for item in plain if (formula := text(item))]
    return list(dict.fromkeys(found))


def _hidden_places(settings: dict[str, Any]) -> set[int]:
    away = {item for item in items(settings.get("hiddenLegendIndexes")) if type(item) is int}
    customized = mapping(settings.get("resultCustomizations"))
    if settings.get("resultCustomizationBy") == "position":
        away |= {int(key) for key, item in customized.items() if key.isdecimal() and mapping(item).get("hidden")}
    return away


# Funnels, retention, paths, stickiness, life cycles


def _funnel(query: dict[str, Any]) -> Meaning:
    notes = Notes()
    settings = notes.part(query, "funnelsFilter")
    nodes = notes.several(query, "series")
    steps = tuple(read_step(node, notes, f"series[{place}]") for place, node in enumerate(nodes))
    interval = text(query.get("interval"))
    if settings.get("funnelVizType") == "trends":
        interval = interval or "day"
    elif interval:
        # Steps and times to convert have no axis of time; the setting waits for the view that has.
        notes.found.append(Option("interval", interval))
        interval = ""
    dimensions = _dimensions(query, notes)
    about = [step.of for step in steps]
    return _insight(query, "funnelsFilter", notes, "funnel", about, outputs=dimensions, steps=steps, interval=interval)


def _retention(query: dict[str, Any]) -> Meaning:
    notes = Notes()
    settings = notes.part(query, "retentionFilter")
    steps = tuple(
        read_step(settings[key], notes, f"retentionFilter.{key}", role)
        for key, role in (("targetEntity", "first"), ("returningEntity", "returning"))
        if settings.get(key)
    )
    dimensions = _dimensions(query, notes)
    return _insight(
        query,
        "retentionFilter",
        notes,
        "retention",
        [step.of for step in steps],
        outputs=(*_aggregated(settings), *dimensions),
        steps=steps,
        interval=text(settings.get("period")).lower() or "day",
    )


def _aggregated(settings: dict[str, Any]) -> tuple[Output, ...]:
    name = text(settings.get("aggregationProperty"))
    if not name:
        return ()
    of = column(name, text(settings.get("aggregationPropertyType")))
    return (Output("measure", Aggregate(text(settings.get("aggregationType")) or "sum", of)),)


def _paths(query: dict[str, Any]) -> Meaning:
    notes = Notes()
    settings = notes.part(query, "pathsFilter")
    kinds = tuple(name for item in scalars(settings.get("includeEventTypes")) if (name := text(item)))
    events = tuple(Entity(name, "event") for name in kinds if name != "hogql")
    if len(events) < len(kinds):
        # Paths of an expression, which is an option of its own.
        notes.found.append(Option("includeEventTypes", kinds))
    ends = tuple(
        Step(Entity(name, _kind_of_end(name)), (), role)
        for key, role in (("startPoint", "start"), ("endPoint", "end"))
        if (name := text(settings.get(key)))
    )
    return _insight(query, "pathsFilter", notes, "paths", events, steps=ends)


def _kind_of_end(name: str) -> str:
    return "page" if name.startswith("/") or "://" in name else "event"


def _over_time(shape: str, settings: str) -> NodeReader:
    def reader(query: dict[str, Any]) -> Meaning:
        notes = Notes()
        notes.part(query, settings)
        series = all_series(notes.several(query, "series"), notes)
        return _insight(
            query,
            settings,
            notes,
            shape,
            [item.entity for item in series],
            outputs=tuple(measured(series)),
            interval=text(query.get("interval")) or "day",
        )

    return reader


_PARTS = {
    "trendsFilter": ("trendsFilter", "breakdownFilter", "calendarHeatmapFilter"),
    "funnelsFilter": ("funnelsFilter", "breakdownFilter"),
    "retentionFilter": ("retentionFilter", "breakdownFilter"),
    "pathsFilter": ("pathsFilter",),
    "stickinessFilter": ("stickinessFilter",),
    "lifecycleFilter": ("lifecycleFilter",),
}
"""The settings of each kind of insight."""
_STRUCTURED = {settings: keys.INSIGHT | frozenset(parts) for settings, parts in _PARTS.items()}
# Most queries have nothing but these keys, and are through with one comparison.
_PLAIN = {settings: structured | keys.SHOWN for settings, structured in _STRUCTURED.items()}
_PLAIN_PARTS = {name: structured | keys.SHOWN for name, (structured, _) in keys.SETTINGS.items()}
READERS: dict[str, NodeReader] = {
    "TrendsQuery": _trends,
    "CalendarHeatmapQuery": _calendar_heatmap,
    "FunnelsQuery": _funnel,
    "RetentionQuery": _retention,
    "PathsQuery": _paths,
    "StickinessQuery": _over_time("stickiness", "stickinessFilter"),
    "LifecycleQuery": _over_time("lifecycle", "lifecycleFilter"),
}
