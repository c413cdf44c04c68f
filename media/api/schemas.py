"""The JSON of the REST API, as INTERFACE fixes it. media/api/shapes.py fills these in from rows."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt

from calls.rest.inputs import ShortLine
from calls.rest.shapes import Asked, one_of
from media.models import AccessEntry, Connection, Gap, Participant, StreamSession


class Frames(Schema):
    """Audio messages: received = stored + duplicate; silent and late are among stored. A lane has no malformed
    ones: what cannot be read names no lane."""

    received: int
    stored: int
    silent: int
    duplicate: int
    late: int
    malformed: int
    unknown: int


class Coverage(Schema):
    """expected = stored + gap; received = stored + the time of duplicates."""

    expected_ms: int
    received_ms: int
    stored_ms: int
    gap_ms: int


class ParticipantShape(Schema):
    id: UUID
    raw_id: str | None
    kind: Participant.Kind
    label: str
    first_ms: int
    speech_ms: int
    frames: Frames
    coverage: Coverage


class ConnectionShape(Schema):
    id: UUID
    opened_at: datetime
    closed_at: datetime | None
    close_code: int | None
    closed_by: Connection.ClosedBy | None
    subscription_id: str | None
    remote: str | None


class SessionShape(Schema):
    id: UUID
    call_id: UUID | None
    call_connection_id: str | None
    correlation_id: str | None
    related: list[UUID]
    label: str
    external_id: str
    state: Annotated[StreamSession.State, one_of(StreamSession.State)]
    reason: str
    channels: Literal["unmixed", "mixed"] | None
    sample_rate: int | None
    started_at: datetime
    audio_started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int
    live: bool
    participants: list[ParticipantShape]
    frames: Frames
    coverage: Coverage
    connections: list[ConnectionShape]


class ChunkShape(Schema):
    id: UUID
    participant: UUID
    connection: UUID
    from_ms: int
    duration_ms: int
    position: int
    samples: int
    sample_rate: int
    silent_ms: int
    bytes: int
    sha256: str
    pcm_sha256: str


class GapShape(Schema):
    """`participant` null: all lanes. `duration_ms` and `to_ms` null: of unknown length."""

    id: int
    participant: UUID | None
    connection: UUID | None
    from_ms: int
    to_ms: int | None
    duration_ms: int | None
    samples: int | None
    sample_rate: int
    cause: Gap.Cause
    reason: str


class EventShape(Schema):
    """Something that happened to a session; the fields that do not concern its kind are null. `kind`: created, opened,
    closed, participant (its first audio), gap, ended; or that of a message that ACS sent beside the audio, verbatim in
    `text`."""

    id: UUID
    at: datetime
    kind: str
    text: str
    at_ms: int | None = None
    connection: UUID | None = None
    participant: UUID | None = None
    cause: str | None = None
    duration_ms: int | None = None


class AccessShape(Schema):
    at: datetime
    username: str
    via: str
    action: AccessEntry.Action
    from_ms: int | None
    to_ms: int | None
    detail: dict[str, object]


class WaveformShape(Schema):
    points: list[tuple[int, int]]
    ms_per_point: float


class LaneTalkShape(Schema):
    """How one participant spoke; `response_ms` is the median delay after somebody else's turn, `loudness_dbfs` the mean
    of what was spoken."""

    participant: UUID
    speech_ms: int
    share: float
    longest_ms: int
    longest_at_ms: int
    responses: int
    response_ms: int | None
    loudness_dbfs: float | None


class TalkShape(Schema):
    """`silences` are (from, to) in ms, at least a second long, in which nobody speaks."""

    participants: list[LaneTalkShape]
    overlap_ms: int
    silence_ms: int
    silences: list[tuple[int, int]]


class MediaUrlRequest(Asked):
    label: ShortLine | None = Field(default=None, examples=["Hotline, Monday"])
    external_id: ShortLine | None = None
    reusable: StrictBool = False
    expires_in_seconds: Annotated[StrictInt, Field(ge=1, le=30 * 86_400)] = 86_400


class MediaUrlShape(Schema):
    url: str
    session_id: UUID | None
    expires_at: datetime
