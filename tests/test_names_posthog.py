"""What queries of PostHog are called: one row for each kind of fault that a name once had."""

import pytest

from insights_core.facts import describe
from insights_core.naming import draft, verify


def event(name, **rest):
    return {"kind": "EventsNode", "event": name, "name": name, **rest}


def trend(*series, **rest):
    return {"kind": "TrendsQuery", "series": list(series), **rest}


def funnel(*series, **rest):
    return {"kind": "FunnelsQuery", "series": list(series), **rest}


def retention(target, returning, **settings):
    both = {"targetEntity": {"id": target}, "returningEntity": {"id": returning}}
    return {"kind": "RetentionQuery", "retentionFilter": {**both, "period": "Week", **settings}}


def where(key, value=None, operator="exact", scope="event"):
    return {"key": key, "value": value, "operator": operator, "type": scope}


PRICING = where("$current_url", "/pricing", "icontains")

CONDITIONS = [
    # of one series alone, it is the whole query's
    (trend(event("$pageview", math="dau", properties=[PRICING])), "Daily Unique Visitors (Pricing)"),
    (
        trend(event("lamp_sold", properties=[where("room", "attic")]), breakdownFilter={"breakdown": "colour"}),
        "Lamps Sold by Colour (Attic)",
    ),
    # what is kept out is said, unless it only keeps out testers
    (trend(event("kite_sold", properties=[where("shore", "north", "is_not")])), "Kites Sold (Excluding North)"),
    (trend(event("kite_sold", properties=[where("email", "@kite.example", "not_icontains")])), "Kites Sold"),
    # nothing of a key's own words
    (trend(event("flag_seen"), properties=[where("feature_flag", "my-feature-flag")]), "Flags Seen"),
    # no adjective stands in front of steps
    (funnel(event("a_sold"), event("b_made"), properties=[where("plan", "free")]), "A Sold → B Made Funnel (Free)"),
]

SERIES = [
    # more events of one area than a name can list
    (trend(*map(event, ("kiln.lit", "kiln.opened", "kiln.emptied", "kiln.swept"))), "Kiln Events"),
    # both, though the second repeats a word
    (
        trend(event("search_performed"), event("search_no_results")),
        "Searches Performed and Searches with No Results",
    ),
    (trend(event("sync_completed"), event("sync_failed")), "Syncs Completed vs Failed"),
]

EVENTS = [
    (trend(event("search_no_results")), "Searches with No Results"),
    (trend(event("parcel_not_found")), "Parcels Not Found"),
    (trend(event("payment_failed")), "Failed Payments"),
    (trend(event("stencil_used"), breakdownFilter={"breakdown": "$os"}), "Stencil Usage by OS"),
    (
        trend(event("$pageview", math="dau"), breakdownFilter={"breakdown": "utm_source"}),
        "Unique Visitors by UTM Source",
    ),
    (trend(event("$pageview", math="first_time_for_user")), "First-Time Visitors"),
]

JOURNEYS = [
    # coming back at all goes without saying
    (retention("user_signed_up", "$pageview"), "Weekly Signup Retention"),
    (retention("report_created", "report_created"), "Weekly Report Creation Retention"),
    ({"kind": "StickinessQuery", "series": [event("task_completed")]}, "Task Completion Stickiness"),
    ({"kind": "LifecycleQuery", "series": [event("$pageview")], "interval": "week"}, "Weekly User Lifecycle"),
]


@pytest.mark.parametrize(("query", "expected"), [*CONDITIONS, *SERIES, *EVENTS, *JOURNEYS])
def test_name_is_what_a_reader_would_keep(query, expected):
    facts = describe(query)
    name = draft(facts).name
    assert name == expected
    assert verify(name, facts) == []


@pytest.mark.parametrize("steps", [(0, 1), (0, 2), (1, 2)])
@pytest.mark.parametrize("shown", ["trends", "time_to_convert"])
def test_time_and_rate_are_between_the_steps_that_are_measured(steps, shown):
    things = ("Tent", "Peg", "Rope")
    between = dict(zip(("funnelFromStep", "funnelToStep"), steps, strict=True))
    series = [event(f"{thing.lower()}_sold") for thing in things]
    name = draft(describe(funnel(*series, funnelsFilter={"funnelVizType": shown, **between}))).name
    said = [thing for thing in things if thing in name]
    assert (said[0], said[-1]) == tuple(things[at] for at in steps)
