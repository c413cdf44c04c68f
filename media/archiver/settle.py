"""Once a second: what each living session's row says, from what is stored. Every archiver may do it; one at a time
does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils import timezone

from calls.models import Call
from media.archiver import between
from media.evidence import FINAL, INTERRUPTED, Evidence, Judgement, Link, judge
from media.models import Connection, StreamSession

LOCK = 0x41_43_53_01
"""pg_try_advisory_xact_lock: two archivers need not judge the same sessions at the same time."""

TOTALS = """
UPDATE media_streamsession s SET
  received = t.received, stored = t.stored, silent = t.silent, duplicate = t.duplicate, late = t.late,
  malformed = t.malformed, unknown = t.unknown, last_frame_at = t.last_frame_at,
  duration_ms = COALESCE((s.end_ticks - s.origin_ticks) / 48, 0)
FROM (
  SELECT c.session_id, c.malformed, c.unknown, c.last_frame_at,
         c.pending + COALESCE(p.received, 0) AS received, c.pending + COALESCE(p.stored, 0) AS stored,
         COALESCE(p.silent, 0) AS silent, COALESCE(p.duplicate, 0) AS duplicate, COALESCE(p.late, 0) AS late
  FROM (SELECT session_id, sum(pending) AS pending, sum(malformed + pending_malformed) AS malformed,
               sum(unknown + pending_unknown) AS unknown, max(last_frame_at) AS last_frame_at
        FROM media_connection WHERE session_id IN (SELECT id FROM media_streamsession WHERE live) GROUP BY 1) c
  LEFT JOIN (SELECT session_id, sum(received) AS received, sum(stored) AS stored, sum(silent) AS silent,
                    sum(duplicate) AS duplicate, sum(late) AS late
        FROM media_participant WHERE session_id IN (SELECT id FROM media_streamsession WHERE live) GROUP BY 1) p
  ON p.session_id = c.session_id) t
WHERE s.id = t.session_id AND
  (s.received, s.stored, s.silent, s.duplicate, s.late, s.malformed, s.unknown, s.last_frame_at, s.duration_ms)
  IS DISTINCT FROM (t.received, t.stored, t.silent, t.duplicate, t.late, t.malformed, t.unknown, t.last_frame_at,
                    COALESCE((s.end_ticks - s.origin_ticks) / 48, 0))
"""


@dataclass(slots=True)
class Report:
    """How far a connection's spool has been read, and what waits there."""

    connection_id: UUID
    pending: int
    pending_malformed: int
    pending_unknown: int
    last_frame_at: datetime | None
    seen_at: datetime


def report(reports: list[Report]) -> None:
    """Writes the reports of all connections in one statement."""
    if not reports:
        return
    values = ", ".join(
        ["(%s::uuid, %s::bigint, %s::bigint, %s::bigint, %s::timestamptz, %s::timestamptz)"] * len(reports)
    )
    sql = f"""UPDATE media_connection c SET pending = v.pending, pending_malformed = v.malformed, pending_unknown =
    v.unknown,
              last_frame_at = GREATEST(c.last_frame_at, v.last_frame_at), seen_at = v.seen_at
              FROM (VALUES {values}) AS v(id, pending, malformed, unknown, last_frame_at, seen_at)
              WHERE c.id = v.id AND NOT c.archived"""  # noqa: S608  (placeholders only)
    parameters: list[Any] = []
    for r in reports:
        parameters += [r.connection_id, r.pending, r.pending_malformed, r.pending_unknown, r.last_frame_at, r.seen_at]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def settle() -> None:
    """Counters, states and ends of all living sessions."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return
            cursor.execute(TOTALS)
        now = timezone.now()
        slim = Prefetch("connections", Connection.objects.defer("timeline", "headers", "metadata"))
        for session in (
            StreamSession.objects.filter(live=True).select_related("call", "media_url").prefetch_related(slim)
        ):
            _settle_one(session, now)


def _settle_one(session: StreamSession, now: datetime) -> None:
    rows = list(session.connections.all())
    judgement = judge(
        evidence_of(session, rows, now),
        now,
        timedelta(seconds=settings.MEDIA_NO_AUDIO_SECONDS),
        timedelta(seconds=settings.MEDIA_REJOIN_SECONDS),
    )
    final = judgement.state in FINAL
    live = not (final and all(row.archived for row in rows))
    if (session.state, session.reason, session.live) == (judgement.state, judgement.reason, live):
        return
    _write(
        session, judgement, live, max((row.closed_at for row in rows if row.closed_at), default=now) if final else None
    )
    _last_gap(session, judgement, rows, live)


def evidence_of(session: StreamSession, rows: list[Connection], now: datetime) -> Evidence:
    call = session.call
    return Evidence(
        [
            Link(
                row.opened_at,
                row.last_frame_at,
                row.seen_at or now,
                row.closed_at,
                row.closed_by,
                row.close_code,
                row.failure,
            )
            for row in rows
        ],
        "" if call is None else ("over" if call.state in Call.OVER else "alive"),
        call.end_reason if call else "",
        session.media_url.expires_at if session.media_url and not session.media_url.reusable else None,
    )


def _write(session: StreamSession, judgement: Judgement, live: bool, ended_at: datetime | None) -> None:
    StreamSession.objects.filter(id=session.id).update(
        state=judgement.state, reason=judgement.reason, live=live, ended_at=ended_at
    )


def _last_gap(session: StreamSession, judgement: Judgement, rows: list[Connection], live: bool) -> None:
    """While a session is interrupted it ends with a gap of unknown length; placed when all its audio is archived."""
    if judgement.state == INTERRUPTED:
        if live or session.end_ticks is None or session.sample_rate is None:
            return
        last = max(rows, key=lambda row: row.closed_at or row.opened_at)
        between.end_with_unknown_gap(
            session.id, session.sample_rate, session.end_ticks, last.closed_by, last.close_code
        )
        between.refresh(session.id)
    elif session.state == INTERRUPTED:
        between.without_unknown_gap(session.id)
        between.refresh(session.id)
