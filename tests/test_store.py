"""The SQLite store by itself: its plans, its pragmas, its errors, its threads and processes."""

import gc
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from insights_core import (
    Insights,
    InsightsError,
    InvalidInput,
    NotFound,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreUnusable,
)
from insights_core.store import _failures, _look, _statements, sqlite

NAMED = {"name": "n"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "insights.db"


@pytest.fixture
def insights(path):
    with Insights.open(path, synchronous="NORMAL") as opened:
        yield opened


def plan(path, statement, values):
    with sqlite3.connect(path) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    connection.close()
    return [row[3] for row in rows]


VALUES = {"project": "1", "user": "ann", "ids": "[1, 2]", "now": 1, "at": 1, "limit": 5, "reference": 1, "since": 0}


@pytest.mark.parametrize("name", ["RECENT", "RECORD_NOW", "RECORD_AT", "KEPT", "GET_BY_ID", "GET_BY_SHORT_ID"])
def test_no_statement_sorts_or_scans(insights, path, name):
    steps = plan(path, getattr(_statements, name), VALUES)
    assert not [step for step in steps if "TEMP B-TREE" in step]
    # What is scanned is the list of ids that was passed in, and the one row that says who views.
    assert not [
        step for step in steps if step.startswith("SCAN") and step not in ("SCAN j VIRTUAL TABLE INDEX 1:", "SCAN w")
    ]


def test_the_last_viewed_list_walks_the_covering_index(insights, path):
    steps = plan(path, _statements.RECENT, VALUES)
    assert "SEARCH v USING COVERING INDEX view_recent (viewer=? AND dead=?)" in steps


def test_the_moment_of_a_view_costs_two_seeks(insights, path):
    steps = plan(path, _statements.RECORD_NOW, VALUES)
    seeks = [step for step in steps if step == "SEARCH view USING COVERING INDEX view_recent (viewer=? AND dead=?)"]
    assert len(seeks) == 2


def test_the_pragmas_of_each_connection(path):
    with Insights.open(path) as insights:
        connection = insights._store._connections.lane().connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (2,)
    with Insights.open(path, synchronous="NORMAL", busy_timeout=0.25) as insights:
        connection = insights._store._connections.lane().connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (2,)


@pytest.mark.parametrize(
    "options", [{"synchronous": "OFF"}, {"synchronous": "x; DROP"}, {"busy_timeout": -1}, {"busy_timeout": "5"}]
)
def test_options_that_make_no_sense(path, options):
    with pytest.raises(InvalidInput):
        Insights.open(path, **options)
    assert not path.exists()


def test_an_old_sqlite_is_refused():
    with pytest.raises(StoreUnusable, match=r"SQLite 3\.36\.0 is too old: 3\.37\.0 or newer"):
        _failures.require_sqlite((3, 36, 0))
    _failures.require_sqlite((3, 37, 0))


def test_foreign_sql_cannot_leave_the_dead_flag_stale(insights, path):
    project = insights.project("1")
    kept, hidden = (project.create(**NAMED, user="ann") for _ in range(2))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE insight SET deleted = 1 WHERE id = ?", (hidden.id,))
    connection.close()
    assert [entry.id for entry in project.my_last_viewed("ann")] == [kept.id]
    project.restore(hidden.id)
    assert [entry.id for entry in project.my_last_viewed("ann")] == [hidden.id, kept.id]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO view (viewer, insight, last_viewed_at) VALUES (99, 1, 0)",
        "INSERT INTO view (viewer, insight, last_viewed_at) VALUES (1, 99, 0)",
        "UPDATE view SET last_viewed_at = 'yesterday'",
        "UPDATE view SET dead = 2",
        "UPDATE insight SET query = '[]'",
        "UPDATE insight SET query = '{'",
        "UPDATE insight SET short_id = '12345678'",
        "UPDATE insight SET short_id = 'a b c d '",
        "UPDATE insight SET revision = 0",
        "INSERT INTO project (key) VALUES ('')",
    ],
)
def test_the_schema_refuses_what_the_laws_forbid(insights, path, statement):
    insights.project("1").create(**NAMED, user="ann")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError if "'{'" not in statement else sqlite3.Error):
        connection.execute(statement)
    connection.close()


# Opening


