"""The shape of a participant's audio, to draw: from the peaks stored beside each chunk; no audio is read. Knows
nothing of HTTP.

Every waveform spans its whole session, so those of all participants lie under each other, and gaps are flat.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from media.errors import NothingArchived
from media.models import TICKS_PER_SECOND, Participant, StreamSession
from media.stream.levels import WINDOWS_PER_SECOND, window

MOST_POINTS = 10_000
_ROUNDING = 1e-6  # of a point: what falls on a point's edge belongs to it
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


def waveform(participant: Participant, points: int = 1000) -> Waveform:
    """The waveform of one participant in 1…10 000 points. Raises NothingArchived."""
    session: StreamSession = participant.session
    origin, end = session.origin_ticks, session.end_ticks
    if origin is None or end is None or end <= origin:
        raise NothingArchived
    coarse = (end - origin) / points >= COARSE_TICKS
    rows = participant.chunks.values_list("position", "samples", "rate", "overview" if coarse else "peaks")
    chunks = [_Drawn(*row) for row in rows]
    drawn = _draw(chunks, origin, end, points, WINDOWS_PER_SECOND if coarse else 1)
    return {"points": [(low, high) for low, high in drawn.tolist()], "ms_per_point": (end - origin) / 48 / points}


def _draw(chunks: Sequence[_Drawn], origin: int, end: int, points: int, windows: int) -> npt.NDArray[np.int8]:
    """(points, 2) int8: the lowest and highest of the pairs that begin in a point's stretch; a pair that is wider fills
    all points up to the next pair. A pair covers `windows` windows of 20 ms."""
    drawn = np.zeros((points, 2), np.int8)
    if not chunks:
        return drawn
    pairs = np.frombuffer(b"".join(chunk.peaks for chunk in chunks), np.int8).reshape(-1, 2)
    counts = np.array([len(chunk.peaks) // 2 for chunk in chunks])
    ticks = np.array([TICKS_PER_SECOND / chunk.rate for chunk in chunks])
    begins = np.array([chunk.position * TICKS_PER_SECOND // chunk.rate - origin for chunk in chunks])
    widths = np.array([window(chunk.rate) * windows for chunk in chunks]) * ticks
    ends = begins + np.array([chunk.samples for chunk in chunks]) * ticks
    within = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(begins, counts) + within * np.repeat(widths, counts)
    stops = np.minimum(starts + np.repeat(widths, counts), np.repeat(ends, counts))
    first = (starts * (points / (end - origin)) + _ROUNDING).astype(np.int64)
    last = np.maximum(first + 1, (stops * (points / (end - origin)) + _ROUNDING).astype(np.int64))
    return _fill(drawn, pairs, first.clip(0, points), last.clip(0, points))


def _fill(
    drawn: npt.NDArray[np.int8], pairs: npt.NDArray[np.int8], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> npt.NDArray[np.int8]:
    """Widen the points from `first` to `last` of each pair to hold it."""
    repeats = last - first
    number = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats) + np.repeat(first, repeats)
    np.minimum.at(drawn[:, 0], number, np.repeat(pairs[:, 0], repeats))
    np.maximum.at(drawn[:, 1], number, np.repeat(pairs[:, 1], repeats))
    return drawn
