"""What the readers find in queries: PostHog's insights, in the newer form and in the older one."""

import pytest

from insights_core.errors import InvalidQuery
from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Change,
    Column,
    Condition,
    Constant,
    Count,
    Entity,
    Group,
    Opaque,
    Output,
    Period,
    Product,
    Ratio,
    Running,
    Step,
    Sum,
)
from insights_core.query.registry import read

TREND = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "invoice_sent", "math": "sum", "math_property": "amount_usd"}],
    "interval": "week",
    "dateRange": {"date_from": "-90d"},
    "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event", "breakdown_limit": 7},
    "properties": [{"key": "plan", "value": ["pro", "team"], "operator": "exact", "type": "person"}],
    "compareFilter": {"compare": True},
    "trendsFilter": {"display": "ActionsBar", "smoothingIntervals": 7, "decimalPlaces": 2},
    "filterTestAccounts": True,
}
INVOICE = Entity("invoice_sent", "event")


def trend(*series, **rest):
    nodes = [{"kind": "EventsNode", **(item if isinstance(item, dict) else {"event": item})} for item in series]
    return {"kind": "TrendsQuery", "series": nodes, **rest}


def values(query):
    return [output.value for output in read(query).outputs if output.role == "measure"]


def dimensions(query):
    return [output.value for output in read(query).outputs if output.role == "dimension"]


def test_a_trend_lands_in_the_fields_it_belongs_to():
    meaning = read(TREND)
    assert meaning.outputs == (
        Output("measure", Aggregate("sum", Column("amount_usd", INVOICE, (), "event"))),
        Output("dimension", Column("$browser", None, (), "event")),
    )
    assert meaning.conditions == (Condition(Column("plan", None, (), "person"), "in", ("pro", "team")),)
    assert (meaning.source, meaning.sources) == (INVOICE, (INVOICE,))
    assert meaning.period == Period("-90d")
    assert (meaning.shape, meaning.interval, meaning.compare) == ("split", "week", "previous")
    assert (meaning.display, meaning.format) == ("ActionsBar", "TrendsQuery")
    assert {option.name: option.value for option in meaning.options} == {
        "filterTestAccounts": True,
        "smoothingIntervals": 7,
        "breakdown_limit": 7,
    }
    assert meaning.unread == ()


def test_what_is_not_understood_is_listed():
    meaning = read({
        **TREND,
        "gravity": 9.81,
        "trendsFilter": {"spin": "up"},
        "series": [{"event": "a", "mass": 1, "properties": [{"key": "a", "charm": 1}]}],
        "dateRange": {"date_from": "-1d", "tilt": 23},
        "compareFilter": {"compare": True, "shift": 1},
        "properties": [{"key": "a", "value": {"deep": 1}}],
    })  # fmt: skip
    assert meaning.unread == (
        "compareFilter.shift",
        "dateRange.tilt",
        "gravity",
        "properties[0].value",
        "series[0].mass",
        "series[0].properties[0].charm",
        "trendsFilter.spin",
    )


@pytest.mark.parametrize(
    "key", ["series", "trendsFilter", "properties", "dateRange", "breakdownFilter", "compareFilter"]
)
def test_a_part_of_the_wrong_make_is_listed(key):
    assert any(path.startswith(key) for path in read({**TREND, key: 7}).unread)


# What is counted

