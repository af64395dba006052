"""Small meanings, drawn at random, and the many ways in which people write one as SQL.

Nothing here is the reader's own code: what a dialect writes for a count under a condition, a median or a month stands in tables.
"""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from insights_core.query.meaning import (
    Aggregate,
    Bucket,
    Column,
    Condition,
    Count,
    Entity,
    Meaning,
    Order,
    Output,
    Ratio,
)

DIALECTS = ("postgres", "mysql", "bigquery", "clickhouse", "snowflake", "tsql", "duckdb")
FACTS = ("orders", "tickets", "page_views")
OTHERS = ("customers", "stores")
NUMBERS = ("amount", "weight", "duration_ms")
TEXTS = ("region", "status", "channel")
IDS = ("customer_id", "session_key")
TIMES = ("created_at", "updated_at")
UNITS = ("day", "week", "month")
LABELS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
OTHER_LABELS = ("kappa", "lambda_", "sigma", "omega", "theta", "iota")
OPERATORS = {"exact": "=", "is_not": "<>", "gt": ">", "lt": "<", "gte": ">=", "lte": "<="}


@dataclass(frozen=True)
class Comparison:
    """A comparison of a column; `of` is empty for the statement's own table."""

    column: str
    operator: str
    values: tuple = ()
    of: str = ""


@dataclass(frozen=True)
class Measure:
    kind: str
    column: str = ""
    test: Comparison | None = None


@dataclass(frozen=True)
class Plan:
    """What is asked; `joined` are the other tables that rows are joined with."""

    table: str
    measures: tuple[Measure, ...]
    dimensions: tuple[tuple[str, str], ...] = ()
    bucket: tuple[str, str] = ()
    tests: tuple[Comparison, ...] = ()
    joined: tuple[str, ...] = ()
    limit: int | None = None

    def meaning(self):
        """Return what the reader has to find: without labels, comments, or anything of the layout."""
        own = Entity(self.table)
        outputs = [Output("dimension", Column(name, Entity(of) if of else own)) for name, of in self.dimensions]
        if self.bucket:
            outputs.append(Output("time", Bucket(self.bucket[1], Column(self.bucket[0], own))))
        outputs += [Output("measure", self.value(measure)) for measure in self.measures]
        first = len(outputs) - len(self.measures)
        ranked = self.limit is not None
        shape = {
            (False, False): "number",
            (True, False): "split",
            (False, True): "series",
            (True, True): "matrix",
        }[bool(self.dimensions), bool(self.bucket)]
        return Meaning(
            shape="ranking" if ranked else shape,
            source=own,
            outputs=tuple(outputs),
            conditions=tuple(self.condition(test) for test in self.tests),
            interval=self.bucket[1] if self.bucket else "",
            order=(Order(first, descending=True),) if ranked else (),
            limit=self.limit,
            sources=(own, *map(Entity, self.joined)),
            format="sql",
        )

    def condition(self, test):
        return Condition(Column(test.column, Entity(test.of or self.table)), test.operator, test.values)

    def value(self, measure):
        own = Entity(self.table)
        where = (self.condition(measure.test),) if measure.test else ()
        if measure.kind == "count":
            return Count(own, None, where)
        if measure.kind == "unique":
            return Count(own, Column(measure.column, own), where)
        if measure.kind == "ratio":
            return Ratio(Count(own, None, where), Count(own))
        return Aggregate(measure.kind, Column(measure.column, own), where)


