"""Who talks when, from stored levels alone: spurts, shares, overlap, monologues, response delay, common silence. Pure.

Time is counted in windows of 20 ms from the session's origin. A *spurt* is speech of one lane whose pauses are short; a
*turn* is a row of spurts of one lane between which nobody else speaks.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from media.stream.levels import SPEECH_DBFS, WINDOWS_PER_SECOND

WINDOW_MS = 1000 // WINDOWS_PER_SECOND
BREATH = 20  # a pause of 0.4 s does not end a spurt
CLICK = 10  # what is shorter than 0.2 s is no speech
PAUSE = 100  # 2 s of silence end a turn
LONGEST_RESPONSE = 500  # after 10 s it is no response any more
LEAST_SILENCE = 50  # a common silence of a second may be skipped …
MARGIN = 10  # … but for 0.2 s at each of its ends

Spans = npt.NDArray[np.int64]  # (n, 2): from, to, ascending and apart


class Piece(NamedTuple):
    """A stored piece of a lane: where it begins (ms since the origin, not before it) and its levels (stream/levels)."""

    from_ms: float
    levels: bytes


class Lane(NamedTuple):
    """How one participant spoke. Milliseconds; `loudness` is the mean of the spoken windows in dBFS, None if nothing
    was spoken; `response_ms` the median delay after somebody else's turn, None where there was none."""

    speech_ms: int
    share: float
    longest_ms: int
    longest_at_ms: int
    responses: int
    response_ms: int | None
    loudness: float | None


class Talk(NamedTuple):
    """`silences` are (from, to) in ms, where every lane is silent or missing."""

    lanes: list[Lane]
    overlap_ms: int
    silence_ms: int
    silences: list[tuple[int, int]]


def talk(lanes: Sequence[Sequence[Piece]], length_ms: int) -> Talk:
    """What the levels of all lanes say about a session of `length_ms`."""
    windows = -(-length_ms // WINDOW_MS)
    heard = [_lay(pieces, windows) for pieces in lanes]
    spurts = [_spurts(levels <= -SPEECH_DBFS) for levels in heard]
    speaking = np.zeros(windows + 1, np.int64)
    for spans in spurts:
        np.add.at(speaking, spans[:, 0], 1)
        np.add.at(speaking, spans[:, 1], -1)
    at_once = np.cumsum(speaking)[:windows]
    turns = _turns(spurts)
    spoken = [int(np.diff(spans).sum()) for spans in spurts]
    whole = sum(spoken)
    return Talk(
        lanes=[
            _lane(number, spoken[number] / whole if whole else 0.0, spurts[number], turns, heard[number])
            for number in range(len(lanes))
        ],
        overlap_ms=int((at_once > 1).sum()) * WINDOW_MS,
        silence_ms=int((at_once == 0).sum()) * WINDOW_MS,
        silences=_silences(at_once == 0),
    )


def _lay(pieces: Sequence[Piece], windows: int) -> npt.NDArray[np.uint8]:
    """The lane's level at each window of the session; 127 (digital zero) where nothing is stored."""
    levels = np.full(windows, 127, np.uint8)
    for piece in pieces:
        start = round(piece.from_ms / WINDOW_MS)
        stored = np.frombuffer(piece.levels, np.uint8)[max(0, -start) : windows - start]
        levels[max(0, start) : max(0, start) + stored.size] = stored
    return levels


def _runs(flags: npt.NDArray[np.bool_]) -> Spans:
    """Where the flags are set."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2).astype(np.int64)


def _spurts(active: npt.NDArray[np.bool_]) -> Spans:
    runs = _runs(active)
    if not len(runs):
        return runs
    apart = runs[1:, 0] - runs[:-1, 1] > BREATH
    joined: Spans = np.stack((runs[np.r_[True, apart], 0], runs[np.r_[apart, True], 1]), axis=1)
    long: npt.NDArray[np.bool_] = joined[:, 1] - joined[:, 0] >= CLICK
    return joined[long]


def _turns(spurts: Sequence[Spans]) -> list[tuple[int, int, int]]:
    """(lane, from, to) by their beginning: spurts of one lane in a row, as long as no other one speaks between them."""
    order = sorted((int(start), int(end), lane) for lane, spans in enumerate(spurts) for start, end in spans)
    turns: list[tuple[int, int, int]] = []
    for start, end, lane in order:
        if turns and turns[-1][0] == lane and start - turns[-1][2] <= PAUSE:
            turns[-1] = (lane, turns[-1][1], max(end, turns[-1][2]))
        else:
            turns.append((lane, start, end))
    return turns


def _lane(
    number: int, share: float, spurts: Spans, turns: Sequence[tuple[int, int, int]], levels: npt.NDArray[np.uint8]
) -> Lane:
    length, begins = max(((end - start, -start) for lane, start, end in turns if lane == number), default=(0, 0))
    delays = [
        after[1] - before[2]
        for before, after in pairwise(turns)
        if after[0] == number != before[0] and 0 <= after[1] - before[2] <= LONGEST_RESPONSE
    ]
    return Lane(
        speech_ms=int(np.diff(spurts).sum()) * WINDOW_MS,
        share=share,
        longest_ms=length * WINDOW_MS,
        longest_at_ms=-begins * WINDOW_MS,
        responses=len(delays),
        response_ms=int(np.median(delays) * WINDOW_MS) if delays else None,
        loudness=_loudness(levels),
    )


def _loudness(levels: npt.NDArray[np.uint8]) -> float | None:
    """The mean power of the spoken windows. Counted by level: there are few levels and many windows."""
    counts = np.bincount(levels, minlength=128)[: -SPEECH_DBFS + 1]
    if not counts.any():
        return None
    power = counts @ 10 ** (-np.arange(counts.size) / 10) / counts.sum()
    return round(float(10 * np.log10(power)), 1)


def _silences(silent: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    runs = _runs(silent)
    long = runs[runs[:, 1] - runs[:, 0] >= LEAST_SILENCE]
    return [((int(start) + MARGIN) * WINDOW_MS, (int(end) - MARGIN) * WINDOW_MS) for start, end in long]
