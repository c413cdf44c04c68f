"""Operations on recordings of the service (ACS.md 4.2)."""

from acs_emulator.calls.recording import Recording
from acs_emulator.rest.asked import Answered, Asked
from acs_emulator.rest.connections import located
from acs_emulator.rest.errors import bad_argument, not_established, not_found

_CHOICES = {
    "recordingContentType": ("audio", "audioVideo"),
    "recordingChannelType": ("mixed", "unmixed"),
    "recordingFormatType": ("wav", "mp3", "mp4"),
}


async def start(asked: Asked) -> Answered:
    body, world = asked.body, asked.world
    call_id = body.text("callConnectionId", required=False)
    if call_id:
        if (call := world.calls.get(call_id)) is None:
            raise not_found("Call")
        if not call.is_established:
            raise not_established()
        conversation = call.conversation
    elif body.fields.get("callLocator"):
        conversation = located(asked, body.part("callLocator"))
        call_id = next((leg.call_connection_id for leg in conversation.legs), "")
    else:
        raise bad_argument("The field callLocator is invalid.")
    for name, choices in _CHOICES.items():
        body.one_of(name, choices, required=False)
    for part in body.parts("channelAffinity"):
        part.person("participant")
        part.number("channel", 0, 0, 4)
    uri = body.address("recordingStateCallbackUri", required=False)
    active = not body.fields.get("pauseOnStart")
    return Recording(world, conversation, call_id, uri, asked.api_version, active).model()


async def show(asked: Asked) -> Answered:
    return _recording(asked).model()


async def stop(asked: Asked) -> Answered:
    _recording(asked).stop()
    return None


async def pause(asked: Asked) -> Answered:
    _recording(asked).change("inactive")
    return None


async def resume(asked: Asked) -> Answered:
    _recording(asked).change("active")
    return None


def _recording(asked: Asked) -> Recording:
    recording = asked.world.recordings.get(asked.names["recording"])
    if recording is None:
        raise not_found("Recording")
    return recording
