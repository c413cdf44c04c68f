"""The doors of a real server, on uvicorn and on Daphne: who is let in, and what a wrong visitor is told."""

import contextlib
import http.client
import secrets
import socket
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serving import RunningServer

METADATA = (
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s","encoding":"PCM","sampleRate":16000,'
    '"channels":1,"length":640}}'
)


async def refusal(url: str) -> tuple[int, bytes]:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url):
            pass
    return refused.value.response.status_code, bytes(refused.value.response.body or b"")


def test_it_tells_a_browser_at_the_media_door_that_it_is_reachable(either: RunningServer) -> None:
    for path in ("/acs/media", "/acs/media/", "/acs/media/some-token", "/acs/media?access_token=x"):
        status, text, headers = either.get(path)
        assert (status, headers["upgrade"]) == (426, "websocket")
        assert "reachable: give ACS the wss:// form" in text


def test_it_answers_a_probe_that_names_any_host(either: RunningServer) -> None:
    assert either.get("/healthz/live", {"Host": "10.0.0.7:1"})[:2] == (200, '{"live": true}')
    assert either.get("/healthz/ready", {"Host": "10.0.0.7:1"})[0] == 200
    said = either.readiness()
    assert said.pop("archiving")  # on a fresh database it waits a moment for the tables
    assert said == {"ready": True, "database": "ok", "spool": "ok", "draining": False}


def test_a_host_that_is_not_ours_is_a_line_in_the_log(either: RunningServer) -> None:
    name = f"evil-{secrets.token_hex(4)}.example"
    assert either.get("/login/", {"Host": name})[0] == 400
    log = either.log_path.read_text()
    assert log.count(f"Invalid HTTP_HOST header: '{name}'") == 1
    assert "DisallowedHost" not in log.replace("django.security.DisallowedHost", "")


def test_it_serves_pages_and_static_files(either: RunningServer) -> None:
    assert either.get("/admin/login/")[0] == 200
    assert either.get("/static/admin/css/base.css")[0] == 200


def test_it_answers_head_without_a_body(either: RunningServer) -> None:
    """On one connection, where a body would be taken for the beginning of the next answer."""
    wire = http.client.HTTPConnection("127.0.0.1", either.port, timeout=30)
    lengths = []
    for method in ("HEAD", "GET"):
        for path in ("/healthz/live", "/acs/media", "/login/", "/static/admin/css/base.css", "/api/v1/openapi.json"):
            wire.request(method, path)
            answer = wire.getresponse()
            lengths.append((answer.status, answer.headers["content-length"], len(answer.read()) > 0))
    wire.close()
    assert lengths[5:] == [(status, length, True) for status, length, _ in lengths[:5]]
    assert [body for _, _, body in lengths[:5]] == [False] * 5


async def test_it_has_no_other_sockets(shared: RunningServer) -> None:
    for path in ("/", "/acs", "/acs/mediation/x", "/acs/media/a/b", "/acs/callbacks/x"):
        assert await refusal(shared.ws + path) == (404, b"There is no socket here.\n")


async def test_it_refuses_a_socket_without_proof(either: RunningServer) -> None:
    for path in ("/acs/media", "/acs/media/", "/acs/media/made-up", "/acs/media?access_token=made-up"):
        assert (await refusal(either.ws + path))[0] == 403


async def test_it_takes_the_token_in_the_path_or_in_the_query(either: RunningServer) -> None:
    url = either.media_url()
    door, token = url.rsplit("/", 1)
    for form in (url, url + "/", f"{door}?access_token={token}", f"{door}/?accesstoken={token}"):
        async with connect(form, origin="https://somewhere.example") as stream:  # type: ignore[arg-type]
            await stream.send(METADATA)


async def test_it_closes_an_oversized_message_with_1009(either: RunningServer) -> None:
    for size in ((1 << 20) + 1, 8 << 20):
        stream = await connect(either.media_url())
        with contextlib.suppress(ConnectionClosed):
            await stream.send("x" * size)
        with pytest.raises(ConnectionClosed) as closed:
            await stream.recv()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1009


async def test_it_takes_a_message_of_one_mebibyte(either: RunningServer) -> None:
    async with connect(either.media_url()) as stream:
        await stream.send("x" * (1 << 20))
        await (await stream.ping())


async def test_it_ends_text_that_is_not_utf8_with_1007(either: RunningServer) -> None:
    async with connect(either.media_url()) as stream:
        await stream.send(b"\xff\xfe{}", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            await stream.recv()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1007


def test_it_keeps_a_peer_that_answers_no_ping(either: RunningServer) -> None:
    """Three seconds here; three minutes in test_silence.py. Daphne sends none."""
    address = ("127.0.0.1", either.port)
    request = (
        f"GET {either.media_url().removeprefix(either.ws)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(address, timeout=30) as peer:
        peer.sendall(request.encode())
        assert b" 101 " in peer.recv(4096)
        time.sleep(3)
        peer.settimeout(0.2)
        came = b""
        with contextlib.suppress(TimeoutError):
            came += peer.recv(100)
        assert came == (b"" if either.extra["SERVER"] == "daphne" else b"\x89\x06there?"), (
            "at most a ping, and no close"
        )


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"GET /", b"GET / HTTP/1.1\r\nHost: localhost\r\n"]
)
def test_a_head_without_end_is_not_kept(either: RunningServer, begin: bytes) -> None:
    more = b"X: " + b"y" * 100 + b"\r\n" if begin.endswith(b"\r\n") else b"y" * 105
    sent = 0
    with socket.create_connection(("127.0.0.1", either.port), timeout=20) as wire, contextlib.suppress(ConnectionError):
        wire.sendall(begin)
        for sent in range(200):  # noqa: B007  (40 MiB, if it took them)
            wire.sendall(more * 2000)
    assert sent < 100
    assert either.get("/healthz/live")[0] == 200


def test_a_body_of_megabytes_is_no_head(either: RunningServer) -> None:
    """In pieces that come between those of the head's end and the next head."""
    wire = http.client.HTTPConnection("127.0.0.1", either.port, timeout=30)
    for _ in range(2):
        wire.request("POST", "/login/", b"x" * (3 << 20), {"Content-Type": "application/octet-stream"})
        answer = wire.getresponse()
        assert answer.status == 403  # without a CSRF token
        answer.read()
    wire.close()
