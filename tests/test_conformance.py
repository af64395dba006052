"""The conformance suite passes what is right, finds every fault and names it, and says what it could not ask."""

import json
import os
import subprocess
import sys
from functools import partial

import faulty
import faulty_servers
import httpx2
import pytest
from faulty_servers import OTHER_PROJECT, OTHER_USER, PROJECT, USER, Fault, subjects
from hypothesis import given
from serving import serving

from insights_core import Insights
from insights_core.keys import READ, WRITE
from insights_core.moments import system_clock
from insights_core.query.registry import read
from insights_core.reference import Reference
from insights_core.testing import (
    CASES,
    FAIL,
    HOSTED,
    NOT_OFFERED,
    PASS,
    STRICT,
    Clock,
    HTTPSubject,
    LibrarySubject,
    NotOffered,
    Subject,
    in_file,
    in_memory,
    machine,
    reference,
    run,
    run_machine,
)
from insights_core.testing.strategies import queries

# What only HTTP has, what only a clock of the test's own can show, and what the contract has no call for.
WIRE = {case.name for case in CASES if case.name.startswith(("http-", "keys-", "scope-"))}
NAMES = {case.name for case in CASES if case.name.startswith("name-")}
CLOCK = {case.name for case in CASES if case.name.startswith("clock-")}
CLOCK |= {"viewed-again-a-day-later", "trending-window"}
REPLAYS = {case.name for case in CASES if case.name.startswith("replay-")}


def judged(results, not_offered):
    """Everything passes but what is not offered."""
    results = list(results)
    assert [result for result in results if result.result == FAIL] == []
    assert {result.case for result in results if result.result == NOT_OFFERED} == not_offered
    assert all(result.detail for result in results if result.result == NOT_OFFERED)
    assert len(results) == len(CASES) + 1


@pytest.mark.parametrize(
    ("make", "not_offered"),
    [(reference, WIRE | NAMES), (in_memory, WIRE), (in_file, WIRE)],
    ids=["reference", "memory", "file"],
)
def test_the_library_conforms(make, not_offered):
    judged(run(make), not_offered)


@pytest.fixture
def server(tmp_path):
    """Our server over a real socket, on a file, with a clock of its own or the machine's."""
    with Insights.open(tmp_path / "x.db") as insights, httpx2.Client() as client:
        create = insights.keys.create
        keys = [create(USER, WRITE).text, create(OTHER_USER, READ).text]
        options = {
            "project": PROJECT,
            "other_project": OTHER_PROJECT,
            "read_key": create(USER, READ).text,
            "limited_key": create(USER, WRITE, projects=[PROJECT]).text,
            "client": client,
        }
        with serving(insights) as port:
            yield partial(HTTPSubject, f"http://127.0.0.1:{port}", *keys, **options)


def test_our_server_conforms_and_is_left_as_it_was(server):
    judged(run(server), CLOCK | REPLAYS)
    # What it made is gone from every list, so a second run starts as the first did.
    judged(run(server, examples=3), CLOCK | REPLAYS)


def test_our_server_conforms_by_a_clock_that_jumps(tmp_path):
    clock = Clock()
    with Insights.open(tmp_path / "x.db", clock=clock) as insights, httpx2.Client() as client:
        keys = [insights.keys.create(user, WRITE).text for user in (USER, OTHER_USER)]
        with serving(insights) as port:
            make = partial(
                HTTPSubject, f"http://127.0.0.1:{port}", *keys, project=PROJECT, other_project=OTHER_PROJECT, client=client, clock=clock,
            )  # fmt: skip
            judged(run(make), REPLAYS | {"scope-read-reads", "scope-read-does-not-write", "keys-limited-to-projects"})


def test_a_server_without_a_fault_has_none():
    with subjects() as make:
        judged(run(make), REPLAYS)


@pytest.mark.parametrize("fault", faulty_servers.FAULTS)
def test_every_faulty_server_is_caught_by_the_case_that_is_about_it(fault):
    broken = faulty_servers.FAULTS[fault]
    with subjects(broken) as make:
        failed = {result.case: result for result in run(make, examples=0) if result.result == FAIL}
    assert broken.case in failed
    assert failed[broken.case].detail
    assert failed[broken.case].history


