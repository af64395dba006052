"""SQL before it is parsed: what dashboards leave in it is replaced, its dialect guessed, and its tokens are the fallback."""

from __future__ import annotations

import re

from .types import Facts, Measure

PLACEHOLDER = "__parameter"
"""Stands where a dashboard puts a value in; a condition that holds it says nothing."""
TIME_GROUP = "__time_group"
"""The function that stands for a dashboard's own time bucket."""

_FLAT = r"[^()]{0,1000}+"
_ARGUMENTS = rf"\((?P<NAME>{_FLAT}(?:\({_FLAT}(?:\({_FLAT}\){_FLAT}){{0,50}}+\){_FLAT}){{0,50}}+)\)"
# Comments and strings come first, so that an apostrophe in one never opens the other. Comments go: what they say is no
# fact, and a parser stumbles over one between GROUP and BY.
_MACROS = re.compile(
    r"(?P<comment>--[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?)"
    r"|(?P<quoted>\"[^\"]*+\"?|`[^`]*+`?)|(?P<string>'(?:[^'\\]|''|\\.)*+'?)"
    r"|(?P<filter>\$__(?:time|unixEpoch|date|dateTime)Filter(?:_ms|Nano)?)"
    + _ARGUMENTS.replace("NAME", "filtered")
    + "|"
    r"(?P<group>\$__(?:time|unixEpoch|date)(?:Group|Interval)(?:Alias|_ms)?)"
    + _ARGUMENTS.replace("NAME", "grouped")
    + "|"
    r"(?P<now>\$__(?:time|unixEpoch)?(?:From|To|fromTime|toTime)(?:_ms)?\(\)|\$__(?:fromTime|toTime|from|to)\b)"
    r"|\$__time" + _ARGUMENTS.replace("NAME", "aliased") + "|"
    r"(?P<call>\$__\w+)" + _ARGUMENTS.replace("NAME", "called") + "|"
    r"(?P<block>\{%.{0,400}?%\}|\{#.{0,400}?#\}|\{\{\s*config\b[^{}]*+\}\})"
    r"|\{\{\s*(?:ref|source)\((?P<model>[^)]{0,400})\)\s*\}\}"
    r"|(?P<optional>\[\[(?:[^\[\]{]|\{(?!\{))*+\{\{[^\[\]]*+\]\])"
    r"|(?P<parameter>\{\{[^{}]*\}\}|\$?\{[^{}\n]*\}|\[\[\w+\]\]|%\(\w+\)s|(?<![\w.$\"'`])\$(?!\d*\$)\w+)"
    r"|\.(?P<property>\$\w+)",
    re.DOTALL,
)
_MACRO_MARKS = re.compile(r"[${]|\[\[|%\(|--|/\*")


def without_macros(text: str) -> str:
    """Return SQL with the macros and parameters of dashboards replaced by what a parser can read.

    Grafana's `$__timeFilter(x)` and `${var:csv}`, Metabase's `{{tag}}` and `[[optional]]`, HogQL's `{filters}` and
    `properties.$browser`, jinja's blocks and `{{ ref('model') }}`.
    """
    return _MACROS.sub(_replacement, text) if _MACRO_MARKS.search(text) else text


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup or "parameter"
    if kind == "string":
        return f"'{PLACEHOLDER}'" if _IN_STRING.search(found[0]) else found[0]
    if kind in ("group", "grouped"):
        return f"{TIME_GROUP}({without_macros(found['grouped'])})"
    if kind == "model":
        return found["model"].rpartition(",")[2].strip(" '\"") or PLACEHOLDER
    if kind == "property":
        return f'."{found["property"]}"'
    return _REPLACEMENTS.get(kind) or found[kind]


_IN_STRING = re.compile(r"\$?\{\w[^{}]*\}|\$__\w|\[\[\w")
_REPLACEMENTS = {
    "filter": "(1 = 1)",
    "filtered": "(1 = 1)",
    "now": "CURRENT_TIMESTAMP",
    "comment": " ",
    "block": " ",
    "optional": " ",
    "call": PLACEHOLDER,
    "called": PLACEHOLDER,
    "parameter": PLACEHOLDER,
}
"""What stands for a macro, by the group of the pattern that found it; of the others what the group holds stays."""


# What gives a dialect away: functions by name, and marks. One pass finds them all; the parse itself costs little more.
_FUNCTIONS = {
    name: dialect
    for dialect, names in {
        "clickhouse": "uniq quantile median argmin argmax now64 today yesterday countif sumif avgif any",
        "mysql": """date_format curdate str_to_date date_sub date_add ifnull group_concat dayofmonth dayofweek weekday unix_timestamp
            find_in_set timestampdiff from_unixtime yearweek""",
        "postgres": "to_char generate_series filter percentile_cont string_agg array_agg jsonb_extract_path_text age date_part",
        "bigquery": """safe_divide timestamp_trunc datetime_trunc approx_quantiles approx_count_distinct parse_date safe_cast
            timestamp_sub date_diff format_date format_timestamp unnest""",
        "tsql": "getdate isnull datepart datename charindex len",
        "snowflake": "iff to_varchar dateadd zeroifnull div0 parse_json ratio_to_report convert_timezone flatten",
    }.items()
    for name in names.split()
}
_MARKS = {
    "::": "postgres", "->>": "postgres", "->": "postgres", "ilike": "postgres", "lateral": "postgres", "interval '": "postgres",
    "`": "mysql", "as '": "mysql", '= "': "mysql", '("': "mysql", "qualify": "snowflake", "nolock": "tsql", "].": "tsql",
    "prewhere": "clickhouse", "final": "clickhouse", "properties.": "clickhouse", "count()": "clickhouse",
}  # fmt: skip
_SIGN = re.compile(
    r"(?P<call>\b[A-Za-z_]\w*)\(|(?P<mark>`[\w-]+\.[\w.*-]+`|:\w[\w.]*::|::|->>?|`|\]\.|\b(?i:as\s')|=\s?\"|\(\"|\b(?i:ilike|lateral|qualify|nolock|prewhere|final|interval\s'"
    r"|properties\.))|(?P<span>\b(?i:interval)\s+-?\d+\s+\w)|(?P<top>\b(?i:select\s+top)\s+\d)"
)
_CAMEL_CASE = re.compile(r"[a-z]+\d*[A-Z]\w*")
_LOOKED_AT = 20_000


