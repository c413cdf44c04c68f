"""What stands on the page of one call, gathered in a fixed number of queries however much happened to it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.access import Right
from calls.identifiers import book_id, display_of
from calls.masking import masked
from calls.models import Call, CallEvent, CallParticipant
from calls.services.naming import names_of

LISTED_EVENTS, LISTED_LEGS = 500, 50


@dataclass(frozen=True)
class Line:
    """An event of the timeline: `after` is the call's age then, `raw` what ACS sent, without what opens a door."""

    row: CallEvent
    kind: str
    after: str
    moved: bool
    raw: str


@dataclass(frozen=True)
class Someone:
    row: CallParticipant
    label: str
    number: str
    book_id: str
    stayed: str


def page(user: User, call: Call) -> dict[str, Any]:
    """The template's context."""
    now = timezone.now()
    rows = list(call.participants.all())
    names = names_of([*(row.raw_id for row in rows), *(raw_id_of(str(callee)) for callee in call.to)])
    events = list(call.events.all()[:LISTED_EVENTS])[::-1]
    return {
        "title": str(call).capitalize(),
        "call": call,
        "age": age_of(call, now),
        "length": length_of(call, now),
        "callees": [names.get(raw_id_of(str(callee)), display_of(str(callee))) for callee in call.to],
        "people": [_someone(row, names, now) for row in rows],
        "lines": [_line(event, call) for event in events],
        "cut": len(events) == LISTED_EVENTS,
        "legs": _legs(call),
        "sessions": [session_link(each.pk, str(each)) for each in call.sessions.all()],
        "may_name": user.has_perm(Right.NAME),
        "deeds": _deeds(call) if user.has_perm(Right.CONTROL) else [],
    }


def raw_id_of(shown: str) -> str:
    """Numbers stand in calls as people read them."""
    return f"4:{shown}" if shown.startswith("+") else shown


def age_of(call: Call, now: datetime) -> str:
    """How long it is so, by the evidence that there is."""
    since = call.ended_at or call.connected_at or call.created_at
    return f"for {span(now - since)}" if not call.is_over else f"{span(now - since)} ago"


def length_of(call: Call, now: datetime) -> str:
    """How long people spoke; "" where they never did."""
    return span((call.ended_at or now) - call.connected_at) if call.connected_at else ""


def span(given: timedelta) -> str:
    """m:ss, from an hour on h:mm:ss, from two days on days."""
    seconds = max(0, int(given.total_seconds()))
    if seconds >= 2 * 86_400:
        return f"{seconds // 86_400} d"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def session_link(session_id: UUID, text: str) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', reverse("media:session", args=(session_id,)), text)


def _line(event: CallEvent, call: Call) -> Line:
    after = event.received_at - call.created_at
    raw = masked(json.dumps(event.raw, indent=2, ensure_ascii=False)) if event.raw else ""
    kind = event.kind.replace("_", " ")
    return Line(event, kind, span(after), event.old_state != event.new_state, raw)


def _someone(row: CallParticipant, names: dict[str, str], now: datetime) -> Someone:
    number = display_of(row.raw_id)
    book = "" if number == "withheld number" else book_id(row.raw_id)
    label = names.get(row.raw_id) or row.name or number
    return Someone(row, label, number, book, span((row.left_at or now) - row.joined_at))


def _legs(call: Call) -> list[Call]:
    """Both sides of a conversation share the correlation id (ACS.md 5.2)."""
    if not call.correlation_id:
        return []
    return list(Call.objects.filter(correlation_id=call.correlation_id).exclude(pk=call.pk)[:LISTED_LEGS])


def _deeds(call: Call) -> list[tuple[str, str]]:
    """The actions of the list that can apply to it now, with their words."""
    if call.is_over or call.state == Call.State.DISCONNECTING:
        return []
    connected = call.state == Call.State.CONNECTED
    streaming = (
        ("stop_streaming", "Stop streaming") if call.streaming_wanted else ("start_streaming", "Start streaming")
    )
    return [*([streaming] if connected else []), ("hang_up", "Hang up")]
