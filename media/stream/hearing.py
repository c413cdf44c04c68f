"""One batch's items, heard in order of arrival: each frame gets its corrected stamp, its rate and its length.

The first of the timeline's steps; knows nothing of lanes' positions.
"""

from collections.abc import Sequence

import msgspec

from media.stream.clock import SECOND, Clock
from media.stream.items import Cause, Format, Frame, Item, Lane, Overload, Unreadable
from media.stream.rate import SampleRate


class Heard(msgspec.Struct, gc=False):
    """A frame on the corrected clock. `ordinal`: its place among all items of the connection.

    `stamp` is an estimate from the arrival where the frame had none (`stamped` False). `unit`: the resolution, in
    nanoseconds, that the connection's stamps have shown so far.
    """

    ordinal: int
    frame: Frame
    stamp: int
    stamped: bool
    rate: int
    samples: int
    unit: int

    @property
    def length(self) -> int:
        """Nanoseconds."""
        return self.samples * SECOND // self.rate

    @property
    def fine(self) -> bool:
        """Whether stamps tell one frame from the next (rule 4)."""
        return self.unit < self.length


class Batch:
    """What was heard in one call: frames by lane, and the ordinals of whatever may explain a gap."""

    def __init__(self) -> None:
        self.lanes: dict[Lane, list[Heard]] = {}
        self.marks: dict[Cause, list[int]] = {"overload": [], "malformed": [], "clock_jump": []}

    def hear(self, clock: Clock, sample_rate: SampleRate, rows: Sequence[Item], span: range, first: int) -> None:
        """Hear `rows[span]`, where `rows[0]` has the ordinal `first`; what follows the span is only looked at."""
        for index in span:
            row = rows[index]
            if isinstance(row, Frame):
                if not clock.started:
                    clock.start(rows, index)
                self._frame(clock, row, sample_rate.at(rows, index), first + index)
            elif isinstance(row, Format):
                sample_rate.hear(row)
            elif isinstance(row, Overload):
                self.marks["overload"].append(first + index)
            elif isinstance(row, Unreadable):
                self.marks["malformed"].append(first + index)

    def _frame(self, clock: Clock, frame: Frame, form: tuple[int, int], ordinal: int) -> None:
        rate, blank = form
        samples = len(frame.pcm) // 2 or blank
        before = clock.ticks
        stamp = clock.read(frame, samples * SECOND // rate)
        if clock.ticks != before:
            self.marks["clock_jump"].append(ordinal)
        heard = Heard(ordinal, frame, stamp, frame.stamp is not None, rate, samples, unit(clock.digits))
        self.lanes.setdefault(frame.lane, []).append(heard)


def unit(digits: int) -> int:
    """Nanoseconds of the last of `digits` fraction digits of a second."""
    return SECOND // int(10**digits)
