"""The HTTP contract over a real socket: keys, scopes, errors, formats, and nothing lost among many clients."""

import csv
import http.client
import io
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zlib
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from insights_app.cli import _listening
from insights_app.server import LARGEST_BODY, OPERATIONS, create_app, openapi
from serving import serving

from insights_core import Insights, InvalidInput, NotFound

CONTRACT = Path(__file__).resolve().parent.parent.parent / "shared" / "contract" / "insights-3.txt"
QUERY = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "order_placed"}], "interval": "week"}


class Client:
    def __init__(self, port, key, project="p"):
        self.base = f"http://127.0.0.1:{port}/api/projects/{project}/insights/"
        self.key = key

    def ask(self, method, path="", body=None, *, headers=(), raw=None):
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        for name, value in {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            **dict(headers),
        }.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def json(self, method, path="", body=None, **options):
        status, _, text = self.ask(method, path, body, **options)
        return status, json.loads(text) if text else None


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Insights.open(tmp_path_factory.mktemp("server") / "x.db") as insights, serving(insights) as port:
        yield insights, port


@pytest.fixture
def insights(world):
    return world[0]


@pytest.fixture
def client(world, request):
    insights, port = world
    return Client(
        port, insights.keys.create("ann", "insight:write").text, f"of-{zlib.crc32(request.node.name.encode())}"
    )


def problem(answer):
    status, error = answer
    assert set(error) == {"type", "code", "detail", "attr"}
    return status, error["type"], error["code"], error["attr"]


def test_a_day_with_the_contract(client):
    status, made = client.json("POST", "", {"query": QUERY, "_create_in_folder": "f", "tags": ["b", "a"]})
    assert (status, made["derived_name"], made["folder"], made["tags"]) == (
        201,
        "Weekly Orders Placed",
        "f",
        ["a", "b"],
    )
    other = client.json("POST", "", {"name": "Other"})[1]
    assert [entry["id"] for entry in client.json("GET", "my_last_viewed")[1]] == [other["id"], made["id"]]
    assert client.ask("POST", "viewed/", {"insight_ids": [made["id"], str(other["id"]), 10**15]})[::2] == (200, b"")
    assert [entry["id"] for entry in client.json("GET", "my_last_viewed/")[1]] == [other["id"], made["id"]]
    assert client.json("POST", "generate_name", {"query": QUERY}) == (
        200,
        {"name": "Weekly Orders Placed", "description": "Orders placed, weekly."},
    )
    assert [entry["viewers"] for entry in client.json("GET", "trending?limit=1")[1]] == [1]
    changed = client.json("PATCH", made["short_id"], {"name": "Mine", "revision": made["revision"]})[1]
    assert (changed["name"], changed["last_modified_by"]) == ("Mine", "ann")
    assert problem(client.json("PATCH", str(made["id"]), {"name": "x", "revision": 1})) == (
        409,
        "invalid_request",
        "conflict",
        None,
    )
    assert client.json("PATCH", str(made["id"]), {"deleted": True})[1]["deleted"] is True
    assert problem(client.json("GET", str(made["id"]))) == (404, "invalid_request", "not_found", None)
    assert [entry["id"] for entry in client.json("GET", "my_last_viewed")[1]] == [other["id"]]
    assert client.json("PATCH", str(made["id"]), {"deleted": False})[1]["deleted"] is False
    listed = client.json("GET", "?limit=1&order=name")[1]
    assert [entry["name"] for entry in listed["results"]] == ["Mine"]
    assert [
        entry["name"] for entry in client.json("GET", f"?limit=1&order=name&cursor={listed['next']}")[1]["results"]
    ] == ["Other"]


@pytest.mark.parametrize("body", [{}, [], "abc", {"insight_ids": []}, {"insight_ids": ["abc", 1]}, {"insight_ids": [True]},
                                  {"insight_ids": None}, {"insight_ids": list(range(1, 2_502))}, {"insight_ids": [0]}, {"insight_ids": [1.5]}])  # fmt: skip
