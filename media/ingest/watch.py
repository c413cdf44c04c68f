"""Sockets that have been idle or open for too long, or whose call is over; and the disk. Runs beside the sockets, never
in them."""

import asyncio
import logging
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import Q

from calls.event_loop import db
from calls.log_context import named
from calls.models import Call
from calls.services.event_log import FAILURES
from media.ingest.ingest import Ingest
from media.ingest.intake import Intake, Verdict
from media.ingest.peers import Peer
from media.models import StreamSession

OVER = Verdict(1000, "The call is over.")
REPLACED = Verdict(1001, "Nobody was there any more, and the sound came back on another socket.")

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
ASK_AGAIN_SECONDS = 30.0
MOST_ROOM = 256 << 20  # a quarter more must be free until streams are taken again, at most so much: nothing flutters
LOOK_SECONDS = 1.5
QUIET_SECONDS = 3  # a call's last frames may come after the event that says it is over
PATIENCE_SECONDS = 60.0  # with one that goes on sending
SECOND = 1_000_000_000


async def watch(ingest: Ingest) -> None:
    """Runs as long as the ingest."""
    asked: dict[int, float] = {}
    seen: dict[int, Seen] = {}
    peers: dict[int, Peer] = {}
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        ingest.disk_low = disk_low(ingest)
        now = time.monotonic()
        seen = {intake.number: see(seen.get(intake.number), intake, now) for intake in ingest.intakes.values()}
        peers = {number: peers.get(number) or Peer(intake.line) for number, intake in ingest.intakes.items()}
        for number, intake in ingest.intakes.items():
            look_for(peers[number], intake, spoke=ingest.full or seen[number].changed == now)
        for intake in list(ingest.intakes.values()):
            if is_replaced(intake, ingest):
                intake.closing = REPLACED
                await intake.close(REPLACED.code, REPLACED.reason)
            verdict = overdue(seen[intake.number], now)
            if verdict and time.monotonic() - asked.get(intake.number, -ASK_AGAIN_SECONDS) >= ASK_AGAIN_SECONDS:
                asked[intake.number] = time.monotonic()
                if not await asyncio.to_thread(has_living_call, intake.session_id):
                    intake.closing = verdict
                    await intake.close(verdict.code, verdict.reason)
        asked = {number: at for number, at in asked.items() if number in ingest.intakes}


def look_for(peer: Peer, intake: Intake, spoke: bool) -> None:
    """Says so, once, of a peer that is gone; the sound of a call that runs is fetched back then (healing.py)."""
    was_gone = intake.gone
    peer.look(spoke)
    intake.gone = peer.gone
    if intake.gone and not was_gone:
        session, words = intake.session_id, "media socket of session %s: nobody is there any more (no answer to pings)"
        log.warning(words, session, extra=named(session=session))


def is_replaced(intake: Intake, ingest: Ingest) -> bool:
    """Whether it only takes a stream's place: nobody is there, and the session has a later socket that brings sound."""
    if not intake.gone or intake.closing is not None:
        return False
    others = (other for other in ingest.intakes.values() if other.session_id == intake.session_id)
    return any(other.lanes and other.number > intake.number for other in others)


async def let_go(ingest: Ingest) -> None:
    """Runs as long as the ingest: closes sockets that somebody left open although their call is over. Waits for the
    database, for which nothing else here may wait."""
    over_since: dict[uuid.UUID, float] = {}
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        intakes = [intake for intake in ingest.intakes.values() if intake.closing is None]
        try:
            over = await db(over_calls, {intake.session_id for intake in intakes}) if intakes else set()
        except (DatabaseError, InterfaceError):
            continue
        now = time.monotonic()
        over_since = {session_id: over_since.get(session_id, now) for session_id in over}
        for intake in intakes:
            since = over_since.get(intake.session_id)
            if since is not None and may_go(intake, now - since, time.time_ns()):
                intake.closing = OVER
                await intake.close(OVER.code, OVER.reason)


def may_go(intake: Intake, over_seconds: float, now: int) -> bool:
    """Whether a socket whose call has been over for so long is only left open."""
    quiet = now - intake.last_at >= QUIET_SECONDS * SECOND
    return over_seconds >= PATIENCE_SECONDS or (over_seconds >= QUIET_SECONDS and quiet)


def over_calls(sessions: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those whose call is over by ACS's own word: where it only did not answer us, the sound is proof of the call."""
    ended = Q(call__state=Call.State.ENDED)
    never = Q(call__state=Call.State.FAILED, call__events__kind__in=FAILURES)
    return set(StreamSession.objects.filter(ended | never, id__in=sessions).values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class Seen:
    """A socket by the monotonic clock: the wall clock may be stepped, and a silence that it made up ends no stream.
    `last_at` is the intake's, only compared with itself."""

    first: float
    changed: float
    last_at: int


def see(before: Seen | None, intake: Intake, now: float) -> Seen:
    if before is None:
        return Seen(now, now, intake.last_at)
    return before if before.last_at == intake.last_at else Seen(before.first, now, intake.last_at)


def overdue(seen: Seen, now: float) -> Verdict | None:
    if now - seen.changed > settings.MEDIA_IDLE_SECONDS:
        return Verdict(
            1001, f"Nothing came for {settings.MEDIA_IDLE_SECONDS} seconds, and no call is known to be running."
        )
    if now - seen.first > settings.MEDIA_MAX_HOURS * 3600:
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
    least = settings.SPOOL_FREE_MIB << 20
    if free >= least + (min(least // 4, MOST_ROOM) if ingest.disk_low else 0):
        if ingest.disk_low:
            log.warning("The disk of SPOOL_DIR has room again: new streams are taken.")
        return ""
    if not ingest.disk_low:
        log.error(
            "Only %d MiB are left on the disk of SPOOL_DIR: new streams are refused until there is room.", free >> 20
        )
    return f"the disk of the spool has only {free >> 20} MiB left"
