"""/metrics, answered before Django. For this machine; for others with METRICS_TOKEN."""

import asyncio
import ipaddress
import secrets

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from calls.desk import db
from config.answers import Scope, Send, respond
from media import metrics, presence, runtime, standing

PATH = "/metrics"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"
CLOSED = "Figures are for this machine; from elsewhere send 'Authorization: Bearer <METRICS_TOKEN>'.\n"
DATABASE_SECONDS = 3.0


async def door(scope: Scope, send: Send) -> None:
    if not _allowed(scope):
        await respond(send, 403, CLOSED)
        return
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            found, rows = await db(_from_database)
    except (DatabaseError, InterfaceError, TimeoutError):
        found, rows = {}, {}
    processes = dict(found)
    if here := runtime.current():
        processes[here.spool.folder.name] = standing.of(here)
    await respond(send, 200, metrics.render(processes, rows).decode(), TEXT)


def _from_database() -> tuple[metrics.All, dict[str, dict[str, int]]]:
    return presence.figures_of_all(), metrics.counted_rows()


def _allowed(scope: Scope) -> bool:
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    if settings.METRICS_TOKEN and secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    try:
        return ipaddress.ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False
