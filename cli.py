"""The command `insights`: parse, one call of the library, print."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from insights_app import guard
from insights_app.commands import name as naming
from insights_app.commands._input import bytes_left, lines_of, read_query, text_of
from insights_app.commands._options import encoding_option, formats, source_file, sql_flag
from insights_app.commands._output import print_changed, print_dicts, print_fields, print_json, progress

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from insights_core import Insights, Namer, Project
    from insights_core.model import Insight, RecentInsight, TrendingInsight
    from insights_core.testing import Result

# Nothing of the library is imported at the top: `insights --help` and shell completion pay for click alone.

_LIST_COLUMNS = ("id", "short_id", "name", "tags", "created_by", "created_at")
_RECENT_COLUMNS = ("id", "short_id", "name", "last_viewed_at")
_TRENDING_COLUMNS = ("id", "short_id", "name", "viewers", "latest_viewers", "last_viewed_at")
_LONGEST_LIFE = 100_000
_MOST_OCTAL = 4
_KEY_COLUMNS = ("prefix", "user", "scope", "projects", "created_at", "expires_at", "last_used_at")
_RESULT_COLUMNS = ("result", "case", "checks", "detail", "history")
_BACKEND_COLUMNS = ("name", "kind", "origin", "state", "detail")


class _Group(click.Group):
    """Shows the library's errors in one line, with the exit code of their class; anything else is a bug and traces."""

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        def run() -> Any:
            return super(_Group, self).main(args, prog_name, standalone_mode=False, **extra)

        with guard.guarded():
            if not standalone_mode:
                return run()
            code = guard.run(run)
        sys.exit(code)

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
            shown.exit_code = error.exit_code  # type: ignore[misc]
            raise shown from error


class _Session:
    """What the options before the command said; the database is opened by the first command that needs it."""

    def __init__(self, database: str | None, project: str, user: str | None) -> None:
        self._database = database
        self.project_id = project
        self._user = user

    def insights(self, namer: Namer | None = None) -> Insights:
        return click.get_current_context().with_resource(self._open(namer))

    def project(self, namer: Namer | None = None) -> Project:
        return self.insights(namer).project(self.project_id)

    def user(self) -> str:
        if self._user is not None:
            return self._user
        import getpass

        try:
            return getpass.getuser()
        except (ImportError, KeyError, OSError):
            raise click.UsageError("this system tells no login name: give --user, or set INSIGHTS_USER") from None

    def _open(self, namer: Namer | None) -> Insights:
        from insights_core import Insights

        if self._database is not None:
            return Insights.open(self._database, namer=namer)
        from platformdirs import user_data_path

        folder = user_data_path("insights-core", appauthor=False, ensure_exists=True)
        return Insights.open(folder / "insights.db", namer=namer)


