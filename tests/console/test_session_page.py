"""The page of a session in a real browser: what happened, who talked, notes and markers by keyboard, for whom it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from media.models import AccessEntry, Note, StreamMessage, StreamSession
from tests.browser import browsing, in_the_database, serving
from tests.console.listening import a_call
from tests.console.pages import faults, fits, sign_in, with_password
from tests.console.playing import open_session, place, pressed
from tests.media.rows import NOON, a_session
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
DTMF = '{"kind":"DtmfData","dtmfData":{"data":"5","timestamp":"2026-03-01T12:00:04Z","participantRawID":"8:acs:olga"}}'


def a_call_with_a_key() -> StreamSession:
    session = a_call()
    said = {"connection": session.connections.first(), "raw_id": "8:acs:olga", "kind": "DtmfData", "text": DTMF}
    StreamMessage.objects.create(session=session, row=1, at=NOON.replace(second=4), **said)
    heard = {"session_id": session.pk, "username": "olga", "via": "console", "action": "hear_live"}
    AccessEntry.objects.create(**heard, from_ms=15_000, to_ms=22_500)
    return session


def test_it_tells_the_story_and_takes_notes() -> None:
    with_password("sven", staff=True)
    session = a_call_with_a_key()
    with serving() as site, browsing(site, zone="Asia/Tokyo") as page:
        open_session(page, "sven", session)
        it_tells_what_happened(page)
        it_has_one_clock(page)
        it_says_who_talked(page)
        it_takes_notes_by_keyboard(page, session)
        assert not (found := faults(page)), found
        assert fits(page)
        page.set_viewport_size({"width": 640, "height": 450})  # 1280 at 200 %
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        it_takes_notes_in_the_admin_too(page, session)
        it_filters_by_the_readers_clock(page, site)


def it_tells_what_happened(page: Page) -> None:
    key = page.locator(".story li", has_text="key 5")
    expect(key.locator("pre")).to_be_hidden()
    key.locator("summary").click()
    expect(key.locator("pre")).to_contain_text('"participantRawID": "8:acs:olga"')
    page.locator(".player-mark", has_text="").first.wait_for()
    mark = page.get_by_role("button", name="0:04.0 key 5")
    mark.click()
    assert place(page) == 4
    expect(page.locator("#session-access-log tbody tr")).to_have_count(2)
    expect(page.locator(".player-mark").first).to_have_class("player-mark mark-opened")  # of several at one place
    listened = page.locator(".player-span")
    expect(listened).to_have_attribute("title", "olga: hear live, 0:15.0 – 0:22.5")
    assert listened.evaluate("one => [one.style.left, one.style.width]") == ["50%", "25%"]


def it_has_one_clock(page: Page) -> None:
    """The reader's, in heading, tables and story alike; UTC stands in the titles."""
    for where, text, utc in (
        ("#session-heading .facts time >> nth=0", "2026-03-01 21:00:00", "2026-03-01 12:00:00 UTC"),
        ("#session-gaps time", "21:00:13", "2026-03-01 12:00:13 UTC"),
        (".story li:has-text('key 5') time", "21:00:04", "2026-03-01 12:00:04 UTC"),
    ):
        expect(page.locator(where)).to_have_text(text)
        expect(page.locator(where)).to_have_attribute("title", utc)
    page.evaluate("document.querySelector('#session-gaps time').firstChild.data = '12:00:13 UTC'")  # kept current
    expect(page.locator("#session-gaps time")).to_have_text("21:00:13")
    assert "UTC" not in page.locator("main").inner_text()


def it_says_who_talked(page: Page) -> None:
    talk = page.locator("#talk-of-session")
    expect(talk.locator("tbody tr")).to_have_count(2)
    expect(talk).to_contain_text("Several at once")
    expect(talk.locator("th", has_text="Talked")).to_have_attribute("title", re.compile("up to 0.4 s are counted"))
    speech = page.locator("#session-coverage th", has_text="Speech")  # another figure, so another name
    expect(speech).to_have_attribute("title", re.compile("pauses not counted"))
    expect(talk.locator("th", has_text="Speech")).to_have_count(0)


