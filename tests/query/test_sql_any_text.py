"""Any text at all is read into a meaning or refused, and what grows in a statement does not grow the work beyond it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_writing import written

from insights_core.query.meaning import Meaning
from insights_core.query.sql import read

MARKS = st.sampled_from(
    [
        "select",
        "from",
        "where",
        "group",
        "by",
        "(",
        ")",
        "'",
        '"',
        "`",
        "[",
        "]",
        "{{",
        "}}",
        "{%",
        "%}",
        "--",
        "/*",
        "*/",
        ";",
        ",",
        ".",
        "::",
        "$",
        "$$",
        "@",
        "#",
        "${",
        "[[",
        "]]",
        "<<",
        ">>",
        "\n",
        "\r",
        "\x00",
        "with",
        "as",
        "in",
        "union",
        "case",
        "when",
        "end",
        "over",
        "distinct",
        "1",
        "0.5",
        "t",
        "count(*)",
        "sum(",
        "$__timeFilter(",
        "%(a)s",
        ":a",
        "@a",
    ]
)


def is_read(text):
    found = read(text)
    return found is None or (isinstance(found, Meaning) and hash(found) is not None)


@given(st.one_of(st.text(max_size=300), st.lists(MARKS, max_size=60).map(" ".join)))
def test_any_text_is_read_or_refused(text):
    assert is_read(text)


@given(written(), st.data())
def test_statements_cut_off_or_with_holes_are_read_or_refused(case, data):
    text = case[2]
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    assert is_read(text[:end])
    assert is_read(text[start:])
    assert is_read(text[:start] + data.draw(MARKS) + text[end:])


def chained(step, last):
    """Return sixty CTEs, each made of the one before."""
    steps = ["c0 AS (SELECT x, y FROM t)", *(f"c{n} AS ({step})".replace("@", f"c{n - 1}") for n in range(1, 60))]
    return f"WITH {', '.join(steps)} {last}".replace("@", "c59")


CHAINS = [
    chained("SELECT a.x + b.x AS x, a.y FROM @ a JOIN @ b ON a.x = b.x", "SELECT SUM(x) FROM @"),
    chained("SELECT x / x AS x, y - y AS y FROM @", "SELECT x, y FROM @"),
    chained("SELECT CASE WHEN x > 1 AND x < 5 THEN x ELSE y END AS x, x AS y FROM @ WHERE x > y", "SELECT x FROM @ WHERE x > 1"),
    chained("SELECT x, COUNT(CASE WHEN y > 1 AND y < 3 THEN 1 END) AS y FROM @ GROUP BY x", "SELECT x, SUM(y) FROM @ GROUP BY 1"),
    chained("SELECT * FROM @ UNION ALL SELECT * FROM @", "SELECT SUM(y) FROM @"),
    chained("SELECT COUNT(x) AS x, 1 AS y FROM @ UNION ALL SELECT SUM(x) AS x, 2 AS y FROM @", "SELECT x FROM @"),
    "SELECT " + ", ".join(f"SUM(a{n + 1}) + SUM(a{n + 1}) AS a{n}" for n in range(60)) + ", SUM(a0) + SUM(a0) AS a60 FROM t",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r",
    "WITH RECURSIVE r AS (SELECT * FROM r) SELECT * FROM r",
    "SELECT " + "-".join(f"c{n}" for n in range(2_000)) + " FROM t",
    " UNION ALL ".join(f"SELECT COUNT(c{n}) FROM t WHERE c = {n}" for n in range(400)),
]  # fmt: skip


@pytest.mark.parametrize("text", CHAINS, ids=range(len(CHAINS)))
def test_what_builds_on_itself_many_times_is_read(text):
    """Each would take longer than a machine lasts, did the reader follow every way through it."""
    assert is_read(text)


def test_a_column_is_followed_through_sixty_levels():
    found = read(chained("SELECT * FROM @", "SELECT SUM(y) AS total FROM @"))
    assert found == read("SELECT SUM(y) AS total FROM t")


LONG = [
    "select ",
    "(",
    "'",
    "/*",
    "--",
    "{{",
    "{% if a %}",
    "[[",
    "`",
    "a ",
    "$__x(",
    "select 1;\n",
    "=====\n",
    "a,",
    "::",
    "{",
    "<<",
    "case when ",
]


@pytest.mark.parametrize("unit", LONG)
def test_a_megabyte_of_anything_is_read_or_refused(unit):
    for opening in ("", "select a from t where "):
        assert is_read(opening + unit * (1_000_000 // len(unit)))


def test_what_stands_behind_more_than_is_looked_at_is_found():
    columns = ", ".join(f"sum(weight_{at}) AS total_{at}" for at in range(9_000))
    found = read(f"SELECT {columns} FROM parcels")
    assert found.source.name == "parcels"
    assert found.outputs
    assert "syntax" in found.unread
