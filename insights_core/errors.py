"""Every error that the library raises on purpose.

InsightsError
├── InvalidInput (also ValueError)      an argument that can never be right
│   └── InvalidQuery                    what was given is no query, or cannot be read
├── NotFound (also LookupError)         no such insight, or it is deleted
├── Conflict                            the revision that a change builds on is not the newest
├── StoreError                          the database could not do it
│   ├── StoreBusy                       another writer held it for longer than the timeout
│   ├── StoreClosed                     the handle was closed, or carried over a fork
│   ├── FileFailed                      a file that was to be written (a backup, an export) could not be
│   └── StoreUnusable                   the file is damaged, foreign, newer than this version, or out of reach
├── PluginError                         a plugin could not be loaded or used; `.plugin`
└── BackendError                        a naming backend could not give a name; `.backend`
    └── BackendUnavailable              it is not installed or not configured

Messages are one line: what was wrong, where, and what to do.
"""

from __future__ import annotations

from typing import Any


class InsightsError(Exception):
    """The root of the tree; never raised itself."""

    exit_code = 1
    """What the command line exits with: 1 it failed, 2 it was called wrongly."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled as a call with its `args`, which lack what was given by keyword: in a process pool the
        # answer could not be read, and the pool breaks or waits for ever.
        return _again, (type(self), self.args, self.__dict__)


class InvalidInput(InsightsError, ValueError):
    """An argument that can never be right, whatever the store holds."""

    exit_code = 2


class InvalidQuery(InvalidInput):
    """What was given is no query, or is one that cannot be read."""

    exit_code = 1


class NotFound(InsightsError, LookupError):
    """There is no such insight in this project, or it is deleted."""

    def __init__(self, message: str, *, insight: int | str) -> None:
        super().__init__(message)
        self.insight = insight


class Conflict(InsightsError):
    """Somebody else changed the insight since the revision that this change builds on."""

    def __init__(self, message: str, *, insight: int | str, revision: int) -> None:
        super().__init__(message)
        self.insight = insight
        self.revision = revision
        """The revision that the insight has now."""


class StoreError(InsightsError):
    """The database could not do what was asked; nothing of it was stored."""


class StoreBusy(StoreError):
    """Another writer held the database for longer than the busy timeout; the call can be repeated."""


class StoreClosed(StoreError):
    """The handle was closed, or belongs to the process that this one was forked from."""


class FileFailed(StoreError):
    """A file that was to be written, a backup or an export, could not be; what stood under its name stands still."""


class StoreUnusable(StoreError):
    """The file is damaged, no database of ours, written by a newer version, or out of reach."""


class PluginError(InsightsError):
    """A plugin could not be loaded, or did not do what its hook promises."""

    def __init__(self, message: str, *, plugin: str) -> None:
        super().__init__(message)
        self.plugin = plugin


class BackendError(InsightsError):
    """A naming backend could not give a name."""

    def __init__(self, message: str, *, backend: str) -> None:
        super().__init__(message)
        self.backend = backend


class BackendUnavailable(BackendError):
    """The backend is not installed, or not configured."""


def _again(kind: type[InsightsError], args: tuple[Any, ...], fields: dict[str, Any]) -> InsightsError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error
