"""The same meaning is asked once; a run that was stopped goes on; a name that its query has outgrown is told."""

import json
import sqlite3
import threading

import pytest
from click.testing import CliRunner
from insights_app.cli import main

from insights_core import Insights, Namer, hookimpl
from insights_core.models.ask import fingerprint

QUERIES = [{"kind": "TrendsQuery", "series": [{"event": f"thing_{at}_done"}], "interval": "week"} for at in range(30)]


class Counting:
    """Answers truly, and counts how often it was asked; `fail_after` has it fail as a server would."""

    name = "counting"
    keeps_deadline = True
    is_local = True

    def __init__(self, version="1", fail_after=None, answer=None):
        self.asked = []
        self._version = version
        self._fail_after = fail_after
        self._answer = answer or (lambda request: f"Weekly {request.draft}")

    def maker(self):
        return f"counting {self._version}"

    def propose(self, request):
        if self._fail_after is not None and len(self.asked) >= self._fail_after:
            raise KeyboardInterrupt
        self.asked.append(request.draft)
        return self._answer(request)

    @hookimpl
    def insights_naming_backends(self):
        return [self]


def opened(path, backend):
    return Insights.open(path, namer=Namer([backend], installed=False, backend="counting"))


@pytest.fixture
def path(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights:
        for query in QUERIES:
            insights.project("p").create({**query, "interval": "day"})
    return tmp_path / "x.db"


def weekly(path):
    with Insights.open(path) as insights:
        project = insights.project("p")
        for insight in project.list():
            project.update(insight.id, query={**insight.query, "interval": "week"})


def test_the_same_meaning_is_asked_once(path):
    weekly(path)
    first, second = Counting(answer=lambda request: request.draft), Counting()
    with opened(path, first) as insights:
        made = insights.project("p").name_missing()
    assert {name.backend for _, name in made} == {"counting"}
    assert len(first.asked) == len(QUERIES)
    with opened(path, second) as insights:
        project = insights.project("p")
        assert project.generate_name(QUERIES[0]).backend == "counting"
        assert project.generate_name({**QUERIES[0], "properties": []}).name == project.generate_name(QUERIES[0]).name
        assert project.name_missing() == []
    assert second.asked == []


def test_another_model_is_asked_again(path):
    for version in ("1", "2"):
        backend = Counting(version, answer=lambda request: request.draft)
        with opened(path, backend) as insights:
            insights.project("p").name_missing()
        assert len(backend.asked) == len(QUERIES)


def test_a_run_that_was_stopped_goes_on(path):
    broken = Counting(fail_after=12, answer=lambda request: request.draft)
    with opened(path, broken) as insights, pytest.raises(KeyboardInterrupt):
        insights.project("p").name_missing()
    whole = Counting(answer=lambda request: request.draft)
    with opened(path, whole) as insights:
        assert len(insights.project("p").name_missing()) == len(QUERIES)
    assert len(broken.asked) + len(whole.asked) == len(QUERIES)


def test_a_refusal_is_kept_and_a_failure_is_not(path):
    lying = Counting(answer=lambda request: "Zebras")
    for _ in range(2):
        with opened(path, lying) as insights:
            made = insights.project("p").generate_name(QUERIES[0])
        assert (made.backend, made.problems[0][:32]) == ("heuristic", "counting: 'Zebras' is not in the")
    assert len(lying.asked) == 1

    def fail(request):
        raise OSError("no route")

    failing = Counting("2", answer=fail)
    for _ in range(2):
        with opened(path, failing) as insights:
            insights.project("p").generate_name(QUERIES[0])
    assert len(failing.asked) == 2


def test_a_lie_in_the_file_is_not_taken(path):
    with opened(path, Counting(answer=lambda request: request.draft)) as insights:
        right = insights.project("p").generate_name(QUERIES[0]).name
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE generated_name SET name = 'Zebras'")
    connection.close()
    with opened(path, Counting(answer=lambda request: request.draft)) as insights:
        assert insights.project("p").generate_name(QUERIES[0]).name == right


def test_a_file_that_cannot_be_written_still_gives_names(path):
    namer = Namer([Counting(answer=lambda request: request.draft)], installed=False, backend="counting")
    with Insights.open(path, read_only=True, namer=namer) as insights:
        assert insights.project("p").generate_name(QUERIES[0]).backend == "counting"


def test_fingerprints_are_of_the_meaning():
    namer = Namer(installed=False)
    query = {"kind": "TrendsQuery", "series": [{"event": "a"}], "dateRange": {"date_from": "-7d"}}
    same = {"kind": "InsightVizNode", "source": json.loads(json.dumps(query, sort_keys=True))}
    assert namer.fingerprint(query) == namer.fingerprint(same) == fingerprint(namer.describe(query))
    assert namer.fingerprint(query) != namer.fingerprint({**query, "dateRange": {"date_from": "-8d"}})
    assert namer.fingerprint("SELECT count(*) FROM a") == namer.fingerprint("select  COUNT(*)\nfrom a -- why")


def test_what_a_query_has_outgrown_is_stale(path):
    backend = Counting(answer=lambda request: request.draft)
    with opened(path, backend) as insights:
        project = insights.project("p")
        project.name_missing()
        by_hand = project.create(QUERIES[0], name="By hand")
        assert project.stale() == []
    with sqlite3.connect(path) as connection:  # as an older version, or another program, would have left them
        connection.execute("UPDATE insight SET derived_name = 'Old', derived_source = 'heuristic' WHERE id = 1")
        connection.execute("UPDATE insight SET query = ? WHERE id = 2", (json.dumps(QUERIES[7]),))
        connection.execute("UPDATE insight SET derived_name = 'Nobody knows', derived_source = NULL WHERE id = 3")
    connection.close()
    with opened(path, backend) as insights:
        project = insights.project("p")
        assert sorted(insight.id for insight in project.stale()) == [1, 2]
        proposed = project.name_missing(only_stale=True, dry_run=True)
        assert sorted(old.id for old, _ in proposed) == [1, 2]
        assert sorted(insight.id for insight in project.stale()) == [1, 2]
        project.name_missing(only_stale=True)
        assert [insight.id for insight in project.stale()] == []
        assert project.get(by_hand.id).name == "By hand"
        assert [insight.id for insight in project.undo_naming()] == [1, 2]
        assert project.get(1).derived_name == "Old"


def test_threads_share_what_is_kept(path):
    backend = Counting(answer=lambda request: request.draft)
    with opened(path, backend) as insights:
        project = insights.project("p")
        threads = [
            threading.Thread(target=lambda: [project.generate_name(query) for query in QUERIES]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asked = len(backend.asked)
        assert len(QUERIES) <= asked <= 4 * len(QUERIES)
        for query in QUERIES:
            assert project.generate_name(query).backend == "counting"
        assert len(backend.asked) == asked
        assert insights.check().problems == ()


def test_names_that_were_told_apart_are_not_stale(tmp_path):
    with Insights.memory() as insights:
        project = insights.project("p")
        for days in (7, 30):
            project.create({**QUERIES[0], "dateRange": {"date_from": f"-{days}d"}})
        names = [name.name for _, name in project.name_missing()]
        assert len(set(names)) == 2
        assert project.stale() == []
        assert project.name_missing() == []


def test_the_command_marks_and_renews_them(path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_DB", str(path))
    monkeypatch.setenv("INSIGHTS_PROJECT", "p")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE insight SET derived_name = 'Old' WHERE id = 1")
    connection.close()
    run = CliRunner()

    def said(*arguments):
        result = run.invoke(main, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    assert said("list").count("(stale)") == 1
    assert "Old (stale)" in said("list")
    assert "stale:" in said("show", "1")
    assert "stale:" not in said("show", "2")
    assert "stale" not in said("show", "1", "--json") + said("list", "--json")
    assert "Old\tThing 0 Done\theuristic" in said("name", "--stale", "--dry-run")
    assert "Old (stale)" in said("list")
    said("name", "--stale")
    assert "stale" not in said("list")
    assert "Old" in said("name", "--undo")
    assert "Old (stale)" in said("list")
    assert run.invoke(main, ["name", "--stale", "--missing"]).exit_code == 2
