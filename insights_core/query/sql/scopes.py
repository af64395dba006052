"""The SELECTs of a statement and what each can see, through sqlglot's own scopes."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from insights_core.query.meaning import Entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core.query.meaning import Output, Value

    from .rows import Rows

_DEEPEST = 100


class View:
    """One SELECT, and the sources that its columns come from."""

    def __init__(self, scope: Scope, name: str = "", within: View | None = None) -> None:
        """Look at a scope; `name` is what the statement calls it, `within` the view that it is reached from."""
        self.scope = scope
        self.name = name
        self.depth: int = within.depth + 1 if within is not None else 0
        self.known: dict[int, View] = within.known if within is not None else {}
        """The views of a statement, by the id of their scope."""
        self.unread: dict[str, None] = within.unread if within is not None else {}
        """What is not understood anywhere in the statement."""
        self.branches = self._branches()
        node = scope.expression
        self.select: exp.Select | None = (
            node if isinstance(node, exp.Select) else self.branches[0].select if self.branches else None
        )
        self.values: dict[int, tuple[exp.Expression, Value]] = {}
        """What the expressions read through this view are, by the id of the node, which is kept alive beside it."""
        self.places: list[list[Output]] | None = None
        self.rows: Rows | None = None
        """What this SELECT answers and what holds for its rows, once that is known: several others may build on it."""
        self._found: dict[tuple[str, str], Behind | None] = {}

    def _branches(self) -> list[View]:
        """Return the SELECTs of a union, in their order; without recursion, for a chain of them nests as deep as it is long."""
        found: list[View] = []
        left = [self.scope] if isinstance(self.scope.expression, exp.SetOperation) and self.depth < _DEEPEST else []
        while left:
            scope = left.pop()
            if isinstance(scope.expression, exp.SetOperation):
                # Versions of the parser differ in the name.
                parts: list[Scope] = getattr(scope, "set_operation_scopes", None) or getattr(scope, "union_scopes", [])
                if not isinstance(scope.expression, exp.Union):
                    # What EXCEPT takes away, or INTERSECT asks for besides, is not in the answer.
                    self.unread[scope.expression.key] = None
                    parts = parts[:1]
                left += parts[::-1]
            else:
                found.append(self.view(scope, self.name))
        return [view for view in found if view.select is not None]

    def view(self, scope: Scope, name: str) -> View:
        """Return the view of another scope of the statement, made once."""
        known = self.known.get(id(scope))
        if known is None:
            known = self.known[id(scope)] = View(scope, name, self)
        return known

    @cached_property
    def sources(self) -> dict[str, Source]:
        """What FROM and the joins bring in, by lower-case alias, the main one first."""
        select = self.select
        if select is None:
            return {}
        scope = (
            self.scope if self.scope.expression is select else self.branches[0].scope if self.branches else self.scope
        )
        found: dict[str, Source] = {}
        for node in _froms(select):
            alias = node.alias_or_name
            known = scope.sources.get(alias)
            key = (alias or f"#{len(found)}").lower()
            inner = node.this if isinstance(node, (exp.Paren, exp.Lateral)) else node
            if isinstance(known, Scope) and self.depth < _DEEPEST:
                name = inner.name if isinstance(inner, exp.Table) else ""
                found.setdefault(key, self.view(known, name or alias))
            elif isinstance(known, exp.Table) or isinstance(inner, exp.Table):
                table = known if isinstance(known, exp.Table) else inner
                found.setdefault(key, entity_of(table))
            else:
                found.setdefault(key, Entity("", "function"))
        return found

    @cached_property
    def projections(self) -> dict[str, exp.Expression]:
        """What this SELECT offers, by lower-case name."""
        selected = self.select.expressions if self.select is not None else []
        return {node.alias_or_name.lower(): node for node in selected if node.alias_or_name}

    @property
    def main(self) -> Source | None:
        """What stands behind FROM."""
        return next(iter(self.sources.values()), None)

    @cached_property
    def handed_on(self) -> View | None:
        """The SELECT whose rows this one hands on as they are: nothing but its columns is chosen here."""
        select = self.select
        if select is None or self.branches or not isinstance(self.main, View) or len(self.sources) > 1:
            return None
        plain = all(is_star(item) or isinstance(item.unalias(), exp.Column) for item in select.expressions)
        return self.main if plain and not any(part(select, clause) for clause in _CHANGING) else None

    @cached_property
    def is_grouped(self) -> bool:
        """Whether a row stands for all rows of a key."""
        select = self.select
        if select is not None and part(select, "group") is not None:
            return True
        return self.handed_on is not None and self.handed_on.is_grouped

    def inner_views(self) -> Iterator[View]:
        """Yield the sources that are SELECTs themselves, the main one first."""
        for source in self.sources.values():
            if isinstance(source, View):
                yield source

    def behind(self, column: exp.Column) -> Behind | None:
        """Return the expression behind a column of a sub-query or CTE, or the entity of a table's column."""
        key = (column.table.lower(), column.name.lower())
        if key not in self._found:
            self._found[key] = None  # while it is looked for: what reads itself ends here
            self._found[key] = self._look(*key)
        return self._found[key]

    def _look(self, table: str, name: str) -> Behind | None:
        sources = self.sources
        if table in sources:
            return self._in_source(sources[table], name)
        if table:
            return self.entity if sources else Entity(column_source(table))
        for view in self.inner_views():
            found = self._in_source(view, name)
            if found is not None and not isinstance(found, Entity):
                return found
        return self._in_source(self.main, name) if self.main is not None else None

    def _in_source(self, source: Source, name: str) -> Behind | None:
        if isinstance(source, Entity):
            return source
        node = source.projections.get(name)
        if node is not None:
            return node, source
        stars = [item for item in source.select.expressions if is_star(item)] if source.select is not None else []
        if stars and source.depth < _DEEPEST:
            tables = {item.table.lower() if isinstance(item, exp.Column) else "" for item in stars}
            return source.behind(exp.column(name, table=tables.pop() or None if len(tables) == 1 else None))
        return source.entity

    @cached_property
    def entity(self) -> Entity:
        """What the rows come from in the first place, through every level."""
        main = self.main
        if isinstance(main, Entity):
            return main
        if main is None:
            return Entity("", "all")
        return main.entity


