"""What an event says beyond its type: who is in the call, how streaming stands, to whom it was transferred (ACS.md
4.8). Each takes any event and finds nothing in one of another type. Pure."""

from typing import NamedTuple

from calls.identifiers import raw_id_of
from calls.webhooks.bodies import list_of, object_of, text_of, whole_of
from calls.webhooks.events import Event


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
    """Which of a call's ParticipantsUpdated (1, 2, …) this is. Their order of arrival means nothing."""
    return whole_of(event.data, "sequenceNumber")


def streaming_of(event: Event) -> Streaming | None:
    """Of MediaStreamingStarted, …Stopped, …Failed."""
    if not event.type.startswith("MediaStreaming"):
        return None
    update = object_of(event.data, "mediaStreamingUpdate")
    # Where the update is missing, the type says as much.
    said = text_of(update, "mediaStreamingStatus", 100) or event.type
    return Streaming(said[:1].lower() + said[1:], text_of(update, "mediaStreamingStatusDetails", 100))


def participant_of(event: Event) -> str:
    """The raw id of whom an Add-, Remove-, MoveParticipant… event is about; "" where it does not say."""
    return raw_id_of(event.data.get("participant"))


def transfer_target_of(event: Event) -> str:
    """The raw id of to whom a call was transferred."""
    return raw_id_of(event.data.get("transferTarget"))
