"""A real browser with a microphone (Chromium's fake one, which beeps) joins a call."""

import shutil
from pathlib import Path

import numpy as np
from aiohttp import web
from playwright.async_api import async_playwright

from acs_emulator.media import LiveVoice, Talker, converse
from tests.acs_emulator.media.stage import ADA, BEN, noise, scenario, speaking, stage

STATIC = Path(__file__).parents[3] / "acs_emulator/control/static"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    "--autoplay-policy=no-user-gesture-required",
]


async def test_its_microphone_is_in_the_call_and_it_hears_the_call(tmp_path: Path) -> None:
    noise(tmp_path / "ben.wav", 20, 2)
    async with stage(scenario(tmp_path), [Talker(BEN, speaking(tmp_path / "ben.wav"), 0)]) as it:
        microphone = LiveVoice(it.world.ticker)
        it.call.everybody.append(Talker(ADA, microphone, it.world.ticker.number))

        async def page(request: web.Request) -> web.Response:
            return web.Response(text="<title>join</title>", content_type="text/html")

        async def join(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await converse(socket, it.call, microphone, it.world.ticker, int(request.query["rate"]))
            return socket

        app = web.Application()
        app.add_routes([web.get("/", page), web.get("/join", join), web.static("/static", STATIC)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            tab = await browser.new_page()
            await tab.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            await tab.evaluate("""async () => {
                const { join } = await import("/static/join.js");
                window.call = await join("/join", { onEnd: (reason) => { window.ended = reason; } });
            }""")
            connection = await it.server.connection()
            await it.server.until(lambda: any(any(m.pcm) for m in connection.lane(ADA)), 20)
            await tab.wait_for_function("window.call.levels().call > 0.01 && window.call.levels().microphone > 0")
            await tab.evaluate("window.call.leave()")
            assert await tab.evaluate("window.ended") == "you left"
            await browser.close()
        await runner.cleanup()
    heard = np.frombuffer(b"".join(m.pcm for m in connection.lane(ADA)), "<i2")
    assert np.abs(heard).max() > 500
