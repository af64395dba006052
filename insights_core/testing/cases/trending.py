"""What most users viewed of late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ._case import Cases
from .recent import BASIC_DETAILS

if TYPE_CHECKING:
    from insights_core.testing.trial import Trial

cases = Cases()


@cases.add("what more users viewed comes first")
def trending_order(trial: Trial) -> None:
    user = trial.second_user()
    a, b = trial.create(), trial.create()
    trial.viewed(a, user=user)
    trial.viewed(b)
    trial.trending_is(a, b)


@cases.add("among equally many viewers the latest view comes first", ours=True)
def trending_latest_first(trial: Trial) -> None:
    a, b, c = (trial.create() for _ in range(3))
    trial.viewed(b)
    trial.trending_is(b, c, a)


@cases.add("views at one time go by id, the larger first", ours=True)
def trending_ties(trial: Trial) -> None:
    made = [trial.create() for _ in range(3)]
    trial.viewed(made[1], made[0], made[2])
    trial.trending_is(*reversed(made))


@cases.add("a user counts once, however often they look")
def trending_counts_users(trial: Trial) -> None:
    user = trial.second_user()
    a, b = trial.create(), trial.create()
    trial.viewed(b, user=user)
    for _ in range(3):
        trial.viewed(a)
    trial.trending_is(b, a)


@cases.add("a deleted insight does not show until it is restored")
def trending_deleted(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.delete(b)
    trial.trending_is(a)
    trial.restore(b)
    trial.trending_is(b, a)


@cases.add("what is viewed in another project does not show, nor count")
def trending_other_projects(trial: Trial) -> None:
    project = trial.second_project()
    a = trial.create()
    b = trial.create(project=project)
    trial.trending_is(a)
    trial.trending_is(b, project=project)


@cases.add("the limit cuts the end off")
def trending_limit(trial: Trial) -> None:
    trial.create()
    trial.create()
    whole = [entry["id"] for entry in _all(trial, 100)]
    for limit in (1, 2):
        trial.trending(limit=limit)
        trial.expect(
            [entry["id"] for entry in _all(trial, limit)] == whole[:limit], f"limit={limit} is not the beginning"
        )


def _all(trial: Trial, limit: int) -> list[dict[str, object]]:
    """Return the list with what others made."""
    subject = trial.subject
    return subject.trending(subject.projects[0], subject.users[0], days=7, limit=limit)


@cases.add("views older than the days do not count")
def trending_window(trial: Trial) -> None:
    user = trial.second_user()
    a, b = trial.create(), trial.create()
    trial.viewed(a, user=user)
    trial.pass_time(timedelta(days=2))
    trial.viewed(b)
    trial.trending_is(b, days=1)
    trial.trending_is(a, b, days=3)
    trial.pass_time(timedelta(days=40))
    trial.trending_is(days=7)
    trial.trending_is(a, b, days=365)


@cases.add("days beyond 1 to 365 and limits beyond 1 to 100 are refused", ours=True)
def trending_bounds(trial: Trial) -> None:
    for options in ({"days": 0}, {"days": 366}, {"days": -1}, {"limit": 0}, {"limit": 101}):
        trial.is_refused("trending", 0, 0, **options)
    trial.trending(days=365, limit=100)
    trial.trending(days=1, limit=1)


@cases.add("an entry says how many viewed, and who were the latest", ours=True)
def trending_viewers(trial: Trial) -> None:
    user = trial.second_user()
    a, b = trial.create(), trial.create()
    trial.viewed(b, user=user)
    trial.viewed(a, user=user)
    trial.viewed(a)
    first, second = trial.trending_is(a, b)
    recent = {entry.id: entry.seen for entry in trial.recent()}
    trial.expect(
        first.seen is not None and first.seen == recent[a], "last_viewed_at is not the time of the latest view"
    )
    missing = BASIC_DETAILS - first.fields.keys()
    trial.expect(not missing, f"the entry lacks {', '.join(sorted(missing))}")
    told = [(entry.fields.get("viewers"), list(entry.fields.get("latest_viewers") or ())) for entry in (first, second)]
    trial.expect([count for count, _ in told] == [2, 2], f"the viewers are {[count for count, _ in told]}, not 2 and 2")
    (_, one), (_, other) = told
    trial.expect(len(set(one)) == 2 and one == other[::-1], f"the latest viewers are {one} and {other}")  # noqa: PLR2004
