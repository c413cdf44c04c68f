"""Hearing a running call in a real browser: the very samples, mute and solo, and why there is no sound where there is
none."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser import browsing
from tests.console.pages import faults
from tests.media.live.conftest import Installation
from tests.media.live.playing import noise, playing

ADA, BEN = "4:+15550100001", "4:+15550100002"
SENTENCE = re.compile(r"^Listening silently — nobody on the call can hear you · \d+\.\d s behind$")
RECORD = """async seconds => {
    const ear = [...board.wall.ears.values()][0].ear, found = [];
    const recorder = ear.context.createScriptProcessor(4096, 1, 1);
    ear.node.connect(recorder).connect(ear.context.destination);
    recorder.onaudioprocess = ({inputBuffer}) => found.push(...inputBuffer.getChannelData(0));
    await new Promise(done => setTimeout(done, seconds * 1000));
    ear.node.disconnect(recorder); recorder.disconnect();
    return found; }"""


def recorded(page: Page, seconds: float) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """What the player gives to the loudspeaker, as 16-bit samples."""
    floats = np.array(page.evaluate(RECORD, seconds))
    samples: np.ndarray[Any, np.dtype[np.int16]] = np.rint(floats * 32768).astype(np.int16)
    assert np.abs(floats * 32768 - samples).max() < 0.51
    return samples


def hears(page: Page, sent: bytes) -> bool:
    """Whether a quarter of a second is heard as it was sent; on a busy machine the player hurries or dawdles at times,
    so it is given some."""
    return any(longest_run(recorded(page, 2), sent) > 4000 for _ in range(10))


def longest_run(heard: "np.ndarray[Any, np.dtype[np.int16]]", sent: bytes) -> int:
    """The most samples in a row that are those that were sent."""
    source, best = np.frombuffer(sent, "<i2"), 0
    for start in range(0, len(heard) - 8, 500):
        found = sent.find(heard[start : start + 8].tobytes())
        if found >= 0:
            length = min(len(heard) - start, len(source) - found // 2)
            different = np.flatnonzero(heard[start : start + length] != source[found // 2 : found // 2 + length])
            best = max(best, int(different[0]) if different.size else length)
    return best


def colour(board: Locator, who: str) -> str:
    found = re.search(r"\blane-\d", board.locator(".live-lane", has_text=who).get_attribute("class") or "")
    return found.group() if found else "none"


def test_it_plays_the_very_samples_and_mutes_and_solos_lanes(installation: Installation) -> None:
    url, session_id = installation.stream()
    ada, ben = noise(180, 1), noise(180, 2)
    with (
        playing(url, {ADA: ada, BEN: ben}) as hung_up,
        browsing(
            installation.eyes.url, session=installation.cookies["olga"], autoplay="no-user-gesture-required"
        ) as page,
    ):
        page.goto(f"/?hear={session_id}")
        wall = page.get_by_role("region", name="What you hear")
        expect(wall.locator("[data-part=sentence]")).to_have_text(SENTENCE)
        expect(page.locator(f"#live-{session_id} [data-part=hear]")).to_have_attribute("aria-pressed", "true")
        assert faults(page) == []
        board = page.locator(f"#live-{session_id}")
        for who in (ADA[2:], BEN[2:]):  # in their colours everywhere
            expect(wall.locator(".ear-lane", has_text=who)).to_have_class(re.compile(f"{colour(board, who)}$"))
        wall.get_by_role("button", name="Solo +15550100001").click()
        page.wait_for_timeout(500)
        assert hears(page, ada)
        wall.get_by_role("button", name="Solo +15550100001").click()
        wall.get_by_role("button", name="Mute +15550100001").click()
        page.wait_for_timeout(500)
        assert hears(page, ben)
        wall.get_by_role("button", name="Mute +15550100002").click()
        page.wait_for_timeout(500)
        assert not recorded(page, 1).any()
        lag = page.evaluate("[...board.wall.ears.values()][0].ear.lag")
        assert 0.05 < lag < 1.5  # the figure of the README is measured on a quiet machine

        # Held: heard while held. Clicked: until clicked again. Hovered: nothing.
        page.keyboard.press("x")
        expect(wall).to_be_hidden()
        hear = page.locator(f"#live-{session_id} [data-part=hear]")
        hear.hover()
        page.wait_for_timeout(300)
        expect(wall).to_be_hidden()
        page.mouse.down()
        expect(wall.locator("[data-part=sentence]")).to_have_text(SENTENCE)
        page.wait_for_timeout(400)  # longer than a click
        page.mouse.up()
        expect(wall).to_be_hidden()
        hear.focus()
        page.keyboard.press("Enter")
        expect(hear).to_have_attribute("aria-pressed", "true")
        expect(wall.locator("[data-part=sentence]")).to_have_text(SENTENCE)
        hung_up.set()
        expect(wall.locator("[data-part=sentence]")).to_contain_text("This session has ended")
        wall.get_by_role("button", name="Stop").click()
        expect(wall).to_be_hidden()


def test_it_says_why_there_is_no_sound_and_what_to_do(installation: Installation) -> None:
    url, session_id = installation.stream()
    with playing(url, {ADA: noise(90)}):
        ordinary = "document-user-activation-required"
        with browsing(installation.eyes.url, session=installation.cookies["olga"], autoplay=ordinary) as page:
            with page.expect_websocket(lambda socket: "listen" in socket.url) as listening:
                page.goto(f"/?hear={session_id}")
            listening.value.wait_for_event("framereceived", lambda frame: isinstance(frame, bytes))
            page.wait_for_timeout(1500)  # to ask the page anything would count as a click
            sentence = page.locator("[data-part=sentence]")
            expect(sentence).to_contain_text("no sound before you have clicked")
            page.locator("h1").click()
            expect(sentence).to_have_text(SENTENCE)
        with browsing(installation.eyes.url, session=installation.cookies["olga"]) as page:
            page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
            page.goto("/")
            expect(page.locator("[data-no-sound]")).to_contain_text("only on a secure page. Open the console by https")
            expect(page.locator(f"#live-{session_id}")).to_be_visible()
            expect(page.locator("[data-part=hear]")).to_have_count(0)


SIMULATION = Path(__file__).with_name("jitter.js").read_text(encoding="utf-8")


def test_its_buffer_neither_grows_nor_clicks(installation: Installation) -> None:
    """The audio thread's program, fed for minutes of a time of its own: drifting clocks, late blocks, stalls, sleep."""
    with browsing(installation.eyes.url) as page:
        page.goto("/login/")
        ran: dict[str, dict[str, float]] = page.evaluate(SIMULATION)
    click = 0.013  # the largest second difference that a fade of 5 ms makes in this tone; a cut makes 0.05 and more
    for name, run in ran.items():
        assert run["sharpest"] < click, (name, run)
        assert run["blocks"] > 1800, (name, run)
    for name in ("even", "fast sender", "slow sender", "an hour of drift"):
        assert (ran[name]["dry"], ran[name]["p95"] < 0.3) == (0, True), (name, ran[name])
    assert ran["late blocks"]["dry"] <= 2
    assert ran["stalls"]["p50"] < 0.3  # it catches up between them
    assert ran["sleep"]["last"] < 0.3
