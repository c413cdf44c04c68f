"""What is asked for when a call is placed, joined or answered: values, checked where they come in. Pure."""

from dataclasses import dataclass, field
from typing import Literal

Channels = Literal["unmixed", "mixed"]


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How a call's sound is to be streamed and announced, whichever way the call comes about.

    announce: a text, or the name of an uploaded sound; None: what the installation's ANNOUNCEMENT says; "": nothing.
    then_add: raw ids that are added once it is connected and announced.
    """

    channels: Channels = "unmixed"
    sample_rate: int = 16_000
    bidirectional: bool = False
    dtmf: bool = False
    transcription_locale: str = ""
    start_streaming: bool = True
    announce: str | None = None
    announcement_required: bool = True
    then_add: tuple[str, ...] = ()
    note: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Placing:
    """A call to be placed; `to` and `caller_id` are raw ids."""

    to: tuple[str, ...]
    caller_id: str = ""
    options: CallOptions = field(default_factory=CallOptions)


@dataclass(frozen=True, slots=True)
class Joining:
    """A call that exists and is to be joined; `place`: server_call_id, group_call_id or room_id."""

    place: Literal["server_call_id", "group_call_id", "room_id"]
    id: str
    options: CallOptions = field(default_factory=CallOptions)
