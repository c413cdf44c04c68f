"""The JSON of calls in the REST API, as INTERFACE fixes it; calls/shapes.py fills these in from rows."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from calls.call_options import CallOptions
from calls.errors import UncallableTarget
from calls.identifiers import Kind, target_of
from calls.models import Call, CallEvent, IncomingCall
from calls.rest.inputs import LongId, ShortId, ShortLine, Somebody, Speech, Words
from calls.rest.shapes import Asked, Problem, one_of


def _raw_id(given: str) -> str:
    try:
        return target_of(given).raw_id
    except UncallableTarget as error:
        raise ValueError(str(error)) from None


def _telephone(given: str) -> str:
    raw_id = _raw_id(given)
    if not raw_id.startswith("4:"):
        raise ValueError("Calls are placed from a telephone number of the resource, like +15550199.")
    return raw_id


def _once(raw_ids: list[str]) -> list[str]:
    return list(dict.fromkeys(raw_ids))


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Whom = Annotated[Somebody, AfterValidator(_raw_id)]
"""A number or raw id; what comes out is the raw id."""

Several = Annotated[list[Whom], BeforeValidator(_listed), Field(min_length=1, max_length=20), AfterValidator(_once)]
Telephone = Annotated[Somebody, AfterValidator(_telephone)]
CallState = Annotated[Call.State, one_of(Call.State)]
IncomingState = Annotated[IncomingCall.State, one_of(IncomingCall.State)]


class StreamingRequest(Asked):
    """How the call's sound is streamed and announced."""

    channels: Literal["unmixed", "mixed"] = Field(
        default="unmixed",
        description="unmixed: a lane for each participant, of at most the four loudest at a time",
    )
    sample_rate: Literal[16000, 24000] = 16000
    bidirectional: StrictBool = False
    dtmf: StrictBool = Field(default=False, description="also receive the keys that people press")
    transcription_locale: ShortLine | None = Field(default=None, description="like en-US; needs ACS_COGNITIVE_ENDPOINT")
    start_streaming: StrictBool = True
    announce: Words | None = Field(
        default=None,
        description="what is heard before recording begins: a text, or the name of a sound; absent: what ANNOUNCEMENT "
        "says, empty: nothing",
    )
    announcement_required: StrictBool = Field(default=True, description="do not record when it could not be played")
    note: Words = ""

    def call_options(self, then_add: tuple[str, ...] = (), display_name: str = "") -> CallOptions:
        return CallOptions(
            channels=self.channels,
            sample_rate=self.sample_rate,
            bidirectional=self.bidirectional,
            dtmf=self.dtmf,
            transcription_locale=self.transcription_locale or "",
            start_streaming=self.start_streaming,
            announce=self.announce,
            announcement_required=self.announcement_required,
            then_add=then_add,
            note=self.note,
            display_name=display_name,
        )


class CallRequest(StreamingRequest):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {"to": ["+15550100", "8:acs:res_ben"], "channels": "unmixed", "announce": "This call is recorded."}
            ]
        },
    )

    to: Several
    from_: Telephone | None = Field(default=None, alias="from", description="absent: ACS_CALLER_ID")
    display_name: ShortLine | None = None


class JoinRequest(StreamingRequest):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={"examples": [{"group_call_id": "29228d3e-040e-4656-a70e-890ab4e173e5"}]},
    )

    server_call_id: LongId | None = None
    group_call_id: ShortId | None = None
    room_id: ShortId | None = None
    from_: Telephone | None = Field(
        default=None, alias="from", description="as in POST /calls, and without effect: nobody is called"
    )
    display_name: ShortLine | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "JoinRequest":
        if sum(bool(place) for place in (self.server_call_id, self.group_call_id, self.room_id)) != 1:
            raise ValueError("Give exactly one of server_call_id, group_call_id and room_id.")
        return self


class AnswerRequest(StreamingRequest):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"announce": "This call is recorded.", "then_add": ["+15550100"]}]},
    )

    then_add: Annotated[list[Whom], BeforeValidator(_listed), Field(max_length=10), AfterValidator(_once)] = []


class RejectRequest(Asked):
    reason: Literal["none", "busy", "forbidden"] = Field(default="none", examples=["busy"])


class RedirectRequest(Asked):
    to: Whom = Field(examples=["8:acs:res_ben"])


class HangUpRequest(Asked):
    for_everyone: StrictBool = Field(
        default=True, examples=[False], description="false: only this server leaves, and recording ends"
    )


class AddRequest(Asked):
    to: Several = Field(examples=[["+15550100"]])


class TransferRequest(Asked):
    to: Whom = Field(examples=["+15550100"])
    transferee: ShortLine | None = Field(
        default=None, description="who goes, in a call of several: their id or number; this server stays then"
    )


class DtmfRequest(Asked):
    tones: ShortLine = Field(examples=["12#"])
    to: ShortLine | None = Field(default=None, description="a participant's id or number; absent: the only telephone")


class PlayRequest(Asked):
    announce: Speech = Field(description="a text, or the name of a sound", examples=["One moment, please."])
    to: ShortLine | None = Field(default=None, description="absent: everybody hears it")


class NameRequest(Asked):
    name: ShortLine = Field(examples=["Olga Öz"])


class PersonShape(Schema):
    """Who stands behind a raw id, in all calls."""

    raw_id: str
    name: str
    kind: Kind
    changed_at: datetime
    changed_by: str | None


class InCall(Schema):
    """Somebody in a call. `id` and `raw_id` both name them in paths."""

    id: int
    raw_id: str
    label: str
    muted: bool
    on_hold: bool
    joined_at: datetime
    left_at: datetime | None


class CallShape(Schema):
    id: UUID
    direction: Call.Direction
    state: CallState
    to: list[str]
    from_: str | None = Field(serialization_alias="from", validation_alias="from_")
    display_name: str
    call_connection_id: str | None
    correlation_id: str | None
    channels: Literal["unmixed", "mixed"]
    sample_rate: int
    created_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    end_code: int | None
    end_subcode: int | None
    end_reason: str
    transferred_to: str | None
    session_id: UUID | None
    related: list[UUID]
    created_by: str | None
    note: str
    streaming: bool = Field(description="whether sound is wanted now")
    streaming_trouble: str = Field(
        description="why no sound comes, in plain words (of a call that is over: why the last of it was not recorded); "
        "empty where all is well"
    )
    announcement: Call.Announcement = Field(description="failed: could not be played, or the call ended before")
    announced_at: datetime | None
    participants: list[InCall]
    warning: str | None = None


class CallEventShape(Schema):
    id: int
    at: datetime
    received_at: datetime
    kind: str
    by: CallEvent.By
    username: str | None
    old_state: CallState
    new_state: CallState
    text: str
    raw: dict[str, Any]


class IncomingShape(Schema):
    id: UUID
    state: IncomingState
    from_: str = Field(serialization_alias="from", validation_alias="from_")
    to: str
    display_name: str
    correlation_id: str | None
    received_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    call_id: UUID | None


class AcsSaid(Schema):
    """What ACS itself answered; all null where it did not."""

    status: int | None
    code: str | None
    message: str | None


class AcsProblem(Problem):
    acs: AcsSaid
    call_id: UUID | None = Field(description="the call that did not come about, where one was begun")
