"""Looks every few seconds, in one process at a time: what is wrong, what has become of it, whom to tell."""

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from media.alarms import conditions, incidents, telling
from media.alarms.unkept import unkept

LOCK = 0x4143_5302
"""pg_try_advisory_lock: several processes need not look at once, nor tell anybody twice."""


def look() -> None:
    """Blocks while people are told; has a database connection of its own and closes it."""
    try:
        _look()
    except (OperationalError, InterfaceError):
        unkept.away(timezone.now())
        raise
    finally:
        connection.close()  # lets go of the lock


def _look() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        unkept.back(timezone.now())
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return
    now = timezone.now()
    incidents.note(conditions.all_wrong(now), now)
    for alarm in telling.due(now):
        telling.tell(alarm, now)
