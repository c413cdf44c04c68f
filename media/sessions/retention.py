"""How long recordings are kept: what is older than RETENTION_DAYS is deleted by itself, and what is held is not, by
nobody, until somebody releases it. Knows nothing of requests; who calls it has asked whether the user may."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from calls.texts import one_line
from media.access import record
from media.errors import BadReason, NoReason
from media.models import AccessEntry, StreamSession
from media.sessions.deletion import delete_for_age

Action = AccessEntry.Action
LONGEST_REASON = 200


def hold(session: StreamSession, user: User, via: str, why: str) -> None:
    """`why`, say a case's number, is shown to those who may delete. Raises NoReason without one, BadReason."""
    why = " ".join(why.split())
    if not why:
        raise NoReason
    if len(why) > LONGEST_REASON:
        raise BadReason(why=f"it has {len(why)} characters, and may have {LONGEST_REASON}.")
    try:
        one_line(why)
    except ValueError as error:
        raise BadReason(why=error) from None
    said = f"{why} ({user.get_username()}, {timezone.now():%Y-%m-%d})"
    with transaction.atomic():
        StreamSession.objects.filter(pk=session.pk).update(hold=said)
        record(user, session, Action.HOLD, via, why=why)


def release(session: StreamSession, user: User, via: str) -> None:
    """From now on it may be deleted, and is where it is old enough. Without effect on one that is not held."""
    with transaction.atomic():
        if StreamSession.objects.filter(pk=session.pk).exclude(hold="").update(hold=""):
            record(user, session, Action.RELEASE, via)


def goes_at(session: StreamSession) -> datetime | None:
    """When it will be deleted; None: never, or its end is not known yet."""
    if not settings.RETENTION_DAYS or session.hold or session.live or session.ended_at is None:
        return None
    return session.ended_at + timedelta(days=settings.RETENTION_DAYS)


def expire_one(now: datetime) -> bool:
    """Deletes the oldest recording that is too old; False where there is none. One at a time, since a long call has
    thousands of files, and calls that run are archived in between."""
    if not settings.RETENTION_DAYS:
        return False
    limit = now - timedelta(days=settings.RETENTION_DAYS)
    with transaction.atomic():
        old = StreamSession.objects.filter(live=False, ended_at__lt=limit, hold="").order_by("ended_at")
        # Another archiver may be at one of them.
        session = old.select_for_update(skip_locked=True, of=("self",)).first()
        if session is None:
            return False
        delete_for_age(session)
    return True
