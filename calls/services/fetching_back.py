"""A call runs and its sound does not come: ACS is asked to stream again, at growing intervals, until it does. Who sees
that the sound is gone is not here (media/sessions/healing.py); this only asks."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils import timezone

from calls import acs
from calls.errors import AcsFailed, NotConfigured
from calls.event_loop import db, spawn
from calls.log_context import named, of_call
from calls.models import Call
from calls.services import refusals
from calls.services.due import ALL_WELL, BACKOFF_SECONDS, STILL_PLAYING
from calls.services.event_log import Entry, write
from calls.services.reconciling import GRACE_SECONDS, ask_about

log = logging.getLogger(__name__)

LOST = timedelta(seconds=3)
LET_GO = timedelta(seconds=1)
JUST_BEFORE = timedelta(seconds=10)
TOLD_SECONDS = 2.0  # ACS may just have dialled another of our processes, which says so once a second
LEASE = timedelta(seconds=75)  # longer than the three requests of one try take; a process may die over them
IsBack = Callable[[], Awaitable[bool]]
OVER_BY_THEN = timedelta(seconds=3 * GRACE_SECONDS)
ALARM_AFTER = 3  # tries that brought nothing
DENIED = {Call.Streaming.FAILED, Call.Streaming.STOPPED}


class Expected(NamedTuple):
    """A connected call whose sound should be coming. `lost`: it is thought not to; `denied`: ACS said last that it does
    not stream, so an open socket alone proves nothing."""

    call_id: uuid.UUID
    lost: bool
    denied: bool


def expecting_sound() -> list[Expected]:
    rows = Call.objects.filter(state=Call.State.CONNECTED, streaming_wanted=True).exclude(
        announcement__in=STILL_PLAYING
    )
    found = rows.values_list("pk", "streaming_lost_at", "streaming_trouble", "streaming")
    return [Expected(pk, lost is not None or bool(trouble), said in DENIED) for pk, lost, trouble, said in found]


def is_denied(call_id: uuid.UUID) -> bool:
    return Call.objects.filter(pk=call_id, streaming__in=DENIED).exists()


def heard(calls: Collection[uuid.UUID]) -> None:
    """Their sound comes. That it was waited for a moment, as at the beginning of each call, is no event."""
    unasked = Call.objects.filter(pk__in=calls, streaming_tries=0)
    unasked.update(**ALL_WELL)
    for call_id in Call.objects.filter(pk__in=calls, streaming_tries__gt=0).values_list("pk", flat=True):
        write(call_id, Entry("sound_back", text="the sound is back", changes=ALL_WELL))


def missing(calls: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Their sound does not come. The ones whose turn it is to be asked for; each is claimed."""
    now = timezone.now()
    rows = Call.objects.filter(pk__in=calls, state=Call.State.CONNECTED, streaming_wanted=True)
    # What has not been asked for yet, after an announcement, is not lost (due.py asks).
    rows.filter(streaming_lost_at=None, streaming_next_at=None).update(streaming_lost_at=now)
    lost = rows.exclude(streaming_lost_at=None)
    turn = Q(streaming_next_at=None, streaming_lost_at__lte=now - LOST) | Q(streaming_next_at__lte=now)
    ready = lost.filter(turn).values_list("pk", flat=True)
    return [pk for pk in ready if lost.filter(turn, pk=pk).update(streaming_next_at=now + LEASE)]


def let_go(calls: Collection[uuid.UUID]) -> None:
    """We have closed their sockets, or died over them: ACS has a moment to dial again, then it is asked."""
    now = timezone.now()
    rows = Call.objects.filter(pk__in=calls, state=Call.State.CONNECTED, streaming_wanted=True)
    rows.filter(streaming_next_at=None).update(streaming_lost_at=now, streaming_next_at=now + LET_GO)


def fetch_back(call_id: uuid.UUID, is_back: IsBack, has_socket: bool) -> None:
    """`is_back`: whether its sound has come back by now. `has_socket`: one is open, and may only be quiet."""
    spawn(_fetch_back(call_id, is_back, has_socket), f"fetching back the sound of call {call_id}")


