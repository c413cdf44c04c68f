"""A stream that is lost and comes back is one session with a gap, wherever it comes back to; one address in somebody's
code is not one session."""

import asyncio
import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults.conftest import QUICK
from tests.faults.installation import Installation
from tests.faults.sounds import speech

LANE = "4:+15550100"
AWAY_MS = 3_000
FIRST, SECOND = speech(4, 16_000, seed=1), speech(3, 16_000, seed=2)
MS = 1_000_000


def abruptly(socket: ClientConnection) -> None:
    socket.transport.abort()


def stay(socket: ClientConnection) -> None:
    """For the close frame that leaving `connect` sends."""


async def say(url: str, pcm: bytes, start: int, leave: Callable[[ClientConnection], None], call: str = "") -> None:
    """One socket that says it at five times real time, and leaves."""
    headers = {"x-ms-call-connection-id": call} if call else {}
    async with connect(url, compression=None, additional_headers=headers, proxy=None) as socket:
        await socket.send(acs_metadata(str(uuid.uuid4()), 16_000, 640))
        for number in range(len(pcm) // 640):
            frame = pcm[number * 640 : number * 640 + 640]
            await socket.send(acs_audio(start + number * 20 * MS, LANE, frame, False))
            await asyncio.sleep(0.004)
        leave(socket)


def now() -> int:
    return time.time_ns() // MS * MS


async def lose_and_come_back(first: str, second: str, leave: Callable[[ClientConnection], None]) -> None:
    """Two connections whose stamps leave out AWAY_MS; so much passes in between, too."""
    start = now()
    await say(first, FIRST, start, leave)
    await asyncio.sleep(AWAY_MS / 1000)
    await say(second, SECOND, start + (len(FIRST) // 32 + AWAY_MS) * MS, stay)


def joined(server: Installation, session_id: uuid.UUID, first_closed: str) -> None:
    server.until(lambda: len(server.session(session_id)["connections"]) == 2, 60, "it did not come back")
    session = server.until_archived(session_id, 60)
    assert [connection["closed_by"] for connection in session["connections"]] == [first_closed, "peer"]
    (gap,) = server.gaps(session_id)
    assert (gap["cause"], gap["duration_ms"], gap["samples"]) == ("socket_lost", AWAY_MS, AWAY_MS * 16)
    assert gap["from_ms"] == len(FIRST) // 32
    assert session["coverage"]["gap_ms"] == AWAY_MS
    assert server.lanes(session_id) == {LANE: FIRST + bytes(AWAY_MS * 32) + SECOND}


@pytest.mark.slow
async def test_it_joins_what_comes_back(either: Installation) -> None:
    calls = uuid.uuid4(), uuid.uuid4()
    lost, closed = (either.media_url(call) for call in calls)
    await asyncio.gather(lose_and_come_back(lost, lost, abruptly), lose_and_come_back(closed, closed, stay))
    joined(either, session_of_call(calls[0]), "lost")
    joined(either, session_of_call(calls[1]), "peer")


@pytest.mark.slow
async def test_it_joins_what_comes_back_elsewhere_and_is_archived_first(tmp_path: Path) -> None:
    """The first connection's process does not archive; its spool is taken when the second one's is done."""
    away = {"ARCHIVE_IN_PROCESS": "0", "SPOOL_DIR": str(tmp_path / "other spool")}
    here, there = Installation(tmp_path / "var", QUICK), Installation(tmp_path / "var", {**QUICK, **away})
    try:
        here.start()
        there.start()
        call = uuid.uuid4()
        session_id = session_of_call(call)
        await lose_and_come_back(there.media_url(call), here.media_url(call), abruptly)
        session = here.until_archived(session_id, 60)
        assert (len(session["connections"]), here.lanes(session_id)) == (1, {LANE: SECOND})
        assert there.manage("archive", "--once").returncode == 0
        joined(here, session_id, "lost")
        assert there.stop() == 0
        assert here.stop() == 0
    finally:
        here.kill()
        there.kill()


@pytest.mark.slow
async def test_one_reusable_address_with_two_calls_is_two_sessions(uvicorn: Installation) -> None:
    url = made_url(uvicorn, {"reusable": True})["url"]
    calls = [str(uuid.uuid4()) for _ in range(2)]
    await asyncio.gather(*(say(url, FIRST, now(), stay, call) for call in calls))
    await say(url, SECOND, now() + 60_000 * MS, stay, calls[0])
    found = [uvicorn.api(f"/sessions?call_connection_id={call}")["items"] for call in calls]
    assert [len(sessions) for sessions in found] == [1, 1]
    ids = [uuid.UUID(sessions[0]["id"]) for sessions in found]
    assert [len(uvicorn.until_archived(session_id, 60)["connections"]) for session_id in ids] == [2, 1]
    assert uvicorn.lanes(ids[1]) == {LANE: FIRST}
    assert uvicorn.lanes(ids[0])[LANE].startswith(FIRST)
    assert uvicorn.lanes(ids[0])[LANE].endswith(SECOND)


def made_url(server: Installation, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.token()}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/api/v1/media-urls", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        made: dict[str, Any] = json.loads(answer.read())
    return made
