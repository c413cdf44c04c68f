"""Two hundred calls placed at once: all reach their end, and nobody else is disturbed."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from tests.calls.doors.stand import Stand
from tests.faults.load import Crowd, Talker

pytestmark = pytest.mark.slow
MANY = 200
RIGHT = {("ended", "The call ended.", True)}


async def place_all(office: Stand) -> list[dict[str, Any]]:
    """One program with one token."""
    headers = {"Authorization": f"Bearer {office.tokens['olga']}"}
    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(office.server.url, headers=headers, connector=limit) as client:

        async def place(number: int) -> dict[str, Any]:
            body = {"to": [f"8:acs:brief-{number}"], "note": "many"}
            async with client.post("/api/v1/calls", json=body) as answer:
                assert answer.status == 201, await answer.text()
                found: dict[str, Any] = await answer.json()
                return found

        return await asyncio.gather(*(place(number) for number in range(MANY)))


class Watching(threading.Thread):
    """Counts the server's connections to its database until it is stopped."""

    def __init__(self, office: Stand) -> None:
        super().__init__(daemon=True)
        self.office, self.most, self.over = office, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            counted = self.office.database.ask(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
            self.most = max(self.most, int(str(counted)))


def test_two_hundred_at_once_reach_their_end_and_disturb_nobody(office: Stand) -> None:
    talker = Talker(7, 12)
    watching = Watching(office)
    watching.start()
    with Crowd(office.server.ws, [talker]):
        office.until(talker.sent.__len__, "the stream does not begin")
        placed = asyncio.run(place_all(office))
        assert len({call["id"] for call in placed}) == MANY
        office.until(lambda: over(office) == MANY, "not all have ended", 90)
    watching.over.set()
    assert watching.most < 50
    left = "state=placing&state=ringing&state=connected&state=disconnecting"
    assert office.ask("GET", f"/calls?q=many&{left}").body["items"] == []
    # ACS's own event may come after somebody asked about the call, and has the last word
    with suppress(AssertionError):
        office.until(lambda: ends(office) == RIGHT, "right ends", 60)
    assert ends(office) == RIGHT
    # the stream that ran meanwhile lost nothing, and was taken as fast as it came
    assert talker.closed == ""
    assert len(talker.sent) == len(talker.pcm) // 640
    pauses = [later - sooner for sooner, later in zip(talker.sent, talker.sent[1:], strict=False)]
    assert max(pauses) < 3, "the server did not read"
    assert durable(office, "2.0") > 0.9 * durable(office, "+Inf") > 0
    office.server._token = office.tokens["ada"]
    session = office.server.until_archived(talker.session_id, 60)
    assert (session["coverage"]["gap_ms"], session["frames"]["stored"]) == (0, len(talker.sent))
    assert office.server.lanes(talker.session_id) == {talker.lane: talker.pcm}


def durable(office: Stand, seconds: str) -> float:
    """Commits of the spool whose oldest message was at most so old."""
    page = str(office.send("GET", "/metrics").body)
    lines = [line for line in page.splitlines() if line.startswith("recorder_durable_seconds_bucket")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if f'le="{seconds}"' in line)


def ends(office: Stand) -> set[tuple[str, str, bool]]:
    calls = office.ask("GET", "/calls?q=many&limit=200").body["items"]
    return {(call["state"], call["end_reason"], bool(call["connected_at"])) for call in calls}


def over(office: Stand) -> int:
    return len(office.ask("GET", "/calls?q=many&state=ended&state=failed&limit=200").body["items"])
