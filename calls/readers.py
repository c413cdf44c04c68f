"""What an event says beyond its type: who is in the call, how streaming stands, which keys were pressed (ACS.md 4.8).
Each takes any event and finds nothing in one of another type. Pure."""

from datetime import datetime
from typing import NamedTuple

from calls.bodies import list_of, object_of, text_of, time_of, whole_of
from calls.events import Event
from calls.identifiers import raw_id_of

_KEYS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "a": "A",
    "b": "B",
    "c": "C",
    "d": "D",
    "pound": "#",
    "asterisk": "*",
}
_MEDIA = ("mediaStreamingUpdate", "mediaStreamingStatus", "mediaStreamingStatusDetails")
_TRANSCRIPTION = ("transcriptionUpdate", "transcriptionStatus", "transcriptionStatusDetails")


class Someone(NamedTuple):
    """In the call. `name` is "" where ACS gives none, which is the rule."""

    raw_id: str
    name: str
    is_muted: bool
    is_on_hold: bool


class Streaming(NamedTuple):
    """`status` like "mediaStreamingStarted", `details` like "streamConnectionInterrupted" (ACS.md 4.8, enum values)."""

    status: str
    details: str


class AcsRecording(NamedTuple):
    """A recording that ACS itself makes, which is not ours."""

    id: str
    state: str
    started_at: datetime | None


def participants_of(event: Event) -> tuple[Someone, ...]:
    """All who are in the call now; those whom nothing names are left out."""
    found = (
        Someone(
            raw_id_of(person.get("identifier") or person),
            text_of(person, "displayName", 300) or text_of(person, "name", 300),
            person.get("isMuted") is True,
            person.get("isOnHold") is True,
        )
        for person in list_of(event.data, "participants")
        if isinstance(person, dict)
    )
    return tuple(someone for someone in found if someone.raw_id)


def sequence_of(event: Event) -> int | None:
    """Which of a call's ParticipantsUpdated (1, 2, …), or tones, this is. Their order of arrival means nothing."""
    number = whole_of(event.data, "sequenceNumber")
    return number if number is not None else whole_of(event.data, "sequenceId")


def streaming_of(event: Event) -> Streaming | None:
    """Of MediaStreamingStarted, …Stopped, …Failed."""
    return _streaming(event, "MediaStreaming", *_MEDIA)


def transcription_of(event: Event) -> Streaming | None:
    """Of TranscriptionStarted, …Stopped, …Updated, …Resumed, …Failed."""
    return _streaming(event, "Transcription", *_TRANSCRIPTION)


def participant_of(event: Event) -> str:
    """The raw id of whom an Add-, Remove-, MoveParticipant… event is about; "" where it does not say."""
    return raw_id_of(event.data.get("participant"))


def transfer_target_of(event: Event) -> str:
    """The raw id of to whom a call was transferred."""
    return raw_id_of(event.data.get("transferTarget"))


def transferee_of(event: Event) -> str:
    """The raw id of who was transferred."""
    return raw_id_of(event.data.get("transferee"))


def invitation_of(event: Event) -> str:
    """The id of the invitation that CancelAddParticipant… is about."""
    return text_of(event.data, "invitationId", 300)


def tones_of(event: Event) -> str:
    """The keys pressed, as on a telephone: "1", "12#"; "" where none is told. ACS writes them as words."""
    words = list_of(object_of(event.data, "dtmfResult"), "tones") or [event.data.get("tone")]
    return "".join(_key(word) for word in words if isinstance(word, str))


def failed_prompt_of(event: Event) -> int | None:
    """Which of the sounds or texts, counted from 0, could not be played."""
    return whole_of(event.data, "failedPlaySourceIndex")


def recording_of(event: Event) -> AcsRecording | None:
    """Of RecordingStateChanged and StartRecordingFailed."""
    name = text_of(event.data, "recordingId", 2_000)
    if not name:
        return None
    return AcsRecording(name, text_of(event.data, "state", 100), time_of(event.data, "startDateTime"))


def _streaming(event: Event, family: str, part: str, status: str, details: str) -> Streaming | None:
    if not event.type.startswith(family):
        return None
    update = object_of(event.data, part)
    # Where the update is missing, the type says as much.
    said = text_of(update, status, 100) or event.type
    return Streaming(said[:1].lower() + said[1:], text_of(update, details, 100))


def _key(word: str) -> str:
    word = word.strip().lower()
    return _KEYS.get(word) or (word.upper() if word in {*"0123456789abcd#*"} and word else "")