@st.composite
def comparisons(draw, of=""):
    kind = draw(st.sampled_from(("text", "text", "number", "set", "list", "flag")))
    if kind == "text":
        value = draw(st.sampled_from(("north", "open", "it's", "50%", "-- no comment", "a;b", "select 1", "Größe")))
        return Comparison(draw(st.sampled_from(TEXTS)), draw(st.sampled_from(("exact", "is_not"))), (value,), of)
    if kind == "number":
        operator = draw(st.sampled_from(("gt", "lt", "gte", "lte", "exact")))
        return Comparison(draw(st.sampled_from(NUMBERS)), operator, (draw(st.integers(0, 10**6)),), of)
    if kind == "set":
        return Comparison(draw(st.sampled_from(TEXTS)), draw(st.sampled_from(("is_set", "is_not_set"))), (), of)
    if kind == "list":
        values = draw(st.lists(st.sampled_from(("web", "shop", "phone")), min_size=2, max_size=3, unique=True))
        return Comparison(draw(st.sampled_from(TEXTS)), draw(st.sampled_from(("in", "not_in"))), tuple(values), of)
    return Comparison("is_active", "exact", (True,), of)


@st.composite
def plans(draw, *, joins=True):
    joined = tuple(draw(st.lists(st.sampled_from(OTHERS), max_size=2, unique=True))) if joins else ()
    owners = st.sampled_from(("", *joined))
    kinds = st.sampled_from(("count", "count", "unique", "sum", "avg", "max", "median", "ratio"))
    measures = []
    for kind in draw(st.lists(kinds, min_size=1, max_size=3)):
        column = {"count": "", "ratio": "", "unique": draw(st.sampled_from(IDS))}.get(
            kind, draw(st.sampled_from(NUMBERS))
        )
        conditional = kind == "ratio" or (kind != "median" and draw(st.booleans()))
        measures.append(Measure(kind, column, draw(comparisons()) if conditional else None))
    measures = tuple(dict.fromkeys(measures))
    names = draw(st.lists(st.sampled_from(TEXTS), max_size=2, unique=True))
    dimensions = tuple((name, draw(owners)) for name in names)
    bucket = draw(st.one_of(st.just(()), st.tuples(st.sampled_from(TIMES), st.sampled_from(UNITS))))
    tests = tuple(draw(st.lists(owners.flatmap(comparisons), max_size=2, unique=True)))
    limit = draw(st.integers(2, 50)) if dimensions and draw(st.booleans()) else None
    return Plan(draw(st.sampled_from(FACTS)), measures, dimensions, bucket, tests, joined, limit)


