"""What is wrong at this moment, by the database and by what the processes say of themselves. Cheap enough for every few
seconds: each asks few rows, found by an index."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse

from calls.identifiers import display_of
from calls.models import Call, CallEvent, CallParticipant
from media.models import TICKS_PER_SECOND, Alarm, Participant, StreamSession
from media.monitoring import disk, heartbeat
from media.spool.writer import SEGMENT_SECONDS

Kind = Alarm.Kind
ONE_SIDED_AFTER = 60  # seconds of recording
SPOKE = 10  # seconds that the other side must have spoken: both may be waiting
LOST_AFTER = timedelta(seconds=15)
LAG_SECONDS = 60
HOURS_LEFT = 24
REFUSALS, WITHIN = 3, timedelta(minutes=5)
MOST = 500


@dataclass(frozen=True, slots=True)
class Wrong:
    """`subject` tells incidents of one kind apart; `path`: the page where to look."""

    kind: Alarm.Kind
    subject: str
    text: str
    path: str = ""


MOST_STREAMED = 4
"""Lanes that ACS sends at a time; with fewer than these, whoever has none has never sounded."""


def all_wrong(now: datetime) -> list[Wrong]:
    sound = [*one_sided(now), *sound_lost(now), *never_heard(now)]
    return [*sound, *disk_nearly_full(), *disk_full(), *processes(), *acs_refuses(now)]


def one_sided(now: datetime) -> Iterator[Wrong]:
    """Somebody speaks, and of somebody else nothing was ever heard."""
    for session in _lopsided(now).select_related("call").prefetch_related("participants")[:MOST]:
        lanes = list(session.participants.all())
        mute = [str(lane) for lane in lanes if not lane.speech_ticks and _seconds(lane.stored_ticks) >= ONE_SIDED_AFTER]
        mute += _without_lane(session, {lane.raw_id for lane in lanes}, now)
        if mute:
            names = ", ".join(mute)
            text = f"One-sided call: nothing was heard of {names} yet ({session})."
            yield Wrong(Kind.ONE_SIDED, str(session.pk), text, reverse("media:session", args=[session.pk]))


def _lopsided(now: datetime) -> QuerySet[StreamSession]:
    """Sessions where somebody spoke, and somebody may be missing. Chosen by the database: to look at each of hundreds
    of good ones here would cost the recorder a hundredth of its core."""
    lanes, long = Participant.objects.filter(session=OuterRef("pk")), ONE_SIDED_AFTER * TICKS_PER_SECOND
    present = CallParticipant.objects.filter(call=OuterRef("call"), **_present(now))
    lane = Participant.objects.filter(session=OuterRef(OuterRef("pk")), raw_id=OuterRef("raw_id"))
    return StreamSession.objects.filter(
        Exists(lanes.filter(speech_ticks=0, stored_ticks__gte=long)) | Exists(present.filter(~Exists(lane))),
        Exists(lanes.filter(speech_ticks__gte=SPOKE * TICKS_PER_SECOND)),
        end_ticks__gte=F("origin_ticks") + long,
        live=True,
        state=StreamSession.State.RECORDING,
        channels="unmixed",
    )


def _present(now: datetime) -> dict[str, Any]:
    return {"left_at": None, "joined_at__lte": now - timedelta(seconds=ONE_SIDED_AFTER)}


def _without_lane(session: StreamSession, heard: set[str | None], now: datetime) -> list[str]:
    """Who has been in the call for a while, and of whom ACS never sent a frame."""
    if session.call is None or len(heard) >= MOST_STREAMED:
        return []
    there = CallParticipant.objects.filter(call=session.call, **_present(now)).order_by("joined_at", "id")
    return [row.name or display_of(row.raw_id) for row in there if row.raw_id not in heard]


def sound_lost(now: datetime) -> Iterator[Wrong]:
    calls = Call.objects.filter(state=Call.State.CONNECTED, streaming_lost_at__lte=now - LOST_AFTER)
    for call in calls.order_by("streaming_lost_at")[:MOST]:
        since = f"{call.streaming_lost_at:%H:%M:%S}"
        text = f"The {call} goes on unrecorded since {since} UTC. {call.streaming_trouble}".strip()
        yield Wrong(Kind.SOUND_LOST, str(call.pk), text, reverse("calls:call", args=[call.pk]))


def never_heard(now: datetime) -> Iterator[Wrong]:
    """People are in a call, its socket is open, and no frame came of anybody in a minute: silence is frames, too."""
    calls = Call.objects.filter(
        Exists(CallParticipant.objects.filter(call=OuterRef("pk"), **_present(now))),
        state=Call.State.CONNECTED,
        connected_at__lte=now - timedelta(seconds=ONE_SIDED_AFTER),
        streaming_wanted=True,
        streaming_lost_at=None,
        sessions__live=True,
        sessions__state=StreamSession.State.NO_AUDIO,
        sessions__received=0,
        sessions__malformed=0,
    )
    for call in calls.exclude(streaming=Call.Streaming.STOPPED).distinct()[:MOST]:
        text = f"The {call} goes on, its socket is open, and nothing ever came. Stop its streaming, and start it again."
        yield Wrong(Kind.SOUND_LOST, str(call.pk), text, reverse("calls:call", args=[call.pk]))


def disk_nearly_full() -> Iterator[Wrong]:
    for place in disk.places_of(heartbeat.figures_of_all().values()) or disk.places():
        if place.hours_left < HOURS_LEFT:
            text = (
                f"The disk of {place.name} on {place.host} is full in {_hours(place.hours_left)} "
                f"({place.free / (1 << 30):.1f} GiB left)."
            )
            yield Wrong(Kind.DISK, f"{place.name} {place.host}", text, reverse("admin:index"))


def _hours(hours: float) -> str:
    """A few minutes, about 20 minutes, about an hour, about 12 hours."""
    if hours < 1:
        return f"about {hours * 60:.0f} minutes" if hours > 0.1 else "a few minutes"
    return "about an hour" if hours < 1.5 else f"about {hours:.0f} hours"


def disk_full() -> Iterator[Wrong]:
    """Once for each machine, however many of its processes say so."""
    full = [(name, said.get("disks", ())) for name, said in heartbeat.figures_of_all().items() if said.get("disk_low")]
    for host in sorted({next((place["host"] for place in places), f"that of {name}") for name, places in full}):
        text = f"The disk of the spool on {host} is full: new streams are refused, running ones go on."
        yield Wrong(Kind.DISK, f"full {host}", text, reverse("admin:index"))


def processes() -> Iterator[Wrong]:
    """What the processes say of themselves, of several on one machine once: they share its disk, and its archiver."""
    told = heartbeat.figures_of_all()
    failing, late = defaultdict[str, list[str]](list), defaultdict[str, float](float)
    for name, said in sorted(told.items()):
        host = said.get("host", name)
        if said.get("spool_failing"):
            failing[host].append(name)
        late[host] = max(late[host], _lag(said))
    for host, names in failing.items():
        text = f"On {host} the spool cannot be written ({', '.join(names)}): what comes in waits in memory."
        yield Wrong(Kind.SPOOL, host, text, reverse("admin:index"))
    for host, lag in late.items():
        if lag > LAG_SECONDS:
            text = f"Archiving lags {lag:.0f} s behind on {host}: recordings appear late. The spool keeps them."
            yield Wrong(Kind.ARCHIVE_LAG, host, text, reverse("admin:index"))


def _lag(said: dict[str, Any]) -> float:
    """In seconds, beyond the length of a piece; by the age of the spool where no archiver says anything."""
    lag: float = max(said.get("archive_lag", 0), said.get("spool_age", 0) - SEGMENT_SECONDS) - settings.CHUNK_SECONDS
    return lag


def acs_refuses(now: datetime) -> Iterator[Wrong]:
    """Several refusals in a few minutes: one alone is the business of whoever asked."""
    newest = CallEvent.objects.order_by("-id").values_list("kind", "received_at", "text")[:1_000]
    texts = [text for kind, at, text in newest if kind.endswith("refused") and at > now - WITHIN]
    if len(texts) >= REFUSALS:
        text = f"ACS refused {len(texts)} requests within {WITHIN.seconds // 60} minutes. The last: {texts[0]}"
        yield Wrong(Kind.ACS_ERRORS, "", text, reverse("calls:calls"))


def _seconds(ticks: int) -> float:
    return ticks / TICKS_PER_SECOND
