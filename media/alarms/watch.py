"""Looks every few seconds, in one process at a time: what is wrong, what has become of it, whom to tell. People are
told beside that, so that a mail server which does not answer keeps nobody from looking."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from media.alarms import conditions, incidents, several, telling
from media.alarms.unkept import NO_ANSWER, UNWRITABLE, unkept
from media.models import Alarm

log = logging.getLogger(__name__)
TELLING = "telling of alarms"  # the name of threads
LOCK = 0x4143_5302
"""pg_try_advisory_lock: several processes need not look at once, nor tell anybody twice."""


def look() -> None:
    """Has a database connection of its own and closes it. Blocks while people are told that the database is away."""
    trouble = NO_ANSWER
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            is_ours = cursor.fetchone()[0]
        trouble = UNWRITABLE
        if is_ours:
            _look()
            unkept.back(timezone.now())
    except (OperationalError, InterfaceError, InternalError):  # the last: it was made read-only
        unkept.away(timezone.now(), trouble)
        raise
    finally:
        connection.close()  # lets go of the lock


def _look() -> None:
    now = timezone.now()
    incidents.note([*several.together(conditions.all_wrong(now))], now)
    if claimed := telling.claim(now):
        threading.Thread(target=_tell, args=(claimed, now), name=TELLING, daemon=True).start()


def _tell(alarms: Sequence[Alarm], now: datetime) -> None:
    """What cannot be written down is told again when the claim has run out."""
    try:
        telling.tell(alarms, now)
    except (OperationalError, InterfaceError) as error:
        log.warning("Whom alarms were told could not be written down: %s", " ".join(str(error).split()))
    except Exception:
        log.exception("A fault in telling of alarms.")
    finally:
        connection.close()
