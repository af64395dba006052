"""The same two endpoints as a Django REST framework server, for `bench.http`: one key, not looked up in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import _django

KEY = "a-key"


def application(folder: Path, insights: int, users: int, query: dict[str, Any]) -> Any:
    """Return the ASGI application over a SQLite file that is filled first."""
    from django.conf import settings

    _django.configure(folder, None)
    _django.fill("default", insights, users, query)
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECRET_KEY = "none"
    settings.REST_FRAMEWORK = {
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    }
    from django.core.asgi import get_asgi_application

    globals()["urlpatterns"] = _urls()
    return get_asgi_application()


def _urls() -> list[Any]:
    from django.urls import path
    from rest_framework.authentication import BaseAuthentication
    from rest_framework.exceptions import AuthenticationFailed
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class ByKey(BaseAuthentication):
        def authenticate(self, request: Any) -> Any:
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                raise AuthenticationFailed
            return ("user", None)

    class Recent(APIView):
        authentication_classes = (ByKey,)

        def get(self, _: Any) -> Any:
            _, viewed, serializer = _django.models()
            found = (
                viewed.objects.filter(team_id=1, user_id=0).select_related("insight")
                .exclude(insight__deleted=True).order_by("-last_viewed_at")[:5]
            )  # fmt: skip
            return Response(
                [{**serializer(view.insight).data, "last_viewed_at": view.last_viewed_at.isoformat()} for view in found]
            )

    class Viewed(APIView):
        authentication_classes = (ByKey,)

        def post(self, request: Any) -> Any:
            _django.viewed("default", request.data["insight_ids"])
            return Response(status=201)

    base = "api/projects/1/insights/"
    return [path(f"{base}my_last_viewed/", Recent.as_view()), path(f"{base}viewed/", Viewed.as_view())]
