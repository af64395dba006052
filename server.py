"""The HTTP contract over the same calls: `create_app(insights)` is an ASGI application, `insights serve` runs it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from datetime import datetime
from http import HTTPStatus
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_type_hints

from insights_app.threads import Threads
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from insights_core import (
    Conflict,
    Insight,
    InsightsError,
    InvalidInput,
    InvalidQuery,
    NotFound,
    RecentInsight,
    StoreBusy,
    TrendingInsight,
    inputs,
    keys,
    tabular,
)
from insights_core.query import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from starlette.requests import Request

    from insights_core import Insights, Project
    from insights_core.model import Key

LARGEST_BODY = 1_000_000
MOST_IDS = 2_500
TIMEOUT = 30.0
_MOST_DIGITS = 19
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_access = logging.getLogger("insights.access")
_log = logging.getLogger("insights.server")


class Refused(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, kind: str, code: str, detail: str, attr: str | None = None, *, allow: Iterable[str] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = {"Allow": ", ".join(allow)} if allow else {}
        self.body = {"type": kind, "code": code, "detail": detail, "attr": attr}


class Call(NamedTuple):
    """What a handler is given."""

    project: Project
    key: Key
    query: dict[str, str]
    body: Any
    insight: str
    """The id or short id in the path; empty where it has none."""


class Answer(NamedTuple):
    """What a handler returns."""

    value: Any = None
    """A dict or a list of dicts; None for an empty body."""
    status: int = 200
    columns: tuple[str, ...] = ()
    """Of a list, where it may be empty."""


class Operation(NamedTuple):
    """A method on a path. Without a scope there is none."""

    method: str
    path: str
    """Behind `/api/projects/{project_id}/insights/`."""
    scope: str
    summary: str
    handler: Callable[[Call], Answer]
    parameters: tuple[tuple[str, dict[str, Any]], ...] = ()
    """(name, JSON schema) in the query string."""
    body: dict[str, Any] | None = None
    """The JSON schema of the body, where there is one."""
    answer: dict[str, Any] | None = None
    status: int = 200


# The calls


def _generate_name(call: Call) -> Answer:
    query = _object(call.body).get("query")
    if query is None:
        raise Refused(400, "validation_error", "required", "Missing 'query' field in request body", "query")
    made = call.project.generate_name(query)
    return Answer({"name": made.name, "description": made.description})


def _my_last_viewed(call: Call) -> Answer:
    found = call.project.my_last_viewed(call.key.user)
    return Answer([entry.to_dict() for entry in found], columns=RecentInsight._fields)


def _viewed(call: Call) -> Answer:
    ids = _object(call.body).get("insight_ids")
    if not isinstance(ids, list):
        raise _invalid("insight_ids", "insight_ids must be a list of ids")
    if not 0 < len(ids) <= MOST_IDS:
        raise _invalid("insight_ids", f"insight_ids must hold 1 to {MOST_IDS:,} ids, not {len(ids):,}")
    call.project.viewed(call.key.user, [_id(value) for value in ids])
    return Answer()


def _id(value: object) -> Any:
    # JSON clients write large ids as text.
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        else _whole(value)
    )


def _whole(value: object) -> Any:
    # To JSON, 7 and 7.0 are one number, and some clients write the latter.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _given(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return those fields of a body that are there."""
    given = {name: body[name] for name in names if name in body}
    if "order" in given:
        given["order"] = _whole(given["order"])
    if isinstance(given.get("dashboards"), list):
        given["dashboards"] = [_whole(value) for value in given["dashboards"]]
    return given


def _trending(call: Call) -> Answer:
    given = {name: _integer(call.query, name) for name in ("days", "limit") if name in call.query}
    return Answer([entry.to_dict() for entry in call.project.trending(**given)], columns=TrendingInsight._fields)


