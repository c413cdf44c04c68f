"""Tells the database which sockets this process holds, and asks it which any process does."""

import uuid
from datetime import timedelta

from django.utils import timezone

from media.ingest import Ingest
from media.models import ServingProcess

FRESH = timedelta(seconds=8)
FORGOTTEN = timedelta(days=1)


def tell(ingest: Ingest) -> None:
    """Once a second."""
    now = timezone.now()
    sessions = sorted({str(intake.session_id) for intake in list(ingest.intakes.values())})
    ServingProcess.objects.update_or_create(
        spool=ingest.spool.folder.name, defaults={"seen_at": now, "sessions": sessions}
    )
    ServingProcess.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def open_sessions() -> set[uuid.UUID] | None:
    """The sessions with an open socket, in whatever process; None where no process has said so of late."""
    rows = ServingProcess.objects.filter(seen_at__gt=timezone.now() - FRESH).values_list("sessions", flat=True)
    found = [{uuid.UUID(session) for session in sessions} for sessions in rows]
    return set().union(*found) if found else None