EVENT = Entity("a", "event")
MATHS = [
    ({}, Count(EVENT)),
    ({"math": "total"}, Count(EVENT)),
    ({"math": "dau"}, Count(EVENT, Entity("dau", "actor"))),
    ({"math": "weekly_active"}, Count(EVENT, Entity("weekly_active", "actor"), (), "week")),
    ({"math": "monthly_active"}, Count(EVENT, Entity("monthly_active", "actor"), (), "month")),
    ({"math": "unique_session"}, Count(EVENT, Entity("unique_session", "actor"))),
    ({"math": "unique_group", "math_group_type_index": 2}, Count(EVENT, Entity("unique_group", "actor"), (), "2")),
    ({"math": "first_time_for_user"}, Count(EVENT, Entity("first_time", "actor"))),
    ({"math": "first_matching_event_for_user"}, Count(EVENT, Entity("first_matching", "actor"))),
    ({"math": "p90", "math_property": "ms"}, Aggregate("p90", Column("ms", EVENT, (), "event"))),
    (
        {"math": "avg", "math_property": "age", "math_property_type": "person_properties"},
        Aggregate("avg", Column("age", None, (), "person")),
    ),
    (
        {"math": "max", "math_property": "$session_duration", "math_property_type": "session_properties"},
        Aggregate("max", Column("$session_duration", None, (), "session")),
    ),
    ({"math": "avg_count_per_actor"}, Aggregate("avg", Count(EVENT), (), "user")),
    ({"math": "p99_count_per_actor"}, Aggregate("p99", Count(EVENT), (), "user")),
    ({"math": "hogql", "math_hogql": "sum(properties.fare)"}, Aggregate("sum", Column("fare", EVENT, (), "event"))),
    (
        {"math": "hogql", "math_hogql": "sum(toFloat(properties.$fare)) / count(distinct person_id)"},
        Ratio(Aggregate("sum", Column("$fare", EVENT, (), "event")), Count(EVENT, Entity("dau", "actor"))),
    ),
    (
        {"math": "hogql", "math_hogql": "avg(person.properties.age)"},
        Aggregate("avg", Column("age", None, (), "person")),
    ),
]


@pytest.mark.parametrize(("node", "value"), MATHS, ids=[str(node) for node, _ in MATHS])
def test_math_says_what_is_counted_or_computed(node, value):
    meaning = read(trend({"event": "a", **node}))
    assert (meaning.outputs, meaning.unread) == ((Output("measure", value),), ())


@pytest.mark.parametrize(("node", "value"), MATHS, ids=[str(node) for node, _ in MATHS])
def test_a_filter_of_one_series_is_about_that_series(node, value):
    plain = Condition(Column("plan", None, (), "event"), "exact", ("pro",))
    filters = [{"key": "plan", "value": "pro", "type": "event"}]
    (found,) = values(trend({"event": "a", **node, "properties": filters}))
    assert plain in conditions_in(found)
    assert read(trend({"event": "a", **node, "properties": filters})).conditions == ()


def conditions_in(value):
    if isinstance(value, Ratio):
        # Of a ratio it holds for both.
        assert conditions_in(value.top) == conditions_in(value.bottom)
        return conditions_in(value.top)
    return value.where or conditions_in(value.of)


def test_a_way_to_count_that_nobody_knows_is_opaque():
    meaning = read(trend({"event": "a", "math": "vibes", "math_property": "mood"}))
    assert meaning.outputs == (Output("measure", Opaque("vibes", (Column("mood", None, (), "event"),))),)
    assert meaning.unread == ("series[0].math",)


def test_an_expression_that_nobody_can_read_is_opaque():
    meaning = read(trend({"event": "a", "math": "hogql", "math_hogql": "sum((("}))
    assert meaning.outputs == (Output("measure", Opaque("sum(((")),)
    assert meaning.unread == ("series[0].math_hogql",)


def test_a_group_of_events_is_one_with_alternatives():
    nodes = [{"kind": "EventsNode", "event": "paid"}, {"kind": "ActionsNode", "id": 3, "name": "Donated"}]
    meaning = read({"kind": "TrendsQuery", "series": [{"kind": "GroupNode", "nodes": nodes, "custom_name": "Gave"}]})
    assert meaning.outputs == (Output("measure", Count(Entity("paid", "event", ("Donated",), "Gave")), ("Gave",)),)


