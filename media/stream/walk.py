"""The careful way to place a lane's frames of one batch: every rule, frame by frame.

`straight.py` has the short way for the common case; both give the same result and the same state.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from media.stream.causes import GapEvidence, is_drift
from media.stream.clock import SECOND
from media.stream.hearing import Heard
from media.stream.lane import Lane
from media.stream.order import Queue
from media.stream.repeats import Sieve, first_keys
from media.stream.strip import Strip


def walk(lane: Lane, heard: Sequence[Heard], cut: int, strip: Strip, evidence: GapEvidence, seen: int | None) -> None:
    """Place the frames whose ordinal is below `cut`, and those after it that move ahead of one of them. `seen`: as the
    Queue knows it, which may raise ShortSight."""
    queue = Queue(without_repeats(lane, heard, cut, strip), set(lane.taken), seen)
    taken = [ordinal for ordinal in lane.taken if ordinal >= cut]
    while (oldest := queue.oldest()) is not None and oldest.ordinal < cut:
        frame, strays = queue.take(lane.top, lane.length)
        if not lane.begun:
            following = queue.following(frame, lane.top) if strays else []
            lane.begin(following[0].stamp - frame.length if following else frame.stamp, frame.rate)
        if frame.ordinal >= cut:
            taken.append(frame.ordinal)
        gap = settle(lane, frame, partial(queue.following, frame, lane.top), strip, evidence)
        strip.tally.late += frame.stamped and frame.stamp < lane.top
        strip.tally.unstamped += not frame.stamped
        strip.lay(frame.frame, frame.rate, lane.end + gap, frame.samples)
        lane.advance(frame, gap, strays)
    lane.taken = taken
    strip.close()


def without_repeats(lane: Lane, heard: Sequence[Heard], cut: int, strip: Strip) -> list[Heard]:
    """Rule 4. The state afterwards is that of the frames before `cut`."""
    sieve = Sieve(lane.recent, lane.later)
    consumed = [frame for frame in heard if frame.ordinal < cut]
    kept = list(_sift(sieve, consumed))
    for repeat in _left_out(consumed, kept):
        strip.tally.received += 1
        strip.tally.duplicate += 1
        strip.tally.duplicate_samples += repeat.samples
    lane.recent = sieve.recent()
    lane.first = first_keys(lane.first, (frame.frame for frame in kept))
    return kept + list(_sift(sieve, heard[len(consumed) :]))


def _sift(sieve: Sieve, heard: Iterable[Heard]) -> Iterable[Heard]:
    for frame in heard:
        stamp, pcm = frame.frame.stamp, frame.frame.pcm
        if stamp is not None:
            if frame.fine and sieve.repeats(stamp, pcm):
                continue
            sieve.keep(stamp, pcm)
        yield frame


def _left_out(heard: Iterable[Heard], kept: Iterable[Heard]) -> list[Heard]:
    there = {frame.ordinal for frame in kept}
    return [frame for frame in heard if frame.ordinal not in there]


def settle(lane: Lane, frame: Heard, following: Callable[[], list[Heard]], strip: Strip, evidence: GapEvidence) -> int:
    """Samples missing before `frame`; written down, with the cause, unless they lie between two connections."""
    lane.turn_to(frame.rate)
    if not lane.suspects(frame):
        return 0
    gap, steady = lane.gap_before(frame, following())
    if gap and lane.joined:
        drift = steady and is_drift(gap, lane.length, frame.rate)
        since = lane.due if lane.due is not None else frame.stamp - gap * SECOND // frame.rate
        cause = evidence.cause(strip.lane, lane.last, frame.ordinal, since, drift)
        strip.skip(frame.rate, lane.end, gap, cause)
    return gap
