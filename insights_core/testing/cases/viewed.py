"""What `viewed` records, and what it refuses."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

from insights_core.testing.clock import FIVE_MINUTES, TICK
from insights_core.testing.trial import UNKNOWN

from ._case import Cases

if TYPE_CHECKING:
    from insights_core.testing.trial import Trial

cases = Cases()
_DAY = timedelta(days=1)
LARGE = (2**53 - 1, 2**53 + 1, 2**63 - 1)
"""Ids that no insight has, beyond what some clients can write exactly."""


@cases.add("one id is recorded, and moves to the front")
def viewed_one(trial: Trial) -> None:
    a, b, c = (trial.create() for _ in range(3))
    trial.viewed(a)
    trial.recent_is(a, c, b)


@cases.add("the ids of one call get one time")
def viewed_several_at_one_time(trial: Trial) -> None:
    a, b, c, d = (trial.create() for _ in range(4))
    trial.viewed(b, a, c)
    trial.recent_is([a, b, c], d)


@cases.add("the same id later is still one entry, with the new time")
def viewed_again_later(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.viewed(a)
    before = {entry.id: entry.seen for entry in trial.recent_is(a, b)}
    trial.viewed(b)
    trial.viewed(a)
    after = {entry.id: entry.seen for entry in trial.recent_is(a, b)}
    one, other = before[a], after[a]
    if one is not None and other is not None:
        trial.expect(
            one < other or not trial.profile.later_is_later, "the second view has no later time than the first"
        )


@cases.add("a day later, by a clock that can be moved, the time is a day later")
def viewed_again_a_day_later(trial: Trial) -> None:
    a = trial.create()
    trial.viewed(a)
    (before,) = trial.recent_is(a)
    trial.pass_time(_DAY)
    trial.viewed(a)
    (after,) = trial.recent_is(a)
    if before.seen is not None and after.seen is not None:
        passed = after.seen - before.seen
        trial.expect(abs(passed - _DAY) <= timedelta(seconds=2), f"the time grew by {passed}, not by a day")


@cases.add("two of three viewed before: all three stand together at the front")
def viewed_some_seen_before(trial: Trial) -> None:
    a, b, c, d = (trial.create() for _ in range(4))
    user = trial.second_user()
    trial.viewed(a, b, user=user)
    trial.viewed(d, user=user)
    trial.viewed(a, b, c, user=user)
    trial.recent_is([a, b, c], d, user=user)


@cases.add("an id that is given twice counts once")
def viewed_duplicates(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.viewed(a, b, a, a)
    trial.recent_is([a, b])


@cases.add("an id that does not exist is dropped without a word, alone and among others")
def viewed_unknown_id(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.viewed(UNKNOWN)
    trial.recent_is(b, a)
    trial.viewed(a, UNKNOWN)
    trial.recent_is(a, b)
    if trial.profile.to_the_letter:
        trial.viewed(b, *LARGE)
        trial.recent_is(b, a)


@cases.add("an id of another project is dropped without a word, and is recorded in neither project")
def viewed_foreign_id(trial: Trial) -> None:
    project, user = trial.second_project(), trial.second_user()
    a, foreign = trial.create(), trial.create(project=project)
    trial.viewed(foreign, user=user)
    trial.recent_is(user=user)
    trial.recent_is(a)


@cases.add("a deleted insight is not recorded, and has no view when it is back")
def viewed_deleted_id(trial: Trial) -> None:
    user = trial.second_user()
    a, b = trial.create(), trial.create()
    trial.delete(a)
    trial.viewed(a, b, user=user)
    trial.recent_is(b, user=user)
    trial.restore(a)
    trial.recent_is(b, user=user)


@cases.add("own, foreign, deleted and unknown ids in one call: the own are recorded")
def viewed_mixed(trial: Trial) -> None:
    project, user = trial.second_project(), trial.second_user()
    own, deleted, foreign = trial.create(), trial.create(), trial.create(project=project)
    trial.delete(deleted)
    trial.viewed(foreign, own, UNKNOWN, deleted, user=user)
    trial.recent_is(own, user=user)


@cases.add("one id that is none, and nothing of the call is recorded")
def viewed_bad_id_among_good(trial: Trial) -> None:
    a, b, c = (trial.create() for _ in range(3))
    trial.viewed_is_refused(["abc", a])
    trial.viewed_is_refused([a, b, "abc"])
    trial.recent_is(c, b, a)


@cases.add("no ids at all are refused")
def viewed_no_ids(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.viewed_is_refused([])
    trial.recent_is(b, a)


@cases.add("true, zero, negative, broken and too large numbers, null and nested lists are no ids", ours=True)
def viewed_values_that_are_no_ids(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    for bad in (True, False, 0, -1, 1.5, 2**63, "", "-1", None, [a], {"id": a}):
        trial.viewed_is_refused([a, bad])
    trial.recent_is(b, a)


@cases.add("a later call is later, though the clock stands still", ours=True)
def clock_stands_still(trial: Trial) -> None:
    trial.stop_clock()
    a, b, c = (trial.create() for _ in range(3))
    trial.viewed(a)
    trial.viewed(b)
    trial.viewed(a)
    trial.recent_is(a, b, c)


@cases.add("a later call is later, though the clock steps back", ours=True)
def clock_steps_back(trial: Trial) -> None:
    trial.stop_clock()
    a, b = trial.create(), trial.create()
    for step in (-TICK, -FIVE_MINUTES, -_DAY):
        trial.pass_time(step)
        trial.viewed(a)
        trial.recent_is(a, b)
        trial.viewed(b)
        trial.recent_is(b, a)


@cases.add("a later call is later than views of what is deleted by then", ours=True)
def clock_and_deleted_views(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.viewed(a)
    trial.pass_time(-_DAY)
    trial.delete(a)
    trial.viewed(b)
    trial.restore(a)
    trial.recent_is(b, a)


@cases.add("the views of others do not push a user's time ahead", ours=True)
def clock_is_each_users_own(trial: Trial) -> None:
    user = trial.second_user()
    a = trial.create()
    trial.stop_clock()
    trial.pass_time(-_DAY)
    trial.viewed(a, user=user)
    (entry,) = trial.recent_is(a, user=user)
    trial.expect(entry.seen in (None, trial.subject.now()), "the view has a time that the clock does not say")


@cases.add("a view that is delivered late never moves a time backwards", ours=True)
def replay_moves_nothing_back(trial: Trial) -> None:
    trial.stop_clock()
    a, b = trial.create(), trial.create()
    before = [(entry.id, entry.seen) for entry in trial.recent_is(b, a)]
    trial.viewed(a, b, at=trial.subject.now() - _DAY)
    trial.expect(
        [(entry.id, entry.seen) for entry in trial.recent_is(b, a)] == before, "the late view changed the times"
    )


@cases.add("views that were made offline come to the same list in every order, and delivered twice", ours=True)
def replay_in_every_order(trial: Trial) -> None:
    user, lists = trial.second_user(), []
    start = trial.subject.now() - timedelta(hours=1)
    for order in itertools.permutations(range(4)):
        made = [trial.create() for _ in range(3)]
        deliveries = [(made[:1], 1), (made[:2], 2), (made[1:], 3), (made[:1], 4)]
        for number in (*order, order[0]):
            ids, minutes = deliveries[number]
            trial.viewed(*ids, user=user, at=start + timedelta(minutes=minutes))
        entries = [entry for entry in trial.recent(user) if entry.id in made]
        lists.append([(made.index(entry.id), entry.seen) for entry in entries])
        for id_ in made:
            trial.delete(id_)
    trial.expect([place for place, _ in lists[0]] == [0, 2, 1], f"the list is {lists[0]}")
    trial.expect(all(found == lists[0] for found in lists), "two orders of delivery came to two lists")


@cases.add("a moment more than five minutes ahead of the clock is refused", ours=True)
def replay_from_the_future(trial: Trial) -> None:
    trial.stop_clock()
    a, b = trial.create(), trial.create()
    trial.viewed_is_refused([a], at=trial.subject.now() + FIVE_MINUTES + TICK)
    trial.recent_is(b, a)
    trial.viewed(a, at=trial.subject.now() + FIVE_MINUTES)
    trial.recent_is(a, b)
