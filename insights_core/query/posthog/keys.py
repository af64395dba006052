"""The keys of PostHog's public query schema, sorted by what the reader does with them.

Read in November 2026 from `frontend/src/queries/schema/schema-general.ts` of PostHog's public repository. A key in none of
these sets is listed in `Meaning.unread`, so that nothing in a query is silently ignored.
"""

from __future__ import annotations


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


WRAPPERS = _keys("InsightVizNode DataVisualizationNode DataTableNode")
"""Nodes that show another node, their `source`."""
WRAPPED = _keys("source")

SHOWN = _keys("""
    kind version response tags dataColorTheme modifiers display full embedded
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
    uuid fingerprint includeRecordings excludeAttributes useWebAnalyticsPrecompute useSessionsTable useQueryV2 useQueryV3
    liveLogsCheckpoint precomputation_mode volumeResolution withAggregations withFirstEvent withLastEvent
    isSharedMetric sharedMetricId prefetchSpans pendingFingerprintIssueStateUpdates
""")
"""How the result is drawn or fetched: no two queries are told apart by it."""

INSIGHT = _keys("series properties dateRange interval breakdownFilter compareFilter")
"""What the readers of insight nodes put into fields of their own."""

INSIGHT_OPTIONS = _keys("""
    filterTestAccounts aggregation_group_type_index samplingFactor conversionGoal intervalCount funnelPathsFilter
    customAggregationTarget
""")

SETTINGS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "trendsFilter": (
        _keys("formula formulas formulaNodes"),
        _keys("smoothingIntervals breakdown_histogram_bin_count"),
    ),
    "calendarHeatmapFilter": (frozenset(), _keys("bucketBySessionStart")),
    "funnelsFilter": (
        frozenset(),
        _keys("""
            exclusions binCount breakdownAttributionType breakdownAttributionValue funnelAggregateByHogQL
            customAggregationTarget funnelToStep funnelFromStep funnelOrderType funnelVizType funnelWindowInterval
            funnelWindowIntervalUnit funnelStepReference hideIncompleteConversionWindowPeriods
        """),
    ),
    "retentionFilter": (
        _keys("targetEntity returningEntity period aggregationProperty"),
        _keys("""
            retentionType retentionReference totalIntervals minimumOccurrences cumulative timeWindowMode
            retentionCustomBrackets aggregationType aggregationPropertyType customAggregationTarget
        """),
    ),
    "pathsFilter": (
        _keys("includeEventTypes startPoint endPoint"),
        _keys("""
            edgeLimit pathsHogQLExpression pathGroupings excludeEvents stepLimit pathReplacements
            localPathCleaningFilters minEdgeWeight maxEdgeWeight showFullUrls pathStartKey pathEndKey pathDropoffKey
        """),
    ),
    "stickinessFilter": (frozenset(), _keys("stickinessCriteria computedAs")),
    "lifecycleFilter": (frozenset(), _keys("toggledLifecycles")),
    "breakdownFilter": (
        _keys("breakdown breakdown_type breakdowns breakdown_histogram_bin_count breakdown_group_type_index"),
        _keys("breakdown_limit breakdown_hide_other_aggregation breakdown_normalize_url breakdown_path_cleaning"),
    ),
}
"""Of an insight's own settings: what lands in fields, and what in the options."""
BREAKDOWN = _keys("property value key type histogram_bin_count group_type_index normalize_url")
BREAKDOWN_OPTIONS = _keys("normalize_url")

BARE_SERIES = _keys("kind event name math math_property math_property_type version order index")
"""The keys of a series without filters."""
PLAIN_SERIES = _keys("""
    kind event id name custom_name type order index math math_property math_hogql math_group_type_index
    math_property_type properties fixedProperties version uuid response table_name
""")
SERIES_OPTIONS = (
    "math_multiplier",
    "math_property_revenue_currency",
    "optionalInFunnel",
    "operator",
    "limit",
    "orderBy",
)
SERIES = (
    PLAIN_SERIES
    | frozenset(SERIES_OPTIONS)
    | _keys("""
        nodes id_field timestamp_field distinct_id_field dw_source_type aggregation_target_field created_at_field
        events_join_key data_warehouse_join_key
    """)
)

TABLE = _keys("""
    select where properties fixedProperties event events eventProperties orderBy limit after before breakdowns interval
    filters dateRange source group_type_index filterExpression metrics
""")
TABLE_OPTIONS = _keys("""
    filterTestAccounts offset actionId actionSteps personId search cohort distinctId aggregation_group_type_index
    samplingFactor breakdown tagNames assignedToUserIds allRolesUnassigned session_ids group_by_session
""")

HOGQL = _keys("query filters name")
HOGQL_OPTIONS = _keys("connectionId sendRawQuery variables values explain filterTestAccounts")

ACTORS = _keys("select")
ACTORS_OPTIONS = _keys("""
    day status interval series breakdown compare operator funnelStep funnelStepBreakdown funnelTrendsDropOff
    funnelTrendsEntrancePeriodStart funnelCustomSteps funnelCorrelationPersonConverted funnelCorrelationPersonEntity
    funnelCorrelationPropertyValues exposureConfig multipleVariantHandling featureFlagKey
    search properties orderBy limit offset
""")
