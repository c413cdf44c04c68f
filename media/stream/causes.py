"""Why time is missing: the first of the causes that the evidence of one connection supports.

Works on ordinals (an item's place among all of the connection) and corrected stamps; changes nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from media.stream.clock import SECOND
from media.stream.gap import TOLERANCE
from media.stream.items import Cause, Lane

DOMINANT = 4  # unmixed audio carries the four loudest speakers
Numbers = Sequence[int] | NDArray[np.int64]
Column = tuple[Numbers, Numbers]  # of one lane: ordinals, corrected stamps


class GapEvidence:
    """What happened on the connection around a gap: marks by cause (ordinals, ascending) and every lane's frames.

    `latest`: each lane's last stamp before the ones in `columns`.
    """

    def __init__(
        self, marks: Mapping[Cause, Sequence[int]], columns: Mapping[Lane, Column], latest: Mapping[Lane, int]
    ) -> None:
        self._marks = marks
        self._columns = columns
        self._latest = latest

    def cause(self, lane: Lane, after: int, before: int, since: int, drift: bool) -> Cause:
        """Of a gap in `lane` between the frames `after` and `before` (ordinals) that begins at the stamp `since`."""
        after, before = min(after, before), max(after, before)
        for name, ordinals in self._marks.items():
            if bisect_right(ordinals, after) < bisect_right(ordinals, before):
                return name
        if drift:
            return "drift"
        if lane is not None and self._others(lane, before, since) >= DOMINANT:
            return "not_dominant"
        return "provider_silent"

    def _others(self, lane: Lane, before: int, since: int) -> int:
        """How many other lanes had a frame stamped `since` or later among those that came before `before`."""
        others = (self._last(other, before) for other in {*self._columns, *self._latest} if other not in (None, lane))
        return sum(stamp is not None and stamp >= since for stamp in others)

    def _last(self, lane: Lane, before: int) -> int | None:
        if lane in self._columns:
            ordinals, stamps = self._columns[lane]
            count = bisect_left(ordinals, before)
            if count:
                return int(stamps[count - 1])
        return self._latest.get(lane)


def is_drift(gap: int, length: int, rate: int) -> bool:
    """Rule 7: whether `gap` samples are no whole number of frames of `length` ns, ± 2 ms."""
    gap_ns = gap * SECOND // rate
    return (gap_ns + TOLERANCE) % length > 2 * TOLERANCE
