"""Beside the server, once a second, on the event loop of calls: what is due on calls, calls of which nothing
is heard, incoming calls that ring no longer, sound that is gone. Every process does it; each step is claimed in the
database, so none is done twice."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Awaitable, Callable

from django.db import InterfaceError, OperationalError, ProgrammingError

from calls import acs
from calls.event_loop import db, spawn
from calls.services import due, incoming, reconciling
from media import running
from media.alarms import watch
from media.monitoring import heartbeat
from media.sessions import healing

log = logging.getLogger(__name__)
SECOND = 1.0
AWAY = (OperationalError, InterfaceError, ProgrammingError)  # the last: not migrated yet
ALARM_SECONDS = 5.0
SILENT_SECONDS = 5.0

Step = Callable[[], Awaitable[None]]
_leaving = threading.Event()


async def expire() -> None:
    await db(incoming.expire)


async def look_for_alarms() -> None:
    """Beside everything else: people may be told slowly."""
    await asyncio.to_thread(watch.look)


async def look_for_silent() -> None:
    if acs.is_configured() and not _leaving.is_set():
        await healing.look_for_silent()


async def tell_presence() -> None:
    here = running.current()
    if here:
        await db(heartbeat.tell, here)


STEPS: tuple[Step, ...] = (due.look, reconciling.look, expire, healing.look, healing.look_for_unplaced)


def supervise() -> None:
    """Begins, and goes on until the loop closes."""
    spawn(_supervise(), "supervising calls", endless=True)


def say_goodbye(closed: set[uuid.UUID]) -> None:
    """After the last socket: no other process, nor the next, may think for a while that it is still open. The sound of
    the sessions that we have `closed` is theirs to fetch back; we would end over it."""

    async def goodbye() -> None:
        await tell_presence()
        await db(healing.let_go, closed)

    _leaving.set()
    spawn(_done(goodbye), "saying goodbye")


async def _supervise() -> None:
    """Anything may have happened before the start, and while the database was away: then all is asked anew."""
    spawn(_repeat(look_for_alarms, ALARM_SECONDS), "looking for alarms", endless=True)
    spawn(_repeat(look_for_silent, SILENT_SECONDS), "looking for silent sockets", endless=True)
    while True:
        while not await _done(reconciling.begin):
            await asyncio.sleep(SECOND)
        while await _look():
            await asyncio.sleep(SECOND)


async def _look() -> bool:
    """False where the database is away."""
    steps = STEPS if acs.is_configured() and not _leaving.is_set() else ()
    return all([await _done(step) for step in (tell_presence, *steps)])


async def _repeat(step: Step, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await _done(step)


async def _done(step: Step) -> bool:
    """False where the database is away. A step that fails is tried again a second later; the others go on."""
    try:
        await step()
    except AWAY:
        return False  # said elsewhere (config/serving/watch.py)
    except Exception:
        log.exception("A fault in supervising calls (%s).", step.__module__)
    return True
