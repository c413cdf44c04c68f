"""Tells the database which sockets this process holds and what it counted, and asks it what all processes say."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from media.models import ServingProcess
from media.monitoring import disk, process_figures
from media.runtime import Runtime

FRESH = timedelta(seconds=8)
FORGOTTEN = timedelta(days=1)


def tell(runtime: Runtime) -> None:
    """Once a second."""
    disk.look()
    write(runtime.spool.folder.name, sorted(map(str, here(runtime))), process_figures.of(runtime))


def here(runtime: Runtime | None) -> set[uuid.UUID]:
    """The sessions with an open socket in this process, at this moment."""
    intakes = list(runtime.ingest.intakes.values()) if runtime else []
    return {intake.session_id for intake in intakes if intake.may_carry_sound}


def write(name: str, sessions: list[str], figures: dict[str, Any]) -> None:
    now = timezone.now()
    said = {"seen_at": now, "sessions": sessions, "figures": figures}
    ServingProcess.objects.update_or_create(spool=name, defaults=said)
    ServingProcess.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def open_sessions() -> set[uuid.UUID] | None:
    """The sessions with an open socket, in whatever process; None where no process has said so of late."""
    found = [{uuid.UUID(session) for session in sessions} for sessions in _fresh().values_list("sessions", flat=True)]
    return set().union(*found) if found else None


def figures_of_all() -> dict[str, dict[str, Any]]:
    """What each process that is heard of says, by its name."""
    return dict(_fresh().values_list("spool", "figures"))


def _fresh() -> Any:
    return ServingProcess.objects.filter(seen_at__gt=timezone.now() - FRESH)
