"""One 20 ms clock for every stream and voice, on the loop's own time: nothing drifts, nothing catches up in a burst.
Knows nothing of sound."""

import asyncio
from collections.abc import Callable

TICK = 0.020
SLOTS = 8

OnTick = Callable[[int], None]


class Ticker:
    """Calls each subscriber once a tick with the tick's number.

    Subscribers are spread over eight moments of the 20 ms, as the sockets of different calls are in reality; `first`
    ones (live voices) come before all others of their tick. After a stall, ticks follow each other at twice the pace.
    """

    def __init__(self) -> None:
        self.number = 0
        self._first: dict[OnTick, None] = {}
        self._slots: list[dict[OnTick, None]] = [{} for _ in range(SLOTS)]
        self._begin = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """On the running loop; a second start does nothing."""
        if self._task is None:
            self._begin = asyncio.get_running_loop().time()
            self._task = asyncio.create_task(self._run(), name="ticker")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def add(self, subscriber: OnTick, *, first: bool = False) -> None:
        """Does nothing for one who is there already."""
        if not any(subscriber in group for group in (self._first, *self._slots)):
            (self._first if first else min(self._slots, key=len))[subscriber] = None

    def remove(self, subscriber: OnTick) -> None:
        for group in (self._first, *self._slots):
            group.pop(subscriber, None)

    def number_at(self, loop_time: float) -> int:
        """The first tick at or after a moment of `loop.time()`: always the same for the same moment."""
        return -int((self._begin - loop_time) // TICK)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        earliest = 0.0
        while True:
            for slot, group in enumerate(self._slots):
                if slot and not group:
                    continue
                due = self._begin + self.number * TICK + slot * TICK / SLOTS
                if (wait := (due if slot else max(due, earliest)) - loop.time()) > 0:
                    await asyncio.sleep(wait)
                if slot == 0:
                    earliest = loop.time() + TICK / 2
                    _call(self._first, self.number)
                _call(group, self.number)
            self.number += 1
            await asyncio.sleep(0)


def _call(group: dict[OnTick, None], number: int) -> None:
    for subscriber in tuple(group):
        try:
            subscriber(number)
        except Exception as wrong:  # noqa: BLE001  (one call must not stop the clock of all others)
            group.pop(subscriber, None)
            asyncio.get_running_loop().call_exception_handler({"message": "a stream failed", "exception": wrong})
