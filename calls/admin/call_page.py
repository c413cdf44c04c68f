"""What stands on the page of one call, gathered in a fixed number of queries however much happened to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.access import Right
from calls.humanize import age, span
from calls.identifiers import book_id, display_of
from calls.models import Call, CallEvent, CallParticipant
from calls.pages import timeline
from calls.pages.names import Names, heading, names_in
from calls.pages.states import announced

LISTED_EVENTS, LISTED_LEGS = 500, 50


@dataclass(frozen=True)
class Line:
    """An event of the timeline: `after` is the call's age then."""

    said: timeline.Line
    after: str


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
    names = names_in([call], [row.raw_id for row in rows])
    title = heading(call, names)
    events = list(call.events.all()[:LISTED_EVENTS])[::-1]
    return {
        "title": title,
        "call": call,
        "age": age_of(call, now),
        "length": length_of(call, now),
        "announced": announced(call),
        "callees": names.listed(call.to),
        "people": [_someone(row, names, now) for row in rows],
        "lines": [_line(event, call) for event in events],
        "cut": len(events) == LISTED_EVENTS,
        "legs": _legs(call),
        "sessions": [session_link(each.pk, str(each) if call.note else title) for each in call.sessions.all()],
        "may_name": user.has_perm(Right.NAME),
        "actions": _actions(call) if user.has_perm(Right.CONTROL) else [],
    }


def age_of(call: Call, now: datetime) -> str:
    """How long it is so, by the evidence that there is."""
    since = call.ended_at or call.connected_at or call.created_at
    return f"{age(now - since)} ago" if call.is_over else f"for {age(now - since)}"


def length_of(call: Call, now: datetime) -> str:
    """How long people spoke; "" where they never did."""
    return span((call.ended_at or now) - call.connected_at) if call.connected_at else ""


def session_link(session_id: UUID, text: str) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', reverse("media:session", args=(session_id,)), text)


def _line(event: CallEvent, call: Call) -> Line:
    return Line(timeline.line(event), span(event.received_at - call.created_at))


def _someone(row: CallParticipant, names: Names, now: datetime) -> Someone:
    number = display_of(row.raw_id)
    book = "" if number == "withheld number" else book_id(row.raw_id)
    label = names.known.get(number) or row.name or number
    return Someone(row, label, number, book, span((row.left_at or now) - row.joined_at))


def _legs(call: Call) -> list[Call]:
    """Both sides of a conversation share the correlation id (ACS.md 5.2)."""
    if not call.correlation_id:
        return []
    return list(Call.objects.filter(correlation_id=call.correlation_id).exclude(pk=call.pk)[:LISTED_LEGS])


def _actions(call: Call) -> list[tuple[str, str]]:
    """The actions of the list that can apply to it now, with their words."""
    if call.is_over or call.state == Call.State.DISCONNECTING:
        return []
    connected = call.state == Call.State.CONNECTED
    streaming = (
        ("stop_streaming", "Stop streaming") if call.streaming_wanted else ("start_streaming", "Start streaming")
    )
    return [*([streaming] if connected else []), ("hang_up", "Hang up")]
