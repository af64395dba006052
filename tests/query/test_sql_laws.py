"""The laws of reading SQL: a meaning, written in any dialect, layout and nesting, is read back as itself."""

from hypothesis import given
from hypothesis import strategies as st
from sql_writing import bare, written

from insights_core.query.sql import read


@given(written(), st.booleans())
def test_a_meaning_is_read_back_from_any_dialect_layout_and_nesting(case, told):
    plan, dialect, text = case
    found = bare(read(text, dialect if told else None))
    assert found._asdict() == bare(plan.meaning())._asdict()
