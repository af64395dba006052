"""The library itself as a subject: the reference model, and the store in memory and in a file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from insights_core.errors import InvalidInput, NotFound
from insights_core.facade import Insights
from insights_core.reference import Reference

from .clock import Clock
from .subject import Missing, NotOffered, Refused, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from .subject import Record


class LibrarySubject(Subject):
    """What has the calls of `Insights`: a store, or the reference model.

    Args:
        insights: Anything whose `project(id)` returns the calls of a project; closed by `close` where it can be.
        clock: What `insights` reads the time from.
    """

    # The same to whatever folds case, or takes text for numbers.
    users = ("ann", "Ann")
    projects = ("1", "01")

    def __init__(self, insights: Any, clock: Clock) -> None:
        self._insights = insights
        self._clock = clock

    def create(self, project: str, user: str, **fields: object) -> Record:
        """See `Subject`."""
        found: Record = self._call(project, "create", user=user, **fields)
        return found

    def delete(self, project: str, user: str, id: int) -> None:  # noqa: A002, ARG002 - the protocol's
        """See `Subject`."""
        self._call(project, "delete", id)

    def restore(self, project: str, user: str, id: int) -> None:  # noqa: A002, ARG002
        """See `Subject`."""
        self._call(project, "restore", id)

    def viewed(self, project: str, user: str, ids: Sequence[object], at: datetime | None = None) -> None:
        """See `Subject`."""
        self._call(project, "viewed", user, ids, at)

    def my_last_viewed(self, project: str, user: str) -> list[Record]:
        """See `Subject`."""
        found: list[Record] = self._call(project, "my_last_viewed", user)
        return found

    def trending(self, project: str, user: str, *, days: int = 7, limit: int = 10) -> list[Record]:  # noqa: ARG002
        """See `Subject`."""
        found: list[Record] = self._call(project, "trending", days=days, limit=limit)
        return found

    def generate_name(self, project: str, user: str, query: object) -> Record:  # noqa: ARG002
        """See `Subject`."""
        found: Record = self._call(project, "generate_name", query)
        return found

    def now(self) -> datetime:
        """See `Subject`."""
        return self._clock()

    def pass_time(self, step: timedelta) -> None:
        """See `Subject`."""
        self._clock.now += step

    def close(self) -> None:
        """See `Subject`."""
        if hasattr(self._insights, "close"):
            self._insights.close()

    def _call(self, project: str, method: str, *arguments: object, **options: object) -> Any:
        calls = self._insights.project(project)
        if not hasattr(calls, method):
            raise NotOffered(method)
        call: Callable[..., object] = getattr(calls, method)
        try:
            found = call(*arguments, **options)
        except InvalidInput as error:
            raise Refused(str(error)) from error
        except NotFound as error:
            raise Missing(str(error)) from error
        return [_record(item) for item in found] if isinstance(found, list) else _record(found)


def _record(value: Any) -> Any:
    return value._asdict() if hasattr(value, "_asdict") else value


class InFile(LibrarySubject):
    """A store in a file of its own, gone with the subject."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        clock = Clock()
        super().__init__(Insights.open(Path(self._folder.name) / "insights.db", clock=clock), clock)

    def close(self) -> None:
        """See `Subject`."""
        super().close()
        self._folder.cleanup()


def reference() -> Subject:
    """Return the reference model, empty."""
    clock = Clock()
    return LibrarySubject(Reference(clock), clock)


def in_memory() -> Subject:
    """Return the store in memory, empty."""
    clock = Clock()
    return LibrarySubject(Insights.memory(clock=clock), clock)


def in_file() -> Subject:
    """Return the store in a file, empty."""
    return InFile()
