"""The tap on a real ingest: idle while nobody is interested, and again when interest was not renewed."""

import asyncio
import time
import uuid

from media.ingest.ingest import Ingest
from media.live.interest import LAST_SECONDS, Interests
from media.live.messages import Interest, Tapped
from media.live.outlet import Outlet
from media.live.tap import Tap
from media.spool.writer import SpoolWriter
from media.stream.speak import acs_audio, acs_metadata
from tests.media.stream.test_live_placement import NOON, tone


async def idle(ingest: Ingest) -> None:
    """Nothing runs beside the sockets here."""


async def closed(code: int, reason: str) -> None:
    """Nobody to tell."""


async def test_it_reads_only_what_somebody_wants(spool: SpoolWriter) -> None:
    found: list[dict[str, list[Tapped]]] = []
    ingest = Ingest(spool, 10, 1 << 20, idle)
    ingest.tap = tap = Tap(found.append)
    intake = ingest.open(uuid.uuid4(), uuid.uuid4(), closed, {})
    intake.take(acs_metadata("s", 24_000, 960), time.time_ns())

    async def frames() -> None:
        for number in range(10):
            intake.take(acs_audio(NOON + number * 20_000_000, "4:+1", tone(1000), False), time.time_ns())
            intake.take("not ACS's JSON", time.time_ns())
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.15)

    await frames()
    assert (tap.read, found) == (0, [])
    tap.interests.note(Interest("here", watching=True), time.monotonic())
    await frames()
    assert found
    assert [lane.segments for lane in found[-1]["here"][0].lanes] == [[]]  # levels only
    tap.interests.note(Interest("here", False, frozenset({intake.session_id})), time.monotonic())
    found.clear()
    await frames()
    assert len(found) >= 4  # every 50 ms while somebody hears
    lanes = [tapped["here"][0].lanes[0] for tapped in found]
    assert sum(len(pcm) for lane in lanes for _, pcm in lane.segments) == 10 * 640
    assert {(lane.rate, lane.level, lane.speaking) for lane in lanes} == {(24_000, 30, True)}
    tap.interests.note(Interest("here", watching=False), time.monotonic())
    found.clear()
    await frames()
    assert not found


def test_it_forgets_a_process_that_does_not_ask_again() -> None:
    interests, heard = Interests(), frozenset({uuid.uuid4()})
    interests.note(Interest("web-1", watching=True), 100.0)
    interests.note(Interest("web-2", False, heard), 103.0)
    interests.forget_old(100.0 + LAST_SECONDS - 0.1)
    assert (interests.watching, interests.hearing) == (True, heard)
    interests.forget_old(100.0 + LAST_SECONDS + 0.1)
    assert (interests.watching, interests.hearing) == (False, heard)
    interests.forget_old(104.0 + LAST_SECONDS)
    assert not interests


async def test_it_throws_away_what_a_browser_does_not_take() -> None:
    outlet = Outlet(2)
    for word in ("one", "two"):
        outlet.put(word)
    assert await outlet.next() == "one"
    for word in ("three", "four", "five"):
        outlet.put(word)
    assert await outlet.next() is None
    outlet.begin_anew("snapshot")
    outlet.close(1012, "server restarts")
    assert [await outlet.next(), await outlet.next()] == ["snapshot", None]
    assert outlet.closing == (1012, "server restarts")
