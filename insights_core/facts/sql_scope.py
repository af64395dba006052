"""Where the columns of a SELECT come from, followed through CTEs and sub-queries to the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 12


class Found(NamedTuple):
    """An expression, and the SELECT in whose terms it is written."""

    node: exp.Expression
    scope: Scope
    name: str
    """What it is called on the way here, the outermost name first; empty where nothing names it."""


class Scope:
    """One SELECT and the sources that it can see.

    Scopes of one statement share what they know, so that each SELECT is looked into once, however often it is read.
    """

    def __init__(self, select: exp.Expression, outer: Scope | None = None, hidden: str = "") -> None:
        """Read the sources of a SELECT; `hidden` is the CTE that it is itself, whose name means a table in there."""
        ctes: dict[str, exp.Expression] = outer.ctes if outer else {}
        self.ctes: dict[str, exp.Expression] = (
            {name: source for name, source in ctes.items() if name != hidden} if hidden else ctes
        )
        self.depth: int = outer.depth + 1 if outer else 0
        self.known: dict[int, Scope] = outer.known if outer else {}
        self._found: dict[tuple[str, str], Found | None] = {}
        with_ = part(select, "with")
        if with_ is not None:
            own = {cte.alias.lower(): cte.this for cte in with_.expressions if isinstance(cte, exp.CTE)}
            self.ctes = {**self.ctes, **own}
        self.whole = select
        self.select = first_select(select)
        self.sources: dict[str, Source] = {}
        for node in self._froms():
            self._add(node)
        self._projections: dict[str, exp.Expression] | None = None

    def _froms(self) -> Iterator[exp.Expression]:
        if self.select is None:
            return
        from_ = part(self.select, "from")
        if from_ is not None:
            yield from_.this
        for join in self.select.args.get("joins") or ():
            yield join.this

    def _add(self, node: exp.Expression) -> None:
        if isinstance(node, exp.Paren):
            node = node.this
        alias = node.alias_or_name.lower()
        if isinstance(node, exp.Subquery):
            self.sources.setdefault(alias or f"{len(self.sources)}", node.this)
            return
        if not isinstance(node, exp.Table):
            return
        name = node.name
        inner = self.ctes.get(name.lower())
        # A CTE that reads a table of its own name sees the table.
        known = inner if inner is not None and not node.db and inner is not self.whole else None
        self.sources.setdefault(alias or name.lower(), known if known is not None else name)
        for join in node.args.get("joins") or ():
            self._add(join.this)

    def inner(self, source: exp.Expression) -> Scope | None:
        """Return the scope of a sub-query or CTE, or None where it is nested beyond reason."""
        known = self.known.get(id(source))
        if known is None and self.depth < _DEEPEST:
            hidden = next((name for name, select in self.ctes.items() if select is source), "")
            known = self.known[id(source)] = Scope(source, self, hidden)
        return known

    @property
    def projections(self) -> dict[str, exp.Expression]:
        """What this SELECT offers, by name."""
        if self._projections is None:
            selected = self.select.expressions if self.select is not None else []
            self._projections = {node.alias_or_name.lower(): node for node in selected if node.alias_or_name}
        return self._projections

    def subselects(self) -> Iterator[Scope]:
        """Yield the scopes of the sources that are SELECTs themselves, the main one first."""
        for source in self.sources.values():
            if not isinstance(source, str) and (scope := self.inner(source)) is not None:
                yield scope

    def lookup(self, column: exp.Column) -> Found | None:
        """Return the expression behind a column of a sub-query or CTE; None for one of a table."""
        key = (column.table.lower(), column.name.lower())
        if key not in self._found:
            self._found[key] = None  # while it is looked for: what reads itself ends here
            self._found[key] = self._look(column.name, *key)
        return self._found[key]

    def _look(self, spelt: str, table: str, name: str) -> Found | None:
        source = self.sources.get(table) if table else None
        if isinstance(source, str):
            return None
        scopes = self.subselects() if source is None else filter(None, (self.inner(source),))
        for scope in scopes:
            node = scope.projections.get(name)
            if node is not None:
                return Found(node, scope, spelt)
            if scope.select is not None and any(item.is_star for item in scope.select.expressions):
                deeper = scope.lookup(exp.column(spelt))
                if deeper is not None:
                    return deeper
        return None

    def table_of(self, column: exp.Column | None = None) -> str:
        """Return the table that a column belongs to, or the main one of this SELECT."""
        source: Source | None = self.sources.get(column.table.lower()) if column is not None and column.table else None
        if source is None:
            source = next(iter(self.sources.values()), None)
        if source is None or isinstance(source, str):
            return source or ""
        scope = self.inner(source)
        return scope.table_of() if scope is not None else ""


Source: TypeAlias = str | exp.Expression


def part(node: exp.Expression, name: str) -> exp.Expression | None:
    """Return a clause; newer versions of the parser write `from_` where older ones had `from`."""
    found: exp.Expression | None = node.args.get(f"{name}_") or node.args.get(name)
    return found


def first_select(node: exp.Expression | None) -> exp.Select | None:
    """Return the SELECT itself: of a union the first one, of a sub-query what is in it."""
    for _ in range(1000):
        if node is None or isinstance(node, exp.Select):
            return node
        if isinstance(node, (exp.SetOperation, exp.Subquery, exp.Paren)):
            node = node.this
        elif isinstance(node, (exp.Insert, exp.Create)):
            node = node.args.get("expression")
        else:
            return None
    return None
