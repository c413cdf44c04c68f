"""Does the storage still hold what was stored, and do the rows add up? Reads everything, changes nothing."""

import hashlib
import io
from collections.abc import Iterator
from typing import NamedTuple

import soundfile
from django.db.models import QuerySet

from media.models import TICKS_PER_MS, TICKS_PER_SECOND, AudioChunk, Gap, Participant, StreamSession
from media.storage import recordings
from media.stream.levels import WINDOWS_PER_SECOND, window

ROUNDING = 3  # ticks; only where a rate is no divisor of 48 000
COUNTERS = ("received", "stored", "silent", "duplicate", "late")


def chunks_of(session: StreamSession) -> QuerySet[AudioChunk]:
    return AudioChunk.objects.filter(participant__session=session)


def seconds_of(chunk: AudioChunk) -> float:
    return chunk.samples / chunk.rate


def file_differences(chunk: AudioChunk) -> Iterator[str]:
    """A sentence for each way in which the stored file is not what its row says. Raises OSError when the storage cannot
    be read at all."""
    try:
        content = recordings().read(chunk.file)
    except FileNotFoundError:
        yield f"{chunk.file}: the file is missing."
        return
    if hashlib.sha256(content).hexdigest() != chunk.sha256 or len(content) != chunk.bytes:
        yield f"{chunk.file}: the file was changed ({len(content)} bytes, {chunk.bytes} were stored)."
    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="int16")
    except soundfile.LibsndfileError as error:
        yield f"{chunk.file}: the file cannot be decoded ({error.error_string})."
        return
    if (samples.shape, rate) != ((chunk.samples,), chunk.rate):
        yield f"{chunk.file}: {len(samples)} samples at {rate} Hz where {chunk.samples} at {chunk.rate} Hz were stored."
    elif hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest() != chunk.pcm_sha256:
        yield f"{chunk.file}: its samples are not those that were stored."


def level_differences(chunk: AudioChunk) -> Iterator[str]:
    """A sentence for each of the stored levels that does not span the chunk."""
    windows = -(-chunk.samples // window(chunk.rate))
    seconds = -(-windows // WINDOWS_PER_SECOND)
    for name, expected in (("peaks", 2 * windows), ("overview", 2 * seconds), ("levels", windows)):
        if len(getattr(chunk, name)) != expected:
            yield f"{chunk.file}: its {name} have {len(getattr(chunk, name))} bytes where {expected} belong."


def counter_differences(session: StreamSession) -> Iterator[str]:
    """A sentence for each counter of a final session that its chunks and gaps do not bear out."""
    lanes = list(session.participants.all())
    for lane in lanes:
        yield from _lane_differences(lane)
    for name in COUNTERS:
        if (total := sum(getattr(lane, name) for lane in lanes)) != getattr(session, name):
            yield f"session {session.pk}: {name} is {getattr(session, name)}, and {total} over its participants."
    gap_ms = sum(lane.gap_ticks // TICKS_PER_MS for lane in lanes)
    if gap_ms != session.gap_ms:
        yield f"session {session.pk}: gap_ms is {session.gap_ms}, and {gap_ms} over its participants."
    if lanes:
        yield from _span_differences(session, lanes)


def _span_differences(session: StreamSession, lanes: list[Participant]) -> Iterator[str]:
    first, end = min(lane.first_ticks for lane in lanes), max(lane.end_ticks for lane in lanes)
    if (session.origin_ticks, session.end_ticks) != (first, end):
        yield f"session {session.pk}: it does not span from its first participant's start to the last one's end."
    if session.duration_ms != (end - first) // TICKS_PER_MS:
        yield f"session {session.pk}: duration_ms is {session.duration_ms}, not {(end - first) // TICKS_PER_MS}."


class Span(NamedTuple):
    """A stretch of a lane, in ticks; `connection` keeps a gap to the chunks of its own socket."""

    start: int
    end: int
    connection: object


def _lane_differences(lane: Participant) -> Iterator[str]:
    who = f"session {lane.session_id}, {lane}"
    chunks, gaps = _spans(lane.chunks.all()), _spans(lane.gaps.filter(samples__isnull=False))
    if not chunks:
        yield f"{who}: no audio is stored."
        return
    missing = sum(gap.end - gap.start for gap in gaps)
    stored = sum(chunk.end - chunk.start - _filled(chunk, gaps) for chunk in chunks)
    for name, counted, found in (("gap", lane.gap_ticks, missing), ("stored", lane.stored_ticks, stored)):
        if counted != found:
            yield f"{who}: {name}_ms is {_ms(counted)}, and {_ms(found)} by its chunks and gaps."
    if (lane.first_ticks, lane.end_ticks) != (chunks[0].start, max(chunk.end for chunk in chunks)):
        yield f"{who}: its chunks do not reach from its first to its last frame."
    for start, end in _unaccounted(chunks + gaps):
        from_ms = (start - (lane.session.origin_ticks or 0)) // TICKS_PER_MS
        yield f"{who}: {_ms(end - start)} ms from {from_ms} ms on are neither stored nor a gap."


def _spans(rows: QuerySet[AudioChunk] | QuerySet[Gap]) -> list[Span]:
    """In the order of their starts; `rows` all have a length."""
    found = rows.values_list("position", "samples", "rate", "connection_id")
    spans = (Span(*_ticks(start, length or 0, rate), connection) for start, length, rate, connection in found)
    return sorted(spans, key=lambda span: span[:2])


def _ticks(position: int, samples: int, rate: int) -> tuple[int, int]:
    return position * TICKS_PER_SECOND // rate, (position + samples) * TICKS_PER_SECOND // rate


def _filled(chunk: Span, gaps: list[Span]) -> int:
    """What of a chunk is a gap that was filled with zeros. Another connection's gap says nothing about this chunk."""
    own = (gap for gap in gaps if gap.connection == chunk.connection)
    return sum(max(0, min(gap.end, chunk.end) - max(gap.start, chunk.start)) for gap in own)


def _unaccounted(spans: list[Span]) -> Iterator[tuple[int, int]]:
    """The stretches between the first and the last span that none covers."""
    spans.sort(key=lambda span: span[:2])
    reached = spans[0].end
    for span in spans:
        if span.start > reached + ROUNDING:
            yield reached, span.start
        reached = max(reached, span.end)


def _ms(ticks: int) -> str:
    return f"{ticks / TICKS_PER_MS:.3f}".rstrip("0").rstrip(".")
