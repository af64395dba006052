"""The remote backend: what it reads, what it never sends, a real server, and servers that misbehave."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from insights_app.cli import main
from insights_backends.llama_cpp import find_model
from insights_backends.remote import LONGEST_REPLY, Remote, read_reply

from insights_core import BackendError, Namer, hookimpl
from insights_core.naming import draft
from insights_core.query.registry import read

REPLIES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "replies.jsonl").read_text(encoding="utf-8").splitlines()
]
QUERY = {"kind": "TrendsQuery", "series": [{"event": "signup"}], "interval": "week"}
KEY = "sk-very-secret-0123456789"


class Given(Remote):
    """The backend under a name of its own, with an address of the test's."""

    name = "given"

    @hookimpl
    def insights_naming_backends(self):
        return [self]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply["case"])
def test_each_reply_gives_its_name_or_its_problem(reply):
    if "problem" in reply:
        with pytest.raises(BackendError) as caught:
            read_reply(reply["body"].encode())
        assert str(caught.value) == f"the server gave no name: {reply['problem']}"
    else:
        assert read_reply(reply["body"].encode()).strip("\"'“”.") == reply["name"]


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["choices", "message", "content", "error", "text"]), inner)))  # fmt: skip
def test_no_reply_at_all_breaks_the_reader(reply):
    body = reply if isinstance(reply, str) else json.dumps(reply)
    with contextlib.suppress(BackendError):
        assert read_reply(body.encode("utf-8", "surrogatepass")).strip()


# What is sent


SECRETS = st.from_regex(r"Zq[a-z]{6,12}", fullmatch=True)


@given(
    SECRETS, SECRETS, st.sampled_from(["exact", "icontains", "is_not", "regex"]), st.sampled_from(["plan", "status"])
)
def test_no_value_of_a_query_is_sent(first, second, operator, key):
    condition = {"key": key, "value": first, "operator": operator, "type": "event"}
    queries = [
        {"kind": "TrendsQuery", "series": [{"event": "order", "properties": [condition]}]},
        {"kind": "TrendsQuery", "series": [{"event": "order"}], "properties": {"type": "OR", "values": [condition, {"key": "b", "value": [second, first]}]}},
        {"kind": "TrendsQuery", "series": [{"event": "order"}], "properties": [{"type": "cohort", "key": "id", "value": 7, "cohort_name": f"{first} {second}"}]},
        {"kind": "TrendsQuery", "series": [{"event": "order", "math": "hogql", "math_hogql": f"countIf(x = '{first}')"}]},
        {"kind": "TrendsQuery", "series": [{"event": "order"}], "breakdownFilter": {"breakdown": f"if(a = '{first}', 1, 2)", "breakdown_type": "hogql"}},
        {"kind": "PathsQuery", "pathsFilter": {"startPoint": f"/{first}", "endPoint": f"https://x.y/{second}"}},
        {"kind": "ActorsQuery", "search": f"{first} {second}"},
        {"kind": "EventsQuery", "select": ["*"], "where": [f"properties.plan = '{first}'"]},
        {"kind": "FunnelsQuery", "series": [{"event": "a", "properties": [condition]}, {"event": "b"}]},
        {"kind": "Unheard", "thing": first},
        f"SELECT count(*) FROM orders WHERE plan = '{first}' AND note LIKE '%{second}%' -- {first}",
        f"SELECT sum(CASE WHEN plan = '{first}' THEN 1 END) AS s FROM orders GROUP BY if(a = '{second}', 1, 2)",
        f"SELECT '{first}' AS a, plan FROM orders",
        f"SELECT ,, FROM orders WHERE plan = '{first}",
        {"kind": "HogQLQuery", "query": f"select count() from events where event = 'order' and plan in ('{first}', '{second}')"},
    ]  # fmt: skip
    for query in queries:
        try:
            sent = json.dumps(Namer(installed=False).payload(query), ensure_ascii=False).lower()
        except BackendError as error:
            sent = str(error)
        assert first.lower() not in sent, (query, sent)
        assert second.lower() not in sent, (query, sent)


