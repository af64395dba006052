"""Who is asked for a name, until when, and what stands when the answer is no good: the rules' draft."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from insights_core.errors import BackendError, StoreError
from insights_core.model import Answered, Asked, Name
from insights_core.naming.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.hookspecs import NamingBackend
    from insights_core.naming.draft import Draft
    from insights_core.query.meaning import Meaning

    from .check import Check, Verdict
    from .rules import Level

# A name is cut to 100 characters; whoever answers with more than this has not written a name.
LONGEST_ANSWER = 2_000


class Request(NamedTuple):
    """What a backend is asked; see `hookspecs.NamingRequest`."""

    meaning: Meaning
    draft: str
    until: float
    """On the monotonic clock."""
    seconds: float = 0.0
    """How long the answer was waited for from the start."""
    hides_values: bool = False
    """Whether placeholders stand for the values of the query, so that it may leave the machine."""
    weighed: Callable[[], tuple[str, ...]] = tuple
    """Makes `titles`: most backends never ask for them."""
    judged: Callable[[str], Verdict] | None = None
    """What the check says of a title; None where placeholders stand in it."""

    @property
    def titles(self) -> tuple[str, ...]:
        """Other names that the rules weighed, the best first."""
        return self.weighed()

    @property
    def seconds_left(self) -> float:
        """How long the answer is still waited for."""
        return max(0.0, self.until - time.monotonic())

    def objections(self, title: str) -> list[str]:
        """Return why a title would be refused, one line each."""
        return [] if self.judged is None else list(map(str, self.judged(title).refusals))


class Outward(NamedTuple):
    """What a backend is asked that is not local: meaning and names of the query without its values."""

    meaning: Meaning
    draft: str
    titles: tuple[str, ...]
    restored: Callable[[str], str]
    """Puts the values back into what was answered."""


class Memory(Protocol):
    """Where answers are kept, so that the same meaning is asked once; every store is one."""

    def recall_name(self, asked: Asked) -> Answered | None:
        """Return what was answered when this was asked before, or None."""

    def remember_name(self, asked: Asked, answered: Answered) -> None:
        """Keep an answer."""


class _Unusable(Exception):
    """Why an answer is not taken."""


class _Refused(_Unusable):
    """The answer came, and is not true: it would be the same the next time."""


def fingerprint(meaning: Meaning) -> str:
    """Return what identifies a meaning: the same in any process and version of Python."""
    return hashlib.sha256(repr(meaning).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Asking(NamedTuple):
    """One name that a backend is asked for."""

    draft: Draft
    backend: NamingBackend
    level: Level
    """How its answer is judged."""
    check: Callable[[], Check]
    outward: Callable[[], Outward] | None = None

    def judged(self, title: str) -> Verdict:
        """Judge a title."""
        return self.check().verdict(title, self.level)


def polish(  # noqa: PLR0913 - what a name depends on
    draft: Draft,
    asked: str,
    find: Callable[[str], NamingBackend],
    seconds: float,
    problems: list[str],
    *,
    check: Callable[[], Check],
    level: Level | None = None,
    memory: Memory | None = None,
    outward: Callable[[], Outward] | None = None,
) -> Name:
    """Return the name that the backend called `asked` makes of the draft, or the draft itself with the reason.

    Always answers, and within `seconds` unless the backend says it keeps deadlines and does not. `problems` holds what
    went wrong before and is part of the answer. What `memory` holds is not asked again. A backend that does not say it is
    local sees nothing but what `outward` returns; that raises BackendError where nothing may be sent. `check` makes the
    judge of its answers, at `level`, by default the backend's own or else `strict`.
    """
    try:
        backend = find(asked)
        # No lock and no thread can be waited for longer, and infinity is a number of seconds too.
        until = time.monotonic() + min(seconds, threading.TIMEOUT_MAX / 2)
        own_level: Level = getattr(backend, "check", "strict")
        asking = Asking(draft, backend, level or own_level, check, outward)
        request = Request(draft.meaning, draft.name, until, seconds, weighed=draft.titles, judged=asking.judged)
        maker = _maker(backend) if memory is not None else ""
        if memory is not None and maker:
            key = Asked(fingerprint(draft.meaning), draft.name, f"{maker} {asking.level}")
            text = _remembered(memory, key, asking, request)
        else:
            text = _asked(asking, request)
    except (BackendError, _Unusable) as error:
        problems = [*problems, f"{asked}: {error}"]
        return Name(draft.name, draft.description, "heuristic", asked, tuple(problems))
    judged_at = None if text == draft.name else asking.level
    return Name(text, draft.description, asked, None, tuple(problems), judged_at)


def request_for(
    backend: NamingBackend, request: Request, outward: Callable[[], Outward] | None
) -> tuple[Request, Outward | None]:
    """Return what a backend may be asked, and what was put in place of the values; None where it stays on this machine.

    Raises:
        BackendError: Nothing of the query may be sent.
    """
    if getattr(backend, "is_local", False):
        return request, None
    if outward is None:
        raise _Unusable("it is not local, and there is nothing that may be sent")
    try:
        sent = outward()
    except BackendError as error:
        raise BackendError(str(error), backend=backend.name) from None
    shown = Request(sent.meaning, sent.draft, request.until, request.seconds, True, lambda: sent.titles)  # noqa: FBT003
    return shown, sent


def _asked(asking: Asking, request: Request) -> str:
    draft = asking.draft
    asked, sent = request_for(asking.backend, request, asking.outward)
    text: object = _answer(asking.backend, asked)
    if isinstance(text, str) and sent is not None and len(text) <= LONGEST_ANSWER:
        # A draft that it found good is taken whole: with the values, the rules may have put it otherwise.
        text = draft.name if clean(text) == sent.draft else sent.restored(text)
    return draft.name if text == draft.name else _accepted(text, asking)


def _maker(backend: NamingBackend) -> str:
    """Return what a backend's answers depend on beside the question; empty where it does not say."""
    try:
        return str(backend.maker()) if hasattr(backend, "maker") else ""
    except (Exception, SystemExit):  # noqa: BLE001 - a plugin's; what is wrong shows when it is asked
        return ""


