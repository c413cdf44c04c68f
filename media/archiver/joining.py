"""`opened` and `closed` rows become sessions and connections; a socket that came back joins its session."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q

from calls.models import Call
from media import identity
from media.archiver import between
from media.archiver.commit import moment
from media.archiver.scan import Fact, Tracked
from media.models import Connection, MediaUrl, StreamSession, Tombstone


def known(spool: str) -> dict[int, Tracked]:
    """The connections of a spool that earlier archivers met and did not finish."""
    rows = Connection.objects.filter(spool=spool, archived=False)
    return {row.number: _tracked(row) for row in rows}


def _tracked(row: Connection) -> Tracked:
    return Tracked(row.number, row.id, row.session_id, cursor=row.cursor, batches=2 if row.cursor else 0)


def open_connection(spool: str, fact: Fact) -> Tracked | None:
    """The connection of an `opened` row, made with its session where it is new; None when it is archived already."""
    body = fact.body
    connection_id = uuid.UUID(body["connection"])
    with transaction.atomic():
        row = Connection.objects.filter(id=connection_id).first()
        if row is None:
            row = Connection.objects.create(
                id=connection_id,
                session=_session(body, fact.row.at),
                spool=spool,
                number=fact.row.connection,
                opened_at=moment(fact.row.at),
                seen_at=moment(fact.row.at),
                remote=str(body.get("remote", ""))[:100],
                auth=str(body.get("auth", "")),
                headers=body.get("headers") or {},
            )
    if row.archived:
        return None
    tracked = _tracked(row)
    tracked.opened = body
    return tracked


def reopen(spool: str, tracked: Tracked) -> None:
    """Somebody deleted the session while it was running: what still comes goes to a new one."""
    body = {**tracked.opened, "connection": str(tracked.id), "session": str(tracked.session_id)}
    at = tracked.ats[0]
    with transaction.atomic():
        session = _session(body, at)
        Connection.objects.create(
            id=tracked.id, session=session, spool=spool, number=tracked.number, cursor=tracked.cursor,
            opened_at=moment(at), seen_at=moment(at), remote=str(body.get("remote", ""))[:100],
        )  # fmt: skip
    tracked.session_id = session.id


def _session(body: dict[str, Any], at: int) -> StreamSession:
    """The session this audio belongs to. One that had ended lives again: its socket is back."""
    derived = uuid.UUID(body["session"])
    session_id = identity.past_tombstones(derived, _tombstones(derived))
    session = StreamSession.objects.select_for_update().filter(id=session_id).first()
    if session is None:
        session = StreamSession(id=session_id, started_at=moment(at))
        url = MediaUrl.objects.filter(id=body["url"]).first() if body.get("url") else None
        if url:
            session.media_url, session.label, session.external_id = url, url.label, url.external_id
        if body.get("call"):
            session.call = Call.objects.filter(id=body["call"]).first()
    elif not session.connections.exists():
        session.started_at = moment(at)  # it was only waiting until now
    session.call_connection_id = session.call_connection_id or str(body.get("call_connection_id") or "")[:100]
    session.correlation_id = session.correlation_id or str(body.get("correlation_id") or "")[:100]
    session.live, session.ended_at = True, None
    if session.state in StreamSession.FINAL:
        session.state, session.reason = StreamSession.State.NO_AUDIO, "A socket has come back."
        between.without_unknown_gap(session_id)
    session.save()
    return session


def _tombstones(derived: uuid.UUID) -> set[uuid.UUID]:
    """The tombstones on the way from a derived id; usually none, so one query."""
    found: set[uuid.UUID] = set()
    session_id = derived
    while Tombstone.objects.filter(session_id=session_id).exists():
        found.add(session_id)
        session_id = identity.past_tombstones(derived, found)
    return found


def close_connection(tracked: Tracked, at: int, by: str, code: int | None, reason: str, failure: str) -> None:
    Connection.objects.filter(Q(id=tracked.id), Q(closed_at=None) | Q(closed_by=Connection.ClosedBy.CRASH)).update(
        closed_at=moment(at), closed_by=by, close_code=code, close_reason=reason, failure=failure
    )
