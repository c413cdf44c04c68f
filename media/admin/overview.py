"""How the installation is doing, at a glance. Every question is bounded by time or answered by a partial index, so it
costs little however much was recorded."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncHour
from django.urls import reverse
from django.utils import timezone

from calls.access import Right as CallRight
from calls.models import Call, IncomingCall
from media.access import Right
from media.admin import completeness
from media.admin.charts import Chart, Row, columns, ranked
from media.alarms import incidents
from media.humanize import stretch
from media.models import Gap, SelfProof, StreamSession
from media.monitoring import disk, heartbeat
from media.selfproof import proving
from media.spool.writer import SEGMENT_SECONDS

HOURS, DAYS, FAILURE_DAYS, MOST_REASONS = 24, 14, 7, 6
LATE_SECONDS = 60.0  # an archiver that is behind by more needs a look
SHORT_HOURS = 48  # a disk that lasts no longer needs one too
NEARLY_FULL = 0.9
GIB = 1 << 30
KEPT_SECONDS = 60  # figures of days; what is now is asked anew each time
HOUR_MS = 3_600_000


def page(user: User) -> dict[str, Any]:
    """The template's context: what `user` may see; each part is None without the right."""
    sees_calls, sees_sessions = user.has_perm(CallRight.LIST), user.has_perm(Right.LIST)
    now = timezone.now()
    return {
        "now": now,
        "calls_now": calls_now() if sees_calls else None,
        "calls_by_hour": calls_by_hour(now) if sees_calls else None,
        "failures": _kept("failures", lambda: failures(now)) if sees_calls and sees_sessions else None,
        "sessions_now": sessions_now() if sees_sessions else None,
        "complete": _kept("complete", lambda: complete(now)) if sees_calls and sees_sessions else None,
        "alarms": incidents.open_now() if sees_sessions else [],
        "hours_by_day": _kept("days", lambda: hours_by_day(now)) if sees_sessions else None,
        "standing": standing() if sees_sessions else None,
        "disks": _kept("disks", disks) if sees_sessions else None,
        "proof": last_proof() if user.has_perm(Right.PROVE) else None,
    }


def _kept(name: str, ask: Callable[[], Any]) -> Any:
    return cache.get_or_set(f"dashboard-{name}", ask, KEPT_SECONDS)


def calls_now() -> dict[str, int]:
    """How many are in which state, and how many ring here or have lost their sound."""
    open_calls = Call.objects.exclude(state__in=Call.OVER).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(cast("Iterable[tuple[str, int]]", open_calls))
    ringing = IncomingCall.objects.filter(state=IncomingCall.State.RINGING).count()
    lost = Call.objects.filter(state=Call.State.CONNECTED, streaming_lost_at__isnull=False).count()
    connected = counts.pop(Call.State.CONNECTED, 0)
    return {"connected": connected, "others": sum(counts.values()), "incoming": ringing, "lost": lost}


def last_proof() -> dict[str, Any]:
    """`proof` is None where none was ever made."""
    proof = SelfProof.objects.first()
    return {"proof": proof, "runs": proof is not None and proving.is_running(proof)}


def spoken() -> QuerySet[StreamSession]:
    """Recordings of people; not what the recorder said to itself."""
    return StreamSession.objects.exclude(pk__in=SelfProof.objects.exclude(session_id=None).values("session_id"))


def sessions_now() -> dict[str, int]:
    living = spoken().filter(live=True).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(cast("Iterable[tuple[str, int]]", living))
    return {state: counts.get(state, 0) for state in ("recording", "waiting", "no_audio")}


