"""Which dialects a text may be in: by the functions and marks that give one away."""

from __future__ import annotations

import re

# What gives a dialect away: functions by name, and marks. One pass finds them all; the parse itself costs little more.
_FUNCTIONS = {
    name: dialect
    for dialect, names in {
        "clickhouse": "uniq quantile argmin argmax now64 today yesterday countif sumif avgif any",
        "mysql": """date_format curdate str_to_date date_sub date_add ifnull group_concat dayofmonth dayofweek weekday unix_timestamp
            find_in_set timestampdiff from_unixtime yearweek""",
        "postgres": "to_char generate_series filter string_agg array_agg jsonb_extract_path_text age date_part",
        "bigquery": """safe_divide timestamp_trunc datetime_trunc approx_quantiles approx_count_distinct parse_date safe_cast
            timestamp_sub date_diff format_date format_timestamp unnest""",
        "tsql": "getdate getutcdate sysdatetime isnull datepart datename charindex len datetrunc iif eomonth datefromparts",
        "oracle": "nvl nvl2 decode add_months months_between listagg trunc systimestamp sys_context",
        "snowflake": "iff to_varchar dateadd zeroifnull div0 parse_json ratio_to_report convert_timezone flatten",
    }.items()
    for name in names.split()
}
_MARKS = {
    "::": "postgres", "->>": "postgres", "->": "postgres", "ilike": "postgres", "lateral": "postgres", "interval '": "postgres",
    "`": "mysql", "as '": "mysql", '= "': "mysql", '("': "mysql", "qualify": "snowflake", "nolock": "tsql", "=~": "clickhouse",
    "~": "postgres", "~*": "postgres", "prewhere": "clickhouse", "properties.": "clickhouse", "sysdate": "oracle", "rownum": "oracle", "dual": "oracle", "v$": "oracle", "dba_": "oracle",
    "option (": "tsql", "sys.": "tsql",
}  # fmt: skip
_SIGN = re.compile(
    r"(?P<call>\b[A-Za-z_]\w*+)\("
    r"|(?P<mark>`[\w-]++\.[\w.*-]++`|:\w[\w.]*+::|::|->>?|`|\b(?i:as\s')|=\s?\"|\(\"|\b(?i:like)\s\"|=~|\s~\*?\s"
    r"|\b(?i:ilike|lateral|qualify|nolock|prewhere|interval\s'|properties\.|sysdate|rownum|dual|dba_|option\s\(|sys\.)|(?<![\w$])g?(?i:v\$))"
    r"|(?P<bracketed>(?<=[\s,.(])\[[A-Za-z_][\w ]*+\])"
    r"|(?P<final>\b(?i:from|join)\s++[\w.]++(?:\s++(?i:as)\s++\w++)?+\s++(?i:final)\b)"
    r"|(?P<unit>,\s*+(?i:day|week|isoweek|month|quarter|year|hour|minute)(?:\((?i:[a-z]++)\))?+\s*+\))"
    r"|(?P<opening>\A\s*+(?i:summarize|pivot|unpivot|from)\b)"
    r"|(?P<span>\b(?i:interval)\s++-?\d++\s++\w)"
    r"|(?P<top>\b(?i:select\s++(?:distinct\s++)?+top)\b\s*+\(?\d)"
)
_NAMED_SIGNS = {
    "bracketed": "tsql",
    "final": "clickhouse",
    "unit": "bigquery",
    "span": "mysql",
    "top": "tsql",
    "opening": "duckdb",
}
_CAMEL_CASE = re.compile(r"[a-z]+\d*[A-Z]\w*")
_LOOKED_AT = 20_000
_SHORT = 10_000
# What most texts that the first guesses do not fit are; None is the parser's own, the most forgiving.
_OTHERS = (None, "clickhouse", "tsql", "bigquery", "snowflake")
_MOST_TRIED = 6
_PLAIN = 3
"""How many hints weigh as much as one sign that hardly another dialect has."""


def dialects(text: str) -> tuple[str | None, ...]:
    """Return the dialects that a text may be in, the likeliest first.

    A sign counts once, however often it is there: a hundred backticks say less than one `SAFE_DIVIDE`.
    """
    counts: dict[str, int] = {}
    seen: set[str] = set()
    for found in _SIGN.finditer(text, 0, _LOOKED_AT):
        kind = found.lastgroup or ""
        sign = found[kind].lower() if kind in ("call", "mark") else kind
        if sign in seen:
            continue
        seen.add(sign)
        dialect = _NAMED_SIGNS.get(kind) or (_of_call(found[kind]) if kind == "call" else _of_mark(sign))
        if dialect:
            counts[dialect] = counts.get(dialect, 0) + (_PLAIN if kind in _NAMED_SIGNS else 1)
    likely = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(dict.fromkeys((*likely, *_OTHERS)))[: _MOST_TRIED if len(text) <= _SHORT else 2]


def _of_call(name: str) -> str:
    # Only ClickHouse writes its functions like this: toStartOfWeek, countIf.
    return _FUNCTIONS.get(name.lower()) or ("clickhouse" if _CAMEL_CASE.fullmatch(name) else "")


def _of_mark(mark: str) -> str:
    known = _MARKS.get(" ".join(mark.removeprefix("g").split()))
    if known:
        return known
    if mark.startswith("`"):
        return "bigquery"  # `project.dataset.table` in one pair of backticks
    return "snowflake" if mark.startswith(":") else "mysql" if '"' in mark else ""