def test_a_folder_a_text_file_and_a_missing_folder_are_refused(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no database " * 100)
    before = text.read_bytes()
    for path, message in (
        (tmp_path, "is a folder"),
        (text, "no SQLite database"),
        (tmp_path / "no" / "a.db", "does not exist"),
    ):
        with pytest.raises(StoreUnusable, match=message):
            Insights.open(path)
    assert text.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [text]


@pytest.mark.parametrize("path", ["", ":memory:", "a\0b", 3, None, b"x.db"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidInput):
        Insights.open(path)


def test_a_database_of_another_program_is_left_alone(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreUnusable, match="another program"):
        Insights.open(path)
    with sqlite3.connect(path) as connection:
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
    connection.close()


def test_a_newer_schema_is_refused(path):
    Insights.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm999_flying', '')",
            (_look.MIGRATION_SET,),
        )
    connection.close()
    with pytest.raises(StoreUnusable, match=r"newer version of insights-core \(m999_flying\)"):
        Insights.open(path)


def test_opening_again_imports_no_migration_library(path):
    Insights.open(path).close()
    code = f"import sys, insights_core; insights_core.Insights.open({str(path)!r}).close(); print('sqlite_utils' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "False\n"


OPEN_AND_CREATE = """
import sys
from insights_core import Insights
print("ready", flush=True)
sys.stdin.readline()
with Insights.open(sys.argv[1], busy_timeout=20) as insights:
    insights.project("1").create(name="n")
"""


def test_many_processes_may_open_a_new_file_at_once(path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_CREATE, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 6
    with Insights.open(path) as insights:
        assert len(insights.project("1").list()) == 6


# Handles


def test_a_closed_handle_says_so(path):
    for insights in (Insights.open(path), Insights.memory()):
        project = insights.project("1")
        insights.close()
        insights.close()
        for call in (
            project.list,
            lambda project=project: project.viewed("ann", [1]),
            lambda project=project: project.create(**NAMED),
        ):
            with pytest.raises(StoreClosed, match="closed"):
                call()


def test_one_handle_serves_many_threads(path):
    failures = []
    for insights in (Insights.open(path, synchronous="NORMAL"), Insights.memory()):
        with insights:
            project = insights.project("1")
            ids = [project.create(**NAMED).id for _ in range(20)]
            start = threading.Barrier(8)

            def work(number, project=project, ids=ids, start=start):
                try:
                    start.wait(30)
                    for turn in range(25):
                        project.viewed(f"user {number}", ids[turn % 20 : turn % 20 + 3])
                        project.my_last_viewed(f"user {number}")
                        project.viewed("everybody", [ids[turn % 20]])
                except Exception as error:  # noqa: BLE001 - told to the main thread
                    failures.append(error)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert failures == []
            everybody = project.my_last_viewed("everybody", 100)
            assert len(everybody) == 20
            assert len({entry.last_viewed_at for entry in everybody}) == 20


def test_the_connection_of_a_thread_that_ended_is_closed(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        for _ in range(5):
            thread = threading.Thread(target=project.list)
            thread.start()
            thread.join()
        gc.collect()
        assert len(insights._store._connections._lanes) == 1


def test_a_writer_that_holds_the_file_ends_in_store_busy(path):
    with Insights.open(path, busy_timeout=0.05) as insights:
        project = insights.project("1")
        kept = project.create(**NAMED, user="ann")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for call in (
            lambda: project.viewed("ann", [kept.id]),
            lambda: project.create(**NAMED),
            lambda: project.delete(kept.id),
        ):
            with pytest.raises(StoreBusy, match="another writer"):
                call()
        assert project.my_last_viewed("ann")[0].id == kept.id  # a writer keeps no reader out
        other.execute("ROLLBACK")
        other.close()
        assert project.viewed("ann", [kept.id]).recorded == (kept.id,)
        assert [entry.revision for entry in project.list()] == [1]


def test_a_full_disk_is_told_and_the_handle_goes_on(path):
    with Insights.open(path, synchronous="NORMAL") as insights:
        project = insights.project("1")
        connection = insights._store._connections.lane().connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="disk is full"):
            project.create({"kind": "x", "text": "y" * 100_000}, **NAMED)
        connection.execute("PRAGMA max_page_count = 1000000")
        assert project.list() == []
        assert project.create(**NAMED).id == 1


# Insights


def test_short_ids_are_eight_letters_and_digits_with_a_letter(insights):
    found = {insights.project("1").create(**NAMED).short_id for _ in range(200)}
    assert len(found) == 200
    assert all(len(text) == 8 and text.isalnum() and text.isascii() and not text.isdigit() for text in found)


def test_a_short_id_that_is_taken_is_drawn_again(insights, monkeypatch):
    drawn = iter(["aaaaaaaa", "aaaaaaaa", "bbbbbbbb", "aaaaaaaa"])
    monkeypatch.setattr(sqlite, "_short_id", lambda: next(drawn))
    one, two = (insights.project("1").create(**NAMED) for _ in range(2))
    elsewhere = insights.project("2").create(**NAMED)
    assert [insight.short_id for insight in (one, two, elsewhere)] == ["aaaaaaaa", "bbbbbbbb", "aaaaaaaa"]
    assert len({insight.id for insight in (one, two, elsewhere)}) == 3


def test_a_short_id_finds_its_own_project_only(insights):
    mine = insights.project("1").create(**NAMED)
    theirs = insights.project("2")
    for reference in (mine.id, str(mine.id), mine.short_id):
        assert insights.project("1").get(reference) == mine
        with pytest.raises(NotFound) as caught:
            theirs.get(reference)
        assert caught.value.insight in (mine.id, mine.short_id)
    assert theirs.ids([mine.id, mine.short_id]) == []
    assert insights.project("1").ids([mine.short_id, 99, "zzzzzzzz", mine.id]) == [mine.id, mine.id]


def test_a_query_comes_back_as_it_went_in(insights):
    query = {"kind": "x", "b": [1, 2.5, None, True, {"é\u2028": "\u0000\U0001f600"}], "a": {"": -0.0, "big": 2**70}}
    kept = insights.project("1").create(query, name="n")
    assert insights.project("1").get(kept.id).query == query
    assert list(kept.query) == ["kind", "b", "a"]


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return {"kind": "x", "deep": value}


endless = {}
endless["again"] = endless


@pytest.mark.parametrize(
    "fields",
    [
        {"query": {"a": float("nan")}}, {"query": {"a": float("inf")}}, {"query": {1: 2}}, {"query": {"a": {None: 1}}},
        {"query": {"a": "\ud800"}}, {"query": {"\udfff": 1}}, {"query": []}, {"query": "SELECT 1"}, {"query": {"a": {1, 2}}},
        {"query": nested(600)}, {"query": nested(100_000)}, {"query": endless},
        {"name": 3}, {"name": "a\0b"}, {"name": "\ud800"}, {"description": b""}, {"tags": "abc"}, {"tags": [1]},
        {"tags": {"a": 1}}, {"dashboards": [True]}, {"dashboards": "1"}, {"dashboards": ["1"]}, {"dashboards": [2**63]},
        {"order": 1.5}, {"order": 2**63}, {"order": True}, {"favorited": 1}, {"folder": 1}, {"user": ""}, {"user": 1},
        {"user": "x" * 401}, {"user": "\ud800"},
    ],
)  # fmt: skip
def test_fields_that_cannot_be_kept_are_refused_and_leave_no_trace(insights, fields):
    project = insights.project("1")
    with pytest.raises(InvalidInput) as caught:
        project.create(**fields)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
    assert project.list() == []
    assert project.create(**NAMED).id == 1


@pytest.mark.parametrize(
    "ids", [[], (), "12", b"1", {"a": 1}, None, 7, [0], [-1], [2**63], [True], ["1"], [1.0], [None], [[1]]]
)
def test_ids_that_are_none_are_refused_and_leave_no_trace(insights, ids):
    project = insights.project("1")
    kept = project.create(**NAMED)
    bad = [kept.id, *ids] if isinstance(ids, list) and ids else ids
    with pytest.raises(InvalidInput):
        project.viewed("ann", bad)
    assert project.my_last_viewed("ann") == []


def test_the_largest_id_is_a_missing_one(insights):
    assert insights.project("1").viewed("ann", [2**63 - 1]).recorded == ()


def test_a_derived_name_is_made_where_none_is_given(insights):
    project = insights.project("1")
    query = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "order_placed"}]}
    derived = project.create(query)
    assert derived.name is None
    assert "Order" in derived.derived_name
    assert derived.name_source == "heuristic"
    assert derived.title == derived.derived_name
    named = project.create(query, name="Mine")
    assert (named.name, named.derived_name, named.name_source) == ("Mine", None, "user")
    nothing = project.create({})
    assert (nothing.name, nothing.derived_name, nothing.name_source) == (None, None, None)
    assert project.generate_name(derived) == project.generate_name(query)
    with pytest.raises(InsightsError, match="has no query"):
        project.generate_name(project.create(**NAMED))


def test_a_clock_without_a_zone_is_refused():
    insights = Insights.memory(clock=lambda: datetime(2026, 1, 1))  # noqa: DTZ001
    with insights, pytest.raises(InvalidInput, match="clock"):
        insights.project("1").create(**NAMED)


def test_values_of_a_call_are_json_ready():
    with Insights.memory(clock=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) as insights:
        kept = insights.project("1").create(name="n", tags=["b", "a"], dashboards=[2, 1], user="ann")
    shown = kept.to_dict()
    assert shown["tags"] == ["a", "b"]
    assert shown["dashboards"] == [2, 1]
    assert shown["created_at"] == "2026-01-02T03:04:05.000000Z"
    assert list(shown)[:4] == ["id", "short_id", "name", "derived_name"]


def test_connections_outlive_their_module_when_the_interpreter_ends(tmp_path):
    # It empties modules before it drops what threads and cycles still hold; an error in `__del__` is printed, not raised.
    code = """
import gc, sys
from insights_core import Insights
insights = Insights.open(sys.argv[1])
insights.project("p").create(user="ann")
names = vars(sys.modules["insights_core.store._lane"])
names.update(dict.fromkeys([name for name in names if not name.startswith("__")]))
del insights
gc.collect()
"""
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.db")], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
