"""The emulator's wall clock, which a scenario or the control page can set wrong. Pacing never looks at it."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_MS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a calendar can show, in seconds.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799


class Clock:
    """Wall time of the emulated service: the machine's own plus `offset_ns`."""

    def __init__(self, offset_seconds: float = 0) -> None:
        self.offset_ns = 0
        self.jump(offset_seconds)

    def now_ns(self) -> int:
        return time.time_ns() + self.offset_ns

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.now_ns() // 1000)

    def iso(self) -> str:
        """Now, as the service writes times: `2026-11-22T19:16:12.925Z`."""
        return stamp(self.now_ns())

    def jump(self, seconds: float) -> None:
        """However far: it stops at the ends of the calendar."""
        now = time.time_ns()
        self.offset_ns = round(min(max(self.offset_ns + seconds * 1e9, _FIRST * 1e9 - now), _LAST * 1e9 - now))


def stamp(at_ns: int, digits: int = 3) -> str:
    """`at_ns` since the epoch as ISO 8601 in UTC with 0 to 7 digits of a second (ACS.md 2.2: three today)."""
    seconds, rest = divmod(at_ns, 1_000 * _MS)
    return f"{_second(seconds)}.{rest:09d}"[: 20 + digits].rstrip(".") + "Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=min(max(seconds, _FIRST), _LAST))).isoformat()[:19]
