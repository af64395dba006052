"""What goes out comes back: export, import and backup, whole or not at all."""

import json
import sqlite3
import threading
from datetime import UTC, datetime

import pytest

from insights_core import Conflict, Insights, InvalidInput, StoreUnusable

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def fill(insights):
    """Two projects, three users, something deleted, something forgotten, every field set somewhere."""
    for key in ("1", "zwei"):
        project = insights.project(key)
        query = {"kind": "TrendsQuery", "series": [{"event": "é\u2028", "n": [1.5, None, True]}]}
        one = project.create(
            query, user="ann", tags=["b", "a", "ö"], dashboards=[3, 1], folder="F", order=-4, favorited=True
        )
        two = project.create(name="two", description='"quoted"\nlines', user="bob")
        three = project.create(user="cleo")
        project.update(two.id, name="second", user="ann")
        project.viewed("ann", [two.id, three.id], at=PAST)
        project.viewed("ann", [one.id, three.id])
        project.delete(three.id)
        project.forget("bob")
    insights.project("only views forgotten").forget("dora")


def everything(insights):
    """All that can be seen from outside, ids and short ids included."""
    found = {}
    for key in ("1", "zwei"):
        project = insights.project(key)
        found[key] = (
            project.list(),
            project.list(deleted=True),
            {user: project.my_last_viewed(user, 100) for user in ("ann", "bob", "cleo")},
        )
    return found


@pytest.fixture
def exported():
    with Insights.memory() as insights:
        fill(insights)
        yield insights, list(insights.export_lines())


def test_an_export_comes_back_as_it_was(exported, tmp_path):
    insights, lines = exported
    with Insights.open(tmp_path / "copy.db") as copy:
        assert copy.import_lines(line.encode() for line in lines) == {"insight": 6, "viewer": 7, "view": 8}
        assert everything(copy) == everything(insights)
        assert list(copy.export_lines()) == lines
        assert copy.check().problems == ()
        for key in ("1", "zwei"):
            kept = copy.project(key).create(name="new")
            assert kept.id > 6
            # What was forgotten stays forgotten: the watermark came along.
            assert copy.project(key).viewed("bob", [kept.id], at=PAST).recorded == ()


def test_importing_counts_as_no_view(exported):
    _, lines = exported
    with Insights.memory() as copy:
        copy.import_lines(lines)
        assert copy.project("1").my_last_viewed("importer") == []
        assert copy.project("1").my_last_viewed("bob") == []


def test_a_store_with_insights_takes_an_import_with_new_ids_only(exported):
    insights, lines = exported
    before = everything(insights)
    with pytest.raises(Conflict, match="renumber"):
        insights.import_lines(lines)
    assert everything(insights) == before
    insights.import_lines(lines, renumber=True)
    assert insights.check().problems == ()
    for key in ("1", "zwei"):
        listed = insights.project(key).list()
        assert len(listed) == 2 * len(before[key][0])
        assert len({insight.short_id for insight in listed}) == len(listed)
        titles = [entry.title for entry in insights.project(key).my_last_viewed("ann", 100) if entry.name]
        assert titles == ["second", "second"]


def broken(lines):
    """Each way to break an export, by name."""

    def changed(number, **fields):
        return [*lines[:number], json.dumps({**json.loads(lines[number]), **fields}), *lines[number + 1 :]]

    view = next(number for number, line in enumerate(lines) if '"type": "view"' in line)
    yield "nothing", []
    yield "no header", lines[1:]
    yield "another format", changed(0, format="else")
    yield "a later version", changed(0, version=2)
    yield "no end", lines[:-1]
    yield "a line missing", lines[:2] + lines[3:]
    yield "something behind the end", [*lines, lines[1]]
    yield "no JSON", [*lines[:2], "{", *lines[2:]]
    yield "NaN", [*lines[:2], '{"type": NaN}', *lines[2:]]
    yield "no object", [*lines[:2], "[]", *lines[2:]]
    yield "an unknown type", changed(1, type="else")
    yield "an unknown field", changed(1, extra=1)
    yield "a flag that is none", changed(1, deleted=1)
    yield "an id that is text", changed(1, id="1")
    yield "an id twice", changed(1, id=2)
    yield "a negative id", changed(1, id=-7)
    yield "an id beyond SQLite", changed(1, id=2**63)
    yield "a query that is no object", changed(1, query=[1])
    yield "half a surrogate pair", changed(1, name="\ud800")
    yield "a NUL", changed(1, name="a\0b")
    yield "a short id that is none", changed(1, short_id="12345678")
    yield "a year beyond 9999", changed(1, created_at=10**18)
    yield "tags that are no texts", changed(1, tags=[1])
    yield "tags out of order", changed(1, tags=["b", "a"])
    yield "dashboards that are no integers", changed(1, dashboards=["1"])
    yield "an empty project", changed(1, project="")
    yield "a view of nothing", changed(view, insight=99)
    yield "a view of another project", changed(view, project="zwei")
    yield "a user that is nobody", changed(view, user="")