@of_call
async def _fetch_back(call_id: uuid.UUID, is_back: IsBack, has_socket: bool) -> None:
    """One try, written down before and, where ACS refuses, after it."""
    call = await db(_begin_try, call_id)
    if call is None:
        return
    try:
        leg = await acs.properties(call.call_connection_id)
        if leg is None:
            await db(_note_over, call)
            await ask_about(call_id)
            return
        if await is_back():  # meanwhile: what has just come must not be stopped
            return
        if leg.streaming == "active" and has_socket:
            await db(_take_back, call_id)
            return
        if leg.streaming == "active":
            await db(_put_off, call)
            await asyncio.sleep(TOLD_SECONDS)
            if await is_back():
                return
            await acs.stop_streaming(call.call_connection_id, "restart")
        if await db(_is_wanted, call_id):  # somebody may have stopped it meanwhile
            await acs.start_streaming(call.call_connection_id, "restart")
    except (AcsFailed, NotConfigured) as failed:
        await db(_refused, call, failed)


def _begin_try(call_id: uuid.UUID) -> Call | None:
    """None where the sound is no longer wanted, or no longer missing."""
    call = Call.objects.get(pk=call_id)
    if call.state != Call.State.CONNECTED or not call.streaming_wanted or call.streaming_lost_at is None:
        return None
    number = call.streaming_tries + 1
    trouble = f"Audio lost, asking again ({number}). {_cause(call)}".strip()
    if number > ALARM_AFTER:
        trouble += f" The call goes on unrecorded since {call.streaming_lost_at:%H:%M:%S} UTC."
        words = "Call %s: no sound since %s, asked %d times."
        log.error(words, call_id, call.streaming_lost_at, number, extra=named(call=call_id))
    return write(call_id, Entry("asked_again", text=trouble, changes=_tried(number, trouble)))


def _take_back(call_id: uuid.UUID) -> None:
    """It was told that it does not stream, and no more than that spoke against the socket: nothing is disturbed."""
    text, changes = "ACS says that it streams the sound", {"streaming": Call.Streaming.STARTED, **ALL_WELL}
    write(call_id, Entry("found_active", "reconciler", text, changes=changes))


def _put_off(call: Call) -> None:
    """The next try: this one takes longer than its wait."""
    later = F("streaming_next_at") + timedelta(seconds=2 * TOLD_SECONDS)
    Call.objects.filter(pk=call.pk).update(streaming_next_at=later)


def _note_over(call: Call) -> None:
    """ACS knew it no longer when it was first asked: it ended with its sound, and nothing of it is lost, unless ACS
    had said that it does not stream. Its own word may still be on the way."""
    if call.streaming_tries == 1:
        later = timezone.now() + OVER_BY_THEN
        rows = Call.objects.filter(pk=call.pk, streaming_tries=1)
        rows.update(streaming_trouble=_cause(call), streaming_next_at=later)


def _cause(call: Call) -> str:
    """What ACS said of it last, since the sound was lost or a little before."""
    since = (call.streaming_lost_at or timezone.now()) - JUST_BEFORE
    said = call.events.filter(kind__in=("MediaStreamingFailed", "asking_refused"), received_at__gte=since).first()
    return refusals.of_late(call, since) or (said.text if said else "")


def _refused(call: Call, failed: Exception) -> None:
    number = call.streaming_tries
    trouble = f"Audio lost, asked {number} times: {failed}" if number > 1 else f"Audio lost, asked again: {failed}"
    words = "Call %s: its sound is lost, and ACS did not stream it again: %s"
    log.error(words, call.pk, failed, extra=named(call=call.pk))
    write(call.pk, Entry("asking_refused", text=str(failed), changes=_tried(number, trouble)))


def _tried(number: int, trouble: str) -> dict[str, Any]:
    wait = BACKOFF_SECONDS[min(number - 1, len(BACKOFF_SECONDS) - 1)]
    next_at = timezone.now() + timedelta(seconds=wait)
    return {"streaming_tries": number, "streaming_trouble": trouble, "streaming_next_at": next_at}


def _is_wanted(call_id: uuid.UUID) -> bool:
    return Call.objects.filter(pk=call_id, state=Call.State.CONNECTED, streaming_wanted=True).exists()