def it_takes_notes_by_keyboard(page: Page, session: StreamSession) -> None:
    page.locator("[data-ruler]").focus()
    pressed(page, "Home", "Shift+ArrowRight", ".")
    page.keyboard.type("The price is wrong.")
    pressed(page, "Tab", "Tab", "Tab", "Enter")
    expect(page.locator(".notes li")).to_contain_text("The price is wrong.")
    note = in_the_database(Note.objects.get)
    assert (note.at_ms, note.username) == (15_000, "sven")
    expect(page.get_by_role("button", name="0:15.0 The price is wrong.")).to_be_attached()
    page.fill("[name=name]", "Refund")
    pressed(page, "Enter")
    expect(page.locator(".tag")).to_contain_text("refund")
    page.fill("[data-note-at]", "9:59")
    page.fill("[data-note]", "too late")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".problem")).to_have_text("This moment lies outside the session.")
    expect(page.locator("[data-note]")).to_have_value("too late")
    page.get_by_role("button", name="Take the tag refund off").click()
    expect(page.locator(".tag")).to_have_count(0)
    page.get_by_role("button", name="Take back the note").click()
    expect(page.locator(".notes")).to_have_count(0)
    expect(page.locator(".mark-marker")).to_have_count(0)


def it_takes_notes_in_the_admin_too(page: Page, session: StreamSession) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/admin/media/streamsession/{session.pk}/change/")
    expect(page.locator("[data-do=toggle]")).to_be_enabled()
    pressed(page, "End", ".")
    page.keyboard.type("Said goodbye.")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".notes li")).to_contain_text("0:30.0 Said goodbye.")
    expect(page.locator(".mark-marker")).to_have_count(1)
    expect(page.locator("#session-gaps time")).to_have_text("21:00:13")
    page.fill("#notes-of-session [name=name]", "Refund")
    pressed(page, "Enter")
    expect(page.locator(".tag")).to_contain_text("refund")
    assert faults(page, "#notes-of-session") == []
    page.get_by_role("button", name="Take back the note").click()
    expect(page.locator(".notes")).to_have_count(0)
    assert fits(page)


def it_filters_by_the_readers_clock(page: Page, site: str) -> None:
    page.goto("/sessions/")
    page.locator("#filter-panel > summary").click()
    page.get_by_label("Started after", exact=True).fill("2026-03-01T20:59")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(f"{site}/sessions/?started_after=2026-03-01T11%3A59%3A00Z")
    expect(page.locator("tr[data-look]")).to_have_count(1)
    expect(page.get_by_label("Started after", exact=True)).to_have_value("2026-03-01T20:59")


def test_it_shows_to_each_what_they_may() -> None:
    """Seeing, hearing and taking away are rights of their own."""
    with_password("olga")
    session = a_call()
    silent = a_session(reason="Nobody answered.", label="Missed")
    with serving() as site, browsing(site, expected="403 (Forbidden)") as page:
        sign_in(page, "olga", f"/sessions/{session.pk}/")
        expect(page.locator(".player-downloads")).to_have_count(0)  # an Operator replays
        expect(page.locator("#session-access-log")).to_have_count(0)
        expect(page.locator("[data-listened]")).to_be_hidden()
        page.goto(f"/sessions/{silent.pk}/")
        expect(page.get_by_role("heading", name="No audio captured")).to_be_visible()
        assert not (found := faults(page)), found
        in_the_database(lambda: take_away("replay", "annotate"))
        page.goto(f"/sessions/{session.pk}/")
        expect(page.get_by_text("You may see this session but not hear it")).to_be_visible()
        expect(page.locator("[data-player], .note-form")).to_have_count(0)
        expect(page.locator("#talk-of-session tbody tr")).to_have_count(2)
        in_the_database(lambda: take_away("view_streamsession"))
        page.goto(f"/sessions/{session.pk}/")
        expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
        assert not (found := faults(page)), found
    assert set(AccessEntry.objects.values_list("action", flat=True)) == {"view"}


def take_away(*codenames: str) -> None:
    group = person("olga").groups.get()
    group.permissions.remove(*group.permissions.filter(codename__in=codenames))
