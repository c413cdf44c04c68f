"""Nobody is closed for answering no ping, or for saying nothing: three minutes of each on either server (the short form:
longer than the 40 s after which uvicorn would). And all that such a peer says is stored."""

import asyncio
import time
import uuid

import pytest

from media.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.sounds import speech

SECONDS = 185 if FULL else 46
LANE = "4:+15550100"
PCM = speech(SECONDS + 1, 16_000, seed=4)


class DeafPeer:
    """A socket by hand: no library that would answer a ping."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, server: Installation, call: uuid.UUID) -> "DeafPeer":
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        path = server.media_url(call).removeprefix(server.ws)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    def say(self, text: str) -> None:
        """A masked text frame of 126 bytes to 64 KiB; the mask is zero."""
        payload = text.encode()
        self.writer.write(b"\x81" + bytes([0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload)

    def hang_up(self) -> None:
        self.writer.write(b"\x88\x82" + bytes(4) + (1000).to_bytes(2, "big"))


async def lasts(server: Installation, speaking: bool) -> tuple[uuid.UUID, int]:
    """Stays SECONDS on a socket; the call and how many frames it said."""
    call, start, said = uuid.uuid4(), time.time_ns() // 1_000_000 * 1_000_000, 0
    peer = await DeafPeer.open(server, call)
    peer.say(acs_metadata("subscription", 16_000, 640))
    heard = asyncio.create_task(peer.reader.read(1))
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        while speaking and said * 0.02 < time.monotonic() - began:
            peer.say(acs_audio(start + said * 20_000_000, LANE, PCM[said * 640 : said * 640 + 640], False))
            said += 1
        await asyncio.wait([heard], timeout=0.02 if speaking else 1)
        assert not heard.done(), f"the server said something after {time.monotonic() - began:.0f} s"
    heard.cancel()
    peer.hang_up()
    await peer.writer.drain()
    await asyncio.sleep(0.5)
    peer.writer.close()
    return call, said


@pytest.mark.slow
async def test_it_keeps_whoever_answers_no_ping_or_says_nothing(uvicorn: Installation, daphne: Installation) -> None:
    kinds = [(server, speaking) for server in (uvicorn, daphne) for speaking in (True, False)]
    for (server, _), (call, said) in zip(kinds, await asyncio.gather(*(lasts(*kind) for kind in kinds)), strict=True):
        session = await asyncio.to_thread(server.until_archived, session_of_call(call), 60)
        assert (session["state"], session["frames"]["stored"]) == ("ended", said)
        assert len(session["connections"]) == 1
        assert server.lanes(session_of_call(call)) == ({LANE: PCM[: said * 640]} if said else {})
