"""Whether a text is SQL, and of which dialect: by the functions and marks that give one away."""

from __future__ import annotations

import re

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
    "=~": "clickhouse", " ~ ": "postgres", " ~* ": "postgres", "prewhere": "clickhouse", "final": "clickhouse", "properties.": "clickhouse", "count()": "clickhouse",
}  # fmt: skip
_SIGN = re.compile(
    r"(?P<call>\b[A-Za-z_]\w*)\(|(?P<mark>`[\w-]+\.[\w.*-]+`|:\w[\w.]*::|::|->>?|`|\]\.|\b(?i:as\s')|=\s?\"|\(\"|\b(?i:like)\s\"|\b(?i:ilike|lateral|qualify|nolock|prewhere|final|interval\s'"
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


_BLANK = re.compile(
    r"(?:[\s(;]++|--[^\n]*+|#[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|\{%[^%]*+%\}|\{\{[^{}]*+\}\}|\{#[^#]*+#\}|```\w*+)*+"
)
_VERB = re.compile(
    r"(?:with|select|from|insert|update|delete|create|merge|show|describe|desc|explain|values|table|pivot|unpivot|replace|alter|drop|truncate|"
    r"call|exec|execute|use|set|declare|begin|grant|summarize|if|go)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"\b(?:select\s++\S|from\s++[\w`\"\[{$]|group\s++by\b)", re.IGNORECASE)
_MACRO = re.compile(r"\{\{-?\s*+[\w.]++\s*+\(")
_COMMENTS = re.compile(r"--[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+")


def is_sql(text: str) -> bool:
    """Whether this reads like a statement at all."""
    start = _BLANK.match(text)
    at = start.end() if start else 0
    if _VERB.match(text, at):
        return True
    if _MACRO.search(text):
        return True
    return bool(_CLAUSES.search(_COMMENTS.sub(" ", text[:_LOOKED_AT])))
