"""ACS itself: whether our credential is good; and whether this machine's clock is right, by the clocks of others."""

import time
import urllib.error
import urllib.request
import uuid
from email.utils import parsedate_to_datetime

from django.conf import settings

from calls import acs as service
from calls import event_loop
from calls.errors import AcsFailed
from config.doctor.finding import Finding, off, ok, wrong

MOST_SECONDS = 60  # ACS refuses what is signed with a clock that is off by minutes; its JWTs live five


def acs() -> Finding:
    """Asks about a call that does not exist: 404 says that the credential is good."""
    if not service.is_configured():
        return off("no ACS resource is configured: recording works, placing and answering calls does not")
    try:
        event_loop.wait(service.properties(str(uuid.uuid4())))
    except AcsFailed as failed:
        return wrong(f"ACS at {service.endpoint()} does not answer as it should", str(failed))
    missing = [name for name in ("ACS_CALLER_ID", "ACS_EVENTS_KEY", "ACS_RESOURCE_ID") if not getattr(settings, name)]
    without = f"; unset: {', '.join(missing)}" if missing else ""
    return ok(f"ACS at {service.endpoint()} takes our credential{without}")


def clock() -> Finding:
    place = service.endpoint() or settings.PUBLIC_URL
    if not place:
        return off("nobody to compare this machine's clock with")
    try:
        theirs = _clock_of(place)
    except (OSError, ValueError, TypeError) as error:
        return off(f"{place} does not tell the time ({error})")
    apart = time.time() - theirs
    if abs(apart) > MOST_SECONDS:
        direction = "ahead of" if apart > 0 else "behind"
        words = f"this machine's clock is {abs(apart):.0f} s {direction} that of {place}"
        return wrong(words, "Switch on time synchronisation (timedatectl set-ntp true).")
    return ok(f"this machine's clock agrees with {place} within {abs(apart) + 1:.0f} s")


def _clock_of(place: str) -> float:
    """By the Date header of whatever it answers."""
    try:
        with urllib.request.urlopen(place, timeout=10) as answer:  # noqa: S310  (http or https: config/env.py)
            said = answer.headers["Date"]
    except urllib.error.HTTPError as refusal:
        said = refusal.headers["Date"]
    return parsedate_to_datetime(said).timestamp()
