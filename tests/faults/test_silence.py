"""Nobody is closed for answering no ping, or for saying nothing: three minutes of each on either server (the short
form: longer than the 40 s after which uvicorn would). And all that such a peer says is stored."""

import asyncio
import time
import uuid

import pytest

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults import FULL
from tests.faults.deaf import DeafPeer
from tests.faults.installation import Installation
from tests.faults.sounds import speech

SECONDS = 185 if FULL else 46
LANE = "4:+15550100"
PCM = speech(SECONDS + 1, 16_000, seed=4)


async def more_than_pings(reader: asyncio.StreamReader) -> None:
    """Returns when the server says anything else."""
    while (head := await reader.readexactly(2))[0] == 0x89:
        await reader.readexactly(head[1])


async def lasts(server: Installation, speaking: bool) -> tuple[uuid.UUID, int]:
    """Stays SECONDS on a socket; the call and how many frames it said."""
    call, start, said = uuid.uuid4(), time.time_ns() // 1_000_000 * 1_000_000, 0
    peer = await DeafPeer.open(server, call)
    peer.say(acs_metadata("subscription", 16_000, 640))
    heard = asyncio.create_task(more_than_pings(peer.reader))
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        while speaking and said * 0.02 < time.monotonic() - began:
            peer.say(acs_audio(start + said * 20_000_000, LANE, PCM[said * 640 : said * 640 + 640], False))
            said += 1
        await asyncio.wait([heard], timeout=0.02 if speaking else 1)
        assert not heard.done(), f"the server said something after {time.monotonic() - began:.0f} s"
    heard.cancel()
    peer.hang_up()
    await peer.writer.drain()
    await asyncio.sleep(0.5)
    peer.writer.close()
    return call, said


@pytest.mark.slow
async def test_it_keeps_whoever_answers_no_ping_or_says_nothing(uvicorn: Installation, daphne: Installation) -> None:
    kinds = [(server, speaking) for server in (uvicorn, daphne) for speaking in (True, False)]
    for (server, _), (call, said) in zip(kinds, await asyncio.gather(*(lasts(*kind) for kind in kinds)), strict=True):
        session = await asyncio.to_thread(server.until_archived, session_of_call(call), 60)
        assert (session["state"], session["frames"]["stored"]) == ("ended", said)
        assert len(session["connections"]) == 1
        assert server.lanes(session_of_call(call)) == ({LANE: PCM[: said * 640]} if said else {})
