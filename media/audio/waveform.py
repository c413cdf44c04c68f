"""The shape of a participant's audio, to draw: from the peaks stored beside each chunk; no audio is read. Knows
nothing of HTTP.

Every waveform spans its whole session or the same part of it, so those of all participants lie under each other, and
gaps are flat.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, TypedDict
from uuid import UUID

import numpy as np
import numpy.typing as npt

from media.api.lists import IN_TICKS
from media.errors import BadTimes, NothingArchived
from media.models import TICKS_PER_MS, TICKS_PER_SECOND, AudioChunk, Participant, StreamSession
from media.stream.levels import WINDOWS_PER_SECOND, window

MOST_POINTS = 10_000
_ROUNDING = 1e-6  # what falls on an edge lies behind it
LONGEST_CHUNK_TICKS = 120 * TICKS_PER_SECOND  # CHUNK_SECONDS is at most 60, and a batch may run over
COARSE_TICKS = 2 * TICKS_PER_SECOND  # from two seconds a point on, peaks per second are fine enough


class Waveform(TypedDict):
    """`points` are (lowest, highest), −128…127, at equal distances from the session's origin to its end."""

    points: list[tuple[int, int]]
    ms_per_point: float


class _Drawn(NamedTuple):
    position: int
    samples: int
    rate: int
    peaks: bytes


def waveform(participant: Participant, points: int = 1000, from_ms: int = 0, to_ms: int | None = None) -> Waveform:
    """The waveform of one participant in 1…10 000 points, of the session or a part of it. Raises NothingArchived, or
    BadTimes where that part is empty."""
    session: StreamSession = participant.session
    origin, end = session.origin_ticks, session.end_ticks
    if origin is None or end is None or end <= origin:
        raise NothingArchived
    start = from_ms * TICKS_PER_MS
    stop = end - origin if to_ms is None else min(end - origin, to_ms * TICKS_PER_MS)
    if stop <= start:
        raise BadTimes(problem=f"Nothing lies between {from_ms} ms and {stop // TICKS_PER_MS} ms")
    coarse = (stop - start) / points >= COARSE_TICKS
    rows = participant.chunks.values_list("position", "samples", "rate", "overview" if coarse else "peaks")
    if (start, stop) != (0, end - origin):
        rows = rows.annotate(ticks=IN_TICKS).filter(
            ticks__gt=origin + start - LONGEST_CHUNK_TICKS, ticks__lt=origin + stop
        )
    chunks = [_Drawn(*row[:4]) for row in rows]
    drawn = _draw(chunks, origin, np.linspace(start, stop, points + 1), WINDOWS_PER_SECOND if coarse else 1)
    return {"points": [(low, high) for low, high in drawn.tolist()], "ms_per_point": (stop - start) / 48 / points}


def outline(session: StreamSession, points: int) -> npt.NDArray[np.int8]:
    """(points, 2): the lowest and highest of all participants; zeros where nothing is stored."""
    origin, end = session.origin_ticks, session.end_ticks
    drawn = np.zeros((points, 2), np.int8)
    if origin is None or end is None or end <= origin:
        return drawn
    coarse = end - origin >= points * TICKS_PER_SECOND
    lanes: dict[UUID, list[_Drawn]] = defaultdict(list)
    rows = AudioChunk.objects.filter(participant__session=session).order_by("position")
    for lane, position, samples, rate, peaks in rows.values_list(
        "participant_id", "position", "samples", "rate", "overview" if coarse else "peaks"
    ):
        lanes[lane].append(_Drawn(position, samples, rate, bytes(peaks)))
    moments = np.linspace(0, end - origin, points + 1)
    for chunks in lanes.values():
        one = _draw(chunks, origin, moments, WINDOWS_PER_SECOND if coarse else 1)
        drawn[:, 0] = np.minimum(drawn[:, 0], one[:, 0])
        drawn[:, 1] = np.maximum(drawn[:, 1], one[:, 1])
    return drawn


def _draw(
    chunks: Sequence[_Drawn], origin: int, moments: npt.NDArray[np.float64], windows: int
) -> npt.NDArray[np.int8]:
    """For each stretch between two `moments` (ticks since the origin) int8 (lowest, highest) of the pairs that begin in
    it, or else of the pair that covers its start; zeros in a gap. A pair covers `windows` windows of 20 ms."""
    drawn = np.zeros((len(moments) - 1, 2), np.int8)
    if not chunks:
        return drawn
    pairs = np.frombuffer(b"".join((*(chunk.peaks for chunk in chunks), bytes(2))), np.int8).reshape(-1, 2)
    first, covering = _places(chunks, moments, origin, windows)
    starts, ends = np.where(first[:-1] < first[1:], first[:-1], covering[:-1]), np.maximum(first[1:], covering[:-1] + 1)
    sounding = starts >= 0
    bounds = np.stack((starts[sounding], ends[sounding]), axis=1).ravel()
    if bounds.size:
        drawn[sounding, 0] = np.minimum.reduceat(pairs[:, 0], bounds)[::2]
        drawn[sounding, 1] = np.maximum.reduceat(pairs[:, 1], bounds)[::2]
    return drawn


def _places(
    chunks: Sequence[_Drawn], moments: npt.NDArray[np.float64], origin: int, windows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each moment (ticks since the origin, ascending) the number of the first pair that begins then or later, and
    of the pair that sounds then (−1: none)."""
    counts = np.array([len(chunk.peaks) // 2 for chunk in chunks])
    ticks = np.array([TICKS_PER_SECOND / chunk.rate for chunk in chunks])
    begins = np.array([chunk.position * TICKS_PER_SECOND // chunk.rate - origin for chunk in chunks])
    widths = np.array([window(chunk.rate) * windows for chunk in chunks]) * ticks
    ends = begins + np.array([chunk.samples for chunk in chunks]) * ticks
    chunk = np.maximum(np.searchsorted(begins, moments + _ROUNDING, "right") - 1, 0)
    within = (moments - begins[chunk]) / widths[chunk]
    before = (np.cumsum(counts) - counts)[chunk]
    first = before + np.clip(np.ceil(within - _ROUNDING), 0, counts[chunk]).astype(np.int64)
    inside = (moments + _ROUNDING >= begins[chunk]) & (moments + _ROUNDING < ends[chunk]) & (within < counts[chunk])
    covering = before + np.floor(within + _ROUNDING).astype(np.int64)
    return first, np.where(inside, covering, -1)
