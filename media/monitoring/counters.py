"""What this process has counted since its start, for /metrics: plain numbers, each written by one thread alone, so that
counting needs no lock and reading none either. Nothing here is counted per frame: the ingest counts intervals."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LATENCY_SECONDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.4, 0.6, 1.0, 2.0, 5.0, 30.0)


@dataclass(slots=True)
class Latencies:
    """A histogram; `counts` has one more than LATENCY_SECONDS, for what is longer than all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_SECONDS) + 1))
    total: float = 0.0

    def note(self, seconds: float) -> None:
        self.counts[bisect_left(LATENCY_SECONDS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True)
class Counted:
    """`durable`: of each synced commit of the spool the age of the oldest message in it."""

    sockets_opened: int = 0
    frames: int = 0
    received_bytes: int = 0
    malformed: int = 0
    unknown: int = 0
    dropped: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    durable: Latencies = field(default_factory=Latencies)
    spool_bytes: int = 0
    spool_errors: int = 0
    chunks: int = 0
    chunk_bytes: int = 0
    gaps: Counter[str] = field(default_factory=Counter)
    archive_errors: Counter[str] = field(default_factory=Counter)  # by: storage, database, fault

    def as_json(self) -> dict[str, Any]:
        """For the row of this process, which others read."""
        found: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in ("refused", "gaps", "archive_errors"):
            found[name] = dict(found[name])
        found["durable"] = {"counts": list(self.durable.counts), "total": self.durable.total}
        return found


counted = Counted()
"""Of this process."""
