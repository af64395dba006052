"""What a client, or many, may take of the server: time, connections, threads and lines of the log."""

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from insights_app import limits
from insights_app.threads import Threads
from serving import serving

from insights_core import Insights, StoreError
from insights_core.wanted import Caller, unwanted

COMMAND = "from insights_app.cli import main; main(prog_name='insights')"
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


def connected(port, data=b""):
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(data)
    return connection


def rest(connection):
    """All that still comes, to the end that the server makes of it."""
    text = b""
    with suppress(ConnectionError):
        while part := connection.recv(2**16):
            text += part
    return text


def asked(port, path="healthz", key="", host="localhost"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", headers={"Host": host, "Authorization": f"Bearer {key}"})  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture(scope="module")
def store():
    with Insights.memory() as insights:
        yield insights


def test_a_head_has_its_time(store):
    with serving(store, limited={"head_seconds": 0.1}) as port:
        with connected(port) as silent:
            assert rest(silent) == b""
        with connected(port, HEAD) as slow:
            assert rest(slow).startswith(b"HTTP/1.1 408 ")
        with connected(port, HEAD) as dripping, suppress(ConnectionError):  # until the server has closed it
            while True:
                dripping.sendall(b"X: y\r\n")
        with connected(port, HEAD + b"\r\n" + HEAD) as second:  # the head of a later request, too
            text = rest(second)
            assert text.startswith(b"HTTP/1.1 200 ")
        assert asked(port)[0] == 200


def test_connections_beyond_the_limit_are_told_and_closed(store):
    with serving(store, limited={"connections": 3}) as port, ExitStack() as stack:
        held = [stack.enter_context(connected(port, HEAD)) for _ in range(3)]
        for _ in range(5):
            status, text = asked(port)
            assert (status, json.loads(text)["code"]) == (503, "busy")
        assert not [connection for connection in held if connection.fileno() < 0]
        held[0].sendall(b"\r\n")
        assert held[0].recv(12) == b"HTTP/1.1 200"  # those who were there are served
        held[0].close()
        while asked(port)[0] != 200:
            pass


def test_who_waits_to_be_taken_is_not_thrown_away(store):
    with serving(store) as port:
        failed = []

        def ask():
            for _ in range(20):
                try:
                    failed.extend(status for status in [asked(port)[0]] if status != 200)
                except OSError as error:
                    failed.append(error)

        threads = [threading.Thread(target=ask) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


def test_who_does_not_read_is_dropped(tmp_path):
    with Insights.memory() as insights:
        for _ in range(60):
            insights.project("p").create(name="n", description="d" * 1_000_000)
        key = insights.keys.create("ann", "insight:read").text
        with serving(insights, limited={"connections": 1, "answer_seconds": 0.2}) as port:
            head = f"GET /api/projects/p/insights/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
            with connected(port, head.encode()) as deaf:
                assert deaf.recv(12) == b"HTTP/1.1 200"
                while asked(port)[0] != 200:  # there is room for one connection alone
                    pass


@pytest.mark.skipif(sys.platform == "win32", reason="limits of open files are POSIX")
def test_few_files_are_enough_and_the_log_stays_short(tmp_path):
    log = tmp_path / "log"
    limited = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))\n"
    with Insights.open(tmp_path / "x.db") as insights:
        key = insights.keys.create("ann", "insight:read").text
    with log.open("wb") as out, ExitStack() as stack:
        command = [sys.executable, "-c", limited + COMMAND, "--db", str(tmp_path / "x.db"), "serve", "--port", "0"]
        server = subprocess.Popen(command, stderr=out)
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)", log.read_bytes())):
            assert server.poll() is None
        port = int(found[1])
        slow = [stack.enter_context(connected(port, HEAD)) for _ in range(400)]
        statuses = set()
        for _ in range(20):
            with suppress(OSError):
                statuses.add(asked(port)[0])
        assert statuses <= {200, 503}
        for connection in slow:
            connection.close()
        while True:
            with suppress(OSError):
                if asked(port, "api/projects/p/insights/", key)[0] == 200:
                    break
    assert len(log.read_bytes()) < 20_000
    assert b"Traceback" not in log.read_bytes()


@pytest.mark.parametrize("host", ["[localhost]evil", "[localhost]", "localhost:junk", "localhost:80:80", "localhost:123456", "localhost@evil",
                                  "localhost/", "[::1", "::1]", "[::1]evil", "[::1]:x", "evil:localhost", "local host", "", "localhost."])  # fmt: skip
def test_what_is_only_like_our_name_is_anothers(store, host):
    key = store.keys.create("ann", "insight:read").text
    with serving(store) as port:
        head = f"GET /api/projects/p/insights/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
        with connected(port, head.encode()) as connection:
            assert rest(connection).startswith(b"HTTP/1.1 400 ")
        for ours in ("localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:80", "localhost:"):
            assert asked(port, "api/projects/p/insights/", key, ours)[0] == 200


