"""The player of the session page in a real browser: lanes, gaps, one playhead, sound; while the call runs too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from media.models import AccessEntry, AudioChunk, Participant, StreamSession
from tests.browser import browsing, in_the_database, serving
from tests.media.recorded import Samples, a_participant, a_recorded_session, add, speech
from tests.media.rows import a_gap, a_session
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def site() -> Iterator[str]:
    with serving() as base:
        yield base


def staff(name: str) -> None:
    user = person(name)
    user.is_staff = True
    user.set_password(f"secret of {name}")
    user.save()


def sign_in(page: Page, name: str, session: StreamSession, lanes: bool = True) -> None:
    """Through the form, as people do; ends on the session's page."""
    page.goto(f"/admin/login/?next=/admin/media/streamsession/{session.pk}/change/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", f"secret of {name}")
    page.press("[name=password]", "Enter")
    if lanes:
        expect(page.locator(".player-lane canvas").first).to_be_attached()


def a_person(session: StreamSession, raw_id: str, samples: Samples, label: str, from_ms: int = 0) -> Participant:
    lane = a_participant(session, raw_id, samples, from_ms)
    lane.label = label
    lane.save()
    return lane


def a_call(seconds: float = 30) -> StreamSession:
    """Two people; Olga comes later and is cut off for two seconds."""
    session = a_recorded_session(label="Support call")
    a_person(session, "4:+15550100", speech(seconds), "+1 555 0100")
    olga = a_person(session, "8:acs:olga", speech(10, seed=2), "Olga", 3000)
    add(olga, speech(seconds - 15, seed=3), from_ms=15_000)
    a_gap(session, olga, 13_000, 2000, cause="socket_lost")
    session.refresh_from_db()
    return session


def drawn(page: Page, lane: int) -> bool:
    """Whether anything is painted on the lane's canvas."""
    return bool(
        page.locator(".player-lane")
        .nth(lane)
        .locator(".player-wave canvas")
        .first.evaluate(
            "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
        )
    )


def colour(page: Page, lane: int) -> str:
    """The colour of the first painted point of the lane."""
    find = """canvas => {
        const points = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < points.length; i += 4) if (points[i + 3] === 255) return points.slice(i, i + 3).join();
        return '';
    }"""
    return str(page.locator(".player-lane").nth(lane).locator(".player-wave canvas").first.evaluate(find))


def place(page: Page) -> float:
    minutes, seconds = page.locator("[data-now]").inner_text().split(":")
    return int(minutes) * 60 + float(seconds)


def wait_for_place(page: Page, at_least: float) -> None:
    page.wait_for_function("least => document.querySelector('audio').currentTime >= least", arg=at_least)


def test_it_draws_a_lane_for_each_participant_and_hatches_the_gaps(site: str) -> None:
    staff("olga")
    session = a_call()
    with browsing(site) as page:
        sign_in(page, "olga", session)
        expect(page.locator(".player-name .chip")).to_have_text(["+1 555 0100", "Olga"])
        page.wait_for_timeout(300)
        assert drawn(page, 0)
        assert drawn(page, 1)
        gap = page.locator(".player-lane").nth(1).locator(".player-gap")
        expect(gap).to_have_attribute("title", "Gap at 0:13.0, 2.0 s: the connection was lost")
        lane, hatched = page.locator(".player-track").nth(1).bounding_box(), gap.bounding_box()
        assert lane
        assert hatched
        assert (hatched["x"] - lane["x"]) / lane["width"] == pytest.approx(13 / 30, abs=0.005)
        assert hatched["width"] / lane["width"] == pytest.approx(2 / 30, abs=0.005)
        expect(page.locator(".player-lane").nth(0).locator(".player-gap")).to_have_count(0)
        light = colour(page, 0)
        page.evaluate("document.documentElement.classList.add('dark')")
        page.wait_for_timeout(300)
        assert colour(page, 0) not in (light, "")


def test_it_plays_seeks_and_changes_speed(site: str) -> None:
    staff("olga")
    session = a_call()
    with browsing(site) as page:
        sign_in(page, "olga", session)
        page.click("[data-do=toggle]")
        wait_for_place(page, 0.5)
        assert place(page) > 0
        expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Pause")
        lane = page.locator(".player-track").nth(1)
        box = lane.bounding_box()
        assert box
        lane.click(position={"x": box["width"] * 0.5, "y": 20})
        wait_for_place(page, 15)
        assert place(page) < 18
        page.select_option("[data-speed]", "2")
        assert page.evaluate("document.querySelector('audio').playbackRate") == 2
        page.click("[data-do=toggle]")
        expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")
        head = page.locator("[data-head]").bounding_box()
        assert head
        assert (head["x"] + 1 - box["x"]) / box["width"] == pytest.approx(place(page) / 30, abs=0.01)


