"""The one transaction of some batches: sessions, cursors, participants, chunks, gaps, kept messages. Plain SQL in bulk,
since it runs for every ten seconds of every stream. The conditional UPDATE of the cursor makes each happen just once.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from media.archiver.adding import GROWING, LANE, channels_of, lanes_of, ticks
from media.archiver.batch import Batch
from media.archiver.scan import Tracked
from media.monitoring.counters import counted
from media.sessions import identity
from media.sessions.labels import name_lanes
from media.stream.items import Tally

MOST_ROWS = 1_000  # of one statement: PostgreSQL takes 65 535 parameters


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch whose files are stored, with what the connection's row will say after it."""

    tracked: Tracked
    batch: Batch
    cursor_before: int
    cursor: int
    pending: int
    pending_malformed: int
    pending_unknown: int
    archived: bool
    quarantined: int


def commit(ready: Sequence[Ready]) -> set[UUID]:
    """Writes batches of different sessions. Returns the connections that were written; another archiver was faster with
    the others, and of them nothing is written."""
    with transaction.atomic():
        _lock(ready)
        moved = _cursors(ready)
        won = [one for one in ready if one.tracked.id in moved]
        _sessions(won)
        _participants(won)
        _chunks(won)
        _gaps(won)
        _messages(won)
        name_lanes([one.tracked.session_id for one in won])
    _count(won)
    return moved


def _count(won: Sequence[Ready]) -> None:
    for one in won:
        counted.chunks += len(one.batch.chunks)
        counted.chunk_bytes += sum(len(stored.content) for stored in one.batch.chunks)
        for hole in one.batch.holes:
            counted.gaps[hole.cause] += 1


def moment(nanoseconds: int) -> datetime:
    """Nanoseconds since the epoch as a time of day."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)


def values(rows: Sequence[Sequence[Any]], casts: Sequence[str] = ()) -> tuple[str, list[Any]]:
    """A VALUES list of placeholders, and its parameters."""
    one = ", ".join(f"%s{cast}" for cast in casts) if casts else ", ".join(["%s"] * len(rows[0]))
    return ", ".join([f"({one})"] * len(rows)), [value for row in rows for value in row]


def _insert(table: str, columns: str, rows: Iterable[Sequence[Any]], ending: str = "") -> None:
    """Bound by the server, so that blobs travel as they are and not as SQL text."""
    rows = list(rows)
    for first in range(0, len(rows), MOST_ROWS):
        placeholders, parameters = values(rows[first : first + MOST_ROWS])
        sql = f"INSERT INTO {table} ({columns}) VALUES {placeholders} {ending}"  # noqa: S608
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(sql.encode(), parameters)


def _lock(ready: Sequence[Ready]) -> None:
    """First, and in the order of ids: the row locks put archivers of one session in a line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM media_streamsession WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [[one.tracked.session_id for one in ready]],
        )


