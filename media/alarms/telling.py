"""People are told of incidents: by mail (media/alarms/mail.py) and by webhook (media/alarms/webhook.py), once when one
opens and once when it is over. In quiet hours they wait; what cannot be told is tried again. Nobody who is told waits
for another."""

import hashlib
import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Q

from calls import signed_urls
from calls.masking import loggable, masked
from media.alarms import mail, webhook
from media.alarms.bodies import Said
from media.alarms.quiet import quiet_hours
from media.models import Alarm

log = logging.getLogger(__name__)
ROUND_SECONDS = 20.0
"""What one who answers slowly, or not, may take of a round; what is left then is told in the next."""
NOBODY = "nobody: ALARM_MAIL_TO and ALARM_WEBHOOKS are unset"
CLAIMED = timedelta(minutes=2)
BARE_NUMBER = re.compile(r"(?<![\w:.+/-])\d{7,15}(?!\d|[\w:.-]\w)")
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Channel:
    """One mailbox or webhook. `name` holds no secret; `send` raises OSError with a sentence."""

    name: str
    send: Callable[[Said], None]

    def key(self, said: Said) -> str:
        """Stands in `Alarm.reached`. What was told as an alarm is told anew when it is over."""
        return f"{'over' if said.over else 'open'} {self.name}"


def due(now: datetime) -> list[Alarm]:
    """Incidents of which somebody is to be told now."""
    if now in (quiet_hours(settings.ALARM_QUIET_HOURS) or ()):
        return []
    unsaid = Q(opened_at__isnull=False, told_at=None) | Q(
        told_at__isnull=False, closed_at__isnull=False, end_told_at=None
    )
    waiting = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return list(Alarm.objects.filter(unsaid).filter(waiting).order_by("id")[:50])


def claim(now: datetime) -> list[Alarm]:
    """The same, and nobody else's for a while: whoever tells may take long, and may die over it."""
    found = due(now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in found]).update(next_try_at=now + CLAIMED)
    return found


def tell(alarms: Sequence[Alarm], now: datetime) -> None:
    """Tells each everywhere where it was not told yet; where that fails it is tried again later, there alone."""
    for alarm, troubles in zip(alarms, tell_once(alarms), strict=True):
        alarm.trouble = "; ".join(dict.fromkeys(filter(None, troubles)))[:500]
        if alarm.trouble:
            alarm.tries, alarm.next_try_at = alarm.tries + 1, now + BACKOFF[min(alarm.tries, len(BACKOFF) - 1)]
            log.warning("Not everybody could be told of an alarm (%s); it is tried again.", alarm.trouble)
        elif troubles:  # their turn did not come
            alarm.next_try_at = None
        else:
            alarm.tries, alarm.next_try_at, alarm.reached = 0, None, []
            alarm.trouble = "" if _channels() else NOBODY
            alarm.told_at = alarm.told_at or now
            alarm.end_told_at = now if alarm.closed_at else None
        alarm.save(update_fields=["tries", "next_try_at", "trouble", "reached", "told_at", "end_told_at"])


def tell_once(alarms: Sequence[Alarm]) -> list[list[str]]:
    """Tells each where it was not told yet, and remembers in the object where; for each, why not elsewhere: a sentence,
    or "" where time ran out. All channels beside each other."""
    said, troubles = [words(alarm) for alarm in alarms], [list[str]() for _ in alarms]
    channels = _channels()
    with ThreadPoolExecutor(len(channels) or 1, thread_name_prefix="telling") as pool:
        answers = pool.map(lambda channel: _through(channel, alarms, said), channels)
        for channel, found in zip(channels, answers, strict=True):
            for alarm, one, why, those in zip(alarms, said, found, troubles, strict=True):
                if why is None:
                    alarm.reached = sorted({*alarm.reached, channel.key(one)})
                else:
                    those.append(why)
    return troubles


def _through(channel: Channel, alarms: Sequence[Alarm], said: Sequence[Said]) -> list[str | None]:
    """None where it is told now, or was."""
    latest = time.monotonic() + ROUND_SECONDS
    return [
        None if channel.key(one) in alarm.reached else _why_not(channel, one, latest)
        for alarm, one in zip(alarms, said, strict=True)
    ]


def _why_not(channel: Channel, said: Said, latest: float) -> str | None:
    if time.monotonic() > latest:
        return ""
    try:
        channel.send(said)
    except OSError as error:
        return masked(str(error))
    return None


def words(alarm: Alarm) -> Said:
    """An incident that came and went in quiet hours is told as over. No telephone number leaves this installation: the
    link says which call it is, to whoever may see it."""
    label = alarm.get_kind_display()
    url = f"{signed_urls.base()}{alarm.path}" if alarm.path else ""
    times = {"since": alarm.opened_at, "until": alarm.closed_at}
    facts = {"id": id_of(alarm), "kind": alarm.kind, "state": "over" if alarm.closed_at else "open", "url": url or None}
    facts |= {name: at.isoformat(timespec="seconds") if at else None for name, at in times.items()}
    text = BARE_NUMBER.sub("…", loggable(alarm.text))
    since = f"Since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"
    if alarm.closed_at:
        lasted = f"{since}, over at {alarm.closed_at:%H:%M} UTC"
        return Said(f"Over: {label}", f"{text}\n{lasted}.", url, True, facts)
    return Said(f"Alarm: {label}", f"{text}\n{since}.", url, False, facts)


def id_of(alarm: Alarm) -> str:
    """The same whenever it is told, also by the process that comes after one which died over it, and also of an alarm
    that has no row yet; another for each incident and installation."""
    name = f"{signed_urls.base()} {alarm.kind} {alarm.subject} {alarm.seen_since.timestamp()}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _channels() -> list[Channel]:
    """Each address is one, so that who takes it waits for nobody who does not."""
    mails = [Channel(f"mail {_digest(to)}", partial(_mail, to)) for to in settings.ALARM_MAIL_TO]
    hooks = enumerate(settings.ALARM_WEBHOOKS, 1)
    return mails + [Channel(_digest(address), partial(_post, number, address)) for number, address in hooks]


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def _mail(to: str, said: Said) -> None:
    try:
        mail.send(f"[recorder] {said.subject}", f"{said.text}\n{said.url}".rstrip(), to, said.key)
    except mail.ERRORS as error:
        raise OSError(str(mail.fault_of(error))) from None


def _post(number: int, address: str, said: Said) -> None:
    try:
        webhook.send(address, said)
    except webhook.ERRORS as error:
        raise OSError(str(webhook.fault_of(number, error))) from None
