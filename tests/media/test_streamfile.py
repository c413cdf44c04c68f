"""`manage.py streamfile`, run as people run it."""

import asyncio
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
import uuid
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from media.ingest import tokens
from media.sessions import identity
from tests.media.acs_client.media_socket import media_socket
from tests.serving import ROOT, RunningServer, free_port

SPEECH = (np.random.default_rng(1).standard_normal(1_600) * 3_000).astype("<i2")  # five frames
MORE = SPEECH[::-1].copy()


@pytest.fixture
def calls(tmp_path: Path) -> list[str]:
    """Two sound files of 16 kHz, 16 bits: what is in them comes out bit by bit."""
    for name, samples in (("a.wav", SPEECH), ("b.flac", MORE)):
        soundfile.write(tmp_path / name, samples, 16_000)
    return [str(tmp_path / "a.wav"), str(tmp_path / "b.flac")]


async def begin(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "manage.py"), "streamfile", *arguments),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # As in a terminal, also where the tests run in the background of a shell that made Ctrl-C nothing.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


async def streamfile(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    """Exit code, stdout, stderr."""
    process = await begin(*arguments, **environment)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_it_streams_one_file_per_participant(calls: list[str]) -> None:
    async with media_socket() as seen:
        code, out, err = await streamfile(*calls, "--url", seen.url, "--speed", "max")
    assert (code, out) == (0, "")
    assert "The session's id is not known here" in err
    assert "0:00.1 of 0:00.1" in err  # the progress bar's last state
    lanes: dict[str, bytes] = {}
    for frame in seen.audio:
        lanes[frame["participantRawID"]] = lanes.get(frame["participantRawID"], b"") + b64decode(frame["data"])
    assert lanes == {"4:+15550100001": SPEECH.tobytes(), "4:+15550100002": MORE.tobytes()}
    assert seen.closed == 1000


async def test_it_signs_its_own_address_and_prints_the_session(calls: list[str], tmp_path: Path) -> None:
    """It finds the server where server.json says, and whoever has the key can tell the session from the token."""
    async with media_socket() as seen:
        port = int(seen.url.split(":")[2].partition("/")[0])
        (tmp_path / "server.json").write_text(json.dumps({"pid": 1, "host": "0.0.0.0", "port": port}))
        environment = {"VAR_DIR": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY}
        code, out, err = await streamfile(*calls, "--speed", "max", **environment)
    proof = tokens.verify(seen.path.removeprefix("/acs/media/"))
    assert proof.url_id
    assert not proof.reusable
    session = identity.session_of_url(proof.url_id)
    assert (code, out) == (0, f"session={session}\n")
    assert f"Its page: http://127.0.0.1:{port}/sessions/{session}/\n" in err


@pytest.mark.parametrize("form", ["/acs/media/{}", "/acs/media?access_token={}", "/acs/media?accesstoken={}"])
async def test_it_knows_the_session_of_an_address_of_ours(calls: list[str], form: str) -> None:
    call = uuid.uuid4()
    async with media_socket() as seen:
        url = seen.url.replace("/acs/media/secret-token", form.format(tokens.sign_call(call)))
        environment = {"SECRET_KEY": settings.SECRET_KEY}
        _, out, _ = await streamfile(calls[0], "--url", url, "--speed", "max", **environment)
    assert out == f"session={identity.session_of_call(call)}\n"


async def test_it_knows_the_session_of_a_reusable_address(calls: list[str]) -> None:
    url_id = uuid.uuid4()
    async with media_socket() as seen:
        url = seen.url.replace("secret-token", tokens.sign_url(url_id, 60, reusable=True))
        arguments = ("--speed", "max", "--header", "X-MS-Call-Connection-Id=c-7")
        _, out, _ = await streamfile(calls[0], "--url", url, *arguments, SECRET_KEY=settings.SECRET_KEY)
    assert out == f"session={identity.session_of_reusable_url(url_id, 'c-7', uuid.uuid4())}\n"
    assert seen.headers["x-ms-call-connection-id"] == "c-7"


async def test_it_mixes_resamples_names_and_repeats(calls: list[str]) -> None:
    async with media_socket() as seen:
        await streamfile(*calls, "--url", seen.url, "--speed", "max", "--mixed", "--rate", "24000", "--loop", "3")
    assert seen.metadata["audioMetadata"]["sampleRate"] == 24_000
    assert len(seen.audio) == 15
    assert {len(b64decode(frame["data"])) for frame in seen.audio} == {960}
    assert not any("participantRawID" in frame for frame in seen.audio)
    async with media_socket() as seen:
        named = ("--participant", "8:acs:x", "--participant", "4:+49301234567")
        await streamfile(*calls, "--url", seen.url, "--speed", "max", *named)
    assert {frame["participantRawID"] for frame in seen.audio} == {"8:acs:x", "4:+49301234567"}


async def test_it_ends_cleanly_on_ctrl_c_and_still_names_the_session(calls: list[str]) -> None:
    async with media_socket() as seen:
        url = seen.url.replace("secret-token", tokens.sign_call(uuid.uuid4()))
        process = await begin(calls[0], "--url", url, "--loop", "1000", SECRET_KEY=settings.SECRET_KEY)
        while not seen.messages:
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (process.returncode, out[:8]) == (130, b"session=")
    assert b"Traceback" not in err
    assert seen.closed == 1001


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.wav"], "nowhere.wav: there is no such file."),
        (["manage.py"], "cannot be read as sound; convert it to WAV"),
        (["{a}", "--url", "http://127.0.0.1/"], "must begin with ws:// or wss://"),
        (["{a}"], "(connection refused). Start the server with 'make run'"),
        (["{a}", "--participant", "4:a", "--participant", "4:b"], "Name as many different --participant as files"),
        (["{a}", "--speed", "fast"], "'fast' is neither a number from 0.01 to 10000 nor 'max'"),
        (["{a}", "--loop", "0"], "'0' is not a whole number from 1 up"),
        (["{a}", "--header", "nonsense"], "'nonsense' is not NAME=VALUE"),
    ],
)
def test_it_says_what_to_do(calls: list[str], arguments: list[str], sentence: str) -> None:
    with override_settings(PORT=free_port()), pytest.raises(CommandError) as refused:
        call_command("streamfile", *(part.format(a=calls[0]) for part in arguments))
    assert sentence in str(refused.value)


