"""What the log says of requests and sockets, and that nothing in it opens a door."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from calls.masking import masked
from config.access_log import AccessLog
from config.answers import Receive, Scope, Send, respond
from config.log_lines import TextLines
from tests.serving import RunningServer

TOKEN = "eyJjIjoiMTIzNDU2Nzg5MCIsImUiOjE3MDB9:1sXyZ0:aB3-_dEf456"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("GET /acs/media/SECRET 426", "GET /acs/media/… 426"),
        ("GET /acs/media/SECRET/more?x=1 426", "GET /acs/media/…?x=1 426"),
        ("'/acs/callbacks/SECRET'", "'/acs/callbacks/…'"),
        ("POST https://host/acs/prompts/SECRET.wav", "POST https://host/acs/prompts/…"),
        ("/acs/media?access_token=SECRET&x=1", "/acs/media?access_token=…&x=1"),
        ("/acs/media?accesstoken=SECRET", "/acs/media?accesstoken=…"),
        ("/acs/events?key=SECRET", "/acs/events?key=…"),
        ("Authorization: Bearer SECRET", "Authorization: …"),
        ("[(b'authorization', b'Bearer SECRET'), (b'host', b'x')]", "[(b'authorization', b'…'), (b'host', b'x')]"),
        (f"the token {TOKEN} is bad", "the token … is bad"),
        (f"got {JWT} there", "got … there"),
        ("GET /sessions/ 200", "GET /sessions/ 200"),
        ("?to=%2Facs%2Fmedia%2FSECRET", "?to=%2Facs%2Fmedia%2F…"),
        (f"?next=%2F{TOKEN.replace(':', '%3A')}&x=1", "?next=%2F…&x=1"),
        ("monkey=banana", "monkey=banana"),
    ],
)
def test_it_masks_what_opens_a_door(line: str, written: str) -> None:
    assert masked(line) == written


@pytest.mark.parametrize("number", ["+15550100", "+1 (555) 010-0100", "+1 555 010 0100", "+49\xa030\xa01234567"])
async def test_it_masks_a_number_in_a_path_and_nothing_beside_it(number: str, caplog: pytest.LogCaptureFixture) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, 404, "")

    async def nowhere(*_: object) -> Any: ...

    scope = {"type": "http", "method": "GET", "path": f"/api/v1/people/{number}", "client": ("127.0.0.1", 1)}
    with caplog.at_level(logging.INFO, "access"):
        await AccessLog(refusing)(scope, nowhere, nowhere)
    written = TextLines("{message}", style="{").format(caplog.records[-1])
    assert re.fullmatch(r"GET /api/v1/people/\+… 404 \d+ ms 127\.0\.0\.1", written)


def test_it_masks_tracebacks_too() -> None:
    try:
        raise ValueError(f"cannot use {TOKEN}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "of %s", ("/acs/media/SECRET",), (ValueError, error, None)
        )
    written = TextLines("{message}", style="{").format(record)
    assert written.splitlines() == ["of /acs/media/…", "ValueError: cannot use …"]


async def test_no_line_of_a_server_holds_a_token(either: RunningServer) -> None:
    url = either.media_url()
    token = url.rsplit("/", 1)[1]
    headers = {"Authorization": f"Bearer {JWT}"}
    async with connect(url, additional_headers=headers) as stream:
        await stream.send(b"\xff", text=True)
    async with connect(f"{either.ws}/acs/media?access_token={token}"):
        pass
    for path in (f"/acs/media/{token}x", f"/acs/media/x{token}", f"/acs/media?access_token={token}x", f"/{token}"):
        with pytest.raises(InvalidStatus):
            async with connect(either.ws + path):
                pass
    for path in (
        f"/acs/media/{token}",
        f"/acs/callbacks/{token}",
        f"/acs/prompts/{token}.wav",
        f"/{token}?key={token}",
    ):
        either.get(path, headers)
    output = either.wait_for_output(" /acs/prompts/… ")
    assert token not in output
    assert token.rsplit(":", 1)[1] not in output  # nor the part that is secret
    assert JWT not in output
    assert "socket /acs/media/… opened 127.0.0.1" in output
    assert "socket /acs/media/… closed after " in output
    assert "socket /acs/media/… refused with 403 127.0.0.1" in output
    assert "GET /acs/media/… 426 " in output
    assert " ERROR " not in output  # nor is a refusal an error of ours


def test_it_logs_a_request_in_one_line_and_probes_in_none(shared: RunningServer) -> None:
    shared.get("/admin/login/?next=/somewhere-of-mine")
    shared.get("/nothing%0Ahere")
    shared.get("/healthz/live")
    shared.get("/static/icon.svg")
    shared.get("/static/nothing.svg")
    output = shared.wait_for_output(" /nothing%0Ahere 404 ")
    assert " INFO access: GET /admin/login/ 200 " in output
    assert " INFO access: GET /nothing%0Ahere 404 " in output
    assert "somewhere-of-mine" not in output
    assert "/healthz" not in output
    assert " GET /static/nothing.svg 404 " in shared.wait_for_output("nothing.svg")
    assert "/static/icon.svg" not in shared.output()


def test_it_believes_only_the_proxies_it_was_told_of(tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    for trusted, seen in (("127.0.0.1", "198.51.100.7"), ("192.0.2.1", "127.0.0.1")):
        server = RunningServer(tmp_path / trusted, {"TRUSTED_PROXIES": trusted})
        try:
            server.start(ready=False)
            server.get("/acs/media", forwarded)
            server.wait_for_output("GET /acs/media 426 ")
            assert f" ms {seen}\n" in server.output()
        finally:
            server.kill()