def test_what_is_no_list_of_ids_records_nothing(client, body):
    made = client.json("POST", "", {"query": QUERY})[1]
    before = client.json("GET", "my_last_viewed")
    assert problem(client.json("POST", "viewed", body))[:2] == (400, "validation_error")
    assert client.json("GET", "my_last_viewed") == before
    assert before[1][0]["id"] == made["id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "generate_name", {}, (400, "validation_error", "required", "query")),
        ("POST", "generate_name", {"query": 7}, (400, "validation_error", "invalid_input", "query")),
        ("GET", "trending?days=x", None, (400, "validation_error", "invalid_input", "days")),
        ("GET", "trending?days=0", None, (400, "validation_error", "invalid_input", None)),
        ("GET", "?favorited=maybe", None, (400, "validation_error", "invalid_input", "favorited")),
        ("GET", "?cursor=nonsense", None, (400, "validation_error", "invalid_input", None)),
        ("GET", "my_last_viewed?format=xml", None, (400, "validation_error", "invalid_input", "format")),
        ("GET", "viewed", None, (405, "invalid_request", "method_not_allowed", None)),
        ("DELETE", "7", None, (405, "invalid_request", "method_not_allowed", None)),
        ("GET", "no/such/thing", None, (404, "invalid_request", "not_found", None)),
        ("GET", "0", None, (404, "invalid_request", "not_found", None)),
        ("GET", "9" * 19, None, (404, "invalid_request", "not_found", None)),
        ("GET", "a%0Ab", None, (404, "invalid_request", "not_found", None)),
        ("GET", "a%0Ab/c", None, (404, "invalid_request", "not_found", None)),
        ("GET", "%0A", None, (404, "invalid_request", "not_found", None)),
        ("PATCH", "%0A/", {}, (404, "invalid_request", "not_found", None)),
        ("GET", "my_last_viewed%0A", None, (404, "invalid_request", "not_found", None)),
        ("POST", "", {"favorited": None}, (400, "validation_error", "invalid_input", None)),
        ("GET", "99999", None, (404, "invalid_request", "not_found", None)),
        ("POST", "", {"query": []}, (400, "validation_error", "invalid_input", None)),
        ("POST", "", {"tags": "x"}, (400, "validation_error", "invalid_input", None)),
        ("PATCH", "1", {"deleted": False, "name": "x"}, (400, "validation_error", "invalid_input", "deleted")),
        ("PATCH", "1", {"deleted": "yes"}, (400, "validation_error", "invalid_input", "deleted")),
        ("PATCH", "1", {"deleted": 1}, (400, "validation_error", "invalid_input", "deleted")),
        ("POST", "", {"deleted": 0}, (400, "validation_error", "invalid_input", "deleted")),
        ("POST", "", {"order": 1.5}, (400, "validation_error", "invalid_input", None)),
    ],
)
def test_what_is_wrong_is_told(client, method, path, body, answer):
    assert problem(client.json(method, path, body)) == answer


def test_a_whole_number_may_be_written_with_a_point(client):
    made = client.json("POST", "", raw=b'{"order": 2.0, "dashboards": [7.0, 8]}')[1]
    assert (made["order"], made["dashboards"]) == (2, [7, 8])
    assert client.ask("POST", "viewed", raw=b'{"insight_ids": [%d.0]}' % made["id"])[0] == 200
    changed = client.json("PATCH", made["short_id"], raw=b'{"order": 3.0, "revision": 1.0}')[1]
    assert (changed["order"], changed["revision"]) == (3, 2)


def test_answers_hold_what_the_description_says(client):
    schemas = openapi()["components"]["schemas"]
    made = client.json("POST", "", {"query": QUERY})[1]
    client.ask("POST", "viewed", {"insight_ids": [made["id"]]})
    answers = {
        "Insight": made,
        "RecentInsight": client.json("GET", "my_last_viewed")[1][0],
        "TrendingInsight": client.json("GET", "trending")[1][0],
    }
    for name, answer in answers.items():
        assert list(answer) == list(schemas[name]["properties"]) == list(schemas[name]["required"])


