"""What one client, or all of them, may take of the server: connections, the time of a head, the time to read an answer.

uvicorn limits the time between requests alone: who sends a head byte by byte, or never reads what is answered, stays for
ever, until no file is left to open and each further connection is a traceback in the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from insights_core.terminal import unbroken

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_SECONDS: Final = 10.0
"""Within which the head of a request has to come, from its first byte or the connection's start on."""
ANSWER_SECONDS: Final = 30.0
"""Within which at least `_LEAST_READ` bytes of an answer have to be read, or all that is left of it."""
_LEAST_READ: Final = 2**16
MOST_CONNECTIONS: Final = 1_000
_FEWEST_CONNECTIONS: Final = 8
_FILES_OF_OTHERS: Final = 100  # two for each thread that reads the database, the log, and what Python keeps open
_MOST_REFUSED: Final = 32
_REFUSED_SECONDS: Final = 2.0
# asyncio takes so many connections at once before it looks at the first of them, and has the system keep as many waiting:
# too few, since what finds no room there is thrown away.
_AT_ONCE: Final = 16
_WAITING: Final = 2_048
_QUIET_SECONDS: Final = 60.0
_MOST_KINDS: Final = 1_000


def most_connections() -> int:
    """Return how many connections this process can hold open beside its other files."""
    try:
        import resource
    except ImportError:
        return MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, (files - _FILES_OF_OTHERS) // 3))


def config(
    app: Any,
    *,
    connections: int | None = None,
    head_seconds: float = HEAD_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    **options: Any,
) -> uvicorn.Config:
    """Return what uvicorn is to run an application with.

    Args:
        app: The ASGI application.
        connections: How many are served at a time; those beyond are answered 503 and closed. By default what the limit
            of open files allows, at most `MOST_CONNECTIONS`.
        head_seconds: How long a head may take; then it is answered 408, and the connection closed.
        answer_seconds: How long a client may take for each 64 kB of an answer; then the connection is dropped.
        options: Others of uvicorn's.
    """
    limits = {
        "most": connections or most_connections(), "head_seconds": head_seconds, "answer_seconds": answer_seconds,
        "refused": set(),
    }  # fmt: skip
    # uvicorn chooses its protocol by what is installed, and knows no other way to add to it. No websockets: none are
    # served, and they would leave the limits.
    protocol = type("Limited", (_Limited, AutoHTTPProtocol), limits)
    return uvicorn.Config(app, http=protocol, ws="none", backlog=_AT_ONCE, **options)


class Server(uvicorn.Server):
    """uvicorn's, with room for many connections that wait to be taken."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                with socket.socket(fileno=os.dup(listening.fileno())) as same:
                    same.listen(_WAITING)


def _answer(status: str, code: str, detail: str, *headers: str) -> bytes:
    body = json.dumps({"type": "server_error", "code": code, "detail": detail, "attr": None}).encode()
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, *headers, "", "")).encode() + body


_FULL: Final = _answer("503 Service Unavailable", "busy", "Too many connections: try again later", "Retry-After: 1")
_SLOW: Final = _answer("408 Request Timeout", "timeout", "The head of this request took too long")


class _Limited(asyncio.Protocol):
    """Goes in front of uvicorn's protocol; one for each connection."""

    most: ClassVar[int]
    head_seconds: ClassVar[float]
    answer_seconds: ClassVar[float]
    refused: ClassVar[set[Any]]
    connections: set[Any]
    cycle: Any
    loop: asyncio.AbstractEventLoop

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._seen: tuple[Any, int] = (None, 0)
        self._has_begun = self._is_refused = False
        if len(self.connections) >= self.most:
            self._refuse()
            return
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.head_seconds, self._end_slow_head)
        self._look = self.loop.call_later(self.answer_seconds, self._end_slow_reader)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            self._answer_refused()
            return
        super().data_received(data)
        self._has_begun = True
        if not self._is_in_head():
            self._stop("_timer")
        elif self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds, self._end_slow_head)

    def eof_received(self) -> bool | None:
        return None if self._is_refused else super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop("_timer")
        self._stop("_look")
        if self._is_refused:
            self.refused.discard(self)
        else:
            super().connection_lost(exc)

    def _is_in_head(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _stop(self, name: str) -> None:
        timer = getattr(self, name)
        if timer is not None:
            timer.cancel()
            setattr(self, name, None)

    def _end_slow_head(self) -> None:
        self._timer = None
        if self._is_in_head() and not self._transport.is_closing():
            if self._has_begun:
                self._transport.write(_SLOW)
            self._transport.close()

    def _end_slow_reader(self) -> None:
        # What lies here was written for an answer that is under way or done. A new one between two looks was a read one.
        left = self._transport.get_write_buffer_size()
        cycle, before = self._seen
        if before and left and cycle is self.cycle and left > before - _LEAST_READ:
            self._transport.abort()
            return
        self._seen = (self.cycle, left)
        self._look = self.loop.call_later(self.answer_seconds, self._end_slow_reader)

    def _refuse(self) -> None:
        self._is_refused = True
        if len(self.refused) >= _MOST_REFUSED:
            self._transport.abort()
            return
        self.refused.add(self)
        # Answered once it has asked: what was not read when a connection is closed takes the answer with it.
        self._timer = self.loop.call_later(_REFUSED_SECONDS, self._transport.abort)

    def _answer_refused(self) -> None:
        if not self._has_begun and not self._transport.is_closing():
            self._has_begun = True
            self._transport.write(_FULL)
            self._transport.write_eof()


class Sparing(logging.Filter):
    """Lets one warning or error of a kind through in a minute, so that no client fills the disk with the log."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[Any, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether this one is told; it says how many like it were not."""
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[0] if record.exc_info else None
        kind = (record.name, record.levelno, str(record.msg).partition("\n")[0], error)
        told, kept = self._told.get(kind, (None, 0))
        now = self._clock()
        if told is not None and now - told < _QUIET_SECONDS:
            self._told[kind] = (told, kept + 1)
            return False
        if len(self._told) >= _MOST_KINDS:
            self._told.clear()
        self._told[kind] = (now, 0)
        record.unsaid = kept
        return True


class OneLine(logging.Formatter):
    """Writes a message in one line, whatever a client put into it; a trace comes behind it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the base class
        """Return the line of a record."""
        unsaid = getattr(record, "unsaid", 0)
        return unbroken(super().formatMessage(record)) + (f" ({unsaid} more like it were not logged)" if unsaid else "")