with Insights.memory() as _insights:
    fill(_insights)
    BROKEN = dict(broken(list(_insights.export_lines())))


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_line_refuses_the_whole(fault, tmp_path):
    with Insights.open(tmp_path / "target.db", synchronous="NORMAL") as insights:
        with pytest.raises(InvalidInput) as caught:
            insights.import_lines(BROKEN[fault])
        assert "\n" not in str(caught.value)
        assert len(list(insights.export_lines())) == 2
        insights.project("1").create(name="the handle goes on")
        assert insights.check().problems == ()


def test_a_snapshot_is_of_one_moment_and_stops_nobody(tmp_path):
    for insights in (Insights.open(tmp_path / "a.db", synchronous="NORMAL"), Insights.memory()):
        with insights:
            project = insights.project("1")
            project.create(name="before", user="ann")
            lines = insights.export_lines()
            first = next(lines)
            project.create(name="meanwhile", user="ann")
            rest = list(lines)
            assert sum('"type": "insight"' in line for line in [first, *rest]) == 1
            assert len(project.list()) == 2


def test_a_backup_under_load_is_whole(tmp_path):
    with Insights.open(tmp_path / "busy.db", synchronous="NORMAL") as insights:
        project = insights.project("1")
        ids = [project.create(name="n").id for _ in range(10)]
        done = threading.Event()

        def load():
            while not done.is_set():
                project.viewed("ann", ids)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            for number in range(5):
                insights.backup(tmp_path / f"copy {number}.db")
        finally:
            done.set()
            thread.join()
    for number in range(5):
        with Insights.open(tmp_path / f"copy {number}.db", read_only=True) as copy:
            assert copy.check().problems == ()
            viewed = {entry.last_viewed_at for entry in copy.project("1").my_last_viewed("ann", 100)}
            assert len(viewed) <= 1  # all ten of a call, or none


def test_a_backup_overwrites_nothing_and_leaves_nothing_behind(tmp_path):
    with Insights.open(tmp_path / "a.db") as insights:
        insights.project("1").create(name="n", user="ann")
        target = tmp_path / "backup.db"
        insights.backup(target)
        before = target.read_bytes()
        with pytest.raises(StoreUnusable, match="exists already"):
            insights.backup(target)
        with pytest.raises(StoreUnusable, match="does not exist"):
            insights.backup(tmp_path / "no" / "folder.db")
        assert target.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.db", "backup.db"}
    with Insights.open(target) as copy:
        assert copy.project("1").my_last_viewed("ann")[0].name == "n"


# Read-only


def test_a_second_program_looks_in_and_writes_nothing(tmp_path):
    path = tmp_path / "a.db"
    with Insights.open(path) as insights:
        project = insights.project("1")
        kept = project.create({"kind": "x", "a": 1}, name="n", user="ann")
        with Insights.open(path, read_only=True) as reader:
            looked = reader.project("1")
            assert looked.get(kept.id) == kept
            project.viewed("ann", [kept.id])
            assert looked.my_last_viewed("ann") == project.my_last_viewed("ann")
            assert looked.search("n") == [kept]
            assert reader.check().problems == ()
            assert list(reader.export_lines()) == list(insights.export_lines())
            for write in (
                lambda: looked.create(name="x"),
                lambda: looked.viewed("ann", [kept.id]),
                lambda: looked.viewed("new", [kept.id]),
                lambda: looked.update(kept.id, name="x"),
                lambda: looked.delete(kept.id),
                lambda: looked.forget("ann"),
                lambda: reader.import_lines(insights.export_lines(), renumber=True),
            ):
                with pytest.raises(StoreUnusable, match="read-only"):
                    write()
        assert project.list() == [kept]


def test_read_only_makes_and_migrates_nothing(tmp_path):
    with pytest.raises(StoreUnusable, match="does not exist"):
        Insights.open(tmp_path / "none.db", read_only=True)
    empty = tmp_path / "empty.db"
    sqlite3.connect(empty).close()
    empty.touch()
    with pytest.raises(StoreUnusable, match="older version"):
        Insights.open(empty, read_only=True)
    assert empty.read_bytes() == b""
