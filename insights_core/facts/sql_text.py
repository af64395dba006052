"""SQL before it is parsed: what dashboards leave in it is replaced, its dialect guessed, and its tokens are the fallback."""

from __future__ import annotations

import re

from .types import Facts, Measure

PLACEHOLDER = "__parameter"
"""Stands where a dashboard puts a value in; a condition that holds it says nothing."""
TIME_GROUP = "__time_group"
"""The function that stands for a dashboard's own time bucket."""

_ARGUMENTS = r"\((?P<{0}>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
# Comments and strings come first, so that an apostrophe in one never opens the other.
_MACROS = re.compile(
    r"(?P<comment>--[^\n]*|/\*(?:.*?\*/|.*)|\"[^\"]*\"|`[^`]*`)|(?P<string>'(?:[^'\\]|''|\\.)*')"
    r"|(?P<filter>\$__(?:time|unixEpoch|date|dateTime)Filter(?:_ms|Nano)?)" + _ARGUMENTS.format("filtered") + "|"
    r"(?P<group>\$__(?:time|unixEpoch|date)(?:Group|Interval)(?:Alias|_ms)?)" + _ARGUMENTS.format("grouped") + "|"
    r"(?P<now>\$__(?:time|unixEpoch)?(?:From|To|fromTime|toTime)(?:_ms)?\(\)|\$__(?:fromTime|toTime|from|to)\b)"
    r"|\$__time" + _ARGUMENTS.format("aliased") + "|"
    r"(?P<call>\$__\w+)" + _ARGUMENTS.format("called") + "|"
    r"(?P<block>\{%.{0,400}?%\}|\{#.{0,400}?#\}|\{\{\s*config\b[^{}]*\}\})"
    r"|\{\{\s*(?:ref|source)\((?P<model>[^)]*)\)\s*\}\}"
    r"|(?P<optional>\[\[[^\[\]]*\{\{[^\[\]]*\]\])"
    r"|(?P<parameter>\{\{[^{}]*\}\}|\$?\{[^{}\n]*\}|\[\[\w+\]\]|%\(\w+\)s|(?<![\w.$\"'`])\$(?!\d*\$)\w+)"
    r"|\.(?P<property>\$\w+)",
    re.DOTALL,
)
_MACRO_MARKS = re.compile(r"[${]|\[\[|%\(")


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
    "block": " ",
    "optional": " ",
    "call": PLACEHOLDER,
    "called": PLACEHOLDER,
    "parameter": PLACEHOLDER,
}
"""What stands for a macro, by the group of the pattern that found it; of the others what the group holds stays."""


