"""The table of bad input in INTERFACE, one by one, at a real socket: what the sender is told and what is stored."""

import asyncio
import contextlib
import json
import uuid
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.config.test_metrics import figures, total
from tests.faults.conftest import QUICK
from tests.faults.deaf import CLOSE, DeafPeer, framed
from tests.faults.installation import Installation
from tests.faults.sounds import speech

LANE = "4:+15550100"
PCM = speech(2, 16_000, seed=3)
NOON = 1_795_348_800 * 1_000_000_000
METADATA = acs_metadata("subscription", 16_000, 640)
FRAMES = [acs_audio(NOON + n * 20_000_000, LANE, PCM[n * 640 : n * 640 + 640], False) for n in range(100)]
DIRT: list[str | bytes] = [
    "",
    "not JSON",
    "[]",
    "null",
    '{"kind":"AudioData"}',
    '{"kind":"AudioData","audioData":{"timestamp":"2026-11-22T12:00:00Z","data":"not base64!"}}',
    '{"kind":"AudioData","audioData":{"timestamp":"2026-11-22T12:00:00Z","data":"AAAA"}}',  # three bytes
    '{"kind":"AudioData","audioData":{"timestamp":"2026-11-22T12:00:00Z","data":17}}',
    '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":"fast","channels":1}}',
    b"\xff\xfe\x00binary",
    b"\x00" * 100,
]


async def told(socket: ClientConnection) -> tuple[int, str]:
    """The close frame that the server sends."""
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionClosed):
            async for _ in socket:
                pass
        await socket.wait_closed()
    return socket.close_code or 0, socket.close_reason or ""


async def say(server: Installation, messages: list[Any], closes: bool = False) -> tuple[dict[str, Any], int, str]:
    """The final session of a socket that said so much, and the close frame it got, if it `closes`."""
    call, code, reason = uuid.uuid4(), 0, ""
    async with connect(server.media_url(call), compression=None, max_size=None) as socket:
        try:
            for message in messages:
                await socket.send(message)
        except ConnectionClosed:
            assert closes
        if closes:
            code, reason = await told(socket)
    session = await asyncio.to_thread(server.until_archived, session_of_call(call), 60)
    return session, code, reason


def quarantined(server: Installation, session: dict[str, Any]) -> list[dict[str, Any]]:
    folder = server.var_dir / "recordings" / "sessions" / session["id"]
    return [json.loads(line) for path in sorted(folder.glob("quarantine-*")) for line in path.read_text().splitlines()]


async def test_dirt_is_counted_and_kept_and_the_stream_goes_on(either: Installation) -> None:
    messages = [METADATA, *FRAMES[:50], *DIRT, *FRAMES[50:]]
    session, _, _ = await say(either, messages)
    assert (session["state"], session["frames"]["malformed"]) == ("ended", len(DIRT))
    assert session["frames"]["stored"] == 100
    assert either.lanes(session["id"]) == {LANE: PCM}
    kept = quarantined(either, session)
    assert [line["message"] for line in kept][:7] == DIRT[:7]
    assert len(kept) == len(DIRT)
    assert all(line["error"] for line in kept)


async def test_a_hundred_in_a_row_end_only_a_stream_that_was_never_good(either: Installation) -> None:
    session, code, reason = await say(either, ["dirt"] * 100, closes=True)
    assert (code, reason) == (1007, "100 messages in a row were not ACS media streaming JSON.")
    assert (session["state"], session["frames"]["malformed"]) == ("ended", 100)
    session, code, _ = await say(either, [METADATA, *FRAMES[:50], *["dirt"] * 250, *FRAMES[50:]])
    assert (code, session["frames"]["malformed"], session["frames"]["stored"]) == (0, 250, 100)
    assert either.lanes(session["id"]) == {LANE: PCM}


async def test_unknown_kinds_are_counted_and_the_stream_goes_on(either: Installation) -> None:
    strange = ['{"kind":"VideoData","videoData":{"x":1}}', '{"kind":"AudioData2"}']
    session, _, _ = await say(either, [METADATA, *FRAMES[:50], *strange, *FRAMES[50:]])
    assert (session["frames"]["unknown"], session["frames"]["malformed"]) == (2, 0)
    assert either.lanes(session["id"]) == {LANE: PCM}


async def test_what_cannot_be_stored_fails_with_the_reason(either: Installation) -> None:
    async def fails(wrong: dict[str, Any], words: str) -> None:
        form = {"subscriptionId": "s", "encoding": "PCM", "sampleRate": 16_000, "channels": 1, "length": 640, **wrong}
        message = json.dumps({"kind": "AudioMetadata", "audioMetadata": form})
        session, code, reason = await say(either, [message], closes=True)
        assert (code, session["state"]) == (1003, "failed")
        assert words in reason
        assert words in session["reason"]

    await asyncio.gather(
        fails({"encoding": "OPUS"}, "stores PCM"),
        fails({"channels": 2}, "one channel"),
        fails({"sampleRate": 96_000}, "96000 Hz"),
    )


