"""Collects what one call stores of one lane: runs, holes and counts. Decides nothing."""

from collections.abc import Sequence

from media.stream.items import Cause, Frame, Hole, Lane, Run, Tally


class Strip:
    """`at` is the position after the last sample laid."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.runs: list[Run] = []
        self.holes: list[Hole] = []
        self.tally = Tally()
        self._parts: list[bytes] = []
        self._silent: list[tuple[int, int]] = []
        self._start = self.at = self._rate = 0

    def lay(self, frame: Frame, rate: int, position: int, samples: int) -> None:
        """A frame of `samples` at `position`; one without data is laid as zeros."""
        self._turn(rate, position)
        if frame.silent:
            add_span(self._silent, self.at - self._start, samples)
            self.tally.silent += 1
        self._parts.append(frame.pcm or bytes(2 * samples))
        self.at += samples
        self.tally.received += 1
        self.tally.stored += 1

    def lay_many(self, frames: Sequence[Frame], rate: int, position: int, samples: int) -> None:
        """Frames of `samples` each, all with data, end to end from `position`."""
        self._turn(rate, position)
        flags = [frame.silent for frame in frames]
        if True in flags:
            for index, flag in enumerate(flags):
                if flag:
                    add_span(self._silent, self.at - self._start + index * samples, samples)
        self._parts += [frame.pcm for frame in frames]
        self.at += len(frames) * samples
        self.tally.received += len(frames)
        self.tally.stored += len(frames)
        self.tally.silent += flags.count(True)

    def _turn(self, rate: int, position: int) -> None:
        """Begin a new run where this is not the end of the present one."""
        if position != self.at or rate != self._rate:
            self.close()
            self._start = self.at = position
            self._rate = rate

    def skip(self, rate: int, position: int, samples: int, cause: Cause) -> None:
        self.holes.append(Hole(self.lane, rate, position, samples, cause))

    def close(self) -> None:
        """End the run that is being laid."""
        if self._parts:
            self.runs.append(Run(self.lane, self._rate, self._start, b"".join(self._parts), self._silent))
            self._parts, self._silent = [], []


def add_span(spans: list[tuple[int, int]], offset: int, samples: int) -> None:
    """Append a span, or lengthen the last one where they touch."""
    if spans and sum(spans[-1]) == offset:
        offset, samples = spans[-1][0], spans.pop()[1] + samples
    spans.append((offset, samples))
