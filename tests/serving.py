"""The server in a thread of its own, on a free port of this machine."""

import threading
from contextlib import contextmanager

from insights_app import limits
from insights_app.server import create_app


@contextmanager
def serving(insights, *, around=lambda app: app, limited=None, **options):
    app = around(create_app(insights, **options))
    config = limits.config(app, port=0, log_config=None, access_log=False, lifespan="off", **(limited or {}))
    server = limits.Server(config)
    started = threading.Event()
    startup = server.startup

    async def told(*arguments, **named):
        await startup(*arguments, **named)
        started.set()

    server.startup = told
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(30)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