@pytest.mark.parametrize(
    "raw", [b'name="string"', b"", b"\xff", b'{"query": NaN}', b"[" * 100_000, b'{"a": 1' + b"0" * 5_000 + b"}"]
)
def test_what_is_no_json_is_malformed(client, raw):
    assert problem(client.json("POST", "generate_name", raw=raw)) == (400, "invalid_request", "malformed_request", None)


def test_a_project_id_has_its_bounds(client, world):
    assert problem(Client(world[1], client.key, "x" * 401).json("GET", "")) == (
        400,
        "validation_error",
        "invalid_input",
        None,
    )
    assert Client(world[1], client.key, "x" * 400).json("GET", "") == (200, {"next": None, "results": []})


def test_a_wrong_method_is_told_the_right_ones(client):
    status, headers, _ = client.ask("PUT", "")
    assert (status, headers["allow"]) == (405, "POST, GET")
    assert client.ask("TRACE", "viewed")[1]["allow"] == "POST"


def test_requests_are_logged_with_the_prefix_of_their_key(client, caplog):
    caplog.set_level("INFO", logger="insights.access")
    client.ask("GET", "my_last_viewed")
    (entry,) = [json.loads(record.message) for record in caplog.records if record.name == "insights.access"]
    assert (entry["method"], entry["status"], entry["key"]) == ("GET", 200, client.key[:12])
    assert client.key not in caplog.text


def test_a_body_has_its_bounds(client):
    status, error = client.json("POST", "generate_name", raw=b" " * (LARGEST_BODY + 1))
    assert (status, error["code"]) == (413, "too_large")


