"""The short way to place a lane's batch: without repeats or disorder, bytes are joined as they came, from gap to gap.

Must give exactly what `walk.py` gives, state included; a test compares them. Where it cannot tell, it declines.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from media.stream.causes import GapEvidence
from media.stream.clock import SECOND
from media.stream.gap import STEPS, TOLERANCE, loose, samples_of, strict
from media.stream.items import Frame
from media.stream.lane import Lane
from media.stream.order import AHEAD_OF, lacks_few
from media.stream.plain import Stamps, Stretch
from media.stream.repeats import MEMORY, first_keys, keys_of
from media.stream.strip import Strip
from media.stream.walk import settle


def go_straight(lane: Lane, stretch: Stretch, strip: Strip, evidence: GapEvidence) -> bool:
    """Place the stretch, or decline (False) and change nothing."""
    samples = len(stretch.frames[0].pcm) // 2
    length = samples * SECOND // stretch.rate
    if not _goes_on(lane, length, stretch.rate) or not _in_order(lane, stretch, length):
        return False
    if _may_be_filled(lane, stretch, length):
        return False
    even = _even_steps(lane, stretch.stamps, length)
    leads = _positions(stretch.stamps[: stretch.own], stretch.rate) - lane.end - np.arange(stretch.own) * samples
    begin = 0
    while begin < stretch.own:
        stop = begin + _calm(lane, leads[begin:], even[begin:], stretch)
        if stop > begin:
            _lay(lane, stretch, slice(begin, stop), samples, strip)
            _step(lane, even[begin:stop], stretch, stop - 1)
        if stop < stretch.own:
            leads -= _settle(lane, stretch, stop, strip, evidence)
        begin = stop + 1
    strip.close()
    _remember(lane, stretch.frames[: stretch.own])
    return True


def _goes_on(lane: Lane, length: int, rate: int) -> bool:
    """Whether the lane has gone on as it does now: the same rate and length of frames, nothing taken early."""
    return lane.joined and lane.due is not None and not lane.taken and lane.rate == rate and lane.length == length > 0


def _in_order(lane: Lane, stretch: Stretch, length: int) -> bool:
    """Whether all frames have one size, stamps never fall and nothing can be a repeat."""
    if len({len(frame.pcm) for frame in stretch.frames}) > 1:
        return False
    if stretch.stamps[0] < lane.top or (np.diff(stretch.stamps) < 0).any():
        return False
    return stretch.unit >= length or not _may_repeat(lane, stretch)


def _may_be_filled(lane: Lane, stretch: Stretch, length: int) -> bool:
    """Whether few frames are missing before one of the last, which those that come next may fill (rule 6)."""
    first = len(stretch.frames) - AHEAD_OF
    if stretch.own <= first:
        return False
    stamps = stretch.stamps[max(0, first - 1) : stretch.own].tolist()
    before = [lane.top, *stamps] if first <= 0 else stamps
    return any(lacks_few(after - earlier, length) for earlier, after in pairwise(before))


def _may_repeat(lane: Lane, stretch: Stretch) -> bool:
    """Whether a frame has the stamp, as sent, of one remembered, or stamp and bytes of another."""
    first, last = int(stretch.stamps[0]) - stretch.correction, int(stretch.stamps[-1]) - stretch.correction
    if any(first <= stamp <= last for stamp, _ in lane.recent + lane.later):
        return True
    same = np.flatnonzero(np.diff(stretch.stamps) == 0).tolist()
    doubtful = [stretch.frames[index] for index in {*same, *(index + 1 for index in same)}]
    return len({(frame.stamp, frame.pcm) for frame in doubtful}) < len(doubtful)


def _even_steps(lane: Lane, stamps: Stamps, length: int) -> NDArray[np.bool_]:
    """`gap.even` of the step to each of `stamps`."""
    offsets = np.diff(stamps, prepend=lane.top) - length
    offsets[0] = stamps[0] - (lane.due or 0)
    return np.asarray((offsets >= -TOLERANCE) & ((offsets + TOLERANCE) % length <= 2 * TOLERANCE))


def _calm(lane: Lane, leads: NDArray[np.int64], even: NDArray[np.bool_], stretch: Stretch) -> int:
    """How many frames from here on need no look at rule 3: a small lead, or an unsteady lane and a middling one."""
    suspects = np.flatnonzero(leads >= samples_of(strict(lane.length), stretch.rate))
    if len(suspects):
        middling = leads[suspects] < samples_of(loose(stretch.unit), stretch.rate)
        if stretch.unit < lane.length:
            middling &= _unsteady(lane, even, suspects)
        suspects = suspects[~middling]
    return int(suspects[0]) if len(suspects) else len(leads)


def _unsteady(lane: Lane, even: NDArray[np.bool_], suspects: NDArray[np.int64]) -> NDArray[np.bool_]:
    """At which of `suspects` the lane is surely not steady: no 24 steps in a row around them are even."""
    if lane.steps < STEPS:
        return np.zeros(len(suspects), dtype=bool)
    uneven = np.concatenate(([-1 - lane.streak], np.flatnonzero(~even), [len(even)]))
    since = uneven[np.searchsorted(uneven, suspects) - 1]
    until = uneven[np.searchsorted(uneven, suspects, side="right")]
    return np.asarray(until - since - 2 < STEPS)


def _positions(stamps: Stamps, rate: int) -> NDArray[np.int64]:
    """`gap.position_of` of many, without overflowing 64 bits."""
    seconds, rest = np.divmod(stamps, SECOND)
    return np.asarray(seconds * rate + (rest * rate + SECOND // 2) // SECOND)


def _lay(lane: Lane, stretch: Stretch, part: slice, samples: int, strip: Strip) -> None:
    frames = stretch.frames[part]
    strip.lay_many(frames, stretch.rate, lane.end, samples)
    lane.end += len(frames) * samples


def _step(lane: Lane, even: NDArray[np.bool_], stretch: Stretch, last: int) -> None:
    """`lane.advance` for many."""
    uneven, count = np.flatnonzero(~even), len(even)
    lane.streak = min(STEPS, count - 1 - int(uneven[-1]) if len(uneven) else lane.streak + count)
    lane.steps = min(STEPS, lane.steps + count)
    lane.top, lane.last = int(stretch.stamps[last]), int(stretch.ordinals[last])
    lane.due = lane.top + lane.length


def _settle(lane: Lane, stretch: Stretch, at: int, strip: Strip, evidence: GapEvidence) -> int:
    """Place one frame by the rules; the samples missing before it."""
    frame, *following = stretch.heard(at, stretch.second_from(at))
    gap = settle(lane, frame, lambda: following, strip, evidence)
    strip.lay(frame.frame, frame.rate, lane.end + gap, frame.samples)
    lane.advance(frame, gap, strays=False)
    return gap


def _remember(lane: Lane, frames: Sequence[Frame]) -> None:
    lane.recent = [*lane.recent, *keys_of(frames[-MEMORY:])][-MEMORY:]
    if len(lane.first) < MEMORY:
        lane.first = first_keys(lane.first, frames)
