"""/metrics, answered before Django. For this machine; for others, and through proxies, with METRICS_TOKEN."""

import asyncio
import ipaddress
import secrets

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from calls.event_loop import db
from config.answers import Scope, Send, respond
from media import running
from media.monitoring import heartbeat, metrics, process_figures

PATH = "/metrics"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"
CLOSED = (
    "Figures are for this machine; from elsewhere, or through a proxy, send 'Authorization: Bearer <METRICS_TOKEN>'.\n"
)
DATABASE_SECONDS = 3.0
PASSED_ON = (b"forwarded", b"via", b"x-real-ip", b"x-original-host", b"cf-connecting-ip", b"true-client-ip")


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
    if here := running.current():
        processes[here.spool.folder.name] = process_figures.of(here)
    await respond(send, 200, metrics.render(processes, rows).decode(), TEXT)


def _from_database() -> tuple[metrics.All, dict[str, dict[str, int]]]:
    return heartbeat.figures_of_all(), metrics.counted_rows()


def _allowed(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    if (given := headers.get(b"authorization")) is not None:  # a wrong one is a mistake, also on this machine
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return bool(settings.METRICS_TOKEN) and secrets.compare_digest(given, wanted)
    return not any(_passed_on(name) for name in headers) and _is_here(scope)


def _passed_on(name: bytes) -> bool:
    """A tunnel or proxy on this machine asks for somebody else, whatever address it says (anybody can send it one)."""
    return name.startswith(b"x-forwarded-") or name in PASSED_ON


def _is_here(scope: Scope) -> bool:
    try:
        return ipaddress.ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False
