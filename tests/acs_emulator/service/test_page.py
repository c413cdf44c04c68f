"""The control page in a real browser, with its (pretended) microphone."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import pytest
from azure.communication.callautomation import CallAutomationClient, CommunicationUserIdentifier
from playwright.sync_api import Page, expect, sync_playwright

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS, streaming
from tests.acs_emulator.sockets import media_server

PRETENDED = (
    "--no-sandbox --disable-gpu --use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
    " --autoplay-policy=no-user-gesture-required"
)

SCREENS: list[tuple[Literal["light", "dark"], int]] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]
LONG = CommunicationUserIdentifier("8:acs:11111111-2222-3333-4444-555555555555_0000000a-1111-2222-3333-444444444444")


@contextmanager
def opened(acs: Emulator) -> Iterator[Page]:
    """The page; errors in its console and requests elsewhere fail the test."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=PRETENDED.split())
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(acs.url) else None)
        page.goto(f"{acs.url}/")
        expect(page.locator("#link")).to_have_text("running")
        yield page
        browser.close()
        assert not faults


def test_it_fits_and_follows_the_scheme(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    client.create_call([ADA, LONG], application.callbacks, source_caller_id_number=OURS)
    with opened(acs) as page:
        expect(page.locator(".people li")).to_have_count(3)
        for scheme, width in SCREENS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            red = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
            assert (red > 200) is (scheme == "light")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_shows_what_happens(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    with opened(acs) as page:
        expect(page.locator("#scenario")).to_have_text("No scenario: everybody answers and speaks.")
        client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
        expect(page.locator(".call .people")).to_contain_text("4:+15550100")
        expect(page.locator("#journal")).to_contain_text("CallConnected")
        page.get_by_label("Show").select_option("request")
        expect(page.locator("#journal li:visible")).to_have_count(1)
        page.locator("#journal li:visible summary").click()
        expect(page.locator("#journal pre")).to_contain_text('"operation": "create"')
        page.get_by_label("Key that 4:+15550100 presses").select_option("5")
        acs.wait_for("pressed", key="5")
        page.locator(".people li", has_text="4:+15550100").get_by_role("button", name="Hang up").click()
        application.wait("CallDisconnected")
        expect(page.locator(".call")).to_have_count(0)


@pytest.mark.parametrize("acs_scenario", ['{title: nobody comes, participants: {"*": {answers: no_answer}}}'])
def test_it_answers_a_telephone(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    with opened(acs) as page:
        expect(page.locator("#scenario")).to_have_text("nobody comes")
        client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
        page.get_by_role("button", name="Answer").click()
        application.wait("CallConnected")


@pytest.mark.parametrize("acs_scenario", ["seed: 3"])
def test_it_spoils_something(acs: Emulator) -> None:
    with opened(acs) as page:
        expect(page.locator("#scenario")).to_have_text("the test's scenario (no title)")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_role("alert")).to_contain_text("there was nothing to spoil")
        page.get_by_label("What").select_option(label="Event: the next is lost")
        page.get_by_role("button", name="Do it").click()
        _until(lambda: acs.do(lambda world: world.scenario.file.events))


async def test_somebody_joins_with_a_microphone(
    acs: Emulator, client: CallAutomationClient, application: Application
) -> None:
    """Its sound is on the application's media socket, it hears the call, and it is out when the call is over."""
    async with media_server() as media:
        await asyncio.to_thread(_join, acs, client, application, media.url)
        beeps = media.connections[0].lane("4:+15550123")
    assert max(np.abs(np.frombuffer(m.pcm, "<i2")).max() for m in beeps) > 500


def _join(acs: Emulator, client: CallAutomationClient, application: Application, url: str) -> None:
    made = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, media_streaming=streaming(url))
    client.connect_call(application.callbacks, room_id="9901")
    with opened(acs) as page:
        ours = page.locator(".call", has_text="4:+15550100")
        other = page.locator(".call", has_text="room 9901")
        ours.get_by_role("button", name="Join as caller").click()
        row = ours.locator("li", has_text="your microphone")
        expect(row).to_contain_text("4:+15550123")
        _until(lambda: page.evaluate("document.querySelector('[data-level=microphone]').value") > 0.005)
        _until(lambda: page.evaluate("document.querySelector('[data-level=call]').value") > 0.005)
        row.get_by_role("button", name="Mute").click()
        expect(row.get_by_role("button", name="Unmute")).to_be_visible()
        with page.context.expect_page() as another:
            page.evaluate("open(location.href)")
        _another_joins(another.value)
        expect(ours.get_by_role("button", name="Join as caller")).to_be_hidden()
        expect(other.get_by_role("button", name="Join as caller")).to_be_visible()
        expect(other.locator("li", has_text="4:+15550123")).to_contain_text("a microphone")
        expect(other.get_by_role("button", name="Hang up the microphone")).to_have_count(0)
        client.get_call_connection(str(made.call_connection_id)).hang_up(is_for_everyone=True)
        expect(page.get_by_role("alert")).to_have_text("Your microphone: the call is over.")
        expect(ours).to_have_count(0)


def _another_joins(page: Page) -> None:
    """By the same number, in the other call."""
    ours, other = page.locator(".call", has_text="4:+15550100"), page.locator(".call", has_text="room 9901")
    other.get_by_role("button", name="Join as caller").click()
    expect(other.locator("li", has_text="4:+15550123")).to_contain_text("your microphone")
    expect(ours.get_by_role("button", name="Hang up the microphone")).to_have_count(0)


def test_somebody_calls_with_a_microphone(
    acs: Emulator, client: CallAutomationClient, application: Application
) -> None:
    with opened(acs) as page:
        page.get_by_label("Event Grid webhook").fill(application.webhook)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.locator("#webhooks")).to_contain_text("Told of incoming calls")
        page.get_by_role("button", name="Call with my microphone").click()
        context = application.wait("IncomingCall").data["incomingCallContext"]
        client.answer_call(context, application.callbacks)
        application.wait("CallConnected")
        page.get_by_role("button", name="Hang up the microphone").click()
        application.wait("CallDisconnected")


def _until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
