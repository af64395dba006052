"""The command `insights`: parse, one call of the library, print."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from insights_core import Insights, Namer, Project
    from insights_core.model import Insight, RecentInsight
    from insights_core.namer import Explanation

# Nothing of the library is imported at the top: `insights --help` and shell completion pay for click alone.

_LIST_COLUMNS = ("id", "short_id", "name", "tags", "created_by", "created_at")
_RECENT_COLUMNS = ("id", "short_id", "name", "last_viewed_at")
_BACKEND_COLUMNS = ("name", "kind", "origin", "state", "detail")


class _Group(click.Group):
    """Shows the library's errors in one line, with the exit code of their class; anything else is a bug and traces."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from insights_core.errors import InsightsError

            if not isinstance(error, InsightsError):
                raise
            shown = click.ClickException(str(error))
            shown.exit_code = error.exit_code
            raise shown from error


class _Session:
    """What the options before the command said; the database is opened by the first command that needs it."""

    def __init__(self, database: str | None, project: str, user: str | None) -> None:
        self._database = database
        self._project = project
        self._user = user

    def project(self) -> Project:
        insights: Insights = click.get_current_context().with_resource(self._open())
        return insights.project(self._project)

    def user(self) -> str:
        if self._user is not None:
            return self._user
        import getpass

        try:
            return getpass.getuser()
        except (ImportError, KeyError, OSError):
            raise click.UsageError("this system tells no login name: give --user, or set INSIGHTS_USER") from None

    def _open(self) -> Insights:
        from insights_core import Insights

        if self._database is not None:
            return Insights.open(self._database)
        from platformdirs import user_data_path

        return Insights.open(user_data_path("insights-core", appauthor=False, ensure_exists=True) / "insights.db")


