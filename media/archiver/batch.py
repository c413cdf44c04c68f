"""One batch: a connection's rows, from its cursor to about CHUNK_SECONDS later, become items, placed runs, chunks and
files to write. No database and no storage here; the clock is in the rows."""

import hashlib
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import soundfile

from media.archiver.reading import Kept, Reading
from media.archiver.scan import Tracked
from media.sessions import identity
from media.spool.rows import Row
from media.stream import levels
from media.stream.chunker import Chunk, cut
from media.stream.items import Hole, Tally
from media.stream.order import FAR
from media.stream.split import split
from media.stream.timeline import Timeline

SECOND = 1_000_000_000
FUZZ = SECOND // 5  # a row's time is that of its last message
PEEK = SECOND + FUZZ  # the timeline looks a second ahead
FAR_PEEK = FAR + FUZZ  # and seldom further
MOST_BYTES = 6 << 20  # of messages in one batch, and half of that to peek at: memory does not grow with a flood
DEFAULT_RATE = 16_000
FIRST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """Which waiting rows a batch consumes (the first `rows`) and which it only peeks at (up to `ahead`)."""

    rows: int
    ahead: int
    last: bool  # nothing of this connection can come after
    far: bool  # it peeks as far as the timeline ever looks


def set_back(before: int, after: int) -> bool:
    """Whether this machine's clock was, between two rows. What came before is due then: the time at which it would be
    is hours away."""
    return after < before - SECOND


def window(tracked: Tracked, horizon: int, over: bool, chunk_seconds: float) -> Window | None:
    """The next batch of a connection, None while it is not due. `over`: no more rows can come.

    The first batch is short, so that a call soon shows who speaks; the second by a share that differs between
    connections, so that streams which began together are not archived in one burst for ever after.
    """
    if not tracked.seqs:
        return None
    if tracked.batches == 0:
        chunk_seconds = min(FIRST_SECONDS, chunk_seconds)
    elif tracked.batches == 1:
        chunk_seconds *= 0.3 + 0.7 * (tracked.number * 0.618034 % 1)
    until = tracked.ats[0] + int(chunk_seconds * SECOND)
    size, rows = 0, 0
    while rows < len(tracked.seqs) and (rows == 0 or (tracked.ats[rows] <= until and size < MOST_BYTES)):
        if rows and set_back(tracked.ats[rows - 1], tracked.ats[rows]):
            break
        size += tracked.sizes[rows]
        rows += 1
    full = rows < len(tracked.seqs)
    peek = FAR_PEEK if tracked.far else PEEK
    due = over or (full and size >= MOST_BYTES) or horizon >= until + peek
    due = due or set_back(tracked.ats[rows - 1], horizon)
    if not due:
        return None
    ahead, size = rows, 0
    while ahead < len(tracked.seqs) and tracked.ats[ahead] <= tracked.ats[rows - 1] + peek and size < MOST_BYTES // 2:
        size += tracked.sizes[ahead]
        ahead += 1
    far = tracked.far or (over and ahead == len(tracked.seqs))
    return Window(rows, ahead, over and rows == len(tracked.seqs), far)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its file's bytes and all that its row says."""

    id: uuid.UUID
    participant_id: uuid.UUID
    file: str
    content: bytes
    sha256: str
    pcm_sha256: str
    chunk: Chunk
    measured: levels.Levels


@dataclass(slots=True)
class Batch:
    """The result: what the transaction writes."""

    chunks: list[StoredChunk]
    holes: list[Hole]
    tally: dict[str | None, Tally]
    state: bytes
    kept: list[Kept] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    malformed: int = 0
    unknown: int = 0
    overload: int = 0
    metadata: dict[str, object] = field(default_factory=dict)
    subscription_id: str = ""
    rate: int = 16_000


def flac(pcm: bytes, rate: int) -> bytes:
    """s16le mono as FLAC, lossless."""
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(pcm, "<i2"), rate, format="FLAC", subtype="PCM_16", compression_level=0.3)
    return file.getvalue()


def make_batch(
    tracked: Tracked,
    chosen: Window,
    rows: list[Row],
    timeline: Timeline,
    chunk_seconds: float,
    reading: Reading,
    encode: Callable[[bytes, int], bytes] = flac,
) -> Batch:
    """Pure but for the CPU it takes: decode, place, cut, measure, encode. `rows` are those of the window `chosen`;
    `timeline` and `reading` are advanced. Raises ShortSight where it must be a far one."""
    reading.read(rows[: chosen.rows])
    placement = timeline.place(reading.items, reading.ahead(rows[chosen.rows :]), chosen.far)
    span = rows[0].seq, rows[chosen.rows - 1].seq
    pieces = [piece for chunk in cut(placement) for piece in split(chunk, int(chunk_seconds * chunk.rate))]
    chunks = [store(tracked, span, number, piece, encode) for number, piece in enumerate(pieces)]
    return Batch(
        chunks,
        placement.holes,
        placement.tally,
        timeline.dump(),
        reading.kept,
        reading.unreadable,
        reading.malformed,
        reading.unknown,
        reading.overload,
        reading.metadata,
        reading.subscription_id,
        timeline.sample_rate.rate or DEFAULT_RATE,
    )


def store(
    tracked: Tracked, span: tuple[int, int], number: int, chunk: Chunk, encode: Callable[[bytes, int], bytes]
) -> StoredChunk:
    """Encodes a chunk and names its file. The name holds the rows, so a repeated batch writes the same
    files."""
    participant_id = identity.participant_of(tracked.session_id, chunk.lane)
    chunk_id = identity.chunk_of(tracked.id, participant_id, *span, number)
    content = encode(chunk.pcm, chunk.rate)
    return StoredChunk(
        chunk_id,
        participant_id,
        f"sessions/{tracked.session_id}/{chunk_id}.flac",
        content,
        hashlib.sha256(content).hexdigest(),
        hashlib.sha256(chunk.pcm).hexdigest(),
        chunk,
        levels.measure(chunk.pcm, chunk.rate, chunk.silent),
    )
