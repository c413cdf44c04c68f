"""Prompts are fetched and last as long as they are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from acs_emulator.media import BadPrompt, LiveVoice, Prompt
from acs_emulator.ticker import Ticker
from tests.acs_emulator.media.stage import noise


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[str]:
    noise(tmp_path / "hello.wav", 0.5, 1)
    (tmp_path / "letter.wav").write_text("dear sirs")
    app = web.Application()
    app.router.add_static("/", tmp_path)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_it_plays_in_real_time_and_then_returns(site: str, tmp_path: Path) -> None:
    prompt = await Prompt.fetch(f"{site}/hello.wav")
    assert prompt.milliseconds == 500
    ticker = Ticker()
    ticker.start()
    voice, heard = LiveVoice(ticker), list[bytes]()
    ticker.add(lambda number: heard.append(voice.frame(number, 16_000)))
    begin = asyncio.get_running_loop().time()
    await prompt.play(voice, ticker)
    assert 0.48 < asyncio.get_running_loop().time() - begin < 3
    await asyncio.sleep(0.06)
    await ticker.stop()
    assert prompt.pcm in b"".join(heard)


@pytest.mark.parametrize(("name", "sub_code"), [("missing.wav", 8536), ("letter.wav", 8535)])
async def test_it_names_the_sub_code_of_a_bad_prompt(site: str, name: str, sub_code: int) -> None:
    with pytest.raises(BadPrompt) as wrong:
        await Prompt.fetch(f"{site}/{name}")
    assert wrong.value.sub_code == sub_code


async def test_it_names_a_server_that_is_not_there() -> None:
    with pytest.raises(BadPrompt) as wrong:
        await Prompt.fetch("http://127.0.0.1:9/hello.wav")
    assert wrong.value.sub_code == 8536


def test_a_text_lasts_as_long_as_it_takes_to_say() -> None:
    assert Prompt.spoken("Hello, this call is recorded.").milliseconds in range(1500, 2500)
