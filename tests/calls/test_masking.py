"""What is kept of a socket's headers opens no door; lines of text: tests/config/test_access_log.py."""

from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from calls.masking import masked_headers
from tests.serving import RunningServer

TOKEN = "eyJjIjoiMTIzNDU2Nzg5MCIsImUiOjE3MDB9:1sXyZ0:aB3-_dEf456"


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "proxy-authorization",
        "x-forwarded-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "apikey",
        "x-amz-security-token",
        "ocp-apim-subscription-key",
        "x-auth-request-access-token",
        "x-auth-key",
        "x-client-secret",
    ],
)
def test_it_drops_a_header_that_is_a_secret_by_name(name: str) -> None:
    assert masked_headers({name: "SECRET", "host": "x"}) == {"host": "x"}


def test_it_keeps_what_says_who_called() -> None:
    kept = {
        "host": "recorder.example.org",
        "x-ms-call-connection-id": "abc",
        "sec-websocket-key": "x",
        "user-agent": "y",
    }
    assert masked_headers(kept) == kept


def test_it_masks_a_path_that_a_proxy_repeats() -> None:
    assert masked_headers({"x-original-uri": f"/acs/media/{TOKEN}", "x-url": f"/x?access_token={TOKEN}&y=1"}) == {
        "x-original-uri": "/acs/media/…",
        "x-url": "/x?access_token=…&y=1",
    }


async def test_nothing_that_a_server_writes_holds_a_token_of_a_header(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "var", {"ARCHIVE_IN_PROCESS": "0"}) as server:
        url = server.media_url()
        token = url.rsplit("/", 1)[1]
        async with connect(
            url, additional_headers={"X-Original-URI": f"/acs/media/{token}", "X-Seen": "yes"}
        ) as stream:
            await stream.send("{}")
        server.stop()
        kept = b"".join(path.read_bytes() for path in (server.var_dir / "spool").rglob("*") if path.is_file())
        assert b"x-seen" in kept
        assert token.encode() not in kept
