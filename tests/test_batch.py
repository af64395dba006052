"""Many lines by several processes: none of them is able to stop the rest."""

import json
import os

import pytest
from stumbling import Stumbling

from insights_core import BackendError, InvalidQuery, Namer
from insights_core.batch import name_chunks, name_lines


def lines_of(count, **odd):
    for number in range(count):
        query = {"kind": "Odd", **odd.get(f"at{number}", {})} if f"at{number}" in odd else {
            "kind": "TrendsQuery", "series": [{"event": f"thing {number} seen"}]
        }  # fmt: skip
        yield json.dumps({"id": number, "query": query}).encode()


def test_the_lines_of_a_process_that_ended_are_named_by_another():
    odd = {"at3": {"end": True}, "at700": {"end": True}, "at701": {"end": True}}
    options = {"plugins": (Stumbling(),), "installed": False}
    rows = [row for chunk in name_chunks(options, lines_of(1_600, **odd), jobs=2) for row in chunk]
    assert [row["id"] for row in rows] == list(range(1_600))
    unnamed = {row["id"]: row["problems"] for row in rows if row["name"] is None}
    assert set(unnamed) == {3, 700, 701}
    assert unnamed[700] == ["line 701: the process that named it ended: it was killed, or fell over it"]
    assert rows[2]["name"] != rows[4]["name"]


@pytest.mark.parametrize("distinct", [False, True])
def test_a_fault_is_the_problem_of_its_line_alone(monkeypatch, distinct):
    def describe(self, query, problems, known=Namer._describe):
        if "Odd" in str(query):
            raise AssertionError("one line\nand another")
        return known(self, query, problems)

    monkeypatch.setattr(Namer, "_describe", describe)
    rows = list(name_lines(Namer(installed=False), lines_of(3, at1={}), distinct=distinct))
    assert [row["name"] is None for row in rows] == [False, True, False]
    assert rows[1]["problems"] == ["line 2: naming it failed: AssertionError: one line and another"]


def broken():
    os._exit(1)


class Ending:
    """Ends every process that it is sent to."""

    def __reduce__(self):
        return broken, ()


def test_processes_that_end_by_themselves_are_told():
    with pytest.raises(BackendError, match="--jobs 1"):
        list(name_chunks({"plugins": (Ending(),), "installed": False}, lines_of(3), jobs=2))


def test_naming_many_names_what_can_be_and_says_what_cannot():
    trend = {"kind": "TrendsQuery", "series": [{"event": "order_placed"}]}
    queries = [
        trend,
        "Select a plan from the list.",
        "SELECT count(*) FROM parcels",
        {},
        None,
        {**trend, "dateRange": {"date_from": "-7d"}},
    ]
    made = Namer(installed=False).name_all(queries)
    errors = {at: str(item) for at, item in enumerate(made) if isinstance(item, InvalidQuery)}
    assert list(errors) == [1, 3, 4]
    assert errors[1].startswith("no query was found in the text")
    whole = Namer(installed=False).name_all([queries[at] for at in (0, 2, 5)])
    assert [made[at] for at in (0, 2, 5)] == whole
    assert len({name.name for name in whole}) == 3
