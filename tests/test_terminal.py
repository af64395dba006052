# ruff: noqa: RUF001 - lookalikes are what is tested
"""What reaches a terminal or a spreadsheet cannot steer it, and a stream that fails is said in a line."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from insights_app import guard
from insights_app.cli import main

from insights_core import Insights
from insights_core.tabular import csv_text
from insights_core.terminal import escaped, one_line

# One of each kind: a title, the second set's introducer, delete, a direction, an isolate, a line separator, no width.
HOSTILE = "\x1b]0;T\x07\x9b31m\x7f\u202e\u2066\u2028\u200b\ufeff\x00\x08\x85\U000e0041"
STEERING = re.compile(f"[{re.escape(HOSTILE.replace('0', '').replace('T', '').replace('31m', '').replace(']', '').replace(';', ''))}]")  # fmt: skip
ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE + "\r\n\t ")))
KEPT = HOSTILE.replace("\x00", "")  # what a name may hold


def steers(text):
    bare = text.replace("\r\n", "\n").replace("\n", "").replace("\t", "")
    return [c for c in bare if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or STEERING.match(c)]


@given(ANYTHING)
def test_nothing_that_steers_gets_through_and_json_says_what_it_said(text):
    assert steers(escaped(text)) == []
    assert steers(one_line(text)) == []
    assert "\n" not in one_line(text)
    stream = io.StringIO(newline="")
    assert guard.Guarded(stream, "x").write(text) == len(text)
    assert stream.getvalue() == escaped(text)
    whole = json.dumps({text: [text]}, ensure_ascii=False)
    assert json.loads(escaped(whole)) == {text: [text]}
    assert escaped(escaped(text)) == escaped(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "Mn"])))
def test_what_people_write_stays_as_it_is(text):
    assert escaped(text) == text
    for kept in (f"👩\u200d👧 {text}", f"نامه\u200cای{text}", "a\tb\nc\r\nd"):
        assert escaped(kept) == kept


# Whatever the command prints


@pytest.fixture
def hostile(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights:
        project = insights.project("default")
        kept = project.create(
            {"kind": "TrendsQuery", "series": [{"event": f"e{KEPT}"}], KEPT: KEPT}, name=f"n{KEPT}", description=f"d{KEPT}",
            tags=[f"t{KEPT}"], folder=f"f{KEPT}", user="ann",
        )  # fmt: skip
        project.create({"kind": "TrendsQuery", "series": [{"event": f"e{KEPT}"}]}, user=f"u{KEPT}")
        project.create(derived_name=f"x{KEPT}", user="ann")
        project.viewed(f"u{KEPT}", [kept.id])
        insights.keys.create(f"u{KEPT}", "insight:read", projects=[f"p{KEPT}"])
    (tmp_path / f"q{KEPT}.json").write_text('{"kind": "' + KEPT.replace("\n", "") + '"', encoding="utf-8")
    return tmp_path


NAME = KEPT.replace("/", "")
ASKED = [
    *(["list", "--format", format_] for format_ in ("text", "json", "csv")),
    *(["recent", "--format", format_] for format_ in ("text", "json", "csv")),
    *(["trending", "--format", format_] for format_ in ("text", "json", "csv")),
    *(["keys", "list", "--format", format_] for format_ in ("text", "json", "csv")),
    *(["show", "1", "--format", format_] for format_ in ("text", "json")),
    ["search", "n", "--json"], ["delete", "1"], ["restore", "1"], ["edit", "1", "--folder", NAME], ["export"], ["check"],
    ["name", "--missing"], ["name", "--missing", "--dry-run", "--json"], ["name", "--undo"], ["name", f"q{NAME}.json"],
    ["name", "--jsonl", f"q{NAME}.json"], ["import", f"q{NAME}.json"], ["add", NAME], [NAME], ["list", f"--{NAME}"],
    ["list", "--order", NAME], ["show", NAME], ["viewed", NAME], ["--db", f"no{NAME}/x", "list"], ["--db", NAME * 60, "list"],
    ["export", f"no{NAME}/x"], ["backup", f"no{NAME}/x"], ["--project", NAME, "show", "7"], ["keys", "revoke", NAME],
    ["serve", "--host", NAME], ["serve", "--port", NAME], ["serve", "--allow-origin", NAME], ["conform", NAME], ["backends"],
    ["name", "--backend", NAME, f"q{NAME}.json"], ["forget", "--yes", NAME], ["conform", "memory", "--case", NAME],
    ["name", "--explain", "event.json"], ["name", "--explain", "--json", "event.json"], ["name", "--show-payload", "event.json"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", ASKED, ids=lambda arguments: ascii(" ".join(arguments))[:40])
def test_no_command_prints_what_steers(hostile, monkeypatch, arguments):
    monkeypatch.chdir(hostile)
    query = {"kind": "TrendsQuery", "series": [{"event": f"e{KEPT}"}], "breakdownFilter": {"breakdown": KEPT}}
    (hostile / "event.json").write_text(json.dumps(query, ensure_ascii=False), encoding="utf-8")
    result = CliRunner().invoke(main, arguments, env={"INSIGHTS_DB": "x.db", "INSIGHTS_USER": "ann"})
    assert steers(result.stdout) == steers(result.stderr) == []
    assert "Traceback" not in result.stderr
    assert result.exit_code == 0 or result.stderr.splitlines()[-1].startswith("Error: ")
    if arguments[-1] == "json" or arguments[-1] == "--json":
        assert result.exit_code or json.loads(result.stdout) is not None
    if arguments[:1] == ["export"] and not arguments[1:]:
        assert KEPT in json.loads(result.stdout.splitlines()[1])["name"]


def test_a_traceback_of_a_bug_steers_nothing_either(hostile, monkeypatch):
    def broken(*_):
        raise RuntimeError(HOSTILE)

    monkeypatch.setattr(Insights, "check", broken)
    result = CliRunner().invoke(main, ["check"], env={"INSIGHTS_DB": str(hostile / "x.db")})
    assert "RuntimeError" in result.stderr
    assert steers(result.stderr) == []
    assert result.exit_code == 1


# Spreadsheets


SIGNS = "=+-@＝＋－＠"
CELLS = st.text(st.sampled_from(SIGNS + " \t\r\n\ufeff\u200b\u00a0;,'\"a1")) | st.text()


@given(st.lists(st.fixed_dictionaries({"a": CELLS | st.none() | st.integers(), "b": CELLS | st.booleans() | st.lists(st.text())}), max_size=3))  # fmt: skip
def test_a_cell_is_read_back_and_run_by_nobody(rows):
    text = csv_text(rows, ("a", "b"))
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read[0] == ["a", "b"]
    assert len(read) == len(rows) + 1
    for row, cells in zip(rows, read[1:], strict=True):
        for value, cell in zip((row["a"], row["b"]), cells, strict=True):
            if isinstance(value, str):
                assert cell in (value, f"'{value}")
                assert not cell.lstrip("\t\r\n \ufeff\u200b\u00a0").startswith(tuple(SIGNS))
            elif isinstance(value, list):
                assert json.loads(cell) == value
            else:
                assert cell == {None: "", True: "true", False: "false"}.get(value, str(value)) or isinstance(value, int)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a;=1+1", '"a;=1+1"'), ("a\t=1+1", '"a\t=1+1"'), ("\n=1", '"\'\n=1"'), ("  =1", '"\'  =1"'), ("\ufeff=1", '"\'\ufeff=1"'),
        ("＝1", '"\'＝1"'), ("＠x", '"\'＠x"'), ("plain", "plain"), ("it's", "it's"), ("7", "7"), ("a=b", "a=b"), ('say "a"', '"say ""a"""'),
    ],
)  # fmt: skip
def test_a_cell_stands_in_quotes_where_a_spreadsheet_may_split_it(name, written):
    assert csv_text([{"a": 1, "b": name}], ("a", "b")) == f"a,b\r\n1,{written}\r\n"


