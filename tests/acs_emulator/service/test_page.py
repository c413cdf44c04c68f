"""The control page in a real browser, with its (pretended) microphone."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from azure.communication.callautomation import CallAutomationClient
from playwright.sync_api import Page, expect, sync_playwright

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS

PRETENDED = "--no-sandbox --disable-gpu --use-fake-device-for-media-stream --use-fake-ui-for-media-stream"


@contextmanager
def opened(acs: Emulator, scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Iterator[Page]:
    """The page; errors in its console and requests elsewhere fail the test."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=PRETENDED.split())
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(acs.url) else None)
        page.goto(f"{acs.url}/")
        expect(page.locator("#link")).to_have_text("running")
        yield page
        browser.close()
        assert not faults


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 380)])
def test_it_fits_and_follows_the_scheme(acs: Emulator, scheme: Literal["light", "dark"], width: int) -> None:
    with opened(acs, scheme, width) as page:
        red = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
        assert (red > 200) is (scheme == "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_shows_what_happens(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    with opened(acs) as page:
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


@pytest.mark.parametrize("acs_scenario", ['participants: {"*": {answers: no_answer}}'])
def test_it_answers_a_telephone(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    with opened(acs) as page:
        client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
        page.get_by_role("button", name="Answer").click()
        application.wait("CallConnected")


def test_it_spoils_something(acs: Emulator) -> None:
    with opened(acs) as page:
        page.get_by_label("What").select_option(label="Event: the next is lost")
        page.get_by_role("button", name="Do it").click()
        _until(lambda: acs.do(lambda world: world.scenario.file.events))


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
        _until(lambda: acs.do(_loud))
        page.get_by_role("button", name="Hang up the microphone").click()
        application.wait("CallDisconnected")


def _loud(world: Any) -> bool:
    """Whether the caller's microphone (a beep each second) is heard in the call."""
    (conversation,) = world.conversations.values()
    return any(any(person.talker.voice.frame(0, 16_000)) for person in conversation.people)


def _until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
