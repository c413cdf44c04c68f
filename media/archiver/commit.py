"""The one transaction of a batch: session, cursor, participants, chunks, gaps, kept messages. Plain SQL in bulk,
since it runs for every ten seconds of every stream. The conditional UPDATE of the cursor makes it happen exactly
once."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from media import identity
from media.archiver.batch import Batch, StoredChunk
from media.archiver.scan import Tracked
from media.models import TICKS_PER_SECOND
from media.stream.items import Hole, Tally

LONGEST_RAW_ID = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """What the connection's row says after the batch."""

    cursor_before: int
    cursor: int
    pending: int
    pending_malformed: int
    pending_unknown: int
    archived: bool
    quarantined: int


def commit(tracked: Tracked, batch: Batch, progress: Progress) -> bool:
    """Writes a batch whose files are stored. False when another archiver was faster: nothing was written then."""
    with transaction.atomic():
        _session(tracked, batch, progress)
        if not _cursor(tracked, batch, progress):
            transaction.set_rollback(True)
            return False
        _participants(tracked, batch)
        _chunks(tracked, batch.chunks)
        _gaps(tracked, batch.holes)
        _messages(tracked, batch)
    return True


def ticks(samples: int, rate: int) -> int:
    """Samples at `rate` as ticks (1/48 000 s), rounded down where the rate is no divisor."""
    return samples * TICKS_PER_SECOND // rate