def calls_by_hour(now: datetime) -> dict[str, Any]:
    """Those of the last 24 hours: the chart, and how many ended, failed and run."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    rows = Call.objects.filter(created_at__gte=first).annotate(hour=TruncHour("created_at")).order_by()
    hours: dict[datetime, dict[str, float]] = {
        first + timedelta(hours=number): {"well": 0, "runs": 0, "bad": 0} for number in range(HOURS)
    }
    style = {Call.State.ENDED: "well", Call.State.FAILED: "bad"}
    for hour, state, count in rows.values_list("hour", "state").annotate(Count("pk")):
        if hour in hours:
            hours[hour][style.get(Call.State(state), "runs")] += count
    words = [
        f"{hour:%H}:00 UTC: {parts['well']:.0f} ended, {parts['bad']:.0f} failed, {parts['runs']:.0f} running"
        for hour, parts in hours.items()
    ]
    marks = [f"{hour:%H}" if hour.hour % 6 == 0 else "" for hour in hours]
    totals = {name: int(sum(parts[name] for parts in hours.values())) for name in ("well", "runs", "bad")}
    chart = columns(list(hours.values()), words, marks, "{:.0f} in an hour".format)
    return {"chart": chart, "total": sum(totals.values()), **totals}


def hours_by_day(now: datetime) -> dict[str, Any]:
    """Hours recorded on each of the last days, by the day on which the session began (UTC)."""
    today = now.date()
    days = [today - timedelta(days=number) for number in reversed(range(DAYS))]
    start = datetime.combine(days[0], datetime.min.time(), now.tzinfo)
    rows = spoken().filter(started_at__gte=start).annotate(day=TruncDate("started_at")).order_by()
    found = cast("Iterable[tuple[date, int]]", rows.values_list("day").annotate(Sum("duration_ms")))
    hours = {day: ms / HOUR_MS for day, ms in found}
    values = [{"well": hours.get(day, 0.0)} for day in days]
    words = [f"{day:%a %d %b}: {_spoken(hours.get(day, 0))}" for day in days]
    marks = [f"{day:%d}" if number % 3 == 1 else "" for number, day in enumerate(days)]
    chart: Chart = columns(values, words, marks, lambda most: f"{_spoken(most)} in a day")
    total = sum(hours.get(day, 0) for day in days)
    return {"chart": chart, "total": _spoken(total), "today": _spoken(hours.get(today, 0))}


def _spoken(hours: float) -> str:
    """38.1 h, 24 min, 40 s."""
    if hours >= 1 or not hours:
        return f"{hours:,.1f} h"
    return f"{hours * 60:.0f} min" if hours * 60 >= 1 else f"{hours * 3600:.0f} s"


def failures(now: datetime) -> list[Row]:
    """What went wrong with calls and recordings of the last days, by reason."""
    since = now - timedelta(days=FAILURE_DAYS)
    failed = Call.objects.filter(created_at__gte=since, state=Call.State.FAILED).order_by()
    reasons = failed.values_list("end_reason").annotate(count=Count("pk")).order_by("-count")[:MOST_REASONS]
    calls, sessions = reverse("admin:calls_call_changelist"), reverse("admin:media_streamsession_changelist")
    counts = [(reason or "the call failed", count, f"{calls}?state__exact=failed") for reason, count in reasons]
    recorded = (
        spoken()
        .filter(started_at__gte=since)
        .aggregate(
            interrupted=Count("pk", filter=Q(state=StreamSession.State.INTERRUPTED)),
            failed=Count("pk", filter=Q(state=StreamSession.State.FAILED)),
            silent=Count("pk", filter=completeness.NOTHING_CAPTURED),
        )
    )
    counts += [
        ("The recording was interrupted", recorded["interrupted"], f"{sessions}?trouble=interrupted"),
        ("The sound could not be stored", recorded["failed"], f"{sessions}?trouble=failed"),
        ("No audio was captured", recorded["silent"], f"{sessions}?trouble=no-audio"),
    ]
    return ranked(counts, MOST_REASONS)


def complete(now: datetime) -> dict[str, Any]:
    """Of the calls that connected: recorded whole, in part, not at all and why."""
    found = completeness.days(DAYS, now)
    told = "{0.day:%a %d %b}: {0.whole} whole, {0.part} in part, {0.missing} not at all, {0.unwanted} not wanted"
    words = [told.format(day) + (f", {day.deleted} deleted since" if day.deleted else "") for day in found]
    values: list[dict[str, float]] = [{"well": day.whole, "part": day.part, "bad": day.missing} for day in found]
    marks = [f"{day.day:%d}" if number % 3 == 1 else "" for number, day in enumerate(found)]
    why: Counter[str] = sum((day.why for day in found), Counter())
    names = ("whole", "part", "missing", "unwanted", "deleted", "unknown")
    sums = {name: sum(getattr(day, name) for day in found) for name in names}
    wanted = sums["whole"] + sums["part"] + sums["missing"]
    return {
        "chart": columns(values, words, marks, "{:.0f} in a day".format),
        "why": [(_causes(words), count) for words, count in why.most_common(MOST_REASONS)],
        "share": f"{100 * sums['whole'] / wanted:.1f} %" if wanted else "–",
        "days": DAYS,
        **sums,
    }


def _causes(why: str) -> str:
    """Causes of gaps in their words; any other reason as it is."""
    known = dict(Gap.Cause.choices)
    text = ", ".join(str(known.get(word, word)) for word in why.split(", "))
    return f"{text[:1].upper()}{text[1:]}"


def standing() -> dict[str, Any]:
    """What the processes say of their sockets, spools and archivers; `heard` is False where none has of late."""
    told = heartbeat.figures_of_all()
    lag = max((_behind(said) for said in told.values()), default=0.0)
    troubles = {
        "spool_failing": "A spool cannot be written.",
        "disk_low": "The disk is nearly full: new streams are refused.",
        "archive_failing": "The archiver waits for the database or the storage.",
        "draining": "A server is about to stop.",
    }
    return {
        "heard": bool(told),
        "processes": len(told),
        "lag": stretch(int(lag * 1000)),
        "late": lag > LATE_SECONDS,
        "chunk": settings.CHUNK_SECONDS,
        "rows": _sum(told, "backlog_rows"),
        "sockets": _sum(told, "sockets"),
        "limit": _sum(told, "most_streams"),
        "troubles": [words for name, words in troubles.items() if any(said.get(name) for said in told.values())],
        "ears": [_ear(name, said) for name, said in sorted(told.items()) if said.get("most_streams")],
    }


def _ear(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """A process that takes streams, and how many more."""
    sockets, limit, refused = said["sockets"], said["most_streams"], sum(said.get("refused", {}).values())
    return {
        "name": name.partition("-")[0],
        "sockets": sockets,
        "limit": limit,
        "refused": refused,
        "nearly_full": sockets >= NEARLY_FULL * limit,
    }


def _behind(said: dict[str, Any]) -> float:
    """Seconds; by what lies on the disk where no archiver says anything."""
    if "archive_lag" in said:
        return float(said["archive_lag"])
    return max(0.0, float(said.get("spool_age", 0)) - SEGMENT_SECONDS)


def _sum(told: dict[str, dict[str, Any]], name: str) -> int:
    return sum(int(said.get(name, 0)) for said in told.values())


def disks() -> list[dict[str, Any]]:
    """The disks on which sound is kept, of each machine, and how long they last."""
    found = disk.places_of(heartbeat.figures_of_all().values()) or disk.places()
    several = len({place.host for place in found}) > 1
    return [
        {
            "what": f"{place.name} on {place.host}" if several else place.name,
            "left": _lasting(place.hours_left),
            "free": f"{place.free / GIB:,.1f} GiB",
            "total": f"{place.total / GIB:,.1f} GiB",
            "used": 100 * (1 - place.free / place.total),
            "low": place.hours_left < SHORT_HOURS,
        }
        for place in sorted(found, key=lambda place: place.hours_left)
    ]


def _lasting(hours: float) -> str:
    """Two digits say enough: 31 hours, 120 days."""
    if hours >= disk.MOST_HOURS:
        return "> 10 years"
    return f"{hours:.0f} hours" if hours < 96 else f"{hours / 24:,.0f} days"
