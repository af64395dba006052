"""The statements of the SQLite store, as constants: parameters are named, and every one is planned once."""

from ._rows import BASIC, COLUMNS
from ._schema import IS_NEWEST

PROJECT = "(SELECT id FROM project WHERE key = :project)"

VIEWER = f"(SELECT id FROM viewer WHERE project = {PROJECT} AND user = :user)"

GET = f"SELECT {COLUMNS} FROM insight AS i WHERE i.project = {PROJECT} AND NOT i.deleted"
GET_BY_ID = f"{GET} AND i.id = :reference"
GET_BY_SHORT_ID = f"{GET} AND i.short_id = :reference"

ALL_BY_IDS = f"SELECT {COLUMNS} FROM json_each(:ids) AS j CROSS JOIN insight AS i ON i.id = j.value ORDER BY j.key"

IDS = f"""
SELECT j.value, i.id, i.deleted FROM json_each(:references) AS j CROSS JOIN insight AS i ON i.id = j.value
WHERE j.type = 'integer' AND i.project = {PROJECT}
UNION ALL
SELECT j.value, i.id, i.deleted FROM json_each(:references) AS j CROSS JOIN insight AS i ON i.short_id = j.value
WHERE j.type = 'text' AND i.project = {PROJECT}"""

CREATE = f"""
INSERT INTO insight (project, short_id, name, derived_name, query, "order", dashboards, description, tags, favorited,
    folder, created_at, created_by, updated_at, last_modified_at, last_modified_by, name_source,
    derived_source)
VALUES ({PROJECT}, :short_id, :name, :derived_name, :query, :order, :dashboards, :description, :tags, :favorited,
    :folder, :now, :created_by, :now, :now, :created_by, :name_source,
    :derived_source)
ON CONFLICT (project, short_id) DO NOTHING
RETURNING id"""

SET_DELETED = """
UPDATE insight SET deleted = :deleted, updated_at = max(:now, updated_at + 1), revision = revision + 1
WHERE id IN (SELECT value FROM json_each(:ids)) AND deleted <> :deleted"""

INTERN_PROJECT = "INSERT INTO project (key) VALUES (:project) ON CONFLICT DO NOTHING"

INTERN_VIEWER = """
INSERT INTO viewer (project, user) SELECT id, :user FROM project WHERE key = :project ON CONFLICT DO NOTHING"""

# The moment of a call without `at`: later than each view of this user, those of deleted insights included (two index
# seeks, one for either value of `dead`), and later than the watermark.
NEXT_MOMENT = """max(:now,
    coalesce((SELECT last_viewed_at + 1 FROM view WHERE viewer = w.id AND dead = 0 ORDER BY last_viewed_at DESC LIMIT 1), :now),
    coalesce((SELECT last_viewed_at + 1 FROM view WHERE viewer = w.id AND dead = 1 ORDER BY last_viewed_at DESC LIMIT 1), :now),
    coalesce(w.forgotten_until + 1, :now))"""


def _record(moment: str, condition: str) -> str:
    # CROSS JOIN keeps this order of loops: the ids ascend, so that both tables are walked forward.
    return f"""
WITH w (id, project, moment) AS MATERIALIZED (
    SELECT w.id, w.project, {moment} FROM viewer AS w
    WHERE w.project = {PROJECT} AND w.user = :user AND {condition})
INSERT INTO view (viewer, insight, last_viewed_at)
SELECT w.id, i.id, w.moment FROM w CROSS JOIN json_each(:ids) AS j
CROSS JOIN insight AS i INDEXED BY insight_kept ON i.id = j.value
WHERE i.project = w.project AND i.deleted = 0
ON CONFLICT (viewer, insight) DO UPDATE SET last_viewed_at = excluded.last_viewed_at
    WHERE excluded.last_viewed_at > last_viewed_at
RETURNING insight, last_viewed_at"""


# The one that is a transaction of its own, so that it has to look at the schema's version itself.
RECORD_NOW = _record(NEXT_MOMENT, IS_NEWEST)
RECORD_AT = _record(":at", "(w.forgotten_until IS NULL OR w.forgotten_until < :at)")

KEPT = f"""
SELECT i.id FROM json_each(:ids) AS j CROSS JOIN insight AS i INDEXED BY insight_kept ON i.id = j.value
WHERE i.project = {PROJECT} AND i.deleted = 0"""

FORGOTTEN = f"SELECT 1 FROM viewer WHERE id = {VIEWER} AND forgotten_until >= :at"

RECENT = f"""
SELECT {BASIC}, v.last_viewed_at FROM view AS v CROSS JOIN insight AS i ON i.id = v.insight
WHERE v.viewer = {VIEWER} AND v.dead = 0
ORDER BY v.last_viewed_at DESC, v.insight DESC LIMIT :limit"""

# For each user of the project one seek, and a walk over their views of the time asked for.
TRENDING = f"""
WITH counted (insight, latest, viewers) AS (
    SELECT v.insight, max(v.last_viewed_at), count(*) FROM viewer AS w CROSS JOIN view AS v
    ON v.viewer = w.id AND v.dead = 0 AND v.last_viewed_at >= :since
    WHERE w.project = {PROJECT} GROUP BY v.insight ORDER BY 3 DESC, 2 DESC, 1 DESC LIMIT :limit)
SELECT {BASIC}, c.latest, c.viewers, (
    SELECT json_group_array(user) FROM (
        SELECT w.user FROM view AS v JOIN viewer AS w ON w.id = v.viewer
        WHERE v.insight = c.insight AND v.last_viewed_at >= :since ORDER BY v.last_viewed_at DESC, w.user LIMIT 3))
FROM counted AS c CROSS JOIN insight AS i ON i.id = c.insight ORDER BY c.viewers DESC, c.latest DESC, c.insight DESC"""

# Nothing at or before the watermark is ever taken again, so it lies at the newest view at least.
FORGET = """
UPDATE viewer SET forgotten_until = max(:now, coalesce(forgotten_until, :now),
    coalesce((SELECT max(last_viewed_at) FROM view WHERE viewer = viewer.id AND dead = 0), :now),
    coalesce((SELECT max(last_viewed_at) FROM view WHERE viewer = viewer.id AND dead = 1), :now))
WHERE project = {project} AND user = :user""".replace("{project}", PROJECT)

REMOVE_VIEWS = f"DELETE FROM view WHERE viewer = {VIEWER}"

RENAME = """
UPDATE insight SET derived_name = :name, derived_source = :source, updated_at = max(:now, updated_at + 1),
    revision = revision + 1
WHERE id = :insight"""

LAST_RUN = f"SELECT max(id) FROM naming_run WHERE project = {PROJECT}"

# What was renamed once more since, by whomever, stays as it is now.
UNDONE = """
SELECT c.insight, c.old_name, c.old_source FROM naming_change AS c JOIN insight AS i ON i.id = c.insight
WHERE c.run = ? AND i.derived_name IS c.new_name ORDER BY c.insight"""

NEW_RUN = f"INSERT INTO naming_run (project, run_at) VALUES ({PROJECT}, :now)"

RECALL_NAME = "SELECT name, problem FROM generated_name WHERE (facts, draft, maker) = (?, ?, ?)"

REMEMBER_NAME = """
INSERT INTO generated_name VALUES (?, ?, ?, ?, ?)
ON CONFLICT (facts, draft, maker) DO UPDATE SET name = excluded.name, problem = excluded.problem"""

NAMES_MADE = """
SELECT g.facts, g.name FROM json_each(?) AS j CROSS JOIN generated_name AS g ON g.facts = j.value
WHERE g.name IS NOT NULL"""
