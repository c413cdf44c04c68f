"""How a server ends: draining, closing, and not waiting for whoever would keep it for ever."""

import asyncio
import json
import signal
import socket
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from calls import signed_urls
from tests.redis_server import running_redis
from tests.serving import RunningServer

METADATA = (
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s","encoding":"PCM","sampleRate":16000,'
    '"channels":1,"length":640}}'
)


@pytest.mark.parametrize(("kind", "number"), [("uvicorn", signal.SIGTERM), ("daphne", signal.SIGINT)])
async def test_it_closes_its_sockets_with_1012_and_ends_cleanly(tmp_path: Path, kind: str, number: int) -> None:
    server = RunningServer(tmp_path / "var", {"SERVER": kind}).start()
    try:
        async with connect(server.media_url()) as stream:
            await stream.send(METADATA)
            server.signal(number)
            with pytest.raises(ConnectionClosed) as closed:
                await stream.recv()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        assert server.wait() == 0
        assert "Traceback" not in server.output()
        assert not (server.var_dir / "server.pid").exists()
        assert not (server.var_dir / "server.json").exists()
    finally:
        server.kill()


def answered_while_draining(server: RunningServer) -> None:
    assert server.get("/healthz/live", seconds=10)[0] == 200
    status, said, _ = server.get("/healthz/ready", seconds=10)
    assert (status, json.loads(said)["draining"], json.loads(said)["database"]) == (503, True, "ok")
    assert server.get("/login/", seconds=20)[0] == 200
    call = uuid.uuid4()
    event = {"id": str(call), "source": "calling/callConnections/1", "type": "Microsoft.Communication.CallConnected"}
    content = json.dumps([{**event, "specversion": "1.0", "data": {"callConnectionId": "1"}}]).encode()
    address = f"{server.url}/acs/callbacks/{signed_urls.sign(signed_urls.CALLBACKS, call)}"
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert (answer.status, answer.read()) == (200, b"")


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
            answered_while_draining(server)
        began = time.monotonic()
        assert server.wait() == 0
        assert time.monotonic() - began < 40
    finally:
        server.kill()


def until(holds: Callable[[], bool], server: RunningServer) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, server.output()
        time.sleep(0.05)


async def test_several_processes_that_all_drain_are_not_deaf(tmp_path: Path) -> None:
    with running_redis(tmp_path) as layer:
        settings = {"WORKERS": "2", "REDIS_URL": layer.url, "DRAIN_SECONDS": "60"}
        server = RunningServer(tmp_path / "var", settings).start()
        server.wait_for_output("Listening on")  # both take connections
        workers = psutil.Process(server.pid).children()
        try:
            async with connect(server.media_url()) as one, connect(server.media_url()) as two:
                server.signal(signal.SIGTERM)
                await asyncio.to_thread(until, lambda: server.output().count("Stopping: ") == 2, server)
                for _ in range(3):
                    with pytest.raises(InvalidStatus) as refused:
                        async with connect(server.media_url()):
                            pass
                    assert refused.value.response.status_code == 503
                    answered_while_draining(server)
                await one.close()
                await asyncio.to_thread(
                    until,
                    lambda: sum(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in workers) < 2,
                    server,
                )
                answered_while_draining(server)
                await (await two.ping())
            assert server.wait() == 0
            assert "Traceback" not in server.output()
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
