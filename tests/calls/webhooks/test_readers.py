"""What events say beyond their type."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.webhooks import readers
from calls.webhooks.events import Event
from calls.webhooks.readers import Someone, Streaming
from tests.calls.webhooks.test_events import JSON, cloud_event, only

PHONE = {"kind": "phoneNumber", "phoneNumber": {"value": "+15550100"}}
AGENT = {"rawId": "8:acs:r_u", "communicationUser": {"id": "8:acs:r_u"}}


def told(kind: str, **data: Any) -> Event:
    return only(cloud_event(kind, data=data))


def test_it_lists_who_is_in_the_call() -> None:
    people = [
        {"identifier": PHONE, "isMuted": False, "isOnHold": True},
        {"identifier": AGENT, "isMuted": True, "displayName": "Olga"},
        {"identifier": {"kind": "unknown"}},
        {"rawId": "8:orgid:g"},
        "nobody",
    ]
    event = told("ParticipantsUpdated", participants=people, sequenceNumber=3)
    assert readers.participants_of(event) == (
        Someone("4:+15550100", "", False, True),
        Someone("8:acs:r_u", "Olga", True, False),
        Someone("8:orgid:g", "", False, False),
    )
    assert readers.sequence_of(event) == 3
    assert readers.participants_of(told("CallConnected")) == ()


def test_it_tells_how_streaming_stands() -> None:
    update = {
        "contentType": "audio",
        "mediaStreamingStatus": "mediaStreamingFailed",
        "mediaStreamingStatusDetails": "initialWebSocketConnectionFailed",
    }
    event = told("MediaStreamingFailed", mediaStreamingUpdate=update)
    assert readers.streaming_of(event) == Streaming("mediaStreamingFailed", "initialWebSocketConnectionFailed")
    assert readers.streaming_of(told("MediaStreamingStopped")) == Streaming("mediaStreamingStopped", "")
    assert readers.streaming_of(told("CallConnected", mediaStreamingUpdate=update)) is None


def test_it_says_whom_an_event_is_about() -> None:
    assert readers.participant_of(told("AddParticipantFailed", participant=PHONE)) == "4:+15550100"
    assert readers.transfer_target_of(told("CallTransferAccepted", transferTarget=AGENT)) == "8:acs:r_u"


FIELDS = "participants sequenceNumber mediaStreamingUpdate participant transferTarget"
HERE = vars(readers).items()
READERS = [reader for name, reader in HERE if name.endswith("_of") and reader.__module__ == readers.__name__]
KINDS = st.sampled_from(["MediaStreamingX", "X"])


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(FIELDS.split()), JSON), KINDS)
def test_it_fails_on_nothing(data: dict[str, Any], kind: str) -> None:
    assert len(READERS) == 5
    for event in (only(cloud_event(kind, data=data)), only(cloud_event(kind, data={}))):
        for reader in READERS:
            reader(event)
