"""The sender's clock as one connection shows it: rule 5 (clock jumps) and rule 8 (frames without a stamp).

One correction holds for all lanes. It is judged by the newest stamp of the connection, never by a lane's position, so
that drift is never a jump. Knows nothing of audio, rates or gaps; our own clock enters only as each frame's arrival.

Beyond the letter of rule 5, because literal reading lets one wrong frame move a call by hours:

* A correction is remembered. A frame that comes more than 5 s off where its arrival would have it, and that an earlier
  correction puts right, takes that one back. So one wrong stamp, a clock that steps and returns, and lanes whose clocks
  differ all leave the others' positions exactly where they were.
* A frame behind the newest that follows its own lane's last stamp within a second is no jump: that lane had stalled.
* A leap ahead counts as the newest stamp only when a second frame confirms it.
* A jump whose arrival says "the next frame, give or take 100 ms" is the next frame: arrival jitter opens no gap.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from media.stream.items import Frame, Item, Lane

MS = 1_000_000
SECOND = 1000 * MS
BEHIND = 5 * SECOND
AHEAD = 6 * 3600 * SECOND
TICK = 100  # ACS's stamps have at most 7 fraction digits, and ticks keep year 1 within 64 bits
SANE_FROM = 946_684_800 * SECOND  # 2000-01-01
SANE_UNTIL = 4_102_444_800 * SECOND  # 2100-01-01
FINEST = 3  # fraction digits beyond which no rule asks for more


class Clock(msgspec.Struct):
    """What maps stamps as sent to corrected time. `ticks`: the correction; `earlier`: those before it, last first."""

    ticks: int = 0
    earlier: list[int] = []
    started: bool = False
    newest: int = 0
    newest_arrival: int = 0
    leap: int | None = None
    anchored: bool = True  # False: started from arrivals alone, no stamp seen yet
    digits: int = 0
    latest: dict[Lane, int] = {}  # corrected stamp of each lane's last frame in order of arrival

    @property
    def correction(self) -> int:
        """Nanoseconds to add to a stamp as sent."""
        return self.ticks * TICK

    def copy(self) -> "Clock":
        return msgspec.structs.replace(self, earlier=[*self.earlier], latest={**self.latest})

    def start(self, rows: Sequence[Item], index: int) -> None:
        """Set the clock at the arrival of `rows[index]` by the believable stamps of the second that follows.

        The middle one of the first three, so that one wrong stamp at the start does not set it.
        """
        begin = rows[index].arrival
        stamped = [(frame.stamp, frame.arrival) for frame in within_second(rows, index) if frame.stamp is not None]
        sane = [(stamp, arrival) for stamp, arrival in stamped if SANE_FROM <= stamp < SANE_UNTIL]
        self.started, self.newest, self.newest_arrival = True, begin, begin
        if sane:
            first = sorted(stamp - max(0, arrival - begin) for stamp, arrival in sane[:3])
            self.newest = first[(len(first) - 1) // 2]
        elif stamped:
            self._correct((stamped[0][1] - stamped[0][0]) // TICK)
        else:
            self.anchored = False

    def knows_digits(self, frames: Sequence[Frame]) -> bool:
        """Whether none of `frames` shows a finer resolution than the connection has shown already."""
        return self.digits >= FINEST or max(frame.digits for frame in frames) <= self.digits

    def read(self, frame: Frame, length: int) -> int:
        """The corrected stamp of the next frame in order of arrival; `length` of the frame in ns. After `start`."""
        due = self.newest + max(0, frame.arrival - self.newest_arrival)
        if frame.stamp is None:
            self.latest[frame.lane] = due
            return due
        self.digits = max(self.digits, min(frame.digits, FINEST))
        stamp = frame.stamp + self.correction
        if self._jumps(frame, stamp, due):
            stamp = self._turn(frame.lane, frame.stamp, due, length)
        self._renew(stamp, due, frame.arrival)
        self.latest[frame.lane] = stamp
        return stamp

    def read_plain(self, stamps: NDArray[np.int64], arrivals: Sequence[int], cut: int) -> NDArray[np.int64] | None:
        """All of a call's stamps at once where rule 5 has nothing to say, else None and nothing changed.

        `stamps` raw, in order of arrival; the first `cut` are consumed. The same result and state as `read` on each,
        except `latest`, which the caller knows by lane.
        """
        if not (self.started and self.anchored) or abs(self.correction) >= 2**62:
            return None
        corrected = stamps + self.correction
        newest = np.maximum.accumulate(np.concatenate(([self.newest], corrected)))
        ahead = corrected - newest[:-1]
        if ahead.max() > BEHIND or ahead.min() < -BEHIND:
            return None
        if newest[cut] > self.newest:
            self.newest = int(newest[cut])
            self.newest_arrival = arrivals[int(corrected[:cut].argmax())]
        self.leap = None
        return corrected

    def _jumps(self, frame: Frame, stamp: int, due: int) -> bool:
        if self.newest - stamp > BEHIND:
            last = self.latest.get(frame.lane)
            return last is None or not 0 <= stamp - last <= SECOND
        if stamp - due <= BEHIND:
            return False
        limit = AHEAD if self.anchored else BEHIND
        return stamp - self.newest > limit or self._remembered(stamp - self.correction, due) is not None

    def _remembered(self, raw: int, due: int) -> int | None:
        fits = [(abs(raw + ticks * TICK - due), ticks) for ticks in self.earlier]
        nearest = min(fits, default=None)
        return nearest[1] if nearest and nearest[0] <= BEHIND else None

    def _turn(self, lane: Lane, raw: int, due: int, length: int) -> int:
        """Change the correction so that this frame lies where its arrival says."""
        ticks = self._remembered(raw, due)
        if ticks is None:
            following = self.latest.get(lane, due - length) + length
            aim = following if abs(following - due) < 100 * MS else due
            ticks = (aim - raw) // TICK
        self._correct(ticks)
        return raw + ticks * TICK

    def _correct(self, ticks: int) -> None:
        self.earlier = [old for old in [self.ticks, *self.earlier] if old != ticks][:4]
        self.ticks = ticks

    def _renew(self, stamp: int, due: int, arrival: int) -> None:
        if self.anchored and stamp - due > BEHIND and (self.leap is None or abs(stamp - self.leap) > BEHIND):
            self.leap = stamp
            return
        self.leap, self.anchored = None, True
        if stamp > self.newest:
            self.newest, self.newest_arrival = stamp, arrival


def within_second(rows: Sequence[Item], index: int) -> list[Frame]:
    """The frames of `rows` from `index` on that arrived less than a second after `rows[index]`."""
    until = rows[index].arrival + SECOND
    frames: list[Frame] = []
    for row in rows[index:]:
        if row.arrival >= until:
            break
        if isinstance(row, Frame):
            frames.append(row)
    return frames