def _lifetime(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    from datetime import timedelta

    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    number, unit = value[:-1], units.get(value[-1:])
    if unit is None or not (number.isascii() and number.isdigit()) or not 0 < int(number) <= _LONGEST_LIFE:
        raise click.BadParameter("a number and m, h, d or w: 90d")
    return timedelta(**{unit: int(number)})


def _octal(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if not 0 < len(value) <= _MOST_OCTAL or set(value) - set("01234567"):
        raise click.BadParameter("permissions as chmod takes them: 640")
    return int(value, 8)


_permissions = click.option(
    "--mode",
    callback=_octal,
    help="Permissions of the file, 640 for example; by default a new one is its owner's alone, and one that is replaced"
    " keeps its own.",
)
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
    ctx.obj = _Session(db, project, user)


main.add_command(naming.name)


@main.command()
@source_file
@sql_flag
@encoding_option
@click.option("--name", help="The name; without it, one is derived from the query.")
@click.option("--description", help="What the insight shows.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--folder", help="The folder that it is filed in.")
@formats("text", "json")
@click.pass_obj
def add(
    session: _Session,
    file: Any,
    sql: bool,
    encoding: str | None,
    name: str | None,
    description: str | None,
    tags: tuple[str, ...],
    folder: str | None,
    format_: str,
) -> None:
    """Keep the query in FILE as an insight; adding it counts as viewing it."""
    added = session.project().create(
        _query_object(read_query(file, sql=sql, encoding=encoding)),
        name=name,
        description=description,
        tags=tags,
        folder=folder,
        user=session.user(),
    )
    _print_insight(added, format_)


@main.command(name="list")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--tag", "tags", multiple=True, help="Only those with this tag; with several, with all of them.")
@click.option(
    "--dashboard", "dashboards", type=int, multiple=True, help="Only those on this dashboard, or on all of several."
)
@click.option("--favorited/--not-favorited", default=None, help="Only favorites, or only others.")
@click.option("--created-by", help="Only those that this user created.")
@click.option("--name-source", help="Only those whose name is by `user`, or by this backend.")
@click.option("--deleted", is_flag=True, help="The deleted ones instead.")
@click.option(
    "--order",
    default="-created_at",
    show_default=True,
    help="created_at, name or order, with - in front for descending; -last_viewed_at by anybody's views.",
)
@click.option("--mine", is_flag=True, help="With --order=-last_viewed_at: by your own views.")
@formats("text", "json", "csv")
@click.pass_obj
def list_(session: _Session, /, limit: int | None, mine: bool, format_: str, **filters: Any) -> None:
    """List the insights, newest first."""
    given = {name: value for name, value in filters.items() if value not in (None, ())}
    if mine:
        given["user"] = session.user()
    project = session.project()
    found = project.list(limit=limit, **given)
    stale = {insight.id for insight in project.stale(found)} if format_ == "text" else set()
    found = [
        insight._replace(derived_name=f"{insight.title} (stale)") if insight.id in stale else insight
        for insight in found
    ]
    _print_rows(found, _LIST_COLUMNS, format_, empty="no insights here: try `insights add`")


@main.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@formats("text", "json", "csv")
@click.pass_obj
def search(session: _Session, text: str, limit: int | None, format_: str) -> None:
    """Find insights by the words of their names, descriptions and tags."""
    _print_rows(session.project().search(text, limit=limit), _LIST_COLUMNS, format_, empty="nothing found")


@main.command()
@click.argument("insight", metavar="ID")
@formats("text", "json")
@click.pass_obj
def show(session: _Session, insight: str, format_: str) -> None:
    """Show an insight."""
    project = session.project()
    found = project.get(insight)
    _print_insight(found, format_)
    if format_ == "text" and project.stale([found]):
        print_fields([("stale", "the query has outgrown its name: see `insights name --stale --dry-run`")])


@main.command()
@click.argument("insight", metavar="ID")
@click.option("--name", help="A new name; an empty one takes the name away.")
@click.option("--description", help="A new description; an empty one takes it away.")
@click.option("--query", type=click.File("rb"), help="A file with a new query.")
@encoding_option
@click.option("--tag", "tags", multiple=True, help="The new tags, in place of the old; an empty one takes all away.")
@click.option("--dashboard", "dashboards", type=int, multiple=True, help="The new dashboards, in place of the old.")
@click.option("--favorite/--no-favorite", "favorited", default=None, help="Mark it, or no longer.")
@click.option("--folder", help="A new folder; an empty one takes it away.")
@click.option("--order", type=int, help="A new place among others.")
@click.option("--revision", type=click.IntRange(1), help="Change it only if this is still its revision.")
@formats("text", "json")
@click.pass_obj
def edit(
    session: _Session,
    /,
    insight: str,
    query: Any,
    encoding: str | None,
    revision: int | None,
    format_: str,
    **fields: Any,
) -> None:
    """Change what is given of an insight."""
    changes = {name: value for name, value in fields.items() if value not in (None, ())}
    for name in changes.keys() & {"name", "description", "folder"}:
        changes[name] = changes[name] or None
    if "tags" in changes:
        changes["tags"] = [tag for tag in changes["tags"] if tag]
    if encoding and query is None:
        raise click.UsageError("--encoding goes with --query")
    if query is not None:
        changes["query"] = _query_object(read_query(query, sql=False, encoding=encoding))
    if not changes:
        raise click.UsageError("nothing to change: give at least one option")
    edited = session.project().update(insight, user=session.user(), revision=revision, **changes)
    _print_insight(edited, format_)


@main.command()
@_insights
@click.pass_obj
def delete(session: _Session, insights: tuple[str, ...]) -> None:
    """Hide insights until they are restored: all of them, or none."""
    print_changed("deleted", session.project().delete(*insights))


@main.command()
@_insights
@click.pass_obj
def restore(session: _Session, insights: tuple[str, ...]) -> None:
    """Bring deleted insights back to their old places: all of them, or none."""
    print_changed("restored", session.project().restore(*insights))


@main.command()
@_insights
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]),
    help="When it was, with its offset, for views made elsewhere; by default now.",
)
@formats("text", "json")
@click.pass_obj
def viewed(session: _Session, insights: tuple[str, ...], at: datetime | None, format_: str) -> None:
    """Record that you viewed these insights; with - the ids are read from standard input.

    Those that do not exist or are deleted are left out.
    """
    given: Iterable[str] = text_of(sys.stdin.buffer).split() if insights == ("-",) else insights
    project = session.project()
    wanted = list(dict.fromkeys(given))
    if not wanted:
        raise click.UsageError("standard input holds no ids")
    ids = project.ids(wanted)
    recorded = project.viewed(session.user(), ids, at) if ids else None
    if format_ == "json":
        print_json(recorded.to_dict() if recorded else {"recorded": [], "moved": [], "viewed_at": None})
    else:
        click.echo(f"{len(recorded.recorded) if recorded else 0} of {len(wanted)} recorded")


