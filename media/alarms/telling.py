"""People are told of incidents: by mail and by webhook (Teams, Slack and others take `{"text": …}`), once when one
opens and once when it is over. In quiet hours they wait; what cannot be told is tried again."""

import json
import logging
import urllib.request
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q

from calls import links
from calls.masking import masked
from media.alarms.quiet import quiet_hours
from media.models import Alarm

log = logging.getLogger(__name__)
SECONDS = 10
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
    """Tells it everywhere; where that fails it is tried again later, everywhere."""
    subject, text = words(alarm)
    try:
        _mail(subject, text)
        for number, address in enumerate(settings.ALARM_WEBHOOKS, 1):
            _post(number, address, f"{subject}\n{text}")
    except (OSError, SMTPException, ValueError) as error:
        wait = BACKOFF[min(alarm.tries, len(BACKOFF) - 1)]
        alarm.tries, alarm.next_try_at, alarm.trouble = alarm.tries + 1, now + wait, masked(str(error))[:500]
        alarm.save(update_fields=["tries", "next_try_at", "trouble"])
        log.warning("Nobody could be told of an alarm (%s); it is tried again.", alarm.trouble)
        return
    alarm.tries, alarm.next_try_at, alarm.trouble = 0, None, ""
    alarm.told_at = alarm.told_at or now
    if alarm.closed_at:
        alarm.end_told_at = now
    alarm.save(update_fields=["tries", "next_try_at", "trouble", "told_at", "end_told_at"])


def words(alarm: Alarm) -> tuple[str, str]:
    """Subject and text. An incident that came and went in quiet hours is told as over."""
    label = alarm.get_kind_display()
    where = f"\n{links.base()}{alarm.path}" if alarm.path else ""
    since = f"since {alarm.opened_at:%Y-%m-%d %H:%M} UTC"
    if alarm.closed_at:
        lasted = f"{since}, over at {alarm.closed_at:%H:%M} UTC"
        return f"Over: {label}", f"{alarm.text}\n{lasted[:1].upper()}{lasted[1:]}.{where}"
    return f"Alarm: {label}", f"{alarm.text}\n{since[:1].upper()}{since[1:]}.{where}"


def _mail(subject: str, text: str) -> None:
    if settings.ALARM_MAIL_TO:
        send_mail(f"[recorder] {subject}", text, settings.ALARM_MAIL_FROM, settings.ALARM_MAIL_TO)


def _post(number: int, address: str, text: str) -> None:
    """The address may hold a secret, so it is never named."""
    content = json.dumps({"text": text}).encode()
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310  (http or https: config/env.py)
            return
    except OSError as error:
        raise OSError(f"webhook {number} of ALARM_WEBHOOKS does not take it: {error}") from None
