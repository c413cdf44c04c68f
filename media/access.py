"""Who may see and hear what, and who did. Rows reach a view only through here; every listen, replay and download leaves
a row. Knows nothing of requests."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from media.models import AccessEntry, AudioChunk, StreamSession

Reading = Callable[[QuerySet[StreamSession]], QuerySet[StreamSession]]


class Right(StrEnum):
    """The rights that groups hold, separately of each other (migration 0002 deals them out)."""

    LIST = "media.view_streamsession"
    HEAR_LIVE = "media.hear_live"
    REPLAY = "media.replay"
    DOWNLOAD = "media.download"
    ANNOTATE = "media.annotate"
    DELETE = "media.delete_streamsession"
    ACCESS_LOG = "media.view_accessentry"
    PROVE = "media.add_selfproof"
    PLACE_CALL = "calls.place_call"
    CONTROL_CALL = "calls.control_call"


PERMITS = {
    Right.LIST: "see recordings",
    Right.HEAR_LIVE: "hear running calls",
    Right.REPLAY: "replay recordings",
    Right.DOWNLOAD: "download recordings",
    Right.ANNOTATE: "write notes",
    Right.DELETE: "delete recordings",
    Right.ACCESS_LOG: "see who listened to recordings",
    Right.PROVE: "have the recorder prove itself",
    Right.PLACE_CALL: "place calls or make media URLs",
    Right.CONTROL_CALL: "control calls",
}


def demand(user: User, right: Right) -> None:
    """Raises PermissionDenied with a sentence when `user` lacks the right."""
    if not user.has_perm(right):
        raise PermissionDenied(f"You may not {PERMITS[right]}; this needs the right {right.value}.")


def sessions_for(user: User) -> QuerySet[StreamSession]:
    """The sessions that `user` may see; none without the right to list."""
    return StreamSession.objects.all() if user.has_perm(Right.LIST) else StreamSession.objects.none()


def chunks_for(user: User) -> QuerySet[AudioChunk]:
    """The stored pieces of the sessions that `user` may see."""
    return AudioChunk.objects.filter(participant__session__in=sessions_for(user)).select_related("participant__session")


def find_session(user: User, session_id: UUID, read: Reading = lambda rows: rows) -> StreamSession:
    """`read` says what to fetch with the row. Raises PermissionDenied without the right to list, and Http404 for a row
    that is not there or not for `user`."""
    demand(user, Right.LIST)
    session = read(sessions_for(user)).filter(pk=session_id).first()
    if session is None:
        raise Http404(f"There is no session {session_id}.")
    return session


def find_chunk(user: User, chunk_id: UUID) -> AudioChunk:
    """As find_session, for a stored piece."""
    demand(user, Right.LIST)
    chunk = chunks_for(user).filter(pk=chunk_id).first()
    if chunk is None:
        raise Http404(f"There is no chunk {chunk_id}.")
    return chunk


def record(
    user: User,
    session: StreamSession,
    action: AccessEntry.Action,
    via: str,
    from_ms: int | None = None,
    to_ms: int | None = None,
    **detail: Any,
) -> AccessEntry:
    """Writes who did what with which milliseconds of the session; `via` is console, admin or api."""
    return AccessEntry.objects.create(
        session_id=session.pk,
        username=user.get_username(),
        via=via,
        action=action,
        from_ms=from_ms,
        to_ms=to_ms,
        detail=detail,
    )
