"""Servers of the contract over the reference, each with one fault, and the case that has to name it.

A fault may change the reference's calls, the request before it is handled, or the answer.
"""

import csv
import io
import json
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qs

import faulty
import faulty_calls
import httpx2
from serving import serving

from insights_core.keys import READ, WRITE, Keys
from insights_core.model import Page
from insights_core.moments import to_microseconds
from insights_core.reference import Reference
from insights_core.testing import STRICT, Clock, HTTPSubject

PROJECT, OTHER_PROJECT = "1", "01"
USER, OTHER_USER = "ann", "Ann"


class Row(dict):
    """A record of the reference, as the server wants it."""

    def to_dict(self):
        return {name: _json_ready(value) for name, value in self.items()}


def _json_ready(value):
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


def _rows(found):
    return [Row(record) for record in found] if isinstance(found, list) else Row(found)


class KeyStore:
    """The keys of the reference's server, in a dict."""

    def __init__(self):
        self._kept = {}

    def add_key(self, key):
        self._kept[key.prefix] = key

    def find_key(self, prefix):
        return self._kept.get(prefix)

    def touch_key(self, prefix, now):
        self._kept[prefix] = self._kept[prefix]._replace(last_used_at=now)


class Calls:
    """A project of the reference with what a server needs beside: names, and pages."""

    def __init__(self, project):
        self._project = project

    def __getattr__(self, method):
        return lambda *arguments, **options: _rows(getattr(self._project, method)(*arguments, **options))

    def get(self, insight):
        return _rows(self._project.get(insight))

    def page(self, _cursor, **filters):
        return Page(tuple(_rows(self._project.list(**filters))), None)

    def viewed(self, user, ids):
        self._project.viewed(user, ids)

    def generate_name(self, query):
        return self._project.generate_name(query)


class Server:
    """What `create_app` takes, over the reference."""

    def __init__(self, calls, clock):
        self._reference = Reference(clock)
        # A fault may be of the reference alone, which knows no names.
        self._calls = calls if issubclass(calls, faulty_calls.Named) else type("Calls", (calls, faulty_calls.Named), {})
        self.keys = Keys(KeyStore(), lambda: to_microseconds(clock()))

    def project(self, id_):
        return Calls(self._calls(self._reference, id_))


class Asked(NamedTuple):
    method: str
    path: str
    """Behind `insights/`."""
    query: dict
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Told(NamedTuple):
    status: int
    headers: dict
    body: bytes = b""

    def with_json(self, value, status=None):
        return Told(status or self.status, {**self.headers, "content-type": "application/json"}, json.dumps(value).encode())  # fmt: skip


class Fault:
    """A server that is right."""

    case = ""
    """That has to name the fault."""
    calls = faulty_calls.Named

    def __init__(self, keys):
        self.keys = keys

    def before(self, asked):
        """Return what is handled, or the answer."""
        return asked

    def after(self, asked, told):
        """Return what is answered."""
        return told


def of_calls(case, calls):
    return type(calls.__name__, (Fault,), {"case": case, "calls": calls})


# What the server does wrong.


class ViewedAnswers404ForNothing(Fault):
    case = "viewed-unknown-id"
    calls = faulty_calls.UnknownIsMissing


class ViewedAnswersABody(Fault):
    case = "http-viewed-answers-nothing"

    def after(self, asked, told):
        return told.with_json({"ok": True}) if asked.path == "viewed" and told.status == 200 else told


class ViewedAnswers201(Fault):
    case = "http-viewed-answers-nothing"

    def after(self, asked, told):
        return told._replace(status=201) if asked.path == "viewed" and told.status == 200 else told


class AnyNumberOfIds(Fault):
    case = "http-viewed-too-many"

    def before(self, asked):
        if asked.path == "viewed" and len(asked.body) > 10_000:
            return asked._replace(body=json.dumps({"insight_ids": asked.json["insight_ids"][:2_500]}).encode())
        return asked


class AThousandIdsAtMost(Fault):
    case = "http-viewed-too-many"

    def before(self, asked):
        if asked.path == "viewed" and len(asked.body) > 10_000 and len(asked.json["insight_ids"]) > 1_000:
            return asked._replace(body=b'{"insight_ids": []}')
        return asked


class BodyOfViewedIsGuessed(Fault):
    case = "http-viewed-bodies"

    def before(self, asked):
        if asked.path == "viewed" and asked.body in (b"{}", b"[]"):
            return Told(200, {})
        return asked


class TextIsNoId(Fault):
    case = "http-viewed-text-ids"

    def before(self, asked):
        if asked.path == "viewed" and b'["' in asked.body:
            return asked._replace(body=b"{}")
        return asked


class MalformedIsInvalid(Fault):
    case = "http-malformed-bodies"

    def after(self, _asked, told):
        return told._replace(body=told.body.replace(b"malformed_request", b"invalid"))