def _sessions(won: Sequence[Ready]) -> None:
    if not won:
        return
    rows = [_session(one) for one in won]
    placeholders, parameters = values(rows, ("::uuid", "::bigint", "::bigint", "::int", "", "::int"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE media_streamsession s SET origin_ticks = LEAST(s.origin_ticks, v.origin),
                end_ticks = GREATEST(s.end_ticks, v.finish), sample_rate = COALESCE(s.sample_rate, v.rate),
                channels = CASE WHEN s.channels = '' THEN v.channels ELSE s.channels END,
                quarantined_bytes = s.quarantined_bytes + v.quarantined
                FROM (VALUES {placeholders}) AS v(id, origin, finish, rate, channels, quarantined) WHERE s.id = v.id""",  # noqa: S608
            parameters,
        )


def _session(one: Ready) -> tuple[Any, ...]:
    chunks = [stored.chunk for stored in one.batch.chunks]
    first = min((ticks(chunk.position, chunk.rate) for chunk in chunks), default=None)
    end = max((ticks(chunk.end, chunk.rate) for chunk in chunks), default=None)
    channels = channels_of(chunks[0]) if chunks else ""
    return one.tracked.session_id, first, end, chunks[0].rate if chunks else None, channels, one.quarantined


def _cursors(ready: Sequence[Ready]) -> set[UUID]:
    casts = ("::uuid", "::bigint", "::bigint", "::bytea", "::bool", *["::bigint"] * 6, "::int", "::jsonb", "")
    placeholders, parameters = values([_cursor(one) for one in ready], casts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE media_connection c SET cursor = v.cursor, batches = c.batches + 1, timeline = v.timeline,
                archived = v.archived,
                pending = v.pending, pending_malformed = v.pending_malformed, pending_unknown = v.pending_unknown,
                malformed = c.malformed + v.malformed, unknown = c.unknown + v.unknown,
                overload = c.overload + v.overload, kept_messages = c.kept_messages + v.kept,
                metadata = COALESCE(v.metadata, c.metadata),
                subscription_id = CASE WHEN v.subscription_id = '' THEN c.subscription_id ELSE v.subscription_id END
                FROM (VALUES {placeholders}) AS v(id, before, cursor, timeline, archived, pending, pending_malformed,
                  pending_unknown, malformed, unknown, overload, kept, metadata, subscription_id)
                WHERE c.id = v.id AND c.cursor = v.before AND NOT c.archived RETURNING c.id""",  # noqa: S608
            parameters,
        )
        return {row[0] for row in cursor.fetchall()}


def _cursor(one: Ready) -> tuple[Any, ...]:
    batch = one.batch
    metadata = json.dumps(batch.metadata).replace("\\u0000", "\\ufffd") if batch.metadata else None
    return (
        one.tracked.id,
        one.cursor_before,
        one.cursor,
        batch.state,
        one.archived,
        one.pending,
        one.pending_malformed,
        one.pending_unknown,
        batch.malformed,
        batch.unknown,
        batch.overload,
        len(batch.kept),
        metadata,
        batch.subscription_id[:100],
    )


def _participants(ready: Sequence[Ready]) -> None:
    rows: list[tuple[Any, ...]] = []
    for one in ready:
        added, repeated = lanes_of(one.tracked.session_id, one.batch)
        rows += added
        for lane in repeated:
            _only_duplicates(
                identity.participant_of(one.tracked.session_id, lane), one.batch.tally[lane], one.batch.rate
            )
    _insert(
        "media_participant AS p",
        ", ".join(LANE),
        rows,
        """ON CONFLICT (id) DO UPDATE SET first_ticks = LEAST(p.first_ticks, EXCLUDED.first_ticks),
           end_ticks = GREATEST(p.end_ticks, EXCLUDED.end_ticks), """
        + ", ".join(f"{name} = p.{name} + EXCLUDED.{name}" for name in GROWING),
    )


def _only_duplicates(participant_id: UUID, tally: Tally, rate: int) -> None:
    """A lane of which nothing new came has its row already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE media_participant SET received = received + %s, duplicate = duplicate + %s,
               duplicate_ticks = duplicate_ticks + %s WHERE id = %s""",
            [tally.duplicate, tally.duplicate, ticks(tally.duplicate_samples, rate), participant_id],
        )


def _chunks(ready: Sequence[Ready]) -> None:
    _insert(
        "media_audiochunk",
        """id, participant_id, connection_id, position, samples, rate, file, bytes, sha256, pcm_sha256, peaks, overview,
           levels, silent_ms""",
        [
            (
                stored.id,
                stored.participant_id,
                one.tracked.id,
                stored.chunk.position,
                stored.chunk.samples,
                stored.chunk.rate,
                stored.file,
                len(stored.content),
                stored.sha256,
                stored.pcm_sha256,
                stored.measured.peaks,
                stored.measured.overview,
                stored.measured.levels,
                stored.measured.silent_samples * 1000 // stored.chunk.rate,
            )
            for one in ready
            for stored in one.batch.chunks
        ],
    )


def _gaps(ready: Sequence[Ready]) -> None:
    _insert(
        "media_gap",
        "session_id, connection_id, participant_id, position, samples, rate, cause",
        [
            (
                session_id,
                one.tracked.id,
                identity.participant_of(session_id, h.lane),
                h.position,
                h.samples,
                h.rate,
                h.cause,
            )
            for one in ready
            for session_id in [one.tracked.session_id]
            for h in one.batch.holes
        ],
    )


def _messages(ready: Sequence[Ready]) -> None:
    _insert(
        "media_streammessage",
        "session_id, connection_id, row, at, kind, raw_id, text",
        [
            (one.tracked.session_id, one.tracked.id, m.row, moment(m.arrival), m.kind, m.raw_id, m.text)
            for one in ready
            for m in one.batch.kept
        ],
    )
