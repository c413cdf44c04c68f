"""Once a second: calls that run and whose sound does not come, by the evidence of our own sockets; those whose sound is
back; sound that comes of calls which are not connected, as far as is known, or of which ACS never said that it has
them."""

import uuid
from datetime import timedelta
from functools import partial

from django.utils import timezone

from calls.event_loop import db, spawn
from calls.services import fetching_back, reconciling, refusals
from media import running
from media.models import Connection, StreamSession
from media.monitoring import heartbeat
from media.sessions.identity import session_of_call

LATELY = timedelta(hours=1)
SILENT = timedelta(seconds=5)
LONG_SILENT = timedelta(seconds=30)


async def look() -> None:
    present = await _present()
    if present is None:  # nobody can say what is open: nothing is known to be lost
        return
    opened, expected = present, await db(fetching_back.expecting_sound)
    present = opened - await db(_only_open, {session_of_call(one.call_id) for one in expected if one.denied} & present)
    back = [one.call_id for one in expected if one.lost and session_of_call(one.call_id) in present]
    gone = [one.call_id for one in expected if session_of_call(one.call_id) not in present]
    if back:
        await db(fetching_back.heard, back)
    for call_id in await db(fetching_back.missing, gone) if gone else []:
        has_socket = session_of_call(call_id) in opened
        fetching_back.fetch_back(call_id, partial(_is_back, call_id), has_socket=has_socket)
    for call_id in await db(_heard_too_early, present):
        spawn(reconciling.ask_about(call_id), f"asking about call {call_id}")


async def look_for_silent() -> None:
    """Every few seconds: calls whose socket is open and brings nothing. A quiet call's may, and whoever is at its other
    end may not say (ingest/peers.py): so ACS is asked, whose event may be lost."""
    present = await _present()
    if not present:
        return
    expected = await db(fetching_back.expecting_sound)
    calls = {session_of_call(one.call_id): one.call_id for one in expected if not one.denied}
    silent = await db(_only_open, calls.keys() & present, LONG_SILENT)
    for call_id in await db(reconciling.unheard, [calls[session] for session in silent], LONG_SILENT) if silent else []:
        spawn(reconciling.ask_about(call_id, unheard=True), f"asking about call {call_id}")


def _only_open(sessions: set[uuid.UUID], silent: timedelta = SILENT) -> set[uuid.UUID]:
    """The ones whose socket brings nothing: of those of which ACS says that it does not stream, it may have broken
    where this server cannot see it."""
    if not sessions:
        return set()
    heard = StreamSession.objects.filter(id__in=sessions, last_frame_at__gt=timezone.now() - silent)
    return sessions - set(heard.values_list("id", flat=True))


async def _present() -> set[uuid.UUID] | None:
    """As every process said a moment ago, and as it is here."""
    told = await db(heartbeat.open_sessions)
    return told if told is None else told | heartbeat.here(running.current())


async def _is_back(call_id: uuid.UUID) -> bool:
    session_id = session_of_call(call_id)
    if session_id not in (await _present() or ()):
        return False
    return not await db(fetching_back.is_denied, call_id) or not await db(_only_open, {session_id})


def _heard_too_early(present: set[uuid.UUID]) -> list[uuid.UUID]:
    """Calls that are not connected although they have had a socket, or have failed although they have one: an event or
    an answer of ACS may be lost."""
    young = reconciling.not_connected_yet()
    had_one = Connection.objects.filter(session__call__in=young).values_list("session__call", flat=True)
    unsure = (*reconciling.NOT_YET, "failed")
    have_one = StreamSession.objects.filter(id__in=present, call__state__in=unsure).values_list("call", flat=True)
    return reconciling.in_doubt({*(had_one if young else ()), *(have_one if present else ())} - {None})


def let_go(sessions: set[uuid.UUID]) -> None:
    """This process has closed the sockets of these, and ends."""
    of_calls = StreamSession.objects.filter(id__in=sessions, call__isnull=False)
    fetching_back.let_go(list(of_calls.values_list("call", flat=True)))


def refused(call_id: uuid.UUID, kind: str, reason: str) -> None:
    """A socket of that call was not taken. Stands with the call, or one would look for the fault elsewhere."""
    spawn(db(refusals.note, call_id, kind, reason), f"noting a refused socket of call {call_id}")


async def look_for_unplaced() -> None:
    """This server may have been ended while ACS was asked to place a call: its sound shows that it came about."""
    heard = await db(_heard_of_unplaced)
    for call_id, named in await db(reconciling.claim_unplaced, heard) if heard else []:
        spawn(reconciling.ask_about(call_id, named), f"asking about call {call_id}")


def _heard_of_unplaced() -> dict[uuid.UUID, str]:
    sessions = StreamSession.objects.filter(call__call_connection_id="", call__created_at__gt=timezone.now() - LATELY)
    return dict(sessions.exclude(call_connection_id="").values_list("call_id", "call_connection_id"))
