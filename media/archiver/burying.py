"""A server process died with sockets open, as its spool shows: they ended when it did, nobody says any more that they
are open, and the sound of calls that go on is asked for now, not when the silence of the dead is noticed."""

from collections.abc import Sequence
from datetime import datetime

from calls.services import fetching_back
from media.archiver.joining import Closing, close_connections
from media.archiver.scan import Tracked
from media.models import ServingProcess, StreamSession


def bury(spool: str, dead: Sequence[Tracked], at: datetime) -> None:
    """`at`: as far as the spool goes. May be repeated."""
    if not dead:
        return
    close_connections([Closing(tracked.id, at, "crash") for tracked in dead])
    ServingProcess.objects.filter(spool=spool).delete()
    of_calls = StreamSession.objects.filter(id__in=[tracked.session_id for tracked in dead], call__isnull=False)
    fetching_back.let_go(list(of_calls.values_list("call", flat=True)))
