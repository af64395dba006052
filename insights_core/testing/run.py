"""Hold a subject against the fixed cases and the state machine, and report."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from .cases import CASES, Case
from .machine import machine
from .profiles import STRICT
from .subject import NO_ANSWER, NotOffered
from .trial import Mismatch, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .profiles import Profile
    from .subject import Subject

RANDOM_CASE = "random-histories"
RANDOM_CHECKS = "whatever users do, in any order, the lists are those of the reference"
PASS, FAIL, NOT_OFFERED = "pass", "fail", "not offered"
STEPS = 20
"""Of a random history."""
_MOST_SILENT = 3
EXAMPLES = 25
"""Random histories, unless said otherwise."""


class Result(NamedTuple):
    """What became of a case."""

    case: str
    checks: str
    result: str
    """`pass`, `fail` or `not offered`."""
    detail: str = ""
    """What was wrong, or what is not offered."""
    history: tuple[str, ...] = ()
    """Of a failure: the calls that led to it, the smallest that was found, with what they answered."""


def run(
    make_subject: Callable[[], Subject],
    *,
    profile: Profile = STRICT,
    examples: int = EXAMPLES,
    cases: Iterable[Case] = CASES,
) -> Iterator[Result]:
    """Yield the result of each fixed case, and of the random histories together.

    Ends early where a server has gone. The same histories come every time. The subject may hold other insights; two runs for the same users at a time would
    see each other's views.

    Args:
        make_subject: Returns a subject for each case and history; it is closed after it.
        profile: What it is held to.
        examples: How many random histories of up to 20 calls are tried; none for 0.
        cases: Some of `CASES`.
    """
    silent = 0
    for case in cases:
        result = run_case(case, make_subject, profile)
        silent = silent + 1 if NO_ANSWER in result.detail else 0
        yield result
        if silent == _MOST_SILENT:
            return
    if examples:
        yield run_machine(make_subject, profile, examples)


def run_case(case: Case, make_subject: Callable[[], Subject], profile: Profile = STRICT) -> Result:
    """Return what becomes of one fixed case."""
    told = (case.name, case.checks)
    if not case.is_asked(profile):
        return Result(*told, NOT_OFFERED, f"the profile {profile.name} leaves this open")
    history: list[str] = []
    try:
        subject = make_subject()
        with closing(subject):
            trial = Trial(subject, profile)
            history = trial.history
            try:
                case.run(trial)
            finally:
                trial.finish()
    except NotOffered as error:
        return Result(*told, NOT_OFFERED, str(error))
    except Exception as error:  # noqa: BLE001 - what the subject's own code raises is its failure, and told
        return _failed(told, error, history)
    return Result(*told, PASS)


def run_machine(make_subject: Callable[[], Subject], profile: Profile = STRICT, examples: int = EXAMPLES) -> Result:
    """Return what becomes of the random histories."""
    told = (RANDOM_CASE, RANDOM_CHECKS)
    asked = machine(make_subject, profile=profile)
    try:
        run_state_machine_as_test(asked, settings=_settings(examples))
    except NotOffered as error:
        return Result(*told, NOT_OFFERED, str(error))
    except Flaky:
        return Result(*told, FAIL, "the same calls came to different answers when they were made again")
    except Exception as error:  # noqa: BLE001 - as in a case
        return _failed(told, error, ())
    if asked.not_offered & {"create", "viewed"}:
        return Result(*told, NOT_OFFERED, " and ".join(sorted(asked.not_offered & {"create", "viewed"})))
    return Result(*told, PASS, ", ".join(sorted(asked.took_part - {"create", "viewed"})))


def _failed(told: tuple[str, str], error: Exception, history: Iterable[str]) -> Result:
    detail = str(error.args[0] if error.args else error)
    if not isinstance(error, AssertionError):
        detail = f"{type(error).__name__}: {detail}"
    return Result(*told, FAIL, detail, error.history if isinstance(error, Mismatch) else tuple(history))


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
