"""How long the disks last at the present rate: as fast as they were seen to fill in the last minutes, whoever fills
them, or as fast as recordings grow by the lanes that are recorded now or were in the last day; whichever is more."""

import shutil
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models import Count, Sum
from django.utils import timezone

from media.models import Participant, StreamSession
from media.storage import recordings

LANE_HOUR = 65 << 20  # bytes of FLAC of an hour of one lane of speech at 16 kHz
LEAST_RATE = 1 << 20  # an idle installation's, so that there is a number
MOST_HOURS = 24 * 365 * 10.0
LOOK_SECONDS = 10.0
SEEN_SECONDS, LEAST_SECONDS = 900.0, 300.0  # a spool breathes: over less time that would look like filling up


@dataclass(frozen=True, slots=True)
class Place:
    """A disk; `free` and `total` in bytes, `host` the machine's name."""

    name: str
    free: int
    total: int
    hours_left: float
    host: str = ""


class Trend:
    """How fast one disk fills, from what was free at some moments (monotonic seconds)."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, now: float, free: int) -> None:
        self._seen.append((now, free))
        while now - self._seen[0][0] > SEEN_SECONDS:
            self._seen.popleft()

    def bytes_per_hour(self) -> float:
        """0 where it does not fill, or was not watched for long enough."""
        (first, was), (last, now_free) = self._seen[0], self._seen[-1]
        seconds = last - first
        return max(0.0, (was - now_free) / seconds * 3600) if seconds >= LEAST_SECONDS else 0.0


_trends: dict[int, Trend] = {}  # by device
_told: list[dict[str, Any]] = []
_looked_at = float("-inf")


def look() -> None:
    """Every few seconds, what `told` answers is brought up to date. Asks the database."""
    global _told, _looked_at
    if time.monotonic() - _looked_at >= LOOK_SECONDS:
        _told, _looked_at = [asdict(place) for place in places()], time.monotonic()


def told() -> list[dict[str, Any]]:
    """The disks of this machine as they were a moment ago, for the row of this process; asks nobody."""
    return _told


def bytes_per_hour() -> float:
    """What recordings grow by now."""
    now = timezone.now()
    live = Participant.objects.filter(session__live=True).aggregate(lanes=Count("pk"))["lanes"]
    day = StreamSession.objects.filter(started_at__gt=now - timedelta(days=1))
    spoken = day.aggregate(ms=Sum("duration_ms"))["ms"] or 0
    lanes = max(1.0, Participant.objects.filter(session__in=day).count() / max(1, day.count()))
    return float(max(live * LANE_HOUR, spoken / 3_600_000 * lanes / 24 * LANE_HOUR, LEAST_RATE))


def places() -> list[Place]:
    """The spool's disk and, where recordings lie on this machine, theirs; one where both are the same."""
    rate = bytes_per_hour()
    storage = recordings()
    folders = {"the spool": Path(settings.SPOOL_DIR)}
    if isinstance(storage, FileSystemStorage):
        folders["the recordings"] = Path(storage.location)
    found: dict[int, Place] = {}
    for name, folder in folders.items():
        there = next((place for place in (folder, *folder.parents) if place.exists()), None)
        if there is None:
            continue
        usage, device = shutil.disk_usage(there), there.stat().st_dev
        trend = _trends.setdefault(device, Trend())
        trend.note(time.monotonic(), usage.free)
        hours = min(MOST_HOURS, usage.free / max(rate, trend.bytes_per_hour()))
        found[device] = Place(name, usage.free, usage.total, hours, socket.gethostname())
    return list(found.values())


def places_of(figures: Iterable[dict[str, Any]]) -> list[Place]:
    """Every machine's disks once, as its processes say; the least hopeful of several."""
    found: dict[tuple[str, str], Place] = {}
    for said in figures:
        for one in said.get("disks", ()):
            place = Place(**one)
            key = (place.host, place.name)
            found[key] = min(place, found.get(key, place), key=lambda each: each.hours_left)
    return list(found.values())
