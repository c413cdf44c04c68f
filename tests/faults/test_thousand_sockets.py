"""A thousand sockets that connect and say nothing, that send garbage, that never read, that half close; and messages of
1 MiB and of 100 MiB. Each may end alone; a neighbour goes on byte for byte, new streams are taken, and what such a
socket did say is kept, with its session telling what became of it."""

import asyncio
import contextlib
import os
import random
import time
import uuid
from collections.abc import Awaitable, Callable

import psutil
import pytest

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults import FULL
from tests.faults.deaf import DeafPeer
from tests.faults.installation import Installation
from tests.faults.load import LANE, Crowd, Talker
from tests.faults.sounds import speech
from tests.faults.test_reading import is_there
from tests.faults.told import tell

EACH, STRANGERS = (1000, 1000) if FULL else (100, 600)  # of each of the four kinds; and of those that never are sockets
PATIENCE = 240 if FULL else 60  # all that so many said is archived, on a machine that may be busy
MIB = 1 << 20
PCM = speech(0.5, 16_000, seed=9)
METADATA = acs_metadata("subscription", 16_000, 640)
Peer = tuple[uuid.UUID, DeafPeer]
Behaviour = Callable[[DeafPeer], Awaitable[None]]


def half_a_second() -> list[str]:
    """Of audio, as messages."""
    start = time.time_ns() // 1_000_000 * 1_000_000
    frames = (acs_audio(start + n * 20_000_000, LANE, PCM[n * 640 : n * 640 + 640], False) for n in range(25))
    return [METADATA, *frames]


async def says_nothing(peer: DeafPeer) -> None:
    pass


async def sends_garbage(peer: DeafPeer) -> None:
    peer.writer.write(os.urandom(random.randrange(1, 4000)))
    await peer.writer.drain()


async def never_reads(peer: DeafPeer) -> None:
    """Asks for an answer to each of a thousand pings, and takes none."""
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    for message in half_a_second():
        peer.say(message)
    peer.writer.write((b"\x89\xfd" + bytes(4) + bytes(125)) * 1000)
    with contextlib.suppress(TimeoutError, OSError):
        await asyncio.wait_for(peer.writer.drain(), 2)


async def half_closes(peer: DeafPeer) -> None:
    for message in half_a_second():
        peer.say(message)
    peer.writer.write_eof()


KINDS: tuple[Behaviour, ...] = (says_nothing, sends_garbage, never_reads, half_closes)


async def crowd(server: Installation) -> dict[Behaviour, list[Peer]]:
    """Opens them fifty at a time, so that only their number is a burden."""
    found: dict[Behaviour, list[Peer]] = {kind: [] for kind in KINDS}

    async def one(kind: Behaviour) -> None:
        async with gate:
            call = uuid.uuid4()
            peer = await DeafPeer.open(server, call)
            found[kind].append((call, peer))
            with contextlib.suppress(OSError):
                await kind(peer)

    gate = asyncio.Semaphore(50)
    await asyncio.gather(*(one(kind) for _ in range(EACH) for kind in KINDS))
    return found


async def without_upgrade(server: Installation) -> list[asyncio.StreamWriter]:
    """Connections that never become sockets: silent, half a request, no HTTP at all."""
    beginnings = (b"", b"GET /acs/media/x HTTP/1.1\r\nHost:", b"\x16\x03\x01\x02\x00\x01\x00" + os.urandom(200))
    found = []
    for number in range(STRANGERS):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(beginnings[number % len(beginnings)])
        found.append(writer)
    return found


def kept(server: Installation, call: uuid.UUID) -> str:
    """The half second that it said is there; the session's state."""
    session = server.until_archived(session_of_call(call), PATIENCE)
    assert session["frames"]["stored"] == 25
    assert server.lanes(session_of_call(call)) == {LANE: PCM}
    return str(session["state"])


