"""Threads that run the calls of the server: so many and no more, and none for a call that nobody waits for."""

from __future__ import annotations

import asyncio
import queue
import threading
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from insights_core.wanted import Caller

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_Result = TypeVar("_Result")

MOST = 40
"""Calls that run at a time; further ones wait their turn, and give up when their time is over."""
_IDLE = 10.0


class _Call(NamedTuple):
    function: Callable[[], Any]
    context: Context
    caller: Caller
    future: Future[Any]


class Threads:
    """Threads that are started when they are needed and end when they are not.

    A call whose task is cancelled never starts, or is told that nobody waits (`insights_core.wanted`): a statement of
    SQLite is interrupted then and its transaction rolled back. Until it has ended it keeps its thread, so that calls that
    cannot be ended, a plugin's or a parser's, are never more than `most`. They are daemons: none keeps the program.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._started = 0
        self._idle = 0
        self._queued = 0

    async def run(self, function: Callable[[], _Result]) -> _Result:
        """Run a function in a thread and return what it returns."""
        call = _Call(function, copy_context(), Caller(), Future())
        with self._guard:
            self._queued += 1
            wanted = self._queued > self._idle and self._started < self._most
            self._started += wanted
        self._calls.put(call)
        if wanted:
            threading.Thread(target=self._work, name="insights call", daemon=True).start()
        try:
            return await asyncio.wrap_future(call.future)
        except asyncio.CancelledError:
            call.caller.gave_up = True
            raise

    def _work(self) -> None:
        while (call := self._next()) is not None:
            if call.future.set_running_or_notify_cancel():
                try:
                    result = call.context.run(_run, call)
                except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                    call.future.set_exception(error)
                else:
                    call.future.set_result(result)
            del call  # what it holds is not to be kept while the thread waits

    def _next(self) -> _Call | None:
        with self._guard:
            self._idle += 1
        while True:
            try:
                call = self._calls.get(timeout=_IDLE)
            except queue.Empty:
                with self._guard:
                    if self._queued:
                        continue  # it comes in a moment
                    self._idle -= 1
                    self._started -= 1
                    return None
            with self._guard:
                self._idle -= 1
                self._queued -= 1
            return call


def _run(call: _Call) -> Any:
    with call.caller:
        return call.function()
