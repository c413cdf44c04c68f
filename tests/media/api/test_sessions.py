"""The session's JSON, exactly as INTERFACE fixes it."""

import uuid
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from calls.models import Call
from media.models import StreamSession
from tests.calls.rows import a_call
from tests.media.rows import NOON, a_connection, a_gap, a_heard_session, a_lane, a_session
from tests.people import program_of

pytestmark = pytest.mark.django_db
PHONE, ACS = "4:+15550100", "8:acs:resource_user"


def a_conversation() -> StreamSession:
    counts = {"received": 1010, "stored": 1000, "silent": 100, "duplicate": 10, "late": 3}
    session = a_heard_session(
        call_connection_id="cc-1",
        correlation_id="co-1",
        label="Ticket 4711",
        external_id="crm-9",
        reason="the caller hung up",
        ended_at=NOON + timedelta(seconds=12),
        malformed=2,
        unknown=1,
        gap_count=1,
        gap_ms=500,
        **counts,
    )
    a_connection(session, subscription_id="sub-1", remote="10.0.0.7")
    half = {name: count // 2 for name, count in counts.items()}
    a_lane(session, PHONE, 40, **half, stored_ticks=9_960 * 48, duplicate_ticks=100 * 48, speech_ticks=4_000 * 48)
    a_lane(session, ACS, 0, label="Olga", **half, stored_ticks=9_500 * 48, gap_ticks=500 * 48)
    return session


def test_it_shows_a_session_whole() -> None:
    session = a_conversation()
    shape = program_of("olga").get(f"/api/v1/sessions/{session.pk}").json()
    lanes, connections = shape.pop("participants"), shape.pop("connections")
    assert shape == {
        "id": str(session.pk),
        "call_id": None,
        "call_connection_id": "cc-1",
        "correlation_id": "co-1",
        "related": [],
        "label": "Ticket 4711",
        "external_id": "crm-9",
        "state": "ended",
        "reason": "the caller hung up",
        "channels": "unmixed",
        "sample_rate": 16000,
        "started_at": "2026-03-01T12:00:00Z",
        "audio_started_at": "2026-03-01T12:00:00Z",
        "ended_at": "2026-03-01T12:00:12Z",
        "duration_ms": 10000,
        "live": False,
        "frames": {
            "received": 1010,
            "stored": 1000,
            "silent": 100,
            "duplicate": 10,
            "late": 3,
            "malformed": 2,
            "unknown": 1,
        },
        "coverage": {"expected_ms": 19960, "received_ms": 19560, "stored_ms": 19460, "gap_ms": 500},
    }
    assert [lane["raw_id"] for lane in lanes] == [ACS, PHONE]
    assert lanes[1] == {
        "id": str(session.participants.get(raw_id=PHONE).pk),
        "raw_id": PHONE,
        "kind": "phone",
        "label": PHONE.removeprefix("4:"),
        "first_ms": 40,
        "speech_ms": 4000,
        "frames": {
            "received": 505,
            "stored": 500,
            "silent": 50,
            "duplicate": 5,
            "late": 1,
            "malformed": 0,
            "unknown": 0,
        },
        "coverage": {"expected_ms": 9960, "received_ms": 10060, "stored_ms": 9960, "gap_ms": 0},
    }
    assert connections == [
        {
            "id": str(session.connections.get().pk),
            "opened_at": "2026-03-01T12:00:00Z",
            "closed_at": "2026-03-01T12:00:10Z",
            "close_code": 1000,
            "closed_by": "peer",
            "subscription_id": "sub-1",
            "remote": "10.0.0.7",
        }
    ]


def test_it_shows_a_waiting_session_with_nulls() -> None:
    session = a_session(state="waiting", live=True, sample_rate=None)
    shape = program_of("olga").get(f"/api/v1/sessions/{session.pk}").json()
    nulls = (
        "call_id",
        "call_connection_id",
        "correlation_id",
        "channels",
        "sample_rate",
        "audio_started_at",
        "ended_at",
    )
    assert {name: shape[name] for name in nulls} == dict.fromkeys(nulls)
    assert (shape["participants"], shape["connections"], shape["duration_ms"]) == ([], [], 0)


def test_until_sound_comes_it_says_what_its_call_asked_for() -> None:
    call = a_call(channels="mixed", sample_rate=24_000)
    session = a_session(state="waiting", live=True, sample_rate=None, call=call)
    olga = program_of("olga")
    for shape in (olga.get(f"/api/v1/sessions/{session.pk}").json(), olga.get("/api/v1/sessions").json()["items"][0]):
        assert (shape["channels"], shape["sample_rate"]) == ("mixed", 24_000)
    StreamSession.objects.update(channels="unmixed", sample_rate=16_000)
    shape = olga.get(f"/api/v1/sessions/{session.pk}").json()
    assert (shape["channels"], shape["sample_rate"]) == ("unmixed", 16_000)


def test_it_puts_participants_in_the_order_of_their_first_sound_then_of_their_ids() -> None:
    session = a_heard_session()
    for raw_id, first_ms in (("4:+2", 20), ("4:+3", 0), ("4:+1", 20), (None, 20)):
        a_lane(session, raw_id, first_ms)
    lanes = program_of("olga").get(f"/api/v1/sessions/{session.pk}").json()["participants"]
    assert [lane["raw_id"] for lane in lanes] == ["4:+3", None, "4:+1", "4:+2"]
    assert lanes[1]["kind"] == "mixed"


def test_it_names_the_other_legs_of_the_conversation() -> None:
    one, two = a_session(correlation_id="co-1"), a_session(correlation_id="co-1")
    a_session(correlation_id="co-2")
    a_session()
    olga = program_of("olga")
    assert olga.get(f"/api/v1/sessions/{one.pk}").json()["related"] == [str(two.pk)]
    shapes = {shape["id"]: shape["related"] for shape in olga.get("/api/v1/sessions").json()["items"]}
    assert sorted(shapes.values()) == sorted([[], [], [str(one.pk)], [str(two.pk)]])


def test_it_links_to_the_call() -> None:
    call = Call.objects.create(direction="outbound")
    session = a_session(call=call)
    assert program_of("olga").get(f"/api/v1/sessions/{session.pk}").json()["call_id"] == str(call.pk)


def test_it_says_plainly_that_a_session_is_unknown() -> None:
    unknown = uuid.uuid4()
    answer = program_of("olga").get(f"/api/v1/sessions/{unknown}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": f"There is no session {unknown}."}


@pytest.mark.parametrize("part", ["", "/chunks", "/gaps", "/events", "/audio", "/waveform"])
def test_it_refuses_an_id_that_is_no_uuid(part: str) -> None:
    answer = program_of("olga").get(f"/api/v1/sessions/4711{part}")
    assert answer.status_code == 422
    assert ["path", "session_id"] in [fault["loc"] for fault in answer.json()["detail"]]


def test_it_asks_the_database_little_however_much_there_is(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        session = a_conversation()
        for lane in range(number):
            a_lane(session, f"4:+1555020{lane}", 100)
            a_connection(session)
            a_gap(session, None, 1000, 200)
    olga = program_of("olga")
    olga.get("/api/v1/sessions")  # notes the token's use
    with django_assert_max_num_queries(7):
        assert len(olga.get("/api/v1/sessions").json()["items"]) == 5
    with django_assert_max_num_queries(7):
        olga.get(f"/api/v1/sessions/{session.pk}")
    with django_assert_max_num_queries(9):
        olga.get(f"/api/v1/sessions/{session.pk}/events")
