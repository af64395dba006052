"""What callers pass in, checked once: each function returns the value that a store takes, or raises `InvalidInput`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidInput, InvalidQuery
from .moments import EARLIEST, LATEST, LATEST_PRESENT, to_microseconds
from .query import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from .model import Query

_LONGEST_SHOWN = 60
LARGEST_ID = 2**63 - 1
LARGEST_EXACT = 2**53
LONGEST_KEY = 400
LONGEST_LINE = 2**25
"""Bytes of one line of a file, an insight with all that it holds or a query: reading costs some times as much memory."""
LONGEST_SEARCH = 200
ORDERS = ("-created_at", "created_at", "name", "-name", "order", "-order", "-last_viewed_at")
FUTURE_ALLOWED = timedelta(minutes=5)


class NewInsight(NamedTuple):
    """The checked fields of an insight that is to be created; JSON values as text."""

    name: str | None
    derived_name: str | None
    query: str | None
    order: int | None
    dashboards: str
    description: str | None
    tags: str
    favorited: bool
    folder: str | None
    created_by: str | None
    name_source: str | None
    derived_source: str | None


class Renaming(NamedTuple):
    """A name that was generated for an insight as it was at a revision."""

    insight: int
    revision: int
    name: str
    source: str


class Listing(NamedTuple):
    """Which insights are listed, in which order; checked."""

    words: tuple[str, ...] = ()
    """Each must start a word of name, derived name, description or tags."""
    tags: tuple[str, ...] = ()
    dashboards: tuple[int, ...] = ()
    favorited: bool | None = None
    created_by: str | None = None
    name_source: str | None = None
    deleted: bool = False
    order: str = "-created_at"
    user: str | None = None
    """Whose views `-last_viewed_at` goes by; None for anybody's."""
    limit: int = LARGEST_ID
    after: tuple[Any, int] | None = None
    """The sort key and id of the last insight of the page before."""


def shown(value: object) -> str:
    """Return a value as an error message shows it: in one line, and short."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} that is nested too deeply to be shown"
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


def text(value: object, what: str) -> str:
    """Return text that every part of the system can hold: no NUL, no lone surrogates."""
    if not isinstance(value, str):
        raise InvalidInput(f"{what} must be text, not {shown(value)}")
    if "\0" in value:
        raise InvalidInput(f"{what} holds a NUL character: remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{what} holds half of a surrogate pair at character {error.start}: it is no text") from None
    return value


def optional_text(value: object, what: str) -> str | None:
    """Return text, or None for None."""
    return None if value is None else text(value, what)


def key(value: object, what: str) -> str:
    """Return the id of a project or user: text of 1 to 400 characters."""
    if not 0 < len(text(value, what)) <= LONGEST_KEY:
        raise InvalidInput(f"{what} must have 1 to {LONGEST_KEY} characters, not {len(str(value))}")
    return str(value)


def integer(value: object, what: str, lowest: int, highest: int) -> int:
    """Return an integer of the range, bounds included; `True` is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidInput(f"{what} must be an integer from {lowest} to {highest}, not {shown(value)}")
    return value


def insight_ids(values: object) -> list[int]:
    """Return the distinct ids, ascending."""
    if isinstance(values, str | bytes | bytearray | memoryview | Mapping) or not isinstance(values, Iterable):
        raise InvalidInput(f"ids must be a list of integers, not {shown(values)}")
    distinct = set(values) if type(values) is list and set(map(type, values)) == {int} else None
    if distinct is None or min(distinct) < 1 or max(distinct) > LARGEST_ID:
        distinct = {integer(value, "an insight id", 1, LARGEST_ID) for value in values}
    if not distinct:
        raise InvalidInput("ids must not be empty: give at least one insight id")
    return sorted(distinct)


def reference(value: object) -> int | str:
    """Return an id as an integer or a short id as text; digits alone are an id, since a short id holds a letter."""
    if not isinstance(value, str):
        return integer(value, "an insight id", 1, LARGEST_ID)
    if not _NUMBER.fullmatch(value):
        return text(value, "a short id")
    if _ID.fullmatch(value) and int(value) <= LARGEST_ID:
        return int(value)
    raise InvalidInput(f"an insight id must be an integer from 1 to {LARGEST_ID}, not {shown(value)}")


_NUMBER = re.compile(r"[0-9]+")
_ID = re.compile(r"[1-9][0-9]{0,18}")


