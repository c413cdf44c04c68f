"""What ACS says becomes what is known: an event of a callback, written to its call."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from calls.counters import acs_events
from calls.explanations import explain
from calls.identifiers import display_of
from calls.lifecycle import Trigger
from calls.models import Call, CallParticipant
from calls.services import refusals
from calls.services.announcing import ANNOUNCE, announced, settled
from calls.services.event_log import FAILURES, Entry, write
from calls.webhooks import readers
from calls.webhooks.events import Event

TRIGGERS = {
    "CallConnected": Trigger.CONNECTED,
    # only a connected call has these, so they say it too, should CallConnected come late or never
    "MediaStreamingStarted": Trigger.CONNECTED,
    "PlayStarted": Trigger.CONNECTED,
    "AddParticipantSucceeded": Trigger.CONNECTED,
    "CallDisconnected": Trigger.DISCONNECTED,
    **dict.fromkeys(FAILURES, Trigger.NOT_CONNECTED),
}


def apply_events(token_call: uuid.UUID, events: Iterable[Event]) -> list[Call]:
    """Writes each event to the call it is about; the calls that changed. `token_call` is the call whose callback
    address they came to: it is meant where an event names no connection that is known."""
    changed = {}
    for event in events:
        call_id = _call_of(token_call, event)
        if call_id and (call := apply_event(call_id, event)):
            changed[call.pk] = call
    return list(changed.values())


def apply_event(call_id: uuid.UUID, event: Event) -> Call | None:
    """None where it was known, or there is no such call."""
    acs_events[event.type] += 1
    return write(call_id, _entry(event))


def _call_of(token_call: uuid.UUID, event: Event) -> uuid.UUID | None:
    """A batch may hold events of other calls; those of connections that are not ours change nothing."""
    if named := _named_by_context(event):
        return named
    connection_id = event.call_connection_id
    rows = Call.objects.filter(Q(pk=token_call) | Q(call_connection_id=connection_id) & ~Q(call_connection_id=""))
    known = dict(rows.values_list("call_connection_id", "pk"))
    if connection_id in known and connection_id:
        return known[connection_id]
    addressed = next((own for own, pk in known.items() if pk == token_call), None)
    # before the answer of our own request, or an event that names no connection
    return token_call if addressed == "" or (addressed is not None and not connection_id) else None


def _named_by_context(event: Event) -> uuid.UUID | None:
    """The call whose id we gave ACS as the context of what made it, if it is of this connection, or of none yet."""
    try:
        call_id = uuid.UUID(hex=event.operation_context)
    except ValueError:
        return None
    connections = {"", event.call_connection_id}
    return call_id if Call.objects.filter(pk=call_id, call_connection_id__in=connections).exists() else None


def _entry(event: Event) -> Entry:
    result = event.result
    changes: dict[str, Any] = {}
    for name in ("call_connection_id", "server_call_id", "correlation_id"):
        if value := getattr(event, name):
            changes[name] = value
    text, more, also = _TELL.get(event.type, _other)(event)
    code, sub_code = (result.code, result.sub_code) if result else (None, None)
    return Entry(
        kind=event.type,
        by="acs",
        text=text,
        trigger=TRIGGERS.get(event.type),
        event_id=event.id,
        at=event.at,
        raw=event.data,
        changes=changes | more,
        reason=_end_reason(event),
        code=code,
        sub_code=sub_code,
        also=also,
        words=announced if _tells_of_announcement(event) else None,
    )


TRANSFER_COMPLETED = 7015
WITH_A_TRANSFER = timedelta(seconds=10)
Told = tuple[str, dict[str, Any], Callable[[Call], bool] | None]


def _end_reason(event: Event) -> str:
    result = event.result
    if result is None or (result.code or 200) < 300:
        return "The call ended."
    return explain(result.code, result.sub_code, result.message).in_our_words


def _how(event: Event) -> str:
    result = event.result
    if result is None or (result.code or 200) < 300:
        return ""
    return explain(result.code, result.sub_code, result.message, where=_where(event)).sentence


def _where(event: Event) -> str:
    return settings.PUBLIC_URL if event.type == "MediaStreamingFailed" else ""


def _other(event: Event) -> Told:
    who = readers.participant_of(event)
    return ": ".join(part for part in (display_of(who) if who else "", _how(event)) if part), {}, None


def _disconnected(event: Event) -> Told:
    completed = bool(event.result and event.result.sub_code == TRANSFER_COMPLETED)
    return _how(event) or "The call ended.", {}, partial(_everybody_left, completed)


def _participants(event: Event) -> Told:
    people = readers.participants_of(event)
    text = "in the call: " + (", ".join(display_of(person.raw_id) for person in people) or "nobody")
    return text, {}, partial(note_people, people, readers.sequence_of(event))


def note_people(people: tuple[readers.Someone, ...], sequence: int | None, call: Call) -> bool:
    """Under the call's lock. What an older list says is not believed; after the call's end nobody is in it any more."""
    if sequence is not None and sequence <= call.participants_sequence:
        return False
    call.participants_sequence = sequence if sequence is not None else call.participants_sequence
    now = timezone.now()
    known = {row.raw_id: row for row in call.participants.all()}
    for person in people:
        row = known.pop(person.raw_id, None) or CallParticipant(call=call, raw_id=person.raw_id)
        row.name = person.name[:200] or row.name or _caller_name(call, person.raw_id)
        row.is_muted, row.is_on_hold, row.left_at = person.is_muted, person.is_on_hold, call.ended_at
        row.save()
    gone = CallParticipant.objects.filter(pk__in=[row.pk for row in known.values()], left_at=None)
    gone.update(left_at=now, is_on_hold=False)
    return True


def _caller_name(call: Call, raw_id: str) -> str:
    """What an incoming call's caller is called by ACS."""
    inbound = call.direction == Call.Direction.INBOUND and display_of(raw_id) == call.from_id
    return call.display_name if inbound else ""