def test_there_are_faults_of_every_sort():
    caught = {fault.case for fault in faulty_servers.FAULTS.values()}
    assert len(faulty_servers.FAULTS) >= 25
    assert {name.partition("-")[0] for name in caught} >= {
        "recent", "viewed", "clock", "trending", "name", "http", "keys", "scope",
    }  # fmt: skip


# What shows only in calls that a subject does not have, or in fields that its lists do not tell.
UNSEEN = {"DeletedIsThere", "ViewsRevealDeleted", "DeletesWhatItCan", "RestoreAlwaysChanges", "DateStandsStill", "SharesItsQuery",
          "ConflictIsOverlooked", "NothingIsAChangeToo", "TagsAreModifications", "ForgottenComesBack", "ForgetGoesByTheClock",
          "AnyTagWillDo", "SearchesInsideWords"}  # fmt: skip


class Faulty(Reference):
    def __init__(self, fault, clock):
        super().__init__(clock)
        self.fault = fault

    def project(self, id_):
        return self.fault(self, id_)


def faulty_subject(fault):
    clock = Clock()
    return LibrarySubject(Faulty(fault, clock), clock)


@pytest.mark.parametrize("fault", sorted(faulty.FAULTS.keys() - UNSEEN))
def test_random_histories_find_what_a_store_can_get_wrong(fault):
    result = run_machine(partial(faulty_subject, faulty.FAULTS[fault]), STRICT, 300)
    assert result.result == FAIL
    assert result.history


def test_the_history_that_is_shown_is_the_smallest():
    result = run_machine(partial(faulty_subject, faulty.OneTooMany), STRICT, 300)
    # Six insights of one project, each viewed by being created, the foreign one that is always there, and a look.
    *made, look = result.history
    assert len(made) == 7
    assert all(line.startswith("create(user 1") for line in made)
    assert look.startswith("my_last_viewed(user 1) → ")
    assert "6 entries" in result.detail


class LikeTheHostedService(Fault):
    """Answers 201, leaves equal times to chance, and believes its clock."""

    class calls(faulty.TiesAscend):  # noqa: N801 - a field of a fault
        def _next_view(self, _user):
            return self.store.clock()

    def after(self, asked, told):
        if asked.path == "viewed" and told.status == 200:
            return told._replace(status=201)
        return told.with_json({"detail": "no"}) if told.status >= 400 else told


@pytest.mark.parametrize("clock", [None, system_clock], ids=["the test's clock", "its own clock"])
def test_the_hosted_profile_lets_the_hosted_service_pass(clock):
    with subjects(LikeTheHostedService, HOSTED, clock) as make:
        results = list(run(make, profile=HOSTED))
    assert [result for result in results if result.result == FAIL] == []
    left_open = {case.name for case in CASES if case.ours}
    assert {result.case for result in results if result.result == PASS} >= {
        case.name for case in CASES
    } - left_open - CLOCK - {"scope-read-reads"}


def test_the_strict_profile_does_not():
    with subjects(LikeTheHostedService) as make:
        failed = {result.case for result in run(make, examples=0) if result.result == FAIL}
    assert {"recent-ties", "clock-stands-still", "http-viewed-answers-nothing", "keys-are-asked-for"} <= failed


@pytest.mark.parametrize("fault", ["SixAreListed", "DeletedShows", "OthersLeak", "ForeignIsMissing", "PartOfABatch",
                                   "RestoredGoesToTheFront", "RepeatsRows", "ScopeIsUnchecked", "TrendingCountsTheDeleted"])  # fmt: skip
def test_the_hosted_profile_finds_faults_too(fault):
    broken = faulty_servers.FAULTS[fault]
    with subjects(broken, HOSTED) as make:
        assert broken.case in {result.case for result in run(make, profile=HOSTED, examples=0) if result.result == FAIL}


class OnlyLists(Subject):
    """Has two calls of the contract and no more."""

    def __init__(self):
        self._made = []

    def create(self, project, user, **fields):
        self._made.append(len(self._made) + 1)
        return {"id": self._made[-1]}

    def my_last_viewed(self, project, user):
        return [{"id": id_} for id_ in self._made[:-6:-1]]


