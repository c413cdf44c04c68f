"""Rows as the archiver would write them, for tests that need no audio behind them."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from media.models import AudioChunk, Connection, Gap, Participant, StreamSession
from media.sessions.identity import kind_of, participant_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = count(1)
ORIGIN_TICKS = int(NOON.timestamp()) * 48_000


def a_session(**fields: Any) -> StreamSession:
    values = {"id": uuid.uuid4(), "state": "ended", "live": False, "started_at": NOON, "sample_rate": 16_000}
    return StreamSession.objects.create(**{**values, **fields})


def a_heard_session(**fields: Any) -> StreamSession:
    """A session with an origin at noon and ten seconds of audio."""
    span = {"origin_ticks": ORIGIN_TICKS, "end_ticks": ORIGIN_TICKS + 480_000, "duration_ms": 10_000}
    return a_session(**{"channels": "unmixed", **span, **fields})


def a_connection(session: StreamSession, **fields: Any) -> Connection:
    values = {"id": uuid.uuid4(), "opened_at": NOON, "spool": "spool-1", "number": next(NUMBERS), "archived": True}
    closed = {"closed_at": NOON + timedelta(seconds=10), "closed_by": "peer", "close_code": 1000}
    return Connection.objects.create(session=session, **{**values, **closed, **fields})


def a_lane(session: StreamSession, raw_id: str | None, first_ms: int = 0, **fields: Any) -> Participant:
    first = ORIGIN_TICKS + first_ms * 48
    values = {"kind": kind_of(raw_id), "first_ticks": first, "end_ticks": ORIGIN_TICKS + 480_000}
    lane = participant_of(session.pk, raw_id)
    return Participant.objects.create(id=lane, session=session, raw_id=raw_id, **{**values, **fields})


def a_chunk(lane: Participant, connection: Connection, from_ms: int = 0, **fields: Any) -> AudioChunk:
    made = uuid.uuid4()
    values: dict[str, Any] = {
        "id": made,
        "position": (ORIGIN_TICKS + from_ms * 48) // 3,
        "samples": 160_000,
        "rate": 16_000,
        "file": f"sessions/{lane.session_id}/{made}.flac",
        "bytes": 4,
        "sha256": "a" * 64,
        "pcm_sha256": "b" * 64,
        "peaks": b"",
        "overview": b"",
        "levels": b"",
    }
    return AudioChunk.objects.create(participant=lane, connection=connection, **{**values, **fields})


def a_gap(session: StreamSession, lane: Participant | None, from_ms: int, ms: int | None, **fields: Any) -> Gap:
    values = {"position": (ORIGIN_TICKS + from_ms * 48) // 3, "samples": ms and ms * 16, "rate": 16_000}
    return Gap.objects.create(session=session, participant=lane, **{"cause": "provider_silent", **values, **fields})