def _everybody_left(transferred: bool, call: Call) -> bool:
    """Under the call's lock. A call that ends with a transfer says so; one of several people outlives it."""
    if call.transferred_to and (transferred or _just_transferred(call)):
        call.end_reason = call.end_reason or _by_transfer(call)
    return bool(call.participants.filter(left_at=None).update(left_at=timezone.now(), is_on_hold=False))


def _just_transferred(call: Call) -> bool:
    """Whether the other side of two was, a moment ago."""
    since = timezone.now() - WITH_A_TRANSFER
    asked = call.events.filter(kind="transfer_asked").first()
    of_several = bool(asked and asked.raw.get("transferee"))
    return not of_several and call.events.filter(kind="CallTransferAccepted", received_at__gte=since).exists()


def _by_transfer(call: Call) -> str:
    to = display_of(call.transferred_to)
    return f"Transferred to {to}: ACS takes this server out of the call, and the recording ends with it."


def _transferred(event: Event) -> Told:
    target = readers.transfer_target_of(event) or "somebody else"
    return f"transferred to {display_of(target)}", {}, partial(_note_transfer, target)


def _note_transfer(target: str, call: Call) -> bool:
    """Under the call's lock; perhaps after the end that it brought about."""
    call.transferred_to = target
    if call.is_over:
        call.end_reason = _by_transfer(call)
    return False


def _streaming_started(event: Event) -> Told:
    # Whether sound comes is seen at the socket; here only what ACS says.
    said = partial(_note_streaming, event.at, Call.Streaming.STARTED, "")
    return "ACS streams the sound to this server", {}, said


def _streaming_stopped(event: Event) -> Told:
    details = getattr(readers.streaming_of(event), "details", "")
    text = " ".join(part for part in ("ACS stopped streaming", details and f"({details})", _how(event)) if part)
    return text, {}, partial(_note_streaming, event.at, Call.Streaming.STOPPED, None)


def _streaming_failed(event: Event) -> Told:
    how = _how(event) or "ACS could not stream the sound to this server."
    return how, {}, partial(_note_streaming, event.at, Call.Streaming.FAILED, how)


STREAMING = ("MediaStreamingStarted", "MediaStreamingStopped", "MediaStreamingFailed")
JUST_NOW = timedelta(seconds=10)


def _note_streaming(at: datetime | None, now: Call.Streaming, how: str | None, call: Call) -> bool:
    """Under the call's lock. Where ACS has said something since, by its own clock, this came late and is history.
    `how`: what went wrong, "" where nothing, None where that is not said."""
    if at and call.events.filter(kind__in=STREAMING, at__gt=at).exists():
        return False
    call.streaming = now
    if how is not None:
        call.streaming_trouble = _trouble(how, call) if how else ""
    return False


def _trouble(how: str, call: Call) -> str:
    """How often it was asked for again is not forgotten over why; where it is asked for again nobody needs to do what
    ACS's codes advise."""
    tries, how = call.streaming_tries, refusals.of_late(call, timezone.now() - JUST_NOW) or how
    again = "No sound, asking again. " if call.streaming_wanted else ""
    return f"Audio lost, asked again ({tries}). {how}" if tries else f"{again}{how}"


def _played(event: Event) -> Told:
    return ("", {}, lambda call: settled(call, True)) if _tells_of_announcement(event) else _other(event)


def _tells_of_announcement(event: Event) -> bool:
    return event.type == "PlayCompleted" and event.operation_context == ANNOUNCE


def _play_started(event: Event) -> Told:
    return ("the announcement begins" if event.operation_context == ANNOUNCE else ""), {}, None


def _play_failed(event: Event) -> Told:
    how = _how(event)
    if event.operation_context != ANNOUNCE:
        return how, {}, None
    return f"The announcement could not be played. {how}".strip(), {}, lambda call: settled(call, False)


_TELL: dict[str, Callable[[Event], Told]] = {
    "CallDisconnected": _disconnected,
    "ParticipantsUpdated": _participants,
    "CallTransferAccepted": _transferred,
    "MediaStreamingStarted": _streaming_started,
    "MediaStreamingStopped": _streaming_stopped,
    "MediaStreamingFailed": _streaming_failed,
    "PlayStarted": _play_started,
    "PlayCompleted": _played,
    "PlayFailed": _play_failed,
    "PlayCanceled": _play_failed,
}