def moment(value: object, what: str) -> int:
    """Return an aware datetime as microseconds."""
    if not isinstance(value, datetime):
        raise InvalidInput(f"{what} must be a datetime, not {shown(value)}")
    if value.utcoffset() is None:
        raise InvalidInput(f"{what} has no time zone: give one, datetime.now(UTC) for example")
    microseconds = to_microseconds(value)
    if not EARLIEST <= microseconds <= LATEST:
        raise InvalidInput(f"{what} lies outside the years 1 to 9999 in UTC")
    return microseconds


def present(value: object) -> int:
    """Return what a clock says; what it stores near the end of time could never be passed again."""
    microseconds = moment(value, "what the clock returns")
    if microseconds >= LATEST_PRESENT:
        raise InvalidInput(f"the clock says {value}, past the year 3000: set it right; nothing was stored")
    return microseconds


def replayed_moment(value: object, now: int) -> int:
    """Return the moment of an earlier view; more than five minutes ahead of the clock is refused."""
    microseconds = moment(value, "at")
    if microseconds > now + FUTURE_ALLOWED // timedelta(microseconds=1):
        raise InvalidInput("at is more than five minutes in the future: check the clock that it came from")
    return microseconds


def query_json(query: object) -> str | None:
    """Return a query as JSON text in its own order of keys, or None for None.

    Refused: anything but an object, keys that are no text, NaN and infinities (SQLite would turn them into null without
    a word), lone surrogates, and what is too long or nested too deeply to be read back.
    """
    if query is None:
        return None
    if not isinstance(query, dict):
        raise InvalidInput(f"query must be a JSON object or null, not {shown(query)}")
    _refuse_what_json_would_change(query)
    try:
        packed = json.dumps(query, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        packed.encode()
    except UnicodeEncodeError:
        raise InvalidInput("query holds half of a surrogate pair: it is no text") from None
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"query is no JSON: {error}") from None
    if len(packed) > limits.LONGEST_QUERY:
        raise InvalidInput(f"query has more than {limits.LONGEST_QUERY:,} characters as JSON")
    return packed


