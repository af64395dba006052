"""Sentences get no name, whatever words of SQL stand in them; damaged SQL gets one, and says that it is damaged."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_writing import written

from insights_core import Namer
from insights_core.errors import InvalidQuery
from insights_core.query.sql import read
from insights_core.query.sql.evidence import passage

NAMER = Namer(installed=False)
WORDS = [
    "select",
    "from",
    "where",
    "group by",
    "average",
    "price",
    "by",
    "top",
    "join",
    "order",
    "with",
    "count",
    "sum",
    "having",
    "limit",
]
SENTENCES = [
    "{} the plan {} {} our list.",
    "We {} the orders {} Berlin and {} them.",
    "{} you tell me which customers {} most, please?",
    "The {} of the {} was never in {}!",
    "{} me the {} customers, {} they are gone.",
    "I have been told that {} is {}; {} is not.",
    "{} with the others, {} and {} are what you should look at.",
]  # fmt: skip
NOT_QUERIES = {
    "a heading": "Top products by price",
    "an e-mail": "From: bob@example.com\nTo: al@example.com\nSubject: select\n\nHi Al, select the average price from orders.\n",
    "an e-mail that begins with a verb": "Select the rows, Al,\n\nand join us at the table (from 9:00). The order = yours.\n",
    "a log": "2024-01-01 12:00 ERROR statement failed: SELECT * FROM orders WHERE x = 1\n2024-01-01 12:01 INFO done\n",
    "Python": "import sqlite3\n\ndef top():\n    return db.execute('SELECT count(*) FROM orders')\n",
    "Python that begins with from": "from os import path\n\n\ndef top(select):\n    return select(path)\n",
    "Python of one line": "from orders import (price, city)",
    "Python that begins with a statement": "with open('orders') as file:\n    select = file.read()\n",
    "a statement within Python": 'QUERY = """\nSELECT city, count(*)\nFROM orders\n"""\n',
    "Go": 'package main\n\nfunc main() { fmt.Println("select a from b") }\n',
    "C#": "var found = from o in orders where o.Price == 1 select o;",
    "CSV": "select,from,where\n1,2,3\n",
    "another CSV": "from,to,price\nBerlin,Rome,3\n",
    "HTML": "<select name='top'><option>from x group by</option></select>",
    "a stack trace": 'Traceback (most recent call last):\n  File "x.py", line 3, in select\nValueError: select a from b\n',
    "a shell script": "#!/bin/bash\nset -e\npsql <<EOF\nselect a from b;\nEOF\n",
    "YAML": "sql: |\n  select a from b where x = 1\n",
    "more YAML": "from: orders\nselect: [price, city]\n",
    "a style sheet": "table { border: 1px }",
    "a sentence that a parser takes": "Select a plan from the list",
    "another": "Delete old rows from the table",
    "a third": "Update the list",
    "settings": "set x = 1",
    "a command": "SHOW TABLES",
    "only a macro": "{{ audit('orders') }}",
}


def lines_of(sentences):
    return st.lists(sentences, min_size=1, max_size=6).map(" ".join)


@st.composite
def sentences(draw):
    pattern = draw(st.sampled_from(SENTENCES))
    text = pattern.format(*(draw(st.sampled_from(WORDS)) for _ in range(pattern.count("{}"))))
    return draw(st.sampled_from([text[0].upper() + text[1:], text]))


@given(lines_of(sentences()), st.sampled_from(["", "# ", "> ", "* ", "Dear all,\n\n", "1. "]))
def test_sentences_get_no_name(text, before):
    with pytest.raises(InvalidQuery, match=r"^no query was found") as refused:
        NAMER.generate_name(before + text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("what", NOT_QUERIES)
def test_what_is_no_query_is_refused_in_one_line(what):
    with pytest.raises(
        InvalidQuery, match=r"^no query was found in the text: hand over one SQL statement by itself"
    ) as refused:
        NAMER.generate_name(NOT_QUERIES[what])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "holder", [{"kind": "HogQLQuery", "query": "{}"}, {"kind": "SQLQuery", "query": "{}"}, {"sql": "{}"}, {"targets": [{"rawSql": "{}"}]}],
    ids=repr,
)  # fmt: skip
def test_a_sentence_where_sql_belongs_is_no_query(holder):
    text = "Select the average price of what you have."
    filled = eval(repr(holder).replace("'{}'", repr(text)))
    with pytest.raises(InvalidQuery, match="an object without a query"):
        NAMER.generate_name(filled)


# Damage

STATEMENT = (
    "SELECT city, AVG(price) AS average_price FROM orders WHERE status = 'open' GROUP BY city ORDER BY 2 DESC LIMIT 10"
)
TOLD = {"average", "price", "prices", "order", "orders", "city", "top", "10", "by", "open", "cities", "of"}
DAMAGED = [
    STATEMENT.replace("city,", "city,,", 1),
    STATEMENT.replace("AS average_price FROM", "AS average_price, FROM"),
    STATEMENT.replace("SELECT city", "SELECT , city"),
    STATEMENT.replace("AVG(price)", "AVG(price"),
    STATEMENT.replace("AVG(price)", "AVG(price))"),
    STATEMENT.replace("'open'", "('open'"),
    STATEMENT.replace("GROUP BY", "GROUPED BY"),
    STATEMENT.replace("WHERE", "WHRE"),
    STATEMENT.replace("SELECT", "SELEC"),
    STATEMENT.replace("ORDER BY 2", "FROBNICATE BY 2"),
    STATEMENT.replace("DESC", "DESC DESC"),
    STATEMENT.replace("LIMIT 10", "LIMIT"),
    "Average price by city\n\n" + STATEMENT,
]


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_sql_is_named_by_what_was_read_and_says_so(text):
    name = NAMER.generate_name(text)
    assert set(name.name.lower().replace("(", " ").replace(")", " ").split()) <= TOLD
    assert name.problems == ("not all of the SQL could be parsed: the name tells what was read of it",)


@given(written())
def test_whole_statements_have_no_problem(case):
    assert not NAMER.generate_name(case[2]).problems


@given(written(), st.data())
def test_a_second_comma_is_a_problem(case, data):
    text = case[2]
    commas = [found.start() for found in re.finditer(r"'[^']*'|(,)", text) if found[1]]
    if not commas:
        return
    at = data.draw(st.sampled_from(commas))
    found = read(text[:at] + "," + text[at:])
    assert found is None or "syntax" in found.unread


# Where the statement stands

FENCED = "```sql\n{}\n```\n".format


@pytest.mark.parametrize(
    "text",
    [
        FENCED(STATEMENT),
        f"# Prices\n\nWhat we charge in the cities.\n\n{FENCED(STATEMENT)}\nThat is the whole of it.\n",
        f"```bash\npsql -f x.sql\n```\n\n{FENCED(STATEMENT)}\n```python\nfrom x import y\n```\n",
        f"```\n{STATEMENT}\n```",
        f"~~~ hogql\n{STATEMENT}\n~~~",
        f"> ```postgresql\n{STATEMENT}\n> ```",
        f"````md\nno\n````\n```sql\n{STATEMENT}",
        f"mysql> {STATEMENT};",
        f"shop=# {STATEMENT};",
        f"%%sql\n{STATEMENT}",
        f"EXPLAIN (ANALYZE, BUFFERS) {STATEMENT}",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_statement_is_read_by_itself(text, end):
    assert read(text.replace("\n", end)) == read(STATEMENT)


@pytest.mark.parametrize("times", [2, 3])
def test_of_several_blocks_none_is_meant(times):
    with pytest.raises(InvalidQuery, match=f"^the text has {times} fenced blocks of SQL: hand over one of them$"):
        NAMER.generate_name("Two ways:\n" + FENCED(STATEMENT) * times)


@given(st.text(st.sampled_from("`~ \n>sqlSELECT*fromt1"), max_size=200))
def test_any_fences_are_read(text):
    assert passage(text).blocks >= 0
