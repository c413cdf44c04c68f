"""The timeline of one connection: where each frame lies, what is missing and why. The heart of the recorder.

A call of `place` takes these steps, each in a file of its own; the rules are those of ARCHITECTURE 3.4:

    rate.py      samples a second, from metadata or from the look of the frames          rule 8
    clock.py     stamps on one corrected clock for all lanes, in order of arrival        rules 5 and 8
    repeats.py   frames that came twice                                                  rule 4
    order.py     frames in the order of stamps                                           rule 6
    lane.py      where a frame lies; gap.py: whether time is missing before it           rules 1, 2, 3, 7
    causes.py    why it is missing

`walk.py` drives the last four, frame by frame; `straight.py` does a lane's whole batch at once where nothing can be
wrong. The timeline must not know of files, sessions, databases or our own clock.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from media.stream import items as kinds
from media.stream.causes import Column, GapEvidence
from media.stream.clock import FINEST, Clock, within_second
from media.stream.hearing import Batch, unit
from media.stream.items import Cause, Item, Placement
from media.stream.lane import Lane
from media.stream.neighbours import inherit_clock, inherit_lanes
from media.stream.plain import Stretch, plain_rows
from media.stream.rate import SampleRate, early_format
from media.stream.straight import go_straight
from media.stream.strip import Strip
from media.stream.walk import walk


class Timeline(msgspec.Struct):
    """The state of one connection between two batches. Small, without PCM; the same state gives the same future."""

    opened: int | None = None  # arrival of the first item
    consumed: int = 0
    clock: Clock = msgspec.field(default_factory=Clock)
    sample_rate: SampleRate = msgspec.field(default_factory=SampleRate, name="pitch")  # as stored states call it
    lanes: dict[kinds.Lane, Lane] = {}
    marks: dict[Cause, int] = {}  # ordinal of the last item that may explain a gap
    neighbours: "list[Timeline]" = []  # only until the first item tells which of them came before

    @classmethod
    def new(cls, neighbours: "Sequence[Timeline]" = ()) -> "Timeline":
        """For a connection that begins. `neighbours`: timelines of the session's other connections, in any order."""
        return cls(neighbours=[other for other in neighbours if other.opened is not None])

    @classmethod
    def load(cls, state: bytes) -> "Timeline":
        """The timeline that `dump` gave. Raises msgspec.DecodeError when `state` is no such thing."""
        return msgspec.msgpack.decode(state, type=cls)

    def dump(self) -> bytes:
        return msgspec.msgpack.encode(self)

    def place(self, items: Sequence[Item], ahead: Sequence[Item] = (), far: bool = True) -> Placement:
        """Place `items`; look at `ahead`, which comes again as the next call's items.

        The result does not depend on the cut, if `ahead` reaches a second of arrival past `items`, or to the end. Where
        some frame must look further, it must be `far`: `order.FAR`. Raises ShortSight else, and is of no use any more.
        Positions of a lane never go back, and advance by exactly what is stored plus its holes.
        """
        if not items:
            return Placement([], [], {})
        rows = [*items, *ahead]
        if self.opened is None:
            self._open(rows)
        seen = None if far else rows[-1].arrival
        strips = self._place_plain(rows, len(items), seen)
        if strips is None:
            strips = self._place_carefully(rows, len(items), seen)
        self.consumed += len(items)
        return Placement(
            [run for strip in strips for run in strip.runs],
            [hole for strip in strips for hole in strip.holes],
            {strip.lane: strip.tally for strip in strips if strip.tally.received},
        )

    def _open(self, rows: Sequence[Item]) -> None:
        self.opened = rows[0].arrival
        inherit_clock(self.clock, self.opened, self.neighbours)
        self.lanes = inherit_lanes(self.opened, self.neighbours)
        self.neighbours = []
        early = early_format(rows)
        if early is not None:
            self.sample_rate.hear(early)
        digits = [frame.digits for frame in within_second(rows, 0) if frame.stamp is not None]
        self.clock.digits = min(max(digits, default=0), FINEST)

    def _place_plain(self, rows: Sequence[Item], cut: int, seen: int | None) -> list[Strip] | None:
        """The common case: stamped frames only, and a clock at rest. None, and nothing changed, where it is not so."""
        plain = plain_rows(rows)
        rate, latest = self.sample_rate.rate, {**self.clock.latest}
        if plain is None or rate is None or not self.clock.knows_digits(plain.frames):
            return None
        stamps = self.clock.read_plain(plain.stamps, [frame.arrival for frame in plain.frames], cut)
        if stamps is None:
            return None
        columns = {lane: (np.array(own) + self.consumed, stamps[own]) for lane, own in plain.lanes.items()}
        evidence = self._evidence({}, columns, latest)
        strips = []
        for lane, (ordinals, own) in columns.items():
            count = int(np.searchsorted(ordinals, self.consumed + cut))
            if count:
                frames = [plain.frames[index] for index in plain.lanes[lane]]
                correction, resolution = self.clock.correction, unit(self.clock.digits)
                stretch = Stretch(frames, ordinals, own, count, rate, correction, resolution)
                strips.append(self._place_stretch(lane, stretch, evidence, seen))
        return strips

    def _place_stretch(self, name: kinds.Lane, stretch: Stretch, evidence: GapEvidence, seen: int | None) -> Strip:
        lane, strip = self.lanes.setdefault(name, Lane()), Strip(name)
        self.clock.latest[name] = int(stretch.stamps[stretch.own - 1])
        if not go_straight(lane, stretch, strip, evidence):
            heard = stretch.heard(0, len(stretch.frames), self.sample_rate.blank(stretch.rate))
            walk(lane, heard, heard[stretch.own - 1].ordinal + 1, strip, evidence, seen)
        return strip

    def _place_carefully(self, rows: Sequence[Item], cut: int, seen: int | None) -> list[Strip]:
        batch, latest = Batch(), {**self.clock.latest}
        batch.hear(self.clock, self.sample_rate, rows, range(cut), self.consumed)
        clock, sample_rate = self.clock.copy(), msgspec.structs.replace(self.sample_rate)
        batch.hear(clock, sample_rate, rows, range(cut, len(rows)), self.consumed)
        columns = {
            lane: ([frame.ordinal for frame in frames], [frame.stamp for frame in frames])
            for lane, frames in batch.lanes.items()
        }
        evidence = self._evidence(batch.marks, columns, latest)
        end = self.consumed + cut
        for cause, ordinals in batch.marks.items():
            passed = [ordinal for ordinal in ordinals if ordinal < end]
            if passed:
                self.marks[cause] = passed[-1]
        strips = []
        for name, frames in batch.lanes.items():
            if frames[0].ordinal < end:
                strips.append(Strip(name))
                walk(self.lanes.setdefault(name, Lane()), frames, end, strips[-1], evidence, seen)
        return strips

    def _evidence(
        self, marks: Mapping[Cause, list[int]], columns: Mapping[kinds.Lane, Column], latest: Mapping[kinds.Lane, int]
    ) -> GapEvidence:
        """`marks` of this call, and before them the last of earlier calls."""
        names: tuple[Cause, ...] = ("overload", "malformed", "clock_jump")
        known = {name: [self.marks[name]] if name in self.marks else [] for name in names}
        return GapEvidence({name: known[name] + marks.get(name, []) for name in names}, columns, latest)
