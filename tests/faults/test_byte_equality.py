"""What was sent is what comes back, byte for byte, through a real server, a real socket and the API."""

import asyncio
import uuid

import pytest

from media.acs_client import Score, Sent, stream
from media.sessions.identity import session_of_call
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.sounds import speech

# Three participants of 100 s each, at either rate, are ten participant-minutes at the pace of a call; the short form
# hurries.
SECONDS, SPEED = (100, 1.0) if FULL else (40, 10.0)
JOINS: dict[str | None, int] = {"4:+15550100": 0, "8:acs:resource_user": 1_240, "8:orgid:0a1b": 7_020}


def unmixed(rate: int) -> Score:
    lanes: dict[str | None, bytes] = {lane: speech(SECONDS, rate, seed) for seed, lane in enumerate(JOINS)}
    return Score(lanes, rate, joins=JOINS)


def mixed(rate: int) -> Score:
    return Score({None: speech(SECONDS, rate, seed=rate)}, rate)


def due(score: Score) -> dict[str | None, bytes]:
    """Each lane from the session's origin to its end: zeros before it joined and after it left."""
    whole = score.ticks * score.frame_bytes
    before = {lane: score.joins.get(lane, 0) * score.rate * 2 // 1000 for lane in score.lanes}
    return {lane: (bytes(before[lane]) + pcm).ljust(whole, b"\0") for lane, pcm in score.lanes.items()}


@pytest.mark.slow
def test_it_gives_back_every_lane_byte_for_byte(either: Installation) -> None:
    scores = [unmixed(16_000), unmixed(24_000), mixed(16_000), mixed(24_000)]
    calls = [uuid.uuid4() for _ in scores]

    async def all_at_once() -> list[Sent]:
        urls = [either.media_url(call) for call in calls]
        return await asyncio.gather(*(stream(url, score, speed=SPEED) for url, score in zip(urls, scores, strict=True)))

    sent = asyncio.run(all_at_once())
    for call, score, played in zip(calls, scores, sent, strict=True):
        session = either.until_archived(session_of_call(call), 60)
        assert (session["state"], session["sample_rate"]) == ("ended", score.rate)
        assert session["channels"] == ("mixed" if None in score.lanes else "unmixed")
        assert session["duration_ms"] == score.seconds * 1000
        frames = sum(played.frames.values())
        assert (session["frames"]["received"], session["frames"]["stored"]) == (frames, frames)
        assert session["coverage"]["gap_ms"] == 0
        joined = {lane["raw_id"]: lane["first_ms"] for lane in session["participants"]}
        assert joined == {lane: score.joins.get(lane, 0) for lane in score.lanes}
        stored = either.lanes(session_of_call(call))
        for lane, pcm in due(score).items():
            assert stored[lane] == pcm, f"{lane} at {score.rate} Hz"