def test_a_filter_of_one_event_of_a_group_stays_with_it():
    filters = [{"key": "plan", "value": "pro"}]
    nodes = [{"kind": "EventsNode", "event": "a", "properties": filters}, {"kind": "EventsNode", "event": "b"}]
    (value,) = values({"kind": "TrendsQuery", "series": [{"kind": "GroupNode", "nodes": nodes}]})
    plan = Condition(Column("plan", None, (), "event"), "exact", ("pro",))
    is_a, is_b = (Condition(Column("event"), "exact", (name,)) for name in "ab")
    assert value.where == (Group("or", (Group("and", (is_a, plan)), is_b)),)
    both = [{"kind": "EventsNode", "event": name, "properties": filters} for name in "ab"]
    (value,) = values({"kind": "TrendsQuery", "series": [{"kind": "GroupNode", "nodes": both}]})
    assert value.where == (plan,)


def test_a_label_is_what_a_person_wrote_and_not_the_spelling_of_the_event():
    named = [{"name": "File shared"}, {"name": "Shares"}, {"name": "Shares", "custom_name": "Team shares"}]
    meaning = read(trend(*({"event": "file_shared", **item} for item in named)))
    assert [output.labels for output in meaning.outputs] == [(), ("Shares",), ("Team shares",)]
    assert [output.value.of.label for output in meaning.outputs] == ["", "Shares", "Team shares"]
    assert meaning.sources == (Entity("file_shared", "event"),)


def test_what_is_computed_of_events_has_the_name_that_a_person_gave_and_the_events_have_not():
    paid = {"event": "paid", "math": "sum", "math_property": "amount", "custom_name": "Revenue"}
    plain = Column("amount", Entity("paid", "event"), (), "event")
    assert read(trend(paid)).outputs == (Output("measure", Aggregate("sum", plain), ("Revenue",)),)
    # No output of its own carries the name in a formula.
    visits = {"event": "visit", "math": "dau", "custom_name": "Visitors"}
    (value,) = values(trend(paid, visits, trendsFilter={"formula": "A/B"}))
    assert value.top == Aggregate("sum", plain._replace(labels=("Revenue",)))
    assert value.bottom.of == Entity("visit", "event", (), "Visitors")
    per_user = {"event": "visit", "math": "avg_count_per_actor", "custom_name": "Visits"}
    assert values(trend(per_user)) == [Aggregate("avg", Count(Entity("visit", "event")), (), "user")]


def test_entities_of_every_kind():
    nodes = [
        {"kind": "ActionsNode", "id": 7, "name": "Paid"},
        {"kind": "ActionsNode", "id": 8},
        {"kind": "DataWarehouseNode", "id": "charges", "table_name": "stripe_charges", "timestamp_field": "created"},
        {"kind": "EventsNode", "event": None},
    ]
    meaning = read({"kind": "TrendsQuery", "series": nodes})
    assert [value.of for value in values({"kind": "TrendsQuery", "series": nodes})] == [
        Entity("Paid", "action"),
        Entity("8", "action"),
        Entity("stripe_charges", "table", (), ""),
        Entity("", "all"),
    ]
    assert meaning.unread == ()


# Formulas

A, B, C = (Count(Entity(name, "event")) for name in "abc")
FORMULAS = [
    ("A/B", Ratio(A, B), 1),
    ("A / B * 100", Ratio(A, B), 100),
    ("100 * A / B", Ratio(A, B), 100),
    ("(A/B)*100", Ratio(A, B), 100),
    ("A*100/B", Ratio(A, B), 100),
    ("A - B", Change(A, B), 1),
    ("A + B + C", Sum((A, B, C)), 1),
    ("(a+b)/c", Ratio(Sum((A, B)), C), 1),
    ("A / (A + B)", Ratio(A, Sum((A, B))), 1),
    ("A*100", A, 100),
    ("A/60", A, 1 / 60),
    ("-A", A, -1),
    ("A + 0.5 * B", Sum((A, Product((Constant(0.5), B)))), 1),
    ("A * B", Product((A, B)), 1),
    ("1 - A/B", Change(Constant(1), Ratio(A, B)), 1),
    ("1000 / A", Ratio(Constant(1000), A), 1),
    ("2 * 3", Constant(6), 1),
]


