"""The laws of the schema that no constraint can hold: how rows that break one are found, and how they are mended."""

from __future__ import annotations

from typing import Any, NamedTuple

from insights_core import inputs
from insights_core.moments import from_microseconds

from ._transfer import latest

ROOM = 2**32
"""How far ids and revisions may have counted on from the largest that an import takes."""


class Law(NamedTuple):
    """What must not be, with SQL that takes `values`."""

    broken: str
    """What is wrong with a row, by the columns of `find`."""
    find: str
    mend: tuple[str, ...] = ()
    """Statements that mend all such rows; none where somebody has to decide."""
    mended: str = ""
    """What they do."""


def values(now: int) -> dict[str, Any]:
    """Return what the statements take, by a clock that says `now`."""
    return {"now": now, "latest": latest(now), "order": inputs.LARGEST_EXACT, "largest": inputs.LARGEST_EXACT + ROOM}


def said(law: Law, row: tuple[Any, ...]) -> str:
    """Return what is wrong with a row, in one line."""
    return law.broken.format(*(_Moment(value) if isinstance(value, int) else value for value in row))


class _Moment(int):
    """A number that `{:at}` writes as a moment."""

    def __format__(self, specification: str) -> str:
        if specification == "at":
            return str(from_microseconds(self))
        return super().__format__(specification)


_AHEAD = "more than five minutes ahead of the clock"
_NOW = "set to the present"


def _renumber(table: str, *references: tuple[str, str]) -> tuple[str, ...]:
    """Return statements that give new numbers, in their old order, to rows whose number is near the end."""
    base = f"(SELECT coalesce(max(id), 0) FROM {table} WHERE id <= :largest)"
    new = f"{base} + (SELECT count(*) FROM {table} AS t WHERE t.id > :largest AND t.id <= {{column}})"
    # The rows that refer to it first, while their numbers can be counted.
    return (
        "PRAGMA defer_foreign_keys = ON",
        *(
            f"UPDATE {child} SET {column} = {new.format(column=f'{child}.{column}')} WHERE {column} > :largest"
            for child, column in references
        ),
        f"""CREATE TEMP TABLE renumbered AS SELECT id AS old, {new.format(column="r.id")} AS new FROM {table} AS r
            WHERE id > :largest""",
        f"UPDATE {table} SET id = (SELECT new FROM renumbered WHERE old = {table}.id) WHERE id > :largest",
        "DROP TABLE renumbered",
    )


