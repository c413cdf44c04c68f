"""A call of a day (the short form: of a quarter of an hour), sent as fast as the server takes it, whose sender's clock
runs fast: every frame is kept in its order, the drift is shown as drift and adds up to what it was, and a neighbour at
the pace of a call goes on byte for byte."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.load import LANE, Crowd, Talker
from tests.faults.sounds import speech
from tests.faults.told import tell

SECONDS, PPM = (86_400, 100) if FULL else (900, 400)
FRAMES = SECONDS * 50
STEP = 20_000_000 + 20 * PPM  # ns between two stamps
MINUTE = speech(60, 16_000, seed=11)
WINDOW_MS = 600_000


def frame(number: int) -> bytes:
    at = number % 3000 * 640
    return MINUTE[at : at + 640]


async def send_all(url: str, start: int) -> None:
    async with connect(url, compression=None, ping_interval=None, proxy=None, close_timeout=60) as socket:
        await socket.send(acs_metadata(str(uuid.uuid4()), 16_000, 640))
        for number in range(FRAMES):
            stamp = start + (number * STEP + 500_000) // 1_000_000 * 1_000_000
            await socket.send(acs_audio(stamp, LANE, frame(number), False))


def due(gaps: list[dict[str, Any]]) -> Iterator[bytes]:
    """The whole lane: the frames in order, with silence where the gaps say so."""
    number = laid = 0
    for gap in gaps:
        until = (gap["from_ms"] * 16 - laid) // 320
        for _ in range(until):
            yield frame(number)
            number += 1
        yield bytes(gap["samples"] * 2)
        laid = gap["to_ms"] * 16
    while number < FRAMES:
        yield frame(number)
        number += 1


def windows(server: Installation, session: dict[str, Any]) -> Iterator[bytes]:
    lane = session["participants"][0]["id"]
    path = f"/api/v1/sessions/{session['id']}/audio?participant={lane}"
    for begin in range(0, session["duration_ms"], WINDOW_MS):
        end = min(begin + WINDOW_MS, session["duration_ms"])
        yield server.fetch(f"{path}&from_ms={begin}&to_ms={end}")[44:]


def all_gaps(server: Installation, session_id: uuid.UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = server.api(f"/sessions/{session_id}/gaps?limit=200{cursor}")
        found += page["items"]
        if not page["next"]:
            return sorted(found, key=lambda gap: gap["from_ms"])
        cursor = f"&cursor={page['next']}"


@pytest.mark.slow
def test_a_long_call_with_a_fast_clock_is_kept_whole_and_its_drift_shown(uvicorn: Installation) -> None:
    call, neighbour = uuid.uuid4(), Talker(12, 900 if FULL else 6)
    session_id = session_of_call(call)
    with Crowd(uvicorn.ws, [neighbour]) as talking:
        uvicorn.until(talking.spoke, 60, "the neighbour did not begin")
        began = time.monotonic()
        asyncio.run(send_all(uvicorn.media_url(call), time.time_ns() // 1_000_000 * 1_000_000))
        took = time.monotonic() - began
        talking.enough()
    session = uvicorn.until_archived(session_id, 1200 if FULL else 120)
    gaps = all_gaps(uvicorn, session_id)
    assert (session["state"], session["frames"]["stored"]) == ("ended", FRAMES)
    assert {gap["cause"] for gap in gaps} == {"drift"}
    missing = sum(gap["duration_ms"] for gap in gaps)
    assert 0 <= SECONDS * PPM / 1000 - missing < 20, "all the drift but less than a frame"
    assert session["coverage"]["gap_ms"] == missing
    assert session["duration_ms"] == SECONDS * 1000 + missing
    rest, sent = bytearray(), due(gaps)
    for stored in windows(uvicorn, session):
        while len(rest) < len(stored):
            rest += next(sent)
        assert rest[: len(stored)] == stored
        del rest[: len(stored)]
    assert not rest
    assert next(sent, None) is None
    assert uvicorn.manage("verify", str(session_id), seconds=3600).returncode == 0
    uvicorn.until_archived(neighbour.session_id, 60)
    assert (neighbour.closed, uvicorn.lanes(neighbour.session_id)) == ("", {LANE: neighbour.pcm_sent()})
    hours = f"{SECONDS / 3600:g} h of one call in {took:.0f} s, {PPM} ppm fast"
    tell(hours, "nothing", f"{len(gaps)} gaps, {missing / 1000:.1f} s in all: drift")