_CHANGING = (
    "where",
    "prewhere",
    "group",
    "having",
    "qualify",
    "distinct",
    "limit",
    "offset",
    "laterals",
    "joins",
    "sample",
)
Source: TypeAlias = Entity | View
Behind: TypeAlias = Entity | tuple[exp.Expression, View]


def root_view(tree: exp.Expression) -> View | None:
    """Return the view of a statement that answers, or None where there is none."""
    query = tree
    if isinstance(tree, (exp.Insert, exp.Create)) and isinstance(tree.expression, exp.Expression):
        query = tree.expression
    while isinstance(query, (exp.Subquery, exp.Paren)) and isinstance(query.this, exp.Expression):
        query = query.this
    scope = build_scope(query)
    return View(scope) if scope is not None else None


def entity_of(table: exp.Expression) -> Entity:
    """Return a table as an entity: a file, a function's rows, one of the catalogue, or a table."""
    this = table.this
    if isinstance(this, exp.Func) or isinstance(table, (exp.Unnest, exp.Values)):
        files = [item.name for item in table.find_all(exp.Literal) if item.is_string and "." in item.name]
        if files:
            return Entity(file_stem(files[0]), "file")
        name = this.name if isinstance(this, exp.Anonymous) else ""
        return Entity(name, "function")
    name = table.name
    if "/" in name or ("." in name and name.rpartition(".")[2].lower() in _FILE_ENDINGS):
        return Entity(file_stem(name), "file")
    database = table.text("db").lower()
    if database in _CATALOGUES or name.lower().startswith(_CATALOGUE_PREFIXES):
        return Entity(column_source(name), "catalogue")
    return Entity(column_source(name), "table", area=table.text("db"))