@pytest.mark.parametrize(("formula", "value", "scale"), FORMULAS, ids=[formula for formula, *_ in FORMULAS])
def test_a_formula_is_what_it_computes(formula, value, scale):
    settings = [{"formula": formula}, {"formulas": [formula]}, {"formulaNodes": [{"formula": formula}]}]
    for setting in settings:
        meaning = read(trend("a", "b", "c", trendsFilter=setting))
        assert [output.value for output in meaning.outputs] == [value]
        assert (meaning.option("scale") or 1) == pytest.approx(scale)
        assert meaning.unread == ()


@pytest.mark.parametrize(
    "formula", ["A^2", "A % B", "D + A", "A / 0", "A B", "max(A, B)", "1and B", "((", "A" * 900, "(" * 400]
)
def test_what_is_no_plain_arithmetic_is_opaque(formula):
    meaning = read(trend("a", "b", trendsFilter={"formula": formula}))
    (output,) = meaning.outputs
    assert isinstance(output.value, Opaque)
    assert meaning.unread == ("trendsFilter.formula",)


def test_all_formulas_are_kept_and_series_in_none_are_hidden():
    nodes = [{"formula": "B/A", "custom_name": "Success"}, {"formula": "C/A", "custom_name": "Failure"}]
    meaning = read(trend("a", "b", "c", "d", trendsFilter={"formulaNodes": nodes}))
    assert meaning.outputs == (
        Output("measure", Ratio(B, A), ("Success",)),
        Output("measure", Ratio(C, A), ("Failure",)),
    )
    assert meaning.option("hidden") == (Output("measure", Count(Entity("d", "event"))),)


@pytest.mark.parametrize(
    "settings",
    [
        {"hiddenLegendIndexes": [1]},
        {"resultCustomizationBy": "position", "resultCustomizations": {"1": {"hidden": True}}},
    ],
)
def test_hidden_series_are_no_outputs(settings):
    meaning = read(trend("a", "b", trendsFilter=settings))
    assert meaning.outputs == (Output("measure", A),)
    assert meaning.option("hidden") == (Output("measure", B),)
    everything = {"hiddenLegendIndexes": [0, 1]}
    assert [output.value for output in read(trend("a", "b", trendsFilter=everything)).outputs] == [A, B]


# Splits, the axis and the shape


@pytest.mark.parametrize(
    ("breakdowns", "found"),
    [
        ({"breakdown": "$os", "breakdown_type": "event"}, [Column("$os", None, (), "event")]),
        ({"breakdown": "email", "breakdown_type": "person"}, [Column("email", None, (), "person")]),
        ({"breakdown": "$feature/new-nav"}, [Column("new-nav", None, (), "feature")]),
        ({"breakdown": [4, "all"], "breakdown_type": "cohort"}, [Column("", None, ("4",), "cohort")]),
        (
            {"breakdown": "name", "breakdown_type": "group", "breakdown_group_type_index": 1},
            [Column("name", Entity("1", "group"), (), "group")],
        ),
        ({"breakdown": "price", "breakdown_histogram_bin_count": 10}, [Column("price", None, (), "event", 10)]),
        ({"breakdown": "properties.$os", "breakdown_type": "hogql"}, [Column("$os", None, (), "event")]),
        (
            {"breakdowns": [{"property": "$os", "type": "event"}, {"property": "plan", "type": "person"}]},
            [Column("$os", None, (), "event"), Column("plan", None, (), "person")],
        ),
        ({"breakdown": None}, []),
        ({}, []),
    ],
)
def test_breakdowns_are_dimensions(breakdowns, found):
    query = trend("a", breakdownFilter=breakdowns)
    assert dimensions(query) == found
    assert read(query).unread == ()


