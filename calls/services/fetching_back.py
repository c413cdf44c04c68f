"""A call runs and its sound does not come: ACS is asked to stream again, at growing intervals, until it does. Who sees
that the sound is gone is not here (media/healing.py); this only asks."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from calls import acs
from calls.desk import db, spawn
from calls.errors import AcsFailed, NotConfigured
from calls.lifecycle import Happening
from calls.models import Call
from calls.services.due import BACKOFF_SECONDS, STILL_PLAYING
from calls.services.ledger import Entry, write
from calls.services.reconciling import GONE

LOST = timedelta(seconds=3)
ALARM_AFTER = 3  # tries that brought nothing


def expecting_sound() -> list[tuple[uuid.UUID, bool]]:
    """Connected calls whose sound should be coming, and whether it is already known to be lost."""
    rows = Call.objects.filter(state=Call.State.CONNECTED, streaming_wanted=True).exclude(
        announcement__in=STILL_PLAYING
    )
    return [(pk, lost is not None) for pk, lost in rows.values_list("pk", "streaming_lost_at")]


def heard(calls: Collection[uuid.UUID]) -> None:
    """Their sound comes again."""
    for call_id in calls:
        changes = {"streaming_lost_at": None, "streaming_tries": 0, "streaming_next_at": None, "streaming_trouble": ""}
        write(call_id, Entry("sound_back", text="the sound is back", changes=changes))


def missing(calls: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """No socket of theirs is open. The ones whose turn it is to be asked for; each is claimed."""
    now = timezone.now()
    rows = Call.objects.filter(pk__in=calls, state=Call.State.CONNECTED)
    rows.filter(streaming_lost_at=None).update(streaming_lost_at=now)
    turn = Q(streaming_next_at=None) | Q(streaming_next_at__lte=now)
    ready = rows.filter(turn, streaming_lost_at__lte=now - LOST).values_list("pk", "streaming_tries")
    return [pk for pk, tries in ready if rows.filter(turn, pk=pk).update(streaming_next_at=now + _wait(tries))]


def _wait(tries: int) -> timedelta:
    return timedelta(seconds=BACKOFF_SECONDS[min(tries, len(BACKOFF_SECONDS) - 1)])


def fetch_back(call_id: uuid.UUID) -> None:
    spawn(_fetch_back(call_id), f"fetching back the sound of call {call_id}")


async def _fetch_back(call_id: uuid.UUID) -> None:
    call = await db(Call.objects.get, pk=call_id)
    number = call.streaming_tries + 1
    trouble = f"Audio lost, asking again ({number})."
    try:
        leg = await acs.properties(call.call_connection_id)
        if leg is None:
            await db(write, call_id, Entry("gone", "reconciler", GONE, Happening.GONE, reason=GONE))
            return
        if leg.streaming == "active":
            await acs.stop_streaming(call.call_connection_id, "restart")
        await acs.start_streaming(call.call_connection_id, "restart")
    except (AcsFailed, NotConfigured) as failed:
        trouble = f"Audio lost, asked {number} times: {failed}"
    if number > ALARM_AFTER:
        trouble = f"{trouble} The call goes on unrecorded since {call.streaming_lost_at:%H:%M:%S} UTC."
    changes = {"streaming_tries": number, "streaming_trouble": trouble}
    await db(write, call_id, Entry("asked_again", text=trouble, changes=changes))
