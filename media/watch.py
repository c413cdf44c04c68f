"""Once a second: sockets that have been idle or open for too long, and the disk. Runs beside the sockets, never in
them."""

import asyncio
import logging
import shutil
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from calls.models import Call
from media.ingest import Ingest, Intake, Verdict
from media.models import StreamSession

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
ASK_AGAIN_SECONDS = 30.0
LEAST_FREE = 512 << 20
SECOND = 1_000_000_000


async def watch(ingest: Ingest) -> None:
    """Runs as long as the ingest."""
    asked: dict[int, float] = {}
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        ingest.disk_low = disk_low(ingest)
        now = time.time_ns()
        for intake in list(ingest.intakes.values()):
            verdict = overdue(intake, now)
            if verdict and time.monotonic() - asked.get(intake.number, -ASK_AGAIN_SECONDS) >= ASK_AGAIN_SECONDS:
                asked[intake.number] = time.monotonic()
                if not await asyncio.to_thread(has_living_call, intake.session_id):
                    intake.closing = verdict
                    await intake.close(verdict.code, verdict.reason)
        asked = {number: at for number, at in asked.items() if number in ingest.intakes}


def overdue(intake: Intake, now: int) -> Verdict | None:
    if now - intake.last_at > settings.MEDIA_IDLE_SECONDS * SECOND:
        return Verdict(
            1001, f"Nothing came for {settings.MEDIA_IDLE_SECONDS} seconds, and no call is known to be running."
        )
    if now - intake.opened_at > settings.MEDIA_MAX_HOURS * 3600 * SECOND:
        return Verdict(
            1001, f"Open for more than {settings.MEDIA_MAX_HOURS} hours, and no call is known to be running."
        )
    return None


def has_living_call(session_id: uuid.UUID) -> bool:
    """Asks the database, in a thread of its own. While it cannot be asked the answer is yes: a live call is never
    cut."""
    close_old_connections()
    try:
        over = StreamSession.objects.filter(id=session_id).values_list("call__state", flat=True).first()
    except DatabaseError:
        return True
    finally:
        close_old_connections()
    return over is not None and over not in Call.OVER


def disk_low(ingest: Ingest, usage: Callable[[str], tuple[int, int, int]] = shutil.disk_usage) -> str:
    """Why no new stream can be taken because of the disk, "" when it can; running ones are never cut."""
    try:
        free = usage(str(ingest.spool.folder.parent))[2]
    except OSError as error:
        return f"the disk of the spool cannot be asked ({error.strerror})"
    if free >= LEAST_FREE:
        return ""
    if not ingest.disk_low:
        log.error(
            "Only %d MiB are left on the disk of SPOOL_DIR: new streams are refused until there is room.", free >> 20
        )
    return f"the disk of the spool has only {free >> 20} MiB left"