SHAPES = [
    ({}, ("series", "day")),
    ({"interval": "week"}, ("series", "week")),
    ({"trendsFilter": {"display": "ActionsLineGraph"}}, ("series", "day")),
    ({"trendsFilter": {"display": "BoldNumber"}}, ("number", "")),
    ({"trendsFilter": {"display": "ActionsPie"}, "breakdownFilter": {"breakdown": "x"}}, ("split", "")),
    ({"breakdownFilter": {"breakdown": "x"}}, ("split", "day")),
    ({"trendsFilter": {"display": "CalendarHeatmap"}}, ("matrix", "")),
]


@pytest.mark.parametrize(("rest", "shape"), SHAPES)
def test_the_shape_follows_from_the_display_and_the_splits(rest, shape):
    meaning = read(trend("a", **rest))
    assert (meaning.shape, meaning.interval) == shape


def test_an_interval_that_draws_no_axis_is_an_option():
    meaning = read(trend("a", interval="hour", trendsFilter={"display": "BoldNumber"}))
    assert (meaning.interval, meaning.option("interval")) == ("", "hour")


def test_displays_that_say_what_is_shown():
    cumulative = trend("a", trendsFilter={"display": "ActionsLineGraphCumulative"})
    assert values(cumulative) == [Running(A)]
    assert dimensions(trend("a", trendsFilter={"display": "WorldMap"})) == [
        Column("$geoip_country_code", None, (), "event")
    ]
    heatmap = trend({"event": "a", "math": "dau"}, trendsFilter={"display": "CalendarHeatmap"})
    assert dimensions(heatmap) == [Bucket("day_of_week"), Bucket("hour_of_day")]
    own = {"kind": "CalendarHeatmapQuery", "series": heatmap["series"]}
    assert read(own)._replace(format="TrendsQuery") == read(heatmap)


# Filters


def test_filters_keep_their_tree():
    either = {
        "type": "OR",
        "values": [{"key": "a", "value": 1}, {"type": "AND", "values": [{"key": "b"}, {"key": "c"}]}],
    }
    meaning = read({**TREND, "properties": {"type": "AND", "values": [either, {"type": "OR", "values": []}]}})
    a, b, c = (Column(name, None, (), "event") for name in "abc")
    assert meaning.conditions == (
        Group("or", (Condition(a, "exact", (1,)), Group("and", (Condition(b), Condition(c))))),
    )


FILTERS = [
    (
        {"key": "id", "type": "cohort", "value": 12, "cohort_name": "Power users"},
        Condition(Column("", None, (), "cohort"), "in", ("Power users",)),
    ),
    ({"key": "id", "type": "cohort", "value": 12, "operator": "not_in"}, Condition(Column("", None, (), "cohort"), "not_in", (12,))),
    (
        {"key": "$feature/new-editor", "value": "test", "type": "event"},
        Condition(Column("new-editor", None, (), "feature"), "exact", ("test",)),
    ),
    ({"key": "a", "value": "is_set", "operator": "is_set"}, Condition(Column("a", None, (), "event"), "is_set")),
    ({"key": "a", "value": ["x"]}, Condition(Column("a", None, (), "event"), "exact", ("x",))),
    ({"key": "a", "value": ["x", "y"]}, Condition(Column("a", None, (), "event"), "in", ("x", "y"))),
    ({"key": "a", "value": ["x", "y"], "operator": "is_not"}, Condition(Column("a", None, (), "event"), "not_in", ("x", "y"))),
    (
        {"key": "name", "type": "group", "group_type_index": 0, "value": "acme"},
        Condition(Column("name", Entity("0", "group"), (), "group"), "exact", ("acme",)),
    ),
    ({"key": "text", "type": "element", "value": "Buy"}, Condition(Column("text", None, (), "element"), "exact", ("Buy",))),
    ({"key": "properties.plan = 'pro'", "type": "hogql"}, Condition(Column("plan", None, (), "event"), "exact", ("pro",))),
    ({"plan": "pro"}, Condition(Column("plan", None, (), "event"), "exact", ("pro",))),
]  # fmt: skip


