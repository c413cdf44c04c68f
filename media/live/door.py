"""Who may open a browser's socket, and how it is told no: by its session cookie, from our own pages alone, with the
rights of the person. Asked again from time to time: who signs out or loses a right sees and hears no more."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from media.access import Right, demand
from media.ingest.admission import Refused
from media.ingest.consumers import refuse
from media.live import database

SIGN_IN, NOT_ALLOWED, NOT_FOUND, TOO_SLOW, NOT_LIVE, TRY_AGAIN, RESTART = 4401, 4403, 4404, 4408, 4409, 1013, 1012
ASK_AGAIN_SECONDS = 10.0
FOREIGN = "This socket is for the pages of this server; the page that opened it is of another (Origin)."


class Closed(Exception):
    """The socket is to be closed with this code and these words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is signed in at the other end."""

    user: User
    cookie: str


async def enter(scope: dict[str, Any], receive: Any, send: Any, rights: Sequence[Right]) -> Visitor | None:
    """Accepts the socket of somebody with these rights. None: it was refused or closed, and told why."""
    await receive()  # websocket.connect
    if not is_ours(header(scope, b"origin"), header(scope, b"host")):
        await refuse(scope, send, Refused(403, FOREIGN), "browser socket")
        return None
    await send({"type": "websocket.accept"})  # before the rights: a refused upgrade cannot tell a page why
    try:
        return await visitor(header(scope, b"cookie"), rights)
    except Closed as closed:
        await close(send, closed.code, closed.reason)
        return None


def header(scope: dict[str, Any], name: bytes) -> str:
    """Its first value, whole: a cookie may be long."""
    return next((value.decode("latin-1") for key, value in scope.get("headers", []) if key.lower() == name), "")


def is_ours(origin: str, host: str) -> bool:
    """Whether a page of this server asks. Cookies come with requests of foreign pages too, so they prove nothing."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    name = split_domain_port(host)[0]
    return bool(origin) and urlsplit(origin).netloc == host and validate_host(name, settings.ALLOWED_HOSTS)


async def visitor(cookie: str, rights: Sequence[Right]) -> Visitor:
    """Raises Closed."""
    try:
        return await database.ask(lambda: _visitor(cookie, rights))
    except PermissionDenied as denied:
        raise Closed(NOT_ALLOWED, str(denied)) from None
    except database.AWAY:
        raise Closed(TRY_AGAIN, "The database is not available at the moment. Recording goes on.") from None


def _visitor(cookie: str, rights: Sequence[Right]) -> Visitor:
    user = _signed_in(cookie)
    if user is None:
        raise Closed(SIGN_IN, "You are not signed in any more.")
    for right in rights:
        demand(user, right)
    return Visitor(user, cookie)


def _signed_in(cookie: str) -> User | None:
    try:
        found = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(found.value if found else None)
    user = get_user(request)
    return user if isinstance(user, User) else None


async def watch_over(visitor_now: Visitor, rights: Sequence[Right]) -> None:
    """Raises Closed as soon as the visitor has lost a right. A database that is away takes nothing from anybody."""
    while True:
        await asyncio.sleep(ASK_AGAIN_SECONDS)
        try:
            await visitor(visitor_now.cookie, rights)
        except Closed as closed:
            if closed.code != TRY_AGAIN:
                raise


async def close(send: Any, code: int, reason: str) -> None:
    short = reason.encode()[:120].decode(errors="ignore")  # a close frame's reason takes 123 bytes (RFC 6455, 5.5)
    with contextlib.suppress(OSError, RuntimeError):  # gone already
        await send({"type": "websocket.close", "code": code, "reason": short})
