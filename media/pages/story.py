"""What happened to a session, line by line from the first to the last, for its page: its own history, and the events of
its call with what they changed. Knows nothing of requests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User

from calls.access import Right as CallRight
from calls.identifiers import short_of
from calls.models import Call, CallEvent
from media.api.schemas import EventShape
from media.humanize import moment
from media.models import StreamSession
from media.sessions.history import history
from media.stream.errors import BadPacket
from media.stream.packets import DtmfData, TranscriptionData
from media.stream.wire import decode

LISTED = 300
OWN = {"created", "opened", "closed", "participant", "ended"}


@dataclass(frozen=True)
class Line:
    """`seek` is the moment of the session; "" where it has none. `change`: what an event did to the call."""

    key: str
    at: datetime
    kind: str
    text: str
    seek: str = ""
    at_ms: int | None = None
    participant: UUID | None = None
    change: str = ""
    raw: str = ""


def story(user: User, session: StreamSession) -> tuple[list[Line], int]:
    """The first LISTED lines, and how many there are. Gaps are left out: they have a table of their own."""
    lines = [_line(event) for event in history(session, gaps=False)]
    if session.call and user.has_perm(CallRight.LIST):
        lines += [_of_call(event) for event in CallEvent.objects.filter(call=session.call)[:LISTED]]
        lines += _coming_and_going(session, session.call)
    opened = min((line.at for line in lines if line.kind == "opened"), default=None)
    lines.sort(key=lambda line: _place(line, opened))
    return lines[:LISTED], len(lines)


def _place(line: Line, opened: datetime | None) -> tuple[datetime, bool]:
    """First sounds stand by the sender's clock, and yet not before the socket that brought them."""
    first = line.kind == "participant"
    return (max(line.at, opened) if first and opened else line.at), first


def _line(event: EventShape) -> Line:
    seek = "" if event.at_ms is None else moment(max(0, event.at_ms))
    if event.kind in OWN:
        return Line(str(event.id), event.at, event.kind, event.text, seek, event.at_ms, event.participant)
    text, kind = _words(event)
    return Line(str(event.id), event.at, kind, text, seek, event.at_ms, event.participant, raw=_pretty(event.text))


def _words(event: EventShape) -> tuple[str, str]:
    """What a message of ACS says, and its kind."""
    try:
        packet = decode(event.text)
    except BadPacket:
        return event.kind, "message"
    if isinstance(packet, DtmfData):
        return f"key {packet.tone}", "dtmf"
    if isinstance(packet, TranscriptionData):
        return f"“{packet.text}”", "words"
    return event.kind, "message"


def _coming_and_going(session: StreamSession, call: Call) -> Iterator[Line]:
    """Who joined the call, and who left it before it was over."""
    names = {lane.raw_id: str(lane) for lane in session.participants.all()}
    for someone in call.participants.all():
        who = names.get(someone.raw_id) or someone.name or short_of(someone.raw_id)
        yield Line(f"joined-{someone.pk}", someone.joined_at, "joined", f"{who} joined the call")
        if someone.left_at and (call.ended_at is None or someone.left_at < call.ended_at):
            yield Line(f"left-{someone.pk}", someone.left_at, "left", f"{who} left the call")


def _of_call(event: CallEvent) -> Line:
    change = f"{event.get_old_state_display()} → {event.get_new_state_display()}"
    return Line(
        key=f"call-{event.pk}",
        at=event.at,
        kind="people" if event.kind == "ParticipantsUpdated" else "call",
        text=event.text or event.kind,
        change=change if event.old_state != event.new_state else "",
        raw=json.dumps(event.raw, indent=2, ensure_ascii=False) if event.raw else "",
    )


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
