"""What goes into the timeline and what comes out of it. Values only: no rule lives here, and nothing of ACS's JSON.

Stamps and arrivals are nanoseconds since the Unix epoch (UTC); positions, offsets and lengths are samples (mono s16le).
"""

from typing import Literal

import msgspec

Lane = str | None  # ACS's participant raw id; None is the one lane of mixed audio
Cause = Literal["overload", "malformed", "clock_jump", "drift", "not_dominant", "provider_silent"]


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One audio message. `stamp` None: missing or unreadable. `digits`: fraction digits in the stamp's text.

    `pcm` is empty where the data was absent, null or empty; `silent` None where the flag was absent.
    """

    lane: Lane
    stamp: int | None
    digits: int
    arrival: int
    pcm: bytes
    silent: bool | None = None


class Format(msgspec.Struct, frozen=True, gc=False):
    """A metadata message: samples a second, and bytes a frame where it said so."""

    rate: int
    frame_bytes: int | None
    arrival: int


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """A message that could not be read; a gap around it has the cause `malformed`."""

    arrival: int


class Overload(msgspec.Struct, frozen=True, gc=False):
    """Messages that were dropped because memory was full; a gap around them has the cause `overload`."""

    arrival: int
    messages: int


Item = Frame | Format | Unreadable | Overload


class Run(msgspec.Struct, gc=False):
    """A contiguous stretch of one lane. `silent`: (offset, samples) that ACS flagged silent, relative to the run."""

    lane: Lane
    rate: int
    position: int
    pcm: bytes
    silent: list[tuple[int, int]] = []

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2


class Hole(msgspec.Struct, frozen=True, gc=False):
    """A missing stretch between two frames of one lane on one connection."""

    lane: Lane
    rate: int
    position: int
    samples: int
    cause: Cause


class Tally(msgspec.Struct, gc=False):
    """Frames of one lane: `received` = `stored` + `duplicate`; `silent`, `late` and `unstamped` are among `stored`.

    `duplicate_samples` is the time of the duplicates, in samples at the lane's rate.
    """

    received: int = 0
    stored: int = 0
    silent: int = 0
    duplicate: int = 0
    late: int = 0
    unstamped: int = 0
    duplicate_samples: int = 0


class Placement(msgspec.Struct, gc=False):
    """The result for one batch: runs and holes of each lane in position order, and what was counted."""

    runs: list[Run]
    holes: list[Hole]
    tally: dict[Lane, Tally]