def test_the_payload_is_what_is_sent_and_holds_no_key(serve):
    with serve(lambda handler: reply(handler, "Weekly Signups")) as (url, requests):
        namer = Namer([Given(url, "m", KEY)], installed=False, backend="given", deadline=60)
        shown = namer.payload(QUERY, backend="given")
        assert requests == []
        made = namer.generate_name(QUERY)
    assert (made.name, made.backend, made.problems) == ("Weekly Signups", "given", ())
    ((path, headers, sent),) = requests
    assert path == "/v1/chat/completions"
    assert json.loads(sent) == shown
    assert headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(shown)


# Servers


def reply(handler, text, status=200, content_type="application/json", **headers):
    body = text if isinstance(text, bytes) else json.dumps({"choices": [{"message": {"content": text}}]}).encode()
    handler.send_response(status)
    for name, value in {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def serve():
    @contextlib.contextmanager
    def serving(answer):
        requests = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, sent))
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has gone
                    answer(self)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/v1", requests
            server.shutdown()
            thread.join()

    return serving


def ask(url, **options):
    return Namer([Given(url, "m", KEY)], installed=False, backend="given", **options).generate_name(QUERY)


def huge(handler):
    reply(handler, b"x" * (3 * LONGEST_REPLY), Content_Length=str(100_000_000))


def cut(handler):
    reply(handler, b'{"choices": [', Content_Length="1000")
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda handler: reply(handler, "", 401), "the server answered 401 (not authorized: check INSIGHTS_REMOTE_KEY)"),
        (lambda handler: reply(handler, KEY.encode(), 403), "the server answered 403 (forbidden: check INSIGHTS_REMOTE_KEY)"),
        (lambda handler: reply(handler, b"no such model", 404), "the server answered 404 (not found: check "),
        (lambda handler: reply(handler, "", 400), "the server answered 400 (bad request"),
        (lambda handler: reply(handler, b"<html>", 200, "text/html"), "the server gave no name: its answer is no JSON"),
        (lambda handler: reply(handler, b"\xff\xfe\x00", 200), "the server gave no name: its answer is no JSON"),
        (lambda handler: reply(handler, "Zebras", 200, "text/plain"), "'Zebras' is not in the query"),
        (huge, "the server's answer is longer than 1,000,000 bytes"),
        (cut, "the connection broke: "),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_ends_in_the_rules_name(serve, answer, problem):
    with serve(answer) as (url, _):
        made = ask(url, deadline=60)
    assert made.name == draft(read(QUERY)).name
    assert made.fallback_from == "given"
    assert made.problems[0].startswith(f"given: {problem}"), made.problems
    assert KEY not in str(made)
    assert "\n" not in made.problems[0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(serve, status):
    answers = iter(
        [
            lambda handler: reply(handler, "", status, Retry_After="0"),
            lambda handler: reply(handler, "Signups per Week"),
        ]
    )

    def answer(handler):
        next(answers)(handler)

    with serve(answer) as (url, requests):
        assert ask(url, deadline=60).name == "Signups per Week"
    assert len(requests) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(serve, status):
    """The body would go to whatever host the first one names."""
    with serve(lambda handler: reply(handler, "Weekly Signups")) as (elsewhere, taken):

        def redirect(handler):
            reply(handler, b"", status, Location=f"{elsewhere}/chat/completions")

        with serve(redirect) as (url, asked):
            made = ask(url, deadline=60)
    assert made.problems == (
        f"given: the server answered {status} (a redirect, and none is followed: set INSIGHTS_REMOTE_URL to where the API is)",
    )
    assert (len(asked), taken) == (1, [])


def test_nothing_is_taken_from_variables_of_others(serve, monkeypatch):
    """No proxy, no key, no header, no address but our own."""
    with (
        serve(lambda handler: reply(handler, "Weekly Signups")) as (elsewhere, taken),
        serve(lambda handler: reply(handler, "Weekly Signups")) as (url, asked),
    ):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.removesuffix("/v1"))
            monkeypatch.setenv(name.lower(), elsewhere.removesuffix("/v1"))
        for name in (
            "OPENAI_API_KEY",
            "OPENAI_ADMIN_KEY",
            "OPENAI_ORG_ID",
            "OPENAI_PROJECT_ID",
            "OPENAI_WEBHOOK_SECRET",
        ):
            monkeypatch.setenv(name, "strange")
        monkeypatch.setenv("OPENAI_BASE_URL", elsewhere)
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Strange: strange\nAuthorization: Bearer strange")
        namer = Namer([Given(url, "m")], installed=False, backend="given", deadline=60)
        assert namer.generate_name(QUERY).name == "Weekly Signups"
    ((_, headers, sent),) = asked
    assert taken == []
    assert "strange" not in f"{headers} {sent}"
    assert set(headers) == {
        "host",
        "content-type",
        "content-length",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
    }