# Streams that fail

COMMAND = "from insights_app.cli import main; main(prog_name='insights')"
posix = pytest.mark.skipif(sys.platform == "win32", reason="closed descriptors are POSIX")


def shell(folder, line, **options):
    environment = {**os.environ, "INSIGHTS_DB": str(folder / "x.db"), "INSIGHTS_USER": "ann", "INSIGHTS": f'{sys.executable} -c "{COMMAND}"'}  # fmt: skip
    line = f'insights() {{ "{sys.executable}" -c "{COMMAND}" "$@"; }}\n{line}'
    return subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=120, **options)  # fmt: skip


@posix
@pytest.mark.parametrize("stream", [">/dev/full", ">&-"])
@pytest.mark.parametrize("command", ["list", "list --json", "list --format csv", "export", "show 1", "check", "--help", "name --jsonl q.jsonl", "keys list --help"])  # fmt: skip
def test_output_that_cannot_leave_is_said_in_a_line(tmp_path, command, stream):
    with Insights.open(tmp_path / "x.db") as insights:
        insights.project("default").create(name="n", user="ann")
    (tmp_path / "q.jsonl").write_text('{"kind": "TrendsQuery", "series": [{"event": "a"}]}\n', encoding="utf-8")
    result = shell(tmp_path, f"insights {command} {stream}", cwd=tmp_path)
    assert result.returncode == 1
    assert re.fullmatch(r"Error: standard output: .*\n", result.stderr)
    assert shell(tmp_path, f"insights {command} {stream} 2>&1", cwd=tmp_path).returncode == 1


