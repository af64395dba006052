"""What HTTP itself has to say: bodies, statuses, errors, formats."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from insights_core.testing.queries import QUERY
from insights_core.testing.subject import NotOffered
from insights_core.testing.trial import UNKNOWN

from ._case import Cases
from .recent import BASIC_DETAILS

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


def judge_error(trial: Trial, answer: Answer, status: int, kind: str = "", code: str = "") -> dict[str, Any]:
    """Judge an answer that is an error, as far as the profile asks for it; return its body."""
    trial.status(answer, status)
    if not trial.profile.to_the_letter:
        return {}
    error: dict[str, Any] = json_of(trial, answer)
    trial.expect(isinstance(error, dict) and set(error) == _ERROR, f"an error has {', '.join(sorted(_ERROR))}: {error}")
    trial.expect(error["type"] in _TYPES, f"there is no error of the type {error['type']!r}")
    trial.expect(
        error["type"] == (kind or error["type"]), f"the error is of the type {error['type']}, and has to be {kind}"
    )
    trial.expect(error["code"] == (code or error["code"]), f"the error's code is {error['code']}, and has to be {code}")
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
    for query in ("days=x", "limit=x", "days=1.5"):
        judge_error(trial, trial.send("GET", f"trending/?{query}"), 400, "validation_error")


@cases.add("create answers 201 with the insight, its folder and its sorted tags", ours=True)
def http_create(trial: Trial) -> None:
    body = {"query": QUERY, "tags": ["b", "a", "b"], "_create_in_folder": "Conformance", "favorited": True}
    body |= {"dashboards": [3], "order": 7, "description": "What it shows"}
    made = json_of(trial, trial.status(trial.send("POST", "", body), 201))
    trial.expect(isinstance(made, dict) and isinstance(made.get("id"), int), "the answer is not the insight")
    trial.made.append((0, made["id"]))
    short_id = made.get("short_id")
    well_made = isinstance(short_id, str) and len(short_id) == 8 and short_id.isascii() and short_id.isalnum()  # noqa: PLR2004
    trial.expect(
        well_made and not short_id.isdigit(), f"a short_id has 8 letters and digits, one letter at least: {short_id!r}"
    )
    wanted = {"query": QUERY, "tags": ["a", "b"], "folder": "Conformance", "favorited": True, "deleted": False}
    wanted |= {"dashboards": [3], "order": 7, "description": "What it shows", "name": None}
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
        judge_error(trial, trial.send("GET", f"{id_}/"), 404)
        judge_error(trial, trial.send("PATCH", f"{id_}/", {"name": "x"}), 404)
    for path in ("0/", "none-such/", "no/such/thing/"):
        judge_error(trial, trial.send("GET", path), 404)


@cases.add("an insight of another project is not found, read, changed or deleted through this one")
def http_foreign_insight(trial: Trial) -> None:
    project = trial.second_project()
    foreign = trial.create(project=project)
    judge_error(trial, trial.send("GET", f"{foreign}/"), 404)
    for change in ({"name": "x"}, {"deleted": True}):
        judge_error(trial, trial.send("PATCH", f"{foreign}/", change), 404)
    trial.delete(foreign, project=project)
    judge_error(trial, trial.send("PATCH", f"{foreign}/", {"deleted": False}), 404)
    judge_error(trial, trial.send("GET", f"{foreign}/", project=project), 404)
    trial.restore(foreign, project=project)
    found = json_of(trial, trial.status(trial.send("GET", f"{foreign}/", project=project), 200))
    trial.expect(found.get("name") != "x" and not found.get("deleted"), "the foreign insight was changed")


@cases.add("a change that builds on an old revision is a conflict, and changes nothing", ours=True)
def http_stale_revision(trial: Trial) -> None:
    a = trial.create()
    first = json_of(trial, trial.status(trial.send("GET", f"{a}/"), 200))["revision"]
    changed = json_of(trial, trial.status(trial.send("PATCH", f"{a}/", {"name": "One", "revision": first}), 200))
    trial.expect(changed["revision"] == first + 1, f"the revision is {changed['revision']}, and was {first}")
    judge_error(trial, trial.send("PATCH", f"{a}/", {"name": "Two", "revision": first}), 409)
    found = json_of(trial, trial.send("GET", f"{a}/"))
    trial.expect((found["name"], found["revision"]) == ("One", first + 1), "the refused change was made")


_CHANGES = (
    ("name", "Renamed", True), ("description", "What it shows", True), ("query", {"kind": "PathsQuery"}, True),
    ("tags", ["a", "b"], False), ("favorited", True, False), ("order", 7, False), ("dashboards", [3, 5], False),
)  # fmt: skip
"""Fields, new values, and whether that is a modification."""
_DATES = ("updated_at", "last_modified_at")


@cases.add("a change is made, raises the revision by one and moves updated_at, last_modified_at for name, description and query;"
           " what changes nothing moves nothing, viewing neither", ours=True)  # fmt: skip
def http_changes(trial: Trial) -> None:
    a = trial.create()
    before = json_of(trial, trial.status(trial.send("GET", f"{a}/"), 200))
    for field, value, is_modified in _CHANGES:
        after = json_of(trial, trial.status(trial.send("PATCH", f"{a}/", {field: value}), 200))
        trial.expect(after[field] == value, f"{field} is {after[field]!r}, and was changed to {value!r}")
        raised = after["revision"] - before["revision"]
        trial.expect(raised == 1, f"the change of {field} raised the revision by {raised}")
        moved = [datetime.fromisoformat(after[date]) > datetime.fromisoformat(before[date]) for date in _DATES]
        trial.expect(moved == [True, is_modified], f"the change of {field} moved updated_at, last_modified_at: {moved}")
        again = json_of(trial, trial.status(trial.send("PATCH", f"{a}/", {field: value}), 200))
        trial.expect(again == after, f"a change of {field} to what it is changed something")
        before = after
    trial.viewed(a)
    trial.expect(json_of(trial, trial.send("GET", f"{a}/")) == before, "viewing changed the insight")
    trial.delete(a)
    trial.restore(a)
    after = json_of(trial, trial.send("GET", f"{a}/"))
    kept = {name: value for name, value in before.items() if name not in ("revision", "updated_at")}
    lost = [name for name, value in kept.items() if after.get(name) != value]
    trial.expect(not lost, f"deleting and restoring changed {', '.join(lost)}")


@cases.add("an entry of the list says of its insight what the insight says of itself", ours=True)
def http_details(trial: Trial) -> None:
    a = trial.create(name="Visitors", tags=["b", "a"], favorited=True, dashboards=[3])
    (entry,) = trial.recent_is(a)
    insight = json_of(trial, trial.status(trial.send("GET", f"{a}/"), 200))
    other = [name for name in sorted(BASIC_DETAILS) if entry.fields.get(name) != insight.get(name)]
    trial.expect(not other, f"the entry has another {', '.join(other)} than the insight")
    trial.expect(insight.get("created_by"), "created_by does not say whose it is")


@cases.add("the list of insights has its project's own, the newest first, none that is deleted; search looks at beginnings of words",
           ours=True)  # fmt: skip
def http_list(trial: Trial) -> None:
    a, b, c = (trial.create(name=f"Zyqorvex report {number}", tags=["kelvim"]) for number in range(3))
    trial.delete(b)
    made = {a, b, c}

    def listed(query: str) -> list[int]:
        found = json_of(trial, trial.status(trial.send("GET", f"?limit=100&{query}"), 200))
        records = found.get("results") if isinstance(found, dict) else found
        if not isinstance(records, list):
            trial.fail("the list has no results")
        return [record["id"] for record in records if record["id"] in made or query]

    trial.expect(listed("") == [c, a], "the list is not the third and the first insight")
    for text in ("zyqor", "ZYQORVEX+rep", "kelv+zyqor", "+"):
        trial.expect([id_ for id_ in listed(f"search={text}") if id_ in made] == [c, a], f"{text!r} does not find both")
    for text in ("yqorvex", "zyqorvex+none", "kel*im", "zyqorvex*nothing"):
        trial.expect(not made & set(listed(f"search={text}")), f"{text!r} finds what it does not begin")
    judge_error(trial, trial.send("GET", f"?search={'x' * 201}"), 400)
    if len(trial.subject.projects) > 1:
        foreign = trial.create(project=1, name="Zyqorvex elsewhere")
        trial.expect(foreign not in listed("search=zyqorvex"), "an insight of another project is listed")


@cases.add("a wrong method is told so, with those that are right", ours=True)
def http_wrong_methods(trial: Trial) -> None:
    for method, path in (
        ("GET", "viewed/"),
        ("POST", "my_last_viewed/"),
        ("DELETE", f"{trial.create()}/"),
        ("PUT", ""),
    ):
        answer = trial.send(method, path)
        judge_error(trial, answer, 405)
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
        ("PATCH", str(a), {"name": "Visitors"}),
    ):
        one, other = (trial.status(trial.send(method, path + end, body), 200) for end in ("", "/"))
        if method == "GET":
            trial.expect(json_of(trial, one) == json_of(trial, other), f"{path} and {path}/ differ")


@cases.add(
    "formats but json and csv are refused; an Accept that names csv gets it, one that names neither JSON", ours=True
)
def http_formats(trial: Trial) -> None:
    trial.create()
    for path in ("my_last_viewed/", "trending/", ""):
        for format_ in ("xml", "", "JSON", "json,csv"):
            answer = trial.send("GET", f"{path}?format={format_}")
            error = judge_error(trial, answer, 400, "validation_error")
            trial.expect(error["attr"] == "format", f"the error's attr is {error['attr']!r}, and has to be 'format'")
    for method, path, body in (
        ("POST", "viewed/", {"insight_ids": [UNKNOWN]}),
        ("POST", "generate_name/", {"query": QUERY}),
    ):
        judge_error(trial, trial.send(method, f"{path}?format=xml", body), 400, "validation_error")
    for accept, kind in (
        ("application/xml", "application/json"),
        ("text/html, */*", "application/json"),
        ("nonsense", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
    ):
        answer = trial.status(trial.send("GET", "my_last_viewed/", headers=(("Accept", accept),)), 200)
        found = _media_type(answer)
        trial.expect(found == kind, f"asked for {accept}, the answer is {found}, and has to be {kind}")


@cases.add("the list as CSV: a header, the same rows, quoted as RFC 4180 says, and no cell that a spreadsheet would run",
           ours=True)  # fmt: skip
def http_csv(trial: Trial) -> None:
    names = ('a "quoted", name', "=1+1", "\t-1", "@x", "two\nlines")
    for name in names:
        trial.create(name=name, description="+1", tags=["a,b", "c"])
    header, rows = _table(trial, "my_last_viewed/")
    wanted = json_of(trial, trial.send("GET", "my_last_viewed/"))
    trial.expect([row["id"] for row in rows] == [str(entry["id"]) for entry in wanted], "the rows are not the entries")
    for row, entry in zip(rows, wanted, strict=True):
        trial.expect(set(row) == set(entry), f"the columns are {', '.join(map(str, row))}")
        for field in ("name", "description"):
            cell, text = row[field], entry[field]
            trial.expect(not cell.startswith(_FORMULA_STARTS), f"the cell of {text!r} is {cell!r}, which may be run")
            trial.expect(cell.endswith(text) and len(cell) <= len(text) + 1, f"the cell of {text!r} is {cell!r}")
        for field in ("tags", "query"):
            trial.expect(
                json.loads(row[field]) == entry[field], f"the cell of {field} is not its JSON text: {row[field]!r}"
            )
    trial.expect(_table(trial, "my_last_viewed/")[0] == header, "the columns come in another order the next time")
    for path in ("trending/", ""):
        header, rows = _table(trial, path)
        trial.expect({"id", "name"} <= set(header) and rows, f"{path or 'the list'} is no table of insights")


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _table(trial: Trial, path: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the header and the rows of a list as CSV."""
    answer = trial.status(trial.send("GET", f"{path}?format=csv"), 200)
    kind = _media_type(answer)
    trial.expect(kind == "text/csv", f"the content type is {kind!r}")
    try:
        text = answer.body.decode()
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        trial.fail(f"the CSV cannot be read: {error}")
    outside = "".join(text.split('"')[::2])
    trial.expect(outside.count("\n") == outside.count("\r\n"), "the lines do not all end with CR and LF")
    return list(table.fieldnames or ()), rows


def _media_type(answer: Answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@cases.add("an empty list as CSV is its header alone", ours=True)
def http_csv_of_nothing(trial: Trial) -> None:
    user = trial.second_user()
    if trial.subject.my_last_viewed(trial.subject.projects[0], trial.subject.users[user]):
        raise NotOffered("the second user has viewed insights here before: give a key of a new user")
    answer = trial.status(trial.send("GET", "my_last_viewed/?format=csv", key="second"), 200)
    (header,) = list(csv.reader(io.StringIO(answer.body.decode()))) or [[]]
    trial.expect(header[:1] == ["id"], f"the header is {header}")


@cases.add("answers say that they are JSON in UTF-8", ours=True)
def http_content_type(trial: Trial) -> None:
    a = trial.create(name="Größe 😀")
    for path in ("my_last_viewed/", f"{a}/"):
        answer = trial.status(trial.send("GET", path), 200)
        kind = _media_type(answer)
        trial.expect(kind == "application/json", f"the content type is {kind!r}")
        found = json_of(trial, answer)
        named = found["name"] if isinstance(found, dict) else found[0]["name"]
        trial.expect(named == "Größe 😀", f"the name is {named!r}")
