"""The player of the session page in a real browser: lanes, gaps, one playhead, and the samples that come out of it."""

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from media.models import AccessEntry
from tests.browser import browsing, in_the_database, serving
from tests.console.links import it_goes_where_a_link_leads
from tests.console.listening import (
    RATE,
    a_call,
    caller,
    found_in,
    listen,
    olga,
    pitch,
)
from tests.console.pages import faults, fits, with_password
from tests.console.playing import open_session, place, pressed, wait_for_place
from tests.media.recorded import Samples, a_participant, a_recorded_session, add

GAP_FILLS = """share => {
    const gap = document.querySelector(".player-gap");
    const track = gap?.closest(".player-track");
    return track && Math.abs(gap.getBoundingClientRect().width / track.getBoundingClientRect().width - share) < 0.01;
}"""
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def painted(page: Page, lane: int) -> str:
    """The colour of the first painted point of the lane; "" where nothing is."""
    find = """canvas => {
        const points = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < points.length; i += 4) if (points[i + 3] === 255) return points.slice(i, i + 3).join();
        return '';
    }"""
    return str(page.locator(".player-lane").nth(lane).locator("canvas").evaluate(find))


def actions() -> set[str]:
    return in_the_database(lambda: set(AccessEntry.objects.values_list("action", flat=True)))


def test_it_draws_and_plays_a_call_by_mouse_and_keyboard() -> None:
    with_password("olga")
    session = a_call()
    with serving() as site, browsing(site) as page:
        open_session(page, "olga", session)
        it_draws(page)
        it_plays_what_is_stored(page)
        it_seeks(page)
        it_mutes_and_solos(page)
        it_loops(page)
        it_zooms(page)
        page.goto(f"/sessions/{session.pk}/?t=7.5")
        expect(page.locator("[data-now]")).to_have_text("0:07.5")
        it_goes_where_a_link_leads(page)
        page.click("#session-gaps [data-seek]")
        assert place(page) == 13
        pressed(page, "ArrowRight", "c")
        expect(page).to_have_url(f"{site}/sessions/{session.pk}/?t=18.0")
        assert not (found := faults(page)), found


def it_draws(page: Page) -> None:
    expect(page.locator(".player-name .chip")).to_have_text(["+1 555 0100", "Olga"])
    gap = page.locator(".player-lane").nth(1).locator(".player-gap")
    expect(gap).to_have_attribute("title", "Gap at 0:13.0, 2.0 s: the connection was lost")
    expect(page.locator(".player-lane").nth(0).locator(".player-gap")).to_have_count(0)
    lane, hatched = page.locator(".player-track").nth(1).bounding_box(), gap.bounding_box()
    assert lane
    assert hatched
    assert (hatched["x"] - lane["x"]) / lane["width"] == pytest.approx(13 / 30, abs=0.005)
    assert hatched["width"] / lane["width"] == pytest.approx(2 / 30, abs=0.005)
    light = painted(page, 0)
    assert light
    assert light != painted(page, 1)
    page.click("[data-theme-switch]")
    page.wait_for_timeout(300)
    assert painted(page, 0) not in (light, "")
    page.click("[data-theme-switch]")
    page.locator("[data-ruler]").focus()


