"""Statements out of a text: the one that answers, and what can be seen of it where no parser takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from insights_core.query import limits
from insights_core.query.meaning import Aggregate, Column, Count, Entity, Meaning, Output

if TYPE_CHECKING:
    from sqlglot import exp

    from insights_core.query.meaning import Value

LOOKED_AT = 80_000
"""Characters of a text that is too long for a parser."""
_MOST_PARTS = 12
_WORD = re.compile(
    r"'(?:[^']++|'')*+'?+|[()]|(?P<verb>^[ \t]*+(?:select|with|insert|declare|create|drop|set|go|if|begin|use|exec|update|delete)\b)|[^\s()']++",
    re.IGNORECASE | re.MULTILINE,
)
_OPENING = frozenset({"with", "insert", "create"})
_JOINING = frozenset({"union", "all", "except", "intersect", "as", "distinct", "then", "explain"})
_TABLES = re.compile(
    r"\b(?:from|join|into|update|table)\s++(?:if\s++(?:not\s++)?+exists\s++)?+([`\"\[]?+[\w$.\-]++)", re.IGNORECASE
)
_NAMED = re.compile(r"\bas\s++[`\"'\[]?+(\w[\w ]{0,60}+)", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(count|sum|avg|min|max)\s*+\(\s*+(?:distinct\s++)?+([\w.]*+)(?:[^()\n]{0,80}+\)?+\s++as\s++[`\"'\[]?+(\w{1,60}+))?+",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\bgroup\s++by\s++([`\"\[]?+[A-Za-z_][\w.]*+)", re.IGNORECASE)
_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)


def statements(text: str, dialect: str | None) -> list[exp.Expression] | None:
    """Return the statements that answer, the last one first, or None where the text cannot be parsed whole."""
    trees = limits.parse(text, dialect)
    return _answering(trees) if trees else None


def parted(text: str, dialect: str | None) -> tuple[list[exp.Expression], bool]:
    """Return the same of a script without semicolons, and whether it is all of it.

    A statement begins where a line begins with its verb.
    """
    from sqlglot import exp

    found: list[exp.Expression] = []
    end = len(text)
    starts = borders(text)
    if len(starts) <= 1:
        return [], False  # one statement, which no parser took
    for start in starts[: -_MOST_PARTS - 1 : -1]:
        trees = limits.parse(text[start:end].strip().rstrip(";"), dialect)
        if len(trees) != 1:
            continue  # the piece begins in the middle of a statement
        if isinstance(trees[0], (exp.Query, exp.Insert, exp.Create)):
            found.insert(0, trees[0])
        end = start
    return _answering(found), not text[:end].strip()


def borders(text: str) -> list[int]:
    """Return where lines begin with a verb that opens a statement: not in brackets, nor behind WITH, INSERT, AS or UNION."""
    found: list[int] = []
    depth, opened, last = 0, "", ""
    for mark in _WORD.finditer(text):
        word = mark[0].strip().lower()
        if word in "()":
            depth = max(depth + (1 if word == "(" else -1), 0)
        elif (
            mark["verb"] is not None
            and not depth
            and last not in _JOINING
            and not (word == "select" and opened in _OPENING)
        ):
            found.append(mark.start())
            opened = word
        elif mark["verb"] is not None and not depth:
            opened = ""
        last = word
    return found


def _answering(trees: list[exp.Expression]) -> list[exp.Expression]:
    from sqlglot import exp

    trees = _made(trees)
    answering = [tree for tree in trees if isinstance(tree, exp.Query)]
    making = [
        tree for tree in trees if isinstance(tree, (exp.Insert, exp.Create)) and isinstance(tree.expression, exp.Query)
    ]
    others = [tree for tree in trees if not isinstance(tree, exp.Command)]
    return [*answering[::-1], *making[::-1], *others[::-1]]


def _made(trees: list[exp.Expression]) -> list[exp.Expression]:
    """Let the last SELECT see the tables that the statements before it make: `SELECT … INTO #t`, `CREATE TEMP TABLE t AS`."""
    from sqlglot import exp

    if not trees[1:]:
        return trees
    made: dict[str, Any] = {}
    for tree in trees[:-1]:
        into = tree.args.get("into") if isinstance(tree, exp.Select) else None
        table = into.this if into is not None else tree.find(exp.Table) if isinstance(tree, exp.Create) else None
        query: Any = tree if into is not None else tree.expression if isinstance(tree, exp.Create) else None
        if isinstance(table, exp.Table) and table.name and isinstance(query, exp.Query):
            made[table.name] = query
    last = trees[-1]
    if not made or not isinstance(last, exp.Query):
        return trees
    named = {table.name for table in last.find_all(exp.Table)}
    whole = last.copy()
    for name, query in made.items():
        plain = query.copy()
        plain.set("into", None)
        if name in named or len(made) > 1:
            whole = whole.with_(name, as_=plain, copy=False) if hasattr(whole, "with_") else whole
    return [*trees[:-1], whole]


def from_tokens(text: str) -> Meaning:
    """Return what can be seen without a parser: tables, aliases, an aggregate and its key; all of it is unread too."""
    plain = text[:LOOKED_AT]
    names = dict.fromkeys(name.strip('`"[]').rpartition(".")[2] for name in _TABLES.findall(plain))
    tables = tuple(
        Entity(name) for name in names if name.lower() not in ("select", "lateral", "") and not name.startswith("__")
    )
    starts = [found.end() for found in _SELECT.finditer(plain)]
    selected = plain[starts[-1] : starts[-1] + 1_500] if starts else ""
    counted = _COUNTED.search(selected)
    source = tables[0] if tables else Entity("", "all")
    outputs: list[Output] = []
    if counted:
        function, of = counted[1].lower(), counted[2].rpartition(".")[2]
        value: Value = Count(source) if function == "count" or not of else Aggregate(function, Column(of, source))
        outputs.append(Output("measure", value, (counted[3],) if counted[3] else ()))
        if grouped := _GROUPED.search(plain):
            outputs.append(Output("dimension", Column(grouped[1].strip('`"[').rpartition(".")[2], source)))
    else:
        outputs += [Output("attribute", Column(name.strip(), source)) for name in _NAMED.findall(selected)[:8]]
    shape = "rows" if not counted else "split" if len(outputs) > 1 else "number"
    return Meaning(shape, source, tuple(outputs), sources=tables, unread=("syntax",), format="sql")
