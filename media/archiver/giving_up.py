"""Spools that are believed to be gone, since neither process nor archiver of one has been heard of for a day: a disk
that is lost, or a database that was restored from a dump. What they held is given up, so that their sessions become
final; and taken back when such a spool turns up after all, which nobody can rule out."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from calls.log_context import named
from media.models import Connection, Gap, StreamSession
from media.sessions.evidence import GONE_SPOOL

log = logging.getLogger(__name__)

# It stands open, or is not archived, for ever. Not `archived`: whoever finds its spool may still do that.
GIVE_UP = """
UPDATE media_connection SET lost = pending, pending = 0, pending_malformed = 0, pending_unknown = 0,
  closed_at = COALESCE(closed_at, seen_at, opened_at),
  closed_by = CASE WHEN closed_by = '' THEN 'crash' ELSE closed_by END
WHERE id = ANY(%s) AND NOT archived AND lost IS NULL AND COALESCE(told_at, seen_at, opened_at) < %s
"""


def give_up(session_id: UUID, gone: Sequence[UUID | None], now: datetime) -> None:
    """Not of those that are told of just now."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_UP, [list(gone), now - GONE_SPOOL])
    log.warning("A spool has not been heard of for a day: what it held is given up.", extra=named(session=session_id))


def take_back(spool: str, open_numbers: Collection[int]) -> None:
    """This spool is here; `open_numbers` are its connections that have not ended."""
    found = Connection.objects.filter(spool=spool, archived=False, lost__isnull=False)
    rows = list(found.values_list("id", "session_id", "number"))
    if not rows:
        return
    sessions = [session_id for _, session_id, _ in rows]
    still_open = [pk for pk, _, number in rows if number in open_numbers]
    with transaction.atomic():
        Connection.objects.filter(pk__in=still_open).update(closed_at=None, closed_by="")
        Connection.objects.filter(pk__in=[pk for pk, *_ in rows]).update(lost=None)
        Gap.objects.filter(session_id__in=sessions, participant=None, samples=None).delete()
        StreamSession.objects.filter(pk__in=sessions, live=False).update(live=True, ended_at=None)
    for session_id in sessions:
        log.warning("A spool that was given up is here again.", extra=named(session=session_id))
