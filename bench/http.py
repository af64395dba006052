"""What a call over HTTP costs beside a Django REST framework server of the same endpoints: `python -m bench http`.

Both under uvicorn in a process of their own, on SQLite at full durability, 100,000 views; the same clients ask both in
turns. Prints requests a second and the 99th percentile of each call.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench import _contestants as c
from bench.names import verdict

SIZE = 100_000
CLIENTS = 4
SECONDS = 4.0
ROUNDS = 3
BASE = "/api/projects/1/insights/"
CALLS = ("my_last_viewed", "viewed 10", "generate_name")


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


def load(port: int, key: str, call: str) -> list[float]:
    """Ask as often as the clients can, and return the seconds of each answer."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS

    def client(seed: int) -> None:
        draw = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        while (start := time.perf_counter()) < until:
            body: Any = None
            if call == "viewed 10":
                body = {"insight_ids": draw.sample(range(1, c.shape(SIZE)[0] + 1), 10)}
            elif call == "generate_name":
                body = {"query": c.QUERY}
            path = f"{BASE}{call.split(maxsplit=1)[0]}/"
            connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
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
    return taken


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench http", description=__doc__.splitlines()[0])
    parser.add_argument("--serve", choices=("ours", "django"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve, options.folder, socket.socket(fileno=options.socket))
        return
    taken: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-http-") as folder:
        servers = {who: started(who, folder) for who in ("ours", "django")}
        try:
            for number in range(ROUNDS):
                for who in list(servers)[:: 1 if number % 2 else -1]:
                    process, port, key = servers[who]
                    for call in CALLS[: 3 if who == "ours" else 2]:
                        taken.setdefault((call, who), []).extend(load(port, key, call))
        finally:
            for process, _, _ in servers.values():
                process.terminate()
                process.wait(30)
    for (call, who), seconds in sorted(taken.items()):
        ordered = sorted(seconds)
        rate = len(seconds) / (ROUNDS * SECONDS)
        print(
            f"  {call:16} {who:7} {rate:8,.0f} requests/s  p50 {1e3 * ordered[len(ordered) // 2]:7.2f} ms  p99 {1e3 * ordered[int(len(ordered) * 0.99)]:7.2f} ms"
        )
    ratio = len(taken["my_last_viewed", "ours"]) / len(taken["my_last_viewed", "django"])
    sys.exit(not verdict("my_last_viewed: requests a second, ours / Django's", ratio, ">=", 3))


def started(who: str, folder: str) -> tuple[subprocess.Popen[str], int, str]:
    """Start a server, and return its process, port and key once it listens."""
    listening = socket.create_server(("127.0.0.1", 0))
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