@main.command()
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="At most so many.")
@formats("text", "json", "csv")
@click.pass_obj
def recent(session: _Session, limit: int, format_: str) -> None:
    """List what you viewed last, most recent first."""
    entries = session.project().my_last_viewed(session.user(), limit)
    _print_rows(entries, _RECENT_COLUMNS, format_, empty="nothing viewed yet")


@main.command()
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="Views of how many days count.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many.")
@formats("text", "json", "csv")
@click.pass_obj
def trending(session: _Session, days: int, limit: int, format_: str) -> None:
    """List what most users viewed of late."""
    found = session.project().trending(days=days, limit=limit)
    _print_rows(found, _TRENDING_COLUMNS, format_, empty="nothing viewed of late")


@main.command()
@click.confirmation_option(prompt="Clear your list of views for good?")
@click.pass_obj
def forget(session: _Session) -> None:
    """Clear your list of views for good: no replay or import brings them back."""
    click.echo(f"{session.project().forget(session.user())} views forgotten")


@main.command()
@click.option("--repair", is_flag=True, help="Mend the rows that break a law, and say how; the clock has to be right.")
@click.option("--dry-run", is_flag=True, help="With --repair: only say what would be mended.")
@formats("text", "json")
@click.pass_obj
def check(session: _Session, repair: bool, dry_run: bool, format_: str) -> None:
    """Look for damage in the database, and for what could be better."""
    if dry_run and not repair:
        raise click.UsageError("--dry-run is for --repair")
    for line in session.insights().repair(dry_run=dry_run) if repair else ():
        click.echo(f"{'would mend' if dry_run else 'mended'}: {line}", err=format_ == "json")
    report = session.insights().check()
    if format_ == "json":
        print_json(report.to_dict())
    else:
        from insights_core.terminal import unbroken

        for note in report.notes:
            click.echo(f"note: {unbroken(note)}")
        for problem in report.problems:
            click.echo(f"problem: {unbroken(problem)}")
        click.echo(f"{len(report.problems)} problems")
    if report.problems:
        click.get_current_context().exit(1)


