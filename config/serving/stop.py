"""SIGTERM and Ctrl-C. The first asks to drain, the second not to wait any longer. Knows no server and no runtime."""

import asyncio
import signal
import time
from collections.abc import Callable
from types import FrameType

POLL_SECONDS = 0.05


class Stop:
    """Counts the signals. Whoever waits asks every 50 ms: none is lost, whenever it comes and whatever loop runs."""

    def __init__(self) -> None:
        self.signals = 0

    def listen(self) -> None:
        """From here on signals only count. Main thread only; before anything is opened."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self._came)

    @property
    def asked(self) -> bool:
        return self.signals > 0

    @property
    def hurried(self) -> bool:
        return self.signals > 1

    async def wait(self) -> None:
        """Until the first signal."""
        await until(lambda: self.asked, float("inf"))

    def _came(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1


async def until(holds: Callable[[], bool], seconds: float) -> None:
    """Returns when that holds, or after so many seconds."""
    latest = time.monotonic() + seconds
    while not holds() and time.monotonic() < latest:
        await asyncio.sleep(POLL_SECONDS)
