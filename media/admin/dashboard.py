"""The admin's first page (unfold's DASHBOARD_CALLBACK)."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from media.admin import overview


def callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    return {**context, "dashboard": overview.page(cast(User, request.user)), "title": "How it goes"}
