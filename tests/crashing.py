"""A program that works on a store until it is killed, telling each call that returned on standard output.

Run by tests/test_crash.py: `python crashing.py DATABASE SEED`.
"""

import json
import random
import sys
from pathlib import Path

from insights_core import Insights


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def exported(draw):
    """An export of ten insights in a project of its own."""
    with Insights.memory() as source:
        project = source.project(f"import {draw.random()}")
        for number in range(10):
            project.create(name=f"imported {number}", user="importer")
        return project.id, list(source.export_lines())


def main(path, seed):
    draw = random.Random(seed)
    imports = [exported(draw) for _ in range(3)]
    tell(did="start")
    with Insights.open(path) as insights:
        project = insights.project("p")
        tell(did="open")
        ids = []
        while True:
            action = draw.choice(["create", "viewed", "viewed", "viewed", "update", "delete", "restore", "import"])
            if action == "create" or len(ids) < 12:
                kept = project.create({"kind": "x", "filler": "y" * draw.randrange(5000)}, name="new", user="ann")
                ids.append(kept.id)
                tell(did="create", id=kept.id)
            elif action == "viewed":
                chosen = draw.sample(ids, 10)
                receipt = project.viewed("bob", chosen)
                tell(did="viewed", ids=receipt.recorded, at=str(receipt.viewed_at))
            elif action == "update":
                name = f"name {draw.random()}"
                changed = project.update(ids[0], name=name, description=name)
                tell(did="update", id=changed.id, name=name, revision=changed.revision)
            elif action == "delete":
                gone = project.delete(ids.pop())[0]
                tell(did="delete", id=gone.id)
            elif action == "restore":
                found = project.list(deleted=True, limit=1)
                if found:
                    project.restore(found[0].id)
                    ids.append(found[0].id)
                    tell(did="restore", id=found[0].id)
            elif imports:
                key, lines = imports.pop()
                insights.import_lines(lines, renumber=True)
                tell(did="import", project=key)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