@pytest.mark.parametrize(("written", "condition"), FILTERS)
def test_filters_of_every_kind(written, condition):
    for properties in ([written], {"type": "AND", "values": [{"type": "AND", "values": [written]}]}, written):
        meaning = read({**TREND, "properties": properties})
        assert (meaning.conditions, meaning.unread) == ((condition,), ())


def test_filters_hold_together_in_any_order():
    one, two = {"key": "a", "value": 1}, {"key": "b", "value": 2}
    assert read({**TREND, "properties": [one, two]}) == read({**TREND, "properties": [two, one, two]})


def test_filters_nested_beyond_reason_are_refused():
    deep: dict = {"key": "a"}
    for _ in range(100_000):
        deep = {"type": "OR", "values": [deep, deep]}
    with pytest.raises(InvalidQuery, match="nested"):
        read({**TREND, "properties": deep})
    while "values" in deep:  # freed one level at a time: the interpreter's own teardown is recursive
        deep = deep.pop("values")[0]


# The other insights

SIGNUP, REPORT = Entity("signup", "event"), Entity("report_opened", "event")


def test_a_funnel_is_its_steps():
    nodes = [
        {"kind": "EventsNode", "event": "signup", "properties": [{"key": "plan", "value": "pro"}]},
        {"kind": "EventsNode", "event": "report_opened", "custom_name": "Opened", "optionalInFunnel": True},
    ]
    meaning = read(
        {"kind": "FunnelsQuery", "series": nodes, "breakdownFilter": {"breakdown": "$os"}, "interval": "week"}
    )
    assert meaning.shape == "funnel"
    assert meaning.steps == (
        Step(SIGNUP, (Condition(Column("plan", None, (), "event"), "exact", ("pro",)),)),
        Step(REPORT._replace(label="Opened")),
    )
    assert meaning.outputs == (Output("dimension", Column("$os", None, (), "event")),)
    assert meaning.sources == (SIGNUP, REPORT)
    assert meaning.option("series[1].optionalInFunnel") is True
    # Only the view over time has an axis of time.
    assert (meaning.interval, meaning.option("interval")) == ("", "week")
    over_time = {"kind": "FunnelsQuery", "series": nodes, "funnelsFilter": {"funnelVizType": "trends"}}
    assert read(over_time).interval == "day"


def test_retention_is_two_events():
    settings = {
        "targetEntity": {"id": "signup", "type": "events"},
        "returningEntity": {"id": 3, "name": "Paid", "type": "actions"},
        "period": "Week",
        "aggregationType": "sum",
        "aggregationProperty": "amount",
    }
    meaning = read({"kind": "RetentionQuery", "retentionFilter": settings})
    assert meaning.steps == (Step(SIGNUP, (), "first"), Step(Entity("Paid", "action"), (), "returning"))
    assert meaning.outputs == (Output("measure", Aggregate("sum", Column("amount", None, (), "event"))),)
    assert (meaning.shape, meaning.interval) == ("retention", "week")


def test_paths_have_ends():
    settings = {"includeEventTypes": ["$pageview", "hogql"], "startPoint": "/pricing", "endPoint": "signup"}
    meaning = read({"kind": "PathsQuery", "pathsFilter": settings})
    assert meaning.steps == (Step(Entity("/pricing", "page"), (), "start"), Step(SIGNUP, (), "end"))
    assert meaning.sources == (Entity("$pageview", "event"),)
    assert meaning.option("includeEventTypes") == ("$pageview", "hogql")


@pytest.mark.parametrize("shape", ["stickiness", "lifecycle"])
def test_stickiness_and_life_cycles(shape):
    query = {"kind": f"{shape.title()}Query", "series": [{"kind": "EventsNode", "event": "signup"}], "interval": "week"}
    meaning = read(query)
    assert (meaning.shape, meaning.interval, meaning.source) == (shape, "week", SIGNUP)
    assert meaning.outputs == (Output("measure", Count(SIGNUP)),)


