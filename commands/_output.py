"""What the commands print: as JSON, as CSV, as a table, and how far they are."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click
from insights_app import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from insights_core.model import Insight

_Line = TypeVar("_Line", str, bytes)


def print_json(value: object) -> None:
    from insights_core.tabular import json_text

    click.echo(json_text(value))


def print_dicts(rows: list[dict[str, Any]], columns: Sequence[str], format_: str, *, empty: str) -> None:
    from insights_core import tabular

    if format_ == "json":
        print_json(rows)
    elif format_ == "csv":
        guard.exact(tabular.csv_text(rows, list(rows[0]) if rows else columns))
    else:
        tabular.print_table(rows, columns, empty=empty, terminal=guard.behind(sys.stdout))


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    from insights_core.terminal import one_line

    for name, value in fields:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        click.echo(f"{name.replace('_', ' ') + ':':<17} {one_line(text)}")


def print_changed(what: str, insights: Sequence[Insight]) -> None:
    from insights_core.terminal import one_line

    for insight in insights:
        click.echo(f"{what} {insight.id} ({insight.short_id}): {one_line(insight.title)}")


@contextmanager
def progress(
    lines: Iterable[_Line], what: str, *, total: int | None = None, shown: bool = True
) -> Iterator[Iterable[_Line]]:
    """Show a person on standard error how far the lines are: their part of `total` bytes, or their number."""
    if not sys.stderr.isatty() or not shown:
        yield lines
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [BarColumn(), TimeRemainingColumn()] if total else [TextColumn("{task.completed:,} lines")]
    # By default the bar takes over sys.stdout too, and the names would land on the terminal instead of in the file.
    with Progress(
        TextColumn("{task.description}"),
        *columns,
        console=Console(file=guard.behind(sys.stderr)),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task(what, total=total)

        def read() -> Iterator[_Line]:
            for line in lines:
                yield line
                progress.advance(task, len(line) if total else 1)

        yield read()
