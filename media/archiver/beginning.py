"""Whether a call went on before its sound began to be kept: by our own record of the call, since frames that never came
have no timestamps. What is in order: silence until a call is connected, announced, or until somebody starts the stream.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min

from calls.models import Call
from calls.services import refusals
from media.models import Gap

ORDINARY = timedelta(seconds=10)  # that ACS may take to open its socket
ASKED = ("asked_again", "asking_refused", "streaming_refused", "MediaStreamingFailed", refusals.REFUSED)
Cause = Gap.Cause
CAUSES = {"draining": Cause.SERVER_STOPPED, "disk": Cause.OVERLOAD, "full": Cause.OVERLOAD}


@dataclass(frozen=True, slots=True)
class Late:
    """How long the call went on unrecorded before its first socket."""

    length: timedelta
    cause: str

    def __str__(self) -> str:
        return f"Its first {round(self.length.total_seconds())} s were not recorded."


def missed(session_id: UUID, first_socket: datetime) -> Late | None:
    """None where the session has no call, or everything that was to be recorded has been."""
    call = Call.objects.filter(sessions=session_id, connected_at__isnull=False).first()
    since = call and _due(call, first_socket)
    if not call or not since or first_socket - since <= ORDINARY:
        return None
    cause = CAUSES.get(refusals.kind_before(call, first_socket), Cause.SOCKET_LOST)
    return Late(first_socket - since, cause)


def _due(call: Call, first_socket: datetime) -> datetime | None:
    """From when on it was to be recorded; None where that is not known."""
    before = call.events.filter(received_at__lte=first_socket)
    asked: datetime | None = before.filter(kind__in=ASKED).aggregate(at=Min("received_at"))["at"]
    started: datetime | None = before.filter(kind="start_streaming_asked").aggregate(at=Min("received_at"))["at"]
    if started and not (asked and asked < started):
        return started
    if call.announcement == Call.Announcement.NONE:
        return call.connected_at
    return call.announced_at or asked
