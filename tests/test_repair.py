"""Moments ahead of the clock and numbers near the end: refused by an import, found by a check, mended by a repair."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from insights_app.cli import main

from insights_core import Insights, InvalidInput, StoreError, StoreUnusable
from insights_core.moments import EARLIEST, LATEST, to_microseconds
from insights_core.testing.clock import Clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRESENT = to_microseconds(NOW)
LARGEST = 2**63 - 1
MINUTE = 60_000_000


def exported():
    with Insights.memory(clock=Clock(NOW)) as insights:
        project = insights.project("1")
        one = project.create({"kind": "x"}, name="one", user="ann", tags=["a"], order=3)
        project.create(name="two", user="bob")
        project.viewed("bob", [one.id])
        project.forget("cleo")
        return [json.loads(line) for line in insights.export_lines()]


RECORDS = exported()
MOMENTS = [PRESENT + 5 * MINUTE + 1_000_000, PRESENT + 86_400_000_000, LATEST, LATEST - 1]
FAULTS = [
    *(("insight", field, value) for field in ("created_at", "updated_at", "last_modified_at") for value in MOMENTS),
    *(("viewer", "forgotten_until", value) for value in MOMENTS),
    *(("view", "last_viewed_at", value) for value in MOMENTS),
    *(("insight", "id", value) for value in (LARGEST, LARGEST - 1, 2**62, 2**53 + 1, 0, -1)),
    *(("insight", "revision", value) for value in (LARGEST, LARGEST - 1, 2**62, 2**53 + 1, 0)),
    *(("insight", "order", value) for value in (LARGEST, -LARGEST, -(2**63), 2**53 + 1)),
    ("insight", "updated_at", 0),
    ("insight", "last_modified_at", EARLIEST),
    ("insight", "last_modified_at", PRESENT + 1),
    ("view", "user", "x" * 401),
]


def changed(kind, field, value):
    records = json.loads(json.dumps(RECORDS))
    next(record for record in records if record["type"] == kind)[field] = value
    return [json.dumps(record) for record in records]


@pytest.mark.parametrize(("kind", "field", "value"), FAULTS)
def test_an_import_refuses_what_nothing_can_follow(kind, field, value):
    with Insights.memory(clock=Clock(NOW)) as insights:
        with pytest.raises(InvalidInput, match=r"^line \d+: ") as caught:
            insights.import_lines(changed(kind, field, value))
        assert "\n" not in str(caught.value)
        assert len(list(insights.export_lines())) == 2


def test_an_import_tells_who_mends_a_moment_and_shows_no_control_character():
    with Insights.memory(clock=Clock(NOW)) as insights:
        with pytest.raises(InvalidInput, match=r"9999-12-31.*insights check --repair"):
            insights.import_lines(changed("view", "last_viewed_at", LATEST))
        for kind, field in (("view", "\x1b]0;x\a"), ("insight", "type")):
            with pytest.raises(InvalidInput) as caught:
                insights.import_lines(changed(kind, field, []))
            assert str(caught.value).isprintable()


numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, LARGEST, -(2**53), EARLIEST, LATEST]),
    st.integers(-400 * MINUTE, 10 * MINUTE).map(lambda offset: PRESENT + offset),
    st.sampled_from([PRESENT, PRESENT + 5 * MINUTE, PRESENT + 5 * MINUTE + 1, PRESENT - 1]),
)
FIELDS = [(number, field) for number, record in enumerate(RECORDS) for field, value in record.items() if isinstance(value, int) and not isinstance(value, bool) and record["type"] not in ("header", "end")]  # fmt: skip
texts = st.one_of(st.text(max_size=3), st.sampled_from(["ann", "bob", "1", "ä", "\U0001f600"]))
changes = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(FIELDS), numbers),
        st.tuples(st.sampled_from([(1, "tags"), (2, "tags")]), st.lists(texts, max_size=3)),
        st.tuples(st.sampled_from([(1, "dashboards"), (2, "dashboards")]), st.lists(numbers, max_size=3)),
        st.tuples(st.sampled_from([(1, "order"), (3, "forgotten_until"), (4, "forgotten_until")]), numbers),
        st.tuples(st.sampled_from([(1, "deleted"), (2, "deleted")]), st.booleans()),
    ),
    max_size=4,
)


@settings(max_examples=300)
@given(changes=changes, renumber=st.booleans())
def test_whatever_an_import_takes_a_check_finds_sound_and_life_goes_on(changes, renumber):
    records = json.loads(json.dumps(RECORDS))
    for (number, field), value in changes:
        records[number][field] = value
    with Insights.memory(clock=Clock(NOW)) as insights:
        try:
            insights.import_lines(map(json.dumps, records), renumber=renumber)
        except InvalidInput:
            assert len(list(insights.export_lines())) == 2
            return
        assert insights.check().problems == ()
        assert insights.repair() == ()
        project = insights.project("1")
        made = project.create(name="life goes on", user="ann")
        project.viewed("bob", [made.id])
        for insight in project.list():
            assert project.update(insight.id, description="edited").revision == insight.revision + 1
        for user in ("ann", "bob", "cleo"):
            project.forget(user)
            project.viewed(user, [made.id])
        assert insights.check().problems == ()
        # What has counted on from the very largest that an import takes is sound, and one more.
        if all(max(insight.id, insight.revision) <= 2**53 for insight in project.list()):
            with Insights.memory(clock=Clock(NOW)) as copy:
                copy.import_lines(insights.export_lines())
                assert copy.check().problems == ()


# What lies in a database already, by a clock that was wrong or by a version that took it.


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.db"
    with Insights.open(path, clock=Clock(NOW), synchronous="NORMAL") as insights:
        insights.import_lines(map(json.dumps, RECORDS))
        project = insights.project("1")
        project.create({"kind": "TrendsQuery", "series": [{"event": "a"}]}, derived_name="old")
        project.name_missing()
        project.viewed("ann", [1, 2])
        insights.keys.create("ann", "insight:read")
    return path


def broken(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.execute("INSERT INTO insight_words (insight_words) VALUES ('rebuild')")  # as the import would have
    connection.commit()
    connection.close()


BROKEN = {
    "a view in 9999": f"UPDATE view SET last_viewed_at = {LATEST}",
    "a view tomorrow": f"UPDATE view SET last_viewed_at = {PRESENT + 86_400_000_000} WHERE insight = 1",
    "a watermark in 9999": f"UPDATE viewer SET forgotten_until = {LATEST} WHERE user = 'cleo'",
    "created in 9999": f"UPDATE insight SET created_at = {LATEST}, updated_at = {LATEST}, last_modified_at = {LATEST}",
    "updated in 9999": f"UPDATE insight SET updated_at = {LATEST} WHERE id = 2",
    "named in 9999": f"UPDATE naming_run SET run_at = {LATEST}",
    "a key of 9999": f"UPDATE api_key SET created_at = {LATEST}, last_used_at = {LATEST}",
    "the largest revision": f"UPDATE insight SET revision = {LARGEST}",
    "a revision near the end": f"UPDATE insight SET revision = {LARGEST - 1} WHERE id = 1",
    "the largest order": f'UPDATE insight SET "order" = {LARGEST} WHERE id = 1',
    "the smallest order": f'UPDATE insight SET "order" = {-LARGEST - 1} WHERE id = 1',
    "the largest id": f"PRAGMA foreign_keys = OFF; UPDATE view SET insight = {LARGEST} WHERE insight = 2; UPDATE insight SET id = {LARGEST} WHERE id = 2; UPDATE sqlite_sequence SET seq = {LARGEST} WHERE name = 'insight'",
    "two large ids": f"UPDATE view SET insight = insight + {LARGEST - 9}; UPDATE naming_change SET insight = insight + {LARGEST - 9}; UPDATE insight SET id = id + {LARGEST - 9}; UPDATE sqlite_sequence SET seq = {LARGEST - 6} WHERE name = 'insight'",
    "the largest counter": f"UPDATE sqlite_sequence SET seq = {LARGEST}",
    "the largest run": f"UPDATE naming_change SET run = {LARGEST}; UPDATE naming_run SET id = {LARGEST}; UPDATE sqlite_sequence SET seq = {LARGEST} WHERE name = 'naming_run'",
    "changed before it was created": "UPDATE insight SET updated_at = 0, last_modified_at = 5",
    "marked as deleted": "UPDATE view SET dead = 1",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_repair_mends_what_a_check_finds(path, name):
    broken(path, *BROKEN[name].split("; "))
    clock = Clock(NOW + timedelta(minutes=1))
    with Insights.open(path, clock=clock) as insights:
        project = insights.project("1")
        before = list(insights.export_lines())
        problems = insights.check().problems
        assert problems
        assert all("insights check --repair" in problem for problem in problems)
        told = insights.repair()
        assert told
        assert all(line.isprintable() for line in told)
        assert list(insights.export_lines()) == before  # it was a dry run
        assert insights.check().problems == problems
        order = [entry.name for entry in project.my_last_viewed("ann", 10)]
        assert insights.repair(dry_run=False) == told
        assert insights.check().problems == ()
        assert insights.repair(dry_run=False) == ()
        if name != "marked as deleted":
            assert [entry.name for entry in project.my_last_viewed("ann", 10)] == order
        new = project.create(name="life goes on", user="ann")
        assert project.search("life")[0].id == new.id
        assert {insight.name for insight in project.search("two")} == {"two"}
        project.viewed("ann", [new.id])
        project.viewed("cleo", [new.id])
        for insight in project.list():
            project.update(insight.id, description="edited")
        project.name_missing()
        project.undo_naming()
        assert insights.check().problems == ()


def test_views_of_one_call_stay_of_one_moment_and_behind_those_that_are_sound(path):
    broken(path, f"UPDATE view SET last_viewed_at = {LATEST} WHERE viewer = (SELECT id FROM viewer WHERE user = 'ann')")
    with Insights.open(path, clock=Clock(NOW)) as insights:
        insights.repair(dry_run=False)
        assert len({entry.last_viewed_at for entry in insights.project("1").my_last_viewed("ann", 10)}) == 1


def test_what_is_damaged_is_not_repaired(path):
    broken(path, "DROP INDEX view_insight")
    with (
        Insights.open(path, clock=Clock(NOW)) as insights,
        pytest.raises(StoreUnusable, match="view_insight is missing"),
    ):
        insights.repair(dry_run=False)


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime(3001, 1, 1, tzinfo=UTC)])
def test_a_clock_past_the_year_3000_is_refused_with_the_reason(moment):
    clock = Clock(NOW)
    with Insights.memory(clock=clock) as insights:
        project = insights.project("1")
        kept = project.create(name="n", user="ann")
        clock.now = moment
        for call in (
            lambda: project.create(name="x"),
            lambda: project.viewed("ann", [kept.id]),
            lambda: project.viewed("ann", [kept.id], at=moment),
            lambda: project.update(kept.id, name="x"),
            lambda: project.delete(kept.id),
            lambda: project.forget("ann"),
            lambda: insights.import_lines(insights.export_lines(), renumber=True),
        ):
            with pytest.raises(InvalidInput, match=r"clock says .* past the year 3000"):
                call()
        clock.now = NOW
        assert insights.check().problems == ()
        assert project.list() == [kept]


def test_what_cannot_follow_is_told_with_a_way_out(path):
    broken(path, f"UPDATE view SET last_viewed_at = {LATEST}")
    with Insights.open(path, clock=Clock(NOW)) as insights, pytest.raises(StoreError, match="insights check"):
        insights.project("1").viewed("ann", [1])


def test_the_command_shows_what_it_would_mend_and_mends_it(path):
    broken(path, BROKEN["a view in 9999"], BROKEN["the largest revision"])

    def run(*options):
        return CliRunner().invoke(main, ["--db", str(path), "check", *options])

    assert run("--dry-run").exit_code == 2
    found = run()
    shown = run("--repair", "--dry-run")
    assert (found.exit_code, shown.exit_code) == (1, 1)
    assert found.output in shown.output  # nothing is mended yet
    mended = run("--repair")
    assert mended.exit_code == 0
    assert mended.output.endswith("\n0 problems\n")
    assert mended.output.count("mended: ") == shown.output.count("would mend: ") > 0
    assert json.loads(run("--repair", "--json").output) == {"problems": [], "notes": []}