class Writer:
    """Writes a plan in one dialect; `pick` chooses where there are several ways."""

    def __init__(self, dialect, pick, labels=LABELS):
        self.dialect = dialect
        self.pick = pick
        self.labels = labels

    def name(self, name):
        opens, closes = {"mysql": "``", "bigquery": "``", "clickhouse": "``", "tsql": "[]"}.get(self.dialect, '""')
        return self.pick((name, f"{opens}{name}{closes}"))

    def column(self, name, of, plan):
        if plan.joined:
            return f"{(of or plan.table)[0]}.{self.name(name)}"
        return self.pick((name, f"{plan.table[0]}.{name}"))

    @staticmethod
    def literal(value, dialect):
        if value is True:
            return "1" if dialect == "tsql" else "TRUE"
        escaped = "\\'" if dialect == "bigquery" else "''"
        return str(value) if isinstance(value, int) else "'" + value.replace("'", escaped) + "'"

    def test(self, test, plan):
        column = self.column(test.column, test.of, plan)
        values = [self.literal(value, self.dialect) for value in test.values]
        if test.operator in ("is_set", "is_not_set"):
            return f"{column} IS {'NOT ' if test.operator == 'is_set' else ''}NULL"
        if test.operator in ("in", "not_in"):
            ways = [f"{column} {'NOT ' if test.operator == 'not_in' else ''}IN ({', '.join(values)})"]
            if test.operator == "in":
                ways.append("(" + " OR ".join(f"{column} = {value}" for value in values) + ")")
            return self.pick(ways)
        if test.values[0] is True:
            return self.pick((column, f"{column} = TRUE")) if self.dialect != "tsql" else f"{column} = 1"
        sign = OPERATORS[test.operator]
        ways = [f"{column} {sign} {values[0]}", f"({column} {sign} {values[0]})"]
        if test.operator == "exact":
            ways.append(f"{values[0]} = {column}")
        if test.operator == "is_not":
            ways += [f"{column} != {values[0]}", f"NOT {column} = {values[0]}"]
        return self.pick(ways)

    def counted(self, test):
        ways = [
            f"COUNT(CASE WHEN {test} THEN 1 END)",
            f"SUM(CASE WHEN {test} THEN 1 ELSE 0 END)",
            f"COUNT(CASE WHEN {test} THEN 1 ELSE NULL END)",
        ]
        ways += {
            "postgres": [f"COUNT(*) FILTER (WHERE {test})", f"SUM(({test})::int)"],
            "duckdb": [f"COUNT(*) FILTER (WHERE {test})", f"COUNT_IF({test})"],
            "mysql": [f"SUM(IF({test}, 1, 0))", f"SUM({test})"],
            "bigquery": [f"COUNTIF({test})", f"SUM(IF({test}, 1, 0))"],
            "clickhouse": [f"countIf({test})", f"sum({test})", f"sum(if({test}, 1, 0))"],
            "snowflake": [f"COUNT_IF({test})", f"SUM(IFF({test}, 1, 0))"],
            "tsql": [f"SUM(IIF({test}, 1, 0))"],
        }[self.dialect]
        return self.pick(ways)

    def median(self, column):
        return self.pick({
            "postgres": [f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {column})"],
            "mysql": [f"MEDIAN({column})"],
            "bigquery": [f"APPROX_QUANTILES({column}, 100)[OFFSET(50)]", f"APPROX_QUANTILES({column}, 2)[OFFSET(1)]"],
            "clickhouse": [f"median({column})", f"quantile(0.5)({column})", f"quantileExact(0.5)({column})"],
            "snowflake": [f"MEDIAN({column})", f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {column})"],
            "tsql": [f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {column})"],
            "duckdb": [f"median({column})", f"quantile_cont({column}, 0.5)"],
        }[self.dialect])  # fmt: skip

    def measure(self, measure, plan):
        test = self.test(measure.test, plan) if measure.test else ""
        column = self.column(measure.column, "", plan) if measure.column else ""
        if measure.kind == "median":
            return self.median(column)
        if measure.kind == "ratio":
            share = self.counted(test)
            ways = [f"1.0 * {share} / COUNT(*)", f"{share} * 100.0 / NULLIF(COUNT(*), 0)"]
            if self.dialect == "bigquery":
                ways.append(f"SAFE_DIVIDE({share}, COUNT(*))")
            return self.pick(ways)
        if measure.kind == "count":
            return self.counted(test) if test else self.pick(("COUNT(*)", "COUNT(1)"))
        if measure.kind == "unique":
            inner = f"CASE WHEN {test} THEN {column} END" if test else column
            ways = [f"COUNT(DISTINCT {inner})"]
            if self.dialect == "clickhouse":
                ways.append(f"uniqIf({column}, {test})" if test else f"uniqExact({column})")
            if self.dialect in ("postgres", "duckdb") and test:
                ways.append(f"COUNT(DISTINCT {column}) FILTER (WHERE {test})")
            return self.pick(ways)
        function = measure.kind.upper()
        if not test:
            return f"{function}({column})"
        ways = [f"{function}(CASE WHEN {test} THEN {column} END)"]
        ways += {
            "clickhouse": [f"{measure.kind}If({column}, {test})"],
            "snowflake": [f"{function}(IFF({test}, {column}, NULL))"],
        }.get(self.dialect, [])
        if self.dialect in ("postgres", "duckdb"):
            ways.append(f"{function}({column}) FILTER (WHERE {test})")
        return self.pick(ways)

    def bucket(self, column, unit):
        day = [f"CAST({column} AS DATE)"]
        return self.pick({
            "postgres": [f"DATE_TRUNC('{unit}', {column})", *([f"{column}::date"] if unit == "day" else [])],
            "mysql": {"day": ["DATE({})", "DATE_FORMAT({}, '%Y-%m-%d')"], "week": ["YEARWEEK({})"], "month": ["DATE_FORMAT({}, '%Y-%m-01')"]}[unit],
            "bigquery": [f"TIMESTAMP_TRUNC({column}, {unit.upper()})", f"DATE_TRUNC({column}, {unit.upper()})"],
            "clickhouse": [f"toStartOf{unit.title()}({column})", f"dateTrunc('{unit}', {column})"],
            "snowflake": [f"DATE_TRUNC('{unit.upper()}', {column})", f"DATE_TRUNC({unit}, {column})"],
            "tsql": [f"DATETRUNC({unit}, {column})", f"DATEADD({unit}, DATEDIFF({unit}, 0, {column}), 0)", *(day if unit == "day" else [])],
            "duckdb": [f"date_trunc('{unit}', {column})", *(day if unit == "day" else [])],
        }[self.dialect]).replace("{}", column)  # fmt: skip

    def wrapped(self, value):
        kind = {"mysql": "DECIMAL(10, 2)", "clickhouse": "Float64", "bigquery": "FLOAT64"}.get(
            self.dialect, "NUMERIC(10, 2)"
        )
        ways = [
            value,
            value,
            value,
            f"COALESCE({value}, 0)",
            f"ROUND({value}, 2)",
            f"({value})",
            f"CAST({value} AS {kind})",
        ]
        if self.dialect == "clickhouse":
            ways += [f"toFloat64({value})", f"ifNull({value}, 0)"]
        if self.dialect in ("postgres", "snowflake", "duckdb"):
            ways.append(f"({value})::{kind}")
        return self.pick(ways)

    def select(self, plan, table):
        """Return the SELECT of a plan; `table` is what stands behind FROM, with its alias to come."""
        keys = [self.column(name, of, plan) for name, of in plan.dimensions]
        if plan.bucket:
            keys.append(self.bucket(self.column(plan.bucket[0], "", plan), plan.bucket[1]))
        values = [self.wrapped(self.measure(measure, plan)) for measure in plan.measures]
        # A key keeps its own name, or gets another; a value always gets one.
        items = []
        for place, key in enumerate([*keys, *values]):
            named = place >= len(keys) - bool(plan.bucket) or self.pick((True, False))
            items.append(f"{key} AS {self.labels[place]}" if named else key)
        joins = [
            f"{self.pick(('JOIN', 'INNER JOIN'))} {self.joined(name, plan)} {name[0]} ON {name[0]}.id = {plan.table[0]}.{name[:-1]}_id"
            for name in plan.joined
        ]
        if len(joins) > 1 and self.pick((True, False)):
            joins.reverse()
        tests = [self.test(test, plan) for test in plan.tests]
        if len(tests) > 1 and self.pick((True, False)):
            tests.reverse()
        top = f"TOP {plan.limit} " if plan.limit and self.dialect == "tsql" else ""
        lines = [f"SELECT {top}" + ", ".join(items), f"FROM {table} {plan.table[0]}", *joins]
        if tests:
            lines.append("WHERE " + " AND ".join(tests))
        if keys:
            by_place = self.dialect != "tsql" and self.pick((True, False))
            lines.append("GROUP BY " + ", ".join(str(place + 1) if by_place else key for place, key in enumerate(keys)))
        if plan.limit:
            lines.append(f"ORDER BY {self.pick((self.labels[len(keys)], str(len(keys) + 1)))} DESC")
            lines += [] if top else [f"LIMIT {plan.limit}"]
        return lines

    def joined(self, name, plan):
        return self.pick((name, name, f"(SELECT * FROM {name})"))

    def statement(self, plan):
        """Return a plan as a statement, in one of its nestings."""
        way = self.pick(("plain", "plain", "star", "columns", "cte", "ctes", "staged", "renamed", "twice", "below"))
        table = plan.table
        count = len(plan.dimensions) + bool(plan.bucket) + len(plan.measures)
        if way == "ctes":
            return [
                "WITH source AS (",
                f"SELECT * FROM {table}",
                "),",
                "final AS (",
                *self.select(plan, "source"),
                ")",
                "SELECT * FROM final",
            ]
        if way == "staged":
            return ["WITH base AS (", f"SELECT * FROM {table}", ")", *self.select(plan, "base")]
        if way == "below":
            return self.select(plan, f"(SELECT * FROM {table})")
        if way == "renamed":
            return self._renamed(plan)
        inner = self.select(plan, table)
        if way == "star":
            return ["SELECT * FROM (", *inner, ") AS t"]
        if way == "twice":
            return ["SELECT * FROM (", "SELECT t.* FROM (", *inner, ") AS t", ") AS t2"]
        if way == "cte":
            return ["WITH final AS (", *inner, ")", "SELECT * FROM final"]
        if way == "columns" and not plan.dimensions:
            return ["SELECT " + ", ".join(f"q.{label}" for label in self.labels[:count]), "FROM (", *inner, ") AS q"]
        return inner

    def _renamed(self, plan):
        """Return a plan over a CTE that gives every column another name."""
        names = [*NUMBERS, *TEXTS, *IDS, *TIMES, "is_active", *(f"{name[:-1]}_id" for name in OTHERS)]
        listed = ", ".join(f"{name} AS the_{name}" for name in dict.fromkeys(names))
        renamed = Renaming(self)
        return ["WITH renamed AS (", f"SELECT {listed} FROM {plan.table}", ")", *renamed.select(plan, "renamed")]

    def text(self, plan):
        """Return a plan as text, in one of its layouts."""
        lines = self.statement(plan)
        gap = self.pick(("\n", " ", "\r\n", "\n\n  ", "\n    ", " /* why */ ", " -- why\n", "\n-- what's this\n"))
        text = gap.join(lines)
        return text + self.pick(("", ";", "\n", " ;\n"))


