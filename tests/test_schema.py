"""The server held against its own description, `/openapi.json`, by schemathesis over a real socket."""

import subprocess
import sys
from xml.etree import ElementTree as ET

from serving import serving
from starlette.responses import JSONResponse, Response

from insights_core import Insights

INSIGHTS = "/api/projects/{project_id}/insights/"
ERROR = {"type": "server_error", "code": "busy", "detail": "d", "attr": None}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)
# Named one by one: what a later schemathesis adds must not turn the tests red overnight.
CONFIGURATION = f"""
checks.enabled = false
{"".join(f"checks.{name}.enabled = true{chr(10)}" for name in CHECKS)}
# No schema can say which texts are a cursor that a page gave, for the order that is asked for.
[[operations]]
include-name = "GET {INSIGHTS}"
checks.positive_data_acceptance.enabled = false

# Nor which objects and texts are a query that says something.
[[operations]]
include-name = "POST {INSIGHTS}generate_name/"
checks.positive_data_acceptance.enabled = false
"""


def found(port, key, folder, *options, configuration=""):
    """Return what schemathesis has to say against an operation; the same requests every time."""
    (folder / "schemathesis.toml").write_text(configuration + CONFIGURATION, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"http://127.0.0.1:{port}/openapi.json",
               "-H", f"Authorization: Bearer {key}", "--generation-deterministic", "--max-examples", "20",
               "--report", "junit", "--report-junit-path", "found.xml", *options]  # fmt: skip
    # What it writes, caches too, goes to the folder that it runs in.
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    assert "Selected: 8/8" in run.stdout, run.stdout + run.stderr
    told = {
        case.get("name"): "\n".join(
            f"{problem.get('message')} {problem.text}" for problem in case if problem.tag in ("failure", "error")
        )
        for case in ET.parse(folder / "found.xml").iter("testcase")
    }
    problems = {name: text for name, text in told.items() if text}
    assert bool(problems) == (run.returncode != 0), run.stdout + run.stderr
    return problems


def test_whoever_may_write_gets_what_is_described(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights, serving(insights) as port:
        assert found(port, insights.keys.create("ann", "insight:write").text, tmp_path) == {}
        assert insights.check().problems == ()


def test_whoever_may_read_gets_what_is_described(tmp_path):
    with Insights.open(tmp_path / "x.db") as insights, serving(insights) as port:
        project = insights.project("p")
        query = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "order_placed"}]}
        full = {"order": 1, "dashboards": [1], "description": "d", "tags": ["t"], "favorited": True, "folder": "f"}
        made = project.create(query, name="n", user="ann", **full)
        project.create(query, user="ann")
        project.delete(project.create({"kind": "?"}, user="bob").id)
        project.viewed("bob", [made.id])
        before = project.list()
        # In a project that has insights the lists are not empty.
        here = f'parameters = {{ "path.project_id" = "p", "path.insight" = "{made.id}" }}\n'
        assert found(port, insights.keys.create("ann", "insight:read").text, tmp_path, configuration=here) == {}
        assert project.list() == before


# Of each operation what is sent instead of an answer of that status; each is wrong in one way alone.
BROKEN = {
    f"GET {INSIGHTS}my_last_viewed/": (200, JSONResponse(ERROR, status_code=503)),
    f"GET {INSIGHTS}trending/": (200, JSONResponse([], status_code=202)),
    f"POST {INSIGHTS}generate_name/": (200, JSONResponse({"name": "n", "description": None})),
    f"GET {INSIGHTS}": (200, Response("<p>", media_type="text/html")),
    f"POST {INSIGHTS}viewed/": (401, Response()),
}


def test_a_server_that_answers_otherwise_is_found_out(tmp_path):
    def around(app):
        async def broken(scope, receive, send):
            sent = []

            async def kept(message):
                sent.append(message)

            await app(scope, receive, kept)
            _, inside, rest = scope["path"].partition("/insights/")
            status, other = BROKEN.get(f"{scope['method']} {INSIGHTS if inside else ''}{rest}", (None, None))
            if sent[0]["status"] == status:
                await other(scope, receive, send)
                return
            for message in sent:
                await send(message)

        return broken

    with Insights.memory() as insights, serving(insights, around=around) as port:
        problems = found(
            port, insights.keys.create("ann", "insight:write").text, tmp_path, "--phases", "examples,coverage"
        )
    assert set(problems) == set(BROKEN)