@main.command(name="export")
@click.argument("file", type=click.Path(allow_dash=True), default="-")
@_permissions
@click.pass_obj
def export_(session: _Session, file: str, mode: int | None) -> None:
    """Write everything, of all projects, to FILE or standard output as JSON Lines.

    FILE is replaced once the export is whole and on disk; one that fails or is stopped leaves it as it was.
    """
    if file == "-":
        _export(session, guard.exact, shown=not sys.stdout.isatty())
        return
    from insights_core import files
    from insights_core.terminal import escaped

    with files.writing(file, mode=mode) as output:
        _export(session, lambda line: output.write(escaped(line).encode()), shown=not output.isatty())


def _export(session: _Session, write: Callable[[str], None], *, shown: bool) -> None:
    lines = session.insights().export_lines()
    try:
        with progress(lines, "Writing", shown=shown) as counted:
            for line in counted:
                write(line)
    finally:
        lines.close()  # before the database is


@main.command(name="import")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--renumber", is_flag=True, help="Give new ids, for a database that has insights already.")
@click.pass_obj
def import_(session: _Session, file: Any, renumber: bool) -> None:
    """Add what was exported: all of it, or nothing."""
    with progress(lines_of(file), "Reading", total=bytes_left(file)) as lines:
        counts = session.insights().import_lines(lines, renumber=renumber)
    click.echo(f"imported {counts['insight']} insights, {counts['viewer']} viewers, {counts['view']} views")


@main.command()
@click.argument("path", type=click.Path())
@_permissions
@click.pass_obj
def backup(session: _Session, path: str, mode: int | None) -> None:
    """Copy the database to a new file PATH, also while others use it."""
    session.insights().backup(path, mode=mode)


@main.command()
@formats("text", "json", "csv")
def backends(format_: str) -> None:
    """List the naming backends and plugins: what is ready, what is missing, what is broken."""
    from insights_core import Namer

    print_dicts([status._asdict() for status in Namer().backends()], _BACKEND_COLUMNS, format_, empty="")


@main.group(name="keys")
def keys_() -> None:
    """Make, list and revoke keys of the HTTP server."""


@keys_.command(name="create")
@click.option("--user", required=True, help="Whose key it is: views by it are theirs.")
@click.option(
    "--scope",
    required=True,
    type=click.Choice(("insight:read", "insight:write")),
    help="What it may; write includes read.",
)
@click.option("--project", "projects", multiple=True, help="What it may reach; every project where none is given.")
@click.option("--expires", callback=_lifetime, help="After how long it ends: 12h, 90d.")
@click.option("--file", "path", type=click.Path(), help="A new file to write it to, instead of standard output.")
@_permissions
@click.pass_obj
def create_key(
    session: _Session,
    user: str,
    scope: str,
    projects: tuple[str, ...],
    expires: timedelta | None,
    path: str | None,
    mode: int | None,
) -> None:
    """Make a key and print it, once: it is kept as a hash."""
    from insights_core import files

    if mode is not None and path is None:
        raise click.UsageError("--mode goes with --file")
    keys = session.insights().keys
    made = keys.create(user, scope, projects=projects, expires=expires)
    try:
        if path is None:
            click.echo(made.text)
            sys.stdout.flush()
        else:
            with files.writing(path, mode=mode, replace=False) as output:
                output.write(f"{made.text}\n".encode())
    except BaseException:
        keys.revoke(made.key.prefix)  # nobody can ever use it
        raise
    click.echo(f"note: this is shown once; it is known as {made.key.prefix}", err=True)


@keys_.command(name="list")
@formats("text", "json", "csv")
@click.pass_obj
def list_keys(session: _Session, format_: str) -> None:
    """List the keys: by what they begin with, whose they are, what they may."""
    rows = [key.to_dict() for key in session.insights().keys.list()]
    print_dicts(rows, _KEY_COLUMNS, format_, empty="no keys here: try `insights keys create`")