def _create(call: Call) -> Answer:
    given = _object(call.body)
    fields = _given(given, _CREATED)
    if "_create_in_folder" in given:
        fields["folder"] = given["_create_in_folder"]
    if given.get("deleted") is not None and given["deleted"] is not False:
        raise _invalid("deleted", "deleted: an insight cannot be made deleted; make it, then change it")
    return Answer(call.project.create(fields.pop("query", None), user=call.key.user, **fields).to_dict(), 201)


def _list(call: Call) -> Answer:
    filters: dict[str, Any] = {
        name: call.query[name] for name in ("search", "created_by", "order") if name in call.query
    }
    if "tags" in call.query:
        filters["tags"] = [tag for tag in call.query["tags"].split(",") if tag]
    for name in ("favorited", "deleted"):
        if name in call.query:
            filters[name] = _truth(call.query, name)
    limit = _integer(call.query, "limit") if "limit" in call.query else 100
    page = call.project.page(call.query.get("cursor"), limit=limit, **filters)
    return Answer(
        {"next": page.next_cursor, "results": [insight.to_dict() for insight in page.insights]}, columns=Insight._fields
    )


def _get(call: Call) -> Answer:
    return Answer(call.project.get(call.insight).to_dict())


def _change(call: Call) -> Answer:
    given = _object(call.body)
    changes = _given(given, (*_CREATED, "folder"))
    deleted = given.get("deleted")
    if deleted is not None and not isinstance(deleted, bool):  # 1 == True
        raise _invalid("deleted", "deleted must be true or false")
    if deleted is None:
        revision = _whole(given.get("revision"))
        changed = call.project.update(call.insight, user=call.key.user, revision=revision, **changes)
        return Answer(changed.to_dict())
    if changes or "revision" in given:
        raise _invalid("deleted", "deleted is changed alone: two changes could not fail as one")
    (found,) = (call.project.delete if deleted else call.project.restore)(call.insight)
    return Answer(found.to_dict())


_CREATED = ("name", "derived_name", "query", "order", "dashboards", "description", "tags", "favorited")


# What goes in and out, as JSON schemas


def _between(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _object_of(properties: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT = {"type": "string", "pattern": "^[^\\x00]*$"}  # a NUL is refused wherever it could be kept
_ID = _between(1, inputs.LARGEST_ID)
_SCHEMAS: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: _TEXT,
    datetime: {"type": "string", "format": "date-time"},
    dict[str, Any]: {"type": "object"},
    tuple[int, ...]: _list_of({"type": "integer"}),
    tuple[str, ...]: _list_of(_TEXT),
}
# What the calls take is narrower than the type.
_BOUNDS = {
    "id": _ID,
    "order": _between(-inputs.LARGEST_EXACT, inputs.LARGEST_EXACT),
    "dashboards": _list_of(_between(0, inputs.LARGEST_ID)),
    "revision": _ID,
}


def _properties(record: type) -> dict[str, Any]:
    """Return the schema of each field of a record, as its `to_dict` gives them."""
    properties = {}
    for name, hint in get_type_hints(record, localns={"datetime": datetime}).items():
        nullable = isinstance(hint, UnionType)
        schema = _BOUNDS.get(name) or _SCHEMAS[get_args(hint)[0] if nullable else hint]
        properties[name] = _or_null(schema) if nullable else schema
    return properties


_RECORDS = (Insight, RecentInsight, TrendingInsight)
_FIELDS = _properties(Insight)
_GIVEN = {name: _FIELDS[name] for name in _CREATED}
_NOTHING: dict[str, Any] = {"type": "null"}
# Deleting and restoring stand alone: beside `deleted` nothing else may be given.
_CHANGE = {
    **_object_of({**_GIVEN, "folder": _FIELDS["folder"], "deleted": {"type": ["boolean", "null"]}, "revision": _or_null(_ID)}),
    "anyOf": [
        _object_of({"deleted": _NOTHING}),
        _object_of(dict.fromkeys((*_CREATED, "folder", "revision"), False), ["deleted"]),
    ],
}  # fmt: skip
_CREATION = _object_of({**_GIVEN, "deleted": {"enum": [False, None]}, "_create_in_folder": _FIELDS["folder"]})
_VIEWED = _object_of(
    {
        "insight_ids": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_IDS,
            "items": {"anyOf": [_ID, {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"}]},
        }
    },
    ["insight_ids"],
)
# Which objects and texts say something, no schema can tell.
_NAMEABLE = {
    **_object_of({"query": {"type": ["object", "string"], "minProperties": 1, "minLength": 1}}, ["query"]),
    "examples": [
        {"query": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "order_placed"}]}},
        {"query": "SELECT avg(price) FROM orders GROUP BY city"},
    ],
}
_NAME = _object_of({"name": {"type": "string"}, "description": {"type": "string"}}, ["name", "description"])
_PAGE = _object_of({"next": {"type": ["string", "null"]}, "results": _list_of(_named("Insight"))}, ["next", "results"])