def test_a_proxy_is_taken_where_our_own_setting_says_so(serve, monkeypatch):
    with serve(lambda handler: reply(handler, "Weekly Signups")) as (proxy, taken):
        monkeypatch.setenv("INSIGHTS_REMOTE_PROXY", proxy.removesuffix("/v1"))
        assert ask("http://insights.invalid/v1", deadline=60).name == "Weekly Signups"
    assert [path for path, *_ in taken] == ["http://insights.invalid/v1/chat/completions"]


def test_a_backend_that_is_not_local_sees_no_value():
    """Whoever wrote it: without `is_local`, it gets the query as if its values had never been there."""
    asked = []

    class Elsewhere:
        name = "elsewhere"
        keeps_deadline = True

        def propose(self, request):
            asked.append(f"{request.draft} {request.meaning}")
            return request.draft

        @hookimpl
        def insights_naming_backends(self):
            return [self]

    query = "SELECT count(*) FROM deals WHERE stage = 'zqwon'"
    made = Namer([Elsewhere()], installed=False, strict=True).generate_name(query, backend="elsewhere")
    assert made.name == draft(read(query)).name == "Zqwon Deals"
    assert len(asked) == 1
    assert "zqwon" not in asked[0].lower()


def test_a_request_with_values_is_not_sent():
    class Asked:
        meaning = read(QUERY)
        draft = "Weekly Signups"
        seconds_left = 1.0

    for call in (Remote("http://127.0.0.1:9/v1", "m").payload, Remote("http://127.0.0.1:9/v1", "m").propose):
        with pytest.raises(BackendError, match="holds values of the query: nothing was sent"):
            call(Asked())


def test_values_come_back_into_what_a_model_says(serve):
    query = "SELECT count(*) FROM deals WHERE stage = 'won'"
    with serve(lambda handler: reply(handler, "Deals VALUE1")) as (url, requests):
        made = Namer([Given(url, "m")], installed=False, backend="given", deadline=60).generate_name(query)
    assert (made.name, made.problems) == ("Deals Won", ())
    assert b"won" not in requests[0][2]


def slow(handler):
    handler.released.wait(60)


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    while not handler.released.wait(0.01):
        handler.wfile.write(b" ")


def patience(handler):
    reply(handler, "", 429, Retry_After="50")


@pytest.mark.parametrize("answer", [slow, drip, patience])
def test_the_deadline_is_kept_whatever_the_server_does(serve, answer):
    import httpx2  # noqa: F401 - its import is not what is measured

    released = threading.Event()

    def held(handler):
        handler.released = released
        answer(handler)

    with serve(held) as (url, _):
        started = time.monotonic()
        made = ask(url, deadline=0.5)
        taken = time.monotonic() - started
        released.set()
    assert made.fallback_from == "given"
    assert taken < 20  # far below what the server would have it wait


def test_nobody_there(serve):
    with serve(slow) as (url, _):
        pass
    assert ask(url, deadline=60).problems[0].startswith("given: no connection to the server: ")


def test_the_key_stands_in_no_text(serve, caplog):
    caplog.set_level("DEBUG")
    backend = Given("http://127.0.0.1:9/v1", "m", KEY)
    with serve(lambda handler: reply(handler, KEY.encode(), 401)) as (url, _):
        namer = Namer([Given(url, "m", KEY)], installed=False, backend="given", deadline=60, strict=True)
        with pytest.raises(BackendError) as caught:
            namer.generate_name(QUERY)
    chain, error = [], caught.value
    while error is not None:
        chain.append(repr(error))
        error = error.__cause__ or error.__context__
    assert KEY not in f"{backend!r} {chain} {backend.missing()} {caplog.text}"


