"""How a server ends: draining, closing, and not waiting for whoever would keep it for ever."""

import signal
import socket
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serving import RunningServer

METADATA = (
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s","encoding":"PCM","sampleRate":16000,'
    '"channels":1,"length":640}}'
)


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_it_closes_its_sockets_with_1012(tmp_path: Path, kind: str) -> None:
    server = RunningServer(tmp_path / "var", {"SERVER": kind}).start()
    try:
        async with connect(server.media_url()) as stream:
            await stream.send(METADATA)
            server.signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await stream.recv()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        assert server.wait() == 0
        assert "Traceback" not in server.output()
    finally:
        server.kill()


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_it_lets_running_streams_end_while_it_drains(tmp_path: Path, kind: str) -> None:
    server = RunningServer(tmp_path / "var", {"SERVER": kind, "DRAIN_SECONDS": "60"}).start()
    try:
        async with connect(server.media_url()) as stream:
            server.signal(signal.SIGTERM)
            time.sleep(0.5)
            with pytest.raises(InvalidStatus) as refused:
                async with connect(server.media_url()):
                    pass
            assert refused.value.response.status_code == {"uvicorn": 503, "daphne": 403}[kind]
            await stream.send(METADATA)
            await (await stream.ping())
            assert server.get("/healthz/live")[0] == 200
        began = time.monotonic()
        assert server.wait() == 0
        assert time.monotonic() - began < 40
    finally:
        server.kill()


async def test_a_second_signal_waits_for_nobody(server: RunningServer) -> None:
    server.extra["DRAIN_SECONDS"] = "60"
    server.start()
    async with connect(server.media_url()) as stream:
        await stream.send(METADATA)
        server.signal(signal.SIGTERM)
        time.sleep(0.5)
        await (await stream.ping())
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert time.monotonic() - began < 40


def test_a_stalled_download_does_not_keep_it(server: RunningServer) -> None:
    static = server.var_dir / "static"
    static.mkdir(parents=True)
    (static / "large.bin").write_bytes(bytes(64 << 20))
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as reader:
        reader.sendall(b"GET /static/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(12) == b"HTTP/1.1 200"
        time.sleep(0.5)  # and reads no more
        assert server.stop() == 0
    assert "1 answers were cut off." in server.output()
    assert "Traceback" not in server.output()
