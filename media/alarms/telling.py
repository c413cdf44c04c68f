"""People are told of incidents: by mail and by webhook (media/alarms/bodies.py), once when one opens and once when it
is over. In quiet hours they wait; what cannot be told is tried again."""

import hashlib
import json
import logging
import re
import urllib.request
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPException
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q

from calls import links
from calls.masking import loggable, masked
from media.alarms.bodies import Said, body, plain
from media.alarms.quiet import quiet_hours
from media.models import Alarm

log = logging.getLogger(__name__)
SECONDS = 10
BARE_NUMBER = re.compile(r"(?<![\w:.+/-])\d{7,15}(?!\d|[\w:.-]\w)")
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


def due(now: datetime) -> Iterable[Alarm]:
    """Incidents of which somebody is to be told now."""
    if now in (quiet_hours(settings.ALARM_QUIET_HOURS) or ()):
        return []
    unsaid = Q(opened_at__isnull=False, told_at=None) | Q(
        told_at__isnull=False, closed_at__isnull=False, end_told_at=None
    )
    return Alarm.objects.filter(unsaid).filter(Q(next_try_at=None) | Q(next_try_at__lte=now)).order_by("id")[:50]


def tell(alarm: Alarm, now: datetime) -> None:
    """Tells it everywhere where it was not told yet; where that fails it is tried again later, there alone."""
    if troubles := tell_once(alarm):
        wait = BACKOFF[min(alarm.tries, len(BACKOFF) - 1)]
        alarm.tries, alarm.next_try_at, alarm.trouble = alarm.tries + 1, now + wait, "; ".join(troubles)[:500]
        alarm.save(update_fields=["tries", "next_try_at", "trouble", "reached"])
        log.warning("Not everybody could be told of an alarm (%s); it is tried again.", alarm.trouble)
        return
    alarm.tries, alarm.next_try_at, alarm.trouble, alarm.reached = 0, None, "", []
    alarm.told_at = alarm.told_at or now
    if alarm.closed_at:
        alarm.end_told_at = now
    alarm.save(update_fields=["tries", "next_try_at", "trouble", "reached", "told_at", "end_told_at"])


def tell_once(alarm: Alarm) -> list[str]:
    """Tells it where it was not told yet, and remembers in the object where; why it could not be told elsewhere."""
    troubles = []
    for channel, send in _channels(words(alarm)).items():
        if channel in alarm.reached:
            continue
        try:
            send()
            alarm.reached = [*alarm.reached, channel]
        except (OSError, SMTPException, ValueError) as error:
            troubles.append(masked(str(error)))
    return troubles


def words(alarm: Alarm) -> Said:
    """An incident that came and went in quiet hours is told as over. No telephone number leaves this installation: the
    link says which call it is, to whoever may see it."""
    label = alarm.get_kind_display()
    url = f"{links.base()}{alarm.path}" if alarm.path else ""
    times = {"since": alarm.opened_at, "until": alarm.closed_at}
    facts = {"kind": alarm.kind, "state": "over" if alarm.closed_at else "open", "url": url or None}
    facts |= {name: at.isoformat(timespec="seconds") if at else None for name, at in times.items()}
    text = BARE_NUMBER.sub("…", loggable(alarm.text))
    since = f"Since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"
    if alarm.closed_at:
        lasted = f"{since}, over at {alarm.closed_at:%H:%M} UTC"
        return Said(f"Over: {label}", f"{text}\n{lasted}.", url, True, facts)
    return Said(f"Alarm: {label}", f"{text}\n{since}.", url, False, facts)


def _channels(said: Said) -> dict[str, Callable[[], None]]:
    """Where it is to be told, by a name that holds no secret. What of it was told as an alarm is told anew when it is
    over."""
    state = "over" if said.over else "open"
    found: dict[str, Callable[[], None]] = {}
    if settings.ALARM_MAIL_TO:
        found[f"{state} mail"] = partial(_mail, said)
    for number, address in enumerate(settings.ALARM_WEBHOOKS, 1):
        found[f"{state} {hashlib.sha256(address.encode()).hexdigest()[:12]}"] = partial(_post, number, address, said)
    return found


def _mail(said: Said) -> None:
    text = f"{said.text}\n{said.url}".rstrip()
    send_mail(f"[recorder] {said.subject}", text, settings.ALARM_MAIL_FROM, settings.ALARM_MAIL_TO)


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Who sends us elsewhere has not taken it: what is posted would arrive there as a GET, without a word."""

    def redirect_request(self, *arguments: Any, **more: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Unmoved)


def _post(number: int, address: str, said: Said) -> None:
    """The address may hold a secret, so it is never named."""
    content = json.dumps(body(address, said)).encode()
    request = urllib.request.Request(plain(address), content, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with _opener.open(request, timeout=SECONDS):
            return
    except (OSError, HTTPException) as error:  # HTTPException: no HTTP answers there
        raise OSError(f"webhook {number} of ALARM_WEBHOOKS does not take it: {error}") from None
