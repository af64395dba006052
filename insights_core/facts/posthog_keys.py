"""The keys of PostHog's public query schema, sorted by what the reader does with them.

Read in November 2026 from `frontend/src/queries/schema/schema-general.ts` of PostHog's public repository. A key in none of
these sets is listed in `Facts.unread`, so that nothing in a query is silently ignored.
"""

from __future__ import annotations


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


WRAPPERS = _keys("InsightVizNode DataVisualizationNode DataTableNode")
"""Nodes that show another node, their `source`."""

SHOWN = _keys("""
    kind version response source tags dataColorTheme modifiers display full embedded shortId
    showHeader showTable showCorrelationTable showLastComputation showLastComputationRefresh showFilters showResults
    suppressSessionAnalysisWarning hidePersonsModal hideTooltipOnScroll vizSpecificOptions chartSettings tableSettings
    columns hiddenColumns pinnedColumns showEventFilter showEventsFilter showSearch showPropertyFilter
    showTestAccountFilters showHogQLEditor showActions showRecordingColumn showDateRange showExport showReload showCount
    showElapsedTime showTimings showColumnConfigurator showPersistentColumnConfigurator contextKey showSavedQueries
    showSavedFilters showTableViews showAbsoluteTime expandable propertiesViaUrl allowSorting showOpenEditorButton
    showResultsTable showSourceQueryOptions context defaultColumns
    showLegend legendPosition showAlertThresholdLines aggregationAxisFormat aggregationAxisPrefix aggregationAxisPostfix
    decimalPlaces minDecimalPlaces xAxisLabel yAxisLabel showValuesOnSeries showLabelsOnSeries showPercentStackView
    showPercentagesOnSeries stackBreakdownValues yAxisScaleType showMultipleYAxes hiddenLegendIndexes
    hiddenLegendBreakdowns resultCustomizationBy resultCustomizations goalLines showConfidenceIntervals confidenceLevel
    showTrendLines showMovingAverage movingAverageIntervals detailedResultsAggregationType excludeBoxPlotOutliers
    hideWeekends showAnnotations metricShowChange metricChangeIncreaseColor metricChangeDecreaseColor
    metricColorByDirection metricLineIncreaseColor metricLineDecreaseColor metricSummary layout stacked
    breakdownSorting dashboardDisplay cohortLabelStartIndex meanRetentionCalculation selectedInterval useUdf
""")
"""How the result is drawn: no two queries are told apart by it."""

INSIGHT = _keys("""
    series properties dateRange interval breakdownFilter compareFilter trendsFilter funnelsFilter retentionFilter
    pathsFilter stickinessFilter lifecycleFilter
""")
"""What the readers of insight nodes put into fields of their own."""

INSIGHT_OPTIONS = _keys("""
    filterTestAccounts aggregation_group_type_index samplingFactor conversionGoal intervalCount funnelPathsFilter
    calendarHeatmapFilter
""")

STRUCTURED = _keys("""
    formula formulas formulaNodes targetEntity returningEntity period includeEventTypes startPoint endPoint
""")
"""Of an insight's own settings: what lands in fields."""

SETTINGS = _keys("""
    smoothingIntervals breakdown_histogram_bin_count bucketBySessionStart
    exclusions binCount breakdownAttributionType breakdownAttributionValue funnelAggregateByHogQL
    customAggregationTarget funnelToStep funnelFromStep funnelOrderType funnelVizType funnelWindowInterval
    funnelWindowIntervalUnit funnelStepReference hideIncompleteConversionWindowPeriods
    retentionType retentionReference totalIntervals minimumOccurrences cumulative timeWindowMode
    retentionCustomBrackets aggregationType aggregationProperty aggregationPropertyType
    edgeLimit pathsHogQLExpression pathGroupings excludeEvents stepLimit pathReplacements localPathCleaningFilters
    minEdgeWeight maxEdgeWeight showFullUrls pathStartKey pathEndKey pathDropoffKey
    stickinessCriteria computedAs toggledLifecycles
    breakdown_limit breakdown_hide_other_aggregation breakdown_normalize_url breakdown_group_type_index
    breakdown_path_cleaning
""")
"""Of an insight's own settings: what lands in the options."""

BREAKDOWN = _keys("breakdown breakdown_type breakdowns breakdown_histogram_bin_count")

MEASURE = _keys("""
    kind event id name custom_name type order index math math_property math_hogql math_group_type_index properties
    fixedProperties table_name nodes operator version response uuid
    math_multiplier math_property_type math_property_revenue_currency limit orderBy optionalInFunnel id_field
    timestamp_field distinct_id_field dw_source_type aggregation_target_field created_at_field
""")
PLAIN_MEASURE = _keys("kind event id name custom_name type order index math properties fixedProperties version uuid")
MEASURE_OPTIONS = (
    "math_multiplier",
    "math_property_type",
    "math_property_revenue_currency",
    "optionalInFunnel",
    "operator",
    "limit",
    "orderBy",
)

TABLE = _keys("""
    select where properties fixedProperties event events eventProperties orderBy limit after before breakdowns interval
    filters dateRange source group_type_index
""")
TABLE_OPTIONS = _keys("""
    filterTestAccounts offset actionId actionSteps personId search cohort distinctId aggregation_group_type_index
    samplingFactor breakdown
""")

HOGQL = _keys("query filters")
HOGQL_OPTIONS = _keys("connectionId sendRawQuery variables values explain name filterTestAccounts")
