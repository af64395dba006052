"""The laws of reading SQL: a meaning, written in any dialect, layout and nesting, is read back as itself."""

from hypothesis import given
from hypothesis import strategies as st
from sql_writing import DIALECTS, LABELS, OTHER_LABELS, Writer, bare, comparisons, plans, written

from insights_core.query.meaning import Column, Condition, Constant, Count, Entity, Opaque, columns_in, is_measured
from insights_core.query.sql import read


@given(written(), st.booleans())
def test_a_meaning_is_read_back_from_any_dialect_layout_and_nesting(case, told):
    plan, dialect, text = case
    found = bare(read(text, dialect if told else None))
    assert found._asdict() == bare(plan.meaning())._asdict()


def without_labels(meaning):
    return meaning._replace(
        outputs=tuple(
            output._replace(
                labels=(), value=output.value._replace(labels=()) if isinstance(output.value, Column) else output.value
            )
            for output in meaning.outputs
        )
    )


@given(plans(), st.sampled_from(DIALECTS), st.data())
def test_another_alias_changes_labels_alone(plan, dialect, data):
    choices = []

    def pick(ways):
        choices.append(data.draw(st.integers(0, len(ways) - 1)))
        return ways[choices[-1]]

    first = read(Writer(dialect, pick, LABELS).text(plan), dialect)
    again = iter(choices)
    second = read(Writer(dialect, lambda ways: ways[next(again)], OTHER_LABELS).text(plan), dialect)
    assert without_labels(first) == without_labels(second)


comments = st.text(st.characters(codec="utf-8", exclude_characters="*/\r\n\0`{}[]"), max_size=60)


@given(written(), comments, comments)
def test_comments_change_the_caption_alone(case, before, within):
    _, _, text = case
    said = f"-- {before}\n" + text.replace("SELECT", f"SELECT /* {within} */", 1)
    assert read(said)._replace(caption="") == read(text)._replace(caption="")


BRANCHES = st.lists(st.sampled_from(("north", "south", "east", "west", "centre")), min_size=2, max_size=5, unique=True)


@given(BRANCHES, st.sampled_from(("UNION", "UNION ALL")), st.booleans())
def test_branches_of_a_union_that_differ_in_one_literal_have_a_dimension(names, union, nested):
    text = f" {union} ".join(
        f"SELECT '{name}' AS part, COUNT(*) AS n FROM orders WHERE part = '{name}'" for name in names
    )
    found = read(f"SELECT * FROM ({text}) AS t" if nested else text)
    assert [output.role for output in found.outputs] == ["dimension", "measure"]
    assert found.outputs[0].labels == ("part",)
    assert not isinstance(found.outputs[0].value, Constant)


MEASURES = st.lists(
    st.sampled_from(("COUNT(*)", "SUM(amount)", "AVG(weight)", "MAX(amount)", "COUNT(DISTINCT customer_id)")),
    min_size=2,
    max_size=5,
    unique=True,
)


@given(MEASURES, st.sampled_from(("UNION", "UNION ALL")), st.booleans(), st.integers(1, 4))
def test_all_measures_of_a_union_are_there(measures, union, nested, times):
    branches = [f"SELECT {measure} AS n FROM orders" for measure in measures for _ in range(times)]
    text = f" {union} ".join(branches)
    found = read(f"WITH all_of AS ({text}) SELECT * FROM all_of" if nested else text)
    expected = {read(f"SELECT {measure} AS n FROM orders").outputs[0].value for measure in measures}
    assert {output.value for output in found.outputs if output.role == "measure"} == expected


@given(comparisons("customers"), st.lists(st.sampled_from(("star", "named", "joined", "cte")), max_size=6), st.data())
def test_a_condition_stays_with_the_table_that_its_column_comes_from(test, levels, data):
    writer = Writer("postgres", lambda ways: data.draw(st.sampled_from(ways)))
    plan = data.draw(plans(joins=False))
    column = test.column
    condition = writer.test(test, Joined("c"))
    source, ctes = "customers", []
    for place, level in enumerate(levels):
        if level == "star":
            source = f"(SELECT * FROM {source} AS x{place})"
        elif level == "named":
            source = f"(SELECT x{place}.{column}, x{place}.id FROM {source} AS x{place})"
        elif level == "joined":
            source = f"(SELECT x{place}.* FROM {source} AS x{place} JOIN stores s ON s.id = x{place}.id)"
        else:
            ctes.append(f"base{place} AS (SELECT * FROM {source} AS x{place})")
            source = f"base{place}"
    opened = "WITH " + ", ".join(ctes) + " " if ctes else ""
    text = f"{opened}SELECT COUNT(*) AS n FROM {plan.table} AS o JOIN {source} AS c ON c.id = o.customer_id WHERE {condition}"
    found = read(text)
    assert found.outputs[0].value == Count(Entity(plan.table))
    assert bare(found.conditions) == bare((Condition(Column(column, Entity("customers")), test.operator, test.values),))


class Joined:
    """Stands for a plan whose columns all are of one joined table."""

    def __init__(self, alias):
        self.table = alias
        self.joined = ("customers",)


NOT_UNDERSTOOD = (
    "frobnicate(amount, weight)",
    "CASE WHEN weight > 1 THEN amount WHEN weight > 2 THEN region END",
    "my_schema.udf(amount, region, 3)",
    "ST_Distance(amount, weight)",
    "LEAST(amount, weight)",
    "amount || '-' || region",
)


@given(st.lists(st.sampled_from(NOT_UNDERSTOOD), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_what_is_not_understood_is_opaque_and_unread(expressions, nested, aggregated):
    items = [f"MAX({item})" if aggregated else item for item in expressions]
    text = "SELECT " + ", ".join(f"{item} AS v{place}" for place, item in enumerate(items)) + " FROM orders"
    found = read(f"SELECT * FROM ({text}) AS t" if nested else text)
    for output in found.outputs:
        inner = output.value.of if aggregated else output.value
        assert isinstance(inner, Opaque)
        assert inner.text in found.unread
        assert all(column.of == Entity("orders") for column in columns_in(inner))
        assert is_measured(output.value) == aggregated


UNREAD_CLAUSES = (
    "SELECT COUNT(*) FROM orders WHERE frobnicate(amount, weight) > 3",
    "SELECT COUNT(*) FROM orders WHERE shipped_on > promised_on",
    "SELECT COUNT(*) FROM orders WHERE frobnicate(amount, weight)",
    "SELECT region, COUNT(*) FROM orders GROUP BY 1 HAVING frobnicate(SUM(amount), SUM(weight)) > 3",
    "SELECT COUNT(CASE WHEN frobnicate(amount, weight) > 3 THEN 1 END) FROM orders",
    "SELECT region FROM orders EXCEPT SELECT region FROM stores",
    "SELECT AVG(amount) FROM (SELECT amount FROM orders LIMIT 100) AS t",
    "SELECT region FROM orders ORDER BY frobnicate(amount, weight)",
)


@given(st.sampled_from(UNREAD_CLAUSES), st.booleans())
def test_a_clause_that_is_not_understood_is_unread(text, nested):
    assert read(f"SELECT * FROM ({text}) AS t" if nested else text).unread


@given(written())
def test_what_is_understood_leaves_nothing_unread(case):
    assert read(case[2], case[1]).unread == ()
