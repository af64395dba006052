"""Who is asked for a name, until when, and what stands when the answer is no good: the rules' draft."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from insights_core.errors import BackendError
from insights_core.model import Name

from .clean import clean
from .verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights_core.facts import Facts
    from insights_core.hookspecs import NamingBackend

    from .draft import Draft

# A name is cut to 100 characters; whoever answers with more than this has not written a name.
LONGEST_ANSWER = 2_000


class Request(NamedTuple):
    """What a backend is asked; see `hookspecs.NamingRequest`."""

    facts: Facts
    draft: str
    until: float
    """On the monotonic clock."""

    @property
    def seconds_left(self) -> float:
        """How long the answer is still waited for."""
        return max(0.0, self.until - time.monotonic())


class _Unusable(Exception):
    """Why an answer is not taken."""


def polish(
    draft: Draft, facts: Facts, asked: str, find: Callable[[str], NamingBackend], seconds: float, problems: list[str]
) -> Name:
    """Return the name that the backend called `asked` makes of the draft, or the draft itself with the reason.

    Always answers, and within `seconds` unless the backend says it keeps deadlines and does not. `problems` holds what
    went wrong before and is part of the answer.
    """
    try:
        backend = find(asked)
        # No lock and no thread can be waited for longer, and infinity is a number of seconds too.
        request = Request(facts, draft.name, time.monotonic() + min(seconds, threading.TIMEOUT_MAX / 2))
        text = _answer(backend, request)
        if text != draft.name:
            text = _accepted(text, facts, draft)
    except (BackendError, _Unusable) as error:
        problems = [*problems, f"{asked}: {error}"]
        return Name(draft.name, draft.description, "heuristic", asked, tuple(problems))
    return Name(text, draft.description, asked, None, tuple(problems))


def _answer(backend: NamingBackend, request: Request) -> str:
    try:
        if backend.keeps_deadline:
            return backend.propose(request)
        return _within(request.seconds_left, lambda: backend.propose(request))
    except (BackendError, _Unusable):
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise _Unusable(f"failed: {said[:300]}") from error


def _accepted(answer: object, facts: Facts, draft: Draft) -> str:
    if not isinstance(answer, str):
        raise _Unusable(f"answered with {type(answer).__name__} instead of text")
    if len(answer) > LONGEST_ANSWER:
        raise _Unusable(f"answered with {len(answer):,} characters")
    text = draft.in_style(clean(answer))
    if problems := verify(text, facts):
        raise _Unusable("; ".join(problems))
    return text


def _within(seconds: float, function: Callable[[], str]) -> str:
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
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise _Unusable(f"gave no answer within {seconds:.3g} s")
    return results[0]
