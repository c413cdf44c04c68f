"""Deletes a session for good: its rows, then its files. What stays is a tombstone (audio that still comes goes to a new
session) and an entry in the access log. Knows nothing of requests; who calls it has asked whether the user may."""

import logging
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from calls.log_context import named
from media.access import record
from media.errors import Held
from media.models import AccessEntry, StreamSession, Tombstone
from media.storage import recordings

log = logging.getLogger(__name__)

RETENTION = "RETENTION_DAYS"  # who did it, in the access log: the setting


def delete_session(session: StreamSession, user: User, via: str) -> None:
    """Raises Held where somebody holds it."""
    with transaction.atomic():
        if StreamSession.objects.select_for_update(of=("self",)).filter(pk=session.pk).exclude(hold="").exists():
            raise Held(session=session)
        record(user, session, AccessEntry.Action.DELETE, via, **_known_of(session))
        forget(session)


def delete_for_age(session: StreamSession) -> None:
    """In nobody's name (media/sessions/retention.py)."""
    with transaction.atomic():
        AccessEntry.objects.create(
            session_id=session.pk,
            username=RETENTION,
            via="server",
            action=AccessEntry.Action.DELETE,
            detail=_known_of(session),
        )
        forget(session)


def forget(session: StreamSession) -> None:
    """Without a record, as for what nobody said: a session of our own making (media/selfproof/). Files go only after
    the rows are gone for certain, so that no row ever names a file that is not there."""
    session_id = session.pk
    with transaction.atomic():
        Tombstone.objects.get_or_create(session_id=session.pk, defaults={"call_id": session.call_id})
        session.delete()
        transaction.on_commit(lambda: remove_files(session_id))


def _known_of(session: StreamSession) -> dict[str, Any]:
    facts = {"label": session.label, "duration_ms": session.duration_ms}
    return {**facts, "started_at": session.started_at.isoformat()}


def remove_files(session_id: UUID) -> bool:
    """Empties the session's folder. False: a file could not be removed, which is said in the log and tried again
    (media/archiver/sweep.py)."""
    storage, folder = recordings(), f"sessions/{session_id}"
    try:
        for name in storage.names(folder):
            storage.delete(name)
        storage.delete(folder)
    except OSError as error:
        about = named(session=session_id)
        log.warning("Files of a deleted session remain in %s; it is tried again: %s", folder, error, extra=about)
        return False
    return True
