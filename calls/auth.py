"""Who asks the REST API: a program with a token, or a person signed in to the console. Knows nothing of rights."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.throttling import SimpleRateThrottle
from ninja.utils import check_csrf

from calls.event_loop import db
from calls.models import ApiToken

USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which way: "api" (a token) or "console" (a browser's session). Stands in `request.auth`."""

    user: User
    via: str


def caller_of(request: HttpRequest) -> Caller:
    """The caller that one of the two classes below let in."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # set by ninja


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`, a token of `createtoken` that has not expired and whose user is active."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        now = timezone.now()
        row = ApiToken.find(token.strip(), now)
        if row is None:
            return None
        note_use(row, now)
        request.user = row.user
        return Caller(row.user, "api")


class SessionAuth(APIKeyCookie):
    """The console's session cookie; whatever changes something needs the CSRF token too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=True)

    def _get_key(self, request: HttpRequest) -> str | None:
        # The base class checks CSRF here, before it knows whether anybody is signed in: 403 where 401 is the truth.
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        # A request that brought a token stands or falls with it: a wrong one is not covered up by a cookie.
        if "Authorization" in request.headers or not isinstance(request.user, User) or not request.user.is_active:
            return None
        if check_csrf(request):
            raise PermissionDenied("The CSRF token is missing or wrong; send it as X-CSRFToken, or use an API token.")
        return Caller(request.user, "console")


class AsyncTokenAuth(TokenAuth):
    """The same for asynchronous doors: `event_loop.db` asks the database, which keeps its connections few."""

    is_async = True

    async def __call__(self, request: HttpRequest) -> Any:
        return await db(super().__call__, request)


class AsyncSessionAuth(SessionAuth):
    is_async = True

    async def __call__(self, request: HttpRequest) -> Any:
        return await db(super().__call__, request)


ASYNC_AUTH = [AsyncTokenAuth(), AsyncSessionAuth()]


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute for each token; people at the console are not counted. Counted in each process, so that
    a Redis that is away delays nobody."""

    cache = caches["throttle"]

    def get_cache_key(self, request: HttpRequest) -> str | None:
        caller = getattr(request, "auth", None)
        if not isinstance(caller, Caller) or caller.via != "api":
            return None
        return "api-" + hashlib.sha256(request.headers.get("Authorization", "").encode()).hexdigest()


def note_use(token: ApiToken, now: datetime) -> None:
    """Writes `last_used_at`, at most once a minute for each token."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
