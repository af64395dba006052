"""From text or a JSON value to facts: the one door, and the one place where a parser may give up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeAlias

from insights_core.errors import InvalidQuery
from insights_core.query import limits

from . import filters, generic, posthog
from .types import Facts

Reader: TypeAlias = Callable[[Any], Facts | None]
"""Reads a query of one format into facts, or returns None for "not mine"."""

_BUILT_IN = (posthog.read, filters.read)
_WRAPPED = ("query", "filters")
_DEEPEST_WRAPPER = 20
# `{` starts JSON, but `{{ config() }}`, `{% if %}` and `{# note #}` start templated SQL.
_JSON = re.compile(r"\{(?![{%#])|\[|\"|-?\d|(?:true|false|null|NaN|-?Infinity)\b")


def describe(query: Any, readers: Iterable[Reader] = ()) -> Facts:
    """Read a query, or an insight around one, into facts.

    Args:
        query: a JSON object in any format that a reader knows, or the text of an SQL statement.
        readers: further readers, asked in order after the built-in ones; not iterated while a built-in one answers.

    Raises:
        InvalidQuery: this is no query, or none that can be read.
    """
    limits.json_value(query)
    try:
        facts = _describe(_unwrap(query), readers)
    except RecursionError:
        # Only JSON gets here: SQL that is nested too deeply is named by its tokens.
        raise InvalidQuery("the query is nested too deeply: flatten its filters") from None
    if facts is None:
        _refuse(query)
    return facts


def _describe(query: Any, readers: Iterable[Reader]) -> Facts | None:
    for built_in in _BUILT_IN:
        if facts := built_in(query):
            return facts
    if isinstance(query, str):
        from . import sql

        if facts := sql.read(query):
            return facts
    if not query or not isinstance(query, (dict, str)):
        return None
    for reader in readers:
        if facts := reader(query):
            return facts
    return generic.read(query)


def _unwrap(query: Any) -> Any:
    """Return the query of an insight: an object that has a query, or the older filters, and is none itself."""
    for _ in range(_DEEPEST_WRAPPER):
        if not isinstance(query, dict) or "kind" in query or "insight" in query:
            return query
        inner = next((query[key] for key in _WRAPPED if query.get(key) and isinstance(query[key], (dict, str))), None)
        if inner is None:
            return query.get("query", query)  # an insight whose query is null has none to name
        query = inner
    return query


def _refuse(query: Any) -> NoReturn:
    what = {
        type(None): "null",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object without a single word",
        str: "text that is no SQL",
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
