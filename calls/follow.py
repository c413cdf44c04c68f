"""Waiting for a call: until it is in a state, or event by event. Asks the database now and then, so it works whichever
process the events come to."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from uuid import UUID

from ninja.responses import NinjaJSONEncoder

from calls.event_loop import db
from calls.models import Call, CallEvent
from calls.shapes import event_shape

LOOK_SECONDS = 0.25
LONGEST_SECONDS = 60.0
KEEP_ALIVE_SECONDS = 15.0

REACHED = {
    "connected": {Call.State.CONNECTED, Call.State.DISCONNECTING, *Call.OVER},
    "ended": set(Call.OVER),
}


async def wait_for(call_id: UUID, what: str, seconds: float = LONGEST_SECONDS) -> None:
    """Returns when it is connected or ended (or will never be connected), or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await db(_state, call_id) in REACHED[what]:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def follow(call_id: UUID, after: int = 0) -> AsyncIterator[bytes]:
    """The call's events as server-sent events, oldest first, until its end. `after`: the last id that is known."""
    spoken = time.monotonic()
    yield b": the events of the call\n\n"
    while True:
        over = await db(_state, call_id) in {None, *Call.OVER}  # asked first: what comes with the end is not missed
        for event in await db(_events_after, call_id, after):
            after, spoken = event.pk, time.monotonic()
            data = json.dumps(event_shape(event).dict(), cls=NinjaJSONEncoder)
            yield f"id: {event.pk}\nevent: {event.kind}\ndata: {data}\n\n".encode()
        if over:
            yield b"event: end\ndata: {}\n\n"
            return
        if time.monotonic() - spoken > KEEP_ALIVE_SECONDS:
            spoken = time.monotonic()
            yield b": nothing new\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _state(call_id: UUID) -> str | None:
    return Call.objects.filter(pk=call_id).values_list("state", flat=True).first()


def _events_after(call_id: UUID, after: int) -> list[CallEvent]:
    return list(CallEvent.objects.filter(call_id=call_id, pk__gt=after).order_by("pk")[:500])
