"""Who may do what: keys, scopes, projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights_core.testing.queries import QUERY
from insights_core.testing.trial import UNKNOWN

from ._case import Cases
from .http import judge_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.testing.trial import Trial

cases = Cases()


def _reading(id_: int) -> Iterator[tuple[str, str, object]]:
    yield "GET", "my_last_viewed/", None
    yield "POST", "viewed/", {"insight_ids": [id_]}
    yield "GET", "trending/", None
    yield "GET", f"{id_}/", None
    yield "GET", "", None


def _writing(id_: int) -> Iterator[tuple[str, str, object]]:
    yield "POST", "generate_name/", {"query": QUERY}
    yield "POST", "", {"query": QUERY}
    yield "PATCH", f"{id_}/", {"name": "Changed without the right to"}
    yield "PATCH", f"{id_}/", {"deleted": True}


@cases.add("without a key, or with one that does not exist, no call is answered")
def keys_are_asked_for(trial: Trial) -> None:
    a = trial.create()
    for key in ("", "bad"):
        for method, path, body in (*_reading(a), *_writing(a)):
            judge_error(trial, trial.send(method, path, body, key=key), 401, "authentication_error")
    trial.recent_is(a)


@cases.add("keys are asked for before anything else is looked at", ours=True)
def keys_come_first(trial: Trial) -> None:
    for method, path, raw in (
        ("POST", "viewed/", b"{"),
        ("GET", f"{UNKNOWN}/", None),
        ("GET", "no/such/thing/", None),
        ("DELETE", "viewed/", None),
        ("GET", "my_last_viewed/?format=xml", None),
    ):
        judge_error(trial, trial.send(method, path, raw=raw, key=""), 401, "authentication_error")


@cases.add("a key that is sent otherwise than as a Bearer token is none", ours=True)
def keys_are_bearer_tokens(trial: Trial) -> None:
    for value in ("Basic YTpi", "Bearer", "Token x", "x"):
        answer = trial.send("GET", "my_last_viewed/", key="", headers=(("Authorization", value),))
        judge_error(trial, answer, 401, "authentication_error")


@cases.add("insight:read alone opens what reads, and viewed")
def scope_read_reads(trial: Trial) -> None:
    a = trial.create()
    for method, path, body in _reading(a):
        trial.status(trial.send(method, path, body, key="read"), range(200, 300))


@cases.add("insight:read alone opens neither generate_name nor any change")
def scope_read_does_not_write(trial: Trial) -> None:
    a = trial.create()
    for method, path, body in _writing(a):
        answer = trial.send(method, path, body, key="read")
        judge_error(trial, answer, 403)
    (entry,) = trial.recent_is(a)
    trial.expect(not entry.fields.get("name"), "the insight has a new name")


@cases.add("insight:write includes insight:read")
def scope_write_reads(trial: Trial) -> None:
    a = trial.create()
    for method, path, body in _reading(a):
        trial.status(trial.send(method, path, body), range(200, 300))


@cases.add("a key that is limited to a project opens no call of another")
def keys_limited_to_projects(trial: Trial) -> None:
    project = trial.second_project()
    a = trial.create(project=project)
    trial.status(trial.send("GET", "my_last_viewed/", key="limited"), 200)
    for method, path, body in (*_reading(a), *_writing(a)):
        answer = trial.send(method, path, body, key="limited", project=project)
        judge_error(trial, answer, 403)
    trial.recent_is(a, project=project)
