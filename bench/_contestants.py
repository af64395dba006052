"""Those who are measured by `bench.store`: each opens its own database, holds `size` views, and offers two calls."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insights_core import Insights

QUERY = {
    "kind": "InsightVizNode",
    "source": {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "order_placed", "math": "dau"}],
        "interval": "week",
        "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event"},
        "dateRange": {"date_from": "-30d"},
    },
}
START = 1_700_000_000_000_000
USER = "user 0"


def shape(size: int, each: int = 10_000) -> tuple[int, int]:
    """Return how many insights and users there are: each user has viewed each insight once, `each` of them at most."""
    insights = max(100, min(size // 10, each))
    return insights, max(1, size // insights)


# One moment for each view, the newest of user 0 last; deleted marks the newest, equal gives all one moment.
SERIES = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :last) "


def prepare(path: Path, insights: int, users: int, *, deleted: int = 0, equal: bool = False) -> None:
    """Fill a file of the library's own schema, past its calls, since a million of them would take an hour."""
    Insights.open(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO project (id, key) VALUES (1, '1')")
    connection.execute(
        SERIES
        + "INSERT INTO insight (id, project, short_id, name, query, deleted, tags, created_at, updated_at, last_modified_at) "
        "SELECT n, 1, printf('a%07d', n), 'Insight ' || n, :query, n > :alive, '[\"sales\"]', :start, :start, :start FROM n",
        {"last": insights, "query": json.dumps(QUERY), "alive": insights - deleted, "start": START},
    )
    connection.execute(
        SERIES + "INSERT INTO viewer (id, project, user) SELECT n, 1, 'user ' || (n - 1) FROM n", {"last": users}
    )
    step = 0 if equal else 1
    connection.execute(
        SERIES + "INSERT INTO view (viewer, insight, last_viewed_at, dead) "
        "SELECT w.id, n.n, :start + n.n * :step, n.n > :alive FROM viewer AS w CROSS JOIN n",
        {"last": insights, "start": START, "step": step, "alive": insights - deleted},
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


class Library:
    """The public calls."""

    def __init__(self, path: Path, synchronous: Any) -> None:
        self._insights = Insights.open(path, synchronous=synchronous)
        self._project = self._insights.project("1")

    def recent(self) -> int:
        return len(self._project.my_last_viewed(USER))

    def viewed(self, ids: list[int]) -> None:
        self._project.viewed(USER, ids)

    def close(self) -> None:
        self._insights.close()


class Limit:
    """The best statements by hand on the standard module: rows as they come, or as dicts with their JSON parsed."""

    def __init__(self, path: Path, synchronous: str, *, parsed: bool) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._parsed = parsed

    RECENT = """
        SELECT i.id, i.short_id, i.name, i.derived_name, i.query, i.dashboards, i.description, i.tags, i.favorited,
            i.created_at, i.created_by, i.updated_at, i.last_modified_at, v.last_viewed_at
        FROM view AS v CROSS JOIN insight AS i ON i.id = v.insight
        WHERE v.viewer = (SELECT w.id FROM viewer AS w JOIN project AS p ON p.id = w.project WHERE p.key = ? AND w.user = ?)
        AND v.dead = 0 ORDER BY v.last_viewed_at DESC, v.insight DESC LIMIT 5"""
    VIEWED = """
        INSERT INTO view (viewer, insight, last_viewed_at)
        SELECT w.id, i.id, max(?, coalesce((SELECT last_viewed_at + 1 FROM view WHERE viewer = w.id AND dead = 0
            ORDER BY last_viewed_at DESC LIMIT 1), 0)) FROM viewer AS w JOIN project AS p ON p.id = w.project
        CROSS JOIN json_each(?) AS j CROSS JOIN insight AS i INDEXED BY insight_kept ON i.id = j.value
        WHERE p.key = ? AND w.user = ? AND i.project = p.id AND i.deleted = 0
        ON CONFLICT (viewer, insight) DO UPDATE SET last_viewed_at = excluded.last_viewed_at"""

    def recent(self) -> int:
        cursor = self._connection.execute(self.RECENT, ("1", USER))
        rows = cursor.fetchall()
        if self._parsed:
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in rows]
            for row in found:
                row["query"], row["tags"], row["dashboards"] = (
                    json.loads(row[name]) for name in ("query", "tags", "dashboards")
                )
        return len(rows)

    def viewed(self, ids: list[int]) -> None:
        self._connection.execute(self.VIEWED, (time.time_ns() // 1000, json.dumps(sorted(ids)), "1", USER))

    def close(self) -> None:
        self._connection.close()


class SqliteUtils:
    """What sqlite-utils' documentation would have one write, on plain tables."""

    def __init__(self, path: Path) -> None:
        import sqlite_utils

        self._database = sqlite_utils.Database(sqlite3.connect(path, isolation_level=None), execute_plugins=False)
        self._database.execute("PRAGMA synchronous = FULL")

    def recent(self) -> int:
        rows = self._database.query(
            """SELECT i.*, v.last_viewed_at FROM view v JOIN insight i ON i.id = v.insight WHERE v.viewer = 1 AND NOT i.deleted
            ORDER BY v.last_viewed_at DESC LIMIT 5"""
        )
        return len([{**row, "query": json.loads(row["query"])} for row in rows])

    def viewed(self, ids: list[int]) -> None:
        marks = ",".join("?" * len(ids))
        kept = [
            row["id"]
            for row in self._database.query(f"SELECT id FROM insight WHERE id IN ({marks}) AND NOT deleted", ids)
        ]
        now = time.time_ns() // 1000
        rows = [{"viewer": 1, "insight": id_, "last_viewed_at": now} for id_ in kept]
        self._database.table("view").upsert_all(rows, pk=("viewer", "insight"))

    def close(self) -> None:
        self._database.close()


class SQLAlchemy:
    """SQLAlchemy core, on the library's tables."""

    def __init__(self, path: Path) -> None:
        import sqlalchemy as sa
        from sqlalchemy.dialects.sqlite import insert

        self._sa, self._insert = sa, insert
        self._engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = FULL"))
        metadata = sa.MetaData()
        self._view = sa.Table("view", metadata, autoload_with=self._engine)
        self._insight = sa.Table("insight", metadata, autoload_with=self._engine)

    def recent(self) -> int:
        view, insight = self._view, self._insight
        wanted = (
            self._sa.select(insight, view.c.last_viewed_at).join(view, view.c.insight == insight.c.id)
            .where(view.c.viewer == 1, view.c.dead == 0)
            .order_by(view.c.last_viewed_at.desc(), view.c.insight.desc()).limit(5)
        )  # fmt: skip
        with self._engine.connect() as connection:
            return len([{**row, "query": json.loads(row["query"])} for row in connection.execute(wanted).mappings()])

    def viewed(self, ids: list[int]) -> None:
        now = time.time_ns() // 1000
        with self._engine.begin() as connection:
            chosen = self._sa.select(self._insight.c.id).where(
                self._insight.c.id.in_(ids), self._insight.c.deleted == 0
            )
            rows = [{"viewer": 1, "insight": id_, "last_viewed_at": now} for (id_,) in connection.execute(chosen)]
            statement = self._insert(self._view)
            upsert = statement.on_conflict_do_update(
                index_elements=["viewer", "insight"], set_={"last_viewed_at": statement.excluded.last_viewed_at}
            )
            connection.execute(upsert, rows)

    def close(self) -> None:
        self._engine.dispose()


class Django:
    """The hosted service's own way, on a database that `bench._django` knows."""

    def __init__(self, alias: str) -> None:
        from bench import _django

        self._way = _django
        self._alias = alias

    def recent(self) -> int:
        return self._way.recent(self._alias)

    def viewed(self, ids: list[int]) -> None:
        self._way.viewed(self._alias, ids)

    def close(self) -> None:
        self._way.close(self._alias)


@contextlib.contextmanager
def postgresql() -> Iterator[int | str]:
    """Run a private cluster on a free port of the loopback and yield the port, or the reason why there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        yield "PostgreSQL is not installed (Debian: postgresql-15)"
        return
    import pwd

    owner = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bench-postgresql-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = None
    try:
        if owner:
            account = pwd.getpwnam(owner)
            os.chown(folder, account.pw_uid, account.pw_gid)
        run: dict[str, Any] = {"user": owner, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(
            [found[-1] / "initdb", "-A", "trust", "-U", "postgres", "-D", folder / "data"], check=True, **run
        )
        server = subprocess.Popen(
            [found[-1] / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder], **run
        )
        until = time.monotonic() + 60
        while subprocess.run(
            [found[-1] / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        ).returncode:
            if time.monotonic() > until:
                yield "PostgreSQL did not start within a minute"
                return
            time.sleep(0.1)
        yield port
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; the plain one waits for its clients
            server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
