"""What a stranger may have read: nothing that he writes ends or hangs the reader, and what people write is read whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core import InvalidInput, InvalidQuery
from insights_core.inputs import json_lines
from insights_core.query import limits
from insights_core.query.registry import parse_json, parse_text, read

HOSTILE = Path(__file__).with_name("hostile_sql.py")


# Twelve levels are what rereading makes slow, 39 brackets and 199 operators what is just let pass.
@pytest.mark.parametrize(
    "arguments",
    ["each 12", "each 39", "each 199", "each 39 main", "each 3000", "mixed 1", "mixed 2", "mixed 3"],
)
def test_no_sql_ends_or_hangs_the_process_that_names_it(arguments):
    command = [sys.executable, "-W", "ignore", str(HOSTILE), *arguments.split()]
    # A time limit only to end a test that hangs: one form that is read exponentially takes years.
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    last = ran.stdout.splitlines()[-1:]
    assert (ran.returncode, last) == (0, ["done"]), f"{last} ended it: {ran.stderr[-300:]}"


WIDE = {
    "columns": "select " + ", ".join(f"a{number} + b as c{number}" for number in range(1_500)) + " from t",
    "values": "select a from t where b in (" + ", ".join(map(str, range(5_000))) + ")",
    "branches": "select case " + " ".join(f"when a = {n} and b > {n} then 'c{n}'" for n in range(300)) + " else 'd' end from t",
    "conditions": "select a from t where " + " and ".join(f"(a{number} = {number} or b is null)" for number in range(150)),
    "joins": "select a from t " + " ".join(f"left join u{n} on u{n}.id = t.id and u{n}.b = {n}" for n in range(30)),
    "joins without conditions": "select a from t " + " ".join(f"cross join u{n}" for n in range(60)) + " join v join w",
    "unions": " union all ".join(f"select a, {number} from t{number} where b = {number}" for number in range(60)),
    "tables": "with " + ", ".join(f"c{n} as (select a from t{n} where b = {n})" for n in range(200)) + " select a from c1",
    "brackets": "select " + "(" * 30 + "a" + ")" * 30 + " from t",
    "types": "select date(timestamp(date(cast(a as decimal(10, 2))))), array[[1, 2], [3, 4]] from t",
    "text": "select a from t where b like '%" + "(" * 30 + "' and c = '" + "x" * 20_000 + "'",
    "names": 'select a as "Revenue (in USD)" from "t (old)"',
    "statements": "; ".join(["select a from t"] * 100),
}  # fmt: skip


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_what_is_wide_and_not_high_is_parsed(text):
    assert limits.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 50 + "1" + ")" * 50 + " from t",
        "select 1 from t " + "join t " * 30,
        "select " + "date(" * 12 + "a" + ")" * 12 + " from t",
        'select cast(a as "' + "struct(" * 20 + "int" + ")" * 20 + '") from t',
        "select cast(a as vector('" + "struct(" * 20 + "int" + ")" * 20 + "', 3)) from t",
        "select /*+ " + "(" * 100 + " */ a from t",
        "select " + "not " * 150 + "a from t",
        "select " + "if " * 30 + "a from t",
        "select 'if'(" * 50 + " from t",
        "begin show " * 100 + "\nselect a from t",
        "select 1 from t;" * 300,
        "select a from t where b = " + "'x' || " * 10_000 + "'x'",
    ],
)
def test_what_would_be_too_much_is_not_parsed_and_named_by_its_tokens(text):
    assert limits.parse(text) == []
    assert read(text).format == "sql"


def nested(depth, inner="x"):
    for number in range(depth):
        inner = [inner] if number % 2 else {"[{": inner}
    return inner


@given(depth=st.integers(0, limits.DEEPEST_QUERY * 2), text=st.text('[{\\"]}a', max_size=30))
def test_the_depth_of_a_value_is_told_with_and_without_a_parser(depth, text):
    value = nested(depth, text)
    if depth <= limits.DEEPEST_QUERY:
        limits.json_value(value)
    else:
        with pytest.raises(InvalidQuery, match="nested too deeply"):
            limits.json_value(value)
    written = json.dumps(value)
    if depth <= limits.DEEPEST_QUERY + limits.AROUND:
        assert parse_json(written) == value
    else:
        with pytest.raises(InvalidQuery, match="nested too deeply"):
            parse_json(written)


@given(st.text('[]{}",:\\ab1 ', max_size=200))
def test_any_text_is_looked_at(text):
    # Brackets that nothing ends, more of them than levels are allowed.
    for whole in (text, text + "[" * 600, "[" * 600 + text):
        try:
            limits.json_text(whole)
        except InvalidQuery as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is fine


def test_what_is_too_long_is_refused_wherever_it_comes_from():
    long = "a" * limits.LONGEST_QUERY
    with pytest.raises(InvalidQuery, match="too long"):
        read(f"select {long} from t")
    with pytest.raises(InvalidQuery, match="too long"):
        read({"kind": "Odd", "name": long})
    with pytest.raises(InvalidQuery, match="too long"):
        read({"kind": "Odd", "numbers": [0] * limits.LONGEST_QUERY})
    with pytest.raises(InvalidQuery, match="too long"):
        parse_text(json.dumps({"kind": "Odd", "name": long}))
    with pytest.raises(InvalidInput, match="line 1: the query is nested too deeply"):
        list(json_lines([json.dumps({"query": nested(600)})]))


def test_a_value_that_holds_itself_is_refused():
    value = {"kind": "Odd"}
    value["again"] = [value, value]
    with pytest.raises(InvalidQuery, match="nested too deeply"):
        read(value)


@pytest.mark.parametrize("start", ["", "select 1 from t "])
def test_comments_in_front_of_nothing_are_read_once(start):
    text = start + "/**/" * 5_000
    if start:
        assert read(text + "x").source.name == "t"
    else:
        with pytest.raises(InvalidQuery):
            read(text + "x")