def dialects(text: str) -> tuple[str | None, str | None]:
    """Return the dialect that the text looks like and the next likely; None is the parser's own, the most forgiving."""
    counts: dict[str, int] = {}
    for call, mark, span, top in _SIGN.findall(text, 0, _LOOKED_AT):
        if call:
            # Only ClickHouse writes its functions like this: toStartOfWeek, countIf.
            dialect = _FUNCTIONS.get(call.lower()) or ("clickhouse" if _CAMEL_CASE.fullmatch(call) else "")
        elif mark:
            dialect = _MARKS.get(mark.lower()) or _marked(mark)
        else:
            dialect = "mysql" if span else "tsql" if top else ""
        if dialect:
            counts[dialect] = counts.get(dialect, 0) + 1
    ranked = sorted((-count, name) for name, count in counts.items())
    first = ranked[0][1] if ranked else None
    second = ranked[1][1] if len(ranked) > 1 else (None if first else "clickhouse")
    return first, second


def _marked(mark: str) -> str:
    if mark.startswith("`"):
        return "bigquery"  # `project.dataset.table` in one pair of backticks
    return "snowflake" if mark.startswith(":") else "mysql" if '"' in mark else ""


# Without a tree

_STATEMENT = re.compile(
    r"(?:\s|--[^\n]*+(?:\n|$)|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/|\(|;)*+(?:with|select|from|insert|update|delete|create|merge|show|describe|explain|values"
    r"|table|pivot|replace|alter|drop|truncate|call|exec|execute|use|set|declare|begin|grant)\b",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSES = re.compile(r"\bselect\b\s*+\S|\bfrom\s+\S|\bgroup\s+by\b", re.IGNORECASE | re.DOTALL)
_TABLES = re.compile(
    r"\b(?:from|join|into|update|table)\s++(?:if\s++(?:not\s++)?exists\s++)?([`\"\[]?[\w$.-]+)", re.IGNORECASE
)
_NOISE = re.compile(r"--[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?")
_EDGES = re.compile(r"\b(?:(select)|from)\b", re.IGNORECASE)
_LONGEST_SELECTED = 1_500
_NAMED = re.compile(r"\bas\s+[`\"'\[]?(\w[\w ]{0,60}\w|\w)[`\"'\]]?", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(count|sum|avg|min|max)\s*+\(\s*+(?:distinct\s++)?([\w.]*+)(?:[^()]{0,80}\)?\s++as\s++[`\"'\[]?(\w[\w ]{0,60}))?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\bgroup\s+by\s+([`\"\[]?[A-Za-z_][\w.]*)", re.IGNORECASE)


def is_sql(text: str) -> bool:
    """Whether this reads like a statement at all."""
    return bool(_STATEMENT.match(text) or _CLAUSES.search(_NOISE.sub(" ", text[:_LOOKED_AT])))


def from_tokens(text: str) -> Facts:
    """Return what can be seen without a parser: tables, aliases, aggregates."""
    from .types import Breakdown

    plain = _NOISE.sub(" ", text[: 4 * _LOOKED_AT])
    tables = tuple(
        dict.fromkeys(
            name.strip('`"[]') for name in _TABLES.findall(plain) if name.lower() not in ("select", "lateral")
        )
    )
    selected = _selected(plain)
    labels = _NAMED.findall(selected)
    counted = _COUNTED.search(selected)
    entity = tables[0] if tables else ""
    measures: tuple[Measure, ...] = ()
    if counted:
        math, of, label = counted[1].lower(), counted[2].rpartition(".")[2], (counted[3] or "").strip()
        math = "total" if math == "count" else math
        measures = (Measure(entity, "table", math, "" if math == "total" else of, label),)
    grouped = _GROUPED.search(plain)
    breakdowns = (Breakdown(grouped[1].strip('`"[').rpartition(".")[2], "column"),) if grouped and measures else ()
    return Facts("sql", "sql", measures, breakdowns, tables=tables, columns=() if measures else tuple(labels))


def _selected(text: str) -> str:
    """Return what the last SELECT selects that is not within what another one does."""
    from collections import deque

    selected = ""
    starts: deque[int] = deque()
    for place, edge in [*((found.start(), found) for found in _EDGES.finditer(text)), (len(text), None)]:
        while starts and place - starts[0] > _LONGEST_SELECTED:
            starts.popleft()
        if edge is not None and edge[1]:
            starts.append(edge.end())
        elif starts:
            selected = text[starts[0] : place]
            starts.clear()
    return selected
