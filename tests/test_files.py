"""Files that are written for others: whole under their names, or what was there before, whatever ends the writing."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core import FileFailed, Insights, InvalidInput, StoreUnusable, files

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions, pipes and devices are POSIX")
COMMAND = "from insights_app.cli import main; main(prog_name='insights')"


def listed(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@given(st.lists(st.binary(max_size=200_000), max_size=5), st.none() | st.binary(), st.none() | st.integers(0, 5))
def test_a_file_is_the_new_one_or_the_old_one(tmp_path_factory, parts, old, failing):
    folder = tmp_path_factory.mktemp("f")
    path = folder / "out"
    if old is not None:
        path.write_bytes(old)
    before = listed(folder)
    try:
        with files.writing(path) as output:
            for number, part in enumerate([*parts, b""]):
                if number == failing:
                    raise KeyboardInterrupt  # noqa: TRY301 - as Ctrl-C does, in the middle
                output.write(part)
                assert path.exists() == (old is not None)
    except KeyboardInterrupt:
        assert listed(folder) == before
    else:
        assert listed(folder) == {"out": b"".join(parts)}
    path.unlink(missing_ok=True)


@posix
@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [(None, None, 0o600), (0o644, None, 0o644), (0o640, 0o600, 0o600), (None, 0o644, 0o644), (None, 0o400, 0o400)],
)
def test_a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_permissions(tmp_path, before, asked, after):
    path = tmp_path / "out"
    mask = os.umask(0o077)
    try:
        if before is not None:
            path.touch()
            path.chmod(before)
        with files.writing(path, mode=asked) as output:
            output.write(b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == after


@posix
def test_links_are_followed_and_stay(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to(tmp_path / "deep" / "there")
    for text in (b"new", b"newer"):  # the first time the end of the chain is missing
        with files.writing(tmp_path / "one") as output:
            output.write(text)
        assert (tmp_path / "one").is_symlink()
        assert (tmp_path / "deep" / "there").read_bytes() == text
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(FileFailed, match="round cannot be written"), files.writing(tmp_path / "round"):
        pass


def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path):
    with files.writing(tmp_path / ("x" * 255)) as output:
        output.write(b"x")
    with pytest.raises(FileFailed, match="too long"), files.writing(tmp_path / ("x" * 256)):
        pass
    with pytest.raises(FileFailed, match="folder does not exist"), files.writing(tmp_path / "no" / "file"):
        pass
    with pytest.raises(FileFailed, match="is a folder"), files.writing(tmp_path):
        pass
    with pytest.raises(FileFailed, match="exists already"), files.writing(tmp_path / ("x" * 255), replace=False):
        pass
    assert len(listed(tmp_path)) == 1


@pytest.mark.parametrize("path", [None, 7, "", "a\0b", b"bytes", "\ud800"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidInput), files.writing(path):
        pass


@pytest.mark.parametrize("mode", [-1, 0o1000, "640", True, 1.5])
def test_what_are_no_permissions_is_refused(tmp_path, mode):
    with pytest.raises(InvalidInput, match="permissions"), files.writing(tmp_path / "x", mode=mode):
        pass
    with Insights.memory() as insights, pytest.raises(InvalidInput, match="permissions"):
        insights.backup(tmp_path / "x", mode=mode)
    assert listed(tmp_path) == {}


@posix
def test_what_is_no_regular_file_is_written_straight_into(tmp_path):
    null = Path("/dev/null")
    before = null.stat()
    with files.writing("/dev/null") as output:
        output.write(b"x")
    assert null.stat().st_ino == before.st_ino
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with files.writing(pipe) as output:
        output.write(b"through")
    reader.join(30)
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    if Path("/dev/full").exists():
        with pytest.raises(FileFailed, match="/dev/full cannot be written: the disk is full"), files.writing("/dev/full") as output:  # fmt: skip
            output.write(b"x")


def insights(folder, *arguments, **options):
    environment = {**os.environ, "INSIGHTS_DB": str(folder / "x.db"), "INSIGHTS_USER": "ann"}
    return subprocess.run([sys.executable, "-c", COMMAND, *map(str, arguments)], env=environment, check=False, timeout=60, **{"capture_output": True, **options})  # fmt: skip


@posix
def test_standard_output_by_its_path_goes_on_where_it_stands(tmp_path):
    with (tmp_path / "out").open("wb") as out:
        out.write(b"before\n")
        out.flush()
        assert insights(tmp_path, "export", "/dev/stdout", capture_output=False, stdout=out).returncode == 0
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert lines[0] == b"before"
    assert lines == [b"before", *insights(tmp_path, "export").stdout.splitlines()]


@posix
def test_an_export_and_a_backup_are_private_unless_asked_for(tmp_path):
    for command, name in (("export", "e.jsonl"), ("backup", "b.db")):
        assert insights(tmp_path, command, tmp_path / name).returncode == 0
        assert insights(tmp_path, command, tmp_path / f"open {name}", "--mode", "644").returncode == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / f"open {name}").stat().st_mode) == 0o644
        assert insights(tmp_path, command, tmp_path / "no", "--mode", "999").returncode == 2
    key = tmp_path / "key"
    asked = ("keys", "create", "--user", "ann", "--scope", "insight:read", "--file", key)
    assert insights(tmp_path, *asked).returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = insights(tmp_path, *asked)
    assert (again.returncode, b"exists already" in again.stderr) == (1, True)
    assert key.read_bytes() == before
    listed = insights(tmp_path, "keys", "list").stdout.splitlines()
    assert [line.split(b"\t")[0] for line in listed] == [before[:12]]  # what was not written is not kept


# An export or a backup that does not come to its end

STOPPED = """
import sys
from insights_core import Insights
from insights_app.cli import main

