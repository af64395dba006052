"""An ASGI application behind a real socket, in this process."""

import threading
from contextlib import contextmanager

import uvicorn


@contextmanager
def serving(app):
    """Serve an application on a free port of this machine, and yield the port."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
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
