"""Where the frames of a running stream lie, told at once, for ears: no waiting for what may still come, so only roughly
the timeline's rules (timeline.py decides what is kept). Pure.

Positions are samples since the epoch on the sender's clock, at the lane's rate.
"""

from collections.abc import Sequence

import msgspec

from media.stream.packets import AudioData

MS = 1_000_000
SECOND = 1000 * MS
JUMP = 5 * SECOND  # a stamp further off what its arrival says is not believed
LOOSE, STEADY = 100 * MS, 15 * MS  # a lead below this is no gap (rule 2)
STEADY_AFTER = 25
EVEN = 2 * MS

Arrived = tuple[AudioData, int]
Segment = tuple[int, bytes]


class Strip(msgspec.Struct, gc=False):
    """One lane: where its audio ends, and how even its stamps have been."""

    rate: int
    end: int | None = None
    stamp: int = 0
    pcm: bytes = b""
    even: int = 0


class LivePlacement:
    """The lanes of one connection."""

    def __init__(self) -> None:
        self.offset: int | None = None  # what the sender's clock is ahead of ours
        self.strips: dict[str | None, Strip] = {}

    def place(self, lane: str | None, frames: Sequence[Arrived], rate: int) -> list[Segment]:
        """The lane's next frames as contiguous stretches (position, PCM), in order."""
        strip = self.strips.get(lane)
        if strip is None or strip.rate != rate:
            strip = self.strips[lane] = Strip(rate)
        segments: list[tuple[int, list[bytes]]] = []
        for at, frame in sorted(((self._time(*each), each[0]) for each in frames), key=lambda pair: pair[0]):
            pcm = frame.pcm or bytes(2 * (rate // 50))
            if frame.stamp == strip.stamp and pcm == strip.pcm and frame.digits > 1:
                continue  # said twice
            position, joins = _next(strip, at)
            if joins and segments:
                segments[-1][1].append(pcm)
            else:
                segments.append((position, [pcm]))
            strip.end, strip.stamp, strip.pcm = position + len(pcm) // 2, at, pcm
        return [(position, b"".join(parts)) for position, parts in segments]

    def _time(self, frame: AudioData, arrival: int) -> int:
        """The frame's moment on the sender's clock; by its arrival where the stamp is missing or absurd."""
        if frame.stamp is None or not -(2**63) < frame.stamp < 2**63:
            return arrival + (self.offset or 0)
        if self.offset is None:
            self.offset = frame.stamp - arrival
        due = arrival + self.offset
        return due if abs(frame.stamp - due) > JUMP else frame.stamp


def _next(strip: Strip, at: int) -> tuple[int, bool]:
    """Where the frame of the moment `at` begins, and whether it joins what came before."""
    wanted = at * strip.rate // SECOND
    if strip.end is None:
        return wanted, False
    threshold = STEADY if strip.even >= STEADY_AFTER else LOOSE
    length = len(strip.pcm) // 2 * SECOND // strip.rate
    strip.even = strip.even + 1 if abs(at - strip.stamp - length) <= EVEN else 0
    lead = wanted - strip.end
    if -JUMP < lead * SECOND // strip.rate < threshold:
        return strip.end, True
    return wanted, False
