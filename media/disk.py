"""How long the disks last at the present rate. An estimate: from the lanes that are recorded now, or the last day's."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models import Count, Sum
from django.utils import timezone

from media.models import Participant, StreamSession
from media.storage import recordings

LANE_HOUR = 65 << 20  # bytes of FLAC of an hour of one lane of speech at 16 kHz
LEAST_RATE = 1 << 20  # an idle installation's, so that there is a number
MOST_HOURS = 24 * 365 * 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """A disk of this machine; `free` and `total` in bytes."""

    name: str
    free: int
    total: int
    hours_left: float


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
        usage = shutil.disk_usage(there)
        found[there.stat().st_dev] = Place(name, usage.free, usage.total, min(MOST_HOURS, usage.free / rate))
    return list(found.values())