_CATALOGUES = frozenset(
    {"information_schema", "pg_catalog", "sys", "performance_schema", "system", "account_usage", "msdb", "mysql"}
)
_CATALOGUE_PREFIXES = (
    "pg_", "sqlite_", "dba_", "v$", "gv$", "all_tab", "dm_exec_", "dm_os_", "dm_db_", "dm_tran_", "dm_io_", "innodb_", "stl_", "stv_", "svv_", "svl_",
)  # fmt: skip
_FILE_ENDINGS = frozenset({"csv", "parquet", "json", "jsonl", "ndjson", "tsv", "xlsx", "gz", "avro", "orc"})


def file_stem(path: str) -> str:
    """Return the name of a file without its folders and endings."""
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path
    stem = name.partition(".")[0]
    return stem.strip("*_-") or path.replace("\\", "/").rstrip("/").rpartition("/")[0].rpartition("/")[2]


def column_source(name: str) -> str:
    """Return a table's name without the project and schema that one pair of marks may hold."""
    parts = name.split(".")
    last = parts[-1]
    return last.rstrip("*_") or last


def _froms(select: exp.Select) -> Iterator[exp.Expression]:
    from_ = part(select, "from")
    if from_ is not None:
        yield from _flat(from_.this)
    for join in select.args.get("joins") or ():
        yield from _flat(join.this)
    yield from select.args.get("laterals") or ()


def _flat(node: exp.Expression) -> Iterator[exp.Expression]:
    while isinstance(node, (exp.Paren, exp.Final)):
        node = node.this
    yield node
    for join in node.args.get("joins") or ():
        yield from _flat(join.this)


def is_star(node: exp.Expression) -> bool:
    """Whether a selected item stands for all columns of a source."""
    return isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))


def part(node: exp.Expression, name: str) -> exp.Expression | None:
    """Return a clause; newer versions of the parser write `from_` where older ones had `from`."""
    found: exp.Expression | None = node.args.get(f"{name}_") or node.args.get(name)
    return found


def view_entity(view: View, node: exp.Expression | None = None) -> Entity:
    """Return what a row of a SELECT is: of the source that an expression reads, else of the main one."""
    column = node.find(exp.Column) if node is not None else None
    source = view.sources.get(column.table.lower()) if column is not None and column.table else None
    source = source if source is not None else view.main
    if isinstance(source, View):
        return named_source(source)
    return source if source is not None else Entity("", "all")


_BLANK_SOURCE = re.compile(
    r"(?:_*+(?:\w{1,3}|base|cte\w*+|data|final\w*+|results?|sources?\w*+|src\w*+|filtered\w*+|ranked\w*+|renamed\w*+|temp\w*+|tmp\w*+|main|combined|"
    r"joined|steps?\w*+|raw\w*+|staging|staged|stg|inner\w*+|outer\w*+|sub\w*+|query\w*+|subq\w*+|derived\w*+|grouped|agg\w*+|pre\w*+|calc\w*+|stats|"
    r"totals?|counts?|cnt|daily|weekly|monthly|hourly|yearly|this_\w++|last_\w++|prev\w*+|current\w*+|numbered|deduped|dedup\w*+|cleaned|unioned|all_data|dataset|rows|records|tab\w?\d*+|table\w?\d*+|input|output|window\w*+|selected|aux|list|"
    r"ordered\w*+|\w++_data|data_\w++|prep\w*+|predata\w*+|alias|anon\w*+|unpivot\w*+|pivot\w*+|summary|__\w*+|result_set|values|t_\w))",
    re.IGNORECASE,
)


def named_source(view: View) -> Entity:
    """Return what the rows of a sub-query or CTE are: by the author's name for it, where that speaks, else by its source.

    A SELECT that groups has other rows than its source: one for each key.
    """
    if view.name and not _BLANK_SOURCE.fullmatch(view.name):
        return Entity(view.name, "cte")
    inner = view.main
    if isinstance(inner, View):
        return named_source(inner)
    return view.entity
