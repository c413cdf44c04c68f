"""What serving processes on one port know of each other: whether each takes connections, and how many it has. A little
shared memory, so that asking costs nothing, and nobody waits for anybody."""

import mmap
import os
import tempfile
from dataclasses import dataclass

BYTES = 8  # a slot is two numbers: 0 for a process that takes nothing, else its load and one; and its mark
MARKED = 1 << 16  # counts as so many connections


class Slots:
    """The table. Each process writes its own load alone; whoever started it clears the slot of one that died, and marks
    those that are to go: others come before them, so that no stream moves twice."""

    def __init__(self, file: int) -> None:
        self.file = file
        self._memory = mmap.mmap(file, os.fstat(file).st_size)
        numbers = memoryview(self._memory).cast("I")
        self._loads, self._marks = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]

    @classmethod
    def make(cls, count: int) -> "Slots":
        with tempfile.TemporaryFile() as file:
            file.truncate(count * BYTES)
            return cls(os.dup(file.fileno()))

    def takes(self, slot: int, load: int) -> None:
        """The process of this slot takes connections."""
        self._loads[slot] = load + 1

    def clear(self, slot: int) -> None:
        self._loads[slot] = self._marks[slot] = 0

    def mark(self, slot: int, going: bool = True) -> None:
        self._marks[slot] = MARKED if going else 0

    def is_marked(self, slot: int) -> bool:
        return self._marks[slot] > 0

    def is_taking(self, slot: int) -> bool:
        return self._loads[slot] > 0

    def others_take(self, slot: int) -> bool:
        """Whether any other process takes connections."""
        return any(load for other, load in enumerate(self._loads) if other != slot)

    def is_first(self, slot: int) -> bool:
        """Whether no other process that takes connections has fewer."""
        mine = self._loads[slot] + self._marks[slot]
        both = enumerate(zip(self._loads, self._marks, strict=True))
        return all(mine <= load + mark for other, (load, mark) in both if load and other != slot)


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