@posix
@pytest.mark.parametrize("command", ["name", "name --jsonl", "add", "import", "viewed -", "forget"])
def test_input_that_is_closed_is_said_in_a_line(tmp_path, command):
    result = shell(tmp_path, f"insights {command} <&-")
    assert result.returncode == 1
    assert re.fullmatch(r"Error: standard input: .*\n", result.stderr)
    assert shell(tmp_path, "insights list <&- 2>&-").returncode == 0


@posix
@pytest.mark.parametrize(
    "command", ["export", "export -", "export /dev/stdout", "list", "list --json", "name --jsonl q.jsonl"]
)
def test_who_has_read_enough_may_leave(tmp_path, command):
    with Insights.open(tmp_path / "x.db", synchronous="NORMAL") as insights:
        for _ in range(300):
            insights.project("default").create(name="n", description="d" * 1_000)
    line = '{"kind": "TrendsQuery", "series": [{"event": "a"}]}\n'
    (tmp_path / "q.jsonl").write_text(line * 3_000, encoding="utf-8")
    result = shell(tmp_path, f"insights {command} | head -c 20 | wc -c", cwd=tmp_path)
    assert (result.stdout.strip(), result.stderr) == ("20", "")


@posix
@pytest.mark.parametrize("stream", [">/dev/full", ">&-", "--file no/such", "--file /dev/full"])
def test_a_key_that_could_not_be_printed_is_not_kept(tmp_path, stream):
    result = shell(tmp_path, f"insights keys create --user ann --scope insight:read {stream}")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    with Insights.open(tmp_path / "x.db") as insights:
        assert insights.keys.list() == []


def test_streams_are_put_back(monkeypatch):
    before = sys.stdin, sys.stdout, sys.stderr
    with guard.guarded():
        assert isinstance(sys.stdout, guard.Guarded)
        assert guard.behind(sys.stdout) is before[1]
    assert (sys.stdin, sys.stdout, sys.stderr) == before
    assert guard.run(lambda: None) == 0
    assert guard.run(lambda: 3) == 3

    def fails():
        raise click.UsageError("x\ny")

    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    assert guard.run(fails) == 2
    assert told.getvalue() == "Error: x y\n"
