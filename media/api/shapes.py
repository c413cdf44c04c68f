"""From rows to the JSON of the REST API. Asks the database a fixed number of questions, however long the list."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet

from calls.identifiers import short_of
from media.access import sessions_for
from media.api.schemas import (
    AccessShape,
    ChunkShape,
    ConnectionShape,
    Coverage,
    Frames,
    GapShape,
    LaneTalkShape,
    ParticipantShape,
    SessionShape,
    TalkShape,
)
from media.audio.playback import in_order
from media.models import (
    TICKS_PER_MS,
    TICKS_PER_SECOND,
    AccessEntry,
    AudioChunk,
    Connection,
    Gap,
    Participant,
    StreamSession,
)
from media.sessions.doubt import doubt
from media.stream.talk import Talk

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def whole(sessions: QuerySet[StreamSession]) -> QuerySet[StreamSession]:
    """With everything that session_shapes reads, in two further queries, and without the archiver's own blobs."""
    connections = Connection.objects.defer("timeline", "headers", "metadata")
    with_call = sessions.select_related("call")
    return with_call.prefetch_related("participants", Prefetch("connections", queryset=connections))


def session_shapes(user: User, sessions: Sequence[StreamSession]) -> list[SessionShape]:
    """`sessions` come from whole()."""
    related = _related(user, sessions)
    doubt(sessions)
    return [_session(session, related[session.correlation_id]) for session in sessions]


def _related(user: User, sessions: Iterable[StreamSession]) -> dict[str, list[UUID]]:
    """The ids of the sessions of each conversation, as far as `user` may see them."""
    found: dict[str, list[UUID]] = defaultdict(list)
    if wanted := {session.correlation_id for session in sessions} - {""}:
        rows = sessions_for(user).filter(correlation_id__in=wanted).order_by("started_at", "id")
        for correlation_id, session_id in rows.values_list("correlation_id", "id"):
            found[correlation_id].append(session_id)
    return found


def _session(session: StreamSession, related: list[UUID]) -> SessionShape:
    lanes = in_order(session.participants.all(), session.origin_ticks or 0)
    participants = [_participant(lane, session.origin_ticks or 0) for lane in lanes]
    call = session.call  # says what was asked for, until sound says what came
    return SessionShape(
        id=session.pk,
        call_id=session.call_id,
        call_connection_id=session.call_connection_id or None,
        correlation_id=session.correlation_id or None,
        related=[other for other in related if other != session.pk],
        label=session.label,
        external_id=session.external_id,
        state=StreamSession.State(session.state),
        reason=session.reason,
        channels=cast("Literal['mixed', 'unmixed'] | None", session.channels or (call.channels if call else None)),
        sample_rate=session.sample_rate or (call.sample_rate if call else None),
        started_at=session.started_at,
        audio_started_at=None if session.origin_ticks is None else at_ticks(session.origin_ticks),
        ended_at=session.ended_at,
        duration_ms=session.duration_ms,
        live=session.live,
        participants=participants,
        frames=_frames(session, session.malformed, session.unknown),
        coverage=_sum([lane.coverage for lane in participants]),
        connections=[_connection(connection) for connection in session.connections.all()],
    )


def _participant(lane: Participant, origin_ticks: int) -> ParticipantShape:
    return ParticipantShape(
        id=lane.pk,
        raw_id=lane.raw_id,
        kind=Participant.Kind(lane.kind),
        label=lane.label or short_of(lane.raw_id or ""),
        first_ms=(lane.first_ticks - origin_ticks) // TICKS_PER_MS,
        speech_ms=lane.speech_ticks // TICKS_PER_MS,
        frames=_frames(lane, 0, 0),
        coverage=_coverage(lane),
    )


def _frames(counted: StreamSession | Participant, malformed: int, unknown: int) -> Frames:
    return Frames(
        received=counted.received,
        stored=counted.stored,
        silent=counted.silent,
        duplicate=counted.duplicate,
        late=counted.late,
        malformed=malformed,
        unknown=unknown,
    )


