"""What browsers see and hear of running calls, at real servers: streamed to one process, watched at another."""

import asyncio
import json
import socket
import struct
import time
import uuid
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from media.acs_client import Score, stream
from media.live.hearing import HEAD, SEGMENT
from tests.media.live.conftest import Installation, until

ADA, BEN = "4:+15550100001", "4:+15550100002"


def noise(seconds: float, seed: int) -> bytes:
    return np.random.default_rng(seed).normal(0, 3000, int(16_000 * seconds)).astype("<i2").tobytes()


async def event(socket: ClientConnection, kind: str, seconds: float = 10) -> dict[str, Any]:
    """The next message of that kind; the page answers what comes before it."""
    async with asyncio.timeout(seconds):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            await socket.send('{"type":"ack"}')
            if message["type"] == kind:
                return message


def segments(block: bytes) -> list[tuple[int, int, bytes]]:
    """(lane, position, PCM) of a block, read as documented."""
    found, offset = [], HEAD.size
    for _ in range(block[1]):
        lane, _, rate, samples, _, position = SEGMENT.unpack_from(block, offset)
        assert rate == 16_000
        offset += SEGMENT.size + 2 * samples
        found.append((lane, position, block[offset - 2 * samples : offset]))
    assert offset == len(block)
    return found


async def reason_of(installation: Installation, path: str, who: str) -> tuple[int, str]:
    async with installation.browser(path, who) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
    assert closed.value.rcvd
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def test_it_says_why_it_lets_somebody_not_in(installation: Installation) -> None:
    listen = f"/ws/sessions/{uuid.uuid4()}/listen"
    assert await reason_of(installation, "/ws/board", "nobody") == (4401, "You are not signed in any more.")
    code, reason = await reason_of(installation, "/ws/board", "otto")
    assert (code, "media.view_streamsession" in reason) == (4403, True)
    code, reason = await reason_of(installation, listen, "olga")
    assert (code, reason.startswith("There is no session")) == (4404, True)
    for origin in ("http://elsewhere.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            async with installation.browser("/ws/board", "olga", origin):
                pass
        assert refused.value.response.status_code == 403


async def test_it_shows_a_call_from_its_first_word_to_its_end(installation: Installation) -> None:
    url, session_id = installation.stream()
    async with installation.browser("/ws/board", "olga") as socket:
        first = json.loads(await socket.recv())
        assert first["type"] == "snapshot"
        assert str(session_id) not in {each["id"] for each in first["sessions"]}
        playing = asyncio.create_task(stream(url, Score({ADA: noise(4, 1), BEN: bytes(128_000)})))
        seq, shown, spoken = first["seq"], {}, []
        while True:
            message = json.loads(await asyncio.wait_for(socket.recv(), 15))
            await socket.send('{"type":"ack"}')
            assert message["seq"] == seq + 1
            seq = message["seq"]
            if message["type"] == "session" and message["session"]["id"] == str(session_id):
                shown = message["session"]
            if message["type"] == "levels" and shown:
                spoken += [message["of"].get(str(shown["n"]), [])]
            if message["type"] == "gone" and message["id"] == str(session_id):
                break
        sent = await playing
        assert [each["label"] for each in shown["participants"]] == ["+15550100001", "+15550100002"]
        assert shown["state"] == "recording"
        assert any(figures[:1] and 128 <= figures[0] < 178 for figures in spoken)  # she speaks, above −50 dBFS
        assert {figures[1] for figures in spoken if len(figures) == 2} == {127}  # he is silent
        assert abs(shown["spoke"][0] - sent.start / 1e6) < 10_000
        assert shown["spoke"][1] is None
        assert (message["state"], message["reason"][:19]) == ("ended", "The other side clos")


async def test_it_lets_the_very_samples_be_heard_and_keeps_record(installation: Installation) -> None:
    url, session_id = installation.stream()
    voices: dict[str | None, bytes] = {ADA: noise(60, 2), BEN: noise(60, 3)}
    start = time.time_ns() // 1_000_000 * 1_000_000
    playing = asyncio.create_task(stream(url, Score(voices), start=start))
    async with installation.browser("/ws/board", "olga") as board:
        while str(session_id) not in (await event(board, "session"))["session"]["id"]:
            pass
    lanes: dict[int, str] = {}
    heard: dict[str, list[tuple[int, bytes]]] = {ADA: [], BEN: []}
    numbers: list[int] = []
    lags: list[float] = []
    async with installation.browser(f"/ws/sessions/{session_id}/listen", "olga") as socket:
        while len(numbers) < 25:
            message = await asyncio.wait_for(socket.recv(), 10)
            if isinstance(message, str):
                told = json.loads(message)
                if told["type"] == "lane":
                    lanes[told["lane"]] = told["raw_id"]
                continue
            numbers.append(struct.unpack_from("<I", message, 4)[0])
            lags.append(time.time() * 1000 - struct.unpack_from("<d", message, 8)[0])
            for lane, position, pcm in segments(message):
                heard[lanes[lane]].append((position, pcm))
        await socket.send('{"type":"ping","t":1}')
        pong = next(each for each in [json.loads(await _text(socket))] if each["type"] == "pong")
        assert abs(pong["now"] - time.time() * 1000) < 2000
    playing.cancel()
    assert numbers == list(range(numbers[0], numbers[0] + 25))
    for raw_id, pieces in heard.items():
        begin = pieces[0][0] - start * 16_000 // 10**9
        sound = b"".join(pcm for _, pcm in pieces)
        assert all(after == before + len(pcm) // 2 for (before, pcm), (after, _) in pairwise(pieces))
        assert sound == voices[raw_id][2 * begin :][: len(sound)]
        assert len(sound) >= 25 * 1500
    assert sorted(lags)[12] < 400  # not a measurement: that nothing waits for seconds
    rows = _access_rows(installation, session_id)
    assert [row["action"] for row in rows] == ["hear_live"] * 2
    assert {row["username"] for row in rows} == {"olga"}
    assert rows[-1]["detail"] == {"begins": True}
    assert rows[0]["detail"]["seconds"] == pytest.approx(2.5, abs=0.6)


async def _text(socket: ClientConnection) -> str:
    while not isinstance(message := await asyncio.wait_for(socket.recv(), 10), str):
        pass
    return message


def _access_rows(installation: Installation, session_id: uuid.UUID) -> list[dict[str, Any]]:
    """Newest first."""
    script = (
        "import json; from media.models import AccessEntry; print(json.dumps(list(AccessEntry.objects.filter("
        f"session_id='{session_id}').values('username', 'action', 'from_ms', 'to_ms', 'detail'))))"
    )
    said = installation.ears.manage("shell", "-v0", "-c", script).stdout
    rows: list[dict[str, Any]] = json.loads(said.strip().splitlines()[-1])
    return rows


async def test_it_publishes_nothing_while_nobody_looks(installation: Installation) -> None:
    url, _ = installation.stream()
    playing = asyncio.create_task(stream(url, Score({ADA: noise(60, 4)})))
    await asyncio.sleep(1)
    before = installation.published()
    await asyncio.sleep(2)
    assert installation.published() == before
    async with installation.browser("/ws/board", "olga") as socket:
        await event(socket, "levels")
        assert installation.published() > before
        socket.transport.abort()  # a browser that crashed
    await asyncio.sleep(1)
    after = installation.published()
    await asyncio.sleep(2)
    assert installation.published() == after
    playing.cancel()


async def let_go(socket: ClientConnection) -> int | None:
    """The code with which it ends; it is read, and answers nothing."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(60):
            async for _ in socket:
                pass
    return socket.close_code


async def deaf_browser(installation: Installation, path: str) -> socket.socket:
    """One that opens a socket with little room, and never reads from it."""
    server = installation.eyes
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: {server.url}",
        f"Cookie: sessionid={installation.cookies['olga']}",
    )
    deaf.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return deaf


async def test_it_drops_slow_listeners_and_no_frame(installation: Installation) -> None:
    """Seven browsers that answer nothing and three that do not even read: each is let go, and what came is stored."""
    url, session_id = installation.stream()
    playing = asyncio.create_task(stream(url, Score({ADA: noise(15, 5), BEN: noise(15, 6)})))
    await asyncio.sleep(2)
    listen = f"/ws/sessions/{session_id}/listen"
    sockets = [await installation.browser(listen, "olga") for _ in range(7)]
    deaf = [await deaf_browser(installation, listen) for _ in range(3)]
    zoe = await installation.browser("/ws/board", "zoe")
    leaves = "from django.contrib.auth.models import User; User.objects.filter(username='zoe').update(is_active=False)"
    leaving = asyncio.to_thread(installation.ears.manage, "shell", "-c", leaves)
    *codes, hers, _ = await asyncio.gather(*map(let_go, sockets), let_go(zoe), leaving)
    assert codes == [4408] * 7
    assert hers == 4401  # who may no longer look sees no more
    await playing
    closed = f"socket {listen} closed"
    assert await asyncio.to_thread(until, lambda: installation.eyes.output().count(closed) == 10)
    for each in deaf:
        each.close()
    script = (
        f"from media.models import *; s = StreamSession.objects.get(pk='{session_id}');"
        "print(s.stored, s.duplicate, s.gap_ms)"
    )
    deadline = time.monotonic() + 20
    while (said := installation.ears.manage("shell", "-v0", "-c", script).stdout.strip()) != "1500 0 0":
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.5)
