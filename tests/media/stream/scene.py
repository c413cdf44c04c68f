"""What a sender does, in words, and what the timeline makes of it. Times are milliseconds after T."""

import functools
import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from media.stream.errors import ShortSight
from media.stream.items import Format, Frame, Hole, Item, Lane, Run, Tally
from media.stream.order import FAR
from media.stream.strip import add_span
from media.stream.timeline import Timeline

MS = 1_000_000
SECOND = 1000 * MS
T = 1_731_698_172 * SECOND  # 2024-11-15T19:16:12Z
OLGA, OTTO, ADA = "4:+15550100", "8:acs:olga_1", "28:orgid:ada"
SIXTEEN = Format(16000, 640, T)


@functools.cache
def sound(lane: Lane, number: int, size: int = 640) -> bytes:
    """Bytes that no other frame has, and none of them zero."""
    return random.Random(f"{lane} {number}").randbytes(size).replace(b"\0", b"\1")


def frame(lane: Lane, at: float, number: int, arrival: float | None = None, size: int = 640) -> Frame:
    """A frame stamped T + `at` that arrives 5 ms after, or at T + `arrival`."""
    came = at + 5 if arrival is None else arrival
    return Frame(lane, T + round(at * MS), 3, T + round(came * MS), sound(lane, number, size))


def steady(lane: Lane, count: int, start: float = 0, first: int = 0) -> list[Frame]:
    """`count` frames of 20 ms from T + `start` on, numbered from `first`."""
    return [frame(lane, start + 20 * index, first + index) for index in range(count)]


def restamped(row: Frame, **changes: object) -> Frame:
    return msgspec.structs.replace(row, **changes)


def shifted(frames: Iterable[Frame], by: float) -> list[Frame]:
    """The same frames from a clock that is `by` ms ahead; arrivals stay."""
    return [restamped(row, stamp=row.stamp + round(by * MS)) for row in frames if row.stamp is not None]


def together(*lanes: Iterable[Item]) -> list[Item]:
    """Several lanes in order of arrival."""
    return sorted((row for lane in lanes for row in lane), key=lambda row: row.arrival)


@dataclass
class Outcome:
    runs: list[Run]
    holes: list[Hole]
    tally: dict[Lane, Tally]
    timeline: Timeline

    def start(self, lane: Lane) -> float:
        """Milliseconds after T where the lane's audio begins."""
        return next(ms(run.position, run.rate) for run in self.runs if run.lane == lane)

    def audio(self, lane: Lane) -> bytes:
        """The lane's samples from its first on, holes as zeros; fails where runs overlap."""
        sounds, at = b"", None
        for run in self.runs:
            if run.lane == lane:
                at = run.position if at is None else at
                assert run.position >= at, "positions go back"
                sounds += bytes(2 * (run.position - at)) + run.pcm
                at = run.position + run.samples
        return sounds

    def gaps(self, lane: Lane) -> list[tuple[float, float, str]]:
        """(begin, duration, cause), in milliseconds after T."""
        return [(ms(h.position, h.rate), h.samples * 1000 / h.rate, h.cause) for h in self.holes if h.lane == lane]


def ms(position: int, rate: int) -> float:
    return (position - T * rate // SECOND) * 1000 / rate


def play(rows: Sequence[Item], cuts: Sequence[int] = (), timeline: Timeline | None = None) -> Outcome:
    """Place `rows` in one call, or cut into several, as the archiver does: a second's look ahead, seldom more."""
    timeline = timeline or Timeline.new()
    kind = type(timeline)
    outcome = Outcome([], [], {}, timeline)
    edges = [0, *sorted(cuts), len(rows)]
    for begin, end in itertools.pairwise(edges):
        state = timeline.dump()
        timeline = kind.load(state)
        try:
            placement = timeline.place(rows[begin:end], look_ahead(rows, begin, end, SECOND), far=False)
        except ShortSight:
            timeline = kind.load(state)
            placement = timeline.place(rows[begin:end], look_ahead(rows, begin, end, FAR), far=True)
        outcome.holes += placement.holes
        for run in placement.runs:
            append(outcome.runs, run)
        for lane, tally in placement.tally.items():
            outcome.tally[lane] = add(outcome.tally.get(lane, Tally()), tally)
    return replace(outcome, timeline=timeline)


def look_ahead(rows: Sequence[Item], begin: int, end: int, by: int) -> list[Item]:
    if begin == end:
        return []
    return [row for row in rows[end:] if row.arrival <= rows[end - 1].arrival + by]


def append(runs: list[Run], run: Run) -> None:
    """Add a run, as part of the lane's last where they touch: cuts leave no trace."""
    last = next((index for index in reversed(range(len(runs))) if runs[index].lane == run.lane), None)
    if last is None or runs[last].position + runs[last].samples != run.position or runs[last].rate != run.rate:
        runs.append(run)
        return
    old = runs[last]
    silent = [*old.silent]
    for offset, samples in run.silent:
        add_span(silent, old.samples + offset, samples)
    runs[last] = Run(run.lane, run.rate, old.position, old.pcm + run.pcm, silent)


def add(one: Tally, other: Tally) -> Tally:
    return Tally(*(getattr(one, name) + getattr(other, name) for name in Tally.__struct_fields__))
