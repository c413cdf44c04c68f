"""What serving processes on one port know of each other: whether each takes connections, how many it has, how many of
them are streams, when it last showed that it is awake, and whose streams come back. A little shared memory, so that
asking costs nothing, and nobody waits for anybody."""

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass

HEAD = struct.Struct("II")  # how many slots, and how many streams one can leave behind
NUMBERS = 4  # of a slot, four bytes each: its load and one (0: it takes nothing), its mark, streams, its last beat
KEY = 8  # bytes that stand for a session
MARKED = 1 << 16  # counts as so many connections
MAY_BE_FULL = 1 << 19  # is added to the load of a process that takes no more streams once those that knock are in
FULL = 1 << 20  # is added to that of a process that takes none
AWAKE_SECONDS = 5  # who showed nothing for longer does not take what comes


class Slots:
    """The table. Each process writes its own slot alone; whoever started it empties that of one that died, and marks
    those that are to go: others come before them, so that no stream moves twice."""

    def __init__(self, file: int) -> None:
        self.file = file
        memory = memoryview(mmap.mmap(file, os.fstat(file).st_size))
        self.count, self.most = HEAD.unpack_from(memory)
        numbers = memory[HEAD.size : HEAD.size + NUMBERS * 4 * self.count].cast("I")
        each = [numbers[kind * self.count : (kind + 1) * self.count] for kind in range(NUMBERS)]
        self._loads, self._marks, self._streams, self._beats = each
        left = memory[HEAD.size + NUMBERS * 4 * self.count :]
        self._left_until = left[: 8 * self.count].cast("d")
        self._left = left[8 * self.count :].cast("Q")

    @classmethod
    def make(cls, count: int, most: int = 0) -> "Slots":
        most = max(1, most)
        with tempfile.TemporaryFile() as file:
            file.write(HEAD.pack(count, most))
            file.truncate(HEAD.size + count * (NUMBERS * 4 + 8 + most * KEY))
            file.flush()
            return cls(os.dup(file.fileno()))

    # --- connections ------------------------------------------------------------------------------------------------

    def takes(self, slot: int, load: int) -> None:
        """The process of this slot takes connections."""
        self._loads[slot] = load + 1

    def clear(self, slot: int) -> None:
        """It takes none any more; its streams go on."""
        self._loads[slot] = self._marks[slot] = 0

    def bury(self, slot: int) -> None:
        """Its process is gone, or has not begun yet."""
        self.clear(slot)
        self._streams[slot] = self._beats[slot] = 0

    def mark(self, slot: int, going: bool = True) -> None:
        self._marks[slot] = MARKED if going else 0

    def is_marked(self, slot: int) -> bool:
        return self._marks[slot] > 0

    def is_taking(self, slot: int) -> bool:
        return self._loads[slot] > 0

    def is_full(self, slot: int) -> bool:
        return self._loads[slot] > FULL

    def may_be_full(self, slot: int) -> bool:
        return self._loads[slot] > MAY_BE_FULL

    def others_take(self, slot: int) -> bool:
        """Whether any other process takes connections."""
        return any(load for other, load in enumerate(self._loads) if other != slot)

    def others_may_have_room(self, slot: int) -> bool:
        """Whether any other process that is awake is not full."""
        return any(0 < load <= FULL and self.is_awake(other) for other, load in enumerate(self._loads) if other != slot)

    def lead(self, slot: int) -> int:
        """How many connections it has more than the one with the fewest of all that take some, and are awake; 0 where
        that is itself."""
        mine = self._loads[slot] + self._marks[slot]
        both = enumerate(zip(self._loads, self._marks, strict=True))
        loads = (load + mark for other, (load, mark) in both if load and other != slot and self.is_awake(other))
        return max(0, mine - min(loads, default=mine))

    # --- signs of life ----------------------------------------------------------------------------------------------

    def beat(self, slot: int, alive: bool = True) -> None:
        """Its event loop goes round; or ends, and is not to be waited for."""
        self._beats[slot] = int(time.monotonic()) + 1 if alive else 0

    def beat_of(self, slot: int) -> int:
        """In seconds of a clock that all processes share; 0 for one that has not begun, or has ended."""
        return self._beats[slot]

    def is_awake(self, slot: int) -> bool:
        return time.monotonic() - self._beats[slot] < AWAKE_SECONDS

    # --- streams ----------------------------------------------------------------------------------------------------

    def holds(self, slot: int, streams: int) -> None:
        self._streams[slot] = streams

    def streams(self) -> int:
        """Of all processes."""
        return sum(self._streams)

    def leave(self, slot: int, keys: Iterable[int], seconds: float) -> None:
        """The process of this slot closes these, and for so long they may come back to another one."""
        self._left_until[slot] = 0.0
        found = list(keys)[: self.most]
        for place in range(self.most):
            self._left[slot * self.most + place] = found[place] if place < len(found) else 0
        self._left_until[slot] = time.monotonic() + seconds

    def awaited(self) -> dict[int, int]:
        """Where each of those stands that have not come back yet, by its key."""
        now = time.monotonic()
        slots = [slot for slot in range(self.count) if self._left_until[slot] > now]
        places = (place for slot in slots for place in range(slot * self.most, (slot + 1) * self.most))
        return {self._left[place]: place for place in places if self._left[place]}

    def is_back(self, place: int) -> None:
        self._left[place] = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several processes is given by the one that starts it: its slot, the listening sockets that all share
    (as descriptors), and whose end is its own end."""

    slots: int
    slot: int
    parent: int
    sockets: tuple[int, ...]

    def to_text(self) -> str:
        return ",".join(map(str, (self.slots, self.slot, self.parent, *self.sockets)))

    @classmethod
    def from_text(cls, text: str) -> "Part":
        slots, slot, parent, *sockets = map(int, text.split(","))
        return cls(slots, slot, parent, tuple(sockets))
