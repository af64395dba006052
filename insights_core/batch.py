"""Many queries, one JSON object a line: named in order, none of them able to stop the rest."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import BackendError, InsightsError, InvalidInput, InvalidQuery
from .inputs import check_length
from .workers import pool as pool_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from concurrent.futures import Future, ProcessPoolExecutor

    from .model import Name
    from .namer import Namer


_LONGEST_PROBLEM = 300
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
    """Yield for each line that is not blank `{"id", "name", "description", "backend", "fallback_from", "problems", "check"}`.

    A line is a query, or an object with `query` and, if it likes, `id`. One that cannot be named has null for a name, and
    its problem says which line it was. With `distinct`, queries that mean different things get different names; all
    lines are then read before the first is named. `before` is how many lines there were in front of these.
    """
    from .query.registry import parse_text

    read = (_read(number, line, parse_text) for number, line in enumerate(lines, before + 1) if line.strip())
    if distinct:
        yield from _named_apart(namer, [_checked(namer, line) for line in read])
        return
    for line in read:
        if line.query is not None:
            try:
                yield _row(line, namer.generate_name(line.query))
                continue
            except Exception as error:  # noqa: BLE001 - whatever a reader or a backend stumbles over is of this line alone
                line = line._replace(problem=_problem(error))  # noqa: PLW2901 - the same line, with what is wrong with it
        yield _row(line, None)


def name_chunks(
    namer: Mapping[str, Any], lines: Iterable[bytes], *, jobs: int
) -> Generator[list[dict[str, Any]], None, None]:
    """Yield the rows of `name_lines` in the order of the lines, some hundred at a time, made by several processes.

    Where a process ends, by a signal for example, the lines that it had are named by another, one by one; the one that
    ends that too gets null for a name and a problem that says so.

    Args:
        namer: What `Namer` is made with, in each process anew.
        lines: Read no further ahead than the processes have work for.
        jobs: How many processes.

    Raises:
        BackendError: The processes end before they have a line.
    """
    chunks = _chunks(lines)
    waiting: deque[_Chunk] = deque()
    is_broken = True
    while is_broken:
        is_broken = False
        with pool_of(jobs) as pool:
            for chunk in chunks:
                waiting.append(chunk.sent_to(pool, namer))
                if len(waiting) > 2 * jobs:
                    if is_broken := waiting[0].is_lost():
                        break
                    yield waiting.popleft().rows()
            while waiting:
                chunk = waiting.popleft()
                yield _named_one_by_one(namer, chunk) if chunk.is_lost() else chunk.rows()


def _named_one_by_one(namer: Mapping[str, Any], chunk: _Chunk) -> list[dict[str, Any]]:
    """Return the rows of lines of which one, at least, ends the process that names it."""
    from .query.registry import parse_text

    rows: list[dict[str, Any]] = []
    lines = deque(enumerate(chunk.lines, chunk.before))
    while lines:
        with pool_of(1) as pool:
            try:
                pool.submit(_named_chunk, namer, 0, []).result()
            except BrokenExecutor:
                raise BackendError(
                    "the processes that name lines end by themselves: name them in one, with --jobs 1",
                    backend=namer.get("backend", "heuristic"),
                ) from None
            while lines:
                before, line = lines.popleft()
                try:
                    rows += pool.submit(_named_chunk, namer, before, [line]).result()
                except BrokenExecutor:
                    read = _read(before + 1, line, parse_text)
                    rows.append(
                        _row(
                            read._replace(problem="the process that named it ended: it was killed, or fell over it"),
                            None,
                        )
                    )
                    break
    return rows


class _Chunk:
    """Lines that one process is to name, and how it fares."""

    def __init__(self, before: int, lines: list[bytes]) -> None:
        self.before = before
        """How many lines stand in front of them."""
        self.lines = lines
        self._sent: Future[list[dict[str, Any]]] | None = None

    def sent_to(self, pool: ProcessPoolExecutor, namer: Mapping[str, Any]) -> _Chunk:
        with suppress(BrokenExecutor):  # it is lost then
            self._sent = pool.submit(_named_chunk, namer, self.before, self.lines)
        return self

    def is_lost(self) -> bool:
        """Whether no process will name them; waits for the one that does."""
        return self._sent is None or isinstance(self._sent.exception(), BrokenExecutor)

    def rows(self) -> list[dict[str, Any]]:
        assert self._sent is not None  # noqa: S101 - asked of none that is lost
        return self._sent.result()


def _chunks(lines: Iterable[bytes]) -> Iterator[_Chunk]:
    found = iter(lines)
    before = 0
    while chunk := list(islice(found, _CHUNK)):
        yield _Chunk(before, chunk)
        before += len(chunk)


def _named_chunk(namer: Mapping[str, Any], before: int, lines: list[bytes]) -> list[dict[str, Any]]:
    return list(name_lines(_namer(**namer), lines, before=before))


@cache
def _namer(**options: Any) -> Namer:
    from .namer import Namer

    return Namer(**options)


def _named_apart(namer: Namer, lines: list[_Line]) -> Iterator[dict[str, Any]]:
    names = iter(namer.name_all(line.query for line in lines if line.query is not None and not line.problem))
    for line in lines:
        named = None if line.problem else next(names)
        yield _row(line._replace(problem=str(named)), None) if isinstance(named, InvalidQuery) else _row(line, named)


def _checked(namer: Namer, line: _Line) -> _Line:
    if line.query is None:
        return line
    try:
        namer.describe(line.query)
    except Exception as error:  # noqa: BLE001 - as where it is named
        return line._replace(problem=_problem(error))
    return line


def _problem(error: Exception) -> str:
    if isinstance(error, InsightsError):
        return str(error)
    return " ".join(f"naming it failed: {type(error).__name__}: {error}".split())[:_LONGEST_PROBLEM]


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
    return {"id": line.id, **row_of(name or f"line {line.number}: {line.problem}")}


def row_of(name: Name | str) -> dict[str, Any]:
    """Return a name as it is printed among others, or in its place the problem that is why there is none."""
    if isinstance(name, str):
        return {**dict.fromkeys(("name", "description", "backend", "fallback_from", "check")), "problems": [name]}
    return name._asdict()