OPERATIONS = (
    Operation("POST", "generate_name", keys.WRITE, "Suggest a name for a query", _generate_name, (), _NAMEABLE, _NAME),
    Operation("GET", "my_last_viewed", keys.READ, "The last five insights that this user viewed", _my_last_viewed, (),
              None, _list_of(_named("RecentInsight"))),
    Operation("POST", "viewed", keys.READ, "Record that this user viewed insights", _viewed, (), _VIEWED),
    Operation("GET", "trending", keys.READ, "What most users viewed of late", _trending,
              (("days", _between(1, 365)), ("limit", _between(1, 100))), None, _list_of(_named("TrendingInsight"))),
    Operation("POST", "", keys.WRITE, "Keep a query as an insight", _create, (), _CREATION, _named("Insight"), 201),
    Operation("GET", "", keys.READ, "List insights", _list,
              (("search", {**_TEXT, "maxLength": inputs.LONGEST_SEARCH}),
               ("created_by", {**_TEXT, "minLength": 1, "maxLength": inputs.LONGEST_KEY}),
               ("order", {"enum": list(inputs.ORDERS)}),
               ("tags", {**_TEXT, "description": "with commas between"}), ("favorited", {"type": "boolean"}),
               ("deleted", {"type": "boolean"}), ("limit", _between(1, inputs.LARGEST_ID - 1)),
               ("cursor", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "description": "`next` of the page before"})),
              None, _PAGE),
    Operation("GET", "{insight}", keys.READ, "An insight, by its id or short id", _get, (), None, _named("Insight")),
    Operation("PATCH", "{insight}", keys.WRITE, "Change, delete or restore an insight", _change, (), _CHANGE,
              _named("Insight")),
)  # fmt: skip

_ONE = "{insight}"
_PATHS: dict[str, dict[str, Operation]] = {}
for _operation in OPERATIONS:
    _PATHS.setdefault(_operation.path, {})[_operation.method] = _operation


# The way of a request


def create_app(
    insights: Insights,
    *,
    hosts: Collection[str] = LOCAL_HOSTS,
    origins: Collection[str] = (),
    timeout: float = TIMEOUT,
) -> Starlette:
    """Return an ASGI application over a store, to be run or mounted.

    Args:
        insights: The store; whoever opened it closes it, after the application has ended.
        hosts: What a request's `Host` may be, without its port: a page that has its own name resolved to this machine is
            not answered. Empty answers all, for where a proxy in front has looked.
        origins: The pages of other origins that a browser lets ask, each as `scheme://host[:port]`.
        timeout: Seconds that a request may take, its body included; who drips is cut off then. A statement of the
            database that still runs is interrupted; what runs in Python, a plugin or a parser, cannot be, and goes on in
            one of `threads.MOST` threads.

    Raises:
        InvalidInput: An origin is none that a browser names.
    """
    allowed = {host.lower() for host in hosts}
    shared = [_origin(origin) for origin in origins]
    threads = Threads()

    async def api(request: Request) -> Response:
        return await _logged(request, lambda: _answer(request, insights, allowed, threads), timeout)

    async def public(request: Request) -> Response:
        value = openapi() if request.url.path.endswith("openapi.json") else {"status": "ok"}
        return _json(200, value)

    async def unknown(request: Request) -> Response:
        return await _logged(request, _unknown, timeout)

    async def unrouted(request: Request, _: Exception) -> Response:
        return await (api(request) if "project_id" in request.path_params else unknown(request))

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    return Starlette(
        routes=[
            Route("/healthz", public, methods=["GET"]),
            Route("/openapi.json", public, methods=["GET"]),
            Route("/api/projects/{project_id}/insights{rest:anything}", api, methods=methods),
            Route("/{rest:anything}", unknown, methods=methods),
        ],
        # A method that nobody knows.
        exception_handlers={404: unrouted, 405: unrouted},
        middleware=[_cross_origin(shared)] if shared else [],
    )


