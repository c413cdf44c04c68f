"""Rule 6: a frame may move ahead of at most five others of its lane to stand in the order of stamps.

Looks no further than a second of arrival past the oldest frame that still waits, so that the result does not depend on
where a batch is cut. Where one to five frames are missing before that one, and as many have not come since, it looks
further: a stream that stalls, or a speaker who pauses, between two frames that changed places. Knows nothing of
positions.
"""

from collections.abc import Sequence

from media.stream.clock import MS, SECOND
from media.stream.errors import ShortSight
from media.stream.hearing import Heard

AHEAD_OF = 5
SIGHT = 500  # frames of a burst that are looked at; in real time the second has 50
FAR = 2500 * MS  # of arrival, for a frame that may still be filled in


class Queue:
    """A lane's frames in order of arrival, of which some, the `taken`, were placed by an earlier call.

    `seen`: the arrival up to which all that came is known; None where nothing more is waited for.
    """

    def __init__(self, frames: Sequence[Heard], taken: set[int], seen: int | None) -> None:
        self._seen = seen
        self._waiting = [(place, frame) for place, frame in enumerate(frames) if frame.ordinal not in taken]
        self._at = 0
        self._place = self._until = 0

    def oldest(self) -> Heard | None:
        return self._waiting[self._at][1] if self._at < len(self._waiting) else None

    def take(self, top: int, length: int) -> tuple[Heard, bool]:
        """The frame to place next, and whether it strays; `top`: the newest stamp of the lane so far, of a frame of
        `length` ns. Raises ShortSight.

        A stray is stamped more than a second ahead of all that follow it: its stamp is wrong, and it keeps its place.
        """
        self._place, oldest = self._waiting[self._at]
        self._until = until = oldest.frame.arrival + SECOND
        if oldest.stamped and oldest.fine and lacks_few(oldest.stamp - top, length):
            until = oldest.frame.arrival + FAR
        near = self._near(AHEAD_OF + 1, until)
        if until > self._until and len(near) <= AHEAD_OF and self._seen is not None and self._seen < until:
            raise ShortSight
        best = pick(near, top)
        strays = best > 0 and oldest.stamp - max(frame.stamp for frame in self._near(SIGHT, until)[1:]) > SECOND
        if best and not strays:
            self._waiting.insert(self._at, self._waiting.pop(self._at + best))
        self._at += 1
        return self._waiting[self._at - 1][1], strays

    def following(self, taken: Heard, top: int) -> list[Heard]:
        """What comes after the frame just taken, in the order it will be placed, up to a change of rate."""
        frames = self._near(SIGHT, self._until)
        for index, frame in enumerate(frames):
            if frame.rate != taken.rate:
                frames = frames[:index]
                break
        stamps = [frame.stamp for frame in frames]
        if stamps == sorted(stamps):
            return frames
        return arrange(frames, max(top, taken.stamp))

    def _near(self, count: int, until: int) -> list[Heard]:
        """Up to `count` waiting frames that arrived before `until`, and within 500 frames of the oldest."""
        near: list[Heard] = []
        for place, frame in self._waiting[self._at : self._at + count]:
            if place >= self._place + SIGHT or frame.frame.arrival >= until:
                break
            near.append(frame)
        return near


def lacks_few(step: int, length: int) -> bool:
    """Whether one to five frames of `length` ns are missing in a `step` from stamp to stamp."""
    return 3 * length < 2 * step < (2 * AHEAD_OF + 3) * length


def pick(frames: Sequence[Heard], top: int) -> int:
    """Which of the first six waiting frames is next. A late one (below `top`) or one without stamp keeps its place."""
    first = frames[0]
    if not first.stamped or first.stamp < top:
        return 0
    best = 0
    for index, frame in enumerate(frames[: AHEAD_OF + 1]):
        if frame.stamped and top <= frame.stamp < frames[best].stamp:
            best = index
    return best


def arrange(frames: Sequence[Heard], top: int) -> list[Heard]:
    """All of `frames` in the order in which they would be placed after a frame stamped `top`."""
    waiting, arranged = list(frames), []
    while waiting:
        frame = waiting.pop(pick(waiting, top))
        top = max(top, frame.stamp) if frame.stamped else top
        arranged.append(frame)
    return arranged
