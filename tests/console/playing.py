"""Hands on the player of a page: keys, and where the playhead is."""

from playwright.sync_api import Page, expect

from media.models import StreamSession
from tests.console.listening import TAP
from tests.console.pages import sign_in


def open_session(page: Page, name: str, session: StreamSession, lanes: bool = True) -> None:
    page.add_init_script(TAP)
    sign_in(page, name, f"/sessions/{session.pk}/")
    if lanes:
        expect(page.locator("[data-do=toggle]")).to_be_enabled()


def place(page: Page) -> float:
    minutes, seconds = page.locator("[data-now]").inner_text().split(":")
    return int(minutes) * 60 + float(seconds)


def wait_for_place(page: Page, at_least: float) -> None:
    page.wait_for_function(
        "least => { const [m, s] = document.querySelector('[data-now]').textContent.split(':');"
        " return Number(m) * 60 + Number(s) >= least; }",
        arg=at_least,
    )


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
