"""Options that several commands have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def formats(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--format` with these names, the first the default, and `--json`."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--json", "format_", flag_value="json", help="Short for --format json.")(command)
        return click.option(
            "--format", "format_", type=click.Choice(names), default=names[0], show_default=True, help="How to print."
        )(command)

    return add


source_file = click.argument("file", type=click.File("rb"), default="-")

sql_flag = click.option("--sql", is_flag=True, help="The text is SQL; otherwise JSON or SQL is guessed.")


def _known(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        b"a".decode(value, "replace")
    except (LookupError, ValueError):
        raise click.BadParameter(f"there is no encoding {value!r}: utf-16-le, latin-1 or cp1252, for example") from None
    return value


encoding_option = click.option(
    "--encoding",
    callback=_known,
    help="How text is encoded that has no byte order mark, if it is not UTF-8: latin-1, cp1252, utf-16-le.",
)
