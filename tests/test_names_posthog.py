"""What queries of PostHog are called: one row for each kind of fault that a name once had."""

import pytest

from insights_core.naming import draft
from insights_core.query.registry import read


def event(of, **rest):
    return {"kind": "EventsNode", "event": of, "name": of, **rest}


def trend(*series, **rest):
    return {"kind": "TrendsQuery", "series": list(series), **rest}


def funnel(*series, **rest):
    return {"kind": "FunnelsQuery", "series": list(series), **rest}


def retention(target, returning, **settings):
    both = {"targetEntity": {"id": target}, "returningEntity": {"id": returning}}
    return {"kind": "RetentionQuery", "retentionFilter": {**both, "period": "Week", **settings}}


def where(key, value=None, operator="exact", scope="event"):
    return {"key": key, "value": value, "operator": operator, "type": scope}


def paths(**settings):
    return {"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"], **settings}}


def rate(top, bottom, formula="A / B"):
    return trend(top, bottom, trendsFilter={"formula": formula})


def by(key, series):
    return trend(series, breakdownFilter={"breakdown": key})


def table(*events):
    return {"kind": "EventsQuery", "select": ["count()"], "event": list(events), "breakdowns": ["event"]}


def query_of_users(name):
    sql = f"SELECT toStartOfWeek(timestamp) AS week, uniq(person_id) AS users FROM events WHERE event = '{name}' GROUP BY week"
    return {"kind": "HogQLQuery", "query": sql}


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

PLACES = [
    # what happens on one page is of that page; steps that only say that someone was there are where that was
    (trend(event("note_sent"), properties=[where("$pathname", "/team")]), "Notes Sent (Team Page)"),
    (funnel(event("$pageview", properties=[PRICING]), event("plan_bought")), "Pricing → Plan Bought Funnel"),
    (
        paths(startPoint="https://www.kiln.example/", endPoint="https://kiln.example/clay/red"),
        "User Paths from Kiln to Clay Red",
    ),
]

VALUES = [
    # money that came in is revenue, whoever's; what was asked for or paid back is none
    (trend(event("order_completed", math="sum", math_property="amount_usd")), "Revenue"),
    (trend(event("donor_payment_received", math="sum", math_property="total")), "Donor Payment Revenue"),
    (trend(event("refund_paid", math="sum", math_property="amount")), "Refund Payment Amount"),
    (trend(event("order_completed", math="avg", math_property="amount")), "Average Order Amount"),
    (trend(event("order_completed", math="sum", math_property="tax_amount")), "Order Tax Amount"),
    # a unit of time behind what takes it
    (trend(event("film_played", math="sum", math_property="watch_seconds"), interval="week"), "Weekly Film Watch Time"),
    # what was done with the thing that is summed
    (trend(event("seats_picked", math="avg", math_property="seats")), "Average Seats Picked"),
    (trend(event("$web_vitals", math="p75", math_property="$web_vitals_INP_value")), "P75 INP"),
    # a label's own note in brackets goes
    (trend(event("ping", name="Round trip (median, ms)", math="median", math_property="ms")), "Median Round Trip"),
    (query_of_users("report_created"), "Weekly Users with Reports Created"),
]

RATES = [
    (rate(event("email_bounced"), event("email_sent")), "Email Bounce Rate"),
    (rate(event("user_signed_up", math="dau"), event("$pageview", math="dau"), "A / B * 100"), "Signup Rate"),
    (rate(event("search_no_results"), event("search_made"), "A / B * 100"), "Share of Searches with No Results"),
    (rate(event("sync_failed"), event("sync_completed"), "A / (A + B)"), "Sync Failure Rate"),
]

SPLITS = [
    (by("is_trial", event("note_sent")), "Notes Sent by Trial Status"),
    (by("action", event("app_action")), "App Actions by Type"),
    (by("exception_kind", event("$exception")), "Exceptions by Kind"),
    (table("note_sent", "note_read"), "Notes Sent and Notes Read by Type"),
    (table("note_sent", "note_read", "note_torn", "note_lost"), "Note Events by Type"),
    (table("disk_check_passed", "disk_check_failed"), "Disk Checks by Type"),
    (table("door_opened", "bell_rung"), "Door Opens and Bell Rungs by Type"),
    (table("door_opened", "bell_rung", "lamp_sold", "note_sent"), "Door Opens and 3 More by Type"),
    (
        "SELECT event, properties.room AS room, count() AS event_count FROM events GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 9",
        "Top 9 Events by Room",
    ),
]

SERIES = [
    # more events of one area than a name can list
    (trend(*map(event, ("kiln.lit", "kiln.opened", "kiln.emptied", "kiln.swept"))), "Kiln Events"),
    (
        trend(*(event(f"shop.{step}.load", math="avg", math_property="load_ms") for step in ("cart", "till", "bill"))),
        "Average Shop Cart, Till and Bill Load Time",
    ),
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


@pytest.mark.parametrize(
    ("query", "expected"), [*CONDITIONS, *PLACES, *VALUES, *RATES, *SPLITS, *SERIES, *EVENTS, *JOURNEYS]
)
def test_name_is_what_a_reader_would_keep(query, expected):
    assert draft(read(query)).name == expected


@pytest.mark.parametrize("steps", [(0, 1), (0, 2), (1, 2)])
@pytest.mark.parametrize("shown", ["trends", "time_to_convert"])
def test_time_and_rate_are_between_the_steps_that_are_measured(steps, shown):
    things = ("Tent", "Peg", "Rope")
    between = dict(zip(("funnelFromStep", "funnelToStep"), steps, strict=True))
    series = [event(f"{thing.lower()}_sold") for thing in things]
    name = draft(read(funnel(*series, funnelsFilter={"funnelVizType": shown, **between}))).name
    said = [thing for thing in things if thing in name]
    assert (said[0], said[-1]) == tuple(things[at] for at in steps)
