"""The frames of one tick of a stream, as they would be with no fault: who is heard, how silence looks, which stamp.
Knows no sockets."""

import random
from collections.abc import Sequence

from acs_emulator.clock import Clock
from acs_emulator.media.frame import FRAME_NS, Frame
from acs_emulator.media.hearing import Dominance, mixed, said
from acs_emulator.media.options import StreamOptions
from acs_emulator.media.seams import Talker
from acs_emulator.media.sounds import frame_bytes
from acs_emulator.scenario.schema import StreamPlan

MS = 1_000_000


class Composer:
    """One per stream. Stamps step by exactly 20 ms from the clock's millisecond at `begin`, and follow its jumps."""

    def __init__(self, options: StreamOptions, plan: StreamPlan, clock: Clock, chance: random.Random) -> None:
        self._options, self._plan, self._clock, self._chance = options, plan, clock, chance
        self._dominance = Dominance()
        self._zeros = bytes(frame_bytes(options.rate))
        self._base_ns = 0

    def begin(self) -> None:
        """Tick 0 of the stream is now."""
        self._base_ns = self._clock.now_ns() // MS * MS - self._clock.offset_ns

    def stamp_ns(self, step: int) -> int:
        at = self._base_ns + self._clock.offset_ns + step * FRAME_NS
        if self._plan.jitter:
            at += round(self._chance.uniform(-1, 1) * self._plan.jitter * 1e9)
        return at

    def frames(self, talkers: Sequence[Talker], tick: int, step: int, off_ns: int = 0) -> list[Frame]:
        """tick: the ticker's; step: since `begin`; off_ns: by which a fault moves the stamps."""
        rate = self._options.rate
        heard = [(talker.raw_id, pcm) for talker in talkers if (pcm := said(talker, tick, rate)) is not None]
        at_ns = self.stamp_ns(step) + off_ns
        faults = ("clock_jump",) if off_ns else ()
        if self._options.mixed:
            lanes: list[tuple[str | None, bytes]] = [(None, mixed([pcm for _, pcm in heard], rate))]
        else:
            lanes = [*self._dominance.chosen(heard, tick)]
        silence = self._plan.silence
        frames = []
        for lane, pcm in lanes:
            silent = pcm == self._zeros
            if not (silent and silence == "missing"):
                frames.append(Frame(lane, at_ns, None if silent and silence == "empty" else pcm, silent, faults))
        return frames
