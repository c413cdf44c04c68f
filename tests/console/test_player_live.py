"""The player before sessions that are not whole: running ones, empty ones, broken ones."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from media.models import AudioChunk, Participant, StreamSession
from tests.browser import browsing, in_the_database, serving
from tests.console.listening import a_person, heard
from tests.console.pages import with_password
from tests.console.playing import open_session, place, pressed, wait_for_place
from tests.media.recorded import a_participant, a_recorded_session, add, speech
from tests.media.rows import a_connection, a_gap, a_session

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_it_grows_while_the_call_runs_and_plays_on_beyond_what_it_had() -> None:
    with_password("olga")
    now = timezone.now()
    session = a_recorded_session(live=True, state="recording", last_frame_at=now, started_at=now - timedelta(seconds=8))
    lane = a_participant(session, "4:+15550100", speech(4))
    with serving() as site, browsing(site) as page:
        open_session(page, "olga", session)
        expect(page.locator("[data-length]")).to_have_text("0:04")
        pressed(page, "Home", "End")  # back to the first second, and one key to the live edge
        assert place(page) >= 3.4
        expect(page.locator("[data-message]")).to_contain_text("it goes on as the call does")
        in_the_database(lambda: add(Participant.objects.get(pk=lane.pk), speech(6, seed=5), from_ms=4000))
        expect(page.locator("[data-length]")).to_have_text("0:10")
        wait_for_place(page, 4.5)
        in_the_database(lambda: a_person(session, "8:acs:olga", speech(3, seed=2), "Olga", 2000))
        expect(page.locator(".player-name .chip")).to_have_text(["+15550100", "Olga"])
        in_the_database(lambda: add(Participant.objects.get(pk=lane.pk), speech(1, seed=6), from_ms=10_000))
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(live=False, state="ended"))
        expect(page.locator("[data-message]")).to_contain_text("The call has ended")
        wait_for_place(page, 10.5)
        expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")  # it ends by itself


def test_it_waits_for_the_first_audio_and_says_when_none_came() -> None:
    with_password("olga")
    session = a_session(live=True, state="waiting", reason="The call rings.")
    with serving() as site, browsing(site) as page:
        open_session(page, "olga", session, lanes=False)
        expect(page.locator("[data-wait]")).to_have_text("Nothing archived yet. The call rings.")
        expect(page.locator("[data-do=toggle]")).to_be_disabled()
        expect(page.locator("[data-head]")).to_be_hidden()
        now = timezone.now()
        connection = in_the_database(lambda: a_connection(session, opened_at=now, last_frame_at=now))
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(state="recording"))
        expect(page.locator("[data-wait]")).to_contain_text("about ten seconds after it was spoken")
        connection.opened_at -= timedelta(minutes=3)
        in_the_database(connection.save)
        expect(page.locator("[data-wait]")).to_contain_text("Archiving is behind")
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(state="ended"))
        expect(page.locator("[data-wait]")).to_contain_text("It is over and being stored")
        ended = {"live": False, "state": "ended", "reason": "Nobody answered."}
        in_the_database(lambda: StreamSession.objects.filter(pk=session.pk).update(**ended))
        expect(page.locator("[data-wait]")).to_have_text("No audio captured. Nobody answered.")


def test_it_draws_a_gap_of_unknown_length_and_says_why_it_cannot_play() -> None:
    with_password("olga")
    session = a_recorded_session(state="interrupted")
    a_participant(session, None, speech(4))
    a_gap(session, None, 4000, None, cause="server_stopped")
    with serving() as site, browsing(site, expected="409 (Conflict)") as page:
        open_session(page, "olga", session)
        gap = page.locator(".player-gap.open")
        expect(gap).to_have_attribute("title", "Gap at 0:04.0, of unknown length: our server was down")
        box = gap.bounding_box()
        assert box
        assert box["width"] >= 10
        in_the_database(lambda: AudioChunk.objects.all().delete())
        page.click("[data-do=toggle]")
        expect(page.locator("[data-message]")).to_contain_text(
            "It cannot be played: Nothing of this session is archived yet"
        )
        expect(page.locator("[data-do=toggle]")).to_have_attribute("aria-label", "Play")
        assert not heard(page).any()
