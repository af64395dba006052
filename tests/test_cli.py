"""The command line as a person meets it: real processes would be slow, so the commands run in this one."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from insights_app.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
TRENDS = str(EXAMPLES / "pageviews-by-browser.json")
SQL = str(EXAMPLES / "revenue-by-country.sql")


@pytest.fixture
def run(tmp_path):
    def invoke(*arguments, text=None, **environment):
        environment = {"INSIGHTS_DB": str(tmp_path / "cli.db"), "INSIGHTS_USER": "ann", **environment}
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text, env=environment)

    return invoke


def ok(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result, code):
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.*s*")), ids=lambda path: path.name)
def test_each_example_gets_a_name(run, path):
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in ok(run("name", "--jsonl", path)).splitlines()]
        assert [row["id"] for row in rows] == ["q1", "q2", "q3", "q4", "q5"]
        assert all(row["name"] and row["problems"] == [] for row in rows)
        assert list(rows[0]) == ["id", "name", "description", "backend", "fallback_from", "problems", "check"]
    else:
        name = ok(run("name", path)).rstrip("\n")
        assert 0 < len(name) <= 60
        assert "\n" not in name


def test_json_and_sql_are_told_apart_or_said(run):
    sql = Path(SQL).read_text(encoding="utf-8")
    assert ok(run("name", SQL)) == ok(run("name", "-", text=sql)) == ok(run("name", "--sql", text=sql))
    assert ok(run("name", TRENDS)) == ok(run("name", text="\ufeff" + Path(TRENDS).read_text(encoding="utf-8")))


CITIES = "select city, count(*) from straßen\ngroup by city"
TEXTS = {
    "u8.sql": CITIES.encode(),
    "u8-mark.sql": CITIES.encode("utf-8-sig"),
    "u16-le.sql": b"\xff\xfe" + CITIES.encode("utf-16-le"),
    "u16-be.sql": b"\xfe\xff" + CITIES.encode("utf-16-be"),
    "u32.sql": CITIES.encode("utf-32"),
    "cr.sql": ("-- Title\n" + CITIES).replace("\n", "\r").encode(),
    "crlf.SQL": CITIES.replace("\n", "\r\n").encode("utf-16"),
}


@pytest.fixture
def folder(tmp_path):
    """Queries that can be named and some that cannot, among other files."""
    place = tmp_path / "queries"
    (place / "deep" / "deeper").mkdir(parents=True)
    (place / ".git").mkdir()
    (place / ".git" / "a.sql").write_text("select 1 from hidden")
    (place / "notes.md").write_text("Nothing.")
    (place / "b.sql").write_text("select count(*) from parcels")
    (place / "a.json").write_text(Path(TRENDS).read_text(encoding="utf-8"), encoding="utf-8")
    (place / "deep" / "prose.sql").write_text("Select a plan from the list.")
    (place / "deep" / "deeper" / "half.sql").write_text("select city, count( from orders group by city")
    return place


@pytest.mark.parametrize("name", TEXTS)
def test_marks_and_line_ends_tell_themselves(run, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(TEXTS[name])
    for encoding in ((), ("--encoding", "latin-1")) if name not in ("u8.sql", "cr.sql") else ((),):
        assert ok(run("name", *encoding, path)) == ok(run("name", *encoding, text=TEXTS[name])) == "Straßen by City\n"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_told(run, tmp_path, encoding):
    path = tmp_path / "x.sql"
    path.write_bytes(CITIES.encode(encoding))
    line = refused(run("name", path), 1)
    assert line.startswith(f"Error: {path} ")
    assert "--encoding" in line
    assert not encoding.startswith("utf") or line.endswith(f"--encoding {encoding}")
    assert ok(run("name", "--encoding", encoding, path)) == "Straßen by City\n"
    assert json.loads(ok(run("add", "--json", "--encoding", encoding, path)))["derived_name"] == "Straßen by City"
    assert (
        json.loads(ok(run("edit", "1", "--json", "--encoding", encoding, "--query", path)))["query"]["query"] == CITIES
    )


def test_each_of_several_files_has_a_line_and_those_without_a_name_are_told(run, folder):
    result = run("name", SQL, folder, "-", folder / "b.sql", "nowhere.sql", text="select count(*) from piped")
    half, prose = folder / "deep" / "deeper" / "half.sql", folder / "deep" / "prose.sql"
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{SQL}\t{ok(run('name', SQL)).rstrip()}",
        f"{folder / 'a.json'}\tPageviews by Browser",
        f"{folder / 'b.sql'}\tParcels",
        f"{half}\tOrders by City",
        "-\tPiped",
    ]
    assert sorted(result.stderr.splitlines()) == [
        "Error: 2 of 7 files could not be named: see their problems",
        f"note: {half}: not all of the SQL could be parsed: the name tells what was read of it",
        f"note: skipped in {folder}: .git/, notes.md",
        f"problem: {prose}: no query was found in the text: hand over one SQL statement by itself, or a query as a JSON object",
        "problem: nowhere.sql: No such file or directory",
    ]


def test_several_files_as_json_hold_the_problems(run, folder):
    result = run("name", "--json", folder)
    rows = {Path(row["path"]).name: row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert list(rows) == ["a.json", "b.sql", "prose.sql", "half.sql"]
    assert list(rows["b.sql"]) == ["path", *json.loads(ok(run("name", "--json", folder / "b.sql")))]
    assert [name for name, row in rows.items() if row["name"] is None] == ["prose.sql"]
    assert [name for name, row in rows.items() if row["problems"]] == ["prose.sql", "half.sql"]


def test_files_are_told_apart_where_that_is_asked(run, tmp_path):
    for period in ("7", "30"):
        query = {"kind": "TrendsQuery", "series": [{"event": "a"}], "dateRange": {"date_from": f"-{period}d"}}
        (tmp_path / f"{period}.json").write_text(json.dumps(query))
    (tmp_path / "8.json").write_text("[]")

    def names(result):
        assert result.exit_code == 1
        return [line.partition("\t")[2] for line in result.stdout.splitlines()]

    assert len(set(names(run("name", tmp_path)))) == 1
    assert len(set(names(run("name", "--distinct", tmp_path)))) == 2


def test_a_folder_without_queries_is_told_and_pipes_and_links_are_passed_over(run, tmp_path):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "empty" / "pipe.sql")
    (tmp_path / "empty" / "up").symlink_to(tmp_path)
    result = run("name", tmp_path / "empty")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"note: skipped in {tmp_path / 'empty'}: up/, pipe.sql",
        f"problem: {tmp_path / 'empty'}: no *.sql and no *.json file in it",
        "Error: 1 of 1 files could not be named: see their problems",
    ]


def test_several_files_of_lines_say_whose_each_is(run):
    lines = str(EXAMPLES / "queries.jsonl")
    alone = [json.loads(line) for line in ok(run("name", "--jsonl", lines)).splitlines()]
    result = run("name", "--jsonl", lines, "nowhere.jsonl", "-", text='{"kind": 1}')
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert rows[:-1] == [{"path": lines, **row} for row in alone]
    assert rows[-1]["path"] == "-"
    assert result.stderr.splitlines()[-1].endswith("1 of 3 files could not be opened")


def test_explaining_shows_the_meaning_and_where_the_words_come_from(run):
    shown = ok(run("name", "--explain", TRENDS))
    assert "Pageviews" in shown
    assert "$pageview" in shown
    assert "$browser" in shown
    explained = json.loads(ok(run("name", "--explain", "--json", TRENDS)))
    assert explained["meaning"]["outputs"][1]["value"] == {"is": "column", "name": "$browser", "scope": "event"}
    assert {"text": "Browser", "origin": "outputs[1]"} in explained["parts"]
    assert "".join(part["text"] for part in explained["parts"]) == explained["name"]


def test_a_backend_that_is_not_ready_is_noted_and_a_name_comes_all_the_same(run):
    result = run("name", "--backend", "remote", TRENDS)
    assert ok(result) == ok(run("name", TRENDS))
    assert result.stderr == "note: remote: set INSIGHTS_REMOTE_URL and INSIGHTS_REMOTE_MODEL\n"


def test_a_bad_line_of_many_is_told_and_stops_nobody(run):
    lines = ['{"id": 1, "query": {"kind": "TrendsQuery", "series": [{"event": "a"}]}}', "", "nonsense", "[1]", '{"id": 5, "query": null}',
             '{"id": "é", "query": "SELECT count(*) FROM orders"}', "\ud800", '{"id": 7, "query": {"a": NaN}}']  # fmt: skip
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    result = run("name", "--jsonl", text=text)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert result.stderr == "Error: 5 of 7 lines could not be named: see their problems\n"
    assert [(row["id"], row["name"] is None) for row in rows] == [
        (1, False), (None, True), (None, True), (5, True), ("é", False), (None, True), (None, True),
    ]  # fmt: skip
    assert [row["problems"][0].partition(":")[0] for row in rows if row["problems"]] == [
        "line 3",
        "line 4",
        "line 5",
        "line 7",
        "line 8",
    ]


def test_processes_share_the_lines_and_keep_their_order(tmp_path):
    good = [
        json.dumps({"id": at, "query": {"kind": "TrendsQuery", "series": [{"event": f"thing_{at}"}]}})
        for at in range(1_100)
    ]
    lines = [*good[:700], "nonsense", "", *good[700:]]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    code = "if __name__ == '__main__':\n    from insights_app.cli import main; main(prog_name='insights')"
    script = tmp_path / "command.py"
    script.write_text(code, encoding="utf-8")
    alone, shared = (
        subprocess.run(
            [sys.executable, script, "name", "--jsonl", path, "--jobs", jobs], capture_output=True, check=False
        )
        for jobs in ("1", "2")
    )
    assert shared.stdout == alone.stdout
    assert shared.stderr == alone.stderr == b"Error: 1 of 1101 lines could not be named: see their problems\n"
    assert (shared.returncode, alone.returncode) == (1, 1)
    rows = [json.loads(line) for line in shared.stdout.splitlines()]
    assert [row["id"] for row in rows] == [*range(700), None, *range(700, 1_100)]
    assert rows[700]["problems"][0].startswith("line 701: ")


def test_a_large_file_is_shared_unasked(tmp_path):
    line = json.dumps({"query": {"kind": "TrendsQuery", "series": [{"event": "a"}]}, "note": "x" * 2_000}) + "\n"
    path = tmp_path / "large.jsonl"
    path.write_text(line * 600, encoding="utf-8")
    script = tmp_path / "command.py"
    script.write_text("if __name__ == '__main__':\n    from insights_app.cli import main; main()", encoding="utf-8")
    unasked, alone = (
        subprocess.run([sys.executable, script, "name", "--jsonl", path, *jobs], capture_output=True, check=True).stdout
        for jobs in ((), ("--jobs", "1"))
    )
    assert unasked == alone
    assert unasked.count(b"\n") == 600


@pytest.mark.parametrize(
    "options", [["--jobs", "2"], ["--jobs", "2", "--jsonl", "--distinct"], ["--jobs", "0", "--jsonl"]]
)
def test_jobs_go_with_many_lines_alone(run, options):
    assert "--jobs" in refused(run("name", *options, text=""), 2)


@pytest.mark.parametrize("options", [["--sql"], ["--explain"]])
def test_many_lines_go_with_neither(run, options):
    assert "--jsonl goes with none of" in refused(run("name", "--jsonl", *options, text=""), 2)


def test_a_day_with_insights(run):
    added = json.loads(ok(run("add", "--json", TRENDS)))
    ok(run("add", SQL, "--name", "Revenue, by country", "--tag", "money", "--tag", "board"))
    second = json.loads(ok(run("show", 2, "--json")))
    assert second["query"]["kind"] == "HogQLQuery"
    assert (second["name"], second["tags"], second["created_by"]) == ("Revenue, by country", ["board", "money"], "ann")
    listed = json.loads(ok(run("list", "--json")))
    assert [row["id"] for row in listed] == [2, 1]
    assert listed[1] == added
    assert [row["id"] for row in json.loads(ok(run("recent", "--json")))] == [2, 1]
    assert ok(run("viewed", added["short_id"])) == "1 of 1 recorded\n"
    assert [row["id"] for row in json.loads(ok(run("recent", "--json")))] == [1, 2]
    assert ok(run("delete", 1)).startswith("deleted 1 (")
    assert [row["id"] for row in json.loads(ok(run("recent", "--json")))] == [2]
    assert refused(run("show", 1), 1) == "Error: no insight 1 in project 'default': it does not exist, or is deleted"
    assert ok(run("restore", added["short_id"])).startswith("restored 1 (")
    assert [row["id"] for row in json.loads(ok(run("recent", "--json", "--limit", 1)))] == [1]


def test_users_and_projects_are_kept_apart(run):
    ok(run("add", TRENDS))
    assert json.loads(ok(run("--user", "bob", "recent", "--json"))) == []
    assert json.loads(ok(run("--project", "other", "list", "--json"))) == []
    assert "no insight 1 in project 'other'" in refused(run("--project", "other", "show", 1), 1)
    assert ok(run("--user", "bob", "viewed", 1)) == "1 of 1 recorded\n"
    assert len(json.loads(ok(run("recent", "--json", INSIGHTS_USER="bob")))) == 1


def test_recent_entries_hold_the_basic_details_and_nothing_else(run):
    ok(run("add", TRENDS))
    (entry,) = json.loads(ok(run("recent", "--format", "json")))
    assert list(entry) == [
        "id", "short_id", "name", "derived_name", "query", "dashboards", "description", "tags", "favorited", "created_at",
        "created_by", "updated_at", "last_modified_at", "last_viewed_at",
    ]  # fmt: skip


def test_views_of_standard_input_and_of_the_past(run):
    ok(run("add", TRENDS))
    ok(run("add", SQL))
    receipt = json.loads(ok(run("viewed", "-", "--json", text="1 2\n99 2\n")))
    assert receipt["recorded"] == receipt["moved"] == [1, 2]
    assert [row["id"] for row in json.loads(ok(run("recent", "--json")))] == [2, 1]
    late = json.loads(ok(run("viewed", 1, "--at", "2020-01-01T00:00:00+02:00", "--json")))
    assert late == {"recorded": [1], "moved": [], "viewed_at": "2019-12-31T22:00:00.000000Z"}
    assert ok(run("viewed", 99)) == "0 of 1 recorded\n"
    assert "holds no ids" in refused(run("viewed", "-", text="\n"), 2)
    assert "five minutes" in refused(run("viewed", 1, "--at", "2999-01-01T00:00:00Z"), 2)


def test_lists_as_text_in_a_pipe_are_tab_separated(run):
    ok(run("add", TRENDS, "--name", "a\tb\x1b[31m"))
    (line,) = ok(run("list")).splitlines()
    cells = line.split("\t")
    assert cells[0] == "1"
    assert cells[2] == "a b [31m"


def test_lists_as_csv(run):
    ok(run("add", TRENDS, "--name", '=HYPERLINK("http://x","y")', "--tag", "a,b"))
    text = ok(run("list", "--format", "csv"))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert run("list", "--format", "csv").stdout_bytes.count(b"\r\n") == 2
    assert row["name"] == '\'=HYPERLINK("http://x","y")'
    assert json.loads(row["tags"]) == ["a,b"]
    assert json.loads(row["query"])["kind"] == "InsightVizNode"
    assert row["deleted"] == "false"
    assert ok(run("recent", "--format", "csv", "--limit", 1)).startswith("id,short_id,name,derived_name,query,")
    assert ok(run("--user", "bob", "recent", "--format", "csv")).startswith("id,short_id,name")


# Bad input: one line, the right exit code, nothing stored


@pytest.mark.parametrize("command", ["name", "add"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 1), ("  \n", 1), ("hello", 1), ("{", 1), ("{}", 1), ("[]", 1), ("null", 1), ("12", 1), ("true", 1), ('"x"', 1),
        ('{"a": NaN}', 1), ('{"a": 1e999}', 1), ('{"a": "\\ud800"}', 1), ("SELECT 1\0", 1), ("{" * 100_000, 1),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, 1), ('{"a":' + "[" * 5_000_000 + "]" * 5_000_000 + "}", 1),
        ('{"kind": "TrendsQuery", "limit": ' + "9" * 5000 + "}", 1), (b"\xff\xfe\x00", 1), (b"SELECT '\x80'", 1),
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused_in_one_line(run, command, text, code):
    result = run(command, text=text)
    line = refused(result, code)
    assert line.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
    assert len(line) < 250
    assert ok(run("list")) == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["name", "nowhere.json"], "No such file"),
        (["name", "--jsonl", "."], "directory"),
        (["name", "--encoding", "klingon", SQL], "klingon"),
        (["name", "--encoding", "rot13", SQL], "rot13"),
        (["name", "--encoding", "latin-1", "--jsonl", SQL], "--encoding"),
        (["name", "--explain", SQL, TRENDS], "one file"),
        (["name", "--show-payload", EXAMPLES], "one file"),
        (["name", "--missing", SQL], "no file"),
        (["name", "--distinct", SQL], "several files"),
        (["name", "--distinct", "--jsonl", SQL, TRENDS], "one file"),
        (["frobnicate"], "No such command"),
        (["recent", "--limit", "0"], "--limit"),
        (["recent", "--format", "xml"], "xml"),
        (["viewed"], "Missing argument"),
        (["viewed", "0"], "from 1 to"),
        (["viewed", "-1"], "No such option"),
        (["viewed", str(2**63)], "from 1 to"),
        (["viewed", "1", "--at", "yesterday"], "yesterday"),
        (["viewed", "1", "--at", "2026-01-01T00:00:00"], "does not match"),
        (["--project", "", "list"], "project id"),
        (["--user", "x" * 401, "recent"], "user id"),
        (["show", "1\udcff"], ""),
    ],
)
def test_wrong_calls_exit_with_2(run, arguments, said):
    result = run(*arguments)
    if not said and result.exit_code == 0:
        return
    assert said in refused(result, 2 if said else result.exit_code)


@pytest.mark.parametrize(
    ("database", "said"), [(".", "is a folder"), ("no/such/folder.db", "does not exist"), (SQL, "no SQLite database")]
)
def test_a_database_that_is_none(run, database, said):
    before = Path(SQL).read_bytes()
    assert said in refused(run("list", INSIGHTS_DB=database), 1)
    assert Path(SQL).read_bytes() == before


def test_nothing_is_deleted_where_one_is_not_there(run):
    ok(run("add", TRENDS))
    assert "no insight 7" in refused(run("delete", 1, 7), 1)
    assert "no insight 'zzzzzzzz'" in refused(run("restore", 1, "zzzzzzzz"), 1)
    assert len(json.loads(ok(run("list", "--json")))) == 1


def test_the_default_database_lies_in_the_data_folder(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("INSIGHTS_DB", raising=False)
    result = CliRunner().invoke(main, ["list"], env={"INSIGHTS_DB": None})
    assert result.exit_code == 0, result.output
    assert list(tmp_path.rglob("insights.db"))


def test_every_command_and_option_has_its_help(run):
    for name, command in main.commands.items():
        shown = ok(run(name, "--help"))
        assert command.help.splitlines()[0].rstrip(".") in shown.replace("\n ", "")
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, f"{name} {parameter.name}"


def test_the_documentation_names_every_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"insights {name}" in text


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(
    ("arguments", "lines", "bar"),
    [(["name", "--jsonl", EXAMPLES / "queries.jsonl"], 5, b"Naming"), (["export"], 2, b"Writing 2 lines")],
)
def test_a_progress_bar_leaves_standard_output_alone(tmp_path, arguments, lines, bar):
    import pty

    controller, terminal = pty.openpty()
    out = tmp_path / "out.jsonl"
    try:
        with out.open("wb") as file:
            code = "from insights_app.cli import main; main(prog_name='insights')"
            command = [sys.executable, "-c", code, "--db", tmp_path / "a.db", *arguments]
            subprocess.run(command, stdout=file, stderr=terminal, check=True, timeout=60)
        shown = os.read(controller, 100_000)
    finally:
        os.close(terminal)
        os.close(controller)
    assert len(out.read_bytes().splitlines()) == lines
    assert b'"' not in shown
    assert bar in shown


@pytest.mark.skipif(sys.platform == "win32", reason="a shared file offset is POSIX")
def test_standard_input_is_read_from_where_it_stands(tmp_path):
    lines = (EXAMPLES / "queries.jsonl").read_bytes().splitlines(keepends=True)
    path = tmp_path / "queries.jsonl"
    path.write_bytes(b"".join(lines))
    code = "from insights_app.cli import main; main(prog_name='insights')"
    with path.open("rb", buffering=0) as file:
        file.seek(len(lines[0]))
        command = [sys.executable, "-c", code, "name", "--jsonl"]
        result = subprocess.run(command, stdin=file, capture_output=True, check=True, timeout=60)
    assert len(result.stdout.splitlines()) == len(lines) - 1