def _remembered(memory: Memory, key: Asked, asking: Asking, request: Request) -> str:
    """Return what was answered before, else ask and keep the answer; a memory that fails is passed over."""
    known = None
    with suppress(StoreError):
        known = memory.recall_name(key)
    # Checked once more: the check may be of a newer version than the answer.
    if known is not None and known.name is not None and asking.judged(known.name):
        return known.name
    if known is not None and known.name is None:
        raise _Refused(known.problem)
    try:
        text = _asked(asking, request)
    except _Refused as error:
        with suppress(StoreError):
            memory.remember_name(key, Answered(None, str(error)))
        raise
    with suppress(StoreError):
        memory.remember_name(key, Answered(text))
    return text


def _answer(backend: NamingBackend, request: Request) -> str:
    try:
        if backend.keeps_deadline:
            return backend.propose(request)
        return _within(request, lambda: backend.propose(request))
    except (BackendError, _Unusable):
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise _Unusable(f"failed: {said[:300]}") from error


def _accepted(answer: object, asking: Asking) -> str:
    if not isinstance(answer, str):
        raise _Unusable(f"answered with {type(answer).__name__} instead of text")
    if len(answer) > LONGEST_ANSWER:
        raise _Unusable(f"answered with {len(answer):,} characters")
    text = asking.draft.in_style(clean(answer))
    if not (verdict := asking.judged(text)):
        raise _Refused(str(verdict))
    return text


def _within(request: Request, function: Callable[[], str]) -> str:
    # A daemon thread can be abandoned: an executor's threads would be waited for when the program ends.
    results: list[str] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="insights-naming", daemon=True)
    thread.start()
    thread.join(request.seconds_left)
    if errors:
        raise errors[0]
    if not results:
        raise _Unusable(f"gave no answer within {request.seconds:.3g} s")
    return results[0]
