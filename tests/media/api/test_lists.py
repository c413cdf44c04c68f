"""The session list: its filters, its pages."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from calls.models import Call
from media.models import StreamSession
from tests.media.rows import NOON, a_lane, a_session
from tests.people import program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga() -> Client:
    return program_of("olga")


def found(olga: Client, **query: Any) -> list[str]:
    answer = olga.get("/api/v1/sessions?" + urlencode(query, doseq=True))
    assert answer.status_code == 200, answer.content
    return [shape["label"] for shape in answer.json()["items"]]


def a_dozen() -> list[StreamSession]:
    """Twelve sessions; those of a pair began at the same moment, so only their ids tell them apart."""
    return [a_session(label=f"no {number}", started_at=NOON + timedelta(minutes=number // 2)) for number in range(12)]


def test_it_lists_the_newest_first(olga: Client) -> None:
    for number in range(3):
        a_session(label=str(number), started_at=NOON + timedelta(microseconds=number))
    assert found(olga) == ["2", "1", "0"]


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 200])
def test_it_shows_every_row_once_over_all_pages(olga: Client, limit: int) -> None:
    expected = [str(row.pk) for row in sorted(a_dozen(), key=lambda row: (row.started_at, row.pk), reverse=True)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = olga.get(f"/api/v1/sessions?limit={limit}&cursor={cursor}").json()
        assert len(page["items"]) <= limit
        seen += [shape["id"] for shape in page["items"]]
        cursor = page["next"]
    assert seen == expected


def test_it_keeps_its_place_while_new_sessions_arrive(olga: Client) -> None:
    a_dozen()
    first = olga.get("/api/v1/sessions", {"limit": 6}).json()
    a_session(label="new", started_at=NOON + timedelta(hours=1))
    second = olga.get("/api/v1/sessions", {"limit": 6, "cursor": first["next"]}).json()
    labels = [shape["label"] for shape in first["items"] + second["items"]]
    assert sorted(labels) == sorted(f"no {number}" for number in range(12))


def test_it_searches_labels_ids_and_participants(olga: Client) -> None:
    one = a_session(label="Ticket 4711", external_id="CRM-9")
    a_lane(one, "4:+15550100", label="Zoë Quispe")
    a_session(label="another")
    for text in ("ticket", "4711", "crm-9", "+1555010", "zoë", str(one.pk), str(one.pk)[:13], one.pk.hex[:9]):
        assert found(olga, q=text) == ["Ticket 4711"], text
    for text in ("%", "_", "\\", "nobody", "'; --"):
        assert found(olga, q=text) == [], text


def test_it_filters_by_participant(olga: Client) -> None:
    one = a_session(label="4:+15550100 is only in the label")
    two = a_session(label="two")
    lane = a_lane(two, "4:+15550100")
    a_lane(one, "4:+15550199")
    assert found(olga, participant="+15550100") == ["two"]
    assert found(olga, participant=str(lane.pk)) == ["two"]


def test_it_filters_by_state_one_or_several(olga: Client) -> None:
    for state in ("waiting", "recording", "failed"):
        a_session(label=state, state=state, live=True)
    assert found(olga, state="failed") == ["failed"]
    assert sorted(found(olga, state=["failed", "waiting"])) == ["failed", "waiting"]


def test_it_filters_by_call(olga: Client) -> None:
    call = Call.objects.create(direction="inbound")
    a_session(label="of the call", call=call, call_connection_id="cc-1")
    a_session(label="other", call_connection_id="cc-12")
    assert found(olga, call_id=call.pk) == ["of the call"]
    assert found(olga, call_connection_id="cc-1") == ["of the call"]


def test_it_filters_by_time(olga: Client) -> None:
    for hour in range(3):
        a_session(label=str(hour), started_at=NOON + timedelta(hours=hour))
    assert found(olga, started_after="2026-03-01T12:00:00Z") == ["2", "1"]
    assert found(olga, started_before="2026-03-01T13:00:00") == ["0"]
    assert found(olga, started_before="2026-03-01T15:00:00+02:00") == ["0"]
    assert found(olga, started_after="2026-03-01T12:00:00+19:50") == ["2", "1", "0"]
    assert found(olga, started_after="2026-03-01") == ["2", "1", "0"]


def test_it_understands_an_offset_whose_plus_became_a_space(olga: Client) -> None:
    a_session(label="noon")
    answer = olga.get("/api/v1/sessions?started_before=2026-03-01T14:30:00+02:00")
    assert [shape["label"] for shape in answer.json()["items"]] == ["noon"]


def test_it_filters_by_length_gaps_errors_and_life(olga: Client) -> None:
    a_session(label="long", duration_ms=60_000)
    a_session(label="holed", gap_count=1)
    a_session(label="dirty", malformed=1)
    a_session(label="failed", state="failed")
    a_session(label="cut", state="interrupted")
    a_session(label="live", state="recording", live=True)
    assert found(olga, min_duration_ms=60_000) == ["long"]
    assert found(olga, has_gaps="true") == ["holed"]
    assert sorted(found(olga, has_errors="1")) == ["cut", "dirty", "failed"]
    assert sorted(found(olga, has_errors="false")) == ["holed", "live", "long"]
    assert found(olga, live="true") == ["live"]
    assert "holed" not in found(olga, has_gaps="false")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "over"),
        ("call_id", "4711"),
        ("started_after", "yesterday"),
        ("started_after", "1700000000"),
        ("started_before", "2026-13-01"),
        ("started_before", "0001-01-01T00:00:00+20:00"),
        ("min_duration_ms", "-1"),
        ("min_duration_ms", "1e99"),
        ("min_duration_ms", "9" * 40),
        ("has_gaps", "perhaps"),
        ("live", "2"),
        ("q", "a\0b"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("cursor", "nonsense"),
        ("cursor", "é"),
        ("cursor", "W10"),
        ("cursor", "WzEsIDJd"),
        ("cursor", "WyIyMDI2LTAzLTAxIiwgIjEiXQ"),
        ("cursor", "W1tbW1tbW1tb"),
        ("statee", "ended"),
    ],
)
def test_it_refuses_what_is_no_filter(olga: Client, name: str, value: str) -> None:
    answer = olga.get("/api/v1/sessions", {name: value})
    assert answer.status_code == 422, answer.content
    (fault,) = answer.json()["detail"]
    assert fault["loc"][:2] == ["query", name]
    assert fault["msg"]
