"""Every method of the SDK's clients, synchronous and asynchronous, without an error of the SDK's."""

import asyncio
import inspect
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import azure.communication.callautomation as sdk
import azure.communication.callautomation.aio as sdk_aio
import pytest
from azure.core.credentials import AzureKeyCredential

from acs_emulator.calls.identifiers import model_of
from acs_emulator.calls.placing import call_in
from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.acs_emulator.sockets import MediaServer, media_server

BEN = sdk.CommunicationUserIdentifier("8:acs:res_ben")
CLEO = sdk.PhoneNumberIdentifier("+15550102")
PROMPT = sdk.TextSource(text="Hi", voice_name="en-US-NancyNeural")


async def done(result: Any) -> Any:
    """What a method of either client returns, when it has it."""
    if inspect.isawaitable(result):
        result = await result
    if hasattr(result, "__aiter__"):
        return [item async for item in result]
    return result


class Walk:
    """One client of either kind, and which of its methods were called."""

    def __init__(self, kind: str, acs: Emulator, application: Application, media: MediaServer) -> None:
        module: Any = sdk if kind == "sync" else sdk_aio
        self.client = module.CallAutomationClient(acs.url, AzureKeyCredential(acs.key))
        self.acs, self.application, self.media = acs, application, media
        self.called: set[str] = set()

    async def do(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.called.add(method.__name__)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return await done(method(*arguments, **named))

    async def seen(self, kind: str, count: int = 1, **data: Any) -> dict[str, Any]:
        return (await asyncio.to_thread(self.application.wait, kind, count, **data)).data

    def streaming(self) -> dict[str, Any]:
        audio = sdk.MediaStreamingOptions(
            transport_url=self.media.url,
            transport_type=sdk.StreamingTransportType.WEBSOCKET,
            content_type=sdk.MediaStreamingContentType.AUDIO,
            audio_channel_type=sdk.MediaStreamingAudioChannelType.UNMIXED,
            start_media_streaming=False,
            enable_bidirectional=True,
            audio_format=sdk.AudioFormat.PCM24_K_MONO,
            enable_dtmf_tones=True,
        )
        words = sdk.TranscriptionOptions(
            transport_url=self.media.url,
            transport_type=sdk.StreamingTransportType.WEBSOCKET,
            locale="en-US",
            start_transcription=False,
        )
        return {"media_streaming": audio, "transcription": words, "cognitive_services_endpoint": "https://ai.example"}

    async def incoming(self, caller: str) -> str:
        invitation = self.acs.do(lambda world: call_in(world, caller, "4:+15550199"))
        await asyncio.to_thread(self.acs.wait_for, "ringing", caller=caller)
        return invitation.context


@asynccontextmanager
async def walking(kind: str, acs: Emulator, application: Application) -> AsyncIterator[Walk]:
    async with media_server() as media:
        walk = Walk(kind, acs, application, media)
        yield walk
        await walk.do(walk.client.close)


@pytest.fixture(params=["sync", "async"])
async def walk(request: pytest.FixtureRequest, acs: Emulator, application: Application) -> AsyncIterator[Walk]:
    async with walking(request.param, acs, application) as walk:
        yield walk


async def test_it_makes_and_shows_calls(walk: Walk) -> None:
    client, callbacks = walk.client, walk.application.callbacks
    placed = await walk.do(client.create_call, ADA, callbacks, source_caller_id_number=OURS, **walk.streaming())
    assert placed.media_streaming_subscription.state == "inactive"
    assert placed.transcription_subscription.locale == "en-US"
    connected = await walk.seen("CallConnected", callConnectionId=placed.call_connection_id)
    group = await walk.do(client.create_group_call, [ADA, BEN], callbacks, source_caller_id_number=OURS)
    assert len(group.targets) == 2
    for place in ({"server_call_id": connected["serverCallId"]}, {"group_call_id": "a-group"}, {"room_id": "9901"}):
        joined = await walk.do(client.connect_call, callbacks, **place)
        await walk.seen("CallConnected", callConnectionId=joined.call_connection_id)
    answered = await walk.do(client.answer_call, await walk.incoming("4:+15550110"), callbacks, **walk.streaming())
    assert (answered.answered_for.raw_id, answered.source.raw_id) == ("4:+15550199", "4:+15550110")
    await walk.do(client.reject_call, await walk.incoming("4:+15550111"), call_reject_reason="busy")
    await walk.do(client.redirect_call, await walk.incoming("4:+15550112"), BEN)
    leg = client.get_call_connection(placed.call_connection_id)
    shown = await walk.do(leg.get_call_properties)
    assert shown.server_call_id == connected["serverCallId"]
    await walk.do(leg.hang_up, is_for_everyone=True)
    await walk.seen("CallDisconnected", callConnectionId=placed.call_connection_id)


async def _connected(walk: Walk) -> Any:
    client, callbacks = walk.client, walk.application.callbacks
    placed = await walk.do(client.create_call, ADA, callbacks, source_caller_id_number=OURS, **walk.streaming())
    await walk.seen("CallConnected", callConnectionId=placed.call_connection_id)
    return client.get_call_connection(placed.call_connection_id)


async def test_it_moves_people(walk: Walk) -> None:
    leg = await _connected(walk)
    assert [p.identifier.raw_id for p in await walk.do(leg.list_participants)] == [ADA.raw_id]
    added = await walk.do(leg.add_participant, BEN, operation_context="ben", invitation_timeout=30)
    assert (added.participant.identifier.raw_id, added.operation_context) == (BEN.raw_id, "ben")
    assert (await walk.seen("AddParticipantSucceeded"))["participant"] == model_of(BEN.raw_id)
    await walk.do(leg.mute_participant, BEN)
    assert (await walk.do(leg.get_participant, BEN)).is_muted
    await walk.do(leg.hold, BEN)
    assert (await walk.do(leg.get_participant, BEN)).is_on_hold
    await walk.do(leg.unhold, BEN)
    await walk.do(leg.cancel_add_participant_operation, added.invitation_id)
    await walk.seen("CancelAddParticipantFailed")
    await walk.do(leg.remove_participant, BEN, operation_context="out")
    await walk.seen("RemoveParticipantSucceeded", operationContext="out")
    other = await _connected(walk)
    await walk.do(other.add_participant, CLEO, source_caller_id_number=OURS)
    await walk.seen("AddParticipantSucceeded", participant=model_of(CLEO.raw_id))
    moved = await walk.do(leg.move_participants, [CLEO], other._call_connection_id, operation_context="here")
    assert moved.operation_context == "here"
    await walk.seen("MoveParticipantSucceeded")
    handed = await walk.do(other.transfer_call_to_participant, BEN, operation_context="over")
    assert handed.operation_context == "over"
    await walk.seen("CallTransferAccepted", operationContext="over")


async def test_it_plays_and_recognizes(walk: Walk) -> None:
    leg = await _connected(walk)
    await walk.do(leg.play_media, PROMPT, operation_context="one")
    await walk.seen("PlayCompleted", operationContext="one")
    await walk.do(leg.play_media, [PROMPT, PROMPT], [ADA], loop=True)
    await walk.seen("PlayStarted", 2)
    await walk.do(leg.cancel_all_media_operations)
    await walk.seen("PlayCanceled")
    await walk.do(leg.play_media_to_all, PROMPT, operation_context="all")
    await walk.seen("PlayCompleted", operationContext="all")
    await walk.do(leg.start_recognizing_media, "dtmf", ADA, play_prompt=PROMPT, initial_silence_timeout=1)
    await walk.seen("RecognizeFailed")
    await walk.do(leg.start_continuous_dtmf_recognition, ADA, operation_context="keys")
    await walk.do(leg.stop_continuous_dtmf_recognition, ADA)
    await walk.seen("ContinuousDtmfRecognitionStopped")
    sent = await walk.do(leg.send_dtmf_tones, ["one", "pound"], ADA, operation_context="tones")
    assert sent.operation_context == "tones"
    await walk.seen("SendDtmfTonesCompleted", operationContext="tones")


async def test_it_streams_and_transcribes(walk: Walk) -> None:
    leg = await _connected(walk)
    await walk.do(leg.start_media_streaming, operation_context="stream")
    started = await walk.seen("MediaStreamingStarted", operationContext="stream")
    assert started["mediaStreamingUpdate"]["mediaStreamingStatus"] == "mediaStreamingStarted"
    connection = await walk.media.messages(20)
    assert connection.headers["x-ms-call-connection-id"] == leg._call_connection_id
    shown = await walk.do(leg.get_call_properties)
    assert shown.media_streaming_subscription.state == "active"
    assert connection.messages[0].json["audioMetadata"]["subscriptionId"] == shown.media_streaming_subscription.id
    await walk.do(leg.stop_media_streaming)
    await walk.seen("MediaStreamingStopped")
    await walk.do(leg.start_transcription, locale="en-GB")
    await walk.seen("TranscriptionStarted")
    await walk.do(leg.update_transcription, locale="de-DE")
    assert (await walk.seen("TranscriptionUpdated"))["transcriptionUpdate"]["transcriptionStatus"]
    await walk.do(leg.stop_transcription)
    await walk.seen("TranscriptionStopped")


async def test_it_records(walk: Walk) -> None:
    leg, client = await _connected(walk), walk.client
    state = await walk.do(
        client.start_recording,
        call_connection_id=leg._call_connection_id,
        recording_state_callback_url=walk.application.callbacks,
        recording_channel_type=sdk.RecordingChannel.UNMIXED,
        recording_format_type=sdk.RecordingFormat.WAV,
    )
    assert state.recording_state == "active"
    for method, expected in ((client.pause_recording, "inactive"), (client.resume_recording, "active")):
        await walk.do(method, state.recording_id)
        assert (await walk.do(client.get_recording_properties, state.recording_id)).recording_state == expected
    await walk.do(client.stop_recording, state.recording_id)
    await walk.seen("RecordingStateChanged", 4)
    told = [received.data["state"] for received in walk.application.of("RecordingStateChanged")]
    assert told == ["active", "inactive", "active", "inactive"]
    shown = await walk.do(leg.get_call_properties)
    for locator in (sdk.ServerCallLocator(shown.server_call_id), sdk.GroupCallLocator("a-group")):
        assert (await walk.do(client.start_recording, locator)).recording_id


# Where recordings are kept: the SDK lets these go to addresses of Microsoft's alone.
NOT_HERE = {"download_recording", "delete_recording"}
NO_REQUEST = {"from_connection_string", "get_call_connection", "close"}


@pytest.mark.parametrize("module", [sdk, sdk_aio])
def test_it_leaves_no_method_out(module: Any) -> None:
    source = "".join(inspect.getsource(function) for name, function in globals().items() if name.startswith("test_it"))
    for kind in (module.CallAutomationClient, module.CallConnectionClient):
        methods = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
        missing = {name for name in methods - NOT_HERE - NO_REQUEST if f".{name}" not in source}
        assert not missing - {"create_call"}, missing