LAWS = (
    Law(
        "the number of insight {0} is near the end: no insight can be created",
        "SELECT id FROM insight WHERE id > :largest",
        _renumber("insight", ("view", "insight"), ("naming_change", "insight")),
        "numbered anew, behind the others",
    ),
    Law(
        "the number of the naming run {0} is near the end: no name can be generated",
        "SELECT id FROM naming_run WHERE id > :largest",
        _renumber("naming_run", ("naming_change", "run")),
        "numbered anew, behind the others",
    ),
    Law(
        "the counter of the table {0} is near the end",
        "SELECT name FROM sqlite_sequence WHERE seq > :largest AND name IN ('insight', 'naming_run')",
        (
            "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM insight) WHERE name = 'insight' AND seq > :largest",
            """UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM naming_run)
            WHERE name = 'naming_run' AND seq > :largest""",
        ),
        "set to the largest number there is",
    ),
    Law(
        "the revision of insight {0} is near the end: it cannot be changed",
        "SELECT id FROM insight WHERE revision > :largest",
        ("UPDATE insight SET revision = 1 WHERE revision > :largest",),
        "set to 1",
    ),
    Law(
        "the order of insight {0} is a number that not every reader of JSON keeps",
        'SELECT id FROM insight WHERE "order" NOT BETWEEN -:order AND :order',
        (
            'UPDATE insight SET "order" = max(-:order, min(:order, "order")) WHERE "order" NOT BETWEEN -:order AND :order',
        ),
        "set to the nearest that they keep",
    ),
    Law(
        f"the moment up to which viewer {{0}} has forgotten lies {_AHEAD}: {{1:at}}",
        "SELECT id, forgotten_until FROM viewer WHERE forgotten_until > :latest",
        ("UPDATE viewer SET forgotten_until = :now WHERE forgotten_until > :latest",),
        _NOW,
    ),
    Law(
        f"view {{0}} of viewer {{1}} lies {_AHEAD}: {{2:at}}",
        "SELECT insight, viewer, last_viewed_at FROM view WHERE last_viewed_at > :latest",
        (
            """UPDATE view SET last_viewed_at = b.moment + l.place
            FROM (SELECT viewer, insight, dense_rank() OVER (PARTITION BY viewer ORDER BY last_viewed_at) AS place
                FROM view WHERE last_viewed_at > :latest) AS l
            JOIN (SELECT w.id, max(:now, coalesce(w.forgotten_until, :now), coalesce((SELECT max(v.last_viewed_at)
                FROM view AS v WHERE v.viewer = w.id AND v.last_viewed_at <= :latest), :now)) AS moment
                FROM viewer AS w) AS b ON b.id = l.viewer
            WHERE view.viewer = l.viewer AND view.insight = l.insight""",
        ),
        "set to the present, in the old order",
    ),
    Law(
        f"insight {{0}} has a date that lies {_AHEAD}: {{1:at}}",
        """SELECT id, max(created_at, updated_at, last_modified_at) FROM insight
        WHERE max(created_at, updated_at, last_modified_at) > :latest""",
        (
            """UPDATE insight SET created_at = iif(created_at > :latest, :now, created_at),
                updated_at = iif(updated_at > :latest, :now, updated_at),
                last_modified_at = iif(last_modified_at > :latest, :now, last_modified_at)
            WHERE max(created_at, updated_at, last_modified_at) > :latest""",
        ),
        _NOW,
    ),
    Law(
        f"the naming run {{0}} lies {_AHEAD}: {{1:at}}",
        "SELECT id, run_at FROM naming_run WHERE run_at > :latest",
        ("UPDATE naming_run SET run_at = :now WHERE run_at > :latest",),
        _NOW,
    ),
    Law(
        f"the key {{0}} was created or used {_AHEAD}",
        "SELECT prefix FROM api_key WHERE max(created_at, coalesce(last_used_at, created_at)) > :latest",
        (
            """UPDATE api_key SET created_at = iif(created_at > :latest, :now, created_at),
                last_used_at = iif(last_used_at > :latest, :now, last_used_at)
            WHERE max(created_at, coalesce(last_used_at, created_at)) > :latest""",
        ),
        _NOW,
    ),
    Law(
        "insight {0} was changed before it was created",
        """SELECT id FROM insight WHERE updated_at < created_at OR last_modified_at < created_at
        OR last_modified_at > updated_at""",
        (
            "UPDATE insight SET last_modified_at = max(last_modified_at, created_at)",
            "UPDATE insight SET updated_at = max(updated_at, last_modified_at)",
        ),
        "set to the later of the moments",
    ),
    Law(
        "view {0} of viewer {1} is marked as of a deleted insight and is not, or the other way round",
        "SELECT v.insight, v.viewer FROM view AS v JOIN insight AS i ON i.id = v.insight WHERE v.dead <> i.deleted",
        ("UPDATE view SET dead = (SELECT deleted FROM insight WHERE id = view.insight)",),
        "marked as its insight is",
    ),
    Law(
        "view {0} of viewer {1} crosses projects",
        """SELECT v.insight, v.viewer FROM view AS v JOIN insight AS i ON i.id = v.insight
        JOIN viewer AS w ON w.id = v.viewer WHERE w.project <> i.project""",
    ),
    Law(
        "view {0} of viewer {1} lies before what was forgotten",
        """SELECT v.insight, v.viewer FROM view AS v JOIN viewer AS w ON w.id = v.viewer
        WHERE v.last_viewed_at <= w.forgotten_until""",
        ("DELETE FROM view WHERE last_viewed_at <= (SELECT forgotten_until FROM viewer WHERE id = view.viewer)",),
        "removed",
    ),
    Law(
        "insight {0} has tags that are no sorted, distinct texts",
        """SELECT id FROM insight WHERE tags <> (SELECT json_group_array(value) FROM
            (SELECT DISTINCT value FROM json_each(tags) WHERE type = 'text' ORDER BY value COLLATE BINARY))""",
    ),
    Law(
        "insight {0} has dashboards that are no distinct integers",
        """SELECT id FROM insight WHERE json_array_length(dashboards) <>
            (SELECT count(DISTINCT value) FROM json_each(dashboards) WHERE type = 'integer')""",
    ),
)
