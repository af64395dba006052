"""Many queries, one JSON object a line: named one by one, in order, none of them able to stop the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .namer import Namer


def name_lines(namer: Namer, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield for each line that is not blank `{"id", "name", "description", "backend", "fallback_from", "problems"}`.

    A line is a query, or an object with `query` and, if it likes, `id`. One that cannot be named has null for a name, and
    its problem says which line it was.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _named(namer, number, line)


def _named(namer: Namer, number: int, line: bytes) -> dict[str, Any]:
    from .facts import parse_text

    id_ = None
    try:
        query = _object(parse_text(line.decode()))
        if "kind" not in query and "insight" not in query:
            id_ = query.get("id")
        name = namer.generate_name(query)
    except UnicodeDecodeError as error:
        problem = f"line {number}: not UTF-8 text (byte {error.start})"
    except InvalidQuery as error:
        problem = f"line {number}: {error}"
    else:
        return {"id": id_, **name.to_dict()}
    return {
        "id": id_, "name": None, "description": None, "backend": None, "fallback_from": None, "problems": [problem],
    }  # fmt: skip


def _object(query: object) -> dict[str, Any]:
    if isinstance(query, dict):
        return query
    raise InvalidQuery("this is no JSON object: one query a line, in JSON")