def test_what_a_subject_does_not_offer_is_said_and_is_no_failure():
    results = {result.case: result for result in run(OnlyLists)}
    assert {result.result for name, result in results.items() if name not in {"recent-details", "recent-details-to-the-letter"}} == {PASS, NOT_OFFERED}  # fmt: skip
    assert results["recent-old-and-new-kinds"].result == PASS
    assert (results["viewed-one"].result, results["viewed-one"].detail) == (NOT_OFFERED, "viewed")
    assert (results["recent-other-users"].result, results["recent-other-users"].detail) == (NOT_OFFERED, "a second user (--other-key)")  # fmt: skip
    for call in ("delete", "restore", "now", "close"):
        arguments = {"delete": ("1", "x", 1), "restore": ("1", "x", 1)}.get(call, ())
        if call == "close":
            OnlyLists().close()
        else:
            with pytest.raises(NotOffered):
                getattr(OnlyLists(), call)(*arguments)


class Breaks(OnlyLists):
    def my_last_viewed(self, project, user):
        raise ZeroDivisionError("a bug of the adapter")


def test_an_error_of_the_subjects_own_is_its_failure():
    results = {result.case: result for result in run(Breaks, examples=2)}
    assert results["recent-created-then-viewed"].detail == "ZeroDivisionError: a bug of the adapter"
    assert results["random-histories"].result == FAIL


class Falls(OnlyLists):
    def close(self):
        raise OSError("the subject fell")


class NeverStands(OnlyLists):
    def __init__(self):
        raise OSError("the subject never stood")


@pytest.mark.parametrize("subject", [Falls, NeverStands])
def test_a_subject_that_fails_outside_of_calls_fails_its_cases_alone(subject):
    results = list(run(subject, examples=2))
    assert len(results) == len(CASES) + 1
    assert {result.detail[:20] for result in results if result.result == FAIL} >= {"OSError: the subject"}


def test_histories_without_views_are_not_offered():
    result = run_machine(OnlyLists)
    assert (result.result, result.detail) == (NOT_OFFERED, "viewed")


