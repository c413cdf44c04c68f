"""Rules 2, 3 and 7: whether time is missing before a frame, how much, and whether the lane is steady.

Pure arithmetic on what the lane and its next frames look like; it changes nothing.
"""

from collections.abc import Iterable, Sequence

from media.stream.clock import MS, SECOND
from media.stream.hearing import Heard

STEPS = 24  # between 25 stamps
TOLERANCE = 2 * MS
STRICT = 15 * MS
LOOSE = 100 * MS
ENOUGH = 10  # frames from which on outliers among the leads are left out
FIFTH = 4


def position_of(stamp: int, rate: int) -> int:
    """Samples since the epoch, to the nearest."""
    return (stamp * rate + SECOND // 2) // SECOND


def even(offset: int, length: int) -> bool:
    """Whether a stamp `offset` ns after the one that was due stands on the grid of frames of `length` ns, ± 2 ms.

    Any number of whole frames may be missing: losses leave a lane steady.
    """
    return offset >= -TOLERANCE and (offset + TOLERANCE) % length <= 2 * TOLERANCE


def strict(length: int) -> int:
    """The threshold of a steady lane in ns: 15 ms, less where frames are so short that one would go unseen."""
    return min(STRICT, length * 3 // 4)


def loose(unit: int) -> int:
    """The lead, in ns, that an unsteady lane needs: 100 ms, or what the resolution of the stamps hides."""
    return max(LOOSE, unit)


def samples_of(length: int, rate: int) -> int:
    return length * rate // SECOND


def missing(end: int, frames: Sequence[Heard]) -> int:
    """Rule 3: samples missing before the first of `frames`, laid end to end from `end`.

    The fifth smallest lead (the smallest of fewer than 10), but never more than the first frame's own: where two frames
    are lost within five, the fifth smallest holds both.
    """
    leads = []
    for frame in frames:
        leads.append(position_of(frame.stamp, frame.rate) - end)
        end += frame.samples
    ordered = sorted(leads)
    lead = ordered[FIFTH] if len(ordered) >= ENOUGH else ordered[0]
    return min(lead, leads[0]) if frames[0].stamped else lead


def even_steps(frames: Iterable[Heard]) -> tuple[int, bool]:
    """How many steps between `frames` are even, from the first on (at most 24), and whether all of those seen are.

    Late frames, and frames without a stamp, are no steps.
    """
    count, due, length, top = 0, None, 0, None
    for frame in frames:
        if not frame.stamped:
            due = None if due is None else due + frame.length
        elif top is None or frame.stamp >= top:
            if due is not None:
                if not even(frame.stamp - due, length):
                    return count, False
                count += 1
                if count == STEPS:
                    break
            due, top = frame.stamp + frame.length, frame.stamp
        length = frame.length
    return count, True
