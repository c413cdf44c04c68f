"""Prompts that last as long as they last, keys, recognition, and the media socket of a call."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import jwt
import numpy as np
import pytest
import soundfile
from azure.communication.callautomation import (
    AudioFormat,
    CallAutomationClient,
    CallConnectionClient,
    CommunicationUserIdentifier,
    DtmfTone,
    FileSource,
    MediaStreamingAudioChannelType,
    MediaStreamingContentType,
    MediaStreamingOptions,
    RecognitionChoice,
    StreamingTransportType,
    TextSource,
)
from azure.core.exceptions import HttpResponseError

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.acs_emulator.service.plain import ask
from tests.acs_emulator.sockets import MediaServer, media_server
from tests.busy import allowance, kept_waiting

ISSUER = "https://acscallautomation.communication.azure.com"
CALL = "x-ms-call-connection-id"
BOT = CommunicationUserIdentifier("8:acs:res_bot")
PRESSES = 'participants: {"+15550100": {presses: [{at: 1s, tones: "%s"}]}}'


def wav(seconds: float) -> bytes:
    content = BytesIO()
    tone = np.sin(np.arange(round(seconds * 16_000)) / 5) * 8000
    soundfile.write(content, tone.astype(np.int16), 16_000, format="WAV", subtype="PCM_16")
    return content.getvalue()


@pytest.fixture
def prompt(application: Application) -> FileSource:
    """A file of 0.6 s."""
    application.files["/prompt.wav"] = wav(0.6)
    return FileSource(application.address("/prompt.wav"))


@pytest.fixture(autouse=True)
def sure(tmp_path: Path) -> None:
    """A short sound beside the scenario."""
    (tmp_path / "sure.wav").write_bytes(wav(0.4))


def sub_code(data: dict[str, Any]) -> int:
    code: int = data["resultInformation"]["subCode"]
    return code


def test_a_prompt_lasts_as_long_as_it_is(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    leg.play_media([prompt, prompt], operation_context="twice")
    started = application.wait("PlayStarted", operationContext="twice").at
    assert 1.1 < application.wait("PlayCompleted", operationContext="twice").at - started < 4


def test_prompts_wait_for_each_other(leg: CallConnectionClient, application: Application, prompt: FileSource) -> None:
    leg.play_media(prompt, operation_context="first")
    leg.play_media(prompt, operation_context="second")
    application.wait("PlayCompleted", operationContext="second")
    kinds = [kind for kind in application.kinds() if kind.startswith("Play")]
    assert kinds == ["PlayStarted", "PlayCompleted", "PlayStarted", "PlayCompleted"]


def test_a_prompt_can_interrupt(leg: CallConnectionClient, application: Application, prompt: FileSource) -> None:
    leg.play_media(prompt, loop=True, operation_context="for ever")
    application.wait("PlayStarted")
    leg.play_media(prompt, operation_context="now", interrupt_call_media_operation=True)
    assert sub_code(application.wait("PlayCanceled", operationContext="for ever").data) == 8508
    application.wait("PlayCompleted", operationContext="now")


@pytest.mark.parametrize(("path", "expected"), [("/nothing.wav", 8536), ("/words.txt", 8535)])
def test_it_says_which_prompt_failed(
    leg: CallConnectionClient, application: Application, prompt: FileSource, path: str, expected: int
) -> None:
    application.files["/words.txt"] = b"no sound"
    leg.play_media([prompt, FileSource(application.address(path))])
    failed = application.wait("PlayFailed").data
    assert (sub_code(failed), failed["failedPlaySourceIndex"]) == (expected, 1)


def test_the_end_of_the_call_ends_a_prompt(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    leg.play_media(prompt, loop=True)
    application.wait("PlayStarted")
    leg.hang_up(is_for_everyone=True)
    assert sub_code(application.wait("PlayFailed").data) == 8528
    application.wait("CallDisconnected")
    assert application.kinds()[-1] == "CallDisconnected"


@pytest.mark.parametrize("acs_scenario", [PRESSES % "12#"])
def test_it_hears_keys(leg: CallConnectionClient, application: Application) -> None:
    leg.start_continuous_dtmf_recognition(ADA, operation_context="keys")
    application.wait("ContinuousDtmfRecognitionToneReceived", 3, operationContext="keys")
    heard = [received.data for received in application.of("ContinuousDtmfRecognitionToneReceived")]
    assert [(data["tone"], data["sequenceId"]) for data in heard] == [("one", 1), ("two", 2), ("pound", 3)]


@pytest.mark.parametrize(
    ("acs_scenario", "options", "expected"),
    [
        (PRESSES % "1234", {"dtmf_max_tones_to_collect": 3}, (8531, ["one", "two", "three"])),
        (PRESSES % "12#", {"dtmf_stop_tones": [DtmfTone.POUND]}, (8514, ["one", "two"])),
        (PRESSES % "12", {"dtmf_inter_tone_timeout": 1}, (8532, ["one", "two"])),
    ],
)
def test_it_collects_keys(
    leg: CallConnectionClient, application: Application, options: dict[str, Any], expected: tuple[int, list[str]]
) -> None:
    leg.start_recognizing_media("dtmf", ADA, operation_context="pin", **options)
    recognized = application.wait("RecognizeCompleted", operationContext="pin").data
    assert (sub_code(recognized), recognized["dtmfResult"]["tones"]) == expected
    assert recognized["recognitionType"] == "dtmf"


def test_it_waits_after_the_prompt_for_a_key(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    asked, waited = time.monotonic(), kept_waiting()
    leg.start_recognizing_media("dtmf", ADA, play_prompt=prompt, initial_silence_timeout=1)
    failed = application.wait("RecognizeFailed")
    assert sub_code(failed.data) == 8510
    assert 1.5 < failed.at - asked < 2.5 + allowance(2.5, kept_waiting() - waited)


@pytest.mark.parametrize("acs_scenario", [PRESSES % "5"])
def test_a_key_interrupts_the_prompt(leg: CallConnectionClient, application: Application) -> None:
    long = TextSource(text="a long story " * 20, voice_name="en-US-NancyNeural")
    leg.start_recognizing_media("dtmf", ADA, play_prompt=long, interrupt_prompt=True, dtmf_max_tones_to_collect=1)
    assert application.wait("RecognizeCompleted", seconds=10).data["dtmfResult"]["tones"] == ["five"]


CHOICES = [RecognitionChoice(label="yes", phrases=["yes", "sure"], tone=DtmfTone.ONE)]
SAYS = 'participants: {"+15550100": {says: [{sound: sure.wav, at: 1s, text: "Sure, why not"}]}}'


@pytest.mark.parametrize(
    ("acs_scenario", "expected"),
    [(PRESSES % "91", (8533, {"label": "yes"})), (SAYS, (8545, {"label": "yes", "recognizedPhrase": "sure"}))],
)
def test_it_recognizes_choices(
    leg: CallConnectionClient, application: Application, expected: tuple[int, dict[str, str]]
) -> None:
    leg.start_recognizing_media("choices", ADA, choices=CHOICES, initial_silence_timeout=10)
    recognized = application.wait("RecognizeCompleted", seconds=20).data
    assert sub_code(recognized) == expected[0]
    assert expected[1].items() <= recognized["choiceResult"].items()


@pytest.mark.parametrize("acs_scenario", [SAYS])
def test_it_recognizes_what_the_scenario_says(leg: CallConnectionClient, application: Application) -> None:
    leg.start_recognizing_media("speech", ADA, initial_silence_timeout=10)
    recognized = application.wait("RecognizeCompleted", seconds=20).data
    assert recognized["speechResult"]["speech"] == "Sure, why not"


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    async with media_server() as media:
        yield media


def streaming(url: str, **more: Any) -> MediaStreamingOptions:
    return MediaStreamingOptions(
        transport_url=url,
        transport_type=StreamingTransportType.WEBSOCKET,
        content_type=MediaStreamingContentType.AUDIO,
        audio_channel_type=MediaStreamingAudioChannelType.UNMIXED,
        start_media_streaming=True,
        **{"audio_format": AudioFormat.PCM16_K_MONO, **more},
    )


async def test_the_socket_comes_before_call_connected(
    acs: Emulator, client: CallAutomationClient, application: Application, media: MediaServer
) -> None:
    options = streaming(media.url, enable_dtmf_tones=True)
    made = await asyncio.to_thread(
        client.create_call, ADA, application.callbacks, source_caller_id_number=OURS, media_streaming=options
    )
    connection = await media.messages(30)
    await asyncio.to_thread(application.wait, "MediaStreamingStarted")
    assert application.kinds() == ["ParticipantsUpdated", "CallConnected", "MediaStreamingStarted"]
    opened = acs.wait_for("socket_opened")["number"]
    assert opened < acs.wait_for("event", event="CallConnected")["number"]
    assert {m.audio["participantRawID"] for m in connection.all_audio()} == {ADA.raw_id}
    token = connection.headers["authorization"].removeprefix("Bearer ")
    signed_by = await asyncio.to_thread(jwt.PyJWKClient(f"{acs.url}/calling/keys").get_signing_key_from_jwt, token)
    claims = jwt.decode(token, signed_by, ["RS256"], audience=acs.world.resource_id, issuer=ISSUER)
    assert claims["exp"] - claims["iat"] == 24 * 60 * 60
    keys = {"conversation": made.correlation_id, "who": "+15550100", "keys": "7"}
    await asyncio.to_thread(ask, acs.url, "POST", "/emulator/press", keys)
    await media.until(lambda: "DtmfData" in connection.kinds())
    leg = client.get_call_connection(str(made.call_connection_id))
    await asyncio.to_thread(leg.hang_up, is_for_everyone=True)
    await asyncio.to_thread(application.wait, "CallDisconnected")
    assert application.kinds()[-2:] == ["MediaStreamingStopped", "CallDisconnected"]
    await connection.ended.wait()
    assert connection.close_code == 1000


@pytest.mark.parametrize("acs_scenario", ["stream: {faults: [{do: drop_socket, at: 200ms, unnoticed: true}]}"])
async def test_a_loss_that_nobody_notices(
    client: CallAutomationClient, application: Application, media: MediaServer
) -> None:
    """The service believes that it streams, until it is told to stop."""
    made = await asyncio.to_thread(
        client.create_call,
        ADA,
        application.callbacks,
        source_caller_id_number=OURS,
        media_streaming=streaming(media.url),
    )
    first = await media.connection()
    await asyncio.wait_for(first.ended.wait(), 30)
    await asyncio.to_thread(application.none_within, 0.3, "MediaStreamingFailed")
    leg = client.get_call_connection(str(made.call_connection_id))
    shown: Any = await asyncio.to_thread(leg.get_call_properties)
    assert shown.media_streaming_subscription.state == "active"
    with pytest.raises(HttpResponseError, match="8583"):
        await asyncio.to_thread(leg.start_media_streaming)
    await asyncio.to_thread(leg.stop_media_streaming)
    await asyncio.to_thread(application.wait, "MediaStreamingStopped")
    await asyncio.to_thread(leg.start_media_streaming)
    await media.messages(5, number=1)
    assert len(media.connections) == 2


def test_a_socket_that_nobody_answers_is_8581(client: CallAutomationClient, application: Application) -> None:
    nowhere = streaming("ws://127.0.0.1:1/nobody")
    client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, media_streaming=nowhere)
    failed = application.wait("MediaStreamingFailed", seconds=20).data
    assert (failed["resultInformation"]["code"], sub_code(failed)) == (400, 8581)
    assert failed["mediaStreamingUpdate"]["mediaStreamingStatusDetails"] == "initialWebSocketConnectionFailed"
    application.wait("CallConnected")


@pytest.mark.parametrize("acs_scenario", ['participants: {"8:acs:res_bot": {answers: no_answer}, "*": {says: []}}'])
async def test_one_leg_hears_what_the_other_plays(
    client: CallAutomationClient, application: Application, media: MediaServer, acs: Emulator, prompt: FileSource
) -> None:
    subscription = {"url": application.webhook}
    assert (await asyncio.to_thread(ask, acs.url, "POST", "/emulator/subscriptions", subscription)).status == 200
    made = await asyncio.to_thread(
        client.create_call,
        BOT,
        application.callbacks,
        source_caller_id_number=OURS,
        media_streaming=streaming(media.url, enable_bidirectional=True),
    )
    incoming = await asyncio.to_thread(application.wait, "IncomingCall")
    context = incoming.data["incomingCallContext"]
    options = streaming(media.url)
    await asyncio.to_thread(client.answer_call, context, application.callbacks, media_streaming=options)
    await asyncio.to_thread(application.wait, "CallConnected", 2)
    await media.messages(5, number=1)
    ours, connection = sorted(media.connections, key=lambda c: c.headers[CALL] != made.call_connection_id)
    assert not any(any(m.pcm) for m in connection.all_audio())
    ours.say(json.dumps({"kind": "AudioData", "audioData": {"data": base64.b64encode(b"\1\0" * 48_000).decode()}}))
    await media.until(lambda: any(connection.all_audio()[-1].pcm))
    leg = client.get_call_connection(str(made.call_connection_id))
    await asyncio.to_thread(leg.play_media, prompt)
    await asyncio.to_thread(application.wait, "PlayCompleted")
    heard = b"".join(m.pcm for m in connection.all_audio() if np.abs(np.frombuffer(m.pcm, "<i2")).max() > 1)
    assert abs(len(heard) / 32_000 - 0.6) < 0.03, "at once, over what else it says for three seconds"
    told = acs.do(lambda world: [leg.own_id for leg in world.calls.values()])
    assert {m.audio["participantRawID"] for m in connection.all_audio()} == set(told) - {BOT.raw_id}


def test_nothing_comes_after_the_end(leg: CallConnectionClient, application: Application) -> None:
    leg.send_dtmf_tones(["one", "two"], ADA)
    leg.hang_up(is_for_everyone=True)
    application.wait("CallDisconnected")
    application.none_within(0.8, "SendDtmfTonesCompleted")


def test_music_on_hold_must_be_there(leg: CallConnectionClient, application: Application) -> None:
    leg.hold(ADA, play_source=FileSource(application.address("/nothing.wav")), operation_context="hold")
    assert sub_code(application.wait("HoldFailed", operationContext="hold").data) == 8536


def test_it_plays_to_nobody_who_is_not_there(leg: CallConnectionClient, prompt: FileSource) -> None:
    with pytest.raises(HttpResponseError, match="8522"):
        leg.play_media(prompt, [BOT])


def test_it_ships_the_sounds_of_its_page() -> None:
    page = Path("acs_emulator/control/static/page.js").read_text(encoding="utf-8")
    for path in Path("acs_emulator/voices").glob("*.ogg"):
        assert f'"{path.name}"' in page
