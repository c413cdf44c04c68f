"""What is wrong becomes incidents: one row each, which opens only when it has lasted and closes only when it has been
well for a while, so that nothing flutters."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from media.alarms.conditions import Wrong
from media.models import Alarm

Kind = Alarm.Kind
HOLDS = {Kind.SOUND_LOST: timedelta(0), Kind.SPOOL: timedelta(seconds=5), Kind.DISK: timedelta(minutes=1)}
HOLDS_ELSE = timedelta(seconds=15)
WELL = {Kind.ACS_ERRORS: timedelta(minutes=5), Kind.DISK: timedelta(minutes=10)}
WELL_ELSE = timedelta(seconds=60)


def note(wrong: Sequence[Wrong], now: datetime) -> None:
    """Brings the rows up to date with what is wrong now."""
    known = {(row.kind, row.subject): row for row in Alarm.objects.filter(closed_at=None)}
    for one in wrong:
        row = known.pop((one.kind, one.subject), None) or Alarm(kind=one.kind, subject=one.subject, seen_since=now)
        row.text, row.path, row.seen_at = one.text, one.path, now
        if row.opened_at is None and now - row.seen_since >= HOLDS.get(one.kind, HOLDS_ELSE):
            row.opened_at = now
        row.save(update_fields=["text", "path", "seen_at", "opened_at"] if row.pk else None)  # the rest is telling's
    for row in known.values():
        if now - row.seen_at < WELL.get(Kind(row.kind), WELL_ELSE):
            continue
        if row.opened_at is None:
            row.delete()  # a moment's trouble
        else:
            row.closed_at = now
            row.save(update_fields=["closed_at"])


def open_now() -> list[Alarm]:
    """For dashboards, the oldest first."""
    return list(Alarm.objects.filter(closed_at=None, opened_at__isnull=False).order_by("opened_at")[:100])
