"""The admin's list of sessions: what stands in a row, what the filters and the search find, and what it costs."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from calls.models import Person
from media.models import StreamSession
from tests.calls.rows import a_call as a_telephone_call
from tests.media.rows import NOON, a_connection, a_heard_session, a_lane, a_session
from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db
ID = uuid.UUID("5d1f3c52-8a54-4b8e-9a35-0d6b1f0f9c11")
LIST = "/admin/media/streamsession/"


def rows_of(client: Client, query: str = "") -> list[str]:
    """The names in the first column, as the page has them."""
    page = client.get(LIST + query)
    assert page.status_code == 200
    return re.findall(r'<th class="field-session[^>]*><a [^>]*>([^<]*)</a>', page.text)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def a_call(label: str, **fields: Any) -> StreamSession:
    session = a_heard_session(label=label, **fields)
    a_lane(session, "4:+15550100", label="+1 555 0100", stored_ticks=4_800_000, gap_ticks=0)
    a_lane(session, "8:acs:olga", 20, label="Olga", stored_ticks=4_700_000, gap_ticks=100_000)
    return session


def test_it_shows_state_with_reason_duration_participants_and_coverage() -> None:
    session = a_call("Support", duration_ms=3_723_000, reason="The other side ended the call.", gap_count=3)
    a_connection(session)
    page = signed_in_staff("olga").get(LIST).text
    assert 'class="state state-ended" title="The other side ended the call. (' in page
    assert "1:02:03" in page
    assert '<span class="chip lane-0" title="4:+15550100">+1 555 0100</span>' in page
    assert '<span class="chip lane-1" title="8:acs:olga">Olga</span>' in page
    assert "98.9 % · 3 gaps" in page


def test_it_calls_coverage_whole_only_when_nothing_is_missing() -> None:
    almost = a_heard_session(label="almost", gap_count=1)
    a_lane(almost, None, stored_ticks=10**9, gap_ticks=960)
    assert "99.9 % · 1 gap" in signed_in_staff("olga").get(LIST).text


def test_it_says_no_audio_captured_and_never_a_length_of_zero() -> None:
    a_session(label="silent end")
    a_session(label="not yet", live=True, state="waiting")
    page = text_of(signed_in_staff("olga").get(LIST).text)
    assert "no audio captured" in page
    assert "nothing yet" in page
    assert "0:00" not in page


def test_it_marks_running_sessions_live() -> None:
    a_session(label="running", live=True, state="recording", last_frame_at=NOON)
    assert '<span class="state-live">live</span>' in signed_in_staff("olga").get(LIST).text


def test_it_names_four_participants_and_counts_the_rest() -> None:
    session = a_heard_session(label="conference")
    for number in range(6):
        a_lane(session, f"4:+1555010{number}", number)
    page = signed_in_staff("olga").get(LIST).text
    assert '<span class="chip-more">+2</span>' in page


def test_it_lists_the_newest_first() -> None:
    a_session(label="old", started_at=NOON - timedelta(days=1))
    a_session(label="new")
    assert rows_of(signed_in_staff("olga")) == ["new", "old"]


def test_it_costs_the_same_for_forty_sessions_as_for_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in_staff("olga")
    a_call("first")
    client.get(LIST)
    queries = 6  # session, user, two for rights, count, rows, participants: rights are cached per request
    for number in range(40):
        a_call(f"call {number}")
    with django_assert_num_queries(queries + 1) as captured:
        client.get(LIST)
    Person.objects.create(raw_id="8:acs:henry", name="Henry")
    for _ in range(3):
        a_call("Call to 8:acs:henry", call=a_telephone_call(to=["8:acs:henry"]))
    with django_assert_num_queries(queries + 2):  # and one for the names of all of them
        assert rows_of(client).count("Call to Henry") == 3
    counts = [query["sql"] for query in captured.captured_queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 5000" in sql for sql in counts)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?trouble=gaps", {"gaps"}),
        ("?trouble=malformed", {"dirty"}),
        ("?trouble=no-audio", {"empty"}),
        ("?trouble=interrupted", {"lost"}),
        ("?trouble=failed", {"failed"}),
        ("?trouble=none", {"sound", "live"}),
        ("?live__exact=1", {"live"}),
        ("?state__exact=failed", {"failed"}),
        ("?duration=10s", {"empty", "live"}),
        ("?duration=1min", {"gaps", "lost", "failed", "dirty"}),
        ("?duration=long", {"sound"}),
        ("?channels__exact=mixed", {"lost"}),
    ],
)
def test_it_answers_real_questions_by_filters(query: str, found: set[str]) -> None:
    stored = {"stored": 500, "received": 500, "duration_ms": 10_000}
    a_heard_session(label="sound", **{**stored, "duration_ms": 3_600_000})
    a_heard_session(label="gaps", **stored, gap_count=2)
    a_heard_session(label="dirty", **stored, malformed=1)
    a_heard_session(label="lost", **stored, state="interrupted", channels="mixed")
    a_heard_session(label="failed", **stored, state="failed")
    a_session(label="empty")
    a_session(label="live", live=True, state="recording", stored=50, received=50)
    assert set(rows_of(signed_in_staff("olga"), query)) == found


@pytest.mark.parametrize(
    "words",
    [
        "support",
        "case-4711",
        "CASE-47",
        "+1555010",
        "olga",
        "8:acs:ol",
        "401f0500",
        "5d1f3c52",
        "5d1f3c52-8a54",
        "support olga",
    ],
)
def test_it_finds_a_session_by_what_people_have_at_hand(words: str) -> None:
    found = {"id": ID, "external_id": "case-4711", "call_connection_id": "401f0500-11"}
    a_call("Support call", **found)
    other = a_heard_session(label="other", id=uuid.UUID(int=7))
    a_lane(other, "4:+4930123")
    assert rows_of(signed_in_staff("olga"), f"?q={words.replace('+', '%2B')}") == ["Support call"]


@pytest.mark.parametrize("words", ["nobody", "5d1f 9999", '"', "support nobody"])
def test_it_finds_nothing_for_words_that_are_nowhere(words: str) -> None:
    a_call("Support call", id=ID)
    client = signed_in_staff("olga")
    page = client.get(LIST, {"q": words})
    assert page.status_code == 200
    assert "Support call" not in page.text


def test_it_survives_a_nul_in_the_search() -> None:
    a_call("Support call")
    assert signed_in_staff("olga").get(LIST, {"q": "a\0b"}).status_code in (200, 302)


def test_it_escapes_what_came_from_outside() -> None:
    session = a_heard_session(label="<b>bold</b>", reason='"><script>alert(1)</script>')
    a_lane(session, "<script>alert(2)</script>", label="<i>x</i>")
    client = signed_in_staff("olga")
    for page in (client.get(LIST), client.get(f"{LIST}{session.pk}/change/")):
        assert "<script>alert" not in page.text
        assert "<i>x</i>" not in page.text
        assert "<b>bold" not in page.text


def test_it_hides_the_list_from_otto_and_from_those_who_are_not_staff() -> None:
    assert signed_in_staff("otto").get(LIST).status_code == 403
    client = Client()
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(LIST).status_code == 302