def _origin(text: str) -> str:
    # A browser compares them as text: with a path or a slash behind it, one would never be that of a page. `*` would let
    # any page use a key that it got hold of.
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/\s*?#@]+", text):
        raise InvalidInput(f"an origin is scheme://host[:port] of one page, not {inputs.shown(text)}: name each")
    return text


def _cross_origin(origins: list[str]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=sorted({operation.method for operation in OPERATIONS}),
        allow_headers=["Authorization", "Content-Type"],
    )


class _Anything(Convertor[str]):
    """As Starlette's `path`, line ends included: what stops before one at the end takes it for another path."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


async def _unknown() -> Response:
    raise _nothing_here()


def _nothing_here() -> Refused:
    return Refused(404, "invalid_request", "not_found", "There is nothing here: see /openapi.json")


async def _logged(request: Request, answer: Callable[[], Any], timeout: float) -> Response:  # noqa: ASYNC109
    start = time.perf_counter()
    try:
        async with asyncio.timeout(timeout):  # wait_for would make a task of it
            response: Response = await answer()
    except Refused as error:
        response = _json(error.status, error.body)
        response.headers.update(error.headers)
        if error.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
    except TimeoutError:
        response = _json(503, _failure("timeout", "This took too long: ask for less, or again later"))
        response.headers["Connection"] = "close"  # what is left of its body may drip for ever
    except Exception:  # noqa: BLE001 - whatever it is, the client gets JSON, and the log the trace
        _log.exception("%s %s failed", request.method, request.url.path)
        response = _json(500, _failure("error", "The server failed: its log says why"))
    if _access.isEnabledFor(logging.INFO):
        entry = {
            "method": request.method,
            "path": request.url.path,
            "status": response.status_code,
            "ms": round(1e3 * (time.perf_counter() - start), 3),
            "key": getattr(request.state, "key", ""),
        }
        _access.info(json.dumps(entry))
    return response


class Admitted(NamedTuple):
    """A request that may be handled, once its body is there."""

    key: Key
    operation: Operation
    project: str
    insight: str
    format: str


async def _answer(request: Request, insights: Insights, hosts: Collection[str], threads: Threads) -> Response:
    # Each way into a thread and back costs as much as a small query: a request without a body goes there once.
    if request.method in ("GET", "HEAD"):
        told: Response = await threads.run(
            lambda: _handled(request, insights, _admitted(request, insights, hosts), None)
        )
        return told
    admitted: Admitted = await threads.run(lambda: _admitted(request, insights, hosts))
    body = await _body(request)
    response: Response = await threads.run(lambda: _handled(request, insights, admitted, body))
    return response


def _admitted(request: Request, insights: Insights, hosts: Collection[str]) -> Admitted:
    key = _authenticated(request, insights)
    request.state.key = key.prefix
    _check_host(request, hosts)
    behind = request.path_params["rest"]
    if behind and not behind.startswith("/"):
        raise _nothing_here()
    rest = behind[1:].removesuffix("/")
    found = _methods(rest)
    operation = found.get("GET" if request.method == "HEAD" else request.method)
    if operation is None:
        told = f"Method {request.method!r} not allowed."
        raise Refused(405, "invalid_request", "method_not_allowed", told, allow=found)
    project = request.path_params["project_id"]
    _check_rights(key, operation.scope, project)
    format_ = request.query_params.get("format", _accepted(request.headers.get("accept", "")))
    if format_ not in ("json", "csv"):
        raise _invalid("format", "format must be json or csv")
    return Admitted(key, operation, project, rest, format_)


def _handled(request: Request, insights: Insights, admitted: Admitted, body: Any) -> Response:
    key, operation, project, insight, format_ = admitted

    def handled() -> Answer:
        return operation.handler(Call(insights.project(project), key, dict(request.query_params), body, insight))

    answer = _told(operation, handled)
    if answer.value is None:
        return Response(status_code=answer.status)
    return _csv(answer) if format_ == "csv" else _json(answer.status, answer.value)


def _methods(path: str) -> dict[str, Operation]:
    """Return the operations of a path behind `insights/`, by their methods."""
    if path in _PATHS and path != _ONE:
        return _PATHS[path]
    if "/" in path or not _may_be(path):
        raise _nothing_here()
    return _PATHS[_ONE]


def _accepted(accept: str) -> str:
    """Return the format that an `Accept` header wants most; JSON where it names neither."""
    found, most = "json", 0.0
    for part in accept.split(","):
        kind, _, options = part.partition(";")
        quality = re.search(r"\bq=([01](?:\.[0-9]*)?)", options)
        wish = float(quality[1]) if quality else 1.0
        # Of two that are wanted as much, the first.
        if kind.strip().lower() in _MEDIA_TYPES and wish > most:
            found, most = _MEDIA_TYPES[kind.strip().lower()], wish
    return found


_MEDIA_TYPES = {"application/json": "json", "text/csv": "csv"}


def _may_be(insight: str) -> bool:
    """Whether a text can be an id or a short id at all: what cannot is not there."""
    if len(insight) > _MOST_DIGITS or not insight.isascii() or not insight.isprintable():
        return False
    return not insight.isdigit() or 0 < int(insight) <= inputs.LARGEST_ID


def _authenticated(request: Request, insights: Insights) -> Key:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    key = insights.keys.authenticate(text.strip()) if kind.lower() == "bearer" and text.strip() else None
    if key is None:
        code = "authentication_failed" if text else "not_authenticated"
        raise Refused(401, "authentication_error", code, "Give a valid key: Authorization: Bearer KEY")
    return key


def _check_host(request: Request, hosts: Collection[str]) -> None:
    found = _HOST.fullmatch(request.headers.get("host", "").lower())
    if hosts and (found is None or (found["v6"] or found["name"]) not in hosts):
        raise Refused(400, "invalid_request", "host", "This server does not answer to that host name")


# As RFC 3986 has it, nothing before, between or behind: what is only like a name of ours is another's.
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^\[\]:/?#@\s]+))(?::[0-9]{0,5})?")


def _check_rights(key: Key, scope: str, project: str) -> None:
    if scope == keys.WRITE and key.scope != keys.WRITE:
        raise Refused(403, "authentication_error", "permission_denied", f"This key lacks the scope {scope}")
    if key.projects and project not in key.projects:
        raise Refused(403, "authentication_error", "permission_denied", "This key does not reach that project")


async def _body(request: Request) -> Any:
    told = request.headers.get("content-length", "")
    length = int(told) if told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS else 0
    _check_length(length)
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            _check_length(len(data))
    except ClientDisconnect:
        raise Refused(400, "invalid_request", "malformed_request", "Malformed request: its body has no end") from None
    try:
        return registry.parse_json(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, InvalidQuery) as error:
        raise Refused(400, "invalid_request", "malformed_request", f"Malformed request: {error}") from None


def _check_length(length: int) -> None:
    if length > LARGEST_BODY:
        raise Refused(413, "invalid_request", "too_large", f"The body has more than {LARGEST_BODY:,} bytes")


def _told(operation: Operation, handled: Callable[[], Answer]) -> Answer:
    """Return the answer, with the library's errors as those of the contract."""
    try:
        return handled()
    except InvalidQuery as error:
        raise _invalid("query", str(error)) from None
    except InvalidInput as error:
        raise _invalid(None, str(error)) from None
    except NotFound as error:
        raise Refused(404, "invalid_request", "not_found", str(error)) from None
    except Conflict as error:
        raise Refused(409, "invalid_request", "conflict", str(error)) from None
    except StoreBusy as error:
        raise Refused(503, "server_error", "busy", str(error)) from None
    except InsightsError as error:
        _log.error("%s %s: %s", operation.method, operation.path, error)
        raise Refused(500, "server_error", "error", "The server failed: its log says why") from None