@pytest.mark.slow
def test_a_thousand_sockets_that_misbehave_end_alone(uvicorn: Installation) -> None:
    server = psutil.Process(uvicorn.pid)
    before, files = server.memory_info().rss, server.num_fds()
    neighbour, newcomer = Talker(5, 60 if FULL else 12), Talker(6, 2)

    async def misbehave() -> dict[Behaviour, list[Peer]]:
        peers = await crowd(uvicorn)
        strangers = await without_upgrade(uvicorn)
        with Crowd(uvicorn.ws, [newcomer]):  # while all of them are there
            state = await asyncio.to_thread(lambda: uvicorn.session(neighbour.session_id)["state"])
            assert state == "recording"
            assert (await asyncio.to_thread(uvicorn.get, "/healthz/ready"))[0] == 200
        assert server.memory_info().rss - before < (256 if FULL else 160) * MIB
        for writer in (*strangers, *(peer.writer for of_kind in peers.values() for _, peer in of_kind)):
            writer.transport.abort()
        return peers

    with Crowd(uvicorn.ws, [neighbour]) as talking:
        uvicorn.until(talking.spoke, 60, "the neighbour did not begin")
        uvicorn.until(lambda: is_there(uvicorn, neighbour), 60, "the neighbour is not archived")
        peers = asyncio.run(misbehave())
    for talker in (neighbour, newcomer):
        assert talker.closed == ""
        assert uvicorn.until_archived(talker.session_id, PATIENCE)["coverage"]["gap_ms"] == 0
        assert uvicorn.lanes(talker.session_id) == {LANE: talker.pcm}
    chance = random.Random(1)
    some = [call for kind in (never_reads, half_closes) for call, _ in chance.sample(peers[kind], 3)]
    assert {kept(uvicorn, call) for call in some} == {"interrupted"}
    silent = uvicorn.until_archived(session_of_call(peers[says_nothing][0][0]), PATIENCE)
    assert (silent["frames"]["received"], silent["state"], silent["participants"]) == (0, "interrupted", [])
    uvicorn.until(lambda: server.num_fds() < files + 20, 60, "connections are left behind")
    lost = "nothing, nor of what they said themselves"
    tell(f"{4 * EACH + STRANGERS} sockets: silent, garbage, never reading, half closed", lost, "theirs: interrupted")


async def over_and_over(peer: DeafPeer, payload: bytes, times: int) -> None:
    """Or until the server has enough."""
    with contextlib.suppress(OSError):
        for _ in range(times):
            peer.writer.write(payload)
            await asyncio.wait_for(peer.writer.drain(), 30)


async def told(peer: DeafPeer) -> bytes:
    with contextlib.suppress(OSError, TimeoutError):
        return await asyncio.wait_for(peer.reader.read(), 30)
    return b""


@pytest.mark.slow
async def test_messages_of_one_mib_are_kept_and_of_a_hundred_end_their_stream_alone(either: Installation) -> None:
    neighbour = Talker(7, 12)
    memory = psutil.Process(either.pid).memory_info
    with Crowd(either.ws, [neighbour]) as talking:
        await asyncio.to_thread(either.until, talking.spoke, 60, "the neighbour did not begin")
        calls = [uuid.uuid4() for _ in range(3)]
        largest, at_once, in_parts = [await DeafPeer.open(either, call) for call in calls]
        for peer in (largest, at_once, in_parts):
            for said in half_a_second():
                peer.say(said)
        before = memory().rss
        beginning = '{"kind":"VideoData","videoData":{"x":"'
        message = f'{beginning}{"x" * (MIB - len(beginning) - 3)}"}}}}'.encode()
        assert len(message) == MIB
        largest.writer.write(b"\x81\xff" + MIB.to_bytes(8, "big") + bytes(4) + message)
        for said in half_a_second():
            largest.say(said)
        largest.hang_up()
        await largest.writer.drain()
        at_once.writer.write(b"\x81\xff" + (100 * MIB).to_bytes(8, "big") + bytes(4))
        part = bytes(64 << 10)
        in_parts.writer.write(b"\x01\xff" + len(part).to_bytes(8, "big") + bytes(4) + part)
        await asyncio.gather(
            over_and_over(at_once, bytes(MIB), 100),
            over_and_over(in_parts, b"\x00\xff" + len(part).to_bytes(8, "big") + bytes(4) + part, 1600),
        )
        assert memory().rss - before < 64 * MIB
        for peer in (largest, at_once, in_parts):
            await told(peer)
            peer.writer.close()
    sessions = [await asyncio.to_thread(either.until_archived, session_of_call(call), 60) for call in calls]
    assert [session["frames"]["unknown"] for session in sessions] == [1, 0, 0]
    assert [session["frames"]["received"] for session in sessions] == [50, 25, 25]
    if either.extra["SERVER"] == "uvicorn":
        closed = [(one["connections"][0]["closed_by"], one["connections"][0]["close_code"]) for one in sessions]
        assert closed == [("peer", 1000), ("server", 1009), ("server", 1009)]
    either.until_archived(neighbour.session_id, 60)
    assert (neighbour.closed, either.lanes(neighbour.session_id)) == ("", {LANE: neighbour.pcm})
    tell("messages of 1 and of 100 MiB", "nothing; that of 100 MiB ends its stream", "closed by us with 1009")