def _formats(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--format` with these names, the first the default, and `--json`."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--json", "format_", flag_value="json", help="Short for --format json.")(command)
        return click.option(
            "--format", "format_", type=click.Choice(names), default=names[0], show_default=True, help="How to print."
        )(command)

    return add


_source = click.argument("file", type=click.File("rb"), default="-")
_sql = click.option("--sql", is_flag=True, help="The text is SQL; otherwise JSON or SQL is guessed.")
_insights = click.argument("insights", metavar="ID...", nargs=-1, required=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--db", envvar="INSIGHTS_DB", show_envvar=True, help="Database file; by default in your data folder.")
@click.option(
    "--project",
    envvar="INSIGHTS_PROJECT",
    show_envvar=True,
    default="default",
    show_default=True,
    help="Project that the insights belong to.",
)
@click.option("--user", envvar="INSIGHTS_USER", show_envvar=True, help="Who views; by default your login name.")
@click.version_option(package_name="insights-core")
@click.pass_context
def main(ctx: click.Context, db: str | None, project: str, user: str | None) -> None:
    """Keep analytics queries, see which you viewed last, and give each a short, true name.

    Wherever an ID is taken, a short id does as well.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    ctx.obj = _Session(db, project, user)


@main.command()
@_source
@_sql
@click.option("--jsonl", is_flag=True, help='Name many: one JSON object a line, a query or {"id": …, "query": …}.')
@click.option("--backend", default="heuristic", show_default=True, help="Who makes the name; see `insights backends`.")
@click.option(
    "--deadline",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    help="Seconds to wait for the backend.",
)
@click.option("--explain", is_flag=True, help="Show what was understood, and where the words come from.")
@_formats("text", "json")
def name(file: Any, sql: bool, jsonl: bool, backend: str, deadline: float, explain: bool, format_: str) -> None:
    """Name a query: JSON or SQL, from FILE or standard input."""
    from insights_core import Namer

    namer = Namer(backend=backend, deadline=deadline)
    if jsonl:
        if sql or explain:
            raise click.UsageError("--jsonl goes with neither --sql nor --explain")
        _name_lines(namer, file)
        return
    explanation = namer.explain(_read_query(file, sql=sql))
    if format_ == "json":
        _print_json(_explained(explanation) if explain else {"id": None, **explanation.name.to_dict()})
        return
    for problem in explanation.name.problems:
        click.echo(f"note: {problem}", err=True)
    if explain:
        _print_explanation(explanation)
    else:
        click.echo(explanation.name.name)


@main.command()
@_source
@_sql
@click.option("--name", help="The name; without it, one is derived from the query.")
@click.option("--description", help="What the insight shows.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--folder", help="The folder that it is filed in.")
@_formats("text", "json")
@click.pass_obj
def add(
    session: _Session,
    file: Any,
    sql: bool,
    name: str | None,
    description: str | None,
    tags: tuple[str, ...],
    folder: str | None,
    format_: str,
) -> None:
    """Keep the query in FILE as an insight; adding it counts as viewing it."""
    query = _read_query(file, sql=sql)
    if isinstance(query, str):
        query = {"kind": "HogQLQuery", "query": query}
    added = session.project().create(
        query, name=name, description=description, tags=tags, folder=folder, user=session.user()
    )
    _print_insight(added, format_)


@main.command(name="list")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@_formats("text", "json", "csv")
@click.pass_obj
def list_(session: _Session, limit: int | None, format_: str) -> None:
    """List the insights, newest first."""
    _print_rows(
        session.project().list(limit=limit), _LIST_COLUMNS, format_, empty="no insights yet: try `insights add`"
    )


@main.command()
@click.argument("insight", metavar="ID")
@_formats("text", "json")
@click.pass_obj
def show(session: _Session, insight: str, format_: str) -> None:
    """Show an insight."""
    _print_insight(session.project().get(insight), format_)


@main.command()
@_insights
@click.pass_obj
def delete(session: _Session, insights: tuple[str, ...]) -> None:
    """Hide insights until they are restored: all of them, or none."""
    _print_changed("deleted", session.project().delete(*insights))


@main.command()
@_insights
@click.pass_obj
def restore(session: _Session, insights: tuple[str, ...]) -> None:
    """Bring deleted insights back to their old places: all of them, or none."""
    _print_changed("restored", session.project().restore(*insights))


@main.command()
@_insights
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]),
    help="When it was, with its offset, for views made elsewhere; by default now.",
)
@_formats("text", "json")
@click.pass_obj
def viewed(session: _Session, insights: tuple[str, ...], at: datetime | None, format_: str) -> None:
    """Record that you viewed these insights; with - the ids are read from standard input.

    Those that do not exist or are deleted are left out.
    """
    given: Iterable[str] = click.get_text_stream("stdin").read().split() if insights == ("-",) else insights
    project = session.project()
    wanted = list(dict.fromkeys(given))
    if not wanted:
        raise click.UsageError("standard input holds no ids")
    ids = project.ids(wanted)
    recorded = project.viewed(session.user(), ids, at) if ids else None
    if format_ == "json":
        _print_json(recorded.to_dict() if recorded else {"recorded": [], "moved": [], "viewed_at": None})
    else:
        click.echo(f"{len(recorded.recorded) if recorded else 0} of {len(wanted)} recorded")


@main.command()
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="At most so many.")
@_formats("text", "json", "csv")
@click.pass_obj
def recent(session: _Session, limit: int, format_: str) -> None:
    """List what you viewed last, most recent first."""
    entries = session.project().my_last_viewed(session.user(), limit)
    _print_rows(entries, _RECENT_COLUMNS, format_, empty="nothing viewed yet")


@main.command()
@_formats("text", "json", "csv")
def backends(format_: str) -> None:
    """List the naming backends and plugins: what is ready, what is missing, what is broken."""
    from dataclasses import asdict

    from insights_core import Namer

    _print_dicts([asdict(status) for status in Namer().backends()], _BACKEND_COLUMNS, format_, empty="")


def _read_query(file: Any, *, sql: bool) -> dict[str, Any] | str:
    from insights_core.facts import parse_text

    if file.isatty():
        click.echo("Type a query, then Ctrl-D (Ctrl-Z and Enter on Windows):", err=True)
    return parse_text(_decoded(file.read(), file.name), sql=sql)


def _decoded(data: bytes, where: str) -> str:
    from insights_core.errors import InvalidQuery

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidQuery(f"{where} is not UTF-8 text (byte {error.start}): convert it first") from None


def _name_lines(namer: Namer, file: Any) -> None:
    from insights_core.batch import name_lines

    total = unnamed = 0
    with _progress(file) as lines:
        for row in name_lines(namer, lines):
            total += 1
            unnamed += row["name"] is None
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    if unnamed:
        raise click.ClickException(f"{unnamed} of {total} lines could not be named: see their problems")


@contextmanager
def _progress(file: Any) -> Iterator[Iterable[bytes]]:
    """Show a bar on standard error while lines are read; only to a person who sees neither the lines nor the names."""
    if not sys.stderr.isatty() or sys.stdout.isatty() or not file.seekable():
        yield file
        return
    from rich.console import Console
    from rich.progress import Progress

    size = file.seek(0, 2)
    file.seek(0)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Naming", total=size)

        def read() -> Iterator[bytes]:
            for line in file:
                yield line
                progress.advance(task, len(line))

        yield read()


def _print_json(value: object) -> None:
    from insights_core.tabular import json_text

    click.echo(json_text(value))


def _print_dicts(rows: list[dict[str, Any]], columns: Sequence[str], format_: str, *, empty: str) -> None:
    from insights_core import tabular

    if format_ == "json":
        _print_json(rows)
    elif format_ == "csv":
        # click.echo would turn the line ends of RFC 4180 into the platform's, and on Windows double them.
        click.get_binary_stream("stdout").write(tabular.csv_text(rows, list(rows[0]) if rows else columns).encode())
    else:
        tabular.print_table(rows, columns, empty=empty)


def _print_rows(
    records: Sequence[Insight] | Sequence[RecentInsight], columns: Sequence[str], format_: str, *, empty: str
) -> None:
    rows = [record.to_dict() for record in records]
    if format_ == "text":
        for row, record in zip(rows, records, strict=True):
            row["name"] = record.title
    _print_dicts(rows, columns, format_, empty=empty)


def _print_insight(insight: Insight, format_: str) -> None:
    if format_ == "json":
        _print_json(insight.to_dict())
        return
    fields = {**insight.to_dict(), "query": json.dumps(insight.query, ensure_ascii=False)}
    _print_fields((name, value) for name, value in fields.items() if value not in (None, [], False, "null"))


def _print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    from insights_core.tabular import visible

    for name, value in fields:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        click.echo(f"{name.replace('_', ' ') + ':':<17} {visible(text)}")


def _print_changed(what: str, insights: Sequence[Insight]) -> None:
    from insights_core.tabular import visible

    for insight in insights:
        click.echo(f"{what} {insight.id} ({insight.short_id}): {visible(insight.title)}")


def _explained(explanation: Explanation) -> dict[str, Any]:
    parts = [part._asdict() for part in explanation.draft.parts]
    return {"id": None, **explanation.name.to_dict(), "parts": parts, "facts": explanation.facts.to_dict()}


def _print_explanation(explanation: Explanation) -> None:
    _print_fields(explanation.name.to_dict().items())
