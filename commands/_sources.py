"""The files that a command is given, and those in the folders that it is given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SUFFIXES = (".sql", ".json")
_TOLD = 3
"""How many of the skipped files are named."""


class Source(NamedTuple):
    """A file to read, or why there is none."""

    path: str
    problem: str = ""


class Unopened(click.BadParameter):
    """A file that cannot be opened: a wrong call where it is the only one."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path!r}: {reason}", param_hint="FILE")
        self.reason = reason


def opened_file(path: str) -> Any:
    """Open a file to be read; `-` is standard input."""
    try:
        return click.open_file(path, "rb")
    except OSError as error:
        raise Unopened(path, error.strerror or str(error)) from None


def is_folder(path: str) -> bool:
    """Whether a path is a folder; `-` is standard input."""
    return path != "-" and Path(path).is_dir()


def sources(paths: Iterable[str]) -> Iterator[Source]:
    """Yield each file once, in the order given; of a folder its queries, by name, and on standard error what is skipped."""
    seen: set[str] = set()
    for path in paths:
        for source in _walked(path) if is_folder(path) else (Source(path),):
            same = str(Path(source.path))
            if same not in seen:
                seen.add(same)
                yield source


def _walked(folder: str) -> Iterator[Source]:
    unread: list[OSError] = []
    skipped: list[str] = []
    is_empty = True
    for root, folders, files in os.walk(folder, onerror=unread.append):
        here = Path(root)
        kept = sorted(name for name in folders if not name.startswith(".") and not (here / name).is_symlink())
        skipped += [f"{here / name}{os.sep}" for name in sorted({*folders} - {*kept})]
        folders[:] = kept
        for path in sorted(here / name for name in files):
            # A pipe that is called so would be waited for.
            if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file():
                is_empty = False
                yield Source(str(path))
            else:
                skipped.append(str(path))
    _note(folder, [path.removeprefix(f"{Path(folder)}{os.sep}") for path in skipped])
    for error in unread:
        yield Source(error.filename or folder, error.strerror or str(error))
    if is_empty and not unread:
        yield Source(folder, "no *.sql and no *.json file in it")


def _note(folder: str, skipped: list[str]) -> None:
    if not skipped:
        return
    from insights_core.terminal import one_line

    more = f" and {len(skipped) - _TOLD} more" if len(skipped) > _TOLD else ""
    click.echo(f"note: skipped in {one_line(folder)}: {one_line(', '.join(skipped[:_TOLD]))}{more}", err=True)
