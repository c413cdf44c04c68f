"""Who gets the last places while processes on one port are replaced, one after the other: a stream that ran at one of
them comes before a new one. Else whoever was refused, and dials on and on, would be there before the streams that an
old process closes, and those would find no room at the new one."""

import uuid
from collections.abc import Iterable

from config.serving.slots import Slots

COMES_BACK_SECONDS = 30.0  # a place is kept so long; ACS dials again, or we ask it to, within a few seconds


class Places:
    """As the process of one slot sees them. `everywhere` is how many streams all processes take that there should be:
    while an old one and its successor both run there is more room than that, and it is not given away."""

    def __init__(self, slots: Slots, slot: int, everywhere: int) -> None:
        self.slots, self.slot, self.everywhere = slots, slot, everywhere

    def holds(self, streams: int) -> None:
        self.slots.holds(self.slot, streams)

    def are_left_for(self, session_id: uuid.UUID) -> bool:
        """Whether there is one for a stream of this session."""
        awaited = self.slots.awaited()
        place = awaited.get(_key(session_id))
        if place is not None:
            self.slots.is_back(place)
            return True
        return self.slots.streams() + len(awaited) < self.everywhere

    def give_back(self, session_id: uuid.UUID) -> None:
        """The place kept for it is anybody's: its call is over."""
        place = self.slots.awaited().get(_key(session_id))
        if place is not None:
            self.slots.is_back(place)

    def keep(self, sessions: Iterable[uuid.UUID]) -> None:
        """For those that this process is about to close."""
        self.slots.leave(self.slot, map(_key, sessions), COMES_BACK_SECONDS)


def _key(session_id: uuid.UUID) -> int:
    return session_id.int >> 64
