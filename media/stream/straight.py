"""The short way to place a lane's batch: where no gap, repeat or disorder is possible, bytes are joined as they came.

Must give exactly what `walk.py` gives, state included; a test compares them. Where it cannot tell, it declines.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from media.stream.clock import SECOND
from media.stream.gap import STEPS, TOLERANCE, loose, samples_of, strict
from media.stream.items import Frame, Run
from media.stream.lane import Lane
from media.stream.plain import Stamps, Stretch
from media.stream.repeats import MEMORY, first_keys, keys_of
from media.stream.strip import Strip, add_span


def go_straight(lane: Lane, stretch: Stretch, strip: Strip) -> bool:
    """Place the stretch, or decline (False) and change nothing."""
    frames, stamps, count, rate = stretch.frames, stretch.stamps, stretch.own, stretch.rate
    samples = len(frames[0].pcm) // 2
    length = samples * SECOND // rate
    if not _goes_on(lane, length, rate) or len({len(frame.pcm) for frame in frames}) > 1:
        return False
    if stamps[0] < lane.top or (np.diff(stamps) < 0).any() or (stretch.unit < length and _may_repeat(lane, stretch)):
        return False
    even = _even_steps(lane, stamps, length)
    leads = _positions(stamps[:count], rate) - lane.end - np.arange(count) * samples
    suspects = np.flatnonzero(leads >= samples_of(strict(length), rate))
    if len(suspects) and not (
        leads.max() < samples_of(loose(stretch.unit), rate)
        and (stretch.unit >= length or _unsteady(lane, even, suspects))
    ):
        return False
    _lay(frames[:count], rate, lane.end, samples, strip)
    _advance(lane, even[:count], count * samples)
    lane.top, lane.last = int(stamps[count - 1]), int(stretch.ordinals[count - 1])
    lane.due = lane.top + length
    _remember(lane, frames[:count])
    return True


def _goes_on(lane: Lane, length: int, rate: int) -> bool:
    return lane.joined and lane.due is not None and not lane.taken and lane.rate == rate and lane.length == length > 0


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


def _unsteady(lane: Lane, even: NDArray[np.bool_], suspects: NDArray[np.int64]) -> bool:
    """Whether the lane is steady at none of `suspects`: nowhere around them are 24 steps in a row even."""
    if lane.steps < STEPS:
        return False
    uneven = np.flatnonzero(~even)
    before = np.searchsorted(uneven, suspects)
    since = np.where(before > 0, uneven[before - 1] + 1, -lane.streak) if len(uneven) else -lane.streak
    after = np.searchsorted(uneven, suspects, side="right")
    until = np.append(uneven, len(even))[after]
    return bool((until - since - 1 < STEPS).all())


def _positions(stamps: Stamps, rate: int) -> NDArray[np.int64]:
    """`gap.position_of` of many, without overflowing 64 bits."""
    seconds, rest = np.divmod(stamps, SECOND)
    return np.asarray(seconds * rate + (rest * rate + SECOND // 2) // SECOND)


def _lay(frames: Sequence[Frame], rate: int, position: int, samples: int, strip: Strip) -> None:
    silent: list[tuple[int, int]] = []
    flags = [frame.silent for frame in frames]
    if True in flags:
        for index, flag in enumerate(flags):
            if flag:
                add_span(silent, index * samples, samples)
    strip.runs.append(Run(strip.lane, rate, position, b"".join([frame.pcm for frame in frames]), silent))
    strip.tally.received += len(frames)
    strip.tally.stored += len(frames)
    strip.tally.silent += flags.count(True)


def _advance(lane: Lane, even: NDArray[np.bool_], samples: int) -> None:
    uneven, count = np.flatnonzero(~even), len(even)
    lane.streak = min(STEPS, count - 1 - int(uneven[-1]) if len(uneven) else lane.streak + count)
    lane.steps = min(STEPS, lane.steps + count)
    lane.end += samples


def _remember(lane: Lane, frames: Sequence[Frame]) -> None:
    lane.recent = [*lane.recent, *keys_of(frames[-MEMORY:])][-MEMORY:]
    if len(lane.first) < MEMORY:
        lane.first = first_keys(lane.first, frames)
