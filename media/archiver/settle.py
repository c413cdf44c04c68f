"""Once a second: what each living session's row says, from what is stored. Every archiver may do it; one at a time
does."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from calls.models import Call
from calls.services.heard import note_heard
from media.archiver import beginning, between, giving_up
from media.models import StreamSession
from media.sessions.evidence import FINAL, INTERRUPTED, CallKnown, Evidence, Link, judge

LOST_SECONDS = 60.0
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


LIVING = """
SELECT s.id, s.state, s.reason, s.live, s.end_ticks, s.sample_rate, k.state, k.end_reason, k.connected_at,
       k.streaming_wanted, k.streaming_stopped_by, k.streaming_trouble, k.streaming_lost_at, k.ended_at, k.announcement,
       CASE WHEN u.reusable THEN NULL ELSE u.expires_at END,
       c.opened_at, c.last_frame_at, c.seen_at, c.closed_at, c.closed_by, c.close_code, c.close_reason,
       c.failure, p.seen_at, to_timestamp((p.figures->>'durable_at')::float8), p.figures->>'spool_failing' = '1',
       c.archived, c.id, c.told_at, c.lost, k.id
FROM media_streamsession s LEFT JOIN media_connection c ON c.session_id = s.id
LEFT JOIN calls_call k ON k.id = s.call_id LEFT JOIN media_mediaurl u ON u.id = s.media_url_id
LEFT JOIN media_servingprocess p ON p.spool = c.spool
WHERE s.live ORDER BY s.id, c.opened_at
"""


# One array a column: a placeholder for each value of hundreds of connections costs a tenth of the archiver's time.
REPORTED = """
UPDATE media_connection c SET pending = v.pending, pending_malformed = v.malformed, pending_unknown = v.unknown,
  last_frame_at = GREATEST(c.last_frame_at, v.last_frame_at), seen_at = v.seen_at, told_at = now()
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
  AS v(id, pending, malformed, unknown, last_frame_at, seen_at)
WHERE c.id = v.id AND NOT c.archived
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A row of LIVING: the session, and one of its connections or, without `opened_at`, none."""

    state: str
    reason: str
    live: bool
    end_ticks: int | None
    sample_rate: int | None
    call_state: str | None
    call_reason: str | None
    call_connected_at: datetime | None
    streaming_wanted: bool | None
    streaming_stopped_by: str | None
    streaming_trouble: str | None
    streaming_lost_at: datetime | None
    call_ended_at: datetime | None
    announcement: str | None
    url_expires_at: datetime | None
    opened_at: datetime | None
    last_frame_at: datetime | None
    seen_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    close_code: int | None
    close_reason: str | None
    failure: str | None
    process_seen_at: datetime | None
    durable_at: datetime | None
    spool_failing: bool | None
    archived: bool | None
    connection_id: UUID | None
    told_at: datetime | None
    lost: int | None
    call_id: UUID | None

    @property
    def done(self) -> bool:
        """Whether nothing more of this connection will be archived."""
        return bool(self.archived) or self.lost is not None

    def call(self) -> CallKnown | None:
        if self.call_state is None:
            return None
        return CallKnown(
            self.call_state,
            self.call_reason or "",
            self.call_connected_at is not None,
            bool(self.streaming_wanted),
            self.streaming_stopped_by or "",
            self.streaming_trouble or "",
            self.announcement in {Call.Announcement.WAITING, Call.Announcement.PLAYING},
            self.streaming_lost_at,
            self.call_ended_at,
        )

    def link(self, now: datetime) -> Link:
        return Link(
            self.opened_at or now,
            self.last_frame_at,
            self.seen_at or now,
            self.closed_at,
            self.closed_by or "",
            self.close_code,
            self.close_reason or "",
            self.failure or "",
            self.process_seen_at,
            self.durable_at,
            bool(self.spool_failing),
            self.told_at,
            bool(self.archived),
            self.lost,
        )


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
    columns = zip(
        *(
            (r.connection_id, r.pending, r.pending_malformed, r.pending_unknown, r.last_frame_at, r.seen_at)
            for r in reports
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(REPORTED, [list(column) for column in columns])


def settle() -> None:
    """Counters, states and ends of all living sessions."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return
            cursor.execute(TOTALS)
            cursor.execute(LIVING)
            rows = cursor.fetchall()
        now = timezone.now()
        for session_id, group in groupby(rows, key=itemgetter(0)):
            _settle_one(session_id, [Known(*row[1:]) for row in group], now)


_lost_since: dict[UUID, float] = {}  # sessions with a spool of which nothing is heard, by the monotonic clock


def _are_lost(session_id: UUID, links: list[Link], now: datetime) -> bool:
    """Whether they have been for a while: a clock that was stepped looks the same for a moment."""
    if not any(link.is_lost(now) or link.is_gone(now) for link in links):
        _lost_since.pop(session_id, None)
        return False
    return time.monotonic() - _lost_since.setdefault(session_id, time.monotonic()) > LOST_SECONDS


def _was_connected(call_id: UUID, links: list[Link]) -> None:
    """Evidence wins over events that were lost. Written when nothing here is locked any more."""
    if heard := [link.opened_at for link in links if link.last_frame_at]:
        transaction.on_commit(partial(note_heard, call_id, min(heard)))


def _settle_one(session_id: UUID, rows: list[Known], now: datetime) -> None:
    links = [row.link(now) for row in rows if row.opened_at]
    if _are_lost(session_id, links, now):
        if gone := [row.connection_id for row, link in zip(rows, links, strict=True) if link.is_gone(now)]:
            giving_up.give_up(session_id, gone, now)
            return  # what follows from it is seen when it stands in the rows
        links = [link.given_up(now) for link in links]
    known = rows[0]
    if known.call_id and known.call_connected_at is None and known.call_state in Call.OVER:
        _was_connected(known.call_id, links)
    judgement = judge(
        Evidence(links, known.call(), known.url_expires_at),
        now,
        timedelta(seconds=settings.MEDIA_NO_AUDIO_SECONDS),
        timedelta(seconds=settings.MEDIA_REJOIN_SECONDS),
    )
    final = judgement.state in FINAL
    live = not (final and all(row.done for row in rows if row.opened_at))
    if (known.state, known.reason, known.live) == (judgement.state, judgement.reason, live):
        return
    ended_at = max((link.closed_at for link in links if link.closed_at), default=now) if final else None
    late = beginning.missed(session_id, min(link.opened_at for link in links)) if links and not live else None
    reason = f"{judgement.reason} {late}" if late else judgement.reason
    StreamSession.objects.filter(id=session_id).update(
        state=judgement.state, reason=reason, live=live, ended_at=ended_at
    )
    if late:
        between.begin_with_unknown_gap(session_id, late.cause)
    if not live and known.end_ticks is not None and known.sample_rate:
        last = max(links, key=lambda link: link.closed_at or link.opened_at)
        call = known.call()
        stopped = bool(call and call.was_stopped)
        went = last.lost is not None
        if judgement.state == INTERRUPTED or went or (call and call.lost_its_end(last)):
            was = between.Socket(0, 0, "crash" if went else last.closed_by, last.close_code, stopped)
            between.end_with_unknown_gap(session_id, known.sample_rate, known.end_ticks, was)
            between.refresh(session_id)