_SIGNS = {
    "clickhouse": re.compile(
        r"\b(?:uniq\w*|\w+If|toDate\w*|toStartOf\w+|toFloat\w*|toInt\w*|toUInt\w*|toString|toTimeZone|toYYYYMM\w*|argMax|argMin"
        r"|groupArray\w*|arrayJoin|JSONExtract\w+|JSONHas|quantile\w*|parseDateTime\w*|dateDiff|formatDateTime|countIf)\("
        r"|\bcount\(\)|\bINTERVAL\s+\d+\s+\w|\bPREWHERE\b|\bFINAL\b|properties\."
    ),
    "mysql": re.compile(
        r"`|\b(?:date_format|curdate|str_to_date|date_sub|date_add|ifnull|group_concat|dayofmonth|dayofweek|weekday|unix_timestamp"
        r"|find_in_set|timestampdiff|from_unixtime|yearweek)\s*\(|\bINTERVAL\s+-?\d+\s+\w|\bAS\s+'|[=(]\s*\"",
        re.IGNORECASE,
    ),
    "postgres": re.compile(
        r"::|->>|\bILIKE\b|\bdate_trunc\s*\(\s*'|\bto_char\s*\(|\binterval\s+'|\bgenerate_series\s*\(|\bFILTER\s*\(|\bDISTINCT\s+ON\b"
        r"|\bEXTRACT\s*\(\s*EPOCH|\bpercentile_cont\b|\bLATERAL\b",
        re.IGNORECASE,
    ),
    "bigquery": re.compile(
        r"`[\w-]+\.[\w.*-]+`|\b(?:safe_divide|timestamp_trunc|datetime_trunc|countif|approx_\w+|parse_date|safe_cast|timestamp_sub"
        r"|date_diff|format_date|format_timestamp)\s*\(|\bdate_trunc\s*\(\s*[\w.]+\s*,\s*(?:DAY|WEEK|MONTH|YEAR|QUARTER)\b|\bUNNEST\s*\("
        r"|\bdate_sub\s*\([^()]*(?:\(\))?\s*,\s*INTERVAL",
        re.IGNORECASE,
    ),
    "tsql": re.compile(
        r"\bTOP\s*\(?\s*\d|\b(?:getdate|isnull|datepart|datename|len|charindex)\s*\(|\bdate(?:add|diff)\s*\(\s*\w+\s*,|\bNOLOCK\b|\[\w+\]\.\[?"
        r"|\bFROM\s+\[",
        re.IGNORECASE,
    ),
    "snowflake": re.compile(
        r"\b(?:iff|to_varchar|dateadd|nvl2?|zeroifnull|div0|parse_json|try_cast|ratio_to_report|convert_timezone)\s*\(|\bQUALIFY\b"
        r"|\bFLATTEN\s*\(|:\w+::|\bdatediff\s*\(\s*'",
        re.IGNORECASE,
    ),
}
_LOOKED_AT = 20_000


def dialects(text: str) -> tuple[str | None, str | None]:
    """Return the dialect that the text looks like and the next likely; None is the parser's own, the most forgiving."""
    head = text[:_LOOKED_AT]
    counts = {name: sum(1 for _ in signs.finditer(head)) for name, signs in _SIGNS.items()}
    ranked = sorted((-count, name) for name, count in counts.items() if count)
    first = ranked[0][1] if ranked else None
    second = ranked[1][1] if len(ranked) > 1 else (None if first else "clickhouse")
    return first, second


# Without a tree

_STATEMENT = re.compile(
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\(|;)*(?:with|select|from|insert|update|delete|create|merge|show|describe|explain|values"
    r"|table|pivot|replace|alter|drop|truncate|call|exec|execute|use|set|declare|begin|grant)\b",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSES = re.compile(r"\bselect\b.*\S|\bfrom\s+\S|\bgroup\s+by\b", re.IGNORECASE | re.DOTALL)
_TABLES = re.compile(
    r"\b(?:from|join|into|update|table)\s+(?:if\s+(?:not\s+)?exists\s+)?([`\"\[]?[\w$.-]+)", re.IGNORECASE
)
_NOISE = re.compile(r"--[^\n]*|/\*(?:.*?\*/|.*)", re.DOTALL)
_SELECTED = re.compile(r"\bselect\b(.{0,1500}?)(?:\bfrom\b|$)", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(r"\bas\s+[`\"'\[]?(\w[\w ]{0,60}\w|\w)[`\"'\]]?", re.IGNORECASE)
_COUNTED = re.compile(r"\b(count|sum|avg|min|max)\s*\(\s*(?:distinct\s+)?([\w.]*)", re.IGNORECASE)
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
    selected = " ".join(_SELECTED.findall(plain)[-1:])
    labels = _NAMED.findall(selected)
    counted = _COUNTED.search(selected)
    entity = tables[0] if tables else ""
    measures: tuple[Measure, ...] = ()
    if counted:
        math, of = counted[1].lower(), counted[2].rpartition(".")[2]
        math = "total" if math == "count" else math
        measures = (Measure(entity, "table", math, "" if math == "total" else of, labels[0] if labels else ""),)
    grouped = _GROUPED.search(plain)
    breakdowns = (Breakdown(grouped[1].strip('`"[').rpartition(".")[2], "column"),) if grouped and measures else ()
    return Facts("sql", "sql", measures, breakdowns, tables=tables, columns=() if measures else tuple(labels))
