"""Nodes that show or hold something else: a node, a statement, the older form, a saved insight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from insights_core.query import generic
from insights_core.query.meaning import Meaning, Output

from . import keys
from .base import read
from .filters import read_filters, read_period
from .notes import Notes, scalars, text

if TYPE_CHECKING:
    from .base import NodeReader

_HOGQL_FILTERS = frozenset({"properties", "dateRange"})


def _shown(query: dict[str, Any]) -> Meaning | None:
    inner = query.get("source")
    meaning = read(inner) or (generic.read(inner) if isinstance(inner, dict) else None)
    if meaning is None:
        return None
    columns = query.get("columns")
    if columns and not meaning.outputs and meaning.shape in ("rows", "unknown"):
        from .expressions import column  # the SQL parser is loaded only where there is an expression

        meaning = meaning._replace(outputs=tuple(Output("attribute", column(text(item))) for item in scalars(columns)))
    display = text(query.get("display"))
    if display and display != meaning.display:
        meaning = meaning._replace(display=display)
    if query.keys() <= _PLAIN:
        return meaning
    notes = Notes()
    notes.rest(query, keys.WRAPPED, frozenset(), f"{query['kind']}.")
    return meaning._replace(unread=meaning.unread + notes.unread) if notes.missed else meaning


def _hogql(query: dict[str, Any]) -> Meaning | None:
    from insights_core.query import sql  # the parser is loaded only where there is SQL

    statement = query.get("query")
    # HogQL is close to ClickHouse, but people keep SQL of every make under this kind: the text itself tells.
    meaning: Meaning | None = sql.read(statement, is_declared=True) if isinstance(statement, str) else None
    if meaning is None:
        return None
    notes = Notes()
    filters = notes.part(query, "filters")
    own = read_filters(filters.get("properties"), notes, "filters.properties")
    notes.rest(query, keys.HOGQL, keys.HOGQL_OPTIONS)
    notes.rest(filters, _HOGQL_FILTERS, keys.HOGQL_OPTIONS, "filters.")
    return meaning._replace(
        conditions=meaning.conditions + tuple(item for item in own if item not in meaning.conditions),
        period=meaning.period or read_period(filters.get("dateRange"), notes),
        caption=meaning.caption or text(query.get("name")),
        options=meaning.options + notes.options,
        unread=meaning.unread + notes.unread,
        format=query["kind"],
    )


def _saved(query: dict[str, Any]) -> Meaning:
    notes = Notes()
    notes.rest(query, frozenset(), _SAVED)
    return Meaning("saved_insight", options=notes.options, unread=notes.unread, format=query["kind"])


_PLAIN = keys.WRAPPED | keys.SHOWN
_SAVED = frozenset({"shortId"})
READERS: dict[str, NodeReader] = {
    **dict.fromkeys(keys.WRAPPERS, _shown),
    "HogQLQuery": _hogql,
    "SavedInsightNode": _saved,
}
