"""The list of sessions in a real browser: finding by filters and words, looking and hearing beside it, by keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from calls.models import Call
from media.models import AccessEntry, StreamSession
from tests.browser import browsing, in_the_database, serving
from tests.console.listening import TAP, a_call, a_person, heard
from tests.console.pages import faults, fits, sign_in, with_password
from tests.console.playing import pressed, wait_for_place
from tests.media.recorded import a_recorded_session, speech
from tests.media.rows import NOON, a_session

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def some_calls() -> None:
    a_call()
    short = a_recorded_session(label="Short call", started_at=NOON + timedelta(minutes=1))
    a_person(short, "4:+4930123456", speech(1.5, seed=4), "Berlin")
    missed = a_session(label="Missed call", started_at=NOON + timedelta(minutes=2), reason="Nobody answered.")
    for number, session in ((1, short), (2, missed)):
        call = Call.objects.create(direction="outbound", state="ended", ended_at=NOON, to=[f"+1555000{number}"])
        StreamSession.objects.filter(pk=session.pk).update(call=call)
    Call.objects.filter(sessions=missed).update(state="failed", end_reason="The called party is busy.")


def test_it_finds_looks_and_listens() -> None:
    with_password("olga")
    some_calls()
    with serving() as site, browsing(site) as page:
        page.add_init_script(TAP)
        sign_in(page, "olga", "/sessions/")
        expect(page.locator("tr[data-session]")).to_have_count(3)
        it_draws_small_waveforms(page)
        it_looks_beside_the_list(page)
        it_plays_one_after_another(page)
        assert not (found := faults(page)), found
        it_shows_calls_beside_their_list_too(page)
        it_finds(page, site)
        assert fits(page)
        expect(page.locator("[data-preview]")).to_be_hidden()
        page.get_by_role("link", name="Short call").click()
        expect(page.get_by_role("heading", name="Short call")).to_be_visible()


def it_draws_small_waveforms(page: Page) -> None:
    image = page.locator(".browse-wave img").first
    expect(image).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.browse-wave img')].every((one) => one.naturalWidth > 0)"
    )
    expect(page.locator(".browse-wave img")).to_have_count(2)


def it_looks_beside_the_list(page: Page) -> None:
    pressed(page, "j")
    expect(page.locator("[data-preview] h2")).to_have_text("Missed call")
    expect(page.locator("[data-preview]")).to_contain_text("Nobody answered.")
    pressed(page, "j", "j")
    expect(page.locator("[data-preview] h2")).to_have_text("Support call")
    expect(page.locator("[data-preview] .player-name .chip")).to_have_text(["+1 555 0100", "Olga"])
    assert in_the_database(lambda: AccessEntry.objects.filter(action="view").count()) == 2  # not the one on the way
    pressed(page, "k")
    expect(page.locator("[data-preview] h2")).to_have_text("Short call")
    expect(page.locator(".chosen")).to_contain_text("Short call")
    expect(page.locator("[data-do=toggle]")).to_be_enabled()
    pressed(page, " ")  # the name of the row has the focus, and is no button
    expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Pause")
    pressed(page, " ")
    expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")


def it_plays_one_after_another(page: Page) -> None:
    page.get_by_label("Play one after another").check()
    expect(page.locator("[data-do=toggle]")).to_be_enabled()
    page.locator("tr[data-session] a").nth(1).focus()
    page.locator("[data-do=toggle]").click()
    expect(page.locator("[data-preview] h2")).to_have_text("Support call")  # when the short one is over
    wait_for_place(page, 0.5)
    assert heard(page).any()
    expect(page.locator("tr", has_text="Short call").locator(".heard")).to_be_visible()
    page.locator("tr", has_text="Missed call").click(position={"x": 300, "y": 10})
    expect(page.locator("[data-preview] h2")).to_have_text("Missed call")
    heard(page)
    page.wait_for_timeout(500)
    assert not heard(page)[4000:].any()  # what was playing has stopped, for good
    page.wait_for_function("() => window.lastContext.state === 'closed'")


def it_shows_calls_beside_their_list_too(page: Page) -> None:
    page.goto("/calls/")
    expect(page.locator("tr[data-look]")).to_have_count(2)
    expect(page.locator("tr", has_text="+15550001").locator(".heard")).to_be_visible()
    pressed(page, "j")
    expect(page.locator("#call-preview")).to_contain_text("The called party is busy.")
    expect(page.locator("#call-preview")).to_contain_text("Nobody answered.")  # of its session
    expect(page.locator("#call-preview button")).to_have_count(0)  # it is over
    with page.expect_request(lambda asked: asked.url.endswith("/calls/")):  # the list is kept current
        pressed(page, "N")
    expect(page.locator("#call-preview h2").first).to_have_text("Call to +15550001")
    expect(page.locator("#call-preview .player-name .chip")).to_have_text(["Berlin"])
    wait_for_place(page, 0.2)
    expect(page.locator(".chosen")).to_contain_text("+15550001")
    assert not (found := faults(page)), found
    pressed(page, "Enter")
    expect(page.get_by_role("heading", name="Call to +15550001")).to_be_visible()
    page.goto("/sessions/")


def it_finds(page: Page, site: str) -> None:
    pressed(page, "/")
    page.keyboard.type("0100")
    pressed(page, "Enter")
    expect(page.locator("tr[data-session] a")).to_have_text(["Support call"])
    expect(page).to_have_url(f"{site}/sessions/?q=0100")
    page.get_by_role("link", name="All sessions").click()
    page.locator("#filter-panel > summary").click()
    page.select_option("[name=max_duration_ms]", "10000")
    page.get_by_role("checkbox", name="ended").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tr[data-session] a")).to_have_text(["Missed call", "Short call"])
    assert "max_duration_ms=10000" in page.url
    assert "q=&" not in page.url
    page.get_by_text("The same by API").click()
    expect(page.locator(".command")).to_contain_text("/api/v1/sessions?max_duration_ms=10000&state=ended")
    assert not (found := faults(page)), found
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[6] for line in lines] == ["label", "Missed call", "Short call"]
