"""What happened to a session, derived from its rows: who connected, who spoke when, what is missing, how it ended."""

from collections.abc import Iterator
from uuid import uuid5

from media.api.lists import EVENTS
from media.api.schemas import EventShape
from media.api.shapes import at_ticks, ticks
from media.models import TICKS_PER_MS, Connection, Gap, StreamMessage, StreamSession
from media.sessions.identity import participant_of


def page(events: list[EventShape], cursor: str | None, limit: int) -> tuple[list[EventShape], str | None]:
    """As Order.page, for events that are in memory already."""
    if cursor:
        behind = EVENTS.decode(cursor)
        events = [event for event in events if (event.at, event.id) < behind]
    found = events[:limit]
    return found, EVENTS.encode(found[-1].at, found[-1].id) if len(events) > limit else None


def history(session: StreamSession, gaps: bool = True) -> list[EventShape]:
    """Every event, the newest first. `session` comes from shapes.whole(); two further queries, without gaps one."""
    made = uuid5(session.pk, "created")
    events = [EventShape(id=made, at=session.started_at, kind="created", text="the session began")]
    for connection in session.connections.all():
        events.extend(_connection(connection))
    origin = session.origin_ticks or 0
    events.extend(
        EventShape(
            id=uuid5(lane.pk, "first"),
            at=at_ticks(lane.first_ticks),
            kind="participant",
            text=f"first audio of {lane}",
            at_ms=(lane.first_ticks - origin) // TICKS_PER_MS,
            participant=lane.pk,
        )
        for lane in session.participants.all()
    )
    if gaps:
        events.extend(_gap(gap, origin) for gap in session.gaps.select_related("participant"))
    events.extend(_message(message) for message in session.messages.all())
    if session.ended_at:
        text = session.reason or session.get_state_display()
        events.append(EventShape(id=uuid5(session.pk, "ended"), at=session.ended_at, kind="ended", text=text))
    return sorted(events, key=lambda event: (event.at, event.id), reverse=True)


def _connection(connection: Connection) -> Iterator[EventShape]:
    key, remote = connection.pk, f" from {connection.remote}" if connection.remote else ""
    yield EventShape(
        id=uuid5(key, "opened"), at=connection.opened_at, kind="opened", text=f"a socket opened{remote}", connection=key
    )
    if connection.closed_at:
        code = f" ({connection.close_code})" if connection.close_code else ""
        text = f"closed by {connection.get_closed_by_display()}{code}"
        yield EventShape(id=uuid5(key, "closed"), at=connection.closed_at, kind="closed", text=text, connection=key)


def _gap(gap: Gap, origin: int) -> EventShape:
    start = ticks(gap.position, gap.rate)
    length = None if gap.samples is None else ticks(gap.samples, gap.rate) // TICKS_PER_MS
    whose = str(gap.participant) if gap.participant else "all participants"
    return EventShape(
        id=uuid5(gap.session_id, f"gap {gap.pk}"),
        at=at_ticks(start),
        kind="gap",
        text=f"audio of {whose} is missing: {gap.get_cause_display()}",
        at_ms=(start - origin) // TICKS_PER_MS,
        connection=gap.connection_id,
        participant=gap.participant_id,
        cause=gap.cause,
        duration_ms=length,
    )


def _message(message: StreamMessage) -> EventShape:
    return EventShape(
        id=uuid5(message.session_id, f"message {message.pk}"),
        at=message.at,
        kind=message.kind,
        text=message.text,
        connection=message.connection_id,
        participant=participant_of(message.session_id, message.raw_id) if message.raw_id else None,
    )