def test_a_forged_cursor_is_no_failure_of_the_server(store):
    from base64 import urlsafe_b64encode

    key = store.keys.create("ann", "insight:read").text
    with serving(store) as port:
        for value in (
            ["-created_at", 10**30, 1],
            ["-created_at", 1, 10**30],
            ["-created_at", "\ud800", 1],
            ["-created_at", 1, []],
            7,
        ):
            cursor = urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
            assert asked(port, f"api/projects/p/insights/?cursor={cursor}", key)[0] == 400


# Long calls

ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


def test_what_times_out_is_ended(tmp_path):
    ended = []
    told = threading.Event()
    with Insights.open(tmp_path / "x.db") as insights:
        key = insights.keys.create("ann", "insight:read").text
        insights.keys.authenticate(key)  # that it was used is noted, so that nothing is written below
        lanes = insights._store._connections

        class Slow:
            keys = insights.keys

            def project(self, _):
                return self

            def my_last_viewed(self, _):
                try:
                    with lanes.lane().writing() as connection:
                        connection.execute("INSERT INTO project (key) VALUES ('half')")
                        connection.execute(ENDLESS).fetchall()
                except StoreError as error:
                    ended.append(str(error))
                finally:
                    told.set()

        with serving(Slow(), timeout=0.5) as port:
            status, text = asked(port, "api/projects/p/insights/my_last_viewed", key)
            assert (status, json.loads(text)["code"]) == (503, "timeout")
            assert told.wait(60)
        assert "waits no longer" in ended[0]
        assert not any('"half"' in line for line in insights.export_lines())
        insights.project("p").create(name="the file is free")


def test_a_call_that_somebody_waits_for_is_not_ended():
    assert not unwanted()
    caller = Caller()
    with caller:
        assert not unwanted()
        caller.gave_up = True
        assert unwanted()
    assert not unwanted()


def test_threads_are_so_many_and_a_call_that_is_given_up_never_starts():
    async def main():
        threads, gate, running = Threads(2), threading.Event(), []
        entered = [threading.Event(), threading.Event()]

        def hold(at):
            running.append(at)
            entered[at].set()
            gate.wait(60)
            return at

        held = [asyncio.create_task(threads.run(lambda at=at: hold(at))) for at in range(2)]
        for event in entered:
            assert await asyncio.to_thread(event.wait, 60)
        late = asyncio.create_task(threads.run(lambda: running.append("late")))
        await asyncio.sleep(0)
        late.cancel()
        with suppress(asyncio.CancelledError):
            await late
        gate.set()
        assert await asyncio.gather(*held) == [0, 1]
        assert await asyncio.gather(*(threads.run(lambda at=at: at) for at in range(50))) == list(range(50))
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)
        assert running == [0, 1]

    asyncio.run(main())


# The log


@given(st.lists(st.tuples(st.sampled_from(["a %s", "b %s"]), st.integers(0, 30)), max_size=40))
def test_a_kind_of_error_is_logged_once_a_minute_and_the_others_are_counted(events):
    now, told = [0.0], []
    sparing = limits.Sparing(lambda: now[0])
    for number, (message, pause) in enumerate(events):
        now[0] += pause
        record = logging.LogRecord("x", logging.ERROR, "f", 1, message, (number,), None)
        if sparing.filter(record):
            told.append((message, now[0], record.unsaid))
    for kind in ("a %s", "b %s"):
        moments = [moment for message, moment, _ in told if message == kind]
        assert all(later - earlier >= 60 for earlier, later in pairwise(moments))
        counted = len(moments) + sum(unsaid for message, _, unsaid in told if message == kind)
        assert counted <= sum(message == kind for message, _ in events)
    assert bool(told) == bool(events)


def test_requests_are_all_logged_and_no_message_has_two_lines():
    sparing = limits.Sparing()
    record = logging.LogRecord("insights.access", logging.INFO, "f", 1, "{}", (), None)
    assert all(sparing.filter(record) for _ in range(10))
    failed = logging.LogRecord("x", logging.ERROR, "f", 1, "%s failed", ("/a\nERROR forged\r",), None)
    assert sparing.filter(failed)
    failed.unsaid = 3
    assert limits.OneLine("%(message)s").format(failed) == "/a ERROR forged  failed (3 more like it were not logged)"


def test_the_limit_of_connections_follows_that_of_files(monkeypatch):
    resource = pytest.importorskip("resource")
    for files, most in ((16, 8), (256, 52), (1024, 308), (10**6, 1000), (resource.RLIM_INFINITY, 1000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, files=files: (files, files))
        assert limits.most_connections() == most
