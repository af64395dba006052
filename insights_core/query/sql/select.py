"""A parsed statement as its meaning: the answer's columns with their roles, the conditions of every level, the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from insights_core.query.meaning import (
    Column,
    Constant,
    Entity,
    Meaning,
    Opaque,
    Option,
    Output,
    inner_values,
    is_measured,
)

from . import values  # noqa: F401 - fills the table of readers
from .aggregates import narrowed
from .reader import read, unwrapped
from .rows import limit_of, order_of, own_conditions, rows_of
from .scopes import View, entity_of, is_star, named_source, root_view
from .shape import by_event, interval_of, shaped, with_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.query.meaning import Value

_DEEPEST = 100
_MOST_OUTPUTS = 200
_STATEMENTS = (
    exp.Alter, exp.Copy, exp.Create, exp.Delete, exp.Describe, exp.Drop, exp.Insert, exp.Merge, exp.Pivot, exp.Summarize, exp.TruncateTable,
    exp.Update,
)  # fmt: skip
"""What is named by what it does to a table."""


def meaning_of(tree: exp.Expression, *, is_series: bool = False) -> Meaning | None:
    """Return what a statement means, or None where the parser kept it as unparsed text."""
    if isinstance(tree, (exp.Command, exp.Condition, exp.Alias)):
        return None  # kept as text, or taken for an expression
    is_query = isinstance(tree, exp.Query)
    query = tree if is_query else tree.args.get("expression")
    view = root_view(tree) if isinstance(query, exp.Query) else None
    if view is None or view.select is None or not isinstance(query, exp.Expression):
        return _statement(tree)
    outputs = with_roles(_outputs(view), view, is_series=is_series)
    rows = rows_of(view)
    meaning = Meaning(
        source=_source(view),
        outputs=tuple(outputs),
        conditions=rows.conditions,
        period=rows.period,
        interval=interval_of(outputs),
        order=order_of(query, view, outputs),
        limit=limit_of(query, view),
        sources=_sources(tree, view),
        options=() if is_query else (Option("statement", tree.key),),
        format="sql",
    )
    unread = dict.fromkeys((*_opaque(meaning), *view.unread))
    return shaped(by_event(meaning._replace(unread=tuple(unread))), is_series=is_series)


def _statement(tree: exp.Expression) -> Meaning | None:
    if not isinstance(tree, _STATEMENTS) or (isinstance(tree, exp.Update) and not tree.expressions):
        return None  # settings, or a sentence: "Update the list"
    names = dict.fromkeys(table for table in tree.find_all(exp.Table) if table.name)
    sources = tuple(dict.fromkeys(entity_of(table) for table in names))
    source = sources[0] if sources else Entity("", "all")
    return Meaning("statement", source, sources=sources, options=(Option("statement", tree.key),), format="sql")


def _source(view: View) -> Entity:
    main = view.main
    if isinstance(main, View):
        return named_source(main)
    return main if main is not None else Entity("", "all")


def _sources(tree: exp.Expression, view: View) -> tuple[Entity, ...]:
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = [entity_of(table) for table in tree.find_all(exp.Table) if table.name and table.name.lower() not in ctes]
    return tuple(dict.fromkeys([view.entity, *tables]))


def _outputs(view: View, depth: int = 0) -> list[Output]:
    """Return the columns of a SELECT, or of a union with what its branches have of their own."""
    found = [output for place in _places(view, depth) for output in place]
    if len(found) > _MOST_OUTPUTS:
        view.unread["columns"] = None
    return found[:_MOST_OUTPUTS]


def _places(view: View, depth: int) -> list[list[Output]]:
    """Return what stands in each column: of a union it may be several."""
    if view.places is None:
        view.places = []  # while they are looked for: a CTE that reads itself ends here
        view.places = _placed(view, depth) if view.select is not None and depth <= _DEEPEST else []
    return view.places


def _placed(view: View, depth: int) -> list[list[Output]]:
    if view.branches:
        return _united(view, [_places(branch, depth + 1) for branch in view.branches])
    found: list[list[Output]] = []
    united = view.handed_on if view.handed_on is not None and view.handed_on.branches else None
    inner = dict(zip(united.projections, _places(united, depth + 1), strict=False)) if united is not None else {}
    for node in view.select.expressions[: _MOST_OUTPUTS + 1] if view.select is not None else ():
        if is_star(node):
            found += _starred(node, view, depth)
        elif node.unalias().name.lower() in inner:
            found.append([_relabelled(output, node) for output in inner[node.unalias().name.lower()]])
        else:
            found.append([_output(node, view)])
    return found


def _output(node: exp.Expression, view: View) -> Output:
    label = node.alias
    if isinstance(node, exp.EQ) and (named := _assigned(node)):
        # T-SQL's other way to name a column: `[time] = getdate()`.
        label, node = named, node.expression
    value = read(node, view)
    unit = node.find(exp.Explode) is not None and node.find(exp.AggFunc) is None and not isinstance(value, Constant)
    return Output("unit" if unit else "", value, _labels(value, node, view, label))


def _relabelled(output: Output, node: exp.Expression) -> Output:
    return output._replace(labels=tuple(dict.fromkeys((*output.labels, node.alias)))) if node.alias else output


def _assigned(node: exp.EQ) -> str:
    left = node.this
    if isinstance(left, exp.Column) and not left.table and not isinstance(node.expression, exp.Literal):
        return left.name
    return left.name if isinstance(left, exp.Literal) and left.is_string else ""


def _starred(node: exp.Expression, view: View, depth: int) -> list[list[Output]]:
    table = node.table.lower() if isinstance(node, exp.Column) else ""
    source = view.sources.get(table) if table else view.main
    if isinstance(source, View) and depth < _DEEPEST:
        return _places(source, depth + 1)
    return [[Output("", Column("*", source if isinstance(source, Entity) else None))]]


def _labels(value: Value, node: exp.Expression, view: View, label: str) -> tuple[str, ...]:
    """Return the names that a value got on its way out, the outermost last."""
    found: list[str] = []
    core = unwrapped(node)
    if isinstance(core, exp.Column) and not isinstance(value, Column):
        name = core.name
        behind = view.behind(core)
        if behind is not None and not isinstance(behind, Entity):
            inner, inner_view = behind
            found += _labels(value, inner, inner_view, inner.alias or "")
            if name not in found:
                found.append(name)
    if label and label not in found and not (isinstance(value, Column) and label in (value.name, *value.labels)):
        found.append(label)
    if isinstance(value, Column):
        found = [*value.labels, *found]
    return tuple(dict.fromkeys(item for item in found if not item.startswith("__")))


def _united(view: View, branches: list[list[list[Output]]]) -> list[list[Output]]:
    """Return the columns of a union: a literal that differs between its branches is a dimension, whatever the branches are.

    Measures that differ are all there, each under the conditions of its own branch; of other columns that differ the first
    stands for all, and the union is unread.
    """
    columns = [[branch[place] for branch in branches if place < len(branch)] for place in range(len(branches[0]))]
    constant = [all(isinstance(item.value, Constant) for outputs in column for item in outputs) for column in columns]
    split = [
        is_constant and len({item.value for outputs in column for item in outputs}) > 1
        for is_constant, column in zip(constant, columns, strict=True)
    ]
    own = own_conditions(view) if not any(split) else ()
    merged: list[list[Output]] = []
    for column, is_split in zip(columns, split, strict=True):
        first = column[0]
        if is_split:
            labels = first[0].labels
            merged.append([Output("dimension", Column((labels or ("",))[-1] or "kind", None), labels)])
        elif all(is_measured(item.value) for outputs in column for item in outputs):
            known: dict[Value, Output] = {}
            for place, outputs in enumerate(column):
                where = own[place] if place < len(own) else ()
                for item in outputs:
                    value = narrowed(item.value, where)
                    known.setdefault(value, item._replace(value=value))
            merged.append(list(known.values()))
        else:
            merged.append(first)
            if len({item.value for outputs in column for item in outputs}) > len(first):
                view.unread["union"] = None
    return merged


def _opaque(meaning: Meaning) -> Iterator[str]:
    """Yield what was not understood within the answer's columns and its order."""
    left: list[Value] = [output.value for output in meaning.outputs[::-1]]
    left += [item.value for item in meaning.order if item.value is not None]
    while left:
        value = left.pop()
        if isinstance(value, Opaque):
            yield value.text
        left += inner_values(value)
