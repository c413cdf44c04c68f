"""The media socket of a call: when it is dialled, with which token, what it tells, and what another leg hears."""

import asyncio
import base64
import json
import socket
from typing import Any, cast

import jwt
import numpy as np
import pytest
from azure.communication.callautomation import CallAutomationClient, CommunicationUserIdentifier, FileSource
from azure.core.exceptions import HttpResponseError

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS, streaming
from tests.acs_emulator.service.plain import ask
from tests.acs_emulator.sockets import Connection, MediaServer

ISSUER = "https://acscallautomation.communication.azure.com"
CALL = "x-ms-call-connection-id"
BOT = CommunicationUserIdentifier("8:acs:res_bot")


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
    voice = acs.do(lambda world: world.scenario.voice(ADA.raw_id))
    assert b"".join(m.pcm for m in connection.all_audio()[:29]) == b"".join(voice.frame(n, 16_000) for n in range(29))
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


@pytest.mark.parametrize("acs_scenario", ["participants: {'*': {answers: 10ms, leaves: 100ms}}"])
async def test_a_call_that_ends_while_its_socket_opens_was_connected(
    client: CallAutomationClient, application: Application
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # never accepts
        options = streaming(f"ws://127.0.0.1:{mute.getsockname()[1]}/")
        await asyncio.to_thread(
            client.create_call, ADA, application.callbacks, source_caller_id_number=OURS, media_streaming=options
        )
        await asyncio.to_thread(application.wait, "CallDisconnected")
    kinds = application.kinds()
    assert (kinds[:2], kinds[-1]) == (["ParticipantsUpdated", "CallConnected"], "CallDisconnected")


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


async def test_who_joins_a_call_or_a_room_hears_it(
    acs: Emulator, client: CallAutomationClient, application: Application, media: MediaServer
) -> None:
    made = await asyncio.to_thread(client.create_call, ADA, application.callbacks, source_caller_id_number=OURS)
    call = (await asyncio.to_thread(application.wait, "CallConnected")).data["serverCallId"]
    options, connect = streaming(media.url), cast(Any, client.connect_call)
    for number, place in enumerate(({"server_call_id": call}, {"group_call_id": "a-group"}, {"room_id": "9901"})):
        joined = await asyncio.to_thread(connect, application.callbacks, media_streaming=options, **place)
        connection = await media.connection(number)
        assert connection.headers[CALL] == joined.call_connection_id
        assert (joined.correlation_id == made.correlation_id) is (number == 0)
        if number:
            ben = {"conversation": joined.correlation_id, "who": "8:acs:res_ben"}
            await asyncio.to_thread(ask, acs.url, "POST", "/emulator/join", ben)
        await _hears(media, connection, "8:acs:res_ben" if number else ADA.raw_id)


async def _hears(media: MediaServer, connection: Connection, who: str) -> None:
    await media.until(lambda: len(connection.lane(who)) > 5)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/nobody", f"wss://{'x' * 64}.example/"])
def test_a_socket_that_nobody_answers_is_8581(client: CallAutomationClient, application: Application, url: str) -> None:
    nowhere = streaming(url)
    client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, media_streaming=nowhere)
    failed = application.wait("MediaStreamingFailed", seconds=20).data
    assert (failed["resultInformation"]["code"], failed["resultInformation"]["subCode"]) == (400, 8581)
    assert failed["mediaStreamingUpdate"]["mediaStreamingStatusDetails"] == "initialWebSocketConnectionFailed"
    application.wait("CallConnected")


@pytest.mark.parametrize("acs_scenario", ['participants: {"8:acs:res_bot": {answers: no_answer}, "*": {says: []}}'])
async def test_prompts_are_heard_by_whom_they_are_for(
    client: CallAutomationClient, application: Application, media: MediaServer, acs: Emulator, prompt: FileSource
) -> None:
    """And by nobody who is on hold, but for the music."""
    await asyncio.to_thread(ask, acs.url, "POST", "/emulator/subscriptions", {"url": application.webhook})
    made = await asyncio.to_thread(client.create_call, [BOT, ADA], application.callbacks, source_caller_id_number=OURS)
    incoming = await asyncio.to_thread(application.wait, "IncomingCall")
    context = incoming.data["incomingCallContext"]
    options = streaming(media.url)
    await asyncio.to_thread(client.answer_call, context, application.callbacks, media_streaming=options)
    await asyncio.to_thread(application.wait, "CallConnected", 2)
    connection = await media.messages(5)
    acs.wait_for("joined", who=ADA.raw_id)
    leg: Any = client.get_call_connection(str(made.call_connection_id))
    heard = []
    for number, (to, on_hold) in enumerate(((ADA, False), (BOT, False), (BOT, True)), start=1):
        if on_hold:
            await asyncio.to_thread(leg.hold, BOT)
        before = len(connection.messages)
        await asyncio.to_thread(leg.play_media, prompt, [to])
        await asyncio.to_thread(application.wait, "PlayCompleted", number)
        heard.append(sum(any(m.pcm) for m in connection.messages[before:]))
        assert len(connection.messages) > before + 40, "it streams on"
    assert heard[0] == heard[2] == 0
    assert heard[1] > 25
    before = len(connection.messages)
    await asyncio.to_thread(leg.hold, BOT, play_source=prompt)
    await media.until(lambda: sum(any(m.pcm) for m in connection.messages[before:]) > 40)  # longer than it is
    await asyncio.to_thread(leg.unhold, BOT)
    await media.until(lambda: not any(any(m.pcm) for m in connection.messages[-10:]))


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
