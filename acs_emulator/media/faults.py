"""What a scenario does to the frames of one stream. Time is ticks of 20 ms since its first socket opened, chance is
seeded: the same scenario gives the same frames. Pure: frames in, frames out; it sends and closes nothing."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from acs_emulator.media.frame import Frame
from acs_emulator.scenario.schema import (
    Audience,
    Binary,
    ClockJump,
    Damage,
    Duplicate,
    Fragment,
    Halve,
    Late,
    Lose,
    Moment,
    Reorder,
    Stall,
    StreamFault,
)

TICKS_PER_SECOND = 50

Held = list[tuple[int, Frame]]


def name_of(fault: StreamFault) -> str:
    return str(fault.__struct_config__.tag)


@dataclass(slots=True)
class _Strike:
    """One fault and how far it has come."""

    fault: StreamFault
    begin: int
    end: int
    left: float
    begun: bool = False
    ended: bool = False
    waiting: dict[str | None, tuple[int, Frame]] = field(default_factory=dict)  # since which tick

    def takes(self, frame: Frame, tick: int, chance: random.Random) -> bool:
        fault = self.fault
        assert isinstance(fault, Audience)  # noqa: S101  (the table below)
        if not self.begin <= tick < self.end or self.left <= 0 or fault.lane not in {None, frame.lane}:
            return False
        if frame.lane not in self.waiting and fault.chance < 1 and chance.random() >= fault.chance:
            return False
        self.left -= 1
        return True


class Faults:
    """The faults of one stream. Each tick: `begins` (what strikes the socket now), then `weather` over the frames."""

    def __init__(self, faults: Sequence[StreamFault], chance: random.Random) -> None:
        self._chance = chance
        self._strikes = [_strike(fault, 0) for fault in faults]
        self._held: Held = []
        self.stamps_off_ns = 0

    def add(self, fault: StreamFault, tick: int) -> None:
        self._strikes.append(_strike(fault, tick))

    def begins(self, tick: int) -> list[StreamFault]:
        """Faults that begin at this tick, each once, all kinds; moments with a chance may stay away."""
        begun = [strike for strike in self._strikes if not strike.begun and strike.begin <= tick]
        for strike in begun:
            strike.begun = True
            strike.ended = not isinstance(strike.fault, Audience) and not self._lucky(strike.fault)
        struck = [strike for strike in begun if not strike.ended]
        for strike in struck:
            if isinstance(strike.fault, ClockJump):
                self.stamps_off_ns += round(strike.fault.by * 1e9)
        self._jump_back(tick)
        return [strike.fault for strike in struck]

    def weather(self, frames: Iterable[Frame], tick: int) -> list[Frame]:
        """What really goes out this tick, in order."""
        out = list(frames)
        for strike in self._strikes:
            if change := _CHANGES.get(type(strike.fault)):
                out = [
                    changed
                    for frame in out
                    for changed in (
                        change(strike, frame, tick, self._held) if strike.takes(frame, tick, self._chance) else (frame,)
                    )
                ]
        out += [frame for strike in self._strikes for frame in _let_go(strike, tick + _is_spent(strike, tick))]
        if self._held:
            out += [frame for due, frame in self._held if due <= tick]
            self._held = [(due, frame) for due, frame in self._held if due > tick]
        self._strikes = [strike for strike in self._strikes if not _is_over(strike, tick)]
        return out

    def _lucky(self, fault: Moment) -> bool:
        return fault.chance >= 1 or self._chance.random() < fault.chance

    def _jump_back(self, tick: int) -> None:
        for strike in self._strikes:
            over = strike.begun and not strike.ended and tick >= strike.end
            if over and isinstance(strike.fault, ClockJump):
                strike.ended = True
                self.stamps_off_ns -= round(strike.fault.by * 1e9)


def stall_ticks(fault: Stall) -> int:
    return round(fault.lasts * TICKS_PER_SECOND)


def _strike(fault: StreamFault, now: int) -> _Strike:
    begin = now + round(fault.at * TICKS_PER_SECOND)
    lasts = fault.lasts if isinstance(fault, Audience | ClockJump) else None
    end = math.inf if lasts is None else begin + round(lasts * TICKS_PER_SECOND)
    once = math.inf if lasts is not None else 2.0 if isinstance(fault, Reorder) else 1.0  # a pair, or a frame
    frames = fault.frames if isinstance(fault, Audience) else None
    return _Strike(fault, begin, int(min(end, 1 << 60)), once if frames is None else frames)


def _is_over(strike: _Strike, tick: int) -> bool:
    if not isinstance(strike.fault, Audience):
        return strike.begun and (strike.ended or not isinstance(strike.fault, ClockJump) or strike.end >= 1 << 60)
    return _is_spent(strike, tick)


def _is_spent(strike: _Strike, tick: int) -> bool:
    return strike.left <= 0 or tick >= strike.end


def _let_go(strike: _Strike, before: int) -> list[Frame]:
    """Frames that wait since earlier: their lane fell silent, or the fault is over, so they have no neighbour."""
    alone = [frame for since, frame in strike.waiting.values() if since < before]
    strike.waiting = {lane: held for lane, held in strike.waiting.items() if held[0] >= before}
    return alone


def _reorder(strike: _Strike, frame: Frame, tick: int, held: Held) -> tuple[Frame, ...]:
    earlier = strike.waiting.pop(frame.lane, None)
    if earlier is None:
        strike.waiting[frame.lane] = tick, frame
        return ()
    return frame.hit("reorder"), earlier[1].hit("reorder")


def _late(strike: _Strike, frame: Frame, tick: int, held: Held) -> tuple[Frame, ...]:
    assert isinstance(strike.fault, Late)  # noqa: S101  (the table below)
    held.append((tick + round(strike.fault.by * TICKS_PER_SECOND), frame.hit("late")))
    return ()


def _fragment(strike: _Strike, frame: Frame, tick: int, held: Held) -> tuple[Frame, ...]:
    assert isinstance(strike.fault, Fragment)  # noqa: S101
    return (replace(frame.hit("fragment"), pieces=strike.fault.pieces),)


def _damage(strike: _Strike, frame: Frame, tick: int, held: Held) -> tuple[Frame, ...]:
    assert isinstance(strike.fault, Damage)  # noqa: S101
    return (replace(frame.hit(f"damage:{strike.fault.how}"), damage=strike.fault.how),)


Change = Callable[[_Strike, Frame, int, Held], tuple[Frame, ...]]
_CHANGES: dict[type[Moment], Change] = {
    Duplicate: lambda strike, frame, tick, held: (frame, frame.hit("duplicate")),
    Lose: lambda strike, frame, tick, held: (),
    Halve: lambda strike, frame, tick, held: frame.hit("halve").halves(),
    Binary: lambda strike, frame, tick, held: (replace(frame.hit("binary"), binary=True),),
    Reorder: _reorder,
    Late: _late,
    Fragment: _fragment,
    Damage: _damage,
}