class MissingQueryIsMalformed(Fault):
    case = "http-name-without-query"

    def after(self, asked, told):
        if b"Missing 'query'" not in told.body:
            return told
        return told.with_json({**json.loads(told.body), "type": "invalid_request"})


class BadNumbersAreDefaults(Fault):
    case = "http-trending-bad-numbers"

    def before(self, asked):
        kept = {name: value for name, value in asked.query.items() if name not in {"days", "limit"} or value.isdigit()}
        return asked._replace(query=kept)


class CreatedIsOK(Fault):
    case = "http-create"

    def after(self, _asked, told):
        return told._replace(status=200) if told.status == 201 else told


class MissingIsForbidden(Fault):
    case = "http-not-found"

    def after(self, _asked, told):
        if told.status != 404:
            return told
        return told.with_json({**json.loads(told.body), "code": "permission_denied"}, 403)


class WrongMethodIsMissing(Fault):
    case = "http-wrong-methods"

    def after(self, _asked, told):
        return told._replace(status=404) if told.status == 405 else told


class SlashIsNeeded(Fault):
    case = "http-trailing-slashes"

    def before(self, asked):
        if asked.path.endswith("/") or not asked.path:
            return asked
        return asked._replace(path=f"{asked.path}/no-such")

    needs_slash = True


class AnyFormatIsJSON(Fault):
    case = "http-formats"

    def before(self, asked):
        kept = {name: value for name, value in asked.query.items() if (name, value) != ("format", "xml")}
        return asked._replace(query=kept)


class AcceptIsObeyed(Fault):
    case = "http-formats"

    def before(self, asked):
        if "xml" in asked.headers.get("accept", ""):
            return Told(406, {"content-type": "text/plain"}, b"Not Acceptable")
        return asked


class CSVIsUnquoted(Fault):
    case = "http-csv"

    def after(self, _asked, told):
        if not told.headers.get("content-type", "").startswith("text/csv"):
            return told
        rows = csv.reader(io.StringIO(told.body.decode(), newline=""))
        return told._replace(body="".join(",".join(row) + "\r\n" for row in rows).encode())


class CSVHasPlainLineEnds(Fault):
    case = "http-csv"

    def after(self, _asked, told):
        if told.headers.get("content-type", "").startswith("text/csv"):
            return told._replace(body=told.body.replace(b"\r\n", b"\n"))
        return told


class FormatOfViewedIsUnchecked(Fault):
    case = "http-formats"

    def before(self, asked):
        return asked._replace(query={}) if asked.path == "viewed" else asked


class CSVRunsFormulas(Fault):
    case = "http-csv"

    def after(self, _asked, told):
        if told.headers.get("content-type", "").startswith("text/csv"):
            return told._replace(body=told.body.replace(b"'=", b"=").replace(b"'@", b"@"))
        return told


class CSVLacksAColumn(Fault):
    case = "http-csv"

    def after(self, _asked, told):
        if told.headers.get("content-type", "").startswith("text/csv"):
            rows = [row[:-1] for row in csv.reader(io.StringIO(told.body.decode(), newline=""))]
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows(rows)
            return told._replace(body=text.getvalue().encode())
        return told


class CSVOfNothingIsNothing(Fault):
    case = "http-csv-of-nothing"

    def after(self, _asked, told):
        if told.headers.get("content-type", "").startswith("text/csv") and told.body.count(b"\r\n") == 1:
            return told._replace(body=b"")
        return told


class ErrorsAreText(Fault):
    case = "http-not-found"

    def after(self, _asked, told):
        return Told(told.status, {"content-type": "text/plain"}, b"Not Found") if told.status == 404 else told


class ErrorsLackAttr(Fault):
    case = "keys-are-asked-for"

    def after(self, _asked, told):
        if told.status != 401:
            return told
        return told.with_json({name: value for name, value in json.loads(told.body).items() if name != "attr"})


class JSONCallsItselfText(Fault):
    case = "http-content-type"

    def after(self, _asked, told):
        if told.headers.get("content-type") == "application/json":
            return told._replace(headers={**told.headers, "content-type": "text/html"})
        return told


class FieldsAreMissing(Fault):
    case = "recent-details"

    def after(self, asked, told):
        if asked.path != "my_last_viewed" or told.status != 200 or "format" in asked.query:
            return told
        return told.with_json([{name: entry[name] for name in entry if name != "dashboards"} for entry in json.loads(told.body)])  # fmt: skip


class FieldsTooMany(Fault):
    case = "recent-details-to-the-letter"

    def after(self, asked, told):
        if asked.path != "my_last_viewed" or told.status != 200 or "format" in asked.query:
            return told
        return told.with_json([{**entry, "viewed_by": "ann"} for entry in json.loads(told.body)])


