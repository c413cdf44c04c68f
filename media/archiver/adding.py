"""What a batch adds to the rows of its lanes. Pure."""

import hashlib
from collections import defaultdict
from typing import Any
from uuid import UUID

from media.archiver.batch import Batch, StoredChunk
from media.models import TICKS_PER_SECOND
from media.sessions import identity
from media.stream.chunker import Chunk
from media.stream.items import Hole, Tally

LONGEST_RAW_ID = 500
GROWING = (
    *("received", "stored", "silent", "duplicate", "late", "unstamped"),
    *("stored_ticks", "duplicate_ticks", "gap_ticks", "speech_ticks"),
)
LANE = ("id", "session_id", "raw_id", "kind", "label", "first_ticks", "end_ticks", *GROWING)


def ticks(samples: int, rate: int) -> int:
    """Samples at `rate` as ticks (1/48 000 s), rounded down where the rate is no divisor."""
    return samples * TICKS_PER_SECOND // rate


def lanes_of(session_id: UUID, batch: Batch) -> tuple[list[tuple[Any, ...]], list[str | None]]:
    """What a batch adds to its lanes, as values of LANE; and those of which only duplicates came."""
    by_lane: dict[str | None, list[StoredChunk]] = defaultdict(list)
    for stored in batch.chunks:
        by_lane[stored.chunk.lane].append(stored)
    heard = {lane: tally for lane, tally in batch.tally.items() if by_lane[lane]}
    rows = [_participant(session_id, lane, tally, by_lane[lane], batch.holes) for lane, tally in heard.items()]
    return rows, [lane for lane in batch.tally if lane not in heard]


def _participant(
    session_id: UUID, lane: str | None, tally: Tally, chunks: list[StoredChunk], holes: list[Hole]
) -> tuple[Any, ...]:
    """A lane's row, as what this batch adds to it. Holes inside a chunk are zeros there, and not stored audio."""
    span = sum(ticks(c.chunk.samples, c.chunk.rate) for c in chunks)
    filled = sum(ticks(samples, c.chunk.rate) for c in chunks for _, samples in c.chunk.holes)
    return (
        identity.participant_of(session_id, lane),
        session_id,
        raw_id_of(lane),
        identity.kind_of(lane),
        identity.label_of(lane)[:200],
        min(ticks(c.chunk.position, c.chunk.rate) for c in chunks),
        max(ticks(c.chunk.end, c.chunk.rate) for c in chunks),
        tally.received,
        tally.stored,
        tally.silent,
        tally.duplicate,
        tally.late,
        tally.unstamped,
        span - filled,
        ticks(tally.duplicate_samples, chunks[0].chunk.rate),
        sum(ticks(hole.samples, hole.rate) for hole in holes if hole.lane == lane),
        sum(ticks(c.measured.speech_samples, c.chunk.rate) for c in chunks),
    )


def raw_id_of(lane: str | None) -> str | None:
    """The lane as its column holds it: at most 500 characters; longer ones end in a digest."""
    if lane is None or len(lane) <= LONGEST_RAW_ID:
        return lane
    return f"{lane[: LONGEST_RAW_ID - 17]} {hashlib.sha256(lane.encode('utf-8', 'replace')).hexdigest()[:16]}"


def channels_of(chunk: Chunk) -> str:
    return "mixed" if chunk.lane is None else "unmixed"