def _coverage(lane: Participant) -> Coverage:
    stored, gap = lane.stored_ticks // TICKS_PER_MS, lane.gap_ticks // TICKS_PER_MS
    received = stored + lane.duplicate_ticks // TICKS_PER_MS
    return Coverage(expected_ms=stored + gap, received_ms=received, stored_ms=stored, gap_ms=gap)


def _sum(lanes: list[Coverage]) -> Coverage:
    return Coverage(
        expected_ms=sum(lane.expected_ms for lane in lanes),
        received_ms=sum(lane.received_ms for lane in lanes),
        stored_ms=sum(lane.stored_ms for lane in lanes),
        gap_ms=sum(lane.gap_ms for lane in lanes),
    )


def _connection(connection: Connection) -> ConnectionShape:
    return ConnectionShape(
        id=connection.pk,
        opened_at=connection.opened_at,
        closed_at=connection.closed_at,
        close_code=connection.close_code,
        closed_by=Connection.ClosedBy(connection.closed_by) if connection.closed_by else None,
        subscription_id=connection.subscription_id or None,
        remote=connection.remote or None,
    )


def chunk_shape(chunk: AudioChunk, origin_ticks: int) -> ChunkShape:
    return ChunkShape(
        id=chunk.pk,
        participant=chunk.participant_id,
        connection=chunk.connection_id,
        from_ms=(ticks(chunk.position, chunk.rate) - origin_ticks) // TICKS_PER_MS,
        duration_ms=ticks(chunk.samples, chunk.rate) // TICKS_PER_MS,
        position=chunk.position,
        samples=chunk.samples,
        sample_rate=chunk.rate,
        silent_ms=chunk.silent_ms,
        bytes=chunk.bytes,
        sha256=chunk.sha256,
        pcm_sha256=chunk.pcm_sha256,
    )


def gap_shape(gap: Gap, origin_ticks: int) -> GapShape:
    from_ms = (ticks(gap.position, gap.rate) - origin_ticks) // TICKS_PER_MS
    length = None if gap.samples is None else ticks(gap.samples, gap.rate) // TICKS_PER_MS
    return GapShape(
        id=gap.pk,
        participant=gap.participant_id,
        connection=gap.connection_id,
        from_ms=from_ms,
        to_ms=None if length is None else from_ms + length,
        duration_ms=length,
        samples=gap.samples,
        sample_rate=gap.rate,
        cause=Gap.Cause(gap.cause),
        reason=gap.get_cause_display(),
    )


def access_shape(entry: AccessEntry) -> AccessShape:
    return AccessShape(
        at=entry.at,
        username=entry.username,
        via=entry.via,
        action=AccessEntry.Action(entry.action),
        from_ms=entry.from_ms,
        to_ms=entry.to_ms,
        detail=entry.detail,
    )


def talk_shape(lanes: Sequence[Participant], found: Talk) -> TalkShape:
    """`lanes` as they were given to talk_of()."""
    return TalkShape(
        participants=[
            LaneTalkShape(
                participant=lane.pk,
                speech_ms=spoken.speech_ms,
                share=round(spoken.share, 4),
                longest_ms=spoken.longest_ms,
                longest_at_ms=spoken.longest_at_ms,
                responses=spoken.responses,
                response_ms=spoken.response_ms,
                loudness_dbfs=spoken.loudness,
            )
            for lane, spoken in zip(lanes, found.lanes, strict=True)
        ],
        overlap_ms=found.overlap_ms,
        silence_ms=found.silence_ms,
        silences=found.silences,
    )


def ticks(samples: int, rate: int) -> int:
    return samples * TICKS_PER_SECOND // rate


def at_ticks(position: int) -> datetime:
    """A position on the corrected clock of the sender, as a time."""
    return EPOCH + timedelta(microseconds=position * 125 // 6)