class _KeyTaken(Fault):
    """Takes another key for the one that came."""

    taken = ""

    def before(self, asked):
        sent = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if sent in self.instead_of():
            return asked._replace(headers={**asked.headers, "authorization": f"Bearer {self.keys['first']}"})
        return asked

    def instead_of(self):
        return ()


class ScopeIsUnchecked(_KeyTaken):
    case = "scope-read-does-not-write"

    def instead_of(self):
        return (self.keys["read"],)


class ScopeOfNamingIsUnchecked(ScopeIsUnchecked):
    def before(self, asked):
        return super().before(asked) if asked.path == "generate_name" else asked


class ScopeOfDeletingIsUnchecked(ScopeIsUnchecked):
    def before(self, asked):
        return super().before(asked) if b"deleted" in asked.body else asked


class ViewingNeedsWrite(Fault):
    case = "scope-read-reads"

    def before(self, asked):
        if asked.path == "viewed" and asked.headers.get("authorization") == f"Bearer {self.keys['read']}":
            return Told(403, {"content-type": "application/json"}, b'{"detail": "no"}')
        return asked


class ProjectsOfKeysAreUnchecked(_KeyTaken):
    case = "keys-limited-to-projects"

    def instead_of(self):
        return (self.keys["limited"],)


class NoKeyIsNeeded(_KeyTaken):
    case = "keys-are-asked-for"

    def instead_of(self):
        return ("",)


class AnyKeyWillDo(_KeyTaken):
    case = "keys-are-asked-for"

    def before(self, asked):
        sent = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if sent and sent not in self.keys.values():
            return asked._replace(headers={**asked.headers, "authorization": f"Bearer {self.keys['first']}"})
        return asked


class KeysWithoutBearer(_KeyTaken):
    case = "keys-are-bearer-tokens"

    def instead_of(self):
        return ("Basic YTpi",)


class KeyIsAskedForLast(Fault):
    case = "keys-come-first"

    def before(self, asked):
        if asked.path.startswith("no/"):
            return Told(404, {"content-type": "application/json"}, b'{"type": "invalid_request"}')
        return asked


class ClientErrorsAreServerErrors(Fault):
    case = "viewed-no-ids"

    def after(self, asked, told):
        return told._replace(status=500) if asked.path == "viewed" and told.status == 400 else told


SERVER_FAULTS = {
    name: fault
    for name, fault in globals().items()
    if isinstance(fault, type) and issubclass(fault, Fault) and fault.case
}

CALL_FAULTS = {
    fault.__name__: of_calls(case, fault)
    for case, fault in (
        ("recent-five-of-six", faulty_calls.SixAreListed),
        ("viewed-one", faulty_calls.OrdersById),
        ("recent-created-then-viewed", faulty_calls.OldestFirst),
        ("recent-deleted-is-hidden", faulty_calls.DeletedShows),
        ("recent-other-users", faulty_calls.OthersLeak),
        ("viewed-again-later", faulty_calls.RepeatsRows),
        ("viewed-foreign-id", faulty_calls.ForeignIsMissing),
        ("viewed-foreign-id", faulty_calls.ForeignIsRecorded),
        ("viewed-deleted-id", faulty_calls.DeletedIsRecorded),
        ("recent-restored-place", faulty_calls.RestoredGoesToTheFront),
        ("viewed-several-at-one-time", faulty_calls.EachIdItsTime),
        ("viewed-again-later", faulty_calls.FirstViewStays),
        ("viewed-bad-id-among-good", faulty_calls.AnyIdRefusedIsSkipped),
        ("viewed-values-that-are-no-ids", faulty_calls.OneIsTrue),
        ("trending-counts-users", faulty_calls.TrendsByViews),
        ("trending-order", faulty_calls.TrendsByTheLatest),
        ("trending-window", faulty_calls.TrendsForEver),
        ("trending-bounds", faulty_calls.TrendsWithoutBounds),
        ("trending-viewers", faulty_calls.LatestViewersByName),
        ("trending-limit", faulty_calls.LimitOfTrendingIgnored),
        ("name-breakdown", faulty_calls.NameIsInvented),
        ("name-breakdown", faulty_calls.NameLeavesOutTheBreakdown),
        ("name-tells-queries-apart", faulty_calls.NameIsTheKind),
        ("name-is-the-same-again", faulty_calls.NameChanges),
        ("name-trends", faulty_calls.NameIsQuoted),
        ("name-stores-nothing", faulty_calls.NamingCreates),
        ("name-of-what-is-no-query", faulty_calls.AnythingIsAQuery),
        ("http-foreign-insight", faulty_calls.ForeignCanBeRead),
        ("http-foreign-insight", faulty_calls.ForeignCanBeChanged),
        ("recent-details-to-the-letter", faulty_calls.TagsAreKeptAsTheyCome),
        ("http-list", faulty_calls.ListIsEmpty),
        ("http-list", faulty_calls.ListShowsTheDeleted),
        ("http-list", faulty_calls.SearchIsIgnored),
        ("http-changes", faulty_calls.ViewsAreChanges),
        ("http-changes", faulty_calls.DescriptionsStay),
        ("http-changes", faulty_calls.RestoringWipes),
        ("http-foreign-insight", faulty_calls.RestoresAnywhere),
        ("name-of-anything", faulty_calls.NamesGrowLong),
        ("name-of-anything", faulty_calls.OnlyTrendsHaveNames),
        ("name-trends", faulty_calls.DescriptionsAreLong),
        ("name-stores-nothing", faulty_calls.NamingSaves),
        ("http-details", faulty_calls.DetailsDiffer),
        ("recent-details", faulty_calls.TimesAreNotTold),
        ("recent-time-is-the-present", faulty_calls.TimesAreElsewhere),
        ("trending-window", faulty_calls.TrendsForAMonthAtMost),
        ("recent-created-then-viewed", faulty_calls.StrangersOnTop),
        ("viewed-unknown-id", faulty_calls.LargeIdsAreRefused),
        # Those that any machine has to find as well.
        ("http-changes", faulty.TagsAreModifications),
        ("http-changes", faulty.NothingIsAChangeToo),
        ("http-list", faulty.SearchesInsideWords),
        ("recent-ties", faulty.TiesAscend),
        ("recent-five-of-six", faulty.OneTooMany),
        ("recent-deleted-take-no-places", faulty.LimitBeforeDeleted),
        ("http-not-found", faulty.DeletedIsThere),
        ("recent-restored-place", faulty.DeletingForgetsViews),
        ("recent-other-users", faulty.UsersLeak),
        ("viewed-foreign-id", faulty.ProjectsLeak),
        ("clock-stands-still", faulty.StalledClock),
        ("clock-and-deleted-views", faulty.DeletedViewsAreNoViews),
        ("clock-is-each-users-own", faulty.NewestOfAllUsers),
        ("clock-steps-back", faulty_calls.ClockIsBelieved),
        ("viewed-bad-id-among-good", faulty.PartOfABatch),
        ("recent-created-then-viewed", faulty.CreatingIsNoView),
        ("http-stale-revision", faulty.ConflictIsOverlooked),
        ("trending-deleted", faulty.TrendingCountsTheDeleted),
    )
}

