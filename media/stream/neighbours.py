"""What a connection takes over from the other connections of its session, when its first item arrives.

From those that opened before it, whichever is archived first: the clock of the last of them, correction included, so
that a new socket whose stamps go on where the old ones were is corrected alike; and each lane where it ended, its
steadiness and its last 50 keys. So its first frame is contiguous by rules 2 and 3, and what is sent again is
recognised. From those that opened after it but are archived already: the first 50 keys of each lane.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from media.stream import items as kinds
from media.stream.clock import SECOND, Clock
from media.stream.lane import Lane


class Neighbour(Protocol):
    """A timeline, as far as its neighbours look at it."""

    opened: int | None
    clock: Clock
    lanes: dict[kinds.Lane, Lane]


def inherit_clock(clock: Clock, opened: int, neighbours: Sequence[Neighbour]) -> None:
    """Set `clock` to go on from the last connection that opened before `opened` and had a stamp."""
    before = [other for other in _before(opened, neighbours) if other.clock.started]
    if before:
        last = before[-1].clock
        clock.ticks, clock.earlier, clock.latest = last.ticks, [*last.earlier], {**last.latest}
        clock.started, clock.newest, clock.newest_arrival = True, last.newest, last.newest_arrival
        clock.anchored = last.anchored


def inherit_lanes(opened: int, neighbours: Sequence[Neighbour]) -> dict[kinds.Lane, Lane]:
    lanes: dict[kinds.Lane, Lane] = {}
    for other in _before(opened, neighbours):
        for name, lane in other.lanes.items():
            if name not in lanes or _ended(lanes[name]) <= _ended(lane):
                lanes[name] = msgspec.structs.replace(lane, joined=False, last=-1, taken=[], first=[], later=[])
    for other in neighbours:
        if other.opened is not None and other.opened >= opened:
            for name, lane in other.lanes.items():
                mine = lanes.setdefault(name, Lane())
                mine.later = [*mine.later, *lane.first]
    return lanes


def _before(opened: int, neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    known = [(other.opened, other) for other in neighbours if other.opened is not None and other.opened < opened]
    return [other for _, other in sorted(known, key=lambda pair: pair[0])]


def _ended(lane: Lane) -> int:
    """Nanoseconds since the epoch."""
    return lane.end * SECOND // lane.rate if lane.begun else 0
