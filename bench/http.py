"""What a call over HTTP costs beside a Django REST framework server of the same endpoints: `python -m bench http`.

Both under uvicorn in a process of their own, on SQLite at full durability, 100,000 views; the same load asks both in turns,
from wrk where it is installed, else from threads of this process, which take a share of the processors that grows with the
rate. Prints requests a second of all rounds, and the percentiles of the middle round.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench import _contestants as c
from bench.names import verdict

SIZE = 100_000
CLIENTS = 4
SECONDS = 4.0
ROUNDS = 3
BASE = "/api/projects/1/insights/"
CALLS = ("my_last_viewed", "viewed 10", "generate_name", "trending")
PEER = CALLS[:2]


class Round(NamedTuple):
    """A round of one call, its percentiles in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float


def serve(who: str, folder: Path, listening: socket.socket) -> None:
    """Run a server in this process; the first line on standard output is its key."""
    import uvicorn

    insights, users = c.shape(SIZE)
    if who == "django":
        from bench import _django_http

        application, key = _django_http.application(folder, insights, users, c.QUERY), _django_http.KEY
    else:
        from insights_app.server import create_app

        from insights_core import Insights

        c.prepare(folder / "ours.db", insights, users)
        store = Insights.open(folder / "ours.db")
        application, key = create_app(store), store.keys.create(c.USER, "insight:write").text
    print(key, flush=True)
    config = uvicorn.Config(application, access_log=False, log_config=None, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


def body(call: str, draw: random.Random) -> dict[str, Any] | None:
    if call == "viewed 10":
        return {"insight_ids": draw.sample(range(1, c.shape(SIZE)[0] + 1), 10)}
    return {"query": c.QUERY} if call == "generate_name" else None


def address(call: str) -> str:
    return f"{BASE}{call.split(maxsplit=1)[0]}/"


# A thousand bodies made beforehand: what a body costs is not the server's.
SCRIPT = """
local bodies = {%s}
local at = 0
wrk.method = %s
wrk.headers["Authorization"] = "Bearer %s"
wrk.headers["Content-Type"] = "application/json"
request = function()
  at = at %% math.max(#bodies, 1) + 1
  return wrk.format(nil, nil, nil, bodies[at])
end
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("\\n= %%d %%d %%d %%d %%d\\n", failed, summary.requests, summary.duration, latency:percentile(50), latency:percentile(99)))
end
"""


def by_wrk(port: int, key: str, call: str) -> Round:
    """Ask from wrk: one thread, a connection for each client."""
    draw = random.Random(1)
    bodies = [json.dumps(given) for _ in range(1_000) if (given := body(call, draw))]
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(SCRIPT % (", ".join(f"[==[{text}]==]" for text in bodies), '"POST"' if bodies else '"GET"', key))
        script.flush()
        command = ["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{SECONDS:.0f}s", "--latency", "-s", script.name]
        told = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{address(call)}"], capture_output=True, text=True, check=True
        )
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("= ")]
    failed, requests, duration, p50, p99 = map(int, line[2:].split())
    if failed or not requests:
        raise RuntimeError(f"{call}: {told.stdout}")
    return Round(requests, duration / 1e6, p50 / 1e3, p99 / 1e3)


def by_threads(port: int, key: str, call: str) -> Round:
    """Ask from threads of this process, as often as they can."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS

    def client(seed: int) -> None:
        draw = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        while (start := time.perf_counter()) < until:
            given = body(call, draw)
            connection.request("POST" if given else "GET", address(call), json.dumps(given) if given else None, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{call}: {answer.status}")
            taken.append(time.perf_counter() - start)
        connection.close()

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    return Round(len(taken), SECONDS, 1e3 * taken[len(taken) // 2], 1e3 * taken[int(len(taken) * 0.99)])


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench http", description=__doc__.splitlines()[0])
    parser.add_argument("--serve", choices=("ours", "django"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve, options.folder, socket.socket(fileno=options.socket))
        return
    load = by_wrk if shutil.which("wrk") else by_threads
    print(
        f"the load comes from {'wrk' if load is by_wrk else 'threads of Python: wrk is not installed'}, {CLIENTS} clients"
    )
    taken: dict[tuple[str, str], list[Round]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-http-") as folder:
        servers = {who: started(who, folder) for who in ("ours", "django")}
        try:
            for number in range(ROUNDS):
                for who in list(servers)[:: 1 if number % 2 else -1]:
                    _, port, key = servers[who]
                    for call in CALLS if who == "ours" else PEER:
                        taken.setdefault((call, who), []).append(load(port, key, call))
        finally:
            for process, _, _ in servers.values():
                process.terminate()
                process.wait(30)
    for call, who in sorted(taken):
        rounds = taken[call, who]
        print(
            f"  {call:16} {who:7} {rate(rounds):8,.0f} requests/s  "
            f"p50 {statistics.median(found.p50 for found in rounds):7.2f} ms  "
            f"p99 {statistics.median(found.p99 for found in rounds):7.2f} ms"
        )
    ratio = rate(taken["my_last_viewed", "ours"]) / rate(taken["my_last_viewed", "django"])
    sys.exit(not verdict("my_last_viewed: requests a second, ours / Django's", ratio, ">=", 3))


def rate(rounds: list[Round]) -> float:
    return sum(found.requests for found in rounds) / sum(found.seconds for found in rounds)


def started(who: str, folder: str) -> tuple[subprocess.Popen[str], int, str]:
    """Start a server, and return its process, port and key once it listens."""
    listening = socket.create_server(("127.0.0.1", 0))
    # As `insights serve` does, and uvicorn where it listens by itself.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port: int = listening.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "bench",
        "http",
        "--serve",
        who,
        "--folder",
        folder,
        "--socket",
        str(listening.fileno()),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[listening.fileno()])
    listening.close()
    assert process.stdout is not None
    return process, port, process.stdout.readline().strip()


if __name__ == "__main__":
    main(sys.argv[1:])
