"""The probe says where a socket goes wrong."""

import asyncio
import contextlib
import socket
import ssl
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from acs_emulator.cli import main
from acs_emulator.probe import probe
from acs_emulator.tls import Authority
from tests.acs_emulator.sockets import MediaServer, media_server


async def probed(url: str, **options: object) -> tuple[bool, str]:
    said: list[str] = []
    worked = await probe(url, said.append, seconds=0.2, **options)  # type: ignore[arg-type]
    return worked, "\n".join(said)


async def test_it_finds_nothing_wrong(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with media_server(authority.server_context()) as server:
        worked, said = await probed(server.url, trust=authority.trust())
        connection = server.connections[0]
    assert worked, said
    assert [line.split()[0] for line in said.splitlines()] == ["name", "warning", "tls", "upgrade", "frames", "ok"]
    assert connection.kinds() == ["AudioMetadata"] + ["AudioData"] * 10
    assert {"x-ms-call-connection-id", "x-ms-call-correlation-id"} <= connection.headers.keys()
    assert "secret" not in said
    assert "The socket works; ACS needs what the warnings name." in said


@pytest.mark.parametrize(
    ("status", "words"), [(401, "JWT"), (403, "token"), (404, "nothing at this path"), (503, "no more streams")]
)
async def test_it_explains_a_refusal(status: int, words: str) -> None:
    async with media_server() as server:
        server.status = status
        worked, said = await probed(server.url)
    assert not worked
    assert f"HTTP {status}" in said
    assert words in said


async def test_it_explains_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    async with media_server(Authority(tmp_path).server_context()) as server:
        worked, said = await probed(server.url)
    assert not worked
    assert "private one" in said


async def test_it_explains_a_certificate_of_another_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with media_server(authority.server_context()) as server:
        worked, said = await probed(server.url.replace("127.0.0.1", "127.0.0.2"), trust=authority.trust())
    assert not worked
    assert "another name" in said or "nothing listens" in said


async def test_it_explains_a_plain_port(tmp_path: Path) -> None:
    async with media_server() as server:
        worked, said = await probed(server.url.replace("ws://", "wss://"))
    assert not worked
    assert "TLS" in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.test/x", "wss://, not https://"),
        (f"wss://{'x' * 64}.example/", "can be no host's name"),
        ("hello", "no address of a media socket"),
        ("ws://127.0.0.1:9/", "nothing listens at 127.0.0.1:9"),
        ("ws://[::1]:9/", "[::1]:9"),
        ("ws://no-such-name.invalid/", "does not resolve"),
        ("ws://127.0.0.1:notaport/", "no address"),
    ],
)
async def test_it_explains_a_wrong_address(url: str, words: str) -> None:
    worked, said = await probed(url)
    assert not worked
    assert words in said


async def test_it_explains_a_server_that_closes() -> None:
    async with media_server() as server:
        task = asyncio.create_task(probed(server.url))
        await _closed_by(server)
        worked, said = await task
    assert not worked
    assert "1008" in said


ACCEPTED = "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n"


@pytest.mark.parametrize(
    ("scheme", "answer", "words"),
    [
        ("ws", "SSH-2.0-OpenSSH_9.6\r\n", "the upgrade failed: the server's answer is no WebSocket handshake"),
        ("ws", ACCEPTED, "the upgrade failed: the server's answer is no WebSocket handshake"),
        ("ws", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "a web page answers"),
        ("ws", "HTTP/1.1 308 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "HTTP 308: it redirects"),
        ("ws", "", "the upgrade failed: the server ended the connection during the handshake"),
        ("ws", None, "the upgrade failed: no answer within"),
        ("wss", "", "it ended the TLS handshake"),
        ("wss", None, "it did not answer the TLS handshake within"),
    ],
)
async def test_it_explains_what_is_no_media_socket(
    monkeypatch: pytest.MonkeyPatch, scheme: str, answer: str | None, words: str
) -> None:
    monkeypatch.setattr("acs_emulator.probe.PATIENCE", 0.5)
    monkeypatch.setattr("acs_emulator.media.socket.DIAL_SECONDS", 0.5)
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        if answer is None:
            await ended.wait()
        writer.write((answer or "").encode())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        worked, said = await probed(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        ended.set()
    assert not worked
    assert words in said


def knows_no_name(context: ssl.SSLContext) -> None:
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


def wants_certificates(context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_REQUIRED


def is_old(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1


@pytest.mark.parametrize(
    ("change", "words", "connections"),
    [
        (knows_no_name, "the server knows no localhost", 2),
        (wants_certificates, "the server wants certificates of its clients", 3),
        (is_old, "it speaks no version of TLS that is taken today", 2),
    ],
)
async def test_it_explains_a_server_that_refuses_the_handshake(
    tmp_path: Path, change: Callable[[ssl.SSLContext], None], words: str, connections: int
) -> None:
    """A server of threads: asyncio's keeps the reason to itself."""
    authority = Authority(tmp_path)
    change(context := authority.server_context())

    def shake_hands(listening: socket.socket) -> None:
        for _ in range(connections):
            accepted, _ = listening.accept()
            with accepted, contextlib.suppress(OSError):
                context.wrap_socket(accepted, server_side=True).recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        shaking = asyncio.create_task(asyncio.to_thread(shake_hands, listening))
        worked, said = await probed(f"wss://localhost:{listening.getsockname()[1]}/", trust=authority.trust())
        await shaking
    assert not worked
    assert words in said


@pytest.mark.parametrize(("certificate", "words"), [("server", "has expired: renew it"), ("ca", "is self-signed")])
async def test_it_explains_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: str, words: str
) -> None:
    monkeypatch.setattr("acs_emulator.tls.SERVER_LIFE", timedelta(minutes=-30))
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / f"{certificate}.pem", tmp_path / f"{certificate}.key")
    async with media_server(context) as server:
        worked, said = await probed(server.url, trust=authority.trust() if certificate == "server" else None)
    assert not worked
    assert words in said


async def test_it_explains_a_server_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acs_emulator.probe.GOODBYE", 0.3)
    async with media_server() as server:
        task = asyncio.create_task(probed(server.url))
        (await server.messages(3)).writer.transport.pause_reading()  # type: ignore[attr-defined]
        worked, said = await task
    assert not worked
    assert "the server does not read" in said


def test_it_refuses_a_header_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "ws://127.0.0.1:9/", "--header", "x"]) == 2
    assert "--header x: write NAME=VALUE" in capsys.readouterr().err


async def _closed_by(server: MediaServer) -> None:
    (await server.messages(3)).close(1008)