def _refuse_what_json_would_change(query: Query) -> None:
    # json.dumps turns the keys 1, True and None into text, so that they would come back changed, or twice. SQLite reads
    # at most 1,000 levels. A value that holds itself is as deep as one likes.
    waiting: list[tuple[Any, int]] = [(query, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > limits.DEEPEST_QUERY:
            raise InvalidInput(f"query is nested more than {limits.DEEPEST_QUERY} levels deep")
        if isinstance(value, dict):
            for name in value:
                if not isinstance(name, str):
                    raise InvalidInput(f"query has a key that is no text: {shown(name)}")
            waiting.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list | tuple):
            waiting.extend((inner, depth + 1) for inner in value)


def tags_json(values: object) -> str:
    """Return distinct texts, sorted, as JSON text."""
    if isinstance(values, str | bytes | bytearray | memoryview | Mapping) or not isinstance(values, Iterable):
        raise InvalidInput(f"tags must be a list of texts, not {shown(values)}")
    return json.dumps(sorted({text(value, "a tag") for value in values}), ensure_ascii=False, separators=(",", ":"))


def dashboards_json(values: object) -> str:
    """Return integers in their given order, each once, as JSON text."""
    if isinstance(values, str | bytes | bytearray | memoryview | Mapping) or not isinstance(values, Iterable):
        raise InvalidInput(f"dashboards must be a list of integers, not {shown(values)}")
    return json.dumps(list(dict.fromkeys(integer(value, "a dashboard id", 0, LARGEST_ID) for value in values)))


def optional_order(value: object) -> int | None:
    """Return a place among others: an integer that every reader of JSON keeps exactly, or None."""
    return None if value is None else integer(value, "order", -LARGEST_EXACT, LARGEST_EXACT)


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an update as they are stored; `InvalidInput` for one that cannot be changed."""
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: optional_text(value, "name"),
        "derived_name": lambda value: optional_text(value, "derived_name"),
        "query": query_json,
        "order": optional_order,
        "dashboards": dashboards_json,
        "description": lambda value: optional_text(value, "description"),
        "tags": tags_json,
        "favorited": lambda value: flag(value, "favorited"),
        "folder": lambda value: optional_text(value, "folder"),
    }
    if unknown := given.keys() - checks.keys():
        raise InvalidInput(f"{', '.join(sorted(unknown))} cannot be changed: what can is {', '.join(checks)}")
    stored = {field: checks[field](value) for field, value in given.items()}
    if "name" in stored:
        stored["name_source"] = None if stored["name"] is None else "user"
    if "derived_name" in stored:
        stored["derived_source"] = None  # by whoever called: nobody knows
    return stored


def listing(filters: dict[str, Any], limit: object) -> Listing:
    """Return the filters of a listing, checked; `InvalidInput` for one that is unknown."""
    checks: dict[str, Callable[[Any], Any]] = {
        "search": search_words,
        "tags": lambda values: tuple(json.loads(tags_json(values))),
        "dashboards": lambda values: tuple(json.loads(dashboards_json(values))),
        "favorited": lambda value: flag(value, "favorited"),
        "created_by": lambda value: key(value, "created_by"),
        "name_source": lambda value: text(value, "name_source"),
        "deleted": lambda value: flag(value, "deleted"),
        "order": order,
        "user": lambda value: key(value, "a user id"),
    }
    if unknown := filters.keys() - checks.keys():
        raise InvalidInput(f"{', '.join(sorted(unknown))} is no filter: there are {', '.join(checks)}")
    checked = {name: checks[name](value) for name, value in filters.items()}
    words = checked.pop("search", ())
    most = LARGEST_ID if limit is None else integer(limit, "limit", 1, LARGEST_ID - 1)
    return Listing(words=words, limit=most, **checked)


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one that has more than `LONGEST_LINE` bytes, so many and one: it is held no further."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(_SKIPPED)) and not rest.endswith(b"\n"):
                pass


_SKIPPED = 2**16


def check_length(line: str | bytes) -> None:
    """Refuse a line of more than `LONGEST_LINE` bytes, its end not counted."""
    end = len("\r\n")
    if len(line) > LONGEST_LINE + end or (len(line) > LONGEST_LINE and len(line.rstrip()) > LONGEST_LINE):
        raise InvalidInput(f"it holds more than {LONGEST_LINE:,} bytes")


def json_lines(lines: object) -> Iterator[dict[str, Any]]:
    """Yield the object of each line; `InvalidInput` says which line is none."""
    if isinstance(lines, str | bytes | bytearray | memoryview | Mapping) or not isinstance(lines, Iterable):
        raise InvalidInput(f"lines must be an iterable of lines, not {shown(lines)}")
    for number, line in enumerate(lines, 1):
        if not isinstance(line, str | bytes):
            raise InvalidInput(f"line {number} must be text or bytes, not {shown(line)}")
        try:
            check_length(line)
            text = line if isinstance(line, str) else line.decode("utf-8-sig")
            value = json.loads(limits.json_text(text, limits.LONGEST_LINE), parse_constant=_refuse_constant)
        except (InvalidInput, InvalidQuery) as error:
            raise InvalidInput(f"line {number}: {error}") from None
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"line {number} is no JSON: {error}") from None
        if not isinstance(value, dict):
            raise InvalidInput(f"line {number} is no JSON object")
        yield value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def search_words(value: object) -> tuple[str, ...]:
    """Return the words of a search text: what stands between anything that is neither a letter nor a digit."""
    if len(text(value, "a search")) > LONGEST_SEARCH:
        raise InvalidInput(f"a search must have at most {LONGEST_SEARCH} characters, not {len(str(value))}")
    return tuple(dict.fromkeys(_WORD.findall(str(value))))


_WORD = re.compile(r"[^\W_]+")


def order(value: object) -> str:
    """Return one of the orders that a listing may have."""
    if value not in ORDERS:
        raise InvalidInput(f"order must be one of {', '.join(ORDERS)}, not {shown(value)}")
    return str(value)


def cursor_text(order: str, key: object, id_: int) -> str:
    """Return where a page ends as text without meaning to anybody else."""
    import base64

    return base64.urlsafe_b64encode(json.dumps([order, key, id_]).encode()).decode().rstrip("=")


def cursor(value: object, order: str) -> tuple[Any, int]:
    """Return the sort key and id that a cursor stands for; one of another order is refused, and one that no page gave."""
    import base64

    try:
        packed = text(value, "a cursor")
        made_for, key, id_ = json.loads(
            base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        )
    except (ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    if made_for != order:
        raise InvalidInput(f"cursor is of another listing: this one is ordered by {order}")
    # Whoever made it up may put anything there, and SQLite holds neither larger integers nor halves of surrogate pairs.
    try:
        integer(id_, "an insight id", 1, LARGEST_ID)
        if order.removeprefix("-") == "name":
            text(key, "a name")
        else:
            integer(key, "a sort key", -LARGEST_ID, LARGEST_ID)
    except InvalidInput:
        raise _no_cursor() from None
    return key, id_


def _no_cursor() -> InvalidInput:
    return InvalidInput("cursor is none that a page gave: pass `next_cursor` of the page before as it is")


def flag(value: object, what: str) -> bool:
    """Return a boolean; nothing else counts as one."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{what} must be true or false, not {shown(value)}")
    return value
