"""The admin's page of one session: what it shows to whom, that it changes nothing, and that it is on record."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from media.models import AccessEntry, StreamSession
from tests.media.rows import a_connection, a_gap, a_heard_session, a_lane, a_session
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db


def url_of(session: StreamSession) -> str:
    return f"/admin/media/streamsession/{session.pk}/change/"


def text_of(client: Client, session: StreamSession) -> str:
    """The page's text, without tags."""
    page = client.get(url_of(session))
    assert page.status_code == 200
    body = page.text.partition('id="content-main"')[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def a_call() -> StreamSession:
    """Ten seconds of two people; Olga's connection was lost for a while."""
    counted = {"received": 980, "stored": 975, "duplicate": 5, "gap_count": 2, "gap_ms": 500}
    session = a_heard_session(label="Support call", reason="The other side ended the call.", **counted)
    a_lane(session, "4:+15550100", label="+1 555 0100", stored_ticks=480_000, speech_ticks=96_000)
    told = {"stored_ticks": 384_000, "gap_ticks": 24_000, "duplicate_ticks": 4800}
    olga = a_lane(session, "8:acs:olga", 1500, label="Olga", **told)
    a_gap(session, olga, 4000, 500, cause="socket_lost")
    a_gap(session, None, 10_000, None, cause="server_stopped")
    a_connection(session, remote="20.1.2.3", subscription_id="9e1c", metadata={"sampleRate": 16000}, close_code=1000)
    return session


def test_it_shows_state_reason_and_age() -> None:
    session = a_session(
        live=True, state="no_audio", reason="No audio for 12 s.", last_frame_at=timezone.now() - timedelta(minutes=3)
    )
    text = text_of(signed_in_staff("olga"), session)
    assert "no audio live for 3 min No audio for 12 s." in text


def test_it_shows_coverage_of_each_participant() -> None:
    text = text_of(signed_in_staff("olga"), a_call())
    assert "+1 555 0100 Name phone 0:00.0 2.0 s 10.0 s 10.0 s 10.0 s – 100 %" in text
    assert "Olga Name acs 0:01.5 0 ms 8.5 s 8.1 s 8.0 s 500 ms 94.1 %" in text


def test_it_lists_gaps_by_call_time_with_their_causes() -> None:
    text = text_of(signed_in_staff("olga"), a_call())
    assert "0:04.0 12:00:04 UTC 500 ms Olga the connection was lost" in text
    assert "0:10.0 12:00:10 UTC unknown everybody our server was down" in text


def test_it_shows_connections_and_counters() -> None:
    text = text_of(signed_in_staff("olga"), a_call())
    assert "0:10 closed by the other side, with a close frame (1000)" in text
    assert "From 20.1.2.3" in text
    assert "sampleRate 16000" in text
    assert "received 980" in text
    assert "duplicate 5" in text


def test_it_says_when_there_are_more_gaps_than_it_lists() -> None:
    session = a_heard_session(gap_count=231)
    lane = a_lane(session, None)
    for number in range(230):
        a_gap(session, lane, number * 40, 20 if number < 220 else 33)
    a_gap(session, None, 9950, None, cause="server_stopped")
    text = text_of(signed_in_staff("olga"), session)
    assert "Gaps 231, the longest 200 are listed At Clock Length Whose Cause 0:00.0 12:00:00 UTC 20 ms" in text
    assert text.count(" 33 ms ") == 10
    assert "unknown everybody our server was down" in text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "The call ended first."}, "No audio captured The call ended first."),
        ({}, "No audio captured No connection of this session brought any audio."),
    ],
)
def test_it_says_in_plain_words_that_there_is_nothing_to_hear(fields: dict[str, object], sentence: str) -> None:
    session = a_session(**fields)
    page = signed_in_staff("olga").get(url_of(session)).text
    assert sentence in text_of(signed_in_staff("olga"), session)
    assert "data-player" not in page


def test_it_costs_the_same_however_long_the_call(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in_staff("ada")
    short, long = a_call(), a_call()
    for number in range(12):
        lane = a_lane(long, f"8:acs:{number}")
        for gap in range(10):
            a_gap(long, lane, gap * 100, 20)
        a_connection(long)
    client.get(url_of(short))
    with django_assert_num_queries(13) as few:
        client.get(url_of(short))
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(url_of(long))


# --- who may what ----------------------------------------------------------------------------------------------------


def test_it_gives_the_player_to_whom_may_replay_and_downloads_to_whom_may_download() -> None:
    session = a_call()
    olga, sven = (signed_in_staff(name).get(url_of(session)).text for name in ("olga", "sven"))
    assert f'data-player="/api/v1/sessions/{session.pk}"' in olga
    assert "format=flac" not in olga
    assert f'href="/api/v1/sessions/{session.pk}/audio?format=flac"' in sven


def test_it_tells_who_may_only_look_that_hearing_needs_a_right() -> None:
    otto = person("otto")
    otto.user_permissions.add(Permission.objects.get(codename="view_streamsession"))
    client, session = signed_in_staff("otto"), a_call()
    page = client.get(url_of(session)).text
    assert "not hear it: that needs the right" in page
    assert "data-player" not in page


def test_it_shows_the_access_log_only_to_whom_may_see_it() -> None:
    session = a_call()
    AccessEntry.objects.create(
        session_id=session.pk, username="mallory", via="api", action="replay", from_ms=1500, to_ms=4000
    )
    assert "mallory" not in text_of(signed_in_staff("olga"), session)
    assert "mallory replay 0:01.5 – 0:04.0 api" in text_of(signed_in_staff("sven"), session)


def test_it_records_each_viewing() -> None:
    session = a_call()
    signed_in_staff("olga").get(url_of(session))
    entry = AccessEntry.objects.get()
    assert (entry.username, entry.action, entry.via, entry.session_id) == ("olga", "view", "admin", session.pk)


def test_it_records_nothing_of_a_page_that_was_refused() -> None:
    assert signed_in_staff("otto").get(url_of(a_call())).status_code in (302, 403)
    assert not AccessEntry.objects.exists()


def test_it_offers_nothing_to_add() -> None:
    assert signed_in_staff("ada").get("/admin/media/streamsession/add/").status_code == 403


def test_it_changes_nothing() -> None:
    session = a_call()
    assert signed_in_staff("ada").post(url_of(session), {"label": "mine"}).status_code == 403
    session.refresh_from_db()
    assert session.label == "Support call"
    assert 'name="_save"' not in signed_in_staff("ada").get(url_of(session)).text
