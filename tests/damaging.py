"""Opens damaged databases and calls everything; run as a child, since a crash of SQLite would end the tests themselves.

`python damaging.py GOOD FOLDER SEED ROUNDS` prints one JSON line a round: what was done, and what came of it.
"""

import json
import random
import sys
from pathlib import Path

from insights_core import Insights, NotFound, StoreError

PAGE = 4096


def flipped(draw, data):
    for _ in range(draw.choice([1, 1, 3, 20])):
        # Headers of pages hold what steers SQLite; half of the flips go there.
        page = draw.randrange(len(data) // PAGE) * PAGE
        place = page + draw.randrange(100 if draw.random() < 0.5 else PAGE)
        data[place] ^= 1 << draw.randrange(8)
    return data


def truncated(draw, data):
    return data[: draw.randrange(len(data))]


def torn(draw, data):
    data[: draw.choice([16, 32, 100])] = bytes(draw.choice([16, 32, 100]))
    return data


def emptied(draw, data):
    page = draw.randrange(len(data) // PAGE) * PAGE
    data[page : page + PAGE] = bytes(PAGE)
    return data


def calls(insights):
    project = insights.project("p")
    yield "list", lambda: [insight.to_dict() for insight in project.list()]
    yield "recent", lambda: [entry.to_dict() for entry in project.my_last_viewed("ann", 50)]
    yield "trending", lambda: [entry.to_dict() for entry in project.trending(days=365, limit=100)]
    yield "search", lambda: [insight.id for insight in project.search("insight 1")]
    yield "get", lambda: project.get(7).to_dict()
    yield "export", lambda: list(insights.export_lines())
    yield "check", lambda: list(insights.check().problems)
    yield "viewed", lambda: list(project.viewed("new", [1, 2, 3]).recorded)
    yield "update", lambda: project.update(3, name="changed").name
    yield "delete", lambda: [insight.id for insight in project.delete(5)]


def outcomes(path):
    found = {}
    try:
        with Insights.open(path, synchronous="NORMAL", busy_timeout=0.1) as insights:
            for name, call in calls(insights):
                try:
                    found[name] = call()
                except (StoreError, NotFound) as error:
                    found[name] = {"error": type(error).__name__, "said": str(error)}
    except StoreError as error:
        found["open"] = {"error": type(error).__name__, "said": str(error)}
    return found


def main(good, folder, seed, rounds):
    data = good.read_bytes()
    for number in range(rounds):
        draw = random.Random(f"{seed} {number}")
        damage = draw.choice([flipped, flipped, flipped, flipped, truncated, torn, emptied])
        path = folder / f"{seed}-{number}.db"
        path.write_bytes(damage(draw, bytearray(data)))
        row = {"round": number, "damage": damage.__name__, "found": outcomes(path)}
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
