"""A server of the contract as a subject, whoever wrote it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx2

from insights_core.errors import InvalidInput

from .profiles import STRICT
from .queries import QUERY
from .subject import NO_ANSWER, Answer, Missing, NotOffered, Refused, Request, Subject, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from .clock import Clock
    from .profiles import Profile
    from .subject import Record

_NO_NAMES_HERE = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS)
"""Where names are made by a model that has to be paid for, allowed, or waited for."""
_NO_KEY = "ik_0000000000000000000000000000000000000000000"


class HTTPSubject(Subject):
    """The calls of the contract over HTTP.

    Args:
        url: Where the server is, without the path of the contract: `http://127.0.0.1:8000`.
        key: A key of the first user, with the scope `insight:write`.
        other_key: A key of another user, with `insight:read` at least; without one, nothing is asked for two users.
        project: The project that is worked in.
        other_project: One that the first key reaches too, for what must not mix; None where there is none.
        read_key: A key with the scope `insight:read` alone, of either user.
        limited_key: A key with the scope `insight:write` that reaches `project` alone.
        profile: Says what `viewed` may answer.
        clock: The clock that the server reads, where it runs within the test.
        timeout: How many seconds an answer is waited for.
        client: What sends the requests, left open by `close`: one for many subjects keeps its connections. By default
            one of its own, without proxies.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        url: str,
        key: str,
        other_key: str | None = None,
        *,
        project: str = "1",
        other_project: str | None = None,
        read_key: str | None = None,
        limited_key: str | None = None,
        profile: Profile = STRICT,
        clock: Clock | None = None,
        timeout: float = 30.0,
        client: httpx2.Client | None = None,
    ) -> None:
        self._base = url.rstrip("/")
        self._keys = {"first": key, "second": other_key, "read": read_key, "limited": limited_key, "bad": _NO_KEY}
        self._profile = profile
        self._clock = clock
        # A proxy of the environment has no business between a test and a server on this machine.
        self._client = client or httpx2.Client(timeout=timeout, trust_env=False)
        self._owns_client = client is None
        self.users: Sequence[str] = ("first",) if other_key is None else ("first", "second")
        self.projects: Sequence[str] = (project,) if other_project is None else (project, other_project)

    def create(self, project: str, user: str, **fields: object) -> Record:
        """See `Subject`."""
        if "folder" in fields:
            fields["_create_in_folder"] = fields.pop("folder")
        answer = self._send(project, user, "POST", "", fields)
        if project != self.projects[0] and answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            raise NotOffered(f"a second project: the key does not reach {project}")
        made: Record = self._read(answer, (HTTPStatus.CREATED, HTTPStatus.OK))
        return made

    def delete(self, project: str, user: str, id: int) -> None:  # noqa: A002 - the protocol's
        """See `Subject`."""
        self._read(self._send(project, user, "PATCH", f"{id}/", {"deleted": True}))

    def restore(self, project: str, user: str, id: int) -> None:  # noqa: A002
        """See `Subject`."""
        self._read(self._send(project, user, "PATCH", f"{id}/", {"deleted": False}))

    def viewed(self, project: str, user: str, ids: Sequence[object], at: datetime | None = None) -> None:
        """See `Subject`."""
        if at is not None:
            raise NotOffered("views at a given moment: the contract has none")
        answer = self._send(project, user, "POST", "viewed/", {"insight_ids": list(ids)})
        self._judge(answer, self._profile.viewed_statuses)

    def my_last_viewed(self, project: str, user: str) -> list[Record]:
        """See `Subject`."""
        found: list[Record] = self._read(self._send(project, user, "GET", "my_last_viewed/"))
        return found

    def trending(self, project: str, user: str, *, days: int = 7, limit: int = 10) -> list[Record]:
        """See `Subject`."""
        answered = self._read(self._send(project, user, "GET", f"trending/?days={days}&limit={limit}"))
        found: list[Record] = answered["results"] if isinstance(answered, dict) and "results" in answered else answered
        return found

    def generate_name(self, project: str, user: str, query: object) -> Record:
        """See `Subject`."""
        answer = self._send(project, user, "POST", "generate_name/", {"query": query})
        if not self._profile.to_the_letter and answer.status in _NO_NAMES_HERE:
            raise NotOffered(f"generate_name: the server answers {answer.status}")
        found: Record = self._read(answer)
        return found

    def now(self) -> datetime:
        """See `Subject`."""
        return super().now() if self._clock is None else self._clock()

    def pass_time(self, step: timedelta) -> None:
        """See `Subject`."""
        if self._clock is None:
            super().pass_time(step)
        else:
            self._clock.now += step

    def send(self, request: Request) -> Answer:
        """See `Subject`."""
        headers = dict(request.headers)
        if request.key:
            key = self._keys[request.key]
            if key is None:
                raise NotOffered(_MISSING_KEYS[request.key])
            headers.setdefault("Authorization", f"Bearer {key}")
        if request.project >= len(self.projects):
            raise NotOffered("a second project")
        content = request.raw
        if content is None and request.body is not None:
            content = json.dumps(request.body).encode()
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        project = quote(self.projects[request.project], safe="")
        url = f"{self._base}/api/projects/{project}/insights/{request.path}"
        try:
            answer = self._client.request(request.method, url, content=content, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unexpected(f"{NO_ANSWER} to {request.method} {url}: {str(error) or type(error).__name__}") from error
        return Answer(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        """See `Subject`."""
        if self._owns_client:
            self._client.close()

    def _send(self, project: str, user: str, method: str, path: str, body: object = None) -> Answer:
        return self.send(Request(method, path, body, key=user, project=self.projects.index(project)))

    def _read(self, answer: Answer, statuses: Iterable[int] = (HTTPStatus.OK,)) -> Any:
        self._judge(answer, statuses)
        try:
            return json.loads(answer.body)
        except ValueError:
            raise Unexpected(f"the body is no JSON: {_start(answer) or 'there is none'}") from None

    @staticmethod
    def _judge(answer: Answer, statuses: Iterable[int]) -> None:
        if answer.status in statuses:
            return
        location = answer.headers.get("Location")
        told = f"{answer.status} {f'to {location}' if location else _start(answer)}".rstrip()
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise Refused(told)
        raise (Missing if answer.status == HTTPStatus.NOT_FOUND else Unexpected)(told)


def server_subjects(url: str, key: str, other_key: str | None = None, **options: Any) -> Callable[[], HTTPSubject]:
    """Return what makes subjects of a server, which share their connections; arguments as for `HTTPSubject`.

    Raises:
        InvalidInput: That is no URL of HTTP.
    """
    try:
        parsed = urlsplit(url)
        is_address = parsed.scheme in ("http", "https") and bool(parsed.hostname) and (parsed.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address:
        raise InvalidInput(f"{url!r} is no address of a server: http://127.0.0.1:8000, say")
    client = httpx2.Client(timeout=options.pop("timeout", 30.0), trust_env=False)
    options |= {name: _clean(options[name]) for name in ("read_key", "limited_key") if name in options}
    return lambda: HTTPSubject(url, str(_clean(key)), _clean(other_key), client=client, **options)


def _clean(key: str | None) -> str | None:
    # A variable that was filled from a file ends with a line end. What is wrong is told without the key.
    if key is not None and not (key.strip().isascii() and key.strip().isprintable()):
        raise InvalidInput("a key is printable ASCII text: one that was given is not")
    return None if key is None else key.strip()


class Unreachable(Exception):
    """A server does not answer at all, or refuses the keys it is asked with."""


def greet(make_subject: Callable[[], HTTPSubject]) -> None:
    """See whether a server is there and takes the keys, before a hundred failures say the same.

    Creates an insight and deletes it again.

    Raises:
        Unreachable: It is not or does not, in one line.
    """
    subject = make_subject()
    project, told = subject.projects[0], ""
    try:
        for user in subject.users:
            told = f"asked for the list of the {user} user"
            subject.my_last_viewed(project, user)
        told = "asked to create an insight with --key"
        made = subject.create(project, subject.users[0], query=QUERY)
        told = "asked for the lists after that"
        seen = [subject.my_last_viewed(project, user)[:1] for user in subject.users]
        subject.delete(project, subject.users[0], made["id"])
    except (Unexpected, Refused, Missing, NotOffered, LookupError, TypeError) as error:
        raise Unreachable(f"{told}: {error}") from None
    if len(seen) > 1 and all(entries and entries[0].get("id") == made["id"] for entries in seen):
        raise Unreachable("--key and --other-key are of the same user: one of another user is wanted")


_MISSING_KEYS = {
    "second": "a second user (--other-key)",
    "read": "a key with the scope insight:read alone (--read-key)",
    "limited": "a key that reaches one project alone (--limited-key)",
}


def _start(answer: Answer) -> str:
    return answer.body[:200].decode("utf-8", "replace")