async def test_what_the_protocol_forbids_ends_the_stream_and_keeps_what_came(either: Installation) -> None:
    async def ends(message: str | bytes, code: int) -> None:
        call = uuid.uuid4()
        async with connect(either.media_url(call), compression=None) as socket:
            for good in (METADATA, *FRAMES):
                await socket.send(good)
            with contextlib.suppress(ConnectionClosed):
                await socket.send(message, text=True)
            assert (await told(socket))[0] == code
        session = await is_kept(either, call)
        ended = session["connections"][0]
        assert (session["state"], ended["close_code"], ended["closed_by"]) == ("ended", code, "server")

    await asyncio.gather(ends("x" * ((1 << 20) + 1), 1009), ends(b"\xff\xfe{}", 1007))


async def is_kept(server: Installation, call: uuid.UUID) -> dict[str, Any]:
    session = await asyncio.to_thread(server.until_archived, session_of_call(call), 60)
    assert session["frames"]["stored"] == 100
    assert server.lanes(session_of_call(call)) == {LANE: PCM}
    return session


ENDS = {
    "unknown frame": b"\x83\x80" + bytes(4),
    "the beginning of a message over the limit": b"\x81\xff" + (2 << 20).to_bytes(8, "big") + bytes(4),
    "text that is not UTF-8, and the close frame at once": b"\x81\x82" + bytes(4) + b"\xff\xfe" + CLOSE,
    "close": CLOSE,
}


async def test_what_came_in_one_piece_with_the_end_is_kept(either: Installation) -> None:
    async def ends(end: bytes) -> uuid.UUID:
        call = uuid.uuid4()
        peer = await DeafPeer.open(either, call)
        peer.writer.write(b"".join(framed(message) for message in (METADATA, *FRAMES)) + end)
        with contextlib.suppress(ConnectionResetError):  # Daphne does
            async with asyncio.timeout(60):
                while await peer.reader.read(1000):
                    pass
        peer.writer.close()
        return call

    calls = await asyncio.gather(*(ends(end) for end in ENDS.values()))
    for name, call in zip(ENDS, calls, strict=True):
        try:
            await is_kept(either, call)
        except AssertionError as error:
            raise AssertionError(f"after {name}") from error


COUNTED = ("recorder_frames_received_total", "recorder_messages_malformed_total", "recorder_messages_unknown_total")


def counted(server: Installation) -> list[float]:
    """Audio, malformed and unknown messages, as /metrics has them."""
    found = figures(server)
    return [total(found, name) for name in COUNTED]


async def test_it_fails_with_the_reason_although_the_peer_has_closed(either: Installation) -> None:
    """What comes after the announcement counts alike on the session and in /metrics: as what cannot be read."""
    before, call = counted(either), uuid.uuid4()
    peer = await DeafPeer.open(either, call)
    wrong = METADATA.replace("PCM", "OPUS")
    peer.writer.write(b"".join(framed(message) for message in (METADATA, *FRAMES[:3], wrong, *FRAMES[3:10])) + CLOSE)
    with contextlib.suppress(ConnectionResetError):
        await asyncio.wait_for(peer.reader.read(), 60)
    peer.writer.close()
    session = await asyncio.to_thread(either.until_archived, session_of_call(call), 60)
    assert session["state"] == "failed"
    assert "stores PCM" in session["reason"]
    frames = [session["frames"][name] for name in ("received", "malformed", "unknown")]
    assert frames == [3, 7, 0]
    assert [now - then for now, then in zip(counted(either), before, strict=True)] == frames


async def test_the_65th_lane_ends_the_stream(either: Installation) -> None:
    before = counted(either)
    crowd = [acs_audio(NOON, f"4:+1555{n:04}", PCM[:640], False) for n in range(65)]
    session, code, reason = await say(either, [METADATA, *crowd], closes=True)
    assert (code, reason) == (1008, "More than 64 participants on one socket.")
    assert (len(session["participants"]), session["frames"]["stored"]) == (64, 64)
    assert [now - then for now, then in zip(counted(either), before, strict=True)] == [64, 0, 1]
    assert session["state"] == "ended"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_limits_and_idle_streams(alone: Installation, kind: str) -> None:
    alone.extra |= {**QUICK, "SERVER": kind, "MEDIA_MAX_STREAMS": "2", "MEDIA_IDLE_SECONDS": "2"}
    alone.start(seconds=120)
    call = uuid.uuid4()
    async with connect(alone.media_url(call)) as idle, connect(alone.media_url()) as other:
        with pytest.raises(InvalidStatus) as refused:
            await connect(alone.media_url())
        assert refused.value.response.status_code == {"uvicorn": 503, "daphne": 403}[kind]
        assert "refused with 503: this server takes 2 streams at once" in alone.output()
        await idle.send(METADATA)
        assert await told(idle) == (1001, "Nothing came for 2 seconds, and no call is known to be running.")
        assert (await told(other))[0] == 1001
        async with connect(alone.media_url()):
            pass
    session = await asyncio.to_thread(alone.until_archived, session_of_call(call), 60)
    assert (session["state"], session["connections"][0]["close_code"]) == ("ended", 1001)
    assert alone.stop() == 0
