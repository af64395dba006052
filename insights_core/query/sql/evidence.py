"""What speaks for a text being SQL, and against: where its statement begins, how it reads, and the sentences of prose.

Prose is full of the words of SQL, and a parser that forgives takes "Select a plan from the list" for a statement. So a text
is looked at twice: before the parser for sentences, and behind it, where no parser took it, for the shape of a statement.
Every pattern is linear.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

_LOOKED_AT = 20_000
_FENCE = re.compile(r"^[ \t>]{0,20}+(?P<fence>```++|~~~++)[ \t]*+(?P<info>[^\s`]*+)[^\n`]*+$", re.MULTILINE)
_SQL_LANGUAGES = frozenset("""
    sql hogql bigquery clickhouse duckdb googlesql jinja jinja2 mariadb mssql mysql oracle pgsql plpgsql plsql postgres postgresql presto
    redshift snowflake spark sparksql sql+jinja sql-jinja sqlite sqlite3 trino tsql t-sql dbt
""".split())  # fmt: skip
_PROMPT = re.compile(r"\s*+(?:%%?sql\b[^\n]*+\n?+|\w{0,60}+(?:=[#>]|>)\s++)")
"""A notebook's or a shell's own mark in front of a statement: `%%sql`, `mysql>`, `shop=#`."""
_BLANK = re.compile(r"[\s(;]*+")
_VERB = re.compile(
    r"(?:with|select|from(?!\s{1,200}+[\w.]{1,200}+\s{1,200}+import\b)|insert|update|delete|create|merge|show|describe|desc|explain|analyze|"
    r"values|table(?!\s{0,200}+(?:\{|__parameter))|pivot|unpivot|replace|alter|drop|truncate|call|copy|unload|prepare|exec|execute|use|set|"
    r"declare|begin|do|grant|summarize|if|go)(?=\s{1,200}+(?!-[a-z])|[(*;\[{\"'`$@]|\Z)",
    re.IGNORECASE,
)
"""What a statement begins with; not Python's `from x import y`, a style sheet's `table {` or a shell's `set -e`."""
_EXPLAIN = re.compile(
    r"\s*+explain\s{1,200}+(?:(?:query\s{1,200}+plan(?:\s{1,200}+for)?|plan\s{1,200}+for|analyze|verbose|extended|formatted|cost|codegen|pipeline|estimate|"
    r"ast|syntax|\([^()]{0,200}+\))\s{1,200}+){0,5}(?=[(\s]{0,200}+(?:select|with)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]++")
_TITLE = re.compile(r"[^\n=<>(){}\[\]\"'`$|\\;,]{1,80}+\n\s*+(?=(?:select|with)\b)", re.IGNORECASE)
"""One line of words above a statement, as in a list of reports."""

# Words that stand in every few words of English, and hardly anywhere in SQL without quotes; what columns are called is not among them.
_ENGLISH = re.compile(
    r"\b(?:the|your|our|their|they|we|you|i'm|its|his|these|those|that|which|whose|because|however|please|should|would|could|cannot|"
    r"don't|doesn't|isn't|aren't|it's|let's|are|were|been|have|having been|but|how to|of the|to the|in the)\b",
    re.IGNORECASE,
)
_LESS_ENGLISH = re.compile(
    r"\b(?:of|to|it|is(?!\s++(?:not\s++)?+(?:null|true|false|distinct))|an|has|can|will|be|i|my|me|us|so|do|this|was|who|what|how|there|about)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:[^\W\d_]{2}|[`\"')\]])[.!?](?=\s++[A-Z]|\s*+\Z)")
_QUOTED = re.compile(
    r"(?<![A-Za-z]{2})'(?:[^'\\]++|''|\\.)*+'?+|\"[^\"\n]*+\"?+|`[^`\n]*+`?+|(?<!\w)\w++\.\w[\w.]*+", re.DOTALL
)
_WORDS_A_SIGN = 12
"""In prose more than one word in so many is English and no SQL."""

_MARK = re.compile(r"[=<>*;]|\w\(|\w\.\w|\w_\w|\d\)|::|[\"`\[]|'")
"""What sentences without code in them do not have."""
_SHAPE = re.compile(
    r"(?:(?:explain|copy|unload|prepare|analyze|declare|if|begin|do|set|exec|execute|replace)\b.{1,500}?\b)?"
    r"select\b.*?\bfrom\s{1,200}+[\w`\"'\[{$(@#:/]"
    r"|with\s{1,200}+(?:recursive\s{1,200}+)?[\w`\"\[\].-]{1,200}+\s{0,200}+(?:\([^()]{0,2000}+\)\s{0,200}+)?as\b\s{0,200}+(?:(?:not\s{1,200}+)?"
    r"materialized\s{0,200}+)?\("
    r"|from\s{1,200}+[\w.`\"\[\]]{1,200}+\s{1,200}+(?:select|group\s{1,20}+by|order\s{1,20}+by|where|join|limit)\b"
    r"|insert\s{1,200}+(?:ignore\s{1,200}+|or\s{1,200}+\w{1,20}+\s{1,200}+)?(?:into|overwrite)\b"
    r"|update\s{1,200}+.{1,200}?\bset\b.{1,200}?="
    r"|(?:delete\s{1,200}+from|merge\s{1,200}+into)\b"
    r"|create\s{1,200}+(?:or\s{1,200}+replace\s{1,200}+)?(?:(?:temp|temporary|global|local|external|materialized|unique|transient|volatile|"
    r"unlogged|recursive|secure|live|streaming|dynamic)\s{1,200}+){0,3}(?:table|view|function|procedure|proc|index|trigger|task|pipe)\b",
    re.IGNORECASE | re.DOTALL,
)

