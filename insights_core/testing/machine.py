"""What users do, in any order, done to a subject and to the reference: both must come to the same lists."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from insights_core.reference import Reference

from . import strategies
from .clock import Clock
from .profiles import STRICT
from .subject import Missing, NotOffered, Refused, Unexpected
from .trial import UNKNOWN, Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from insights_core.reference import ReferenceProject

    from .profiles import Profile
    from .subject import Record, Subject

_PLACES = st.sampled_from([0, 0, 0, 1])
"""Of projects: most of it happens in one, so that things happen to the same insights; the other is there to leak."""


_Rule = TypeVar("_Rule", bound="Callable[..., None]")


def _where_offered(done: _Rule) -> _Rule:
    """Let a rule do nothing where the subject has no such call: the others go on."""

    @wraps(done)
    def rule_of(machine: SubjectMachine, *arguments: Any, **options: Any) -> None:
        before = len(machine.trial.history)
        try:
            done(machine, *arguments, **options)
        except NotOffered as error:
            machine.not_offered.add(str(error))
            # The call that was not answered is the last one; those before it in the same rule were made.
            del machine.trial.history[max(before, len(machine.trial.history) - 1) :]

    return cast("_Rule", rule_of)


class SubjectMachine(RuleBasedStateMachine):
    """Holds a subject against the reference, which sees the same calls; see `machine`.

    The subject may number its insights as it likes: the reference counts from 1, and what it says is translated.
    """

    profile: Profile
    took_part: set[str]
    """What was asked at all in any history: the calls, and how many users and projects."""
    not_offered: set[str]
    """What was not."""

    @staticmethod
    def make_subject() -> Subject:
        """Return the subject of one history."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.subject = self.make_subject()
        self.trial = Trial(self.subject, self.profile)
        try:
            self.subject.now()
            self._clock: Callable[[], datetime] = self.subject.now
            self.moves_clock = True
        except NotOffered:
            self._clock, self.moves_clock = Clock(), False
        if self.moves_clock and self.profile.later_is_later:
            self.trial.stop_clock()
        self.reference = Reference(self._clock)
        self._projects = range(2 if self._reaches_second_project() else 1)

    def _reaches_second_project(self) -> bool:
        """Tell whether there is one that every user may look into: a key may be limited to the first."""
        subject = self.subject
        if len(subject.projects) == 1:
            return False
        try:
            for user in subject.users:
                subject.my_last_viewed(subject.projects[1], user)
        except (NotOffered, Refused, Missing, Unexpected):
            return False
        return True

    def teardown(self) -> None:
        """Delete what was made, and let the subject go."""
        self.trial.finish()
        self.subject.close()

    insights: Bundle[int] = Bundle("insights")
    """Their places in the order of creation."""

    @initialize(target=insights)
    def begin(self) -> Any:
        """Start with some insights, one of another project among them."""
        return multiple(*(made for project in (0, 0, 1, 0) for made in self._created(project, {})))

    @rule(target=insights, project=_PLACES, fields=strategies.insight_fields)
    def create(self, project: int, fields: Record) -> Any:
        """Create an insight, which its user views by that."""
        return multiple(*self._created(project, fields))

    @rule(insight=insights)
    @_where_offered
    def delete(self, insight: int) -> None:
        """Delete an insight that is there."""
        self._delete(insight)

    @rule(insight=insights)
    @_where_offered
    def restore(self, insight: int) -> None:
        """Restore an insight, which may be there."""
        project, id_ = self.trial.made[insight]
        self.trial.restore(id_, project=project)
        self._model(project).restore(insight + 1)

    @rule(seen=st.lists(insights, min_size=1, max_size=4), user=st.integers(0, 1))
    @_where_offered
    def view(self, seen: list[int], user: int) -> None:
        """View some of any sort: deleted, foreign, the same one twice."""
        self._viewed(seen, user)

    @rule(seen=st.lists(insights, max_size=2), user=st.integers(0, 1))
    @_where_offered
    def view_unknown(self, seen: list[int], user: int) -> None:
        """View some, and one that nobody has made."""
        self._viewed(seen, user, UNKNOWN)

    @rule(insight=insights)
    @_where_offered
    def view_and_delete(self, insight: int) -> None:
        """View an insight and delete it: its time still counts."""
        self._viewed([insight], 0)
        self._delete(insight)

    @precondition(lambda self: self.moves_clock)
    @rule(seen=st.lists(insights, min_size=1, max_size=3), user=st.integers(0, 1), offset=strategies.moments)
    @_where_offered
    def view_at(self, seen: list[int], user: int, offset: timedelta) -> None:
        """Deliver views that were made elsewhere."""
        self._viewed(seen, user, at=self._clock() + offset)

    @rule(seen=st.lists(insights, max_size=2), bad=st.sampled_from(strategies.BAD_IDS), last=st.booleans())
    @_where_offered
    def view_wrongly(self, seen: list[int], bad: object, last: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """View some, and what is no id: nothing is recorded."""
        ids: list[object] = [self.trial.made[insight][1] for insight in seen]
        if self.profile.to_the_letter or bad == "x":
            self.trial.viewed_is_refused([*ids, bad] if last else [bad, *ids])

    @precondition(lambda self: self.moves_clock and self.profile.later_is_later)
    @rule(step=strategies.steps)
    def time_passes(self, step: timedelta) -> None:
        """Move the clock, also backwards."""
        self.trial.pass_time(step)

    @rule(project=_PLACES, days=st.sampled_from([1, 7, 365]))
    @_where_offered
    def trend(self, project: int, days: int) -> None:
        """Compare the trending lists."""
        if project not in self._projects:
            return
        found = self.trial.trending(days=days, project=project)
        wanted = self._model(project).trending(days=days, limit=100)
        if self.profile.ties_by_id:
            told = self.trial.names(self._real(entry["id"]) for entry in wanted)
            same = [entry.id for entry in found] == [self._real(entry["id"]) for entry in wanted]
        else:
            told = self.trial.names(sorted(self._real(entry["id"]) for entry in wanted))
            same = {entry.id for entry in found} == {self._real(entry["id"]) for entry in wanted}
        self.trial.expect(same, f"the trending list has to be {told}")

    @invariant()
    def lists_agree(self) -> None:
        """Compare the last-viewed lists of everybody."""
        for project in self._projects:
            for user in range(len(self.subject.users)):
                self._compare(user, project)

    def _compare(self, user: int, project: int) -> None:
        entries = self._model(project).my_last_viewed(str(user), 1000)
        groups: dict[datetime, list[int]] = {}
        for entry in entries:
            groups.setdefault(entry["last_viewed_at"], []).append(self._real(entry["id"]))
        found = self.trial.recent_is(*groups.values(), user=user, project=project)
        # The lists of all users after each call would drown what was done.
        del self.trial.history[-1]
        if self.moves_clock and self.profile.later_is_later:
            times = {self._real(entry["id"]): entry["last_viewed_at"] for entry in entries}
            for id_, seen, _ in found:
                if seen is not None and seen != times[id_]:
                    told = times[id_].isoformat()
                    self.trial.fail(f"{self.trial.names([id_])} was viewed at {told}, not {seen.isoformat()}")

    def _delete(self, insight: int) -> None:
        project, id_ = self.trial.made[insight]
        if not self._record(insight)["deleted"]:
            self.trial.delete(id_, project=project)
            self._model(project).delete(insight + 1)

    def _created(self, project: int, fields: Record) -> list[int]:
        if project not in self._projects:
            return []
        try:
            self.trial.create(project=project, **fields)
        except NotOffered as error:
            self.not_offered.add(str(error))
            return []
        self.took_part.update(("create", f"{len(self.subject.users)} users, {len(self._projects)} projects"))
        self._tick()
        self._model(project).create(user="0")
        return [len(self.trial.made) - 1]

    def _viewed(self, seen: list[int], user: int, *more: object, at: datetime | None = None) -> None:
        if user >= len(self.subject.users):
            return
        project = self.trial.made[seen[0]][0] if seen else 0
        ids = [self.trial.made[insight][1] for insight in seen]
        self.trial.viewed(*ids, *more, user=user, project=project, at=at)
        self.took_part.add("viewed")
        self._tick()
        self._model(project).viewed(str(user), [*(insight + 1 for insight in seen), 10**9], at)

    def _tick(self) -> None:
        """Let the reference's own clock run, where the subject's is real."""
        if isinstance(self._clock, Clock):
            self._clock.now += timedelta(seconds=1)

    def _model(self, project: int) -> ReferenceProject:
        return self.reference.project(str(project))

    def _record(self, insight: int) -> Record:
        return self.reference.insights[insight]

    def _real(self, model_id: int) -> int:
        return self.trial.made[model_id - 1][1]


def machine(make_subject: Callable[[], Subject], *, profile: Profile = STRICT) -> type[SubjectMachine]:
    """Return the state machine of a subject; its `TestCase` is what pytest collects.

    Args:
        make_subject: Returns the subject of one history, to be closed after it; a server need not be a new one.
        profile: What it is held to.
    """
    return type(
        "Machine",
        (SubjectMachine,),
        {"make_subject": staticmethod(make_subject), "profile": profile, "took_part": set(), "not_offered": set()},
    )
