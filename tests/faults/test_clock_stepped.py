"""The server's wall clock is stepped, half a day ahead and as far back, under running streams: senders' stamps place
the sound, so nothing moves, is lost or closed; what is shown goes on being archived; and nobody is hung up on for a
silence that the clock made up."""

import asyncio
import time
import uuid
from pathlib import Path

import pytest

from media.sessions.identity import session_of_call
from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.deaf import DeafPeer
from tests.faults.installation import Installation
from tests.faults.load import LANE, Crowd, crowd_of
from tests.faults.told import tell

HOOKS = Path(__file__).parent / "hooks"
AHEAD = 13 * 3600  # more than MEDIA_MAX_HOURS, and than MEDIA_IDLE_SECONDS
STEPS = (AHEAD, -AHEAD, 0, 2 * AHEAD, -3600, 0) if FULL else (AHEAD, -AHEAD)


@pytest.mark.slow
def test_a_clock_that_is_stepped_moves_and_ends_nothing(alone: Installation, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    alone.extra |= {**QUICK, "PYTHONPATH": str(HOOKS), "CLOCK_STEP": str(clock)}
    alone.start(seconds=120)
    alone.token()
    talkers, silent = crowd_of(5, 10 + len(STEPS) * 70), uuid.uuid4()

    async def beside_somebody_silent() -> None:
        peer = await DeafPeer.open(alone, silent)
        ended = asyncio.create_task(peer.reader.read())  # pings, until the end
        with Crowd(alone.ws, talkers) as crowd:
            await asyncio.to_thread(alone.until, crowd.spoke, 60, "not all streams spoke")
            for step in STEPS:
                await asyncio.sleep(3)
                clock.write_text(str(step))
                await asyncio.to_thread(goes_on, alone, [talker.session_id for talker in talkers])
            crowd.enough()
        assert not ended.done(), "whoever says nothing was hung up on"
        ended.cancel()
        peer.hang_up()
        await peer.writer.drain()
        peer.writer.close()

    asyncio.run(beside_somebody_silent())
    for talker in talkers:
        session = alone.until_archived(talker.session_id, 60)
        assert (talker.closed, session["state"], session["coverage"]["gap_ms"]) == ("", "ended", 0)
        assert (session["frames"]["late"], session["frames"]["duplicate"]) == (0, 0)
        assert alone.lanes(talker.session_id) == {LANE: talker.pcm_sent()}
    assert alone.until_archived(session_of_call(silent), 60)["state"] == "ended"
    assert alone.manage("verify", "--all", seconds=120).returncode == 0
    assert alone.stop() == 0
    assert "Traceback" not in alone.output()
    tell(f"the clock stepped {len(STEPS)} times by half a day and more", "nothing", "recording, but for a moment")


def goes_on(server: Installation, sessions: list[uuid.UUID]) -> None:
    """All are shown as recording, but for a moment, and what they say now appears."""
    before = {session_id: server.session(session_id)["duration_ms"] for session_id in sessions}
    began = time.monotonic()
    for session_id, ms in before.items():
        found = server.session(session_id)
        while found["duration_ms"] <= ms + 2000:
            waited = time.monotonic() - began
            assert waited < 60, f"nothing new is archived: {found}"
            # The newest frame that the rows know of is as old as the step was long, until the next look of a second.
            assert found["state"] == "recording" or (waited < 10 and found["state"] == "no_audio"), found["reason"]
            time.sleep(0.2)
            found = server.session(session_id)