def test_a_real_server_makes_true_names():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(find_model()), "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048"]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < until
                threading.Event().wait(0.1)
        queries = [QUERY, {"kind": "FunnelsQuery", "series": [{"event": "cart_viewed"}, {"event": "order_placed"}]}]
        namer = Namer([Given(f"http://127.0.0.1:{port}/v1", "any")], installed=False, backend="given", deadline=120)
        for query in queries:
            made = namer.generate_name(query)
            assert namer.check(made.name, query, "contradiction")
            # It answered: whatever is wrong with a model of this size is what it said, and not the way to it.
            assert all("(check: contradiction)" in told or "gave no name" in told for told in made.problems)
    finally:
        server.terminate()
        server.wait(30)


# Offline


def test_offline_opens_no_socket(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setenv("INSIGHTS_REMOTE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("INSIGHTS_REMOTE_MODEL", "m")
    for name in (*(status.name for status in Namer(installed=False).backends()), "auto"):
        made = Namer(installed=False, offline=True, deadline=120).generate_name(QUERY, backend=name)
        assert Namer(installed=False).check(made.name, QUERY)
        assert (made.fallback_from == "remote") == (name == "remote")
    monkeypatch.setenv("INSIGHTS_OFFLINE", "1")
    assert Namer(installed=False).generate_name(QUERY, backend="remote").problems == (
        "remote: it may open a socket, and only what stays offline is allowed",
    )
    monkeypatch.setenv("INSIGHTS_OFFLINE", "0")
    assert "socket was opened" not in str(Namer(installed=False).generate_name(QUERY, backend="heuristic"))


@pytest.mark.parametrize("value", [None, "", "0", "1", "true", "yes", "False", "false", "no", "off", " ", "2"])
def test_offline_means_the_same_everywhere(value, serve, monkeypatch):
    """To the library and to the command; only 0 and nothing at all let it connect."""
    monkeypatch.delenv("INSIGHTS_OFFLINE", raising=False)
    if value is not None:
        monkeypatch.setenv("INSIGHTS_OFFLINE", value)
    monkeypatch.setenv("INSIGHTS_REMOTE_MODEL", "m")
    with serve(lambda handler: reply(handler, "Weekly Signups")) as (url, requests):
        monkeypatch.setenv("INSIGHTS_REMOTE_URL", url)
        made = Namer(deadline=60).generate_name(QUERY, backend="remote")
        of_library = len(requests)
        run = CliRunner().invoke(main, ["name", "--backend", "remote", "--deadline", "60"], input=json.dumps(QUERY))
    assert run.exit_code == 0
    assert [of_library, len(requests)] == ([1, 2] if value in (None, "", "0") else [0, 0])
    assert (made.fallback_from is None) is bool(of_library)


def test_auto_never_takes_it(monkeypatch):
    monkeypatch.setenv("INSIGHTS_REMOTE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("INSIGHTS_REMOTE_MODEL", "m")
    monkeypatch.setenv("INSIGHTS_MODEL", "nowhere.gguf")
    assert Namer(installed=False).generate_name(QUERY, backend="auto").backend == "heuristic"


def test_strict_raises_what_would_have_been_told():
    with pytest.raises(BackendError, match="no backend is called nobody"):
        Namer(installed=False, strict=True).generate_name(QUERY, backend="nobody")
    assert Namer(installed=False, strict=True).generate_name(QUERY).problems == ()


def test_the_command_says_the_same(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INSIGHTS_")}
    code = "from insights_app.cli import main; main(prog_name='insights')"

    def run(*options):
        return subprocess.run([sys.executable, "-c", code, "name", *options], input=json.dumps(QUERY), capture_output=True, text=True, env=environment, check=False)  # fmt: skip

    shown = run("--show-payload", "--model", "small")
    assert json.loads(shown.stdout)["model"] == "small"
    strict = run("--backend", "remote", "--strict")
    assert (strict.returncode, strict.stdout) == (1, "")
    assert strict.stderr == "Error: remote: set INSIGHTS_REMOTE_URL and INSIGHTS_REMOTE_MODEL\n"
    offline = run("--backend", "remote", "--url", "http://127.0.0.1:9/v1", "--model", "m", "--offline")
    assert offline.stdout == "Weekly Signups\n"
    assert offline.stderr == "note: remote: it may open a socket, and only what stays offline is allowed\n"
