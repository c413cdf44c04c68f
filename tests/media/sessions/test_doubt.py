"""What a row says of a running recording is not believed where its process cannot store what comes: the database may
be unable to say so, because it shares the disk that is full."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from media.live.rows import look
from media.models import ServingProcess, StreamSession
from tests.media.rows import a_connection, a_session
from tests.people import person, program_of

pytestmark = pytest.mark.django_db
WELL = "Frames are coming in and are stored."


def running(seen: float, spool: str = "spool-1") -> StreamSession:
    """As the archiver last wrote it, so many seconds ago."""
    at = timezone.now() - timedelta(seconds=seen)
    session = a_session(state="recording", live=True, reason=WELL, label="Order", last_frame_at=at)
    still_open = {"closed_at": None, "closed_by": "", "close_code": None, "archived": False}
    a_connection(session, spool=spool, last_frame_at=at, seen_at=at, opened_at=at, told_at=at, **still_open)
    return session


def process(told: float, durable: float, failing: int = 0, spool: str = "spool-1") -> str:
    """It told so many seconds ago of a spool that was committed so many seconds ago. That moment, as it is said."""
    now = timezone.now()
    stored = (now - timedelta(seconds=durable)).timestamp()
    figures = {"durable_at": stored, "spool_failing": failing}
    ServingProcess.objects.create(spool=spool, seen_at=now - timedelta(seconds=told), figures=figures)
    return f"{datetime.fromtimestamp(stored, UTC):%H:%M:%S} UTC"


def said(session: StreamSession) -> set[tuple[str, str]]:
    """State and reason, by every way that there is."""
    one: Any = program_of("olga").get(f"/api/v1/sessions/{session.pk}").json()
    (listed,) = program_of("olga").get("/api/v1/sessions?q=Order").json()["items"]
    board = look().sessions[session.pk]
    return {(one["state"], one["reason"]), (listed["state"], listed["reason"]), (board.state, board.reason)}


@pytest.mark.parametrize(
    ("seen", "state"), [pytest.param(3, "recording", id="just now"), pytest.param(30, "no_audio", id="for a while")]
)
def test_it_says_since_when_nothing_is_stored_where_a_spool_cannot_be_written(seen: float, state: str) -> None:
    session, since = running(seen), process(told=1, durable=seen - 1, failing=1)
    why = f"Nothing is stored since {since}: the server cannot write its spool."
    assert said(session) == {(state, f"{why} What comes waits in memory: look at the disk.")}
    session.refresh_from_db()
    assert session.reason == WELL, "reading changes nothing"


def test_it_says_so_on_the_pages(client: Any) -> None:
    session, since = running(3), process(told=1, durable=2, failing=1)
    client.force_login(person("olga"))
    for page in (f"/sessions/{session.pk}/", f"/sessions/{session.pk}/live/", "/sessions/"):
        text = client.get(page).text
        assert f"Nothing is stored since {since}" in text, page
        assert WELL not in text, page


def test_a_disk_that_hangs_gives_no_error_and_stores_nothing_either() -> None:
    session, since = running(12), process(told=1, durable=11)
    assert {reason.partition(":")[0] for _, reason in said(session)} == {f"Nothing is stored since {since[:2]}"}


def test_nothing_is_believed_of_a_process_that_does_not_tell_any_more() -> None:
    session, since = running(40), process(told=39, durable=39)
    why = f"No word since {since} from the server process that holds the socket: what came since may not be stored."
    assert said(session) == {("no_audio", why)}


def test_an_archiver_that_lags_puts_nothing_in_doubt() -> None:
    session = running(40)
    process(told=1, durable=1)
    assert said(session) == {("recording", WELL)}


def test_a_second_socket_whose_frames_are_stored_is_enough() -> None:
    """The first is that of a process that died; its end is not known yet."""
    session = running(40)
    process(told=39, durable=39)
    at = timezone.now()
    still_open = {"closed_at": None, "closed_by": "", "close_code": None, "archived": False}
    a_connection(session, spool="spool-2", last_frame_at=at, seen_at=at, opened_at=at, **still_open)
    process(told=1, durable=1, spool="spool-2")
    assert said(session) == {("recording", WELL)}
