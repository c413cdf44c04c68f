"""The log of a call's events, and the one place where its row changes: with a line in them, once
for each event id, under the row's lock."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from calls.lifecycle import OVER, Trigger, following
from calls.log_context import named
from calls.models import Call, CallEvent
from calls.signals import call_changed, participants_changed

log = logging.getLogger(__name__)

GONE = "The call ended while this server was not listening: ACS knows it no longer."
"""The end's reason where nobody told it; ACS's own word, should it come after all, takes its place."""

FAILURES = ("CreateCallFailed", "AnswerFailed", "ConnectFailed")
ENDS = (*FAILURES, "CallDisconnected")
By = Literal["acs", "us", "person", "reconciler"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `changes` are fields of the call to set; `reason` is the end's, in plain words, should this end
    it. `also` runs under the lock, for rows beside the call's; True where participants changed. `words` in place of
    `text` where they are about the call as `also` leaves it."""

    kind: str
    by: By = "us"
    text: str = ""
    trigger: Trigger | None = None
    event_id: str = ""
    at: datetime | None = None
    username: str = ""
    raw: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    code: int | None = None
    sub_code: int | None = None
    also: Callable[[Call], bool] | None = None
    words: Callable[[Call], str] | None = None


def write(call_id: uuid.UUID, entry: Entry) -> Call | None:
    """The call afterwards; None where there is no such call, or the event was written before."""
    now = timezone.now()
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=call_id).first()
        if call is None or (entry.event_id and CallEvent.objects.filter(event_id=entry.event_id).exists()):
            return None
        old = call.state
        people = bool(entry.also and entry.also(call))
        for name, value in entry.changes.items():
            setattr(call, name, value)
        _move(call, entry, now)
        if entry.by in {"acs", "reconciler"}:
            call.last_sign_at = now
        CallEvent.objects.create(
            call=call,
            event_id=entry.event_id or str(uuid.uuid4()),
            kind=entry.kind,
            by=entry.by,
            username=entry.username,
            at=entry.at or now,
            received_at=now,
            old_state=old,
            new_state=call.state,
            text=entry.words(call) if entry.words else entry.text,
            raw=entry.raw,
        )
        call.save()
        transaction.on_commit(lambda: tell(call, people=people))
    if old != call.state:
        log.info("call %s: %s → %s (%s)", call.pk, old, call.state, entry.kind, extra=named(call=call.pk))
    return call


def begin(call: Call, entry: Entry) -> Call:
    """A new call and its first event."""
    with transaction.atomic():
        call.save(force_insert=True)
        CallEvent.objects.create(
            call=call,
            event_id=str(uuid.uuid4()),
            kind=entry.kind,
            by=entry.by,
            username=entry.username,
            old_state=call.state,
            new_state=call.state,
            text=entry.text,
            raw=entry.raw,
        )
        transaction.on_commit(lambda: tell(call, created=True))
    return call


def tell(call: Call, *, created: bool = False, people: bool = False) -> None:
    """The signals; a receiver's fault is logged and harms nothing."""
    answers = call_changed.send_robust(Call, call=call, created=created)
    if people or created:
        answers += participants_changed.send_robust(Call, call=call)
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            log.error("%s failed on call %s.", receiver, call.pk, exc_info=answer, extra=named(call=call.pk))


def _move(call: Call, entry: Entry, now: datetime) -> None:
    """The state after the entry, and the times and reasons that belong to it."""
    old: Any = call.state
    call.state = following(old, entry.trigger)
    if entry.trigger is Trigger.CONNECTED and call.connected_at is None:
        call.connected_at = entry.at or now
    if call.state in OVER:
        if old not in OVER:
            call.ended_at = entry.at or now
            call.streaming_next_at = None
            call.participants.filter(left_at=None).update(left_at=now, is_on_hold=False)
        knows_better = _knows_better(call, entry, old)
        if entry.trigger and (call.state != old or call.end_code is None or knows_better):
            if (entry.code is not None and call.end_reason == GONE) or knows_better:
                call.end_reason = ""
            call.end_code, call.end_subcode = entry.code, entry.sub_code
            call.end_reason = call.end_reason or entry.reason
    elif old in OVER:  # it is connected after all
        call.ended_at, call.end_code, call.end_subcode, call.end_reason = None, None, None, ""


def _knows_better(call: Call, entry: Entry, old: str) -> bool:
    """Whether ACS tells for the first time how a call ended whose request had failed, as far as we knew: the answer was
    late, or wrong, and the call came about all the same."""
    return entry.kind in ENDS and old == Call.State.FAILED and not call.events.filter(kind__in=ENDS).exists()