def _failure(code: str, detail: str) -> dict[str, Any]:
    return {"type": "server_error", "code": code, "detail": detail, "attr": None}


def _invalid(attr: str | None, detail: str) -> Refused:
    return Refused(400, "validation_error", "invalid_input", detail, attr)


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise _invalid(None, "the body must be a JSON object")
    return body


def _integer(query: dict[str, str], name: str) -> int:
    text = query[name]
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _MOST_DIGITS):
        raise _invalid(name, f"{name} must be an integer")
    return int(text)


def _truth(query: dict[str, str], name: str) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(query[name].lower())
    if found is None:
        raise _invalid(name, f"{name} must be true or false")
    return found


def _json(status: int, value: Any) -> Response:
    return Response(
        json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), status, media_type="application/json"
    )


def _csv(answer: Answer) -> Response:
    value = answer.value
    rows = (
        value["results"]
        if answer.columns and isinstance(value, dict)
        else value
        if isinstance(value, list)
        else [value]
    )
    text = tabular.csv_text(rows, answer.columns or tuple(rows[0]))
    return Response(text.encode("utf-8", "replace"), answer.status, media_type="text/csv; charset=utf-8")


# The description


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of all operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        path = f"/api/projects/{{project_id}}/insights/{operation.path}{'/' if operation.path else ''}"
        paths.setdefault(path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "insights-core", "version": "1"},
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": _ERROR,
                **{record.__name__: _object_of(_properties(record), record._fields) for record in _RECORDS},
            },
        },
    }


