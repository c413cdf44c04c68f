"""The one alarm that no row can hold: the database itself is away, or cannot be written. Remembered in this process,
told like every other, by one process of this machine; as soon as the database is back it is a row, which ends as any
does."""

import socket
from datetime import datetime, timedelta

from django.conf import settings

from media.alarms import telling
from media.alarms.quiet import quiet_hours
from media.models import Alarm
from media.spool.folder import FolderLock

AWAY_FOR = timedelta(seconds=60)
AGAIN_AFTER = timedelta(minutes=5)
GOES_ON = "Recording goes on as long as the spool's disk has room, and what comes in waits there."
NO_ANSWER = f"The database does not answer. {GOES_ON}"
UNWRITABLE = f"The database answers, but cannot be written: look at its disk. {GOES_ON}"
LOCK = "alarm.lock"


class Unkept:
    """`away` and `back` are called at every look, from one thread at a time."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        self.alarm: Alarm | None = None
        self.lock: FolderLock | None = None

    def away(self, now: datetime, text: str = NO_ANSWER) -> None:
        """The database could not be asked, or not be written."""
        self.since = self.since or now
        if now - self.since < AWAY_FOR or not self._is_ours():
            return
        if self.alarm is None:
            subject = f"database {socket.gethostname()}"
            self.alarm = Alarm(kind=Alarm.Kind.ARCHIVE_LAG, subject=subject, text=text, path="/admin/")
            self.alarm.seen_since, self.alarm.opened_at = self.since, now
        waits = self.alarm.next_try_at is not None and now < self.alarm.next_try_at
        if self.alarm.told_at or waits or now in (quiet_hours(settings.ALARM_QUIET_HOURS) or ()):
            return
        if telling.tell_once([self.alarm]) != [[]]:
            self.alarm.next_try_at = now + AGAIN_AFTER
        else:
            self.alarm.told_at = now

    def back(self, now: datetime) -> None:
        """It could be both: what was an alarm stands on record, and is over when it has been well for a while."""
        if self.alarm:
            self.alarm.seen_at, self.alarm.next_try_at = now, None
            if self.alarm.told_at:
                self.alarm.reached = []
            if not Alarm.objects.filter(kind=self.alarm.kind, subject=self.alarm.subject, closed_at=None).exists():
                self.alarm.save()
        if self.lock:
            self.lock.release()
        self.since = self.alarm = self.lock = None

    def _is_ours(self) -> bool:
        """Whether it is we who tell, of the processes on this machine."""
        self.lock = self.lock or FolderLock.take(settings.VAR_DIR / LOCK)
        return self.lock is not None


unkept = Unkept()