# One meaning in every wrapping


@pytest.mark.parametrize("wrapper", ["InsightVizNode", "DataVisualizationNode", "DataTableNode"])
def test_a_node_that_only_shows_another_changes_nothing(wrapper):
    assert read({"kind": wrapper, "source": TREND, "full": True}) == read(TREND)


@pytest.mark.parametrize("insight", [{"query": TREND}, {"name": "x", "query": {"query": TREND}}])
def test_an_insight_is_as_good_as_its_query(insight):
    assert read(insight) == read(TREND)


OLD_AND_NEW = [
    (
        {"insight": "TRENDS", "events": [{"id": "signup", "math": "dau"}], "interval": "month", "date_from": "-6m"},
        {
            "kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "signup", "math": "dau"}],
            "interval": "month",
            "dateRange": {"date_from": "-6m"},
        },
    ),
    (
        {"insight": "TRENDS", "events": [{"id": "a"}, {"id": "b"}], "formula": "A/B", "hidden_legend_keys": {}},
        {
            "kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "a"}, {"kind": "EventsNode", "event": "b"}],
            "trendsFilter": {"formulaNodes": [{"formula": "A/B"}]},
        },
    ),
    (
        {
            "insight": "FUNNELS",
            "events": [{"id": "cart_opened", "order": 1}, {"id": "item_viewed", "order": 0}],
            "actions": [{"id": 7, "name": "Paid", "order": 2}],
            "breakdown": "$os",
            "breakdown_type": "event",
            "funnel_viz_type": "trends",
            "funnel_window_interval": 3,
            "formula": "A",
            "edge_limit": 50,
        },
        {
            "kind": "FunnelsQuery",
            "series": [
                {"kind": "EventsNode", "event": "item_viewed"},
                {"kind": "EventsNode", "event": "cart_opened"},
                {"kind": "ActionsNode", "id": 7, "name": "Paid"},
            ],
            "breakdownFilter": {"breakdown": "$os", "breakdown_type": "event"},
            "funnelsFilter": {"funnelVizType": "trends", "funnelWindowInterval": 3},
        },
    ),
    (
        {
            "insight": "RETENTION",
            "target_entity": {"id": "signup", "type": "events"},
            "returning_entity": {"id": "report_opened", "type": "events"},
            "period": "Week",
        },
        {
            "kind": "RetentionQuery",
            "retentionFilter": {
                "targetEntity": {"id": "signup", "type": "events"},
                "returningEntity": {"id": "report_opened", "type": "events"},
                "period": "Week",
            },
        },
    ),
    (
        {"insight": "PATHS", "include_event_types": ["$pageview"], "start_point": "/pricing"},
        {"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"], "startPoint": "/pricing"}},
    ),
    (
        {"insight": "LIFECYCLE", "events": [{"id": "task_done"}], "shown_as": "Lifecycle", "entity_type": "events"},
        {"kind": "LifecycleQuery", "series": [{"kind": "EventsNode", "event": "task_done"}]},
    ),
    (
        {"insight": "STICKINESS", "events": [{"id": "task_done"}], "compare": True, "filter_test_accounts": True},
        {
            "kind": "StickinessQuery",
            "series": [{"kind": "EventsNode", "event": "task_done"}],
            "compareFilter": {"compare": True},
            "filterTestAccounts": True,
        },
    ),
]


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
def test_the_older_form_says_the_same_as_the_node(old, new):
    assert read(old) == read(new)
    assert read({"filters": old}) == read(new)
    assert read({"kind": "LegacyQuery", "filters": old}) == read(new)


def test_the_older_form_is_about_trends_where_it_does_not_say():
    filters = {"events": [{"id": "signup"}], "date_from": "-7d"}
    assert read({"filters": filters}) == read({"insight": "TRENDS", **filters})
