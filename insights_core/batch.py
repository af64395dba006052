"""Many queries, one JSON object a line: named in order, none of them able to stop the rest."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import BackendError, InvalidInput, InvalidQuery
from .inputs import check_length

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from .model import Name
    from .namer import Namer


_CHUNK = 500
"""Lines that a process is handed at once."""


class _Line(NamedTuple):
    number: int
    id: Any = None
    query: dict[str, Any] | None = None
    problem: str = ""
    """Why the line cannot be named; empty where it can, as far as is known."""


def name_lines(
    namer: Namer, lines: Iterable[bytes], *, distinct: bool = False, before: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield for each line that is not blank `{"id", "name", "description", "backend", "fallback_from", "problems"}`.

    A line is a query, or an object with `query` and, if it likes, `id`. One that cannot be named has null for a name, and
    its problem says which line it was. With `distinct`, queries that mean different things get different names; all
    lines are then read before the first is named. `before` is how many lines there were in front of these.
    """
    from .facts import parse_text

    read = (_read(number, line, parse_text) for number, line in enumerate(lines, before + 1) if line.strip())
    if distinct:
        yield from _named_apart(namer, [_checked(namer, line) for line in read])
        return
    for line in read:
        if line.query is not None:
            try:
                yield _row(line, namer.generate_name(line.query))
                continue
            except (InvalidQuery, BackendError) as error:
                line = line._replace(problem=str(error))  # noqa: PLW2901 - the same line, with what is wrong with it
        yield _row(line, None)


def name_chunks(
    namer: Mapping[str, Any], lines: Iterable[bytes], *, jobs: int
) -> Generator[list[dict[str, Any]], None, None]:
    """Yield the rows of `name_lines` in the order of the lines, some hundred at a time, made by several processes.

    Args:
        namer: What `Namer` is made with, in each process anew.
        lines: Read no further ahead than the processes have work for.
        jobs: How many processes.
    """
    from collections import deque

    from .workers import pool

    with pool(jobs) as processes:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        for place, chunk in enumerate(_chunks(lines)):
            waiting.append(processes.submit(_named_chunk, namer, place * _CHUNK, chunk))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    found = iter(lines)
    while chunk := list(islice(found, _CHUNK)):
        yield chunk


def _named_chunk(namer: Mapping[str, Any], before: int, lines: list[bytes]) -> list[dict[str, Any]]:
    return list(name_lines(_namer(**namer), lines, before=before))


@cache
def _namer(**options: Any) -> Namer:
    from .namer import Namer

    return Namer(**options)


def _named_apart(namer: Namer, lines: list[_Line]) -> Iterator[dict[str, Any]]:
    names = iter(namer.name_all(line.query for line in lines if line.query is not None and not line.problem))
    for line in lines:
        yield _row(line, None if line.problem else next(names))


def _checked(namer: Namer, line: _Line) -> _Line:
    if line.query is None:
        return line
    try:
        namer.describe(line.query)
    except InvalidQuery as error:
        return line._replace(problem=str(error))
    return line


def _read(number: int, line: bytes, parse: Callable[[str], Any]) -> _Line:
    try:
        check_length(line)
        query = parse(line.decode())
    except UnicodeDecodeError as error:
        return _Line(number, problem=f"not UTF-8 text (byte {error.start})")
    except InvalidInput as error:
        return _Line(number, problem=str(error))
    if not isinstance(query, dict):
        return _Line(number, problem="this is no JSON object: one query a line, in JSON")
    return _Line(number, None if "kind" in query or "insight" in query else query.get("id"), query)


def _row(line: _Line, name: Name | None) -> dict[str, Any]:
    if name is not None:
        return {"id": line.id, **name._asdict()}
    nothing = dict.fromkeys(("name", "description", "backend", "fallback_from"))
    return {"id": line.id, **nothing, "problems": [f"line {line.number}: {line.problem}"]}
