"""Nobody is closed for answering no ping or for saying nothing, on either server: three minutes each
(in the short form 45 s, which is beyond the 40 s of uvicorn's default)."""

import asyncio
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from tests.faults import FULL
from tests.serving import RunningServer

SECONDS = 185 if FULL else 45
METADATA = (
    b'{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s","encoding":"PCM","sampleRate":16000,'
    b'"channels":1,"length":640}}'
)
FRAME = b'{"kind":"AudioData","audioData":{"timestamp":"2025-01-01T00:00:00.000Z","data":"%s"}}' % (
    b"A" * 852 + b"AA=="
)


async def opened(server: RunningServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A socket by hand: no library that would answer a ping."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    path = server.media_url().removeprefix(server.ws)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def frame(text: bytes) -> bytes:
    return Frame(Opcode.TEXT, text).serialize(mask=True)


async def stays_open(server: RunningServer, speaking: bool) -> None:
    reader, writer = await opened(server)
    writer.write(frame(METADATA))
    heard = asyncio.create_task(reader.read(1))
    until = asyncio.get_running_loop().time() + SECONDS
    while (now := asyncio.get_running_loop().time()) < until:
        if speaking:
            writer.write(frame(FRAME))
        await asyncio.wait([heard], timeout=0.02 if speaking else until - now)
        assert not heard.done(), f"after {SECONDS - (until - now):.0f} s"
    heard.cancel()
    writer.transport.abort()


@pytest.mark.slow
async def test_it_keeps_whoever_answers_no_ping(tmp_path: Path) -> None:
    servers = [RunningServer(tmp_path / kind, {"SERVER": kind}) for kind in ("uvicorn", "daphne")]
    try:
        for server in servers:
            server.start()
        await asyncio.gather(*(stays_open(server, speaking) for server in servers for speaking in (True, False)))
    finally:
        for server in servers:
            server.stop()
