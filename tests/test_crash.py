"""A process that is killed at any moment loses nothing that it was told is stored, and leaves no half of anything."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from insights_core import Insights

PROGRAM = Path(__file__).parent / "crashing.py"
ROUNDS = int(os.environ.get("INSIGHTS_CRASH_ROUNDS", "25"))


def killed(path, seed):
    """Run the program, kill it after a random number of lines and a moment more, and return what it had told."""
    draw = random.Random(seed)
    lines = draw.choice([1, 1, 2, draw.randrange(3, 200)])
    with subprocess.Popen([sys.executable, PROGRAM, path, str(seed)], stdout=subprocess.PIPE) as process:
        told = [process.stdout.readline() for _ in range(lines)]
        # Reading one byte after the other until a random number is reached moves the blow into the middle of a call.
        told[-1] += process.stdout.read(draw.randrange(300)) if draw.random() < 0.5 and lines > 2 else b""
        for _ in range(draw.randrange(20_000)):
            pass
        process.kill()
        told.append(process.stdout.read())
    text = b"".join(told)
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def final(told):
    """What was told last of each thing: deleted or not, name and revision, view."""
    alive, names, views, imported = {}, {}, {}, set()
    for line in told:
        if line["did"] in ("create", "restore"):
            alive[line["id"]] = True
        elif line["did"] == "delete":
            alive[line["id"]] = False
        elif line["did"] == "update":
            names[line["id"]] = (line["name"], line["revision"])
        elif line["did"] == "viewed":
            views |= dict.fromkeys(line["ids"], line["at"])
        elif line["did"] == "import":
            imported.add(line["project"])
    return alive, names, views, imported


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_process_loses_nothing_and_leaves_no_half(tmp_path, seed):
    path = tmp_path / "crash.db"
    alive, names, views, imported = final(killed(path, seed))
    with Insights.open(path) as insights:
        assert insights.check().problems == ()
        project = insights.project("p")
        found = {insight.id: insight for deleted in (False, True) for insight in project.list(deleted=deleted)}
        assert alive.keys() <= found.keys()
        # At most one call had begun and was not told: it may have stored what it was to store, all of it.
        untold = sum(found[id_].deleted == lives for id_, lives in alive.items()) + len(found.keys() - alive.keys())
        assert untold <= 1
        for id_, (name, revision) in names.items():
            insight = found[id_]
            assert insight.name == insight.description
            assert insight.name == name or insight.revision > revision
        seen = {entry.id: entry.last_viewed_at for entry in project.my_last_viewed("bob", 10_000)}
        for id_, at in views.items():
            assert found[id_].deleted or str(seen[id_]) >= at
        moments = list(seen.values())
        newest = max(moments, default=None)
        assert newest is None or str(newest) in views.values() or moments.count(newest) == 10
        projects = {json.loads(line).get("project") for line in insights.export_lines()} - {None, "p"}
        assert imported <= projects
        for key in projects:
            assert len(insights.project(key).list()) == 10
            assert len(insights.project(key).my_last_viewed("importer", 100)) == 10
        project.create(name="life goes on")