def raw(port, *parts):
    """Send bytes over a connection of one's own, and return it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    for part in parts:
        connection.sendall(part)
    return connection


def head(client, path, *lines, method="POST"):
    fields = (
        f"{method} /api/projects/p/insights/{path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {client.key}",
        *lines,
    )
    return "".join(f"{line}\r\n" for line in (*fields, "")).encode()


def answered(connection, method="POST"):
    """The status, the body and the headers of the answer that a connection brings."""
    with http.client.HTTPResponse(connection, method=method) as response:
        response.begin()
        return response.status, response.read(), response.headers


def test_a_body_that_is_too_long_is_refused_before_it_comes(client, world):
    for length in (LARGEST_BODY + 1, 10**18):
        with closing(raw(world[1], head(client, "generate_name", f"Content-Length: {length}"))) as connection:
            status, text, _ = answered(connection)
        assert (status, json.loads(text)["code"]) == (413, "too_large")
    chunk = b"%x\r\n%s\r\n" % (2**16, b" " * 2**16)
    with closing(raw(world[1], head(client, "generate_name", "Transfer-Encoding: chunked"), chunk * 16)) as connection:
        assert answered(connection)[0] == 413


def test_who_drips_is_cut_off():
    with Insights.memory() as insights, serving(insights, timeout=0.05) as port:
        client = Client(port, insights.keys.create("ann", "insight:write").text)
        with closing(raw(port, head(client, "viewed", "Content-Length: 100"), b'{"insight_ids": [')) as connection:
            status, text, _ = answered(connection)
            assert (status, json.loads(text)["code"]) == (503, "timeout")
            assert connection.recv(1) == b""


def test_who_leaves_early_is_no_failure_of_the_server(client, world, caplog):
    caplog.set_level("INFO", logger="insights")
    records, told = [], threading.Event()

    class Watch(logging.Handler):
        def emit(self, record):
            records.append(record)
            if record.name == "insights.access":  # the last of a request
                told.set()

    watch = Watch()
    logging.getLogger("insights").addHandler(watch)
    try:
        raw(world[1], head(client, "viewed", "Content-Length: 100"), b"{").close()
        assert told.wait(30)
    finally:
        logging.getLogger("insights").removeHandler(watch)
    (entry,) = [json.loads(record.getMessage()) for record in records]
    assert entry["status"] == 400


def test_who_drips_holds_up_nobody(client, world):
    slow = [raw(world[1], head(client, "viewed", "Expect: 100-continue", "Content-Length: 22")) for _ in range(100)]
    for connection in slow:
        assert connection.recv(4) == b"HTTP"  # 100 Continue: it is waited for
        connection.sendall(b'{"insight_ids"')
    assert client.json("GET", "my_last_viewed") == (200, [])
    for connection in slow:
        connection.sendall(b": [123]}")
        connection.recv(10**6)
        connection.close()


@pytest.mark.parametrize("depth", [100, 499, 501, 5_000, 100_000, *range(900, 1_000, 9)])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_deeply_is_named_or_refused(client, depth, left, right):
    value = left * depth + "1" + right * depth
    for name in ("query", "name", "tags", "dashboards", "order", "favorited", "_create_in_folder", "deleted"):
        for method, path in (("POST", "generate_name"), ("POST", ""), ("PATCH", "1")):
            status, answer = client.json(method, path, raw=f'{{"{name}": {value}}}'.encode())
            assert status in (200, 201, 400, 404), answer
            assert depth < 500 or status != 201 or name == "query" or answer[name] in (None, [], False)
    assert client.json("POST", "viewed", raw=f'{{"insight_ids": [{value}]}}'.encode())[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        "/**/" * 26 + "x",
        " " * 60_000 + "x",
        "select 1 from " + "(" * 12_000,
        "select 1 from t " + "join t " * 22_000,
        "select cast(a as " + "array<" * 24_000,
        {"kind": "TrendsQuery", "series": [{"event": "a", "math": "hogql", "math_hogql": "sum(" + " " * 60_000 + "x"}]},
        {"kind": "TrendsQuery", "series": [{"event": "a"}], "trendsFilter": {"formula": "A" + " " * 60_000 + "x"}},
        {"kind": "EventsQuery", "select": ["a" + " as" * 20_000, " --" * 20_000 + "\nx"]},
    ],
    ids=range(8),
)
def test_no_query_holds_the_server(client, query):
    for body in ({"query": query}, {"query": {"kind": "HogQLQuery", "query": query}}):
        status, answer = client.json("POST", "generate_name", raw=json.dumps(body).encode())
        assert status in (200, 400), answer


def test_the_library_refuses_what_is_nested_deeply_too(insights):
    value = []
    for _ in range(100_000):
        value = [value]
    for field in ("query", "name", "tags", "dashboards", "order", "favorited"):
        with pytest.raises(InvalidInput):
            insights.project("deep").create(**{field: value})


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/projects//insights/", 404),
        ("/api/projects/a%2Fb/insights/", 404),
        ("/api/projects/p/insights/a%2Fb", 404),
        ("/api/projects/%00/insights/", 400),
        ("/api/projects/p/insights/%00", 404),
        ("/api/projects/p/insights/%ff", 404),
        ("/api/projects/%ff/insights/", 200),
        ("/api/projects/p/insightsfoo", 404),
        ("/api/projects/p/insights", 200),
        ("/api/projects/p/insights/?search=%ff&tags=%ff", 200),
        ("/api/projects/p/insights/?search=%00", 400),
        ("/api/projects/p/insights/?tags=%00", 400),
        ("/api/projects/p/insights/?created_by=", 400),
        ("/api/projects/p/insights/?format=csv&format=json", 200),  # the last one counts
        ("/api/projects/p/insights/?format=json&format=xml", 400),
        ("/api/projects/p/insights/?limit=9&limit=x", 400),
        ("/api/projects/p/insights/?" + "a=b&" * 10_000, 200),
        ("/api/projects/p/insights/?search=" + "x" * 40_000, 400),
        ("/api/projects/" + "x" * 40_000 + "/insights/", 400),
        ("/api/projects/p/insights/" + "x" * 40_000, 404),
        ("*", 404),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_odd_address_gets_an_answer(client, world, target, status, method):
    request = head(client, "", method=method).replace(b"/api/projects/p/insights/", target.encode())
    with closing(raw(world[1], request)) as connection:
        found, text, headers = answered(connection, method)
    assert (found, headers["content-type"]) == (status, "application/json")
    assert int(headers["content-length"]) > 0
    assert (text == b"") == (method == "HEAD")
    if text and status >= 400:
        assert set(json.loads(text)) == {"type", "code", "detail", "attr"}


def test_what_is_no_http_or_too_much_of_it_ends_its_own_connection_alone(client, world):
    whole = head(client, "", method="GET")
    for request in (
        whole.replace(b"/api", b"/" + b"x" * 200_000),
        whole.replace(b"/p/", b"/\xff/"),
        whole.replace(b"/p/", b"/\t/"),
        whole.replace(b"Host:", b"X: %b\r\nHost:" % (b"x" * 200_000)),
        whole.replace(b"Host:", b"X: x\r\n" * 20_000 + b"Host:"),
        whole.replace(b"Host:", b"Host: a\r\nHost:"),
    ):
        # uvicorn answers, and may hang up before it has read all; many short headers it takes.
        with closing(raw(world[1])) as connection, suppress(ConnectionError):
            connection.sendall(request)
            assert answered(connection)[0] in (200, 400, 404, 431)
        assert client.json("GET", "my_last_viewed") == (200, [])
    with closing(raw(world[1], whole.replace(b"HTTP/1.1\r\nHost: localhost", b"HTTP/1.0"))) as connection:
        assert json.loads(answered(connection)[1])["code"] == "host"


def test_keys_open_what_they_are_for(world, client):
    insights, port = world
    keys = insights.keys
    reading = Client(port, keys.create("bob", "insight:read").text, "k")
    writing = Client(port, keys.create("bob", "insight:write", projects=["k", "l"]).text, "k")
    made = writing.json("POST", "", {"query": QUERY})[1]
    for operation in OPERATIONS:
        path = operation.path.replace("{insight}", str(made["id"]))
        status, _ = reading.json(
            operation.method, path, {"query": QUERY, "insight_ids": [made["id"]]} if operation.body else None
        )
        assert (status == 403) == (operation.scope == "insight:write"), operation
    assert reading.json("GET", "my_last_viewed")[1][0]["id"] == made["id"]
    elsewhere = Client(port, writing.key, "m")
    for operation in OPERATIONS:
        assert elsewhere.json(operation.method, operation.path.replace("{insight}", "1"))[0] == 403
        for bad in ("", "ik_", writing.key + "x", writing.key[:-1], "x" * 100_000 if operation.path == "" else "x"):
            status, error = Client(port, bad, "k").json(operation.method, operation.path.replace("{insight}", "1"))
            assert (status, error["type"]) == (401, "authentication_error")
    assert Client(port, "none", "k").ask("GET", "no/such")[0] == 401  # before anything else
    keys.revoke(reading.key[:12])
    assert reading.json("GET", "my_last_viewed")[0] == 401
    with pytest.raises(NotFound):
        keys.revoke(reading.key)


def test_keys_are_kept_as_hashes_and_end():
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    with Insights.memory(clock=lambda: now[0]) as insights:
        made = insights.keys.create("ann", "insight:read", projects=["b", "a", "a"], expires=timedelta(hours=2))
        assert made.key.projects == ("a", "b")
        assert made.text not in str(insights.keys.list())
        assert insights.keys.authenticate(made.text).user == "ann"
        first = insights.keys.list()[0].last_used_at
        now[0] += timedelta(minutes=59)
        insights.keys.authenticate(made.text)
        assert insights.keys.list()[0].last_used_at == first == datetime(2026, 1, 1, tzinfo=UTC)
        now[0] += timedelta(minutes=1)
        insights.keys.authenticate(made.text)
        assert insights.keys.list()[0].last_used_at == now[0]
        now[0] += timedelta(hours=1)
        assert insights.keys.authenticate(made.text) is None
        for scope, expires in (("all", None), ("insight:read", timedelta(0)), ("insight:read", timedelta(days=-1))):
            with pytest.raises(InvalidInput):
                insights.keys.create("ann", scope, expires=expires)


def test_no_key_lies_in_the_file(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights:
        text = insights.keys.create("ann", "insight:write").text
        assert insights.check().problems == ()
    for file in tmp_path.iterdir():
        assert text.encode() not in file.read_bytes()
        assert text[12:].encode() not in file.read_bytes()


def test_lists_come_as_csv(client):
    client.json("POST", "", {"name": '=cmd|"x"', "tags": ["a,b", "c"]})
    for path in ("my_last_viewed?format=csv", "?format=csv", "trending?format=csv"):
        status, headers, text = client.ask("GET", path)
        assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
        (row,) = csv.DictReader(io.StringIO(text.decode(), newline=""))
        assert (row["name"], json.loads(row["tags"])) == ('\'=cmd|"x"', ["a,b", "c"])
    assert client.ask("POST", "viewed?format=csv", {"insight_ids": [1]})[::2] == (200, b"")
    empty = Client(client.base.split(":")[2].split("/")[0], client.key, "empty").ask(
        "GET", "my_last_viewed?format=csv"
    )[2]
    assert empty.decode().strip().split(",")[0] == "id"
    assert empty.count(b"\r\n") == 1


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html", "application/json"),
        ("TEXT/CSV", "text/csv; charset=utf-8"),
        ("text/csv, application/json", "text/csv; charset=utf-8"),
        ("application/json, text/csv", "application/json"),
        ("text/csv;q=0.4, application/json;q=0.5", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=x;;", "text/csv; charset=utf-8"),
    ],
)
def test_an_accept_header_chooses_where_no_format_is_given(client, accept, kind):
    assert client.ask("GET", "my_last_viewed", headers={"Accept": accept})[1]["content-type"] == kind
    assert (
        client.ask("GET", "my_last_viewed?format=json", headers={"Accept": accept})[1]["content-type"]
        == "application/json"
    )
    assert client.ask("GET", "no/such", headers={"Accept": accept})[1]["content-type"] == "application/json"


def test_only_its_own_names_are_answered(world, client):
    _, port = world
    assert problem(client.json("GET", "my_last_viewed", headers={"Host": "evil.example"})) == (
        400,
        "invalid_request",
        "host",
        None,
    )
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]:9"):
        assert client.json("GET", "my_last_viewed", headers={"Host": host})[0] == 200
    assert preflight(client, "http://localhost:5173") == (401, {})
    headers = client.ask("GET", "my_last_viewed", headers={"Origin": "http://localhost:5173"})[1]
    assert not [name for name in headers if name.lower().startswith("access-control")]


def preflight(client, origin, method="PATCH"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Authorization": "none",
             "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
    status, headers, _ = client.ask("OPTIONS", "1", headers=asked)
    return status, {name: value for name, value in headers.items() if name.startswith("access-control-allow")}


def test_pages_of_named_origins_may_ask_and_no_others():
    with (
        Insights.memory() as insights,
        serving(insights, origins=("http://localhost:5173", "tauri://localhost")) as port,
    ):
        client = Client(port, insights.keys.create("ann", "insight:read").text)
        for origin in ("http://localhost:5173", "tauri://localhost"):
            for method in ("GET", "POST", "PATCH"):
                status, allowed = preflight(client, origin, method)
                assert (status, allowed["access-control-allow-origin"]) == (200, origin)
                assert {"Authorization", "Content-Type"} <= set(allowed["access-control-allow-headers"].split(", "))
                assert method in allowed["access-control-allow-methods"].split(", ")
            status, headers, _ = client.ask("GET", "my_last_viewed", headers={"Origin": origin})
            assert (status, headers["access-control-allow-origin"]) == (200, origin)
            # A page is told why, too.
            status, headers, _ = Client(port, "none").ask("GET", "", headers={"Origin": origin})
            assert (status, headers["access-control-allow-origin"]) == (401, origin)
        for origin in ("http://localhost:5174", "https://localhost:5173", "http://evil.example", "null"):
            status, allowed = preflight(client, origin)
            assert (status, "access-control-allow-origin" in allowed) == (400, False)
            headers = client.ask("GET", "my_last_viewed", headers={"Origin": origin})[1]
            assert "access-control-allow-origin" not in headers
        assert preflight(client, "http://localhost:5173", "DELETE")[0] == 400


@pytest.mark.parametrize(
    "origin", ["*", "http://*", "localhost:5173", "http://localhost:5173/", "null", "HTTP://a", ""]
)
def test_what_is_no_origin_is_refused(origin):
    with Insights.memory() as insights, pytest.raises(InvalidInput, match="an origin is scheme://host"):
        create_app(insights, origins=[origin])


def test_what_is_public_needs_no_key(world):
    _, port = world
    for path in ("healthz", "openapi.json"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as response:
            assert json.loads(response.read()) == ({"status": "ok"} if path == "healthz" else openapi())


def test_the_description_has_every_operation():
    described = {(method.upper(), path.split("/insights/")[1].strip("/")): operation
                 for path, methods in openapi()["paths"].items() for method, operation in methods.items()}  # fmt: skip
    assert set(described) == {(operation.method, operation.path) for operation in OPERATIONS}
    for operation in OPERATIONS:
        assert described[operation.method, operation.path]["security"] == [{"key": [operation.scope]}]
        assert str(operation.status) in described[operation.method, operation.path]["responses"]


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["query", "insight_ids", "name", "tags", "deleted", "order", "revision", "kind", "series"]), inner))  # fmt: skip


@given(
    st.sampled_from(OPERATIONS),
    JSON,
    st.text(alphabet=st.characters(codec="ascii", exclude_characters="#?"), max_size=10),
)
def test_nothing_that_is_sent_breaks_it(world, operation, body, path):
    insights, port = world
    anyone = Client(port, ANYONE.setdefault(port, insights.keys.create("eve", "insight:write").text), "fuzz")
    where = urllib.request.quote(path) if operation.path == "{insight}" else operation.path
    status, _, text = anyone.ask(operation.method, where, body)
    assert status < 500
    if text:
        answered = json.loads(text)
        assert status < 400 or set(answered) == {"type", "code", "detail", "attr"}


ANYONE = {}


def test_many_clients_lose_nothing(world):
    insights, port = world
    made = [insights.project("many").create(QUERY).id for _ in range(64)]
    keys = [insights.keys.create(f"user{at}", "insight:read").text for at in range(64)]
    failed = []

    def work(at):
        client = Client(port, keys[at], "many")
        told = [client.ask("POST", "viewed", {"insight_ids": [id_]})[0] for id_ in made[at:] + made[:at]]
        failed.extend(status for status in told if status != 200)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for at in range(64):
        order = made[at:] + made[:at]
        found = [entry.id for entry in insights.project("many").my_last_viewed(f"user{at}", 64)]
        assert found == order[::-1]


def test_a_failure_inside_is_json_and_says_nothing(world, caplog):
    with Insights.memory() as insights:
        key = insights.keys.create("ann", "insight:write").text

        class Broken:
            keys = insights.keys

            def project(self, _):
                raise RuntimeError("secret of the house")

        with serving(Broken()) as port:
            status, _, text = Client(port, key).ask("GET", "my_last_viewed")
    assert (status, json.loads(text)["type"]) == (500, "server_error")
    assert b"secret" not in text
    assert "secret of the house" in caplog.text


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_contract_as_it_is_printed_with_curl(world):
    insights, port = world
    key = insights.keys.create("ann", "insight:write").text
    script = """
