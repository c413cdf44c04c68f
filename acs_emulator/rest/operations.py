"""Every operation of ACS.md 4.2: its name in scenarios, its path, the only status that clients accept, and who does it.
Pure."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from acs_emulator.rest import connections, media, participants, recordings
from acs_emulator.rest.asked import Answered, Asked


class Route(NamedTuple):
    name: str
    method: str
    path: str
    status: int
    run: Callable[[Asked], Awaitable[Answered]]


_CALLS = "/calling/callConnections"
_CALL = _CALLS + "/{call:[^:/]+}"
_PEOPLE = _CALL + "/participants"
_RECORDINGS = "/calling/recordings"
_RECORDING = _RECORDINGS + "/{recording:[^:/]+}"

ROUTES = (
    Route("create", "POST", _CALLS, 201, connections.create),
    Route("answer", "POST", f"{_CALLS}:answer", 200, connections.answer),
    Route("redirect", "POST", f"{_CALLS}:redirect", 204, connections.redirect),
    Route("reject", "POST", f"{_CALLS}:reject", 204, connections.reject),
    Route("connect", "POST", f"{_CALLS}:connect", 200, connections.connect),
    Route("get", "GET", _CALL, 200, connections.show),
    Route("hangUp", "DELETE", _CALL, 204, connections.hang_up),
    Route("terminate", "POST", f"{_CALL}:terminate", 204, connections.terminate),
    Route("transferToParticipant", "POST", f"{_CALL}:transferToParticipant", 202, participants.transfer),
    Route("participants", "GET", _PEOPLE, 200, participants.every),
    Route("participant", "GET", _PEOPLE + "/{participant}", 200, participants.one),
    Route("add", "POST", f"{_PEOPLE}:add", 202, participants.add),
    Route("remove", "POST", f"{_PEOPLE}:remove", 202, participants.remove),
    Route("mute", "POST", f"{_PEOPLE}:mute", 200, participants.mute),
    Route("cancelAddParticipant", "POST", f"{_PEOPLE}:cancelAddParticipant", 202, participants.cancel_add),
    Route("moveHere", "POST", f"{_PEOPLE}:moveHere", 202, participants.move_here),
    Route("play", "POST", f"{_CALL}:play", 202, media.play),
    Route("recognize", "POST", f"{_CALL}:recognize", 202, media.recognize),
    Route("cancelAllMediaOperations", "POST", f"{_CALL}:cancelAllMediaOperations", 202, media.cancel_all),
    Route(
        "startContinuousDtmfRecognition",
        "POST",
        f"{_CALL}:startContinuousDtmfRecognition",
        200,
        media.start_hearing_keys,
    ),
    Route(
        "stopContinuousDtmfRecognition",
        "POST",
        f"{_CALL}:stopContinuousDtmfRecognition",
        200,
        media.stop_hearing_keys,
    ),
    Route("sendDtmfTones", "POST", f"{_CALL}:sendDtmfTones", 202, media.send_keys),
    Route("hold", "POST", f"{_CALL}:hold", 200, media.hold),
    Route("unhold", "POST", f"{_CALL}:unhold", 200, media.unhold),
    Route("startMediaStreaming", "POST", f"{_CALL}:startMediaStreaming", 202, media.start_streaming),
    Route("stopMediaStreaming", "POST", f"{_CALL}:stopMediaStreaming", 202, media.stop_streaming),
    Route("startTranscription", "POST", f"{_CALL}:startTranscription", 202, media.start_transcription),
    Route("stopTranscription", "POST", f"{_CALL}:stopTranscription", 202, media.stop_transcription),
    Route("updateTranscription", "POST", f"{_CALL}:updateTranscription", 202, media.update_transcription),
    Route("startRecording", "POST", _RECORDINGS, 200, recordings.start),
    Route("recording", "GET", _RECORDING, 200, recordings.show),
    Route("stopRecording", "DELETE", _RECORDING, 204, recordings.stop),
    Route("pauseRecording", "POST", f"{_RECORDING}:pause", 202, recordings.pause),
    Route("resumeRecording", "POST", f"{_RECORDING}:resume", 202, recordings.resume),
)
