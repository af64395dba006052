"""Every key of the public query schema is understood or kept; nothing in a query is silently ignored."""

import json
from pathlib import Path

import pytest

from insights_core.facts import describe

SCHEMA = json.loads((Path(__file__).parent / "data" / "posthog_schema.json").read_text(encoding="utf-8"))
REAL = {
    "series": [{"kind": "EventsNode", "event": "gate_opened"}],
    "properties": [{"key": "a", "value": "b", "type": "event"}],
    "dateRange": {"date_from": "-7d"},
    "compareFilter": {"compare": True},
    "query": "select 1",
    "select": ["event"],
    "limit": 7,
}
"""Values for the keys whose shape matters; any other gets one that is in no default."""


def whole(kind):
    query = {"kind": kind}
    for key, part in SCHEMA["nodes"][kind].items():
        inner = SCHEMA["parts"].get(part)
        query[key] = dict.fromkeys(inner, "marked") if inner else REAL.get(key, "marked")
    return query


@pytest.mark.parametrize("kind", SCHEMA["nodes"])
def test_every_key_of_a_node_is_known(kind):
    assert describe(whole(kind)).unread == ()


@pytest.mark.parametrize("kind", SCHEMA["nodes"])
def test_a_key_that_nobody_knows_is_listed(kind):
    query = whole(kind)
    query["flux"] = 1
    for key, part in SCHEMA["nodes"][kind].items():
        if part in SCHEMA["parts"]:
            query[key]["flux"] = 1
    unread = describe(query).unread
    assert "flux" in unread
    settings = {
        key for key in SCHEMA["nodes"][kind] if key.endswith("Filter") and SCHEMA["nodes"][kind][key] in SCHEMA["told"]
    }
    assert {f"{key}.flux" for key in settings} <= set(unread)


def test_every_key_of_a_series_is_known():
    for kind, keys in SCHEMA["series"].items():
        node = {**dict.fromkeys(keys, "marked"), "kind": kind}
        facts = describe({"kind": "TrendsQuery", "series": [node]})
        assert facts.unread == (), kind
        odd = describe({"kind": "TrendsQuery", "series": [{**node, "flux": 1}]})
        assert odd.unread == ("series[0].flux",)


@pytest.mark.parametrize("wrapper", SCHEMA["wrappers"])
def test_every_key_of_a_showing_node_is_known(wrapper):
    query = {**dict.fromkeys(SCHEMA["wrappers"][wrapper], "marked"), "kind": wrapper, "source": whole("TrendsQuery")}
    assert describe(query).unread == ()
    assert describe({**query, "flux": 1}).unread == (f"{wrapper}.flux",)


def test_what_distinguishes_two_queries_is_in_their_facts():
    for kind in SCHEMA["nodes"]:
        query = whole(kind)
        facts = describe(query)
        for key in SCHEMA["distinguishing"]:
            if key in query:
                assert describe({name: value for name, value in query.items() if name != key}) != facts, (kind, key)