FAULTS = {**SERVER_FAULTS, **CALL_FAULTS}


class Broken:
    """An ASGI application around another, with a fault."""

    def __init__(self, app, fault):
        self._app = app
        self._fault = fault

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        base, _, path = scope["path"].partition("/insights/")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode(), keep_blank_values=True).items()}  # fmt: skip
        slash = path.endswith("/")
        shown = path if hasattr(self._fault, "needs_slash") else path.removesuffix("/")
        asked = self._fault.before(Asked(scope["method"], shown, query, headers, body))
        if isinstance(asked, Asked):
            told = self._fault.after(asked, await self._handled(scope, asked, f"{base}/insights/", slash=slash))
        else:
            told = asked
        raw = [
            (name.encode(), value.encode()) for name, value in told.headers.items() if name.lower() != "content-length"
        ]
        length = [(b"content-length", str(len(told.body)).encode())]
        await send({"type": "http.response.start", "status": told.status, "headers": raw + length})
        await send({"type": "http.response.body", "body": told.body})

    async def _handled(self, scope, asked, base, *, slash):
        path = base + asked.path + ("/" if slash and not asked.path.endswith("/") and asked.path else "")
        inner = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "query_string": "&".join(f"{name}={value}" for name, value in asked.query.items()).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in asked.headers.items()],
        }
        sent = []

        async def receive():
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message):
            sent.append(message)

        await self._app(inner, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return Told(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)


@contextmanager
def subjects(fault=Fault, profile=STRICT, clock=None):
    """Serve a faulty server, by a clock of the test's or this one, and yield what makes subjects of it."""
    with ExitStack() as stack:
        movable = clock is None
        clock = clock or Clock()
        server = Server(fault.calls, clock)
        create = server.keys.create
        keys = {
            "first": create(USER, WRITE).text,
            "second": create(OTHER_USER, READ).text,
            "read": create(USER, READ).text,
            "limited": create(USER, WRITE, projects=[PROJECT]).text,
        }
        port = stack.enter_context(serving(server, around=lambda app: Broken(app, fault(keys))))
        client = stack.enter_context(httpx2.Client())
        yield lambda: HTTPSubject(
            f"http://127.0.0.1:{port}", keys["first"], keys["second"], project=PROJECT, other_project=OTHER_PROJECT,
            read_key=keys["read"], limited_key=keys["limited"], profile=profile, clock=clock if movable else None,
            client=client,
        )  # fmt: skip
