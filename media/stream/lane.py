"""One lane's state between frames, and how a frame changes it. No PCM is kept; a few kB at most."""

import msgspec

from media.stream.clock import SECOND
from media.stream.gap import STEPS, even, even_steps, loose, missing, position_of, samples_of, strict
from media.stream.hearing import Heard
from media.stream.repeats import Key

NEVER = -(2**62)  # before any stamp


class Lane(msgspec.Struct):
    """`end`: where its last frame ended, in samples at `rate`; `length` of that frame in ns, `last` its ordinal.

    `due`: the stamp that an even next frame would have; `top`: the newest stamp placed. `streak` of `steps` (24 at
    most) steps of the stamps were even, the last ones. `joined`: it has had a frame on this connection. `taken`:
    ordinals of frames placed ahead of their turn. Keys tell repeats: of the last 50 frames, of the first 50, and of the
    first 50 of a later connection that was archived before this one.
    """

    rate: int = 0
    begun: bool = False
    end: int = 0
    length: int = 0
    last: int = -1
    due: int | None = None
    top: int = NEVER
    streak: int = 0
    steps: int = 0
    joined: bool = False
    taken: list[int] = []
    recent: list[Key] = []
    first: list[Key] = []
    later: list[Key] = []

    def turn_to(self, rate: int) -> None:
        """Go on at another rate; the end moves up to the next whole sample."""
        if self.begun and self.rate != rate:
            self.end = -(-self.end * rate // self.rate)
        self.rate = rate

    def begin(self, stamp: int, rate: int) -> None:
        """Rule 1: the first frame lies at its stamp."""
        self.begun, self.rate, self.end = True, rate, position_of(stamp, rate)

    def suspects(self, frame: Heard) -> bool:
        """Whether a gap before `frame` is possible at all (rule 2); not before a lane's first."""
        return self.length > 0 and position_of(frame.stamp, frame.rate) - self.end >= samples_of(
            strict(self.length), frame.rate
        )

    def gap_before(self, frame: Heard, following: list[Heard]) -> tuple[int, bool]:
        """Rules 2 and 3: the samples missing before `frame`, and whether the lane is steady."""
        steady = self.steady(frame, following)
        lead = position_of(frame.stamp, frame.rate) - self.end
        if not steady and lead < samples_of(loose(frame.unit), frame.rate):
            return 0, steady
        gap = missing(self.end, [frame, *following])
        threshold = strict(self.length) if steady else loose(0)
        return (gap if gap >= samples_of(threshold, frame.rate) else 0), steady

    def steady(self, frame: Heard, following: list[Heard]) -> bool:
        """Whether 25 stamps in a row were even: the last ones, or with the next ones where the lane is young.

        A lane too short for 25 is judged by all it has.
        """
        if not frame.fine:
            return False
        if self.streak == STEPS:
            return True
        ahead, all_even = even_steps([frame, *following])
        if self.streak + ahead >= STEPS:
            return True
        if self.streak < self.steps or not all_even:
            return False
        return self.streak + ahead > 0 or (self.due is not None and even(frame.stamp - self.due, self.length))

    def advance(self, frame: Heard, gap: int, strays: bool) -> None:
        """Place `frame` after `gap` samples. Late frames and strays say nothing of the lane's pace."""
        self.end += gap + frame.samples
        gap_ns = gap * SECOND // frame.rate
        if not frame.stamped:
            self.due = None if self.due is None else self.due + gap_ns + frame.length
        elif frame.stamp >= self.top and not strays:
            if self.due is not None:
                self._step(frame.stamp - self.due - gap_ns)
            self.due, self.top = frame.stamp + frame.length, frame.stamp
        self.length, self.last, self.joined = frame.length, frame.ordinal, True

    def _step(self, offset: int) -> None:
        self.steps = min(STEPS, self.steps + 1)
        self.streak = min(STEPS, self.streak + 1) if even(offset, self.length) else 0
