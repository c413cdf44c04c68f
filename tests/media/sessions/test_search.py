"""Finding sessions by what people have at hand; kept up to date by the database itself, whoever writes."""

from datetime import timedelta

import pytest
from django.db import connection

from media.models import Note, Participant, SessionText, StreamSession, Tag
from media.sessions import search
from media.sessions.search import SessionQuery, narrow
from tests.media.rows import NOON, a_heard_session, a_lane, a_session
from tests.people import program_of

pytestmark = pytest.mark.django_db


def found(**query: object) -> list[str]:
    rows = narrow(StreamSession.objects.all(), SessionQuery.model_validate(query))
    return [session.label for session in rows]


@pytest.fixture
def call() -> StreamSession:
    other = a_heard_session(label="Other", external_id="crm-8", started_at=NOON + timedelta(minutes=1))
    a_lane(other, "4:+4930123456", label="Otto Other")
    session = a_heard_session(label="Müller's first order", external_id="CRM-9/b", call_connection_id="401f-AB")
    a_lane(session, "4:+15550100", label="Zoë Quispe")
    a_lane(session, "8:acs:1a2b_agent-7")
    return session


@pytest.mark.parametrize(
    "text",
    [
        "müll", "MÜLLER", "first order", "order first", '"first"', "crm-9", "CRM-9/b", "zoë", "quispe order", "o'rder",
        "+15550100", "+1 (555) 01", "1555", "0100", "50100", "8:acs:1a2b", "1a2b_agent", "401f-ab", "401F",
    ],
)  # fmt: skip
def test_it_finds_by_words_numbers_and_ids(call: StreamSession, text: str) -> None:
    expected = [] if text == "o'rder" else ["Müller's first order"]
    assert found(q=text) == expected


@pytest.mark.parametrize(
    "text", ["uller", "order zebra", "+1555019", "5501", "%", "_", "\\", "'", '"', "''':* | 'w", "&!("]
)
def test_it_does_not_find_what_is_not_there(call: StreamSession, text: str) -> None:
    assert found(q=text) == []


def test_a_short_number_is_no_number_but_a_word() -> None:
    a_lane(a_session(label="Room 12"), "4:+12025550100")
    assert found(q="12") == ["Room 12"]
    assert found(q="00") == []


def test_it_finds_notes_and_tags_as_they_come_and_go(call: StreamSession) -> None:
    note = Note.objects.create(session=call, text="Promised a refund.", username="olga")
    tag = Tag.objects.create(session=call, name="call back", username="olga")
    assert found(q="refund") == found(q="back") == found(tag="Call  Back") == ["Müller's first order"]
    assert found(tag="call") == found(tag="back") == []
    note.text = "Promised a voucher."
    note.save()
    assert (found(q="refund"), found(q="voucher")) == ([], ["Müller's first order"])
    note.delete()
    tag.delete()
    assert found(q="voucher") == found(tag="call back") == []


def test_it_follows_new_names_and_people(call: StreamSession) -> None:
    StreamSession.objects.filter(pk=call.pk).update(label="Renamed")
    Participant.objects.filter(raw_id="4:+15550100").update(label="Ada Fernández")
    a_lane(call, "8:orgid:77", label="Late Guest")
    assert found(q="renamed") == found(q="fernández guest") == ["Renamed"]
    assert found(q="first") == found(q="quispe") == []
    assert found(q="crm-9") == ["Renamed"]


def test_counters_that_change_every_second_leave_its_text_alone(call: StreamSession) -> None:
    def version() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid FROM media_sessiontext WHERE session_id = %s", [call.pk])
            return cursor.fetchone()

    before = version()
    StreamSession.objects.filter(pk=call.pk).update(received=5, stored=5, duration_ms=10, label=call.label)
    Participant.objects.filter(session=call).update(received=5, stored=5)
    assert version() == before


def test_its_text_goes_with_the_session(call: StreamSession) -> None:
    Note.objects.create(session=call, text="x", username="olga")
    call.delete()
    connection.check_constraints()
    assert SessionText.objects.count() == 1


def test_it_takes_as_much_text_as_notes_can_hold(call: StreamSession) -> None:
    words = " ".join(f"{number:03}ü" * 9 for number in range(50))
    Note.objects.bulk_create(Note(session=call, text=f"{n} {words}"[:2000], username="olga") for n in range(300))
    assert found(q="müller") == ["Müller's first order"]


def test_what_is_common_is_found_in_the_same_order(monkeypatch: pytest.MonkeyPatch, call: StreamSession) -> None:
    for number in range(12):
        a_lane(
            a_session(label=f"order {number}", started_at=NOON + timedelta(minutes=number)), f"4:+1555000{number:02}"
        )
    queries = (
        {"q": "order"},
        {"q": "+1555"},
        {"q": "order", "participant": "+155500"},
        {"q": "order", "state": ["ended"]},
    )
    rare = [found(**query) for query in queries]
    monkeypatch.setattr(search, "RARE", 3)
    assert [found(**query) for query in queries] == rare
    assert [len(labels) for labels in rare] == [13, 13, 12, 13]
    assert rare[2] == [f"order {number}" for number in reversed(range(12))]


def test_a_participant_is_one_person(call: StreamSession) -> None:
    assert found(participant="zoë") == found(participant="+1 555 0100") == ["Müller's first order"]
    assert found(participant="first") == []  # of the label
    assert found(q="quispe agent") == ["Müller's first order"]
    assert found(participant="quispe agent") == []  # two people


def test_its_new_filters_work_over_the_api(call: StreamSession) -> None:
    Tag.objects.create(session=call, name="vip", username="olga")
    a_session(label="short", duration_ms=10)
    olga = program_of("olga")

    def labels(query: str) -> list[str]:
        return [shape["label"] for shape in olga.get(f"/api/v1/sessions?{query}").json()["items"]]

    assert labels("tag=VIP") == ["Müller's first order"]
    assert labels("max_duration_ms=10") == ["short"]
    assert labels("tag=%27%20%7C%20%27") == []
    assert labels(f"tag={'vip' * 1000}") == []
