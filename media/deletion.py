"""Deletes a session for good: its rows, then its files. What stays is a tombstone (audio that still comes goes to a new
session) and an entry in the access log. Knows nothing of requests; who calls it has asked whether the user may."""

import logging
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from calls.about import named
from media.access import record
from media.models import AccessEntry, StreamSession, Tombstone
from media.storage import recordings

log = logging.getLogger(__name__)


def delete_session(session: StreamSession, user: User, via: str) -> None:
    """Files go only after the rows are gone for certain, so that no row ever names a file that is not there."""
    session_id = session.pk
    with transaction.atomic():
        _bury(session)
        record(
            user,
            session,
            AccessEntry.Action.DELETE,
            via,
            label=session.label,
            duration_ms=session.duration_ms,
            started_at=session.started_at.isoformat(),
        )
        session.delete()
        transaction.on_commit(lambda: remove_files(session_id))


def forget(session: StreamSession) -> None:
    """Deletes what nobody said: a session of our own making (media/beacon.py). No person did it, so none is on
    record."""
    session_id = session.pk
    with transaction.atomic():
        _bury(session)
        session.delete()
        transaction.on_commit(lambda: remove_files(session_id))


def _bury(session: StreamSession) -> None:
    Tombstone.objects.get_or_create(session_id=session.pk, defaults={"call_id": session.call_id})


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
