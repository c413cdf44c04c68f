"""What waits to be sent to one browser. Bounded: whoever does not take it in time loses it, and nobody waits."""

import asyncio
from collections import deque

Parcel = str | bytes


class Outlet:
    """`put` never blocks. `full` is True once something was lost; what waited is thrown away then."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.full = False
        self.closing: tuple[int, str] | None = None
        self._waiting: deque[Parcel] = deque()
        self._some = asyncio.Event()

    def put(self, parcel: Parcel) -> None:
        if self.full:
            return
        if len(self._waiting) >= self.most:
            self.full = True
            self._waiting.clear()
        else:
            self._waiting.append(parcel)
        self._some.set()

    def close(self, code: int, reason: str) -> None:
        """After what waits, the socket is closed."""
        self.closing = self.closing or (code, reason)
        self._some.set()

    def begin_anew(self, parcel: Parcel) -> None:
        """After a loss: what follows is whole again."""
        self._waiting.clear()
        self._waiting.append(parcel)
        self.full = False
        self._some.set()

    async def next(self) -> Parcel | None:
        """What to send next; None when something was lost, or when nothing is left and the socket is to be closed."""
        while True:
            if self.full:
                return None
            if self._waiting:
                return self._waiting.popleft()
            if self.closing:
                return None
            self._some.clear()
            await self._some.wait()
