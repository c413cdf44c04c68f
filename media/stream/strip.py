"""Collects what one call stores of one lane: runs, holes and counts. Decides nothing."""

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
        if position != self.at or rate != self._rate:
            self.close()
            self._start = self.at = position
            self._rate = rate
        if frame.silent:
            add_span(self._silent, self.at - self._start, samples)
            self.tally.silent += 1
        self._parts.append(frame.pcm or bytes(2 * samples))
        self.at += samples
        self.tally.received += 1
        self.tally.stored += 1

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
