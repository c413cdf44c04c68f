"""A hundred calls at once, on less than one core and in time. The server is a process of its own."""

import asyncio
import contextlib
import multiprocessing
import time
from multiprocessing.queues import Queue

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from acs_emulator.media import LiveVoice, Stream, StreamOptions, Talker
from acs_emulator.record import Record
from acs_emulator.scenario import Scenario
from tests.acs_emulator.media.stage import ADA, BEN, Call, World
from tests.busy import allowance, kept_waiting
from tests.faults import FULL

CALLS, SECONDS = 100, 4
MOST_MS = 5 if FULL else 20


def listen(port: "Queue[int]", lateness: "Queue[tuple[list[float], float]]") -> None:
    """Counts ms between when each tick's first frame came and when it should have, per socket; and the seconds that
    this process was kept waiting."""
    found: list[float] = []
    ended = 0

    async def take(socket: ServerConnection) -> None:
        nonlocal ended
        at = np.array([time.monotonic() async for _ in socket])[1::2]  # after metadata, two lanes a tick
        at = at[50:]  # a hundred dials at once are a second's work
        late = (at - at[0]) * 1000 - np.arange(len(at)) * 20
        found.append(float(np.abs(late - np.median(late)).mean()))
        ended += 1

    async def serving() -> None:
        async with serve(take, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            port.put(next(iter(server.sockets)).getsockname()[1])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(40):
                    while ended < CALLS:
                        await asyncio.sleep(0.1)
        lateness.put((found, kept_waiting()))

    asyncio.run(serving())


async def run() -> tuple[float, float, float]:
    """Share of a core, ms off on average, and seconds that the machine had no time for us."""
    spawn = multiprocessing.get_context("spawn")
    port, lateness = spawn.Queue(), spawn.Queue()
    server = spawn.Process(target=listen, args=(port, lateness), daemon=True)
    server.start()
    url = f"ws://127.0.0.1:{await asyncio.to_thread(port.get, timeout=30)}/"
    scenario = Scenario()
    world = World(scenario, record=Record())
    world.ticker.start()
    streams = []
    for number in range(CALLS):
        talkers = [Talker(raw_id, scenario.voice(raw_id), world.ticker.number) for raw_id in (ADA, BEN)]
        call = Call(talkers, LiveVoice(world.ticker), call_connection_id=str(number))
        streams.append(Stream(call, StreamOptions(url, mixed=False), world))
    await asyncio.gather(*(stream.start() for stream in streams))
    cpu, began, before = time.process_time(), time.monotonic(), kept_waiting()
    await asyncio.sleep(SECONDS)
    share, waited = (time.process_time() - cpu) / (time.monotonic() - began), kept_waiting() - before
    await asyncio.gather(*(stream.stop("enough") for stream in streams))
    await world.ticker.stop()
    late, waited_there = await asyncio.to_thread(lateness.get, timeout=60)
    server.join(10)
    assert len(late) == CALLS
    return share, float(np.mean(late)), waited + waited_there


async def test_it_keeps_a_hundred_calls_in_time_on_less_than_a_core() -> None:
    share, late, waited = await run()
    assert share < 0.8, f"{share:.0%} of a core"
    assert late < MOST_MS + 1000 * allowance(SECONDS, waited), f"{late:.1f} ms"
