"""What is due on a connected call: announce, start streaming, then add who was named, so that their first word is
recorded. Each step is claimed in the row first, so that it is done once, by whichever process comes to it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from calls import acs
from calls.errors import AcsFailed
from calls.event_loop import db, spawn
from calls.identifiers import display_of
from calls.log_context import of_call
from calls.models import Call
from calls.services import announcing
from calls.services.caller_id import own_number
from calls.services.event_log import Entry, write

BACKOFF_SECONDS = (2, 4, 8, 15, 30, 60)
ALL_WELL: dict[str, Any] = {
    "streaming_lost_at": None,
    "streaming_tries": 0,
    "streaming_next_at": None,
    "streaming_trouble": "",
}
"""Fields of a call whose stream comes, or has just been asked for anew."""

STILL_PLAYING = {Call.Announcement.WAITING, Call.Announcement.PLAYING}


@dataclass(frozen=True, slots=True)
class Step:
    """A claimed step of a call, and what it needs."""

    what: Literal["announce", "overdue", "add", "start"]
    call: Call
    who: tuple[str, ...] = ()


def pending() -> QuerySet[Call]:
    """Connected calls on which something is due now."""
    now = timezone.now()
    announcing_due = Q(announcement="waiting") | Q(announcement="playing", announce_until__lte=now)
    streaming_due = Q(streaming_wanted=True, streaming_next_at__lte=now, streaming_lost_at=None)
    return Call.objects.filter(announcing_due | streaming_due | ~Q(then_add=[]), state=Call.State.CONNECTED)


async def look() -> None:
    """Once a second: steps whose moment passed while nothing happened, or whose process died."""
    for call_id in await db(lambda: list(pending().values_list("pk", flat=True)[:500])):
        spawn(advance(call_id), f"what is due on call {call_id}")


@of_call
async def advance(call_id: uuid.UUID) -> None:
    """Does all that is due now."""
    while step := await db(claim, call_id):
        await _DO[step.what](step)


def claim(call_id: uuid.UUID) -> Step | None:
    """The next step, which is nobody else's now."""
    now = timezone.now()
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=call_id, state=Call.State.CONNECTED).first()
        if call is None or not call.call_connection_id:
            return None
        step = _next(call)
        if step is None:
            return None
        if step.what == "announce":
            length = announcing.sound_of(call.announce).duration_ms
            call.announcement = Call.Announcement.PLAYING
            call.announce_until = now + timedelta(milliseconds=length) + announcing.SLACK
        elif step.what == "overdue":
            call.announce_until = now + announcing.SLACK
        elif step.what == "add":
            call.then_add = []
        else:
            call.streaming_next_at = None
        call.save()
        return step


def _next(call: Call) -> Step | None:
    now = timezone.now()
    if call.announcement == Call.Announcement.WAITING:
        return Step("announce", call)
    if call.announcement == Call.Announcement.PLAYING:
        return Step("overdue", call) if call.announce_until and call.announce_until <= now else None
    starts = call.streaming_wanted and call.streaming_next_at and call.streaming_next_at <= now
    if starts and call.streaming_lost_at is None:  # what was lost is another's to fetch back (fetching_back.py)
        return Step("start", call)
    return Step("add", call, tuple(call.then_add)) if call.then_add else None


async def _announce(step: Step) -> None:
    call = step.call
    sound = await db(announcing.sound_of, call.announce)
    try:
        await acs.play(call.call_connection_id, sound.source, announcing.ANNOUNCE)
    except AcsFailed as failed:
        text = f"The announcement could not be played. {failed}"
        await db(
            write, call.pk, Entry("announcement_refused", text=text, also=lambda row: announcing.settled(row, False))
        )


async def _overdue(step: Step) -> None:
    await db(announcing.overdue, step.call)


async def _add(step: Step) -> None:
    for who in step.who:
        await add(step.call, who)


async def add(call: Call, who: str, username: str = "") -> None:
    """Written down before ACS is asked, so that the incoming call of our own leg is known as one. Raises nothing: what
    fails stands in the call's events."""
    text = f"adding {display_of(who)}"
    await db(
        write, call.pk, Entry("add_asked", "person" if username else "us", text, username=username, raw={"who": who})
    )
    try:
        await acs.add(call.call_connection_id, who, "add", own_number() if who.startswith("4:") else "")
    except AcsFailed as failed:
        await db(write, call.pk, Entry("add_refused", text=f"{display_of(who)} could not be added. {failed}"))


async def _start(step: Step) -> None:
    try:
        await acs.start_streaming(step.call.call_connection_id, "start")
    except AcsFailed as failed:
        await db(write, step.call.pk, not_started(failed))
    else:
        await db(write, step.call.pk, Entry("streaming_asked", text="asked ACS to stream"))
        await transcribe(step.call)


async def transcribe(call: Call) -> None:
    """Begins with the stream, where it is wanted. Raises nothing: a call is recorded without it, too."""
    if not call.transcription_locale:
        return
    try:
        await acs.start_transcription(call.call_connection_id, call.transcription_locale, "start")
    except AcsFailed as failed:
        await db(write, call.pk, Entry("transcription_refused", text=f"It is not transcribed. {failed}"))


def not_started(failed: AcsFailed) -> Entry:
    """ACS did not start the stream: it is asked again later, as for one that was lost."""
    now = timezone.now()
    changes = {
        "streaming_tries": 1,
        "streaming_lost_at": now,
        "streaming_next_at": now + timedelta(seconds=BACKOFF_SECONDS[0]),
        "streaming_trouble": f"ACS does not stream: {failed}",
    }
    return Entry("streaming_refused", text=str(failed), changes=changes)


_DO = {"announce": _announce, "overdue": _overdue, "add": _add, "start": _start}
