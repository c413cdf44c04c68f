"""One batch's items as columns, for the common case: nothing but frames, each with a stamp.

Decides nothing; knows nothing of corrections or positions.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from media.stream.clock import SECOND
from media.stream.hearing import Heard
from media.stream.items import Frame, Item, Lane
from media.stream.order import SIGHT

Stamps = NDArray[np.int64]


class Plain(NamedTuple):
    """Frames in order of arrival, their stamps as sent, and of each lane the indexes of its frames."""

    frames: list[Frame]
    stamps: Stamps
    lanes: dict[Lane, list[int]]


def plain_rows(rows: Sequence[Item]) -> Plain | None:
    """`rows` as columns, or None where they are more than stamped frames (or stamped beyond the year 2262)."""
    frames = [row for row in rows if type(row) is Frame]
    if len(frames) < len(rows):
        return None
    try:
        stamps = np.array([frame.stamp for frame in frames], dtype=np.int64)
    except (TypeError, OverflowError):
        return None
    lanes: dict[Lane, list[int]] = {}
    for index, frame in enumerate(frames):
        indexes = lanes.get(frame.lane)
        if indexes is None:
            lanes[frame.lane] = [index]
        else:
            indexes.append(index)
    return Plain(frames, stamps, lanes)


class Stretch(NamedTuple):
    """A lane's frames of one call, of which the first `own` are to be placed and the rest is only looked at.

    `stamps` corrected; `correction`, to get them as sent, and `unit`, their resolution, in ns.
    """

    frames: Sequence[Frame]
    ordinals: NDArray[np.int64]
    stamps: Stamps
    own: int
    rate: int
    correction: int
    unit: int

    def heard(self, begin: int, end: int, blank: int = 0) -> list[Heard]:
        """The same frames one by one; a frame without data lasts `blank` samples."""
        ordinals, stamps = self.ordinals[begin:end].tolist(), self.stamps[begin:end].tolist()
        return [
            Heard(ordinal, frame, stamp, True, self.rate, len(frame.pcm) // 2 or blank, self.unit)
            for ordinal, stamp, frame in zip(ordinals, stamps, self.frames[begin:end], strict=True)
        ]

    def second_from(self, begin: int) -> int:
        """Where the second of arrival ends that `order.Queue` would look at from `begin`."""
        until = self.frames[begin].arrival + SECOND
        sight = range(begin, min(begin + SIGHT, len(self.frames)))
        return next((index for index in sight if self.frames[index].arrival >= until), sight.stop)
