"""A browser's microphone in a running call."""

import asyncio
from pathlib import Path

import numpy as np
from aiohttp import ClientSession, web

from acs_emulator.media import LiveVoice, Silence, Talker, converse
from tests.acs_emulator.media.stage import ADA, BEN, noise, scenario, speaking, stage


async def test_it_is_heard_and_hears_the_others(tmp_path: Path) -> None:
    ben = noise(tmp_path / "ben.wav", 2, 2)
    async with stage(scenario(tmp_path), [Talker(BEN, speaking(tmp_path / "ben.wav"), 0)]) as it:
        world, call = it.world, it.call
        microphone = LiveVoice(world.ticker)
        call.everybody.append(Talker(ADA, microphone, world.ticker.number))

        async def join(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await converse(socket, call, microphone, world.ticker)
            return socket

        app = web.Application()
        app.router.add_get("/join", join)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        spoken = np.random.default_rng(5).integers(1, 999, 4800, dtype=np.int16).tobytes()
        async with ClientSession() as http, http.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/join") as own:
            await it.server.messages(5)
            await own.send_bytes(spoken)
            heard = [await own.receive_bytes(timeout=30) for _ in range(30)]
        connection = await it.server.messages(80)
        await runner.cleanup()
    assert spoken in b"".join(m.pcm for m in connection.lane(ADA))
    assert {len(frame) for frame in heard} == {640}
    assert b"".join(heard[5:10]) in ben


async def test_its_socket_ends_with_the_browser_s(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(BEN, Silence(), 0)]) as it:
        ended = asyncio.Event()

        async def join(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await converse(socket, it.call, LiveVoice(it.world.ticker), it.world.ticker)
            ended.set()
            return socket

        app = web.Application()
        app.router.add_get("/join", join)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with ClientSession() as http, http.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/join"):
            pass
        await asyncio.wait_for(ended.wait(), 30)
        await runner.cleanup()