_ERROR = {
    "type": "object",
    "properties": {
        "type": {"enum": ["validation_error", "authentication_error", "invalid_request", "server_error"]},
        "code": {"type": "string"}, "detail": {"type": "string"}, "attr": {"type": ["string", "null"]},
    },
    "required": ["type", "code", "detail", "attr"],
}  # fmt: skip


def _described(operation: Operation) -> dict[str, Any]:
    parameters = [_parameter("project_id", "path", {"type": "string", "minLength": 1, "maxLength": 400})]
    if operation.path == "{insight}":
        parameters.append(_parameter("insight", "path", {"type": "string", "minLength": 1}))
    parameters += [_parameter(name, "query", schema) for name, schema in operation.parameters]
    parameters.append(_parameter("format", "query", {"enum": ["json", "csv"]}))
    content = {} if operation.answer is None else {"content": {"application/json": {"schema": operation.answer}, "text/csv": {"schema": {"type": "string"}}}}  # fmt: skip
    error = {
        "description": "What was wrong",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    codes = ("400", "401", "403", "404", "405", "409", "413", "503")
    described: dict[str, Any] = {
        "operationId": _operation_id(operation),
        "summary": operation.summary,
        "security": [{"key": [operation.scope]}],
        "parameters": parameters,
        "responses": {str(operation.status): {"description": "Done", **content}, **dict.fromkeys(codes, error)},
    }
    if operation.status == HTTPStatus.CREATED:
        described["responses"][str(operation.status)]["links"] = {
            name: {"operationId": name, "parameters": {"project_id": "$request.path.project_id", "insight": "$response.body#/id"}}
            for name in map(_operation_id, _PATHS[_ONE].values())
        }  # fmt: skip
    if operation.body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _operation_id(operation: Operation) -> str:
    return operation.handler.__name__.strip("_")


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}
