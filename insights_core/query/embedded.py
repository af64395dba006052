"""SQL inside the objects that dashboards keep it in: Metabase's cards, Grafana's panels, Superset's charts, and unknown ones."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from .posthog.notes import items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .meaning import Meaning

_TEXT_KEYS = ("sql", "rawSql", "rawQuery", "raw_sql", "sqlQuery", "sql_query", "sqlText", "sql_text", "native_query")
_HOLDERS = ("dataset_query", "native", "query", "queryConfig", "params", "model", "panel")
_LISTS = ("targets", "queries")
_DEEPEST = 12
_MOST_NODES = 5_000
# What a statement reads like where nothing else says that a text is one; prose that begins with "Select" has no FROM.
_STATEMENT = re.compile(
    r"(?:\s++|--[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|\(|;)*+(?:select\b.*?\bfrom\s{1,200}+[\w`\"\[{$(]|with\s++(?:recursive\s++)?+[\w`\"\[]++.{0,200}?\bas\b.{0,40}?\("
    r"|from\s++[\w.`\"\[]++\s++(?:select|group|order|where|join)\b)",
    re.IGNORECASE | re.DOTALL,
)
_PROSE = frozenset("name title description label note notes help text message comment tooltip placeholder".split())
_DIALECTS = {
    "postgresql": "postgres", "postgres": "postgres", "redshift": "redshift", "mysql": "mysql", "mariadb": "mysql", "mssql": "tsql",
    "sqlserver": "tsql", "tsql": "tsql", "bigquery": "bigquery", "bigquery-cloud-sdk": "bigquery", "snowflake": "snowflake",
    "clickhouse": "clickhouse", "databricks": "databricks", "spark": "spark", "sparksql": "spark", "sqlite": "sqlite", "sqlite3": "sqlite",
    "duckdb": "duckdb", "trino": "trino", "presto": "presto", "athena": "athena", "oracle": "oracle", "hive": "hive", "teradata": "teradata",
    "doris": "doris", "starrocks": "starrocks", "druid": "druid", "dremio": "dremio", "exasol": "exasol",
    "grafana-postgresql-datasource": "postgres", "grafana-clickhouse-datasource": "clickhouse", "grafana-bigquery-datasource": "bigquery",
    "vertamedia-clickhouse-datasource": "clickhouse", "grafana-athena-datasource": "athena", "grafana-snowflake-datasource": "snowflake",
}  # fmt: skip
_DIALECT_KEYS = ("dialect", "engine", "database_type", "databaseType", "backend")
_SHOWN = frozenset("""
    id uuid uid name title description type display database database_id datasource datasource_id template-tags format refId rawQuery
    editorMode gridPos fieldConfig options pluginVersion transformations interval maxDataPoints visualization_settings
    parameters parameter_mappings collection_id query_type cache_ttl result_metadata creator_id created_at updated_at
    table_id archived schema catalog visualizations tags version dashboard_id transparent links hide
    collection dataset legendFormat key
""".split())  # fmt: skip


class _Found(NamedTuple):
    text: str
    dialect: str | None
    path: str


def dialect_of(name: Any) -> str | None:
    """Return the parser's name for a dialect, an engine or a data source; None where it is of none."""
    return _DIALECTS.get(text(name).lower().partition("+")[0])


def read_own(query: Any) -> Meaning | None:
    """Read `{"kind": "SQLQuery", "query": …, "dialect": …}`, SQL kept as what it is."""
    if not isinstance(query, dict) or query.get("kind") != "SQLQuery":
        return None
    from . import sql

    meaning = sql.read(text(query.get("query")), dialect_of(query.get("dialect")), is_declared=True)
    if meaning is None:
        return None
    unread = [key for key in query if key not in ("kind", "query", "dialect")]
    if query.get("dialect") and dialect_of(query["dialect"]) is None:
        unread.append("dialect")
    return (
        meaning._replace(format="SQLQuery", unread=(*meaning.unread, *unread))
        if unread
        else meaning._replace(format="SQLQuery")
    )


def read_known(query: Any) -> Meaning | None:
    """Read SQL from where the objects of known tools keep it: `sql`, `native.query`, `rawSql`, a panel's `targets`."""
    if not isinstance(query, dict) or "kind" in query or "insight" in query:
        return None
    return _read(query, list(_known(query)))


def has_text(query: dict[str, Any]) -> bool:
    """Whether an object has a text where known tools keep SQL."""
    return next(_known(query), None) is not None


def read_only_one(query: Any) -> Meaning | None:
    """Read the one SQL text of an object that is unknown otherwise."""
    return _read(query, list(_any(query))) if isinstance(query, dict) else None


def _known(query: dict[str, Any], path: str = "", dialect: str | None = None, depth: int = 0) -> Iterator[_Found]:
    dialect = _dialect(query) or dialect
    for key in _TEXT_KEYS:
        if isinstance(query.get(key), str) and query[key].strip():
            yield _Found(query[key], dialect, path + key)
            return
    if path.endswith("native.") and isinstance(query.get("query"), str):
        yield _Found(query["query"], dialect, f"{path}query")
        return
    if depth > _DEEPEST:
        return
    for key in _HOLDERS:
        if isinstance(query.get(key), dict):
            yield from _known(query[key], f"{path}{key}.", dialect, depth + 1)
    for key in _LISTS:
        for place, item in enumerate(items(query.get(key))):
            if isinstance(item, dict):
                yield from _known(item, f"{path}{key}[{place}].", dialect, depth + 1)


def _any(query: dict[str, Any]) -> Iterator[_Found]:
    left: deque[tuple[str, Any]] = deque([("", query)])
    seen = 0
    while left and seen < _MOST_NODES:
        path, value = left.popleft()
        seen += 1
        if isinstance(value, dict):
            left += [(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
        elif isinstance(value, list):
            left += [(f"{path}[{place}]", item) for place, item in enumerate(value)]
        elif isinstance(value, str) and path.rpartition(".")[2] not in _PROSE and _STATEMENT.match(value[:20_000]):
            yield _Found(value, _dialect(query), path)


def _dialect(query: dict[str, Any]) -> str | None:
    source = query.get("datasource")
    names = [query.get(key) for key in _DIALECT_KEYS]
    names.append(mapping(source).get("type") if isinstance(source, dict) else source)
    return next((found for name in names if (found := dialect_of(name))), None)


def _read(query: dict[str, Any], found: list[_Found]) -> Meaning | None:
    from . import sql

    distinct = list({item.text: item for item in found}.values())
    read = [(item, meaning) for item in distinct if (meaning := sql.read(item.text, item.dialect)) is not None]
    if not read:
        return None
    unread = [str(key) for key in query if key not in _SHOWN and not any(_is_in(str(key), item.path) for item in found)]
    meaning = read[0][1]
    for item, other in read[1:]:
        # The series of one panel: what they compute stands side by side, what else differs is not told.
        if (other.conditions, other.period, other.shape) != (meaning.conditions, meaning.period, meaning.shape):
            unread.append(item.path)
        unread += [path for path in other.unread if path not in (*meaning.unread, *unread)]
        outputs = meaning.outputs + tuple(output for output in other.outputs if output not in meaning.outputs)
        sources = meaning.sources + tuple(source for source in other.sources if source not in meaning.sources)
        meaning = meaning._replace(outputs=outputs, sources=sources)
    display = text(query.get("display")) or text(query.get("type"))
    display = meaning.display if display in ("native", "query") else display or meaning.display
    return meaning._replace(display=display, unread=(*meaning.unread, *unread))


def _is_in(key: str, path: str) -> bool:
    return path == key or path.startswith((f"{key}.", f"{key}["))
