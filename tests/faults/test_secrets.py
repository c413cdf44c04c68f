"""No line that a server writes holds a token, whatever happens at its doors."""

import asyncio
import contextlib
import signal
import uuid
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from media import tokens
from tests.faults.installation import Installation

METADATA = '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}'


async def knock(url: str, message: str | bytes) -> None:
    with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed):
        async with connect(url, compression=None, max_size=None) as socket:
            await socket.send(message, text=True)
            await asyncio.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_no_log_holds_a_token(alone: Installation, kind: str) -> None:
    alone.extra |= {"SERVER": kind, "DEBUG": "1", "MEDIA_IDLE_SECONDS": "3"}
    alone.start(seconds=120)
    good = tokens.sign_call(uuid.uuid4())
    altered, expired = good[:-4] + "AAAA", tokens.sign_url(uuid.uuid4(), -5)
    api = alone.token()
    said = (METADATA, b"\xff\xfe", "x" * (1 << 21), METADATA.replace("PCM", "OPUS"))
    door = f"{alone.ws}/acs/media"
    for token in (good, altered, expired):
        urls = (f"{door}/{token}", f"{door}/{token}/", f"{door}?access_token={token}", f"{door}/{quote(token, '')}")
        await asyncio.gather(*(knock(url, message) for url in urls for message in said))
        for path in (f"/acs/media/{token}", f"/acs/media?access_token={token}", f"/acs/nowhere/{token}", f"/{token}"):
            alone.get(path)
            alone.get(path, {"Authorization": f"Bearer {api}x"})
    alone.get("/api/v1/sessions", {"Authorization": f"Bearer {api}"})
    alone.get("/api/v1/sessions/nonsense", {"Authorization": f"Bearer {api}"})
    alone.get(f"/api/v1/sessions?q={good}&limit=no", {"Authorization": f"Bearer {api}"})
    idle = asyncio.create_task(knock_and_wait(alone.media_url()))
    await asyncio.sleep(4)
    alone.signal(signal.SIGTERM)
    await idle
    assert alone.wait() == 0
    output = alone.output()
    assert "socket /acs/media" in output
    for token in (good, altered, expired, api):
        longest_part = max(token.replace(".", ":").split(":"), key=len)
        assert token not in output
        assert longest_part not in output, "a token's part"


async def knock_and_wait(url: str) -> None:
    with contextlib.suppress(ConnectionClosed):
        async with connect(url) as socket:
            await socket.send(METADATA)
            await socket.recv()
