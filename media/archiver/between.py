"""Gaps between a session's connections, derived from its chunks; and the coverage that follows from all gaps.

Derived anew whenever one of several connections has moved, in whatever order they are archived, so that the last word
is always right: a connection archived late fills what was a gap before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from calls.models import CallEvent
from media.models import TICKS_PER_SECOND, Connection, Gap, StreamSession
from media.monitoring.counters import counted

STOPPED = "MediaStreamingStopped"
ASKED, TAKEN_BACK = "stop_streaming_asked", ("start_streaming_asked", "stop_streaming_refused")
ASKED_WITHIN, REPORTED_WITHIN = timedelta(seconds=3), timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Extent:
    """Where one lane lies on one connection, in ticks."""

    connection_id: UUID
    participant_id: UUID
    first: int
    end: int
    rate: int


@dataclass(frozen=True, slots=True)
class Socket:
    """A connection as far as a gap after it is concerned: all its lanes' extent, and how it ended."""

    first: int
    end: int
    closed_by: str
    close_code: int | None
    stopped: bool = False  # streaming was stopped on purpose


Missing = tuple[UUID, int, int, int, str]  # participant, position, samples, rate, cause


def refresh(session_id: UUID) -> None:
    """Rewrites the gaps between connections where they changed, then the lanes' and the session's gap figures. One
    archiver at a time, so that two which end at once do not both write a gap."""
    with transaction.atomic():
        StreamSession.objects.select_for_update().filter(id=session_id).values_list("id").first()
        extents = extents_of(session_id)
        if len({extent.connection_id for extent in extents}) > 1:
            _rewrite(session_id, extents)
        _sum_up(session_id)


def missing(extents: list[Extent], sockets: dict[UUID, Socket]) -> Iterator[Missing]:
    """What lies between one connection's part of a lane and the next one's. Only the time when no socket was there is
    the fault of its loss; what was missing before and after, the sender did not send."""
    by_lane: dict[UUID, list[Extent]] = {}
    for extent in sorted(extents, key=lambda e: e.first):
        by_lane.setdefault(extent.participant_id, []).append(extent)
    for lane in by_lane.values():
        end = lane[0]
        for following in lane[1:]:
            if following.first > end.end:
                yield from _pieces(end, following, sockets)
            if following.end > end.end:
                end = following


def _pieces(before: Extent, after: Extent, sockets: dict[UUID, Socket]) -> Iterator[Missing]:
    was, came = sockets[before.connection_id], sockets[after.connection_id]
    lost = max(before.end, min(was.end, after.first))
    back = min(after.first, max(came.first, lost))
    for start, stop, cause in (
        (before.end, lost, Gap.Cause.PROVIDER_SILENT),
        (lost, back, cause_between(was)),
        (back, after.first, Gap.Cause.PROVIDER_SILENT),
    ):
        rate = before.rate
        position, samples = start * rate // TICKS_PER_SECOND, (stop - start) * rate // TICKS_PER_SECOND
        if samples > 0:
            yield before.participant_id, position, samples, rate, str(cause)


def cause_between(was: Socket) -> Gap.Cause:
    if was.stopped:
        return Gap.Cause.STREAMING_STOPPED
    if was.closed_by == Connection.ClosedBy.CRASH or (
        was.closed_by == Connection.ClosedBy.SERVER and was.close_code == 1012
    ):
        return Gap.Cause.SERVER_STOPPED
    return Gap.Cause.SOCKET_LOST


