"""A progress bar on a terminal, a line now and then elsewhere. Knows no Django."""

import time
from typing import TextIO

WIDTH = 30
REDRAWS = 0.1  # seconds between two drawings
LINES = 10.0  # seconds between two lines where there is no terminal


class Progress:
    """Of `total` seconds of audio, drawn on `out`; `label` says what is going on."""

    def __init__(self, label: str, total: float, out: TextIO) -> None:
        self.label, self.total, self.out = label, total, out
        self.terminal = out.isatty()
        self.begun = time.monotonic()
        self.drawn = self.begun if not self.terminal else 0.0

    def show(self, done: float) -> None:
        now = time.monotonic()
        if now - self.drawn >= (REDRAWS if self.terminal else LINES):
            self.drawn = now
            self._write(done, now)

    def end(self, done: float) -> None:
        self._write(done, time.monotonic())
        if self.terminal:
            self.out.write("\n")
            self.out.flush()

    def _write(self, done: float, now: float) -> None:
        share = min(done / self.total, 1.0) if self.total else 1.0
        bar = "█" * round(share * WIDTH)
        pace = done / max(now - self.begun, 0.001)
        line = f"{self.label} {bar:·<{WIDTH}} {_clock(done)} of {_clock(self.total)} ({pace:.1f}x)"
        self.out.write(f"\r{line} " if self.terminal else f"{line}\n")
        self.out.flush()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
