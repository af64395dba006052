"""Two tables and the two calls as the hosted service writes them with Django and REST framework, on any database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings

START = datetime(2023, 11, 14, tzinfo=UTC)


def configure(folder: Path, port: int | None) -> None:
    """Set Django up, once, for a SQLite file and, with a port, a PostgreSQL server."""
    lite = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "django.db"),
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
        },
    }
    databases: dict[str, Any] = {"default": lite}
    if port is not None:
        databases["postgresql"] = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": "127.0.0.1",
            "PORT": port,
            "CONN_MAX_AGE": None,
        }
    settings.configure(
        DATABASES=databases, INSTALLED_APPS=[], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField"
    )
    django.setup()


def models() -> tuple[Any, Any, Any]:
    """Return the two models and the serialiser; made once, after `configure`."""
    if _MADE:
        return _MADE[0]
    from django.db import models as m
    from rest_framework import serializers

    class Insight(m.Model):
        team_id = m.BigIntegerField()
        short_id = m.CharField(max_length=12)
        name = m.CharField(max_length=400, null=True)
        derived_name = m.CharField(max_length=400, null=True)
        query = m.JSONField(null=True)
        deleted = m.BooleanField(default=False)
        description = m.CharField(max_length=400, null=True)
        tags = m.JSONField(default=list)
        favorited = m.BooleanField(default=False)
        created_at = m.DateTimeField()
        updated_at = m.DateTimeField()
        last_modified_at = m.DateTimeField()

        class Meta:
            app_label = "bench"
            db_table = "insight"

    class InsightViewed(m.Model):
        team_id = m.BigIntegerField()
        user_id = m.BigIntegerField()
        insight = m.ForeignKey(Insight, on_delete=m.CASCADE)
        last_viewed_at = m.DateTimeField()

        class Meta:
            app_label = "bench"
            db_table = "insight_viewed"
            constraints = [m.UniqueConstraint(fields=["team_id", "user_id", "insight"], name="one_view")]
            indexes = [m.Index(fields=["team_id", "user_id", "-last_viewed_at"], name="recent")]

    class Serializer(serializers.ModelSerializer):
        class Meta:
            model = Insight
            exclude = ["team_id", "deleted"]

    _MADE.append((Insight, InsightViewed, Serializer))
    return _MADE[0]


_MADE: list[tuple[Any, Any, Any]] = []


def fill(alias: str, insights: int, users: int, query: dict[str, Any]) -> None:
    """Make the tables and their rows: each user has viewed each insight."""
    from django.db import connections

    insight, viewed, _ = models()
    connection = connections[alias]
    with connection.schema_editor() as editor:
        editor.create_model(insight)
        editor.create_model(viewed)
    rows = [
        insight(team_id=1, short_id=f"a{n:07}", name=f"Insight {n}", query=query, tags=["sales"], created_at=START,
                updated_at=START, last_modified_at=START)
        for n in range(1, insights + 1)
    ]  # fmt: skip
    insight.objects.using(alias).bulk_create(rows, batch_size=5000)
    later = {
        "postgresql": "timestamptz '2023-11-14' + i.id * interval '1 microsecond'",
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 1699920000 + i.id / 1000.0, 'unixepoch')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        for user in range(users):
            cursor.execute(
                f"INSERT INTO insight_viewed (team_id, user_id, insight_id, last_viewed_at) SELECT 1, {user}, i.id, {later} FROM insight i"
            )
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


def empty(alias: str) -> None:
    from django.db import connections

    insight, viewed, _ = models()
    with connections[alias].schema_editor() as editor:
        editor.delete_model(viewed)
        editor.delete_model(insight)


def recent(alias: str) -> int:
    _, viewed, serializer = models()
    found = (
        viewed.objects.using(alias).filter(team_id=1, user_id=0).select_related("insight")
        .exclude(insight__deleted=True).order_by("-last_viewed_at")[:5]
    )  # fmt: skip
    shown = [{**serializer(view.insight).data, "last_viewed_at": view.last_viewed_at.isoformat()} for view in found]
    json.dumps(shown)
    return len(shown)


def viewed(alias: str, ids: list[int]) -> None:
    insight, viewed_model, _ = models()
    now = datetime.now(UTC)
    kept = insight.objects.using(alias).filter(team_id=1, deleted=False, id__in=ids).values_list("id", flat=True)
    viewed_model.objects.using(alias).bulk_create(
        [viewed_model(team_id=1, user_id=0, insight_id=id_, last_viewed_at=now) for id_ in kept],
        update_conflicts=True,
        unique_fields=["team_id", "user_id", "insight"],
        update_fields=["last_viewed_at"],
    )


def close(alias: str) -> None:
    from django.db import connections

    connections[alias].close()