def extents_of(session_id: UUID) -> list[Extent]:
    sql = """SELECT c.connection_id, c.participant_id, min(c.position * 48000 / c.rate),
               max((c.position + c.samples) * 48000 / c.rate), max(c.rate)
             FROM media_audiochunk c JOIN media_participant p ON p.id = c.participant_id
             WHERE p.session_id = %s GROUP BY 1, 2"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [session_id])
        return [Extent(*row) for row in cursor.fetchall()]


def _sockets(session_id: UUID, extents: list[Extent]) -> dict[UUID, Socket]:
    told = _told(session_id)
    rows = list(Connection.objects.filter(session_id=session_id).order_by("opened_at").defer("timeline"))
    nexts = [row.opened_at for row in rows[1:]] + [None]
    ended = {
        row.pk: (row.closed_by, row.close_code, _was_stopped(row, following, told))
        for row, following in zip(rows, nexts, strict=True)
    }
    return {
        connection_id: Socket(
            min(e.first for e in extents if e.connection_id == connection_id),
            max(e.end for e in extents if e.connection_id == connection_id),
            *ended[connection_id],
        )
        for connection_id in {e.connection_id for e in extents}
    }


def _told(session_id: UUID) -> list[tuple[str, datetime]]:
    """What was said of stopping, oldest first: by people, and by ACS, which also reports that what it lost, or what we
    had it stop so that it could start again, has stopped."""
    rows = CallEvent.objects.filter(call__sessions=session_id, kind__in=(ASKED, *TAKEN_BACK, STOPPED))
    return [
        (kind, at)
        for kind, at, raw in rows.order_by("id").values_list("kind", "received_at", "raw")
        if kind != STOPPED or (raw.get("operationContext") != "restart" and "nterrupted" not in json.dumps(raw))
    ]


def _was_stopped(row: Connection, following: datetime | None, told: list[tuple[str, datetime]]) -> bool:
    """A stop goes before the end of the socket that it closes, or a little after, and is not taken back before; ACS's
    report of it may come later. Neither is about this socket when the next one is open."""
    opened, closed = row.opened_at, row.closed_at
    if closed is None:
        return False
    asked = False
    for kind, at in told:
        if kind == ASKED and opened <= at <= _at_most(closed + ASKED_WITHIN, following):
            asked = True
        elif kind in TAKEN_BACK and at <= closed:
            asked = False
    until = _at_most(closed + REPORTED_WITHIN, following)
    reported = any(kind == STOPPED and max(opened, closed - REPORTED_WITHIN) < at <= until for kind, at in told)
    return asked or (row.closed_by == Connection.ClosedBy.PEER and reported)


def _at_most(until: datetime, following: datetime | None) -> datetime:
    return min(until, following or until)


def _rewrite(session_id: UUID, extents: list[Extent]) -> None:
    stale, new = changes(session_id, extents)
    if stale:
        Gap.objects.filter(pk__in=[gap.pk for gap in stale]).delete()
    for gap in new:
        counted.gaps[gap.cause] += 1
    Gap.objects.bulk_create(new)


def changes(session_id: UUID, extents: list[Extent]) -> tuple[list[Gap], list[Gap]]:
    """The gaps between connections that are none any more, and those that are new. They are the ones without a
    connection and with a participant."""
    wanted = set(missing(extents, _sockets(session_id, extents)))
    rows = Gap.objects.filter(session_id=session_id, connection=None, participant__isnull=False)
    present = {(g.participant_id, g.position, g.samples, g.rate, g.cause): g for g in rows}
    new = [
        Gap(session_id=session_id, participant_id=lane, position=position, samples=samples, rate=rate, cause=cause)
        for lane, position, samples, rate, cause in wanted - present.keys()
    ]
    return [gap for key, gap in present.items() if key not in wanted], new


def _sum_up(session_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE media_participant p SET gap_ticks = COALESCE((SELECT sum(g.samples * 48000 / g.rate)
               FROM media_gap g WHERE g.participant_id = p.id), 0) WHERE p.session_id = %s""",
            [session_id],
        )
        cursor.execute(
            """UPDATE media_streamsession s SET
               gap_count = (SELECT count(*) FROM media_gap WHERE session_id = s.id),
               gap_ms = (SELECT COALESCE(sum(gap_ticks / 48), 0) FROM media_participant WHERE session_id = s.id)
               WHERE s.id = %s""",
            [session_id],
        )


def end_with_unknown_gap(session_id: UUID, rate: int, end_ticks: int, was: Socket) -> None:
    """A session that never came back ends with a gap of unknown length."""
    _unknown_gap(session_id, rate, end_ticks, cause_between(was))


def begin_with_unknown_gap(session_id: UUID, cause: str) -> None:
    """A session whose call went on before its first socket begins with a gap; the frames do not say how long it was."""
    session = StreamSession.objects.get(pk=session_id)
    if session.origin_ticks is not None and session.sample_rate:
        _unknown_gap(session_id, session.sample_rate, session.origin_ticks, cause)
        refresh(session_id)


def _unknown_gap(session_id: UUID, rate: int, at_ticks: int, cause: str) -> None:
    where = {"participant": None, "samples": None, "position": at_ticks * rate // TICKS_PER_SECOND}
    Gap.objects.get_or_create(session_id=session_id, **where, defaults={"rate": rate, "cause": cause})
