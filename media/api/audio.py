"""The REST API's doors to sound. To listen and to take away are rights of their own, and both leave a row before the
first byte goes out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from calls.auth import caller_of
from calls.rest.shapes import Faults, Problem
from media import access
from media.access import Right
from media.api.schemas import TalkShape, WaveformShape
from media.api.shapes import talk_shape
from media.audio import exports
from media.audio.encodings import Format
from media.audio.playback import PlaybackOptions, in_order
from media.audio.talking import talk_of
from media.audio.waveform import MOST_POINTS, waveform
from media.errors import NothingArchived, UnknownParticipant
from media.models import AccessEntry, StreamSession
from media.sessions.figures_now import is_awaited
from media.stream.mix import Layout

router = Router(tags=["audio"])

Ms = Annotated[int, Field(le=2**53)]
PROBLEMS = {401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Faults, 429: Problem, 503: Problem}
ONLY_THE_CONSOLE_PLAYS = (
    "use=play is for the player of the console, with its session; a program downloads (the right media.download)."
)
TYPES = ("audio/wav", "audio/flac", "audio/mpeg", "audio/ogg")
SOUND = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES}}


class AudioQuery(Schema):
    participant: list[UUID] = Field([], description="repeatable; default all")
    layout: Layout = "mono"
    format: Format = "wav"
    from_ms: Ms | None = None
    to_ms: Ms | None = None
    sample_rate: Annotated[int, Field(ge=1, le=768_000)] | None = None
    use: Literal["download", "play"] = Field(
        "download", description="play: to be heard in the console's page (the right to replay); not with an API token"
    )


def sound(status: dict[int, str]) -> dict[str, Any]:
    """What the OpenAPI document says of answers that are sound."""
    return {"responses": {code: {"description": text, **SOUND} for code, text in status.items()}}


AUDIO = sound({200: "the audio", 206: "the bytes that Range asked for"})
CONDITIONS = {
    304: {"description": "the caller has just this (If-None-Match)"},
    412: {"description": "it is no longer what If-Match named"},
}
UNSATISFIABLE = {
    416: {"description": "a Range beyond the end, or none at all; Content-Range says how long the file is"}
}


@router.get(
    "/sessions/{session_id}/audio",
    response=PROBLEMS,
    openapi_extra={"responses": {**AUDIO["responses"], **CONDITIONS, **UNSATISFIABLE}},
)
def get_audio(request: HttpRequest, session_id: UUID, query: Query[AudioQuery]) -> HttpResponseBase:
    """The session's audio, of all participants or some, whole or from here to there; WAV answers `Range`."""
    return _send_audio(request, session_id, query)


@router.api_operation(["HEAD"], "/sessions/{session_id}/audio", response=PROBLEMS, include_in_schema=False)
def head_audio(request: HttpRequest, session_id: UUID, query: Query[AudioQuery]) -> HttpResponseBase:
    return _send_audio(request, session_id, query)


def _send_audio(request: HttpRequest, session_id: UUID, query: AudioQuery) -> HttpResponseBase:
    caller, play = caller_of(request), query.use == "play"
    access.demand(caller.user, Right.REPLAY if play else Right.DOWNLOAD)
    if play and caller.via != "console":
        raise PermissionDenied(ONLY_THE_CONSOLE_PLAYS)
    session = access.find_session(caller.user, session_id)
    options = PlaybackOptions(query.participant, query.layout, query.from_ms, query.to_ms, query.sample_rate)
    try:
        answer = exports.respond(request, session, options, query.format, play)
    except UnknownParticipant:
        if is_awaited(session, query.participant):
            raise NothingArchived from None
        raise
    facts = {"format": query.format, "participants": [str(lane) for lane in query.participant]}
    _note(request, session, "replay" if play else "download", answer, facts)
    return answer.response


@router.get(
    "/chunks/{chunk_id}/audio",
    response=PROBLEMS,
    openapi_extra={"responses": {**sound({200: "a FLAC file, byte for byte as stored"})["responses"], **CONDITIONS}},
)
def get_chunk_audio(request: HttpRequest, chunk_id: UUID) -> HttpResponseBase:
    """A stored piece as it is stored; its hashes are in the list of chunks."""
    return _send_chunk(request, chunk_id)


@router.api_operation(["HEAD"], "/chunks/{chunk_id}/audio", response=PROBLEMS, include_in_schema=False)
def head_chunk_audio(request: HttpRequest, chunk_id: UUID) -> HttpResponseBase:
    return _send_chunk(request, chunk_id)


def _send_chunk(request: HttpRequest, chunk_id: UUID) -> HttpResponseBase:
    user = caller_of(request).user
    access.demand(user, Right.DOWNLOAD)
    chunk = access.find_chunk(user, chunk_id)
    answer = exports.stored(request, chunk)
    _note(request, chunk.participant.session, "download", answer, {"chunk": str(chunk.pk)})
    return answer.response


def _note(
    request: HttpRequest,
    session: StreamSession,
    action: Literal["replay", "download"],
    answer: exports.Answer,
    facts: dict[str, Any],
) -> None:
    """Before the first byte goes out, so that none is forgotten; without audio (HEAD, 304, 416) there is no row."""
    if answer.heard:
        caller = caller_of(request)
        access.record(caller.user, session, AccessEntry.Action(action), caller.via, *answer.heard, **facts)


@router.get("/sessions/{session_id}/waveform", response={200: WaveformShape, **PROBLEMS})
def get_waveform(
    request: HttpRequest,
    session_id: UUID,
    participant: UUID,
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] = 1000,
    from_ms: Annotated[int, Field(ge=0, le=2**53)] = 0,
    to_ms: Annotated[int | None, Field(ge=0, le=2**53)] = None,
) -> Any:
    """The lowest and highest sample of one participant at each of `points` equal steps of the session, or of the part
    of it from `from_ms` to `to_ms`."""
    session = access.find_session(caller_of(request).user, session_id)
    lane = session.participants.filter(pk=participant).first()
    if lane is None and is_awaited(session, [participant]):
        raise NothingArchived
    if lane is None:
        raise UnknownParticipant(participant=participant)
    return waveform(lane, points, from_ms, to_ms)


@router.get("/sessions/{session_id}/talk", response={200: TalkShape, **PROBLEMS})
def get_talk(request: HttpRequest, session_id: UUID) -> TalkShape:
    """Who spoke how long and how soon after another, where several spoke at once and where nobody did."""
    session = access.find_session(caller_of(request).user, session_id)
    lanes = in_order(session.participants.all(), session.origin_ticks or 0)
    return talk_shape(lanes, talk_of(session, lanes))