# Between two values one comma stands; templates leave others behind.
_COMMAS = re.compile(
    r"'(?:[^']++|'')*+'?+|\"[^\"]*+\"?+|`[^`]*+`?+"
    r"|(?P<twice>,\s*+,|\bselect\s*+,|\(\s*+,|\b(?:from|by)\s*+,|,\s*+(?:and|or|as)\b)"
    r"|(?P<last>,\s*+(?:\)|;|\Z|\b(?:from|where|group\s++by|order\s++by|having|limit|union)\b))",
    re.IGNORECASE,
)
_FORGIVING = frozenset({"bigquery", "clickhouse", "databricks", "duckdb", "snowflake"})
"""Dialects in which the last of a list may have a comma behind it."""


class Passage(NamedTuple):
    """The part of a text that is its statement."""

    text: str
    blocks: int = 0
    """How many fenced blocks of SQL there are; of more than one, none is meant."""


def passage(text: str) -> Passage:
    """Return a text, or the one fenced block of SQL in it; the marks of a shell in front are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    blocks = _blocks(text) if "```" in text or "~~~" in text else []
    if blocks:
        text = blocks[0]
    prompt = _PROMPT.match(text)
    return Passage(text[prompt.end() :] if prompt else text, len(blocks))


def _blocks(text: str) -> list[str]:
    found: list[str] = []
    opened: re.Match[str] | None = None
    for mark in _FENCE.finditer(text):
        if opened is None:
            opened = mark
        elif mark["fence"].startswith(opened["fence"]) and not mark["info"]:
            found += _of_sql(opened["info"], text[opened.end() + 1 : mark.start()])
            opened = None
    if opened is not None:
        found += _of_sql(opened["info"], text[opened.end() + 1 :])
    return found


def _of_sql(info: str, body: str) -> list[str]:
    language = info.strip("{}.").lower()
    is_sql = language in _SQL_LANGUAGES or (not language and _SHAPE.match(body, _start(body)) is not None)
    return [body] if is_sql and body.strip() else []


def _start(code: str) -> int:
    blank = _BLANK.match(code)
    return blank.end() if blank else 0


class Opening(NamedTuple):
    """The code of a text from the verb of its first statement on."""

    code: str
    verb: str
    is_whole: bool
    """Whether nothing stood in front of it, and the verb is spelt as it should be."""


def opening(code: str) -> Opening | None:
    """Return the code from its first verb on: at its start, behind a title, or SELECT misspelt; None where there is none.

    Comments and templates are no longer in it.
    """
    if explain := _EXPLAIN.match(code):
        code = code[explain.end() :]
    if verb := _VERB.match(code, _start(code)):
        return Opening(code, verb[0], is_whole=True)
    code = code[_start(code) :]
    if (title := _TITLE.match(code)) and (verb := _VERB.match(code, title.end())):
        return Opening(code[title.end() :], verb[0], is_whole=False)
    word = _WORD.match(code)
    is_misspelt = (
        word and not word[0].lower().startswith("select") and get_close_matches(word[0].lower(), ("select",), 1, 0.83)
    )
    return Opening(f"SELECT{code[word.end() :]}", "Select", is_whole=False) if word and is_misspelt else None


def is_prose(code: str) -> bool:
    """Whether sentences are written here, and not a statement: its words and full stops are those of English."""
    if not _ENGLISH.search(code, 0, _LOOKED_AT) and not _SENTENCE_END.search(code, 0, _LOOKED_AT):
        return False
    bare = _QUOTED.sub("``", code[:_LOOKED_AT])
    signs = sum(1 for _ in _ENGLISH.finditer(bare)) + sum(1 for _ in _SENTENCE_END.finditer(bare))
    return signs * _WORDS_A_SIGN > sum(1 for _ in _WORD.finditer(bare))


def is_damaged(opened: Opening, borders: list[int]) -> bool:
    """Whether what no parser took still has the shape of a statement, and not of a sentence that begins like one.

    Args:
        opened: The code.
        borders: Where further statements may begin in it.
    """
    code = opened.code
    if not any(_SHAPE.match(code, at) for at in (_start(code), *borders)):
        return False
    # Without a mark of SQL in it: a sentence begins with one capital.
    return bool(_MARK.search(code)) or (
        opened.verb in (opened.verb.lower(), opened.verb.upper()) and not _LESS_ENGLISH.search(code)
    )


def has_stray_comma(code: str, dialect: str | None) -> bool:
    """Whether a comma stands where nothing follows: parsers pass over it, databases do not."""
    kinds = ("twice",) if dialect in _FORGIVING else ("twice", "last")
    return any(found.lastgroup in kinds for found in _COMMAS.finditer(code, 0, _LOOKED_AT))