def it_plays_what_is_stored(page: Page) -> None:
    """And fetches none of it before somebody presses play: fetching is on record as listening."""
    pressed(page, "ArrowRight")
    page.wait_for_timeout(300)
    assert actions() == {"view"}
    pressed(page, " ")
    wait_for_place(page, 5.5)
    expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Pause")
    found_in(listen(page, 2.5), caller() + olga())
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    pressed(page, " ")
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"
    expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")
    assert actions() == {"view", "replay"}
    fetched = in_the_database(lambda: set(AccessEntry.objects.filter(action="replay").values_list("from_ms", "to_ms")))
    assert fetched <= {(0, 10_000), (10_000, 20_000)}  # a piece and the next one, of thirty seconds
    stood = place(page)
    assert not listen(page, 0.6)[RATE // 4 :].any()
    assert place(page) == stood


def it_seeks(page: Page) -> None:
    pressed(page, "Home")
    assert place(page) == 0
    pressed(page, "ArrowRight", "Shift+ArrowRight")
    assert place(page) == 20
    pressed(page, "ArrowLeft")
    assert place(page) == 15
    lane = page.locator(".player-track").nth(1)
    box = lane.bounding_box()
    assert box
    lane.click(position={"x": box["width"] / 3, "y": 20})
    assert place(page) == pytest.approx(10, abs=0.1)
    head = page.locator("[data-head]").bounding_box()
    assert head
    assert (head["x"] + 1 - box["x"]) / box["width"] == pytest.approx(1 / 3, abs=0.01)
    page.locator("[data-ruler]").focus()
    pressed(page, "End")
    assert place(page) == 30
    expect(page.locator("[data-ruler]")).to_have_attribute("aria-valuetext", "0:30.0 of 0:30")


def it_mutes_and_solos(page: Page) -> None:
    """While it plays, and the lanes stay where they were: what is left is at the same place as before. Of who is muted
    nothing is fetched before they are heard again."""
    page.reload()  # without what is here already
    expect(page.locator("[data-do=toggle]")).to_be_enabled()
    page.locator("[data-ruler]").focus()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/audio?" in one.url else None)
    pressed(page, "Home", "Shift+ArrowRight", "1", "MediaPlayPause")
    wait_for_place(page, 15.5)
    assert [url.count("participant=") for url in asked][:1] == [1]
    expect(page.get_by_role("button", name="Mute +1 555 0100")).to_have_attribute("aria-pressed", "true")
    found_in(listen(page, 2), olga())
    page.get_by_role("button", name="Solo +1 555 0100").click()
    page.wait_for_timeout(500)
    found_in(listen(page, 2), caller())
    assert {url.count("participant=") for url in asked} == {1}
    page.get_by_role("button", name="Solo +1 555 0100").click()
    page.locator("[data-ruler]").focus()
    pressed(page, "1")
    page.locator(".player-gain").nth(1).fill("-6")
    page.wait_for_timeout(200)
    quieter = listen(page, 2)
    with pytest.raises(AssertionError):
        found_in(quieter, caller() + olga())
    page.locator(".player-gain").nth(1).dblclick()
    page.wait_for_timeout(200)
    found_in(listen(page, 1.5), caller() + olga())  # both, fetched one after the other, in step to the sample
    it_leaves_a_slider_its_arrows_alone(page)


def it_leaves_a_slider_its_arrows_alone(page: Page) -> None:
    """All other keys are the player's; after a choice of the speed all of them are."""
    gain, play = page.locator(".player-gain").nth(1), page.locator("[data-do=toggle]")
    expect(gain).to_be_focused()
    pressed(page, "k")
    expect(play).to_have_attribute("aria-label", "Play")
    stood = place(page)
    pressed(page, "ArrowLeft")
    assert (place(page), gain.input_value()) == (stood, "-1")
    pressed(page, "ArrowRight", "1", " ")
    expect(play).to_have_attribute("aria-label", "Pause")
    expect(page.get_by_role("button", name="Mute +1 555 0100")).to_have_attribute("aria-pressed", "true")
    page.select_option("[data-speed]", "2")
    pressed(page, "1", " ")
    expect(play).to_have_attribute("aria-label", "Play")
    page.locator("[data-speed]").focus()
    pressed(page, "ArrowUp")
    expect(page.locator("[data-speed]")).to_be_focused()
    page.select_option("[data-speed]", "1")
    page.locator("[data-ruler]").focus()


def it_loops(page: Page) -> None:
    """The selection, again and again."""
    pressed(page, "Home", "ArrowRight", "i", "ArrowRight", "o")
    expect(page.locator("[data-do=clear]")).to_have_text("Clear 0:05.0 – 0:10.0")
    box = page.locator(".player-track").first.bounding_box()
    assert box
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.23, box["y"] + 20, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator("[data-do=clear]")).to_have_text("Clear 0:06.0 – 0:06.9")
    pressed(page, "l", " ")
    expect(page.locator("[data-do=loop]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(2500)
    assert 5.9 <= place(page) <= 7
    pressed(page, "x")
    expect(page.locator("[data-selection]")).to_be_hidden()
    expect(page.locator("[data-do=loop]")).to_have_attribute("aria-pressed", "false")
    wait_for_place(page, 7.2)
    pressed(page, " ")


def it_zooms(page: Page) -> None:
    pressed(page, "Home", "Shift+ArrowRight", "+", "+")
    expect(page.locator("[data-window]")).to_be_visible()
    page.wait_for_function(GAP_FILLS, arg=2 / 7.5)
    pressed(page, "w")
    expect(page.locator(".player-ruler span").first).to_contain_text("12:00:1")
    pressed(page, "w", "0")
    expect(page.locator("[data-window]")).to_be_hidden()


def test_it_is_faster_slower_and_passes_over_silence_at_the_same_pitch() -> None:
    with_password("olga")
    session = a_recorded_session()
    sound = tone(4)
    lane = a_participant(session, "4:+15550100", sound)
    add(lane, np.zeros(RATE * 20, np.int16), from_ms=4000)
    add(lane, sound, from_ms=24_000)
    with serving() as site, browsing(site) as page:
        open_session(page, "olga", session)
        for speed, least, most in (("3", 2.4, 4.5), ("0.5", 0.3, 0.8)):
            pressed(page, "Home")
            page.select_option("[data-speed]", speed)
            page.locator("[data-ruler]").focus()
            pressed(page, " ")
            wait_for_place(page, 0.2)
            began = place(page)
            came = listen(page, 1)
            assert least <= (place(page) - began) / (came.size / RATE) <= most
            assert pitch(came[RATE // 4 : RATE * 3 // 4]) == pytest.approx(400, abs=6)
            pressed(page, " ")
        page.select_option("[data-speed]", "1")
        page.locator("[data-ruler]").focus()
        pressed(page, "Home", "s", " ")
        wait_for_place(page, 24)  # twenty seconds of silence take less than one
        assert place(page) < 27


def tone(seconds: float) -> Samples:
    samples: Samples = np.rint(8000 * np.sin(2 * np.pi * 400 * np.arange(round(seconds * RATE)) / RATE)).astype(
        np.int16
    )
    return samples


def test_it_evens_out_how_loud_people_are() -> None:
    with_password("olga")
    session = a_recorded_session()
    a_participant(session, "4:+15550100", (tone(6) // 40).astype(np.int16))
    with serving() as site, browsing(site) as page:
        open_session(page, "olga", session)
        pressed(page, " ")
        wait_for_place(page, 0.3)
        before = np.abs(listen(page, 0.8)).max()
        pressed(page, "n")
        page.wait_for_timeout(300)
        assert np.abs(listen(page, 0.8)).max() > 8 * before


def test_it_fits_a_telephone_and_downloads_the_selection() -> None:
    with_password("sven")
    session = a_call()
    with serving() as site, browsing(site, scheme="dark") as page:
        open_session(page, "sven", session)
        assert fits(page)
        pressed(page, "Home", "ArrowRight", "i", "ArrowRight", "o")
        page.click(".player-downloads summary")
        menu = page.locator(".player-downloads > div").bounding_box()
        assert menu
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= 360
        expect(page.get_by_text("Only the selection")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Olga as WAV").click()
        samples, rate = soundfile.read(download.value.path(), dtype="int16")
        assert rate == RATE
        assert np.array_equal(samples, olga()[5 * RATE : 10 * RATE])
        assert not (found := faults(page)), found
