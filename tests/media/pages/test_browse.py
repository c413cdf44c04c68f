"""The list of sessions as a page, its waveforms and its CSV: what they show to whom; all narrow alike."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import AsyncClient, Client
from pytest_django import DjangoAssertNumQueries

from calls.models import Person
from media.access import record
from media.models import AccessEntry, StreamSession, Tag
from media.sessions.titles import label_of
from tests.calls.rows import a_call
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.media.rows import NOON, a_heard_session, a_lane, a_session
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


async def csv_of(name: str, query: str = "") -> list[dict[str, str]]:
    client = AsyncClient()
    await client.aforce_login(await person_later(name))
    answer = await client.get(f"/sessions/export.csv{query}")
    assert answer.status_code == 200
    body = b"".join([part async for part in answer])  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


async def person_later(name: str):  # type: ignore[no-untyped-def]
    from asgiref.sync import sync_to_async

    return await sync_to_async(person)(name)


def some_calls() -> StreamSession:
    for number in range(3):
        a_session(label=f"order {number}", started_at=NOON + timedelta(minutes=number), gap_count=number)
    session = a_heard_session(label="Complaint", external_id="=1+1", started_at=NOON + timedelta(hours=1))
    a_lane(session, "4:+15550100")
    a_lane(session, "8:acs:olga", label="Olga")
    Tag.objects.create(session=session, name="vip", username="olga")
    return session


def test_it_calls_live_what_may_still_be_heard() -> None:
    client, shown = signed_in("olga"), {}
    for state, live in (("waiting", True), ("recording", True), ("no_audio", True), ("ended", True), ("ended", False)):
        session = a_session(state=state, live=live)
        pages = [client.get(f"/sessions/{session.pk}/").text, client.get("/sessions/").text]
        said = {('class="state-live"' in page, "being stored</span>" in page) for page in pages}
        assert len(said) == 1
        shown[state, live] = said.pop()
        session.delete()
    assert shown == {
        ("waiting", True): (False, False),
        ("recording", True): (True, False),
        ("no_audio", True): (True, False),
        ("ended", True): (False, True),
        ("ended", False): (False, False),
    }


def test_it_says_why_one_has_no_sound() -> None:
    a_session(label="Busy", state="ended", live=False, reason="The line was busy. Call again later.")
    a_session(label="Rings", state="waiting", live=True, reason="The call is ringing.")
    a_heard_session(label="Complaint", reason="The caller hung up.")
    page = signed_in("olga").get("/sessions/").text
    assert '<span class="browse-why">The line was busy. Call again later.</span>' in page
    assert page.count("browse-why") == 1, "the others have sound, or it may still come"


def test_it_lists_what_the_filters_of_the_url_let_through() -> None:
    session = some_calls()
    olga = signed_in("olga")
    page = olga.get("/sessions/?q=order&has_gaps=true").text
    assert [f"order {number}" in page for number in range(3)] == [False, True, True]
    assert 'value="order"' in page
    assert '<option value="true" selected>yes</option>' in page
    assert "/api/v1/sessions?q=order&amp;has_gaps=true" in page
    assert '<details id="filter-panel" open>' in page
    page = olga.get("/sessions/?q=0100").text
    assert "Complaint" in page
    assert '<details id="filter-panel">' in page
    assert f"/sessions/{session.pk}/wave.svg" in page


def test_it_says_which_filter_cannot_be_read_and_lists_nothing() -> None:
    some_calls()
    page = signed_in("olga").get("/sessions/?started_after=yesterday&q=order").text
    assert "is no ISO 8601 time" in page
    assert "order 1" not in page
    assert signed_in("olga").get("/sessions/export.csv?started_after=yesterday").status_code == 302


def test_it_turns_pages_within_the_filters() -> None:
    for number in range(60):
        a_session(label=f"order {number}", started_at=NOON + timedelta(minutes=number))
    olga = signed_in("olga")
    first = olga.get("/sessions/?q=order").text
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = olga.get(f"/sessions/{older}").text
    assert second.count("<tr id=") == 10
    assert "q=order" in older
    assert 'href="/sessions/?q=order">Newest' in second


def test_it_marks_what_the_reader_has_heard() -> None:
    session = some_calls()
    record(person("sven"), session, AccessEntry.Action.REPLAY, "console", 0, 1000)
    record(person("olga"), session, AccessEntry.Action.VIEW, "console")
    assert 'class="heard"' not in signed_in("olga").get("/sessions/").text
    assert signed_in("sven").get("/sessions/").text.count('class="heard"') == 1


def test_it_costs_the_same_however_long_the_list(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    olga = signed_in("olga")
    some_calls()
    olga.get("/sessions/")
    with django_assert_num_queries(7) as few:
        olga.get("/sessions/")
    for _ in range(10):
        a_lane(a_heard_session(), "4:+1")
    with django_assert_num_queries(len(few.captured_queries)):
        olga.get("/sessions/")


def test_a_call_is_called_alike_on_every_page(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """By the address book, as on the board, until somebody gave it a note."""
    Person.objects.create(raw_id="8:acs:demo_agent", name="Henry (Northwind)")
    call, noted = a_call(to=["+15550100", "8:acs:demo_agent"]), a_call(note="about the bill")
    session = a_heard_session(call=call, label=label_of(call))
    other = a_heard_session(call=noted, label=label_of(noted))
    sven = signed_in("sven")
    called, ids = "Call to +15550100, Henry (Northwind)", "Call to +15550100, 8:acs:demo_agent"
    assert session.label == ids
    for page in ("/", "/sessions/", f"/sessions/{session.pk}/preview/", f"/calls/{call.pk}/"):
        text = sven.get(page).text
        assert called in text, page
        assert ids not in text, page
    assert f"<h1>{called}</h1>" in sven.get(f"/sessions/{session.pk}/").text
    assert "<h1>About the bill</h1>" in sven.get(f"/sessions/{other.pk}/").text
    assert ">About the bill</a>" in sven.get(f"/calls/{noted.pk}/").text
    for one in (session, other):  # two legs of a conversation
        type(one).objects.filter(pk=one.pk).update(correlation_id="both")
    assert (
        f'<a class="link" href="/sessions/{other.pk}/">About the bill</a>' in sven.get(f"/sessions/{session.pk}/").text
    )
    with django_assert_num_queries(9):  # two more than without calls, for all of them
        sven.get("/sessions/")


def test_its_preview_is_a_viewing_and_its_waveform_none() -> None:
    session = a_recorded_session(label="Complaint")
    a_participant(session, "4:+15550100", speech(3))
    olga = signed_in("olga")
    wave = olga.get(f"/sessions/{session.pk}/wave.svg")
    assert wave["Content-Type"] == "image/svg+xml"
    assert wave.text.count("V") == 160
    assert "max-age" in wave["Cache-Control"]
    assert not AccessEntry.objects.exists()
    preview = olga.get(f"/sessions/{session.pk}/preview/").text
    assert "data-player" in preview
    assert "player-downloads" not in preview
    assert AccessEntry.objects.get().action == "view"
    running = a_recorded_session(live=True, state="recording")
    assert olga.get(f"/sessions/{running.pk}/wave.svg")["Cache-Control"] == "no-store"


def test_who_talked_is_said_of_what_is_archived() -> None:
    session, olga = a_recorded_session(live=True, state="recording"), signed_in("olga")
    talk = olga.get(f"/sessions/{session.pk}/talk/").text
    assert "Nothing is archived yet." in talk
    assert "Nobody" not in talk
    a_participant(session, "4:+15550100", speech(3))
    talk = olga.get(f"/sessions/{session.pk}/talk/").text
    assert "Nothing is archived yet." not in talk
    assert "Nobody: " in talk


def test_nothing_of_it_is_for_otto() -> None:
    session = some_calls()
    otto = signed_in("otto")
    for path in ("", "export.csv", f"{session.pk}/preview/", f"{session.pk}/wave.svg", f"{session.pk}/talk/"):
        assert otto.get(f"/sessions/{path}").status_code == 403, path


async def test_its_csv_is_the_filtered_list_and_no_program() -> None:
    from asgiref.sync import sync_to_async

    session = await sync_to_async(some_calls)()
    rows = await csv_of("olga")
    assert [row["label"] for row in rows] == ["Complaint", "order 2", "order 1", "order 0"]
    assert rows[0]["id"] == str(session.pk)
    assert (rows[0]["participants"], rows[0]["tags"], rows[0]["duration_ms"]) == ("4:+15550100; Olga", "vip", "10000")
    assert rows[0]["external_id"] == "'=1+1"
    assert [row["label"] for row in await csv_of("olga", "?q=order&has_gaps=true")] == ["order 2", "order 1"]


async def test_a_long_list_is_whole_in_its_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    from asgiref.sync import sync_to_async

    monkeypatch.setattr("media.pages.csv_export.PAGE", 2)
    await sync_to_async(some_calls)()
    assert len(await csv_of("olga")) == 4
