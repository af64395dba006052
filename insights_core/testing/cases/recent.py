"""What the last-viewed list shows, and in which order."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from insights_core.testing.queries import QUERY
from insights_core.testing.subject import NotOffered
from insights_core.testing.trial import MOST_LISTED

from ._case import Cases

if TYPE_CHECKING:
    from insights_core.testing.trial import Trial

cases = Cases()

BASIC_DETAILS = {
    "id", "short_id", "name", "derived_name", "query", "dashboards", "description", "tags", "favorited", "created_at",
    "created_by", "updated_at", "last_modified_at",
}  # fmt: skip


@cases.add("a user who viewed nothing has an empty list, whatever others view")
def recent_nothing_viewed(trial: Trial) -> None:
    user = trial.second_user()
    if trial.subject.my_last_viewed(trial.subject.projects[0], trial.subject.users[user]):
        raise NotOffered("the second user has viewed insights here before: give a key of a new user")
    trial.viewed(trial.create(), trial.create())
    trial.recent_is(user=user)


@cases.add("creating counts as viewing; a view then moves an insight to the front")
def recent_created_then_viewed(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.recent_is(b, a)
    trial.viewed(a)
    trial.recent_is(a, b)


@cases.add("an insight of the older form and a table both show, the newest first")
def recent_old_and_new_kinds(trial: Trial) -> None:
    old = trial.create(query={"insight": "TRENDS", "events": [{"id": "$pageview", "type": "events"}]})
    table = trial.create(query={"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["*"]}})
    trial.recent_is(table, old)


@cases.add("of six viewed insights the last five show")
def recent_five_of_six(trial: Trial) -> None:
    made = [trial.create() for _ in range(MOST_LISTED + 1)]
    trial.recent_is(*reversed(made))
    trial.viewed(made[0])
    trial.recent_is(made[0], *reversed(made[1:]))


@cases.add("equal times go by id, the larger first, also where the fifth place is shared", ours=True)
def recent_ties(trial: Trial) -> None:
    made = [trial.create() for _ in range(MOST_LISTED + 2)]
    trial.viewed(*made[::2], *made[1::2])
    trial.recent_is(made)
    trial.viewed(made[1])
    trial.recent_is(made[1], [made[0], *made[2:]])


@cases.add("an insight that is viewed many times does not crowd out others")
def recent_repeated_views(trial: Trial) -> None:
    a, b, c = (trial.create() for _ in range(3))
    for _ in range(MOST_LISTED + 1):
        trial.viewed(a)
    trial.recent_is(a, c, b)


@cases.add("one viewed three times, a second viewed and deleted, a third viewed: third, first; then the first again")
def recent_deleted_is_hidden(trial: Trial) -> None:
    first, second, third = (trial.create() for _ in range(3))
    for _ in range(3):
        trial.viewed(first)
    trial.viewed(second)
    trial.delete(second)
    trial.viewed(third)
    trial.recent_is(third, first)
    trial.viewed(first)
    trial.recent_is(first, third)


@cases.add("deleted insights take no places: the five behind them show")
def recent_deleted_take_no_places(trial: Trial) -> None:
    made = [trial.create() for _ in range(MOST_LISTED + 3)]
    for id_ in made[-3:]:
        trial.delete(id_)
    trial.recent_is(*reversed(made[:-3]))


@cases.add("a restored insight is back at its old place")
def recent_restored_place(trial: Trial) -> None:
    a, b, c = (trial.create() for _ in range(3))
    trial.delete(b)
    trial.viewed(a)
    trial.restore(b)
    trial.recent_is(a, c, b)


@cases.add("another user's views do not show, move or hide anything")
def recent_other_users(trial: Trial) -> None:
    user = trial.second_user()
    a, b, c = (trial.create() for _ in range(3))
    trial.viewed(a, user=user)
    trial.recent_is(c, b, a)
    trial.recent_is(a, user=user)
    trial.viewed(c, user=user)
    trial.viewed(b)
    trial.recent_is(c, a, user=user)
    trial.recent_is(b, c, a)


@cases.add("what was viewed in another project does not show, nor move anything")
def recent_other_projects(trial: Trial) -> None:
    project = trial.second_project()
    a = trial.create()
    b = trial.create(project=project)
    c = trial.create()
    d = trial.create(project=project)
    trial.viewed(b, project=project)
    trial.viewed(a, project=project)
    trial.recent_is(c, a)
    trial.recent_is(b, d, project=project)


@cases.add("an entry has the basic details of its insight, and this user's time")
def recent_details(trial: Trial) -> None:
    tags = ["conformance", "another"]
    id_ = trial.create(name="Visitors (Test)", description="What it shows", tags=tags)
    (entry,) = trial.recent_is(id_)
    for field, wanted in (("name", "Visitors (Test)"), ("description", "What it shows")):
        found = entry.fields.get(field)
        trial.expect(found == wanted, f"{field} is {found!r}, and was given as {wanted!r}")
    trial.expect(sorted(entry.fields.get("tags") or ()) == sorted(tags), "the tags are not those that were given")
    trial.expect(entry.fields.get("short_id"), "there is no short_id")
    if trial.profile.to_the_letter:
        missing = (BASIC_DETAILS | {"last_viewed_at"}) - entry.fields.keys()
        trial.expect(not missing, f"the entry lacks {', '.join(sorted(missing))}")
        trial.expect(entry.fields["query"] == QUERY, "the query is not the one that was given")
        trial.expect(entry.seen is not None, "the entry does not tell when it was viewed")


@cases.add("the time of a view is the present, in UTC", ours=True)
def recent_time_is_the_present(trial: Trial) -> None:
    (entry,) = trial.recent_is(trial.create())
    try:
        present = trial.subject.now()
    except NotOffered:
        present = parsedate_to_datetime(trial.send("GET", "my_last_viewed/").headers.get("Date", ""))
    if entry.seen is None:
        trial.fail("the entry does not tell when it was viewed")
    apart = abs(entry.seen - present)
    trial.expect(apart < timedelta(minutes=2), f"the view has the time {entry.seen}, and it is {present}")


@cases.add("an entry has these fields and no other; tags are sorted", ours=True)
def recent_details_to_the_letter(trial: Trial) -> None:
    id_ = trial.create(tags=["b", "a", "b"])
    (entry,) = trial.recent_is(id_)
    more = entry.fields.keys() - BASIC_DETAILS - {"last_viewed_at"}
    trial.expect(not more, f"the entry has {', '.join(sorted(more))} too")
    tags = list(entry.fields.get("tags") or ())
    trial.expect(tags == ["a", "b"], f"the tags are {tags}, and have to be ['a', 'b']")
