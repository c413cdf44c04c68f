"""Sessions with audio behind them: lanes from samples, through FLAC, into the storage and AudioChunk rows."""

import hashlib
import io
import uuid
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from media.models import Participant, StreamSession
from media.storage import recordings
from media.stream.levels import measure
from tests.media.rows import ORIGIN_TICKS, a_chunk, a_connection, a_lane, a_session

Samples = npt.NDArray[np.int16]


def a_recorded_session(**fields: Any) -> StreamSession:
    """Without a lane yet: its origin is noon, its end grows with every stretch."""
    return a_session(**{"origin_ticks": ORIGIN_TICKS, "end_ticks": ORIGIN_TICKS, "channels": "unmixed", **fields})


def speech(seconds: float, seed: int = 1, rate: int = 16_000, loudness: int = 6000) -> Samples:
    """Something like speech: syllables of coloured noise with pauses between them. Its samples are hardly ever zero."""
    count = round(seconds * rate)
    random, moment = np.random.default_rng(seed), np.arange(count) / rate
    voice = np.sin(2 * np.pi * (100 + 20 * seed) * moment) + random.normal(0, 0.3, count)
    return np.rint(voice * (0.02 + np.abs(np.sin(2 * np.pi * 1.5 * moment))) * loudness * 0.5).astype(np.int16)


def a_participant(
    session: StreamSession, raw_id: str | None, samples: Samples, from_ms: int = 0, **how: Any
) -> Participant:
    """A lane of the session that holds `samples` from `from_ms` on."""
    return add(a_lane(session, raw_id, from_ms, end_ticks=ORIGIN_TICKS + from_ms * 48), samples, from_ms, **how)


def add(
    lane: Participant, samples: Samples, from_ms: int = 0, rate: int = 16_000, chunk_seconds: float = 10
) -> Participant:
    """A further stretch of a lane, in chunks; `from_ms` counts from the session's origin."""
    connection = a_connection(lane.session)
    position, step = (ORIGIN_TICKS + from_ms * 48) * rate // 48_000, round(chunk_seconds * rate)
    for start in range(0, len(samples), step):
        piece = samples[start : start + step]
        _store(lane, connection, piece, position + start, rate)
    lane.end_ticks = max(lane.end_ticks, (position + len(samples)) * 48_000 // rate)
    lane.save()
    lane.session.end_ticks = max(lane.session.end_ticks or 0, lane.end_ticks)
    lane.session.duration_ms = (lane.session.end_ticks - ORIGIN_TICKS) // 48
    lane.session.save()
    return lane


def _store(lane: Participant, connection: Any, piece: Samples, position: int, rate: int) -> None:
    file = io.BytesIO()
    soundfile.write(file, piece, rate, format="FLAC", subtype="PCM_16")
    levels, content, made = measure(piece.tobytes(), rate), file.getvalue(), uuid.uuid4()
    name = f"sessions/{lane.session_id}/{made}.flac"
    recordings().put(name, content)
    a_chunk(
        lane,
        connection,
        id=made,
        position=position,
        samples=len(piece),
        rate=rate,
        file=name,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pcm_sha256=hashlib.sha256(piece.tobytes()).hexdigest(),
        peaks=levels.peaks,
        overview=levels.overview,
        levels=levels.levels,
    )