@keys_.command(name="revoke")
@click.argument("prefix", metavar="KEY")
@click.pass_obj
def revoke_key(session: _Session, prefix: str) -> None:
    """End a key, by what it begins with or the whole of it, at once and for good."""
    session.insights().keys.revoke(prefix)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--allow-host", "hosts", multiple=True, help="A further name that requests may address this server by.")
@click.option(
    "--allow-origin",
    "origins",
    metavar="URL",
    multiple=True,
    help="A page, as scheme://host:port, that a browser lets ask.",
)
@click.option(
    "--connections",
    type=click.IntRange(1),
    help="How many are served at a time; those beyond get 503. By default what the limit of open files allows.",
)
@click.pass_obj
def serve(
    session: _Session,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    connections: int | None,
) -> None:
    """Serve the database over HTTP until Ctrl-C; see `insights keys create`."""
    import logging
    import signal

    _of_extra("uvicorn", "server")
    server = _of_extra("insights_app.server", "server")
    limits = _of_extra("insights_app.limits", "server")

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(limits.OneLine("%(message)s"))
    handler.addFilter(limits.Sparing())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    if host not in server.LOCAL_HOSTS:
        click.echo(f"note: {host} can be reached from elsewhere, and keys travel readably: put TLS in front", err=True)
    app = server.create_app(session.insights(), hosts=(*server.LOCAL_HOSTS, host, *hosts), origins=origins)
    listening = _listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"serving on http://{shown}:{listening.getsockname()[1]} until Ctrl-C", err=True)
    config = limits.config(
        app, connections=connections, access_log=False, log_config=None, log_level="warning", server_header=False,
        timeout_graceful_shutdown=30,
    )  # fmt: skip
    # uvicorn ends what is running, and then sends itself the signal once more: to stop is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    limits.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # A socket that exists already would be left open by a name that cannot even be encoded.
        socket.getaddrinfo(host, port, family)
        listening = socket.create_server((host, port), family=family)
    except (OSError, OverflowError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise click.ClickException(
            f"cannot listen on {host}, port {port}: {told}: choose another --host or --port"
        ) from None
    # asyncio sets this on connections to sockets that it made itself. Without it, an answer's body waits 40 ms behind its
    # head for the client to say that it has the head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@main.command()
@click.argument("target", metavar="URL")
@click.option("--key", envvar="INSIGHTS_CONFORM_KEY", show_envvar=True, help="Key of a user, with insight:write.")
@click.option(
    "--other-key",
    envvar="INSIGHTS_CONFORM_OTHER_KEY",
    show_envvar=True,
    help="Key of another user, new to the project.",
)
@click.option(
    "--read-key", envvar="INSIGHTS_CONFORM_READ_KEY", show_envvar=True, help="Key with insight:read alone, for scopes."
)
@click.option(
    "--limited-key",
    envvar="INSIGHTS_CONFORM_LIMITED_KEY",
    show_envvar=True,
    help="Key with insight:write that reaches the project alone.",
)
@click.option("--project", help="The project to work in; by default the one given before the command.")
@click.option(
    "--other-project", help="Another that the key reaches, to see that they do not mix; PROJECT-other if left out."
)
@click.option(
    "--profile",
    type=click.Choice(("strict", "hosted")),
    default="strict",
    show_default=True,
    help="strict: our semantics to the letter. hosted: what the hosted service does where it differs is let pass.",
)
@click.option("--case", "cases", multiple=True, help="Only this case; may be given several times.")
@click.option(
    "--examples", type=click.IntRange(0), default=25, show_default=True, help="Random histories to try after the cases."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds to wait for an answer.",
)
@formats("text", "json", "csv")
@click.pass_obj
def conform(
    session: _Session,
    /,
    target: str,
    key: str | None,
    profile: str,
    cases: tuple[str, ...],
    examples: int,
    format_: str,
    project: str | None,
    other_project: str | None,
    **options: Any,
) -> None:
    """Hold the server at URL against the semantics, case by case; it may be anybody's.

    It creates insights and deletes them again: give it a project and users of their own. In place of a URL, `memory`,
    `file` and `reference` try this library itself. Exit code 1 where a case fails.
    """
    testing = _of_extra("insights_core.testing", "conform")
    known = [case.name for case in testing.CASES]
    if unknown := set(cases) - {*known, testing.RANDOM_CASE}:
        raise click.UsageError(f"there is no case {min(unknown)}: a run without --case lists them")
    held_to = testing.PROFILES[profile]
    made = {"memory": testing.in_memory, "file": testing.in_file, "reference": testing.reference}.get(target)
    if made is None:
        if key is None:
            raise click.UsageError("a server is asked with a key: give --key, or set INSIGHTS_CONFORM_KEY")
        project = project or session.project_id
        other_project = other_project or f"{project}-other"
        made = testing.server_subjects(
            target, key, project=project, other_project=other_project, profile=held_to, **options
        )
        try:
            testing.greet(made)
        except testing.Unreachable as error:
            raise click.ClickException(str(error)) from None
    wanted = [case for case in testing.CASES if not cases or case.name in cases]
    count = examples if not cases or testing.RANDOM_CASE in cases else 0
    found = _print_results(testing.run(made, profile=held_to, cases=wanted, examples=count), format_)
    if any(result.result == testing.FAIL for result in found):
        click.get_current_context().exit(1)


def _of_extra(module: str, extra: str) -> Any:
    """Import what an extra of this distribution brings."""
    import importlib

    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: pip install 'insights-core[{extra}]'") from None


def _query_object(query: dict[str, Any] | str) -> dict[str, Any]:
    """Return a query as it is kept; what nobody could name is refused, since it is none."""
    from insights_core import Namer

    Namer().describe(query)
    return {"kind": "HogQLQuery", "query": query} if isinstance(query, str) else query


def _print_rows(
    records: Sequence[Insight] | Sequence[RecentInsight] | Sequence[TrendingInsight],
    columns: Sequence[str],
    format_: str,
    *,
    empty: str,
) -> None:
    rows = [record.to_dict() for record in records]
    if format_ == "text":
        rows = [{**row, "name": row["name"] or row["derived_name"] or row["short_id"]} for row in rows]
    print_dicts(rows, columns, format_, empty=empty)


def _print_insight(insight: Insight, format_: str) -> None:
    if format_ == "json":
        print_json(insight.to_dict())
        return
    fields = {**insight.to_dict(), "query": json.dumps(insight.query, ensure_ascii=False)}
    print_fields((name, value) for name, value in fields.items() if value not in (None, [], False, "null"))


def _print_results(results: Iterable[Result], format_: str) -> list[Result]:
    """Print the results, as text one by one as they come, and return them."""
    if format_ != "text":
        found = list(results)
        rows = [{**result._asdict(), "history": list(result.history)} for result in found]
        print_dicts(rows, _RESULT_COLUMNS, format_, empty="")
        return found
    from insights_core.terminal import one_line

    found = []
    line = "{0:<11}  {1:<29}  {2}" if sys.stdout.isatty() else "{0}\t{1}\t{2}"
    try:
        for result in results:
            found.append(result)
            click.echo(line.format(result.result, result.case, result.checks))
            if result.result == "fail":
                click.echo(f"  {one_line(result.detail)}")
                for step in result.history:
                    click.echo(f"    {one_line(step)}")
    finally:
        # Also of a run that was ended before its time.
        for reason in sorted({result.detail for result in found if result.result == "not offered"}):
            click.echo(f"note: not offered: {one_line(reason)}", err=True)
        counts = [
            f"{sum(result.result == kind for result in found)} {kind}" for kind in ("pass", "fail", "not offered")
        ]
        click.echo(", ".join(counts), err=True)
    return found
