"""Removes files without a row, hourly: what an archiver stored and then died before its transaction, only in sessions
that such a thing can have happened to (ended a while ago, with a connection whose process died); and what is left of
deleted sessions, because the storage was away, the process died, or an archiver was just storing a piece."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import storages

from calls.log_context import named
from media.models import AudioChunk, Connection, StreamSession, Tombstone
from media.sessions.deletion import remove_files

log = logging.getLogger(__name__)

SETTLED = timedelta(hours=1)
LOOK_BACK = timedelta(hours=26)  # a little more than a day, so that a machine that is off at night misses nothing


def sweep(now: datetime) -> int:
    """Returns how many files went."""
    sessions = StreamSession.objects.filter(
        live=False,
        ended_at__range=(now - LOOK_BACK, now - SETTLED),
        connections__closed_by=Connection.ClosedBy.CRASH,
    ).distinct()
    return sum(sweep_session(session_id) for session_id in sessions.values_list("id", flat=True))


def sweep_deleted(now: datetime) -> None:
    """Deleted for a while, so that nobody stores there any more. What cannot be removed is tried the next time."""
    for stone in Tombstone.objects.filter(files_gone=False, deleted_at__lt=now - SETTLED):
        if remove_files(stone.session_id):
            Tombstone.objects.filter(pk=stone.pk).update(files_gone=True)


def sweep_session(session_id: UUID) -> int:
    storage, folder = storages["recordings"], f"sessions/{session_id}"
    try:
        present = {f"{folder}/{name}" for name in storage.listdir(folder)[1] if name.endswith(".flac")}
    except FileNotFoundError:
        return 0
    rows = AudioChunk.objects.filter(participant__session_id=session_id)
    orphans = present - set(rows.values_list("file", flat=True))
    for name in orphans:
        storage.delete(name)
    if orphans:
        log.info("%d files without a row were removed.", len(orphans), extra=named(session=session_id))
    return len(orphans)
