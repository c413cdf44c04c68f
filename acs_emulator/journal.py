"""What happened, as people and tests read it: every request, event, socket and fault, oldest first. Audio frames are
not here but in the record (record.py). Knows nothing of what the entries mean."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from acs_emulator.clock import Clock

# Older entries are forgotten: a night of calls must not fill the memory.
KEPT = 20_000

Entry = dict[str, Any]
Subscriber = Callable[[Entry], None]


class Journal:
    """Append-only; each entry is `{"number", "at", "kind", …}` and JSON-ready."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._subscribers: dict[Subscriber, None] = {}

    def write(self, kind: str, **facts: Any) -> Entry:
        """Adds an entry and tells the subscribers. `facts` must be JSON-ready and hold no secret."""
        entry: Entry = {"number": next(self._numbers), "at": self._clock.iso(), "kind": kind, **facts}
        self._entries.append(entry)
        for subscriber in tuple(self._subscribers):
            subscriber(entry)
        return entry

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """`subscriber` gets each later entry, on the loop, and must not block. Returns what ends it."""
        self._subscribers[subscriber] = None
        return lambda: self._subscribers.pop(subscriber, None) and None

    def entries(self, kind: str | None = None, after: int = 0, **facts: Any) -> list[Entry]:
        """Those of one kind (all by default), after a number, with exactly these facts."""
        return [
            entry
            for entry in self
            if entry["number"] > after
            and kind in {None, entry["kind"]}
            and all(entry.get(name) == value for name, value in facts.items())
        ]

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))