def lines(self):
    yield "x" * 100_000 + "\\n"
    print("half", flush=True, file=sys.stderr)
    sys.stdin.read()
    yield "never"

Insights.export_lines = lines
main(prog_name="insights")
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_last_good_export_and_nothing_else(tmp_path, number):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"good")
    arguments = [sys.executable, "-c", STOPPED, "--db", str(tmp_path / "x.db"), "export", str(path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr.readline() == "half\n"
        assert len(list(tmp_path.glob(".insights-*.unfinished"))) == 1
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait(30) == (1 if number == signal.SIGINT else 128 + number)
    assert "Traceback" not in rest
    assert path.read_bytes() == b"good"
    assert {file.name for file in tmp_path.iterdir()} - {"x.db-wal", "x.db-shm"} == {"out.jsonl", "x.db"}


@posix
@pytest.mark.parametrize("command", ["export", "backup"])
def test_a_full_disk_is_told_of_the_target_and_leaves_nothing(tmp_path, command):
    pytest.importorskip("resource")
    with Insights.open(tmp_path / "x.db", synchronous="NORMAL") as opened:
        for _ in range(100):
            opened.project("p").create(name="n", description="d" * 5_000)
    limited = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"  # fmt: skip
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "target"
    if command == "export":
        target.write_bytes(b"good")
    before = listed(target.parent)
    arguments = [sys.executable, "-c", limited + COMMAND, "--db", tmp_path / "x.db", command, target]
    result = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: {target} cannot be written: ")
    assert result.stderr.count("\n") == 1
    assert listed(target.parent) == before


def test_a_damaged_row_leaves_the_last_good_export(tmp_path):
    import sqlite3

    with Insights.open(tmp_path / "x.db") as opened:
        for _ in range(100):
            opened.project("p").create(name="n")
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "e.jsonl"
    assert insights(tmp_path, "export", target).returncode == 0
    before = listed(target.parent)
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("UPDATE insight SET tags = '[1' WHERE id = 90")
    connection.commit()
    connection.close()
    assert b"damaged" in insights(tmp_path, "export", target).stderr
    assert listed(target.parent) == before


def test_a_backup_leaves_the_files_of_others_alone(tmp_path):
    mine = {f"copy.db{end}": b"mine" for end in (".unfinished", "-journal", "-wal", ".tmp")}
    for name, text in mine.items():
        (tmp_path / name).write_bytes(text)
    with Insights.memory() as opened:
        opened.project("p").create(name="n")
        opened.backup(tmp_path / "copy.db")
        with pytest.raises(StoreUnusable, match="exists already"):
            opened.backup(tmp_path / "copy.db")
        with pytest.raises(StoreUnusable, match="too long"):
            opened.backup(tmp_path / ("x" * 300))
    found = listed(tmp_path)
    assert found.pop("copy.db").startswith(b"SQLite format 3")
    assert found == mine


def test_a_backup_under_a_name_that_is_taken_meanwhile_replaces_nothing(tmp_path):
    target = tmp_path / "copy"
    with pytest.raises(FileFailed, match="exists already"), files.beside(target, replace=False):
        target.write_bytes(b"another's")
    assert listed(tmp_path) == {"copy": b"another's"}


def test_what_the_writer_raises_is_passed_on(tmp_path):
    with pytest.raises(OSError, match="of the caller"), files.writing(tmp_path / "x"):
        raise OSError("of the caller")
    assert listed(tmp_path) == {}
    assert Path(tmp_path).exists()
