"""No call is forgotten: of every open call without a sign of life ACS is asked how it stands, at the start of all."""

import asyncio
import uuid
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from calls import acs
from calls.errors import AcsFailed, NotConfigured
from calls.event_loop import db, spawn
from calls.identifiers import display_of
from calls.lifecycle import Trigger, following
from calls.log_context import of_call
from calls.models import Call, CallEvent
from calls.services import due
from calls.services.applying import note_people
from calls.services.event_log import FAILURES, GONE, Entry, write
from calls.webhooks.readers import Someone

NOT_YET = (Call.State.PLACING, Call.State.RINGING)
QUIET = timedelta(seconds=60)
AGAIN = timedelta(seconds=5)
GRACE_SECONDS = 5.0
NOT_STREAMING = {"inactive", "disabled"}
AT_ONCE = 20  # calls that are asked about in one second
YOUNG = timedelta(seconds=30)  # ACS may still be answering the request to place it (acs/asking.py: WHOLE_SECONDS)
UNANSWERED = (
    "ACS never answered the request to place this call, and nothing was heard of it: perhaps this server was ended in "
    "between."
)


def quiet(after: timedelta = QUIET) -> list[uuid.UUID]:
    """Claims the open calls of which nothing was heard, and nothing asked, for so long."""
    now = timezone.now()
    silent = Q(last_sign_at__lte=now - after) & (Q(asked_at=None) | Q(asked_at__lte=now - QUIET))
    silent &= ~Q(call_connection_id="") | Q(created_at__lte=now - YOUNG)
    found = Call.objects.exclude(state__in=Call.OVER).filter(silent).order_by(F("asked_at").asc(nulls_first=True))
    ids = list(found.values_list("pk", flat=True)[:AT_ONCE])
    return [pk for pk in ids if Call.objects.filter(silent, pk=pk).update(asked_at=now)]


async def look() -> None:
    """Once a second."""
    for call_id in {*await db(quiet), *await db(unpeopled)}:
        spawn(ask_about(call_id), f"asking about call {call_id}")


async def begin() -> None:
    """At the start: everything may have happened meanwhile. What waits longer than AT_ONCE comes in the next
    seconds."""
    await db(
        lambda: Call.objects.exclude(state__in=Call.OVER).update(asked_at=None, last_sign_at=timezone.now() - QUIET)
    )


@of_call
async def ask_soon(call_id: uuid.UUID) -> None:
    """Somebody else says that the call ended: ACS is asked, unless its own event comes within a moment."""
    await asyncio.sleep(GRACE_SECONDS)
    if not (await db(Call.objects.get, pk=call_id)).is_over:
        await ask_about(call_id)


@of_call
async def ask_whether_connected(call_id: uuid.UUID) -> None:
    """There is life in a call that is not connected, as far as we know: ACS is asked, unless its own event comes within
    a moment."""
    await asyncio.sleep(GRACE_SECONDS)
    if await db(is_in_doubt, call_id):
        await ask_about(call_id)


def is_in_doubt(call_id: uuid.UUID) -> bool:
    return _doubtful().filter(pk=call_id).exists()


