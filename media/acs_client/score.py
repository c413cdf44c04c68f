"""What is played, cut into frames, and what was sent of it. Pure: no clock, no socket."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FRAME_MS = 20
FRAME_NS = FRAME_MS * 1_000_000

# By the participant's raw id; None is mixed audio.
Lane = str | None


@dataclass(slots=True)
class Sent:
    """What went over a socket: `ticks` ticks, the first stamped `start` (ns since the epoch), and frames by lane."""

    start: int
    rate: int
    call_connection_id: str
    correlation_id: str
    subscription_id: str
    ticks: int = 0
    frames: dict[Lane, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.ticks * FRAME_MS / 1000


@dataclass(slots=True)
class Score:
    """Lanes (s16le mono at `rate`) side by side, `rounds` times. All begin together, except where `joins` names the
    milliseconds (whole frames) that a lane comes later. A lane that ends earlier than the others stops."""

    lanes: Mapping[Lane, bytes]
    rate: int = 16_000
    rounds: int = 1
    joins: Mapping[Lane, int] = field(default_factory=dict)
    frame_bytes: int = field(init=False)
    round_ticks: int = field(init=False)

    def __post_init__(self) -> None:
        self.frame_bytes = self.rate * FRAME_MS // 1000 * 2
        ends = (self._joins(lane) + math.ceil(len(pcm) / self.frame_bytes) for lane, pcm in self.lanes.items())
        self.round_ticks = max(ends, default=0)

    @property
    def ticks(self) -> int:
        return self.round_ticks * self.rounds

    @property
    def seconds(self) -> float:
        return self.ticks * FRAME_MS / 1000

    def frames(self, tick: int) -> Iterator[tuple[Lane, bytes]]:
        """The frames of one tick. A lane's last frame is filled up with zeros. Between two rounds a lane is silent
        where it has nothing: it is still in the call."""
        played, here = divmod(tick, self.round_ticks)
        size = self.frame_bytes
        for lane, pcm in self.lanes.items():
            at = (here - self._joins(lane)) * size
            if 0 <= at < len(pcm):
                yield lane, pcm[at : at + size].ljust(size, b"\0")
            elif played if at < 0 else played < self.rounds - 1:
                yield lane, bytes(size)

    def _joins(self, lane: Lane) -> int:
        return self.joins.get(lane, 0) // FRAME_MS
