"""One run of calls on a subject: it keeps their history, knows its own insights, and judges what comes back."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .queries import QUERY
from .subject import Missing, NotOffered, Refused, Request, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .profiles import Profile
    from .subject import Answer, Record, Subject

MOST_LISTED = 5
UNKNOWN = 2**31 - 1
"""An id that no insight has, within what any database keeps."""
_LONGEST_SHOWN = 400


class Mismatch(AssertionError):
    """The subject did something else than the semantics say."""

    def __init__(self, message: str, history: Sequence[str]) -> None:
        super().__init__(message)
        self.history = tuple(history)

    def __str__(self) -> str:
        return "\n".join((str(self.args[0]), *(f"    {line}" for line in self.history)))


class Entry(NamedTuple):
    """An entry of a list."""

    id: int
    seen: datetime | None
    """None where the subject does not tell."""
    fields: Record


class Trial:
    """Calls on a subject, by the places of users and projects.

    The subject may hold anything else when it begins: lists are looked at for the insights that the trial made, whose
    views are later than all before. What it made is deleted by `finish`.
    """

    def __init__(self, subject: Subject, profile: Profile) -> None:
        self.subject = subject
        self.profile = profile
        self.history: list[str] = []
        self.made: list[tuple[int, int]] = []
        """The project and the id of each insight, in the order of their creation."""
        self._deleted: set[int] = set()
        self._clock_runs = True
        self._latest = datetime.min.replace(tzinfo=UTC)

    # What is done

    def stop_clock(self) -> None:
        """Let a clock that can be moved stand still from now on; until then a second passes before each call."""
        self.subject.now()
        self._clock_runs = False

    def create(self, *, project: int = 0, user: int = 0, **fields: object) -> int:
        """Create an insight and return its id."""
        made = self._call("create", project, user, **{"query": QUERY, **fields})
        if not isinstance(made, dict):
            self.fail(f"create returns the insight, not {_short(repr(made))}")
        id_ = self._id(made)
        if id_ in self.ids():
            self.fail(f"the new insight has the id of {self._named(id_)}")
        self.made.append((project, id_))
        self.history[-1] += f" → {self._named(id_)}"
        return id_

    def _id(self, record: Record) -> int:
        id_ = record.get("id")
        if isinstance(id_, bool) or not isinstance(id_, int):
            self.fail(f"an id is an integer, not {_short(repr(id_))}")
        return id_

    def delete(self, id_: int, *, project: int = 0) -> None:
        """Delete an insight."""
        self._call("delete", project, 0, id_)
        self._deleted.add(id_)

    def restore(self, id_: int, *, project: int = 0) -> None:
        """Restore an insight."""
        self._call("restore", project, 0, id_)
        self._deleted.discard(id_)

    def viewed(self, *ids: object, user: int = 0, project: int = 0, at: datetime | None = None) -> None:
        """View insights in one call, which has to be taken."""
        self._call("viewed", project, user, list(ids), **({} if at is None else {"at": at}))

    def viewed_is_refused(self, ids: Sequence[object], *, user: int = 0, at: datetime | None = None) -> None:
        """Make a call of `viewed` that must be refused."""
        self.is_refused("viewed", 0, user, list(ids), **({} if at is None else {"at": at}))

    def is_refused(self, method: str, project: int, user: int, *arguments: object, **options: object) -> None:
        """Make a call that must be refused."""
        call = self._prepared(method, project, user, arguments, options)
        try:
            call()
        except Refused:
            self.history[-1] += " → refused"
        except (Missing, Unexpected) as error:
            self.fail(f"{method} has to refuse this, and failed: {error}")
        else:
            self.fail(f"{method} took what it has to refuse")

    def pass_time(self, step: timedelta) -> None:
        """Move the subject's clock."""
        self._move_clock(step)
        self.history.append(f"the clock moves by {step}")

    def send(self, method: str, path: str, body: object = None, **options: object) -> Answer:
        """Send a request over HTTP."""
        request = Request(method, path, body, **options)  # type: ignore[arg-type]
        answer = self.subject.send(request)
        shown = request.raw if request.raw is not None else "" if body is None else json.dumps(body)
        by = f" with the key {request.key or 'of nobody'!r}" if request.key != "first" else ""
        self.history.append(_short(f"{method} {path or '.'} {shown!s}{by}") + f" = {answer.status}")
        if answer.status >= 400:  # noqa: PLR2004 - from here on it says why
            self.history[-1] += f" {answer.body[:200].decode('utf-8', 'replace')}"
        return answer

    # What comes back

    def recent(self, user: int = 0, project: int = 0) -> list[Entry]:
        """Return the user's list, as far as it is about this trial's insights."""
        found = self._listed(self._call("my_last_viewed", project, user))
        if len(found) > MOST_LISTED:
            self.fail(f"the list has {len(found)} entries, more than {MOST_LISTED}")
        own = self.ids()
        is_own = [entry.id in own for entry in found]
        # Whatever else the user viewed, they viewed it before this trial began.
        if sorted(is_own, reverse=True) != is_own:
            self.fail("an insight that was not viewed in this history stands before one that was")
        return [entry for entry in found if entry.id in own]

    def recent_is(self, *groups: int | Iterable[int], user: int = 0, project: int = 0) -> list[Entry]:
        """Judge the user's list: insights from the last viewed on; those of one call stand together in a list.

        Times fall from group to group, and are equal within one. Beyond five it does not go.
        """
        found = self.recent(user, project)
        wanted = [[group] if isinstance(group, int) else list(group) for group in groups]
        self._judge_order([entry.id for entry in found], wanted)
        self._judge_times(found, wanted)
        return found

    def _judge_order(self, found: list[int], wanted: list[list[int]]) -> None:
        expected = [id_ for group in wanted for id_ in sorted(group, reverse=True)][:MOST_LISTED]
        fits = found == expected
        if not self.profile.ties_by_id:
            left = list(found)
            parts = [[left.pop(0) for _ in group if left] for group in wanted]
            fits = len(found) == len(expected) and not left
            fits = fits and all(
                set(part) <= set(group) and len(set(part)) == len(part)
                for part, group in zip(parts, wanted, strict=True)
            )
        if not fits:
            self.fail(f"the list is {self.names(found)}, and has to be {self.names(expected)}")

    def _judge_times(self, found: list[Entry], wanted: list[list[int]]) -> None:
        place = {id_: number for number, group in enumerate(wanted) for id_ in group}
        for one, other in itertools.pairwise(found):
            if one.seen is None or other.seen is None:
                continue
            together = place[one.id] == place[other.id]
            if together and one.seen != other.seen:
                self.fail(f"{self._named(one.id)} and {self._named(other.id)} were viewed by one call, at two times")
            if not together and (one.seen < other.seen or (self.profile.later_is_later and one.seen == other.seen)):
                self.fail(f"{self._named(one.id)} was viewed later than {self._named(other.id)}, its time is not later")

    def trending(self, *, days: int = 7, limit: int = 100, project: int = 0) -> list[Entry]:
        """Return the trending list, as far as it is about this trial's insights."""
        found = self._listed(self._call("trending", project, 0, days=days, limit=limit))
        if len(found) > limit:
            self.fail(f"the trending list has {len(found)} entries, more than {limit}")
        own = self.ids()
        if len(found) == limit and not any(entry.id in own for entry in found):
            raise NotOffered(
                "a place in the trending list, which is full of others' insights: give a project of its own"
            )
        return [entry for entry in found if entry.id in self.ids()]

    def trending_is(self, *ids: int, days: int = 7, project: int = 0) -> list[Entry]:
        """Judge the trending list."""
        found = self.trending(days=days, project=project)
        if [entry.id for entry in found] != list(ids):
            self.fail(
                f"the trending list is {self.names(entry.id for entry in found)}, and has to be {self.names(ids)}"
            )
        return found

    def generate_name(self, query: object) -> Record:
        """Return what the subject calls a query."""
        found: Record = self._call("generate_name", 0, 0, query)
        if not isinstance(found, dict):
            self.fail(f"generate_name returns a name and a description, not {_short(repr(found))}")
        self.history[-1] += f" → {found.get('name')!r}"
        return found

    def _listed(self, records: object) -> list[Entry]:
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            self.fail(f"a list of insights was expected, not {_short(repr(records))}")
        entries = [Entry(self._id(record), self._moment(record.get("last_viewed_at")), record) for record in records]
        own = self.ids()
        self.history[-1] += f" → {self.names(entry.id for entry in entries if entry.id in own)}"
        return entries

    def _moment(self, value: object) -> datetime | None:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                self.fail(f"last_viewed_at is no ISO 8601 time: {value!r}")
        if value is not None and not isinstance(value, datetime):
            self.fail(f"last_viewed_at is no ISO 8601 time: {value!r}")
        if value is not None and value.utcoffset() is None:
            self.fail(f"last_viewed_at has no offset from UTC: {value.isoformat()}")
        return value

    # What it is judged by

    def ids(self) -> set[int]:
        """Return the ids of what this trial made."""
        return {id_ for _, id_ in self.made}

    def second_user(self) -> int:
        """Return the place of a second user, where there is one."""
        if len(self.subject.users) < 2:  # noqa: PLR2004 - a second one
            raise NotOffered("a second user (--other-key)")
        return 1

    def second_project(self) -> int:
        """Return the place of a second project, where there is one that an insight can be created in."""
        if len(self.subject.projects) < 2:  # noqa: PLR2004
            raise NotOffered("a second project (--other-project)")
        return 1

    def expect(self, condition: object, message: str) -> None:
        """Fail with the message unless the condition holds."""
        if not condition:
            self.fail(message)

    def status(self, answer: Answer, wanted: int | Iterable[int]) -> Answer:
        """Judge the status of an answer, and return the answer."""
        allowed = {wanted} if isinstance(wanted, int) else set(wanted)
        if answer.status not in allowed:
            self.fail(f"the status is {answer.status}, and has to be {_either(allowed)}")
        return answer

    def fail(self, message: str) -> NoReturn:
        """Tell that the subject is wrong."""
        raise Mismatch(message, self.history)

    def names(self, ids: Iterable[int]) -> str:
        """Return ids as the history has them."""
        return f"[{', '.join(self._named(id_) for id_ in ids)}]"

    def finish(self) -> None:
        """Delete what was made, as far as that is offered, and leave the clock later than all views.

        Raises whatever the subject's own code raises.
        """
        for project, id_ in self.made:
            if id_ not in self._deleted:
                with suppress(NotOffered, Refused, Missing, Unexpected):
                    self.subject.delete(self.subject.projects[project], self.subject.users[0], id_)

        with suppress(NotOffered):
            self._move_clock(max(timedelta(0), self._latest - self.subject.now()) + timedelta(days=1))

    def _move_clock(self, step: timedelta) -> None:
        self._latest = max(self._latest, self.subject.now())
        self.subject.pass_time(step)

    def _call(self, method: str, project: int, user: int, *arguments: object, **options: object) -> Any:
        call = self._prepared(method, project, user, arguments, options)
        try:
            return call()
        except (Refused, Missing, Unexpected) as error:
            self.fail(f"{method} failed: {str(error) or type(error).__name__}")

    def _prepared(
        self, method: str, project: int, user: int, arguments: tuple[object, ...], options: Mapping[str, object]
    ) -> Callable[[], Any]:
        """Put a call into the history, and return it, to be made."""
        if self._clock_runs:
            with suppress(NotOffered):
                self._move_clock(timedelta(seconds=1))
        self.history.append(self._told(method, project, user, arguments, options))
        subject = self.subject
        return partial(
            getattr(subject, method), subject.projects[project], subject.users[user], *arguments, **dict(options)
        )

    def _told(
        self, method: str, project: int, user: int, arguments: tuple[object, ...], options: Mapping[str, object]
    ) -> str:
        said = [f"user {user + 1}", *([f"project {project + 1}"] if project else [])]
        said += [self._shown(value) for value in arguments]
        said += [
            f"{name}={value.isoformat() if isinstance(value, datetime) else _short(repr(value))}"
            for name, value in options.items()
            if value is not QUERY
        ]
        return f"{method}({', '.join(said)})"

    def _shown(self, value: object) -> str:
        if isinstance(value, list):
            return _short(f"[{', '.join(self._shown(item) for item in value)}]")
        if isinstance(value, int) and not isinstance(value, bool):
            return self._named(value)
        return _short(repr(value))

    def _named(self, id_: int) -> str:
        """Return a letter for what this trial made, so that histories of two runs are alike."""
        for number, (_, known) in enumerate(self.made):
            if known == id_:
                return chr(ord("a") + number) if number < 26 else f"insight {number + 1}"  # noqa: PLR2004
        return "an unknown id" if id_ == UNKNOWN else str(id_)


def _either(values: Iterable[int]) -> str:
    wanted = sorted(values)
    return f"{wanted[0]} to {wanted[-1]}" if len(wanted) > 4 else " or ".join(map(str, wanted))  # noqa: PLR2004


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