def _execute(sql: str, parameters: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _insert(table: str, columns: str, rows: Iterable[Sequence[Any]], ending: str = "") -> None:
    rows = list(rows)
    if not rows:
        return
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    sql = f"INSERT INTO {table} ({columns}) VALUES {', '.join([one] * len(rows))} {ending}"  # noqa: S608  (constants only)
    _execute(sql, [value for row in rows for value in row])


def _session(tracked: Tracked, batch: Batch, progress: Progress) -> None:
    """First, so that its row lock puts archivers of one session in a line."""
    first = [ticks(c.chunk.position, c.chunk.rate) for c in batch.chunks]
    end = [ticks(c.chunk.position + c.chunk.samples, c.chunk.rate) for c in batch.chunks]
    channels = ("mixed" if batch.chunks[0].chunk.lane is None else "unmixed") if batch.chunks else ""
    _execute(
        """UPDATE media_streamsession SET origin_ticks = LEAST(origin_ticks, %s), end_ticks = GREATEST(end_ticks, %s),
           sample_rate = COALESCE(sample_rate, %s), channels = CASE WHEN channels = '' THEN %s ELSE channels END,
           quarantined_bytes = quarantined_bytes + %s WHERE id = %s""",
        [
            min(first, default=None),
            max(end, default=None),
            batch.chunks[0].chunk.rate if batch.chunks else None,
            channels,
            progress.quarantined,
            tracked.session_id,
        ],
    )


def _cursor(tracked: Tracked, batch: Batch, progress: Progress) -> bool:
    changed = _execute(
        """UPDATE media_connection SET cursor = %s, timeline = %s, archived = %s, pending = %s, pending_malformed = %s,
           pending_unknown = %s, malformed = malformed + %s, unknown = unknown + %s, overload = overload + %s,
           kept_messages = kept_messages + %s,
           metadata = CASE WHEN %s THEN %s::jsonb ELSE metadata END,
           subscription_id = CASE WHEN %s <> '' THEN %s ELSE subscription_id END
           WHERE id = %s AND cursor = %s AND NOT archived""",
        [
            progress.cursor,
            batch.state,
            progress.archived,
            progress.pending,
            progress.pending_malformed,
            progress.pending_unknown,
            batch.malformed,
            batch.unknown,
            batch.overload,
            len(batch.kept),
            bool(batch.metadata),
            _json(batch.metadata),
            batch.subscription_id[:100],
            batch.subscription_id[:100],
            tracked.id,
            progress.cursor_before,
        ],
    )
    return changed == 1


def _json(value: object) -> str:
    return json.dumps(value).replace("\\u0000", "\\ufffd")


def _participants(tracked: Tracked, batch: Batch) -> None:
    by_lane: dict[str | None, list[StoredChunk]] = defaultdict(list)
    for stored in batch.chunks:
        by_lane[stored.chunk.lane].append(stored)
    _insert(
        "media_participant AS p",
        """id, session_id, raw_id, kind, label, first_ticks, end_ticks, received, stored, silent, duplicate, late,
        unstamped, stored_ticks, duplicate_ticks, gap_ticks, speech_ticks""",
        [
            _participant(tracked.session_id, lane, tally, by_lane[lane], batch.holes)
            for lane, tally in batch.tally.items()
            if by_lane[lane]
        ],
        """ON CONFLICT (id) DO UPDATE SET first_ticks = LEAST(p.first_ticks, EXCLUDED.first_ticks),
           end_ticks = GREATEST(p.end_ticks, EXCLUDED.end_ticks), received = p.received + EXCLUDED.received,
           stored = p.stored + EXCLUDED.stored, silent = p.silent + EXCLUDED.silent,
           duplicate = p.duplicate + EXCLUDED.duplicate, late = p.late + EXCLUDED.late,
           unstamped = p.unstamped + EXCLUDED.unstamped, stored_ticks = p.stored_ticks + EXCLUDED.stored_ticks,
           duplicate_ticks = p.duplicate_ticks + EXCLUDED.duplicate_ticks, gap_ticks = p.gap_ticks + EXCLUDED.gap_ticks,
           speech_ticks = p.speech_ticks + EXCLUDED.speech_ticks""",
    )
    for lane, tally in batch.tally.items():
        if not by_lane[lane] and tally.received:  # nothing but duplicates: the lane has its row already
            _execute(
                "UPDATE media_participant SET received = received + %s, duplicate = duplicate + %s WHERE id = %s",
                [tally.duplicate, tally.duplicate, identity.participant_of(tracked.session_id, lane)],
            )


def _participant(
    session_id: UUID, lane: str | None, tally: Tally, chunks: list[StoredChunk], holes: list[Hole]
) -> tuple[Any, ...]:
    """A lane's row, as what this batch adds to it. Holes inside a chunk are zeros there, and not stored audio."""
    rate = chunks[0].chunk.rate
    missing = sum(ticks(h.samples, h.rate) for h in holes if h.lane == lane)
    filled = sum(ticks(samples, c.chunk.rate) for c in chunks for _, samples in c.chunk.holes)
    span = sum(ticks(c.chunk.samples, c.chunk.rate) for c in chunks)
    return (
        identity.participant_of(session_id, lane),
        session_id,
        raw_id_of(lane),
        identity.kind_of(lane),
        "",
        min(ticks(c.chunk.position, c.chunk.rate) for c in chunks),
        max(ticks(c.chunk.position + c.chunk.samples, c.chunk.rate) for c in chunks),
        tally.received,
        tally.stored,
        tally.silent,
        tally.duplicate,
        tally.late,
        tally.unstamped,
        span - filled,
        ticks(tally.duplicate_samples, rate),
        missing,
        sum(ticks(c.measured.speech_samples, c.chunk.rate) for c in chunks),
    )


def raw_id_of(lane: str | None) -> str | None:
    """The lane as PostgreSQL can hold it: no NUL, at most 500 characters (longer ones end in a digest)."""
    if lane is None:
        return None
    text = lane.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if len(text) <= LONGEST_RAW_ID:
        return text
    return f"{text[: LONGEST_RAW_ID - 17]} {hashlib.sha256(lane.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _chunks(tracked: Tracked, chunks: list[StoredChunk]) -> None:
    _insert(
        "media_audiochunk",
        """id, participant_id, connection_id, position, samples, rate, file, bytes, sha256, pcm_sha256, peaks,
        overview, levels, silent_ms""",
        [
            (
                stored.id,
                stored.participant_id,
                tracked.id,
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
            for stored in chunks
        ],
    )


def _gaps(tracked: Tracked, holes: list[Hole]) -> None:
    _insert(
        "media_gap",
        "session_id, participant_id, connection_id, position, samples, rate, cause",
        [
            (
                tracked.session_id,
                identity.participant_of(tracked.session_id, hole.lane),
                tracked.id,
                hole.position,
                hole.samples,
                hole.rate,
                hole.cause,
            )
            for hole in holes
        ],
    )


def _messages(tracked: Tracked, batch: Batch) -> None:
    _insert(
        "media_streammessage",
        "session_id, connection_id, row, at, kind, raw_id, text",
        [
            (tracked.session_id, tracked.id, kept.row, moment(kept.arrival), kept.kind, kept.raw_id, kept.text)
            for kept in batch.kept
        ],
    )


def moment(nanoseconds: int) -> datetime:
    """Nanoseconds since the epoch as a time of day."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
