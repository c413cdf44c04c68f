"""No line that a server writes holds a token, a telephone number or sound, whatever happens at its doors, as text or as
JSON; and the lines of a stream name its call and session."""

import asyncio
import contextlib
import json
import re
import signal
import urllib.error
import urllib.request
import uuid
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from media.ingest import tokens
from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio
from tests.faults.installation import Installation
from tests.faults.sounds import speech

NUMBER = "+15550142"
FRAME = acs_audio(1_795_348_800_000_000_000, f"4:{NUMBER}", speech(0.02, 16_000, seed=1), False)
METADATA = '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}'


async def knock(url: str, message: str | bytes) -> None:
    with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed):
        async with connect(url, compression=None, max_size=None) as socket:
            await socket.send(message, text=True)
            await asyncio.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "form"), [("uvicorn", "json"), ("daphne", "text")])
async def test_no_log_holds_a_token_a_number_or_sound(alone: Installation, kind: str, form: str) -> None:
    alone.extra |= {"SERVER": kind, "DEBUG": "1", "MEDIA_IDLE_SECONDS": "3", "LOG_FORMAT": form}
    alone.start(seconds=120)
    call = uuid.uuid4()
    good = tokens.sign_call(call)
    altered, expired = good[:-4] + "AAAA", tokens.sign_url(uuid.uuid4(), -5)
    api = alone.token()
    said = (METADATA, b"\xff\xfe", "x" * (1 << 21), METADATA.replace("PCM", "OPUS"), FRAME, f"{FRAME}, twice")
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
    for number in (NUMBER, f"4:{NUMBER}", quote(f"4:{NUMBER}", "")):
        delete(alone, f"/api/v1/calls/{uuid.uuid4()}/participants/{number}", api)
    idle = asyncio.create_task(knock_and_wait(alone.media_url()))
    await asyncio.sleep(4)
    alone.signal(signal.SIGTERM)
    await idle
    assert alone.wait() == 0
    output = alone.output()
    assert "socket /acs/media" in output
    assert "/participants/" in output
    for secret in (NUMBER.strip("+"), json.loads(FRAME)["audioData"]["data"][:60]):
        assert secret not in output
    for token in (good, altered, expired, api):
        longest_part = max(token.replace(".", ":").split(":"), key=len)
        assert token not in output
        assert longest_part not in output, "a token's part"
    names_its_call(output, form, call)


def names_its_call(output: str, form: str, call: uuid.UUID) -> None:
    session = session_of_call(call)
    if form == "text":
        assert re.search(rf"socket /acs/media/… opened 127\.0\.0\.1 call={call} session={session}\n", output)
        return
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    said = [line["message"] for line in lines if (line["call"], line["session"]) == (str(call), str(session))]
    for beginning in ("socket /acs/media/… opened", "socket /acs/media/… closed after"):
        assert [message for message in said if message.startswith(beginning)]
    assert not [line for line in output.splitlines() if re.match(r"\d{4}-\d\d-\d\d .+(INFO|WARNING|ERROR)", line)]


def delete(server: Installation, path: str, token: str) -> None:
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {token}"}, method="DELETE")
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=30):
        pass


async def knock_and_wait(url: str) -> None:
    with contextlib.suppress(ConnectionClosed):
        async with connect(url) as socket:
            await socket.send(METADATA)
            await socket.recv()
