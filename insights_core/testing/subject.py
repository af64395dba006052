"""Whatever is held against the semantics, behind one protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

Record = dict[str, Any]
"""An insight, an entry of a list, or a name, by the field names of the contract; times as datetimes or ISO 8601 text."""


class NotOffered(Exception):
    """The subject has no such call or ability: what needs it is left out, and the report says why."""


class Refused(Exception):
    """The subject says that the input is wrong."""


class Missing(Exception):
    """The subject says that there is no such insight."""


NO_ANSWER = "no answer"
"""What is said first of a subject that does not answer at all."""


class Unexpected(AssertionError):
    """The subject answered what no call of the contract answers, or not at all."""


class Request(NamedTuple):
    """A request over HTTP, for the cases that are about HTTP itself."""

    method: str
    path: str
    """Behind `/api/projects/:project_id/insights/`, with its query string, where one is wanted."""
    body: object = None
    """Sent as JSON; None for no body."""
    raw: bytes | None = None
    """Sent as it is, instead of `body`."""
    key: str = "first"
    """`first` and `second` are the users' keys, `read` one without write scope, `limited` one for the first project alone,
    `bad` one that does not exist; empty sends none."""
    project: int = 0
    """The place among the subject's projects."""
    headers: tuple[tuple[str, str], ...] = ()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By names in any case."""
    body: bytes


class Subject(Protocol):
    """An implementation under test. Derive from this and fill in what there is: the rest says that it is not offered.

    A call that is refused raises `Refused`, and `Missing` where there is no such insight.
    """

    users: Sequence[str] = ("first",)
    """One or two users, by whatever the calls below take for one."""
    projects: Sequence[str] = ("1",)
    """One project, and where there is a second one, what must never mix with it."""

    def create(self, project: str, user: str, **fields: object) -> Record:
        """Create an insight and return it with its `id`; this counts as the user viewing it."""
        _not_offered("create", project, user, fields)

    def delete(self, project: str, user: str, id: int) -> None:  # noqa: A002 - the contract's word
        """Hide an insight."""
        _not_offered("delete", project, user, id)

    def restore(self, project: str, user: str, id: int) -> None:  # noqa: A002
        """Bring a deleted insight back."""
        _not_offered("restore", project, user, id)

    def viewed(self, project: str, user: str, ids: Sequence[object], at: datetime | None = None) -> None:
        """Record that the user viewed these, now or at a moment."""
        _not_offered("viewed", project, user, ids, at)

    def my_last_viewed(self, project: str, user: str) -> list[Record]:
        """Return the user's list of at most five; `last_viewed_at` may be missing where it is not told."""
        _not_offered("my_last_viewed", project, user)

    def trending(self, project: str, user: str, *, days: int = 7, limit: int = 10) -> list[Record]:
        """Return what most users viewed in the last days."""
        _not_offered("trending", project, user, days, limit)

    def generate_name(self, project: str, user: str, query: object) -> Record:
        """Return a name and its description for a query."""
        _not_offered("generate_name", project, user, query)

    def now(self) -> datetime:
        """Return what the subject's clock says, where it is the test's to move."""
        _not_offered("a clock that can be moved")

    def pass_time(self, step: timedelta) -> None:
        """Move that clock, forwards or backwards."""
        _not_offered("a clock that can be moved", step)

    def send(self, request: Request) -> Answer:
        """Send a request over HTTP, as it is."""
        _not_offered("HTTP", request)

    def close(self) -> None:
        """Let go of whatever was opened."""


def _not_offered(what: str, *_: object) -> NoReturn:
    raise NotOffered(what)
