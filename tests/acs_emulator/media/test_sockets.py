"""The media client's manners: what it does when the other side misbehaves, and when it is told twice."""

import asyncio
from pathlib import Path

import pytest

from acs_emulator.media import Silence, StreamOptions, Talker
from acs_emulator.media.connection import without_query
from acs_emulator.media.socket import DialFailed, dial
from acs_emulator.scenario import parse_fault
from tests.acs_emulator.media.stage import ADA, scenario, stage
from tests.acs_emulator.sockets import media_server


async def test_it_answers_pings_and_reads_fragments(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)], bidirectional=True) as it:
        connection = await it.server.connection()
        connection.protocol.send_ping(b"are you there")
        connection.protocol.send_text(b'{"kind":"Stop', fin=False)
        connection.protocol.send_continuation(b'Audio","stopAudio":{}}', fin=True)
        connection.say("")  # sends what waits, too
        await it.server.until(lambda: it.world.journal.entries("stop_audio"))
        await it.server.messages(5)


async def test_it_cuts_off_an_application_that_does_not_read(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, "stream: {redial: never}"), [Talker(ADA, Silence(), 0)]) as it:
        connection = await it.server.messages(3)
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        it.stream.inject(parse_fault({"do": "send", "text": "x" * (16 << 20)}))
        await it.server.until(lambda: it.world.journal.entries("socket_closed"))
    closed = (it.world.record.lines or [])[-1]
    assert closed["reason"] == it.world.journal.entries("socket_closed")[0]["reason"] == "the application does not read"
    assert 8 << 20 < closed["unsent"] < 17 << 20


async def test_it_dials_once_when_started_twice(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [], start=False) as it:
        await asyncio.gather(it.stream.start(), it.stream.start())
        await it.server.messages(1)
        await asyncio.sleep(0.1)
        assert len(it.server.connections) == 1
    assert [status for status, *_ in it.call.told] == ["mediaStreamingStarted", "mediaStreamingStopped"]


async def test_it_says_nothing_of_a_failure_when_stopped_while_dialling(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [], start=False) as it:
        starting = asyncio.create_task(it.stream.start())
        await asyncio.sleep(0)
        await it.stream.stop("changed our mind")
        await starting
    assert [status for status, *_ in it.call.told] == ["mediaStreamingStopped"]
    assert it.stream.state == "inactive"


async def test_it_says_why_a_dial_failed() -> None:
    async with media_server() as server:
        server.status = 503
        cases = {
            server.url: "the server answered the upgrade with HTTP 503",
            "ws://127.0.0.1:9/": "connection refused",
            "https://127.0.0.1/": "the address is no ws:// or wss:// URL",
            "": "the address is no ws:// or wss:// URL",
        }
        for url, why in cases.items():
            with pytest.raises(DialFailed) as failed:
                await dial(url, {}, lambda message: None, lambda code, reason: None)
            assert str(failed.value) == why


def test_the_journal_s_addresses_hold_no_secret() -> None:
    assert without_query("wss://host/acs/media/secret?key=1") == "wss://host/acs/media/…"
    assert without_query("wss://host/secret") == "wss://host/…"
    assert without_query("wss://host") == "wss://host"


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (
            {
                "transportType": "websocket",
                "audioChannelType": "unmixed",
                "transportUrl": "wss://h/x",
                "contentType": "audio",
                "startMediaStreaming": True,
                "enableBidirectional": True,
                "audioFormat": "pcm24KMono",
                "enableDtmfTones": True,
            },
            StreamOptions("wss://h/x", False, 24_000, True, True, True),
        ),
        ({"transportUrl": "wss://h/x"}, StreamOptions("wss://h/x", True, 16_000, False, False, False)),
        ({}, StreamOptions("")),
    ],
)
def test_it_reads_the_options_of_the_sdk(body: dict[str, object], options: StreamOptions) -> None:
    assert StreamOptions.of(body) == options