async def test_it_fails_with_one_sentence() -> None:
    code, out, err = await streamfile("nowhere.wav")
    assert (code, out, err) == (1, "", "CommandError: nowhere.wav: there is no such file.\n")


async def test_it_names_the_session_of_a_stream_that_the_server_ended(calls: list[str]) -> None:
    async with media_socket(close_after=3) as seen:
        url = seen.url.replace("secret-token", tokens.sign_call(uuid.uuid4()))
        code, out, err = await streamfile(calls[0], "--url", url, "--loop", "1000", SECRET_KEY=settings.SECRET_KEY)
    assert (code, out[:8]) == (1, "session=")
    assert "closed by the server with 1012, restarting" in err


def test_it_streams_into_the_real_server_and_back_out(calls: list[str], tmp_path: Path) -> None:
    """With nothing named but the file. What comes back is what was read."""
    with RunningServer(tmp_path / "var") as server:
        streamed = server.manage("streamfile", calls[0], "--speed", "max")
        session = streamed.stdout.strip().removeprefix("session=")
        token = server.manage("createtoken", "ada", "--create", "--group", "Administrator").stdout.strip()
        request = urllib.request.Request(
            f"{server.url}/api/v1/sessions/{session}/audio", headers={"Authorization": f"Bearer {token}"}
        )
        wav = _until_archived(request)
    assert wav[44:] == SPEECH.tobytes()


def _until_archived(request: urllib.request.Request, seconds: float = 60) -> bytes:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                audio: bytes = answer.read()
                return audio
        except urllib.error.HTTPError as error:
            if error.code not in {404, 409} or time.monotonic() > until:  # not known yet, or nothing archived yet
                raise
            time.sleep(0.2)