curl -s -w '%{http_code}' -H 'Content-Type: application/json' \
-H "Authorization: Bearer $KEY" \
$HOST/api/projects/7/insights/generate_name/ \
-d BODY"""

    def run(body):
        environment = {**os.environ, "KEY": key, "HOST": f"http://127.0.0.1:{port}"}
        return subprocess.run(["bash", "-c", script.replace("BODY", body)], env=environment, capture_output=True, text=True, check=True).stdout  # fmt: skip

    assert re.fullmatch(r'\{.*"malformed_request".*\}400', run('name="string"'))
    real = "'" + json.dumps({"query": QUERY}) + "'"
    assert run(real) == '{"name": "Weekly Orders Placed", "description": "Orders placed, weekly."}200'


def test_the_commands(tmp_path):
    environment = {**os.environ, "INSIGHTS_DB": str(tmp_path / "x.db")}
    code = "from insights_app.cli import main; main(prog_name='insights')"

    def run(*arguments):
        return subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False)  # fmt: skip

    made = run("keys", "create", "--user", "ann", "--scope", "insight:read", "--project", "1", "--expires", "90d")
    key = made.stdout.strip()
    assert re.fullmatch(r"ik_[\w-]{43}", key)
    listed = run("keys", "list").stdout
    assert key[:12] in listed
    assert key not in listed
    assert run("keys", "create", "--user", "ann", "--scope", "insight:read", "--expires", "soon").returncode == 2
    server = subprocess.Popen([sys.executable, "-c", code, "serve", "--port", "0", "--allow-origin", "http://localhost:5173"], env=environment, stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        port = next(found[1] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
        assert Client(port, key, "1").json("GET", "my_last_viewed") == (200, [])
        taken = run("serve", "--port", port)
        assert taken.returncode == 1
        assert taken.stderr.startswith(f"Error: cannot listen on 127.0.0.1, port {port}: ")
        asked = preflight(Client(port, key, "1"), "http://localhost:5173")
        assert asked[1]["access-control-allow-origin"] == "http://localhost:5173"
        wrong = run("serve", "--port", "0", "--allow-origin", "*")
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        assert wrong.stderr.startswith("Error: an origin is scheme://host[:port] of one page, not '*'")
    finally:
        server.terminate()
        server.stderr.close()
        assert server.wait(30) == 0
    assert run("keys", "revoke", key[:12]).returncode == 0
    assert run("keys", "revoke", key[:12]).stderr.startswith("Error: no key begins with")
    assert run("keys", "list").stdout == ""


def test_what_serve_listens_on_sends_at_once():
    with _listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_what_is_running_is_finished_before_the_end(tmp_path):
    path = tmp_path / "x.db"
    with Insights.open(path) as insights:
        made = [insights.project("p").create(QUERY).id for _ in range(2)]
        key = insights.keys.create("ann", "insight:read").text
    code = "from insights_app.cli import main; main(prog_name='insights')"
    server = subprocess.Popen([sys.executable, "-c", code, "--db", str(path), "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        port = int(next(found[1] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line))))
        body = json.dumps({"insight_ids": made}).encode()
        lines = ("Expect: 100-continue", f"Content-Length: {len(body)}")
        with closing(raw(port, head(Client(port, key), "viewed", *lines))) as connection:
            assert b"100 Continue" in connection.recv(1_000)  # it is being handled, and waits for its body
            connection.sendall(body[:9])
            server.terminate()
            with suppress(ConnectionError):  # until nobody is let in any more
                while True:
                    raw(port).close()
            connection.sendall(body[9:])
            assert answered(connection)[:2] == (200, b"")
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
    with Insights.open(path, read_only=True) as insights:
        assert {entry.id for entry in insights.project("p").my_last_viewed("ann")} == set(made)
