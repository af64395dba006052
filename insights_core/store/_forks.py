"""What makes a fork safe: no connection to SQLite is carried over one.

SQLite keeps in its own memory which locks this process holds on a file. A child inherits the memory and not the locks: its
connections, new ones too, would take for granted what nobody holds for them. So before a fork each call that runs is
waited for, and all connections are closed; parent and child open theirs when they need them. Where that cannot be (a call
that outlasts the busy timeout, an export that was not read to its end, a signal handler that forks in the midst of a
call), the parent goes on undisturbed, and the child refuses the file.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

from insights_core.errors import StoreClosed

from ._lane import CARRIED

if TYPE_CHECKING:
    from pathlib import Path

    from ._connections import Connections
    from ._lane import Lane
    from ._look import FileId

_stores: weakref.WeakSet[Connections] = weakref.WeakSet()
_carried: set[FileId] = set()
"""Files that an ancestor had open when it forked."""
_in_use: set[FileId] = set()
"""The same for the fork that is being made."""
_held: list[threading.RLock] = []
_one_at_a_time = threading.RLock()


def register(store: Connections) -> None:
    """Have a store on a file quieted before each fork."""
    _stores.add(store)


def refuse_carried(path: Path, file: FileId) -> None:
    """Raise `StoreClosed` for a file that cannot be opened in this process."""
    if file in _carried or any(lane.is_inherited for store in _stores if store.file == file for lane in store.lanes()):
        _carried.add(file)
        raise StoreClosed(CARRIED.format(path=path))


def _hold(lock: threading.RLock, until: float) -> bool:
    if lock._is_owned():  # type: ignore[attr-defined] # noqa: SLF001 - a signal handler forks in the midst of a call
        return False
    # Noted first: Ctrl-C may come before it is known whether it was got. Letting go of one that was not is harmless.
    _held.append(lock)
    return lock.acquire(timeout=max(0.0, until - time.monotonic()))


def _before() -> None:
    _one_at_a_time.acquire()
    # Only a store that has seen its file can have anything open.
    stores = [(file, store) for store in list(_stores) if (file := store.file) is not None]
    # Until it is known to be idle; should anything be raised here, the children are refused.
    _in_use.clear()
    _in_use.update(file for file, _ in stores)
    lanes: dict[FileId, list[Lane]] = {}
    busy = set()
    for file, store in stores:
        until = time.monotonic() + store.patience
        quiet = _hold(store.guard, until)
        for lane in store.lanes():
            quiet = _hold(lane.lock, until) and lane.idle and quiet
            lanes.setdefault(file, []).append(lane)
        if not quiet:
            busy.add(file)
    for file in _in_use - busy:
        for lane in lanes.get(file, []):
            lane.rest()
        _in_use.discard(file)


def _after_in_parent() -> None:
    while _held:
        with suppress(RuntimeError):
            _held.pop().release()
    with suppress(RuntimeError):
        _one_at_a_time.release()


def _after_in_child() -> None:
    global _one_at_a_time  # noqa: PLW0603 - its holder may be a thread that is not here
    _one_at_a_time = threading.RLock()
    _held.clear()
    _carried.update(_in_use)
    for store in list(_stores):
        store.renew_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