def in_doubt(calls: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Claims those of them to be asked about now."""
    now = timezone.now()
    grace = timedelta(seconds=GRACE_SECONDS)
    due_now = Q(created_at__lte=now - grace) & (Q(asked_at=None) | Q(asked_at__lte=now - 2 * grace))
    ids = list(_doubtful().filter(due_now, pk__in=calls).values_list("pk", flat=True)) if calls else []
    return [pk for pk in ids if Call.objects.filter(due_now, pk=pk).update(asked_at=now)]


def _doubtful() -> QuerySet[Call]:
    """Calls that may be connected after all: not so what ACS itself says has failed."""
    unsure = Call.objects.filter(state__in=(*NOT_YET, Call.State.FAILED)).exclude(call_connection_id="")
    said = CallEvent.objects.filter(call=OuterRef("pk"), kind__in=FAILURES)
    return unsure.exclude(Exists(said))


def not_connected_yet() -> list[uuid.UUID]:
    """The open calls that are not, as far as is known."""
    return list(Call.objects.exclude(state__in=Call.OVER).filter(state__in=NOT_YET).values_list("pk", flat=True))


def claim_unplaced(heard: dict[uuid.UUID, str]) -> list[tuple[uuid.UUID, str]]:
    """Of calls whose sound comes, by the connection that its socket names: those of which ACS never told us that it
    has them, because this server was ended while it asked. Each is claimed for a while."""
    now = timezone.now()
    turn = Q(call_connection_id="") & (Q(asked_at=None) | Q(asked_at__lte=now - AGAIN))
    taken = set(Call.objects.filter(call_connection_id__in=heard.values()).values_list("call_connection_id", flat=True))
    ready = Call.objects.filter(turn, pk__in=heard).values_list("pk", flat=True)
    free = [(pk, heard[pk]) for pk in ready if heard[pk] not in taken]
    return [(pk, name) for pk, name in free if Call.objects.filter(turn, pk=pk).update(asked_at=now)]


def unheard(calls: Collection[uuid.UUID], after: timedelta) -> list[uuid.UUID]:
    """Claims those of them, whose sound has not come for so long, that were not asked about meanwhile."""
    now = timezone.now()
    turn = Q(connected_at__lte=now - after) & (Q(asked_at=None) | Q(asked_at__lte=now - after))
    ids = list(Call.objects.filter(turn, pk__in=calls, state=Call.State.CONNECTED).values_list("pk", flat=True))
    return [pk for pk in ids[:AT_ONCE] if Call.objects.filter(turn, pk=pk).update(asked_at=now)]


@of_call
async def ask_about(call_id: uuid.UUID, call_connection_id: str = "", *, unheard: bool = False) -> None:
    """Writes what ACS says of the call as an ordinary event; what cannot be asked stays open and is asked again.
    `call_connection_id`: where the call does not know it yet. `unheard`: its sound has not come for a while."""
    call = await db(Call.objects.get, pk=call_id)
    named = call.call_connection_id or call_connection_id
    if not named:
        text = UNANSWERED
        await db(write, call_id, Entry("never_heard", text=text, reason=text, trigger=Trigger.NEVER_HEARD))
        return
    try:
        leg = await acs.properties(named)
        if leg and leg.state in {"connected", "transferring", "transferAccepted"} and call.state == "disconnecting":
            await acs.hang_up(named, await db(_for_everyone, call))  # asked for, and not done
    except (AcsFailed, NotConfigured):
        return  # logged in acs/; a call is not over because ACS cannot be asked
    if leg is None and not call.is_over:  # its own event may be on the way, and says more
        await asyncio.sleep(GRACE_SECONDS)
        if (await db(Call.objects.get, pk=call_id)).is_over:
            return
    await db(_note, call, named, leg)
    if leg and leg.state == "connected":
        if unheard and leg.streaming in NOT_STREAMING:
            await db(_note_not_streaming, call_id)
        await _ask_for_people(call_id, named)
    spawn(due.advance(call_id), f"what is due on call {call_id}")


def _note_not_streaming(call_id: uuid.UUID) -> None:
    """ACS's own event is lost. What becomes of it is not here (media/sessions/healing.py)."""
    still = Call.objects.filter(pk=call_id, state=Call.State.CONNECTED, streaming_wanted=True)
    if still.filter(streaming__in=(Call.Streaming.UNKNOWN, Call.Streaming.STARTED)).exists():
        text, changes = "ACS says that it does not stream the sound", {"streaming": Call.Streaming.STOPPED}
        write(call_id, Entry("found_inactive", "reconciler", text, changes=changes))


@of_call
async def _ask_for_people(call_id: uuid.UUID, named: str) -> None:
    """The event that told of them may be lost."""
    try:
        people = await acs.participants(named)
    except (AcsFailed, NotConfigured):
        return
    if people:
        await db(_note_people, call_id, people)


def _note_people(call_id: uuid.UUID, people: tuple[Someone, ...]) -> None:
    call = Call.objects.get(pk=call_id)
    known = {(row.raw_id, row.is_muted, row.is_on_hold) for row in call.participants.filter(left_at=None)}
    if not call.is_over and known != {(person.raw_id, person.is_muted, person.is_on_hold) for person in people}:
        text = "ACS says who is in it: " + ", ".join(display_of(person.raw_id) for person in people)
        write(call_id, Entry("found_participants", "reconciler", text, also=partial(note_people, people, None)))


def unpeopled() -> list[uuid.UUID]:
    """Claims calls that have just connected and of whose people nothing was told."""
    now = timezone.now()
    turn = Q(asked_at=None) | Q(asked_at__lte=now - 2 * AGAIN)
    young = Call.objects.filter(state=Call.State.CONNECTED, participants=None, connected_at__gt=now - QUIET)
    ids = list(young.filter(turn, connected_at__lte=now - AGAIN).values_list("pk", flat=True)[:AT_ONCE])
    return [pk for pk in ids if Call.objects.filter(turn, pk=pk).update(asked_at=now)]


def _for_everyone(call: Call) -> bool:
    """As whoever hung up asked for."""
    asked = call.events.filter(kind="hang_up_asked").first()
    return bool(asked is None or asked.raw.get("for_everyone", True))


def _note(call: Call, named: str, leg: acs.Leg | None) -> None:
    """That all is as we know is a sign of life, and no event: a long call would be full of them."""
    said = _said(named, leg)
    state: Any = call.state
    if following(state, said.trigger) == state and all(getattr(call, name) == it for name, it in said.changes.items()):
        Call.objects.filter(pk=call.pk).update(last_sign_at=timezone.now())
    else:
        write(call.pk, said)


def _said(named: str, leg: acs.Leg | None) -> Entry:
    changes = {"call_connection_id": named}
    if leg is None:
        return Entry("gone", "reconciler", GONE, Trigger.GONE, reason=GONE, changes=changes)
    changes |= {name: getattr(leg, name) for name in ("server_call_id", "correlation_id") if getattr(leg, name)}
    trigger = {
        "connected": Trigger.CONNECTED,
        "transferring": Trigger.CONNECTED,
        "disconnected": Trigger.DISCONNECTED,
    }.get(leg.state)
    text = f"ACS says that it is {leg.state}"
    return Entry(f"found_{leg.state}", "reconciler", text, trigger, reason="The call ended.", changes=changes)
