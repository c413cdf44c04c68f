"""The REST API's doors to sessions and media URLs: each reads, calls one function, answers."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Status

from calls.auth import caller_of
from calls.rest.shapes import Faults, Page, Problem, refuse_unknown
from media import access
from media.access import Right
from media.api import shapes
from media.api.lists import (
    CHUNKS,
    ENTRIES,
    GAPS,
    IN_TICKS,
    NEWEST,
    AccessQuery,
    ChunkQuery,
    EventQuery,
    GapQuery,
)
from media.api.schemas import (
    AccessShape,
    ChunkShape,
    EventShape,
    GapShape,
    MediaUrlRequest,
    MediaUrlShape,
    SessionShape,
)
from media.models import AccessEntry, AudioChunk
from media.sessions import history
from media.sessions.figures_now import freshen
from media.sessions.media_urls import make_media_url
from media.sessions.search import SessionQuery, narrow

router = Router(tags=["sessions"])

PROBLEMS = {401: Problem, 403: Problem, 422: Faults, 429: Problem, 503: Problem}
NOTHING_SPECIAL = MediaUrlRequest()  # a request without a body
MISSING = {**PROBLEMS, 404: Problem}


@router.post("/media-urls", response={201: MediaUrlShape, **PROBLEMS}, tags=["media URLs"])
def create_media_url(request: HttpRequest, payload: MediaUrlRequest = NOTHING_SPECIAL) -> Status[Any]:
    """A signed socket URL for a call that somebody else controls."""
    user = caller_of(request).user
    access.demand(user, Right.PLACE_CALL)
    base = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    made = make_media_url(
        base,
        label=payload.label or "",
        external_id=payload.external_id or "",
        reusable=payload.reusable,
        expires_in_seconds=payload.expires_in_seconds,
        user=user,
    )
    return Status(201, MediaUrlShape(url=made.url, session_id=made.session_id, expires_at=made.expires_at))


@router.get("/sessions", response={200: Page[SessionShape], **PROBLEMS})
def list_sessions(request: HttpRequest, query: Query[SessionQuery]) -> dict[str, Any]:
    """Recordings, newest first."""
    user = caller_of(request).user
    access.demand(user, Right.LIST)
    refuse_unknown(request.GET, SessionQuery)
    found = narrow(shapes.whole(access.sessions_for(user)), query)
    sessions, after = NEWEST.page(found, query.cursor, query.limit)
    return {"items": shapes.session_shapes(user, sessions), "next": after}


@router.get("/sessions/{session_id}", response={200: SessionShape, **MISSING})
def get_session(request: HttpRequest, session_id: UUID, archived: bool = False) -> SessionShape:
    """Figures of a running session count what is not archived yet, too; with `archived=true`, and in lists, lanes and
    coverage are those of what is archived, which can be heard."""
    user = caller_of(request).user
    session = access.find_session(user, session_id, shapes.whole)
    if not archived:
        freshen(session)
    return shapes.session_shapes(user, [session])[0]


@router.get("/sessions/{session_id}/chunks", response={200: Page[ChunkShape], **MISSING})
def list_chunks(request: HttpRequest, session_id: UUID, query: Query[ChunkQuery]) -> dict[str, Any]:
    """The stored pieces: where they lie, how long they are, and the hashes that prove them."""
    session = access.find_session(caller_of(request).user, session_id)
    rows = AudioChunk.objects.filter(participant__session=session).defer("peaks", "overview", "levels")
    chunks, after = CHUNKS.page(rows.annotate(ticks=IN_TICKS), query.cursor, query.limit)
    return {"items": [shapes.chunk_shape(chunk, session.origin_ticks or 0) for chunk in chunks], "next": after}


@router.get("/sessions/{session_id}/gaps", response={200: Page[GapShape], **MISSING})
def list_gaps(request: HttpRequest, session_id: UUID, query: Query[GapQuery]) -> dict[str, Any]:
    """The missing stretches, each with its cause."""
    session = access.find_session(caller_of(request).user, session_id)
    gaps, after = GAPS.page(session.gaps.annotate(ticks=IN_TICKS), query.cursor, query.limit)
    return {"items": [shapes.gap_shape(gap, session.origin_ticks or 0) for gap in gaps], "next": after}


@router.get("/sessions/{session_id}/events", response={200: Page[EventShape], **MISSING})
def list_events(request: HttpRequest, session_id: UUID, query: Query[EventQuery]) -> dict[str, Any]:
    """What happened: sockets that opened and closed, first sounds, gaps, keys, words, the end. Words are what was said,
    so reading them is on record."""
    caller = caller_of(request)
    session = access.find_session(caller.user, session_id, shapes.whole)
    access.record(caller.user, session, AccessEntry.Action.VIEW, caller.via)
    events, after = history.page(history.history(session), query.cursor, query.limit)
    return {"items": events, "next": after}


@router.get("/sessions/{session_id}/access-log", response={200: Page[AccessShape], **MISSING})
def list_access(request: HttpRequest, session_id: UUID, query: Query[AccessQuery]) -> dict[str, Any]:
    """Who viewed, heard, replayed or downloaded what."""
    user = caller_of(request).user
    access.demand(user, Right.ACCESS_LOG)
    session = access.find_session(user, session_id)
    entries, after = ENTRIES.page(AccessEntry.objects.filter(session_id=session.pk), query.cursor, query.limit)
    return {"items": [shapes.access_shape(entry) for entry in entries], "next": after}
