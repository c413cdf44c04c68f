"""Every page of the console: light enough, usable by everybody, on a telephone too; and ten tasks by keyboard alone."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Response, expect

from calls.models import ApiToken, Call
from media.models import Note, StreamSession
from tests.browser import browsing, in_the_database, serving
from tests.console.listening import a_call
from tests.console.pages import faults, fits, tab_to, with_password
from tests.console.playing import place, pressed, wait_for_place
from tests.media.rows import NOON

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
MOST_BYTES = 250_000
BUSY = "The line was busy. Call again later."
TELEPHONE, WIDE, ZOOMED = 360, 1280, 640  # 1280 at 200 % is 640 wide
CUT_OFF = """() => [...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth)
    .map(one => one.getAttribute('aria-label'))"""


class Weighed:
    """The bytes of scripts and styles on their way to a page."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("response", self._came)

    def _came(self, response: Response) -> None:
        if response.url.partition("?")[0].endswith((".js", ".css")):
            self.bytes += int(response.headers.get("content-length", 0))


def pages() -> list[str]:
    session = a_call()
    StreamSession.objects.update(
        label="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    )
    call = Call.objects.create(direction="outbound", state="ended", ended_at=NOON, to=["+15550100"])
    Call.objects.create(direction="outbound", state="failed", ended_at=NOON, to=["+15550101"], end_reason=BUSY)
    paths = [
        "/",
        "/calls/",
        f"/calls/{call.pk}/",
        "/calls/new/",
        "/calls/join/",
        "/sessions/",
        "/sessions/?state=ended",
    ]
    return [*paths, f"/sessions/{session.pk}/", "/profile/", "/nothing-here/"]


def test_it_is_light_and_for_everybody() -> None:
    with_password("sven")
    ApiToken.make(User.objects.get(username="sven"), "nightly export")
    ApiToken.objects.update(last_used_at=NOON)  # the widest it can be
    paths = pages()
    with serving() as site, browsing(site, expected="404 (Not Found)") as page:
        page.goto("/login/")
        page.fill("[name=username]", "sven")
        page.fill("[name=password]", "secret of sven")
        page.press("[name=password]", "Enter")
        expect(page.locator(".top-user")).to_be_visible()
        for path in paths:
            fresh = page.context.browser.new_context(base_url=site, viewport={"width": WIDE, "height": 900})  # type: ignore[union-attr]
            fresh.add_cookies(page.context.cookies())  # type: ignore[arg-type]
            one = fresh.new_page()
            weighed = Weighed(one)
            one.goto(path)
            one.wait_for_load_state("networkidle") if path != "/" else one.wait_for_timeout(1500)
            assert 10_000 < weighed.bytes <= MOST_BYTES, f"{path} weighs {weighed.bytes} bytes"
            assert not (found := faults(one)), found
            if path == "/calls/":
                expect(one.locator(".call-why")).to_be_visible()
                expect(one.locator(".call-why")).to_have_text(BUSY)
            for table in one.locator("table.cards").all():  # beside the preview, not below it
                assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth"), f"{path} at {WIDE}"
            for width in (ZOOMED, TELEPHONE):
                assert fits(one, width), f"{path} is wider than {width}"
            hidden = one.evaluate(CUT_OFF)
            assert not hidden, f"{path} hides parts of {hidden} on a telephone"
            fresh.close()


def test_ten_tasks_need_no_mouse() -> None:
    with_password("sven")
    session = a_call()
    with serving() as site, browsing(site) as page:
        page.goto("/")
        page.keyboard.type("sven")  # 1: sign in; the first field has the focus
        pressed(page, "Tab")
        page.keyboard.type("secret of sven")
        pressed(page, "Enter")
        expect(page.locator(".top-user")).to_be_visible()
        page.wait_for_load_state()
        pressed(page, "?")  # 2: see the keys
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        pressed(page, "Escape")
        expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
        pressed(page, "g", "s")  # 3: go to the sessions
        expect(page).to_have_url(f"{site}/sessions/")
        page.wait_for_load_state()
        pressed(page, "/")  # 4: find one by the end of a number
        page.keyboard.type("50100")
        pressed(page, "Enter")
        expect(page).to_have_url(f"{site}/sessions/?q=50100")
        page.wait_for_load_state()
        expect(page.locator("tr[data-session]")).to_have_count(1)
        pressed(page, "j", "Enter")  # 5: open it
        expect(page).to_have_url(f"{site}/sessions/{session.pk}/")
        expect(page.locator("[data-do=toggle]")).to_be_enabled()
        pressed(page, " ")  # 6: listen
        wait_for_place(page, 0.5)
        pressed(page, "Shift+ArrowRight", ">", " ")  # 7: go on, faster, stop
        assert 15 < place(page) < 20
        expect(page.locator("[data-speed]")).to_have_value("1.25")
        pressed(page, "2")  # 8: without Olga
        expect(page.get_by_role("button", name="Mute Olga")).to_have_attribute("aria-pressed", "true")
        pressed(page, ".")  # 9: note what was said there
        page.keyboard.type("Ask again.")
        tab_to(page, "Add the note")
        pressed(page, "Enter")
        expect(page.locator(".notes li")).to_contain_text("Ask again.")
        assert in_the_database(Note.objects.get).at_ms
        pressed(page, "Escape")
        pressed(page, "g", "p")  # 10: leave
        expect(page).to_have_url(f"{site}/profile/")
        tab_to(page, "Log out")
        pressed(page, "Enter")
        expect(page).to_have_url(f"{site}/login/")
