"""What HTTP itself has to say: bodies, statuses, errors, formats."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from insights_core.testing.trial import QUERY, UNKNOWN

from ._case import Cases

if TYPE_CHECKING:
    from insights_core.testing.subject import Answer
    from insights_core.testing.trial import Trial

cases = Cases()
MOST_IDS = 2_500
_ERROR = {"type", "code", "detail", "attr"}
_TYPES = {"validation_error", "authentication_error", "invalid_request", "server_error"}


def json_of(trial: Trial, answer: Answer) -> Any:
    """Return the body of an answer."""
    try:
        return json.loads(answer.body)
    except ValueError:
        trial.fail("the body is no JSON")


def judge_error(trial: Trial, answer: Answer, status: int, kind: str, code: str | None = None) -> dict[str, Any]:
    """Judge an answer that is an error, as far as the profile asks for it; return its body."""
    trial.status(answer, status)
    if not trial.profile.to_the_letter:
        return {}
    error: dict[str, Any] = json_of(trial, answer)
    trial.expect(isinstance(error, dict) and set(error) == _ERROR, f"an error has {', '.join(sorted(_ERROR))}: {error}")
    trial.expect(error["type"] in _TYPES, f"there is no error of the type {error['type']!r}")
    trial.expect(error["type"] == kind, f"the error is of the type {error['type']}, and has to be {kind}")
    trial.expect(code in (None, error["code"]), f"the error's code is {error['code']}, and has to be {code}")
    trial.expect(isinstance(error["detail"], str) and error["detail"], "the error has no detail")
    return error


@cases.add("viewed: {}, [] and text for a body are refused, and nothing is recorded")
def http_viewed_bodies(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    bodies: tuple[object, ...] = ({}, [], "abc", {"insight_ids": []}, {"insight_ids": "abc"}, {"insight_ids": {"1": a}})
    for body in bodies:
        judge_error(trial, trial.send("POST", "viewed/", body), 400, "validation_error")
    trial.recent_is(b, a)


@cases.add("viewed: 2,501 ids are refused, and nothing is recorded; 2,500 are taken")
def http_viewed_too_many(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    others = list(range(UNKNOWN - MOST_IDS, UNKNOWN))
    judge_error(trial, trial.send("POST", "viewed/", {"insight_ids": [a, *others]}), 400, "validation_error")
    trial.recent_is(b, a)
    if trial.profile.to_the_letter:
        trial.status(trial.send("POST", "viewed/", {"insight_ids": [a, *others[1:]]}), 200)
        trial.recent_is(a, b)


@cases.add("viewed: ids as JSON text are taken, true is not", ours=True)
def http_viewed_text_ids(trial: Trial) -> None:
    a, b = trial.create(), trial.create()
    trial.status(trial.send("POST", "viewed/", {"insight_ids": [str(a)]}), 200)
    trial.recent_is(a, b)
    judge_error(trial, trial.send("POST", "viewed/", {"insight_ids": [str(b), True]}), 400, "validation_error")
    trial.recent_is(a, b)


@cases.add("viewed answers with an empty body, in either format, whatever the ids")
def http_viewed_answers_nothing(trial: Trial) -> None:
    a = trial.create()
    for path in ("viewed/", "viewed/?format=json", "viewed/?format=csv"):
        for ids in ([a], [UNKNOWN]):
            answer = trial.send("POST", path, {"insight_ids": ids})
            trial.status(answer, trial.profile.viewed_statuses)
            if trial.profile.to_the_letter:
                trial.expect(not answer.body, f"the body is {answer.body[:80]!r}")


@cases.add("generate_name without a query is told so, and stores nothing")
def http_name_without_query(trial: Trial) -> None:
    for body in ({}, {"name": "string"}, {"query": None}):
        error = judge_error(trial, trial.send("POST", "generate_name/", body), 400, "validation_error")
        if error:
            said = "Missing 'query' field in request body"
            trial.expect(error["attr"] == "query", f"the error's attr is {error['attr']!r}, and has to be 'query'")
            trial.expect(error["detail"] == said, f"the detail is {error['detail']!r}, and has to be {said!r}")


@cases.add("a body that is no JSON is malformed, the contract's own placeholder among them")
def http_malformed_bodies(trial: Trial) -> None:
    for path in ("generate_name/", "viewed/", ""):
        for raw in (b'name="string"', b"{", b"\xff", b'{"query": NaN}') if trial.profile.to_the_letter else (b"{",):
            answer = trial.send("POST", path, raw=raw)
            judge_error(trial, answer, 400, "invalid_request", "malformed_request")


@cases.add("days and limits of trending that are no numbers are refused")
def http_trending_bad_numbers(trial: Trial) -> None:
    for query in ("days=x", "limit=x", "days=0", "limit=0", "days=1.5", "days=366", "limit=101"):
        judge_error(trial, trial.send("GET", f"trending/?{query}"), 400, "validation_error")


@cases.add("create answers 201 with the insight, its folder and its sorted tags", ours=True)
def http_create(trial: Trial) -> None:
    body = {"query": QUERY, "tags": ["b", "a", "b"], "_create_in_folder": "Conformance", "favorited": True}
    made = json_of(trial, trial.status(trial.send("POST", "", body), 201))
    trial.made.append((0, made["id"]))
    wanted = {"query": QUERY, "tags": ["a", "b"], "folder": "Conformance", "favorited": True, "deleted": False}
    wanted |= {"revision": 1, "name": None, "order": None, "dashboards": []}
    for field, value in wanted.items():
        trial.expect(made.get(field) == value, f"{field} is {made.get(field)!r}, and has to be {value!r}")
    for path in (f"{made['id']}/", f"{made['short_id']}/"):
        found = json_of(trial, trial.status(trial.send("GET", path), 200))
        trial.expect(found == made, f"{path} is not what was created")


@cases.add("an unknown or deleted insight is not found, by no call", ours=True)
def http_not_found(trial: Trial) -> None:
    a = trial.create()
    trial.delete(a)
    for id_ in (a, UNKNOWN):
        judge_error(trial, trial.send("GET", f"{id_}/"), 404, "invalid_request", "not_found")
        judge_error(trial, trial.send("PATCH", f"{id_}/", {"name": "x"}), 404, "invalid_request", "not_found")
    for path in ("0/", "none-such/", "no/such/thing/"):
        judge_error(trial, trial.send("GET", path), 404, "invalid_request", "not_found")


@cases.add("an insight of another project is not found, read, changed or deleted through this one")
def http_foreign_insight(trial: Trial) -> None:
    project = trial.second_project()
    foreign = trial.create(project=project)
    judge_error(trial, trial.send("GET", f"{foreign}/"), 404, "invalid_request", "not_found")
    for change in ({"name": "x"}, {"deleted": True}):
        judge_error(trial, trial.send("PATCH", f"{foreign}/", change), 404, "invalid_request", "not_found")
    found = json_of(trial, trial.status(trial.send("GET", f"{foreign}/", project=project), 200))
    trial.expect(found.get("name") != "x" and not found.get("deleted"), "the foreign insight was changed")


@cases.add("a change that builds on an old revision is a conflict, and changes nothing", ours=True)
def http_stale_revision(trial: Trial) -> None:
    a = trial.create()
    changed = json_of(trial, trial.status(trial.send("PATCH", f"{a}/", {"name": "One", "revision": 1}), 200))
    trial.expect(changed["revision"] == 2, f"the revision is {changed['revision']}, and has to be 2")  # noqa: PLR2004
    judge_error(trial, trial.send("PATCH", f"{a}/", {"name": "Two", "revision": 1}), 409, "invalid_request", "conflict")
    found = json_of(trial, trial.send("GET", f"{a}/"))
    trial.expect((found["name"], found["revision"]) == ("One", 2), "the refused change was made")


@cases.add("a wrong method is told so, with those that are right", ours=True)
def http_wrong_methods(trial: Trial) -> None:
    for method, path in (
        ("GET", "viewed/"),
        ("POST", "my_last_viewed/"),
        ("DELETE", f"{trial.create()}/"),
        ("PUT", ""),
    ):
        answer = trial.send(method, path)
        judge_error(trial, answer, 405, "invalid_request", "method_not_allowed")
        trial.expect(answer.headers.get("Allow"), "there is no Allow header")


@cases.add("a slash at the end is optional everywhere", ours=True)
def http_trailing_slashes(trial: Trial) -> None:
    a = trial.create()
    for method, path, body in (
        ("GET", "my_last_viewed", None),
        ("GET", "trending", None),
        ("GET", str(a), None),
        ("POST", "viewed", {"insight_ids": [a]}),
        ("POST", "generate_name", {"query": QUERY}),
    ):
        one, other = (trial.status(trial.send(method, path + end, body), 200) for end in ("", "/"))
        if method == "GET":
            trial.expect(one.body == other.body, f"{path} and {path}/ differ")


@cases.add("formats but json and csv are refused; an Accept that names neither gets JSON", ours=True)
def http_formats(trial: Trial) -> None:
    trial.create()
    for path in ("my_last_viewed/", "trending/", ""):
        for format_ in ("xml", "", "JSON", "json,csv"):
            answer = trial.send("GET", f"{path}?format={format_}")
            error = judge_error(trial, answer, 400, "validation_error")
            trial.expect(error["attr"] == "format", f"the error's attr is {error['attr']!r}, and has to be 'format'")
    for accept in ("application/xml", "text/html", "nonsense"):
        answer = trial.status(trial.send("GET", "my_last_viewed/", headers=(("Accept", accept),)), 200)
        json_of(trial, answer)


@cases.add("the list as CSV: a header, the same rows, quoted as RFC 4180 says, and no cell that a spreadsheet would run",
           ours=True)  # fmt: skip
def http_csv(trial: Trial) -> None:
    names = ('a "quoted", name', "=1+1", "+1", "-1", "@x", "two\nlines")
    for name in names:
        trial.create(name=name, tags=["a,b", "c"], user=0)
    answer = trial.status(trial.send("GET", "my_last_viewed/?format=csv"), 200)
    kind = answer.headers.get("Content-Type", "")
    trial.expect(kind.startswith("text/csv"), f"the content type is {kind!r}")
    try:
        rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        trial.fail(f"the CSV cannot be read: {error}")
    wanted = json_of(trial, trial.send("GET", "my_last_viewed/"))
    trial.expect(len(rows) == len(wanted), f"there are {len(rows)} rows, and {len(wanted)} entries")
    for row, entry in zip(rows, wanted, strict=True):
        trial.expect(set(row) == set(entry), f"the columns are {', '.join(map(str, row))}")
        trial.expect(row["id"] == str(entry["id"]), f"the row of {entry['id']} has the id {row['id']}")
        plain = row["name"] == entry["name"] and entry["name"][0] not in "=+-@"
        trial.expect(plain or row["name"] == f"'{entry['name']}", f"the cell of {entry['name']!r} is {row['name']!r}")
        trial.expect(json.loads(row["tags"]) == entry["tags"], f"the cell of {entry['tags']} is {row['tags']!r}")
        trial.expect(json.loads(row["query"]) == entry["query"], "the query is not its JSON text")
    trial.expect(b"\r\n" in answer.body, "the lines do not end with CR and LF")


@cases.add("an empty list as CSV is its header alone", ours=True)
def http_csv_of_nothing(trial: Trial) -> None:
    user = trial.second_user()
    if trial.subject.my_last_viewed(trial.subject.projects[0], trial.subject.users[user]):
        trial.fail("the second user's list is not empty, so this cannot be judged: give a key of a new user")
    answer = trial.status(trial.send("GET", "my_last_viewed/?format=csv", key="second"), 200)
    (header,) = list(csv.reader(io.StringIO(answer.body.decode()))) or [[]]
    trial.expect(header[:1] == ["id"], f"the header is {header}")


@cases.add("answers say that they are JSON in UTF-8", ours=True)
def http_content_type(trial: Trial) -> None:
    a = trial.create(name="Größe 😀")
    for path in ("my_last_viewed/", f"{a}/"):
        answer = trial.status(trial.send("GET", path), 200)
        kind = answer.headers.get("Content-Type", "")
        trial.expect(kind.partition(";")[0] == "application/json", f"the content type is {kind!r}")
        trial.expect("Größe 😀" in answer.body.decode() or "\\u" in answer.body.decode(), "the name is not there")
