"""Experiments: what is compared between the variants of a feature flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query.meaning import Aggregate, Column, Count, Entity, Meaning, Option, Output, Period, Ratio

from . import base
from .breakdowns import read_breakdowns
from .notes import Notes, freeze, mapping, text
from .series import in_formula, read_series, read_step, sources_of

if TYPE_CHECKING:
    from insights_core.query.meaning import Step, Value

_METRIC = frozenset("""
    kind metric_type name source series numerator denominator start_event completion_event breakdownFilter
""".split())  # fmt: skip
_METRIC_OPTIONS = frozenset("""
    conversion_window conversion_window_unit goal threshold lower_bound_percentile upper_bound_percentile ignore_zeros
    funnel_order_type retention_window_start retention_window_end retention_window_unit start_handling
    numerator_outlier_handling denominator_outlier_handling
""".split())  # fmt: skip
_OPTIONS = frozenset("experiment_id exposure_query exposure_criteria holdout exposure_config".split())
_EXPOSED = Entity("$feature_flag_called", "event")


def _experiment(query: dict[str, Any]) -> Meaning:
    """Read an `ExperimentQuery`: its metric's mean, ratio, funnel or retention."""
    notes = Notes()
    metric = notes.part(query, "metric")
    notes.rest(query, frozenset({"metric", "name"}), _OPTIONS)
    meaning = _metric(metric, notes)
    return _finished(meaning, query, notes)


def _metric_alone(query: dict[str, Any]) -> Meaning:
    """Read an `ExperimentMetric` without the query around it."""
    notes = Notes()
    return _finished(_metric(query, notes), {"kind": query["kind"]}, notes)


def _metric(metric: dict[str, Any], notes: Notes) -> Meaning:
    notes.rest(metric, _METRIC, _METRIC_OPTIONS, "metric.")
    kind = text(metric.get("metric_type"))
    if kind:
        notes.found.append(Option("metric_type", kind))
    steps: tuple[Step, ...] = ()
    value: Value | None = None
    entities: list[Entity] = []
    if metric.get("series"):
        nodes_ = notes.several(metric, "series", "metric.")
        steps = tuple(read_step(node, notes, f"metric.series[{place}]") for place, node in enumerate(nodes_))
    ends = (("start_event", "first"), ("completion_event", "returning"))
    steps += tuple(read_step(metric[key], notes, f"metric.{key}", role) for key, role in ends if metric.get(key))
    if metric.get("source"):
        series = read_series(metric["source"], notes, "metric.source")
        # A mean is one for each user who was exposed.
        value = Aggregate("avg", in_formula(series), (), "user")
        entities.append(series.entity)
    if metric.get("numerator"):
        top = read_series(metric["numerator"], notes, "metric.numerator")
        bottom = read_series(metric.get("denominator"), notes, "metric.denominator")
        value = Ratio(in_formula(top), in_formula(bottom))
        entities += [top.entity, bottom.entity]
    entities += [step.of for step in steps]
    found = sources_of(entities)
    breakdowns = notes.part(metric, "breakdownFilter", "metric.")
    name = text(metric.get("name"))
    outputs = () if value is None else (Output("measure", value, (name,) if name else ()),)
    return Meaning(
        shape="experiment",
        source=found[0] if len(found) == 1 else Entity("", "all"),
        outputs=(*outputs, *read_breakdowns(breakdowns, notes)),
        steps=steps,
        sources=found,
        caption="" if outputs else name,
    )


def _of_insight(key: str) -> base.NodeReader:
    """Make the reader of an older experiment: the insight under `key` is what the variants are compared by."""

    def reader(query: dict[str, Any]) -> Meaning | None:
        inner = base.read(query.get(key))
        if inner is None:
            return None
        notes = Notes()
        notes.rest(query, frozenset({key, "name"}), _OPTIONS)
        return _finished(
            inner._replace(shape="experiment", options=(Option("of", inner.shape), *inner.options)), query, notes
        )

    return reader


def _exposures(query: dict[str, Any]) -> Meaning:
    """Read an `ExperimentExposureQuery`: how many users each variant of the flag was shown to."""
    notes = Notes()
    flag = mapping(query.get("feature_flag"))
    structured = frozenset("feature_flag start_date end_date experiment_name".split())
    notes.rest(query, structured, _OPTIONS)
    if flag:
        notes.found.append(Option("feature_flag", freeze(flag)))
    exposed = mapping(mapping(query.get("exposure_criteria")).get("exposure_config"))
    series = read_series(exposed, notes, "exposure_criteria.exposure_config") if exposed else None
    of = series.entity if series is not None else _EXPOSED
    start, end = text(query.get("start_date")), text(query.get("end_date"))
    key = text(flag.get("key"))
    return Meaning(
        shape="exposures",
        source=of,
        outputs=(
            Output("measure", Count(of, Entity("dau", "actor"), series.where if series is not None else ())),
            *((Output("dimension", Column(key, None, (), "feature")),) if key else ()),
        ),
        period=Period(start, end) if start or end else None,
        sources=(of,),
        caption=text(query.get("experiment_name")),
        options=notes.options,
        unread=notes.unread,
        format=query["kind"],
    )


def _finished(meaning: Meaning, query: dict[str, Any], notes: Notes) -> Meaning:
    return meaning._replace(
        caption=text(query.get("name")) or meaning.caption,
        options=meaning.options + notes.options,
        unread=meaning.unread + notes.unread,
        format=query["kind"],
    )


READERS: dict[str, base.NodeReader] = {
    "ExperimentQuery": _experiment,
    "ExperimentMetric": _metric_alone,
    "ExperimentExposureQuery": _exposures,
    "ExperimentTrendsQuery": _of_insight("count_query"),
    "ExperimentFunnelsQuery": _of_insight("funnels_query"),
}
