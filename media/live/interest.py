"""Who wants to see or hear running calls, by process, each for a while only: a process that died asks for nothing."""

from collections.abc import Iterator
from uuid import UUID

from media.live.messages import Interest

ANNOUNCE_SECONDS = 2.0
LAST_SECONDS = 7.0


class Interests:
    """Times are monotonic seconds and come in as arguments."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Interest, float]] = {}

    def note(self, interest: Interest, now: float) -> None:
        if interest:
            self._found[interest.channel] = (interest, now + LAST_SECONDS)
        else:
            self._found.pop(interest.channel, None)

    def forget_old(self, now: float) -> None:
        self._found = {channel: each for channel, each in self._found.items() if each[1] > now}

    def __iter__(self) -> Iterator[Interest]:
        return (interest for interest, _ in self._found.values())

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def watching(self) -> bool:
        return any(interest.watching for interest in self)

    @property
    def hearing_any(self) -> bool:
        return any(interest.hearing for interest in self)

    @property
    def hearing(self) -> frozenset[UUID]:
        """Ids of the sessions and connections whose sound anybody wants."""
        return frozenset().union(*(interest.hearing for interest in self))
