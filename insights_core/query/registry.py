"""From text or a JSON value to its meaning: the one door, and the one place where a parser may give up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, NoReturn, TypeAlias

from insights_core.errors import InvalidQuery

from . import embedded, generic, limits
from .meaning import Meaning
from .posthog import kinds, legacy

Reader: TypeAlias = Callable[[Any], Meaning | None]
"""Reads a query of one format into its meaning, or returns None for "not mine"."""


class Format(NamedTuple):
    """A query format: a row of the registry."""

    name: str
    read: Reader


def _sql(query: Any) -> Meaning | None:
    if not isinstance(query, str):
        return None
    from . import sql  # the parser is loaded only where there is SQL

    return sql.read(query)


FORMATS: tuple[Format, ...] = (
    Format("posthog", kinds.read),
    Format("posthog filters", legacy.read),
    Format("sql", _sql),
    Format("sql query", embedded.read_own),
    Format("sql in a dashboard", embedded.read_known),
)
"""The built-in formats, in the order that they are asked in; those of plugins come after them."""
FALLBACKS: tuple[Format, ...] = (
    Format("sql somewhere", embedded.read_only_one),
    Format("words", generic.read),
)
"""What takes an object that no format knows, after the plugins."""

_ENTITIES = ("events", "actions")
_DEEPEST_WRAPPER = 20
# `{` starts JSON, but `{{ config() }}`, `{% if %}` and `{# note #}` start templated SQL.
_JSON = re.compile(r"\{(?![{%#])|\[|\"|-?\d|(?:true|false|null|NaN|-?Infinity)\b")


def formats(readers: Iterable[Reader] = ()) -> Iterator[Format]:
    """Yield every format that there is; the readers of plugins are not iterated before the built-in ones are through."""
    return chain(FORMATS, (Format("plugin", reader) for reader in readers), FALLBACKS)


def read(query: Any, readers: Iterable[Reader] = ()) -> Meaning:
    """Read a query, or an insight around one, into what it means.

    Args:
        query: a JSON object in any format that a reader knows, or the text of an SQL statement.
        readers: further readers, asked in order after the built-in ones; not iterated while a built-in one answers.

    Raises:
        InvalidQuery: this is no query, or none that can be read.
    """
    limits.json_value(query)
    try:
        inner = _unwrap(query)
        meaning = _first(inner, readers) if inner and isinstance(inner, (dict, str)) else None
    except RecursionError:
        # Only JSON gets here: SQL that is nested too deeply is read by its tokens.
        raise InvalidQuery("the query is nested too deeply: flatten its filters") from None
    if meaning is None:
        _refuse(query)
    return meaning


def _first(query: Any, readers: Iterable[Reader]) -> Meaning | None:
    for row in formats(readers):
        if (meaning := row.read(query)) is not None:
            return meaning
    return None


def _unwrap(query: Any) -> Any:
    """Return the query of an insight: an object that has a query, or the older filters, and is none itself."""
    for _ in range(_DEEPEST_WRAPPER):
        if not isinstance(query, dict) or "kind" in query or "insight" in query:
            return query
        inner = query.get("query")
        if not inner or not isinstance(inner, (dict, str)):
            inner = _older(query.get("filters"))
        if inner is None:
            # An insight whose query is null has none to name.
            return None if "query" in query and query["query"] is None and not _holds_more(query) else query
        query = inner
    return query


def _older(filters: Any) -> Any:
    """Return the older form under `filters`, which is about trends where it does not say what else."""
    if not isinstance(filters, dict) or not filters:
        return None
    if "insight" in filters or "kind" in filters or not any(isinstance(filters.get(key), list) for key in _ENTITIES):
        return filters if "insight" in filters or "kind" in filters else None
    return {"insight": "TRENDS", **filters}


def _holds_more(query: dict[str, Any]) -> bool:
    return embedded.read_known({key: value for key, value in query.items() if key != "query"}) is not None


def _refuse(query: Any) -> NoReturn:
    if isinstance(query, str) and query.strip():
        from . import sql

        raise InvalidQuery(sql.refusal(query))
    what = {
        type(None): "null",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object without a query" if query else "an object without a single word",
        str: "an empty text",
    }.get(type(query), f"a {type(query).__name__}")
    raise InvalidQuery(f"expected a query as a JSON object or as SQL text, not {what}")


# Text that a file or a pipe brought


def parse_text(text: str, *, sql: bool = False) -> dict[str, Any] | str:
    """Read the text of a file: a query as a JSON object, or SQL; guessed from its first character unless `sql` says so.

    Raises:
        InvalidQuery: it is empty, JSON that cannot be read, or JSON that is no object.
    """
    text = limits.sql_text(text.removeprefix("\ufeff"))
    start = text.lstrip()
    if not start:
        raise InvalidQuery("expected a query as JSON or SQL, found nothing: the text is empty")
    _check_characters(text)
    if sql or not _JSON.match(start):
        return text
    value = parse_json(text)
    if "\\ud" in text.lower():
        _check_characters(json.dumps(value, ensure_ascii=False))
    if not isinstance(value, dict):
        _refuse(value)
    return value


def parse_json(text: str) -> Any:
    """Read one JSON value as the standard has it: no NaN, no number that a computer cannot hold.

    Raises:
        InvalidQuery: it is not JSON.
    """
    try:
        return _DECODER.decode(limits.json_text(text))
    except json.JSONDecodeError as error:
        raise InvalidQuery(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except InvalidQuery:
        raise
    except ValueError:
        # Python reads no integer of more than some thousands of digits, and says so in a way of its own.
        raise InvalidQuery("not a query: a number in it has thousands of digits") from None
    except RecursionError:
        raise InvalidQuery("not a query: the JSON is nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise InvalidQuery(f"not JSON: {name} is no JSON number; use null or leave it out")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise InvalidQuery(f"not a query: the number {digits[:20]} is too large")
    return number


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidQuery(f"not a query: half of a surrogate pair at character {error.start}") from None
    if "\0" in text:
        raise InvalidQuery(f"not a query: a NUL at character {text.index(chr(0))}: is this a text file?")


# Made once: `json.loads` makes one for each call that has hooks.
_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
