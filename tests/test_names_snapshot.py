"""The names and sentences of two hundred queries of every kind and dialect, as they were last reviewed.

A change of rules shows as a diff of `data/names.txt`; `python tests/test_names_snapshot.py` writes it anew.
"""

import json
from pathlib import Path

from insights_core.naming import draft
from insights_core.query.registry import read

DATA = Path(__file__).parent / "data"


def cases():
    return [json.loads(line) for line in (DATA / "queries.jsonl").read_text(encoding="utf-8").splitlines()]


def names():
    lines = []
    for case in cases():
        made = draft(read(case["query"]))
        lines += [f"{case['id']}: {made.name}", f"    {made.description}"]
    return lines


def test_names_are_the_reviewed_ones():
    assert names() == (DATA / "names.txt").read_text(encoding="utf-8").splitlines()


def test_every_kind_and_dialect_is_there():
    kinds = {case["id"].rpartition("-")[0] for case in cases()}
    assert len(cases()) >= 200
    assert kinds >= {"trend", "funnel", "retention", "paths", "stickiness", "lifecycle", "table", "old"}
    assert kinds >= {
        f"sql-{dialect}" for dialect in ("mysql", "postgres", "clickhouse", "bigquery", "snowflake", "tsql", "sqlite")
    }


def test_every_name_and_every_sentence_is_in_form():
    for case in cases():
        made = draft(read(case["query"]))
        assert 0 < len(made.name) <= 60
        assert made.description.endswith(".")
        assert len(made.description) <= 200
        assert made.description.isprintable()


if __name__ == "__main__":
    (DATA / "names.txt").write_text("\n".join(names()) + "\n", encoding="utf-8")
