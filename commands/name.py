"""`insights name`: a name for a query, for many, and for those that are kept."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ._input import bytes_left, lines_of, read_query
from ._options import encoding_option, formats, sql_flag
from ._output import print_changed, print_dicts, print_fields, print_json, progress
from ._sources import Source, Unopened, is_folder, opened_file, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from typing import Literal

    from insights_core import Name, Namer
    from insights_core.namer import Explanation


_RENAMING_COLUMNS = ("id", "old", "new", "backend")
_LARGE_FILE = 1_000_000
"""Bytes, some thousands of queries: a fifth of a second, which is what further processes take to start."""


def _set_backend(backend: str, model: str | None, url: str | None) -> None:
    # Where the backends look, too: they are made without arguments, also in further processes.
    for variable, value in (
        ("INSIGHTS_REMOTE_MODEL" if backend == "remote" else "INSIGHTS_MODEL", model),
        ("INSIGHTS_REMOTE_URL", url),
    ):
        if value is not None:
            os.environ[variable] = value


@click.command()
@click.argument("paths", metavar="[FILE|FOLDER]...", type=click.Path(allow_dash=True), nargs=-1)
@sql_flag
@encoding_option
@click.option("--jsonl", is_flag=True, help='Name many: one JSON object a line, a query or {"id": …, "query": …}.')
@click.option("--distinct", is_flag=True, help="With --jsonl or several files: different queries get different names.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="With --jsonl: processes that share the work; by default one for each processor where the rules name a large file.",
)
@click.option(
    "--style",
    type=click.Choice(("title", "sentence")),
    default="title",
    show_default=True,
    help="Title Case or sentence case.",
)
@click.option(
    "--language",
    default="en",
    show_default=True,
    help="The language of the name: en, or the code of one that a plugin brings.",
)
@click.option("--missing", is_flag=True, help="Name the kept insights that no person named.")
@click.option("--stale", is_flag=True, help="Name those anew whose generated name their query has outgrown.")
@click.option("--dry-run", is_flag=True, help="With --missing or --stale: show the names, keep none.")
@click.option("--undo", is_flag=True, help="Take the last run of --missing or --stale back.")
@click.option(
    "--model",
    help="For llama_cpp a GGUF file, by default INSIGHTS_MODEL or one that an installed package ships; for remote the"
    " model's name there, by default INSIGHTS_REMOTE_MODEL.",
)
@click.option("--url", help="For remote: the server's address up to /v1; by default INSIGHTS_REMOTE_URL.")
@click.option(
    "--backend",
    default="heuristic",
    show_default=True,
    help="Who makes the name; see `insights backends`. auto: the model on this machine, else the rules.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    help="Seconds to wait for the backend.",
)
@click.option("--no-captions", is_flag=True, help="Take no title from the first comment of a statement.")
@click.option(
    "--check",
    type=click.Choice(("strict", "contradiction", "off")),
    help="How titles that a model writes are judged: every word supported; nothing contradicted; not at all. By default"
    " contradiction for remote, strict for the others.",
)
@click.option("--strict", is_flag=True, help="Fail where the backend does, instead of taking the rules' name.")
@click.option(
    "--offline",
    is_flag=True,
    help="Ask no backend that may open a socket; INSIGHTS_OFFLINE does the same, unless it is 0.",
)
@click.option("--show-payload", is_flag=True, help="Print what remote would send for this query, and send nothing.")
@click.option("--explain", is_flag=True, help="Show what was understood, and where the words come from.")
@formats("text", "json")
@click.pass_obj
def name(
    session: Any,
    paths: tuple[str, ...],
    sql: bool,
    encoding: str | None,
    jsonl: bool,
    distinct: bool,
    jobs: int | None,
    style: Literal["title", "sentence"],
    language: str,
    missing: bool,
    stale: bool,
    dry_run: bool,
    undo: bool,
    backend: str,
    model: str | None,
    url: str | None,
    deadline: float,
    no_captions: bool,
    check: Literal["strict", "contradiction", "off"] | None,
    strict: bool,
    offline: bool,
    show_payload: bool,
    explain: bool,
    format_: str,
) -> None:
    """Name a query: JSON or SQL, from FILE or standard input.

    Of several files, and of a FOLDER with its *.sql and *.json files, each gets a line, with its path in front. What
    cannot be named is told on standard error, and the exit code is 1.
    """
    from insights_core import Namer

    is_many = len(paths) > 1 or (not jsonl and any(map(is_folder, paths)))
    ways = {"--jsonl": jsonl, "--missing": missing, "--stale": stale, "--undo": undo}
    way, *others = [option for option, is_given in ways.items() if is_given] or [""]
    looks_at_all = "--distinct looks at all queries at once: "
    for is_wrong, told in (
        (
            others or (way and (sql or encoding or explain or show_payload)),
            f"{way} goes with none of --sql, --encoding, --explain, --show-payload, {', '.join(ways)}",
        ),
        (paths and way and not jsonl, f"{way} names what is kept: it takes no file"),
        (is_many and explain, "--explain is for one query: give one file"),
        (is_many and show_payload, "--show-payload is for one query: give one file"),
        (dry_run and not (missing or stale), "--dry-run goes with --missing or --stale"),
        (jobs and not jsonl, "--jobs goes with --jsonl"),
        (distinct and not (jsonl or is_many), "--distinct goes with --jsonl or several files"),
        (distinct and (jobs or 1) > 1, f"{looks_at_all}it goes without --jobs"),
        (distinct and jsonl and is_many, f"{looks_at_all}with --jsonl, give one file"),
    ):
        if is_wrong:
            raise click.UsageError(told)
    _set_backend("remote" if show_payload else backend, model, url)
    options: dict[str, Any] = {
        "backend": backend,
        "deadline": deadline,
        "style": style,
        "language": language,
        "strict": strict,
        "captions": not no_captions,
        "check": check,
        "offline": offline or None,  # None is what the variable says, in the words of the library
    }
    namer = Namer(**options)
    read = partial(_query_in, sql=sql, encoding=encoding)
    path = paths[0] if paths else "-"
    if undo:
        print_changed("undone", session.project().undo_naming())
    elif missing or stale:
        proposals = session.project(namer).name_missing(dry_run=dry_run, only_stale=stale)
        rows = [{"id": old.id, "old": old.title, "new": new.name, "backend": new.backend} for old, new in proposals]
        print_dicts(rows, _RENAMING_COLUMNS, format_, empty="every insight has its name")
    elif jsonl:
        _name_lines(options, paths or ("-",), jobs=jobs, distinct=distinct)
    elif is_many:
        _print_many(_named(namer, sources(paths), read, distinct=distinct), format_)
    else:
        query = read(path)
        if show_payload:
            print_json(namer.payload(query))
        else:
            _name_one(namer.explain(query), format_, explain=explain)


def _name_one(explanation: Explanation, format_: str, *, explain: bool) -> None:
    if format_ == "json":
        print_json(_explained(explanation) if explain else {"id": None, **explanation.name.to_dict()})
        return
    from insights_core.terminal import unbroken

    for problem in explanation.name.problems:
        click.echo(f"note: {unbroken(problem)}", err=True)
    if explain:
        _print_explanation(explanation)
    else:
        click.echo(explanation.name.name)


def _query_in(path: str, *, sql: bool, encoding: str | None) -> dict[str, Any] | str:
    with opened_file(path) as file:
        return read_query(file, sql=sql, encoding=encoding)


def _named(
    namer: Namer, found: Iterable[Source], read: Callable[[str], Any], *, distinct: bool
) -> Iterator[tuple[str, Name | str]]:
    """Yield for each file its name, or why it has none."""

    def tried(source: Source, made: Callable[[str], Any]) -> Any:
        from insights_core.errors import InsightsError, InvalidQuery

        try:
            return InvalidQuery(source.problem) if source.problem else made(source.path)
        except InsightsError as error:
            return error
        except Unopened as error:
            return InvalidQuery(error.reason)
        except OSError as error:  # while it is read
            return InvalidQuery(error.strerror or str(error))

    if distinct:
        queries = [(source.path, tried(source, read)) for source in found]
        named = iter(namer.name_all(query for _, query in queries if not isinstance(query, Exception)))
        made = ((path, query if isinstance(query, Exception) else next(named)) for path, query in queries)
    else:
        made = ((item.path, tried(item, lambda path: namer.generate_name(read(path)))) for item in found)
    for path, name in made:
        # The path stands in front already.
        yield path, str(name).removeprefix(f"{path} ") if isinstance(name, Exception) else name


def _print_many(named: Iterable[tuple[str, Name | str]], format_: str) -> None:
    from insights_core.batch import row_of
    from insights_core.terminal import one_line, unbroken

    rows: list[dict[str, Any]] = []
    between = ": " if sys.stdout.isatty() else "\t"
    for path, name in named:
        rows.append({"path": path, "id": None, **row_of(name)})
        shown = one_line(path)
        if format_ == "json":
            continue
        if isinstance(name, str):
            _print_problem(path, name)
            continue
        for problem in name.problems:
            click.echo(f"note: {shown}: {unbroken(problem)}", err=True)
        click.echo(f"{shown}{between}{name.name}")
    if format_ == "json":
        print_json(rows)
    if unnamed := sum(row["name"] is None for row in rows):
        raise click.ClickException(f"{unnamed} of {len(rows)} files could not be named: see their problems")


def _print_problem(path: str, problem: str) -> None:
    from insights_core.terminal import one_line, unbroken

    click.echo(f"problem: {one_line(path)}: {unbroken(problem)}", err=True)


def _jobs_for(file: Any) -> int:
    """Return how many processes are worth their start: one for a pipe, whose length nobody knows, and for a small file."""
    if (bytes_left(file) or 0) < _LARGE_FILE:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _name_lines(options: dict[str, Any], paths: tuple[str, ...], *, jobs: int | None, distinct: bool) -> None:
    from insights_core import Namer
    from insights_core.batch import name_chunks, name_lines

    namer = Namer(**options)

    def alone(lines: Iterable[bytes]) -> Generator[list[dict[str, Any]], None, None]:
        return ([row] for row in name_lines(namer, lines, distinct=distinct))

    total = unnamed = 0
    unopened = []
    for path in paths:
        try:
            opened = opened_file(path)
        except Unopened as error:
            if not paths[1:]:
                raise
            unopened.append(path)
            _print_problem(path, error.reason)
            continue
        with opened as file:
            shared = jobs or (1 if distinct or options["backend"] != "heuristic" else _jobs_for(file))
            named = partial(name_chunks, options, jobs=shared) if shared > 1 else alone
            lines, without = _print_names(named, file, {"path": path} if paths[1:] else {})
        total, unnamed = total + lines, unnamed + without
    told = [f"{unnamed} of {total} lines could not be named: see their problems"] if unnamed else []
    if unopened:
        told.append(f"{len(unopened)} of {len(paths)} files could not be opened")
    if told:
        raise click.ClickException("; ".join(told))


def _print_names(
    named: Callable[[Iterable[bytes]], Generator[list[dict[str, Any]], None, None]], file: Any, where: dict[str, str]
) -> tuple[int, int]:
    """Print the names of the lines of a file, and return how many lines there are and how many have no name."""
    total = unnamed = 0
    encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes a new one for each line
    write = sys.stdout.write
    # The names themselves would break the bar.
    with progress(lines_of(file), "Naming", total=bytes_left(file), shown=not sys.stdout.isatty()) as lines:
        found = named(lines)
        # Closed here, where printing fails too: the processes that name end with it.
        with closing(found):
            for rows in found:
                for row in rows:
                    total += 1
                    unnamed += row["name"] is None
                    write(encode({**where, **row} if where else row) + "\n")
    return total, unnamed


def _explained(explanation: Explanation) -> dict[str, Any]:
    parts = [{"text": text, "origin": origin} for text, origin in explanation.draft.origins()]
    considered = [
        {"name": text, "worth": round(worth, 2), "filled": filled}
        for text, worth, filled in explanation.draft.considered()
    ]
    return {
        "id": None,
        **explanation.name.to_dict(),
        "parts": parts,
        "considered": considered,
        "meaning": explanation.draft.simplified.to_dict(),
    }


def _print_explanation(explanation: Explanation) -> None:
    from insights_core.tabular import leaves

    name = explanation.name
    judged = (("check", name.check),) if name.check else ()
    print_fields((("name", name.name), ("description", name.description), ("backend", name.backend), *judged))
    click.echo("\nwords, and where in the meaning they come from")
    for text, origin in explanation.draft.origins():
        if text.strip():
            click.echo(f"  {text.strip():<24} {origin}")
    click.echo("\nnames that were considered, what each is worth, and what it was filled with")
    for text, worth, filled in explanation.draft.considered():
        click.echo(f"  {worth:5.2f}  {text}  ({filled})")
    click.echo("\nmeaning")
    for path, value in leaves(explanation.draft.simplified.to_dict()):
        click.echo(f"  {path:<24} {value}")