def test_a_project_that_a_key_does_not_reach_is_left_out(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights, httpx2.Client() as client:
        keys = [insights.keys.create(user, WRITE, projects=[PROJECT]).text for user in (USER, OTHER_USER)]
        with serving(insights) as port:
            make = partial(HTTPSubject, f"http://127.0.0.1:{port}", *keys, project=PROJECT, other_project=OTHER_PROJECT, client=client)  # fmt: skip
            results = {result.case: result for result in run(make, examples=5)}
    assert [result for result in results.values() if result.result == FAIL] == []
    assert results["random-histories"].detail == "2 users, 1 projects"


def test_a_project_that_is_full_of_others_insights_is_told(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights, httpx2.Client() as client:
        project = insights.project(PROJECT)
        many = [project.create().id for _ in range(110)]
        for user in ("x", "y", "z"):
            project.viewed(user, many)
        keys = [insights.keys.create(user, WRITE).text for user in (USER, OTHER_USER)]
        with serving(insights) as port:
            make = partial(HTTPSubject, f"http://127.0.0.1:{port}", *keys, project=PROJECT, other_project=OTHER_PROJECT, client=client)  # fmt: skip
            results = {result.case: result for result in run(make, examples=5)}
    assert [result for result in results.values() if result.result == FAIL] == []
    assert results["trending-order"].detail.startswith("a place in the trending list")


class Forgets(LibrarySubject):
    """Answers differently each time it is looked at."""

    looks = 0

    def my_last_viewed(self, project, user):
        Forgets.looks += 1
        return super().my_last_viewed(project, user)[: 0 if Forgets.looks % 37 == 0 else 5]


def test_answers_that_change_by_themselves_are_told():
    clock = Clock()
    result = run_machine(lambda: Forgets(Reference(clock), clock))
    assert result.result == FAIL


def test_a_server_that_goes_away_is_told(server):
    make = partial(HTTPSubject, "http://127.0.0.1:9", "key", client=httpx2.Client())
    results = [result for result in run(make, examples=1) if result.result != NOT_OFFERED]
    # Three that are not answered tell enough.
    assert [result.result for result in results] == [FAIL] * 3
    assert all("no answer to" in result.detail for result in results)


@given(queries)
def test_queries_that_are_drawn_are_queries(query):
    assert read(query).format


# As anybody's own tests use it.

TestInMemory = machine(in_memory).TestCase


def command(*arguments, **environment):
    code = "from insights_app.cli import main; main(prog_name='insights')"
    return subprocess.run(
        [sys.executable, "-c", code, "conform", *arguments],
        capture_output=True, env={**os.environ, **environment}, encoding="utf-8", check=False,
    )  # fmt: skip


def test_the_command_tells_what_a_server_does(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights:
        key, other = (insights.keys.create(user, WRITE).text for user in (USER, OTHER_USER))
        with serving(insights) as port:
            url = f"http://127.0.0.1:{port}"
            right = command(url, "--key", key, "--other-key", other, "--project", "7", "--examples", "2", "--json")
            again = command(url, "--case", "viewed-one", "--case", "scope-read-reads", INSIGHTS_CONFORM_KEY=key)
            nobody = command(url, "--key", "ik_none")
    assert (right.returncode, right.stderr) == (0, "")
    results = json.loads(right.stdout)
    assert [set(result) for result in results] == [{"case", "checks", "result", "detail", "history"}] * (len(CASES) + 1)
    assert {result["result"] for result in results} == {PASS, NOT_OFFERED}
    assert [line.split("\t")[:2] for line in again.stdout.splitlines()] == [
        ["pass", "viewed-one"],
        ["not offered", "scope-read-reads"],
    ]
    assert "note: not offered: a key with the scope insight:read alone (--read-key)" in again.stderr
    assert nobody.returncode == 1
    assert nobody.stderr.startswith("Error: asked for the list of the first user: 401 ")
    assert nobody.stderr.count("\n") == 1


def test_the_command_tells_keys_that_are_wrong_before_anything_else(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights, serving(insights) as port:
        url = f"http://127.0.0.1:{port}"
        write, same, read = (insights.keys.create(USER, scope).text for scope in (WRITE, WRITE, READ))
        answers = [
            command(url, "--key", read),
            command(url, "--key", write, "--other-key", same),
            command(url, "--case", "viewed-one", INSIGHTS_CONFORM_KEY=f" {write}\n"),
            command(url, "--key", f"{write}ä"),
        ]
        assert insights.project("default").list() == []
    told = ["asked to create an insight with --key: 403 ", "--key and --other-key are of the same user", "", "a key is printable ASCII text"]  # fmt: skip
    assert [answer.returncode for answer in answers] == [1, 1, 0, 2]
    for answer, said in zip(answers, told, strict=True):
        assert said in answer.stderr
        assert write not in answer.stderr


def test_the_command_shows_the_history_of_a_failure():
    with subjects(faulty_servers.FAULTS["SixAreListed"]) as make:
        subject = make()
        asked = [f"--key={subject._keys['first']}", f"--project={PROJECT}", "--case=recent-five-of-six"]
        failed = command(subject._base, *asked)
    assert failed.returncode == 1
    case, told, first, *_ = failed.stdout.splitlines()
    assert case == "fail\trecent-five-of-six\tof six viewed insights the last five show"
    assert (told, first) == ("  the list has 6 entries, more than 5", "    create(user 1) → a")
    assert failed.stderr == "0 pass, 1 fail, 0 not offered\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nonsense", "--key", "x"), 2, "'nonsense' is no address of a server"),
        (("http://", "--key", "x"), 2, "'http://' is no address of a server"),
        (("http://[::1", "--key", "x"), 2, "'http://[::1' is no address of a server"),
        (("http://127.0.0.1:x", "--key", "x"), 2, "'http://127.0.0.1:x' is no address of a server"),
        (("http://127.0.0.1:9", "--key", "x"), 1, "no answer to GET http://127.0.0.1:9/"),
        (("http://127.0.0.1:9",), 2, "give --key"),
        (("memory", "--case", "nothing"), 2, "there is no case nothing"),
        (("memory", "--profile", "loose"), 2, "'loose' is not one of"),
    ],
)
def test_the_command_says_what_it_was_given_wrongly(arguments, code, said):
    answer = command(*arguments)
    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_the_command_tries_the_library_itself():
    answer = command("reference", "--examples", "2")
    assert answer.returncode == 0
    assert answer.stderr.splitlines()[-1].endswith(f" 0 fail, {len(WIRE | NAMES)} not offered")
