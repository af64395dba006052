"""What is opened: nothing is written to a file that is refused, and one that goes away under a handle is missed."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from insights_core import Insights, InvalidInput, StoreUnusable
from insights_core.store import _look, _schema

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def made(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path


def application_id(path):
    connection = sqlite3.connect(path)
    ((found,),) = connection.execute("PRAGMA application_id").fetchall()
    connection.close()
    return found


def patched(path, place, data):
    Insights.open(path).close()
    content = bytearray(path.read_bytes())
    content[place : place + len(data)] = data
    path.write_bytes(content)
    return path


def crashed(path, *statements):
    """Make a database in a process that is gone before its log is copied into the file."""
    code = "import os, sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n[c.execute(s) for s in sys.argv[2:]]\nos._exit(0)"
    subprocess.run([sys.executable, "-c", code, path, *statements], check=True)
    return path


FOREIGN = {
    "tables": lambda path: made(path, "CREATE TABLE theirs (x)"),
    "a view alone": lambda path: made(path, "CREATE VIEW theirs AS SELECT 1"),
    "a virtual table": lambda path: made(path, "CREATE VIRTUAL TABLE theirs USING fts5 (x)"),
    "an application id alone": lambda path: made(path, "PRAGMA application_id = 1196444487"),
    "a table of migrations, theirs": lambda path: made(path, "CREATE TABLE _sqlite_migrations (id, migration_set, name)", "INSERT INTO _sqlite_migrations VALUES (1, 'theirs', 'x')"),
    "our tables and their application id": lambda path: patched(path, 68, b"GPKG"),
    "a write-ahead log": lambda path: made(path, "PRAGMA journal_mode = WAL", "CREATE TABLE theirs (x)"),
    "a write-ahead log that is needed": lambda path: crashed(path, "PRAGMA journal_mode = WAL", "CREATE TABLE theirs (x)"),
    "one byte": lambda path: path.write_bytes(b"x"),
    "99 bytes": lambda path: path.write_bytes(b"SQLite format 3\0".ljust(99, b"\0")),
    "text": lambda path: path.write_text("no database " * 100),
    "a newer SQLite format": lambda path: patched(path, 18, b"\3\3"),
    "a newer SQLite format to read": lambda path: patched(path, 19, b"\3"),
}  # fmt: skip


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_is_written_to_a_file_that_is_refused(path, name, read_only):
    FOREIGN[name](path)

    # A log that is needed has an index of its own, which SQLite may make anew and which says nothing.
    def files():
        return {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}

    before, folder = files(), path.parent.stat().st_mtime_ns
    with pytest.raises(StoreUnusable) as caught:
        Insights.open(path, read_only=read_only)
    assert "\n" not in str(caught.value)
    assert files() == before
    if name != "a write-ahead log that is needed":
        assert path.parent.stat().st_mtime_ns == folder
    wanted = (
        "newer SQLite format"
        if "newer" in name
        else "no SQLite database"
        if "byte" in name or name == "text"
        else "another program"
    )
    assert wanted in str(caught.value)


def test_a_database_that_another_program_has_open_keeps_its_locks(path):
    other = sqlite3.connect(made(path, "CREATE TABLE theirs (x)"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnusable, match="another program"):
        Insights.open(path)
    code = "import sqlite3, sys\ntry: sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT * FROM theirs')\nexcept sqlite3.OperationalError as error: print(error)"
    told = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert told == "database is locked\n"
    other.close()


def test_an_empty_file_and_one_without_anything_in_it_become_ours(path):
    path.touch()
    Insights.open(path).close()
    assert application_id(path) == _look.APPLICATION_ID
    empty = made(path.with_name("b.db"), "CREATE TABLE x (y)", "DROP TABLE x")
    Insights.open(empty).close()
    assert application_id(empty) == _look.APPLICATION_ID


def test_a_file_of_an_older_version_gets_its_application_id(path):
    with Insights.open(path) as insights:
        insights.project("1").create(name="n", user="ann")
    made(path, "PRAGMA application_id = 0", "DELETE FROM _sqlite_migrations WHERE name = 'm004_application_id'")
    with pytest.raises(StoreUnusable, match="older version"):
        Insights.open(path, read_only=True)
    assert application_id(path) == 0
    with Insights.open(path) as insights:
        assert insights.project("1").my_last_viewed("ann")[0].name == "n"
    assert application_id(path) == _look.APPLICATION_ID


def test_what_a_crash_left_in_the_log_is_looked_at(path):
    code = "import os, sys\nfrom insights_core import Insights\ni = Insights.open(sys.argv[1])\ni.project('1').create(name='n')\nos._exit(0)"
    subprocess.run([sys.executable, "-c", code, path], check=True)
    assert path.with_name("a.db-wal").stat().st_size
    with Insights.open(path) as insights:
        assert [insight.name for insight in insights.project("1").list()] == ["n"]


@POSIX
@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_new_file_is_its_owners_alone(path, umask):
    before = os.umask(umask)
    try:
        with Insights.open(path) as insights, Insights.open(path.with_name("b.db"), mode=0o640) as shared:
            for one in (insights, shared):
                one.project("1").create(name="n")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {name: 0o600 if name.startswith("a") else 0o640 for name in modes}
    assert len(modes) == 6


@POSIX
def test_a_file_that_is_there_keeps_its_permissions(path):
    Insights.open(path).close()
    path.chmod(0o664)
    Insights.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("mode", [0, 0o400, 0o1600, True, "600", -1, None])
def test_permissions_that_make_no_sense(path, mode):
    with pytest.raises(InvalidInput, match="mode"):
        Insights.open(path, mode=mode)
    assert not path.exists()


# A file that goes away


def other(path):
    with Insights.open(path) as insights:
        insights.project("other").create(name="other")
    return path


GONE = {
    "deleted": lambda path: path.unlink(),
    "moved": lambda path: path.rename(path.with_name("moved.db")),
    "replaced": lambda path: shutil.move(other(path.with_name("other.db")), path),
    "replaced by a folder": lambda path: (path.unlink(), path.mkdir()),
    "replaced by text": lambda path: (path.unlink(), path.write_text("text")),
    "emptied": lambda path: path.write_bytes(b""),
    "overwritten by text": lambda path: path.write_text("no database " * 1000),
    "overwritten by another program's": lambda path: path.write_bytes(made(path.with_name("theirs.db"), "CREATE TABLE theirs (x)", "PRAGMA application_id = 7").read_bytes()),
}  # fmt: skip


def writes(insights, kept):
    project = insights.project("1")
    return {
        "create": lambda: project.create(name="lost"),
        "viewed": lambda: project.viewed("ann", [kept.id]),
        "viewed at": lambda: project.viewed("ann", [kept.id], at=kept.created_at),
        "viewed first": lambda: project.viewed("new", [kept.id]),
        "update": lambda: project.update(kept.id, name="lost"),
        "delete": lambda: project.delete(kept.id),
        "forget": lambda: project.forget("ann"),
        "import": lambda: insights.import_lines(list(insights.export_lines()), renumber=True),
        "keys": lambda: insights.keys.create("ann", "insight:read"),
        "repair": lambda: insights.repair(dry_run=False),
    }


@pytest.mark.parametrize("how", GONE)
def test_a_file_that_goes_away_under_a_handle_is_missed_at_the_next_write(path, how):
    with Insights.open(path) as insights:
        kept = insights.project("1").create(name="n", user="ann")
        Insights.open(path).close()
        # The log is copied into the file, so that it says whose it is.
        insights._store._connections.lane().rows("PRAGMA wal_checkpoint(TRUNCATE)")
        insights.project("1").viewed("ann", [kept.id])
        GONE[how](path)
        for name, write in writes(insights, kept).items():
            with pytest.raises(StoreUnusable, match="since it was opened") as caught:
                write()
            assert "\n" not in str(caught.value), name
        (problem,) = insights.check().problems
        assert "since it was opened" in problem
        found = []

        def elsewhere():
            try:
                insights.project("1").list()
            except StoreUnusable as error:
                found.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        if how in ("deleted", "moved"):
            assert len(found) == 1
            assert not path.exists()  # no thread has made a new one


def test_a_file_that_is_put_back_is_written_again(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        project.create(name="one")
        path.rename(path.with_name("moved.db"))
        with pytest.raises(StoreUnusable, match="moved"):
            project.create(name="two")
        path.with_name("moved.db").rename(path)
        assert project.create(name="three").id == 2


# The schema's version


@pytest.mark.parametrize(
    "call", ["create", "viewed", "viewed at", "viewed first", "update", "delete", "forget", "import", "keys"]
)
def test_a_newer_version_that_changes_the_schema_under_a_handle_is_noticed(path, call):
    with Insights.open(path) as insights:
        kept = insights.project("1").create(name="n", user="ann")
        write = writes(insights, kept)[call]
        before = list(insights.export_lines())
        made(
            path,
            f"INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('{_look.MIGRATION_SET}', 'm999_flying')",
        )
        with pytest.raises(StoreUnusable, match=r"newer version of insights-core \(m999_flying\)"):
            write()
        assert list(insights.export_lines()) == before


def test_views_are_still_one_statement_in_a_transaction_of_its_own(path):
    with Insights.open(path) as insights:
        project = insights.project("1")
        kept = project.create(name="n", user="ann")
        statements = []
        insights._store._connections.lane().connection.set_trace_callback(statements.append)
        project.viewed("ann", [kept.id])
        insights._store._connections.lane().connection.set_trace_callback(None)
    assert len([one for one in statements if not one.startswith("--")]) == 1


def test_the_newest_migration_is_known():
    assert _schema.NEWEST[-1] == "m004_application_id"
