"""The emulator's wall clock, which a scenario or the control page can set wrong. Pacing never looks at it."""

import time
from datetime import UTC, datetime
from functools import lru_cache

_MS = 1_000_000


class Clock:
    """Wall time of the emulated service: the machine's own plus `offset_ns`."""

    def __init__(self, offset_ns: int = 0) -> None:
        self.offset_ns = offset_ns

    def now_ns(self) -> int:
        return time.time_ns() + self.offset_ns

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_ns() / 1e9, UTC)

    def iso(self) -> str:
        """Now, as the service writes times: `2026-11-22T19:16:12.925Z`."""
        return stamp(self.now_ns())

    def jump(self, seconds: float) -> None:
        self.offset_ns += round(seconds * 1e9)


def stamp(at_ns: int, digits: int = 3) -> str:
    """`at_ns` since the epoch as ISO 8601 in UTC with 0 to 7 digits of a second (ACS.md 2.2: three today)."""
    seconds, rest = divmod(at_ns, 1_000 * _MS)
    return f"{_second(seconds)}.{rest:09d}"[: 20 + digits].rstrip(".") + "Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
