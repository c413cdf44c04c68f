"""SIGTERM and Ctrl-C. The first asks to drain, the second not to wait any longer. Knows no server and no runtime."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

POLL_SECONDS = 0.05


class Stop:
    """Counts the signals. Whoever waits asks every 50 ms: none is lost, whenever it comes and whatever loop runs. The
    end of the process `parent` is as good as the first signal."""

    def __init__(self, parent: int | None = None) -> None:
        self.signals = self.hangups = 0
        self.parent = parent

    def listen(self, replaces: bool = False) -> None:
        """From here on signals only count. Main thread only; before anything is opened. With `replaces` SIGHUP is no
        end but a wish of its own, unless it would say that the terminal is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._came)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays nohup
            terminal = sys.stdin is not None and sys.stdin.isatty()
            signal.signal(signal.SIGHUP, self._hung_up if replaces and not terminal else self._came)

    @property
    def asked(self) -> bool:
        return self.signals > 0 or (self.parent is not None and os.getppid() != self.parent)

    @property
    def hurried(self) -> bool:
        return self.signals > 1

    async def wait(self) -> None:
        """Until the first signal."""
        await until(lambda: self.asked, float("inf"))

    def _came(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _hung_up(self, number: int, frame: FrameType | None) -> None:
        self.hangups += 1


async def until(holds: Callable[[], bool], seconds: float) -> None:
    """Returns when that holds, or after so many seconds."""
    latest = time.monotonic() + seconds
    while not holds() and time.monotonic() < latest:
        await asyncio.sleep(POLL_SECONDS)
