"""The page of a running session keeps itself current: its parts come from the server, and the browser puts them in."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django import DjangoAssertNumQueries

from media.models import AccessEntry, Connection, StreamSession
from media.sessions import figures_now
from tests.browser import browsing, in_the_database, serving
from tests.media.admin_pages import sign_in, staff
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.media.rows import a_connection, a_gap, a_heard_session, a_lane, a_session
from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PARTS = ["heading", "coverage", "gaps", "story", "connections", "frames", "ids"]


def live_url(session: StreamSession) -> str:
    return f"/admin/media/streamsession/{session.pk}/live/"


def parts_of(html: str) -> list[str]:
    return re.findall(r'id="session-([a-z-]+)"', html)


# --- what the server gives -------------------------------------------------------------------------------------------


def test_it_gives_the_parts_that_the_page_has() -> None:
    session = a_session(live=True, state="recording")
    for name, parts in (("olga", PARTS), ("sven", [*PARTS, "access-log"])):
        client = signed_in_staff(name)
        page = client.get(f"/admin/media/streamsession/{session.pk}/change/").text
        answer = client.get(live_url(session)).text
        assert parts_of(answer) == parts_of(page) == parts
        assert "data-player" not in answer
        assert f'data-live="{live_url(session)}"' in page


def test_it_says_whether_there_will_be_more() -> None:
    client = signed_in_staff("olga")
    assert "<body data-live>" in client.get(live_url(a_session(live=True, state="recording"))).text
    ended = a_heard_session()
    assert "<body>" in client.get(live_url(ended)).text
    assert "live_page.js" not in client.get(f"/admin/media/streamsession/{ended.pk}/change/").text


def test_it_records_no_viewing_of_its_own() -> None:
    session = a_session(live=True, state="recording")
    assert signed_in_staff("olga").get(live_url(session)).status_code == 200
    assert not AccessEntry.objects.exists()


def test_it_is_for_those_who_may_see_the_page() -> None:
    session = a_session(live=True, state="recording")
    assert signed_in_staff("otto").get(live_url(session)).status_code == 403
    assert signed_in_staff("olga").get(live_url(StreamSession(id=uuid.uuid4()))).status_code == 404


def test_it_costs_the_same_however_long_the_call(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for its figures of now, which are counted once a second for all who look."""
    monkeypatch.setattr(figures_now, "FRESH_SECONDS", 3600.0)
    client = signed_in_staff("ada")
    short, long = (a_heard_session(live=True, state="recording") for _ in range(2))
    for session, size in ((short, 1), (long, 12)):
        for number in range(size):
            a_gap(session, a_lane(session, f"8:acs:{number}"), number * 100, 20)
            a_connection(session)
        client.get(live_url(session))
    with django_assert_num_queries(11) as few:
        client.get(live_url(short))
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(live_url(long))


# --- what the browser does -------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[str]:
    with serving() as base:
        yield base


def a_running_call() -> StreamSession:
    now = timezone.now()
    session = a_recorded_session(live=True, state="recording", last_frame_at=now, started_at=now - timedelta(seconds=8))
    a_participant(session, "4:+15550100", speech(4))
    Connection.objects.filter(session=session).update(closed_at=None, closed_by="", close_code=None)
    return session


def end(session: StreamSession) -> None:
    ended = {"live": False, "state": "ended", "reason": "The other side ended the call.", "gap_count": 1, "gap_ms": 500}
    a_gap(session, None, 1000, 500)
    Connection.objects.filter(session=session).update(closed_at=timezone.now(), closed_by="peer", close_code=1000)
    StreamSession.objects.filter(pk=session.pk).update(**ended, ended_at=timezone.now())


def asked(page: Page) -> list[str]:
    """The URLs of parts that the page asks for from now on."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url) if request.url.endswith("/live/") else None)
    return urls


def test_it_goes_from_recording_to_ended_by_itself_and_then_stops(site: str) -> None:
    staff("olga")
    session = a_running_call()
    with browsing(site) as page:
        sign_in(page, "olga", session)
        expect(page.locator("#session-heading .state")).to_have_text("Recording")
        expect(page.locator("#session-gaps")).to_be_hidden()
        page.evaluate("document.querySelector('.player').mine = true")
        page.click("details.connection summary")
        page.focus("details.connection summary")
        in_the_database(lambda: end(session))
        expect(page.locator("#session-heading .state")).to_have_text("Ended")
        expect(page.locator("#session-heading .reason")).to_have_text("The other side ended the call.")
        expect(page.locator("#session-heading")).to_contain_text("500 ms in 1 gap")
        expect(page.locator("#session-gaps tbody tr")).to_have_count(1)
        expect(page.locator("details.connection")).to_have_attribute("open", "")
        expect(page.locator("details.connection summary")).to_be_focused()
        expect(page.locator("details.connection summary")).to_contain_text("closed by the other side")
        assert page.evaluate("document.querySelector('.player').mine")
        urls = asked(page)
        page.wait_for_timeout(2500)
        assert urls == []
        assert in_the_database(lambda: AccessEntry.objects.filter(action="view").count()) == 1


def test_it_admits_that_it_is_not_current_and_recovers(site: str) -> None:
    staff("olga")
    session = a_running_call()

    def away(route: Route) -> None:
        route.abort()

    with browsing(site, expected="Failed to load resource") as page:
        page.route("**/live/", away)
        sign_in(page, "olga", session)
        expect(page.locator("[data-stale]")).to_have_text(re.compile(r"^not current since \d\d:\d\d$"))
        page.unroute("**/live/", away)
        expect(page.locator("[data-stale]")).to_have_text("")


def test_it_asks_no_more_once_it_was_refused(site: str) -> None:
    staff("olga")
    session = a_running_call()
    with browsing(site, expected="Failed to load resource") as page:
        sign_in(page, "olga", session)
        page.context.clear_cookies()
        expect(page.locator("[data-stale]")).to_contain_text("sign in again or reload the page")
        urls = asked(page)
        page.wait_for_timeout(2500)
        assert urls == []