def test_it_obeys_the_keyboard_and_links_to_a_moment(site: str) -> None:
    staff("olga")
    session = a_call()
    with browsing(site) as page:
        sign_in(page, "olga", session)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        assert place(page) == 20
        page.keyboard.press("ArrowLeft")
        assert place(page) == 15
        page.keyboard.press(" ")
        wait_for_place(page, 15.3)
        page.keyboard.press(" ")
        assert page.evaluate("document.querySelector('audio').paused")
        page.keyboard.press("Home")
        assert place(page) == 0
        page.click("[data-seek]")
        assert place(page) == 13
        page.goto(f"/admin/media/streamsession/{session.pk}/change/?t=7.5")
        expect(page.locator("[data-now]")).to_have_text("0:07.5")


def test_it_fetches_no_sound_before_somebody_presses_play(site: str) -> None:
    """Fetching is on record as listening, so looking must not fetch."""
    staff("olga")
    session = a_call()
    with browsing(site) as page:
        sign_in(page, "olga", session)
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(500)
        assert in_the_database(lambda: set(AccessEntry.objects.values_list("action", flat=True))) == {"view"}
        page.keyboard.press(" ")
        wait_for_place(page, 5.2)
        assert in_the_database(lambda: set(AccessEntry.objects.values_list("action", flat=True))) == {"view", "replay"}


def test_it_grows_while_the_call_runs_and_plays_on_beyond_what_it_had(site: str) -> None:
    staff("olga")
    now = timezone.now()
    session = a_recorded_session(live=True, state="recording", last_frame_at=now, started_at=now - timedelta(seconds=8))
    lane = a_participant(session, "4:+15550100", speech(4))
    with browsing(site) as page:
        sign_in(page, "olga", session)
        expect(page.locator("[data-length]")).to_have_text("0:04")
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        expect(page.locator("[data-message]")).to_contain_text("it goes on as the call does")
        in_the_database(lambda: add(Participant.objects.get(pk=lane.pk), speech(6, seed=5), from_ms=4000))
        expect(page.locator("[data-length]")).to_have_text("0:10")
        wait_for_place(page, 4.5)
        in_the_database(lambda: add(Participant.objects.get(pk=lane.pk), speech(1, seed=6), from_ms=10_000))
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(live=False, state="ended"))
        expect(page.locator("[data-message]")).to_contain_text("The call has ended")
        wait_for_place(page, 10.5)  # beyond the snapshot that it held when the call ended


def test_it_waits_for_the_first_audio_and_says_when_none_came(site: str) -> None:
    staff("olga")
    session = a_session(live=True, state="waiting", reason="The call rings.")
    with browsing(site) as page:
        sign_in(page, "olga", session, lanes=False)
        expect(page.locator("[data-wait]")).to_have_text("Nothing archived yet. The call rings.")
        expect(page.locator("[data-do=toggle]")).to_be_disabled()
        ended = {"live": False, "state": "ended", "reason": "Nobody answered."}
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(**ended))
        expect(page.locator("[data-wait]")).to_have_text("No audio captured. Nobody answered.")


def test_it_draws_who_joins_while_it_looks(site: str) -> None:
    staff("olga")
    session = a_recorded_session(live=True, state="recording")
    a_participant(session, "4:+15550100", speech(4))
    with browsing(site) as page:
        sign_in(page, "olga", session)
        in_the_database(lambda: a_person(session, "8:acs:olga", speech(3, seed=2), "Olga", 2000))
        expect(page.locator(".player-name .chip")).to_have_text(["4:+15550100", "Olga"])


def test_it_draws_a_gap_of_unknown_length_at_the_end(site: str) -> None:
    staff("olga")
    session = a_recorded_session(state="interrupted")
    a_participant(session, None, speech(4))
    a_gap(session, None, 4000, None, cause="server_stopped")
    with browsing(site) as page:
        sign_in(page, "olga", session)
        gap = page.locator(".player-gap.open")
        expect(gap).to_have_attribute("title", "Gap at 0:04.0, of unknown length: our server was down")
        box = gap.bounding_box()
        assert box
        assert box["width"] >= 10


def test_it_fits_a_telephone(site: str) -> None:
    staff("sven")
    session = a_call()
    with browsing(site, width=360, scheme="dark") as page:
        sign_in(page, "sven", session)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.click(".player-downloads summary")
        menu = page.locator(".player-downloads > div").bounding_box()
        assert menu
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= 360
        with page.expect_download() as download:
            page.click("text=FLAC >> nth=0")
        assert download.value.suggested_filename.endswith(".flac")


def test_it_says_why_it_cannot_play(site: str) -> None:
    staff("olga")
    session = a_call()
    AudioChunk.objects.all().delete()
    with browsing(site, expected="409 (Conflict)") as page:
        sign_in(page, "olga", session)
        page.click("[data-do=toggle]")
        expect(page.locator("[data-message]")).to_contain_text(
            "It cannot be played: Nothing of this session is archived yet"
        )
        expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")
