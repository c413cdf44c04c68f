"""`opened` and `closed` rows become sessions and connections, many at a time; a socket that came back joins its
session."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from calls.models import Call
from media.archiver.commit import moment, values
from media.archiver.scan import Fact, Tracked
from media.models import Connection, Gap, MediaUrl, StreamSession, Tombstone
from media.sessions import identity
from media.sessions.evidence import NO_FRAME

REVIVE = """
UPDATE media_streamsession s SET live = TRUE, ended_at = NULL,
  call_connection_id = COALESCE(NULLIF(s.call_connection_id, ''), v.call_connection_id),
  correlation_id = COALESCE(NULLIF(s.correlation_id, ''), v.correlation_id),
  state = CASE WHEN s.live THEN s.state ELSE 'no_audio' END,
  reason = CASE WHEN s.live THEN s.reason ELSE 'A socket has come back.' END,
  started_at = CASE WHEN EXISTS (SELECT 1 FROM media_connection c WHERE c.session_id = s.id)
               THEN s.started_at ELSE v.opened_at END
FROM (VALUES {values}) AS v(id, call_connection_id, correlation_id, opened_at) WHERE s.id = v.id
"""
CLOSE = """
UPDATE media_connection c SET closed_at = v.closed_at, closed_by = v.closed_by, close_code = v.close_code,
  close_reason = v.close_reason, failure = v.failure
FROM (VALUES {values}) AS v(id, closed_at, closed_by, close_code, close_reason, failure)
WHERE c.id = v.id AND (c.closed_at IS NULL OR c.closed_by = 'crash')
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """An `opened` row, read. `session_id` is past all tombstones."""

    number: int
    connection_id: uuid.UUID
    session_id: uuid.UUID
    at: datetime
    body: dict[str, Any]

    def word(self, name: str) -> str:
        return str(self.body.get(name) or "")[:100]


@dataclass(frozen=True, slots=True)
class Closing:
    """How a connection ended: by peer, lost, server or crash."""

    connection_id: uuid.UUID
    at: datetime
    by: str
    code: int | None = None
    reason: str = ""
    failure: str = ""


def known(spool: str) -> tuple[dict[int, Tracked], set[int]]:
    """The connections of a spool that earlier archivers met: those not finished, and the numbers of those that are."""
    rows = list(Connection.objects.filter(spool=spool).defer("timeline", "headers", "metadata"))
    return {row.number: tracked_of(row, {}) for row in rows if not row.archived}, {
        row.number for row in rows if row.archived
    }


def tracked_of(row: Connection, body: dict[str, Any]) -> Tracked:
    return Tracked(row.number, row.id, row.session_id, cursor=row.cursor, batches=row.batches, opened=body)


def open_connections(spool: str, facts: Sequence[Fact]) -> dict[int, Tracked]:
    """The connections of `opened` rows, made with their sessions where they are new; without those archived already."""
    if not facts:
        return {}
    with transaction.atomic():
        openings = _openings(facts)
        _make_sessions(openings)
        Connection.objects.bulk_create([_connection(spool, opening) for opening in openings], ignore_conflicts=True)
    bodies = {opening.connection_id: opening.body for opening in openings}
    rows = Connection.objects.filter(id__in=bodies, archived=False).defer("timeline", "headers")
    return {row.number: tracked_of(row, bodies[row.id]) for row in rows}


def reopen(spool: str, tracked: Tracked) -> None:
    """Somebody deleted the session while it was running: what still comes goes to a new one."""
    session_id = _past_tombstones([tracked.session_id])[tracked.session_id]
    opening = Opening(tracked.number, tracked.id, session_id, moment(tracked.ats[0]), tracked.opened)
    row = _connection(spool, opening)
    row.cursor, row.batches = tracked.cursor, tracked.batches
    with transaction.atomic():
        _make_sessions([opening])
        row.save(force_insert=True)
    tracked.session_id = session_id


def _openings(facts: Sequence[Fact]) -> list[Opening]:
    derived = [uuid.UUID(fact.body["session"]) for fact in facts]
    places = _past_tombstones(derived)
    return [
        Opening(
            fact.row.connection,
            uuid.UUID(fact.body["connection"]),
            places[session_id],
            moment(fact.row.at),
            fact.body,
        )
        for fact, session_id in zip(facts, derived, strict=True)
    ]


def _past_tombstones(derived: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Where the audio of each derived id goes; usually nothing is deleted, so one query."""
    places = {session_id: session_id for session_id in derived}
    while found := set(Tombstone.objects.filter(session_id__in=places.values()).values_list("session_id", flat=True)):
        places = {key: identity.past_tombstones(place, found) for key, place in places.items()}
    return places


def _make_sessions(openings: Sequence[Opening]) -> None:
    """New sessions are made; one that had ended lives again: its socket is back."""
    urls = MediaUrl.objects.in_bulk([opening.body["url"] for opening in openings if opening.body.get("url")])
    calls = Call.objects.in_bulk([opening.body["call"] for opening in openings if opening.body.get("call")])
    first = {opening.session_id: opening for opening in reversed(openings)}
    StreamSession.objects.bulk_create(
        [_session(opening, urls, calls) for opening in first.values()], ignore_conflicts=True
    )
    Gap.objects.filter(session_id__in=first, participant=None, samples=None).delete()
    rows = [(o.session_id, o.word("call_connection_id"), o.word("correlation_id"), o.at) for o in first.values()]
    placeholders, parameters = values(rows, ("::uuid", "", "", "::timestamptz"))
    with connection.cursor() as cursor:
        cursor.execute(REVIVE.format(values=placeholders), parameters)


def _session(opening: Opening, urls: dict[uuid.UUID, MediaUrl], calls: dict[uuid.UUID, Call]) -> StreamSession:
    session = StreamSession(id=opening.session_id, started_at=opening.at, reason=NO_FRAME)
    if url := urls.get(uuid.UUID(opening.body["url"])) if opening.body.get("url") else None:
        session.media_url, session.label, session.external_id = url, url.label, url.external_id
    if opening.body.get("call"):
        session.call = calls.get(uuid.UUID(opening.body["call"]))
    return session


def _connection(spool: str, opening: Opening) -> Connection:
    return Connection(
        id=opening.connection_id,
        session_id=opening.session_id,
        spool=spool,
        number=opening.number,
        opened_at=opening.at,
        seen_at=opening.at,
        remote=opening.word("remote"),
        auth=opening.word("auth")[:10],
        headers=opening.body.get("headers") or {},
    )


def close_connections(closings: Sequence[Closing]) -> None:
    if not closings:
        return
    rows = [(c.connection_id, c.at, c.by, c.code, c.reason, c.failure) for c in closings]
    placeholders, parameters = values(rows, ("::uuid", "::timestamptz", "", "::int", "", ""))
    with connection.cursor() as cursor:
        cursor.execute(CLOSE.format(values=placeholders), parameters)