class Renaming(Writer):
    """Writes over a CTE that gave every column of the plan's own table another name."""

    def __init__(self, writer):
        super().__init__(writer.dialect, writer.pick, writer.labels)

    def column(self, name, of, plan):
        return super().column(name if of else f"the_{name}", of, plan)


@st.composite
def written(draw, labels=LABELS, *, joins=True):
    """Draw a plan, its dialect and its text."""
    plan = draw(plans(joins=joins))
    dialect = draw(st.sampled_from(DIALECTS))
    if dialect == "tsql":
        plan = _without_flags(plan)
    writer = Writer(dialect, lambda ways: draw(st.sampled_from(ways)), labels)
    return plan, dialect, writer.text(plan)


def _without_flags(plan):
    """Return a plan without comparisons to true, which T-SQL does not have."""
    plain = Comparison("region", "exact", ("north",))

    def swap(test):
        return replace(plain, of=test.of) if test is not None and test.column == "is_active" else test

    return replace(
        plan,
        measures=tuple(dict.fromkeys(replace(item, test=swap(item.test)) for item in plan.measures)),
        tests=tuple(dict.fromkeys(map(swap, plan.tests))),
    )


def bare(value):
    """Return a meaning, or a part of one, without labels and captions, and with what has no order in one."""
    if isinstance(value, Meaning):
        value = value._replace(
            caption="",
            conditions=tuple(sorted(map(bare, value.conditions), key=repr)),
            sources=(*value.sources[:1], *sorted(value.sources[1:])),
        )
    if isinstance(value, (Column, Output)):
        value = value._replace(labels=())
    if isinstance(value, Condition) and value.operator in ("in", "not_in"):
        value = value._replace(values=tuple(sorted(value.values, key=repr)))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(bare, value))
    return tuple(map(bare, value)) if isinstance(value, tuple) else value
