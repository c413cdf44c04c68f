"""What hangs on a session: chunks, gaps, events, the access log."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from media import access
from media.models import AccessEntry, StreamMessage, StreamSession
from tests.media.rows import NOON, a_chunk, a_connection, a_gap, a_heard_session, a_lane, a_session
from tests.people import person, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> StreamSession:
    return a_heard_session(ended_at=NOON + timedelta(seconds=11), reason="the caller hung up")


@pytest.fixture
def sven() -> Client:
    return program_of("sven")


def items(client: Client, session: StreamSession, part: str, query: str = "") -> list[dict[str, Any]]:
    return all_pages(client, f"/api/v1/sessions/{session.pk}/{part}?limit=2{query}")


def all_pages(client: Client, url: str) -> list[dict[str, Any]]:
    page = client.get(url).json()
    found: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = client.get(f"{url}&cursor={page['next']}").json()
        found += page["items"]
    return found


def test_it_lists_chunks_with_their_hashes(sven: Client, session: StreamSession) -> None:
    lane, connection = a_lane(session, "4:+1"), a_connection(session)
    chunk = a_chunk(lane, connection, 1_500, samples=24_000, silent_ms=20)
    assert items(sven, session, "chunks") == [
        {
            "id": str(chunk.pk),
            "participant": str(lane.pk),
            "connection": str(connection.pk),
            "from_ms": 1500,
            "duration_ms": 1500,
            "position": chunk.position,
            "samples": 24000,
            "sample_rate": 16000,
            "silent_ms": 20,
            "bytes": 4,
            "sha256": "a" * 64,
            "pcm_sha256": "b" * 64,
        }
    ]


def test_it_lists_chunks_newest_first_over_lanes_of_different_rates(sven: Client, session: StreamSession) -> None:
    connection = a_connection(session)
    slow, fast = a_lane(session, "4:+1"), a_lane(session, "4:+2")
    for second in range(3):
        a_chunk(slow, connection, second * 1000)
        half = a_chunk(fast, connection, second * 1000 + 500)
        type(half).objects.filter(pk=half.pk).update(position=half.position * 3 // 2, rate=24_000)
    starts = [chunk["from_ms"] for chunk in items(sven, session, "chunks")]
    assert starts == [2500, 2000, 1500, 1000, 500, 0]


def test_it_lists_gaps_with_their_causes(sven: Client, session: StreamSession) -> None:
    lane = a_lane(session, "4:+1")
    a_gap(session, lane, 2_000, 500)
    a_gap(session, None, 9_000, None, cause="socket_lost")
    unknown, known = items(sven, session, "gaps")
    assert {name: unknown[name] for name in ("participant", "from_ms", "to_ms", "duration_ms", "cause")} == {
        "participant": None,
        "from_ms": 9000,
        "to_ms": None,
        "duration_ms": None,
        "cause": "socket_lost",
    }
    assert unknown["reason"] == "the connection was lost"
    assert (known["participant"], known["from_ms"], known["to_ms"]) == (str(lane.pk), 2000, 2500)
    assert (known["duration_ms"], known["samples"], known["sample_rate"]) == (500, 8000, 16000)


def test_it_tells_what_happened_newest_first(sven: Client, session: StreamSession) -> None:
    connection = a_connection(session, remote="10.0.0.7")
    lane = a_lane(session, "4:+1", 100)
    a_gap(session, lane, 2_000, 500)
    StreamMessage.objects.create(
        session=session,
        connection=connection,
        row=1,
        at=NOON + timedelta(seconds=5),
        kind="dtmf",
        raw_id="4:+1",
        text="{}",
    )
    events = items(sven, session, "events")
    kinds = [event["kind"] for event in events]
    assert kinds[:5] == ["ended", "closed", "dtmf", "gap", "participant"]
    assert sorted(kinds[5:]) == ["created", "opened"]
    assert len({event["id"] for event in events}) == 7
    texts = {event["kind"]: event["text"] for event in events}
    assert texts["ended"] == "the caller hung up"
    assert texts["opened"] == "a socket opened from 10.0.0.7"
    assert texts["closed"] == "closed by the other side, with a close frame (1000)"
    assert texts["gap"] == "audio of +1 is missing: nothing was sent"
    assert {event["participant"] for event in events if event["kind"] in {"gap", "dtmf", "participant"}} == {
        str(lane.pk)
    }


def test_it_names_an_event_the_same_each_time(sven: Client, session: StreamSession) -> None:
    a_connection(session)
    assert items(sven, session, "events") == items(sven, session, "events")


def test_it_shows_the_access_log_of_one_session_newest_first(sven: Client, session: StreamSession) -> None:
    olga, other = person("olga"), a_session()
    for start in range(3):
        access.record(olga, session, AccessEntry.Action.REPLAY, "console", start, start + 20, format="wav")
    access.record(olga, other, AccessEntry.Action.VIEW, "admin")
    entries = items(sven, session, "access-log")
    assert [entry["from_ms"] for entry in entries] == [2, 1, 0]
    assert entries[0] == {
        "at": entries[0]["at"],
        "username": "olga",
        "via": "console",
        "action": "replay",
        "from_ms": 2,
        "to_ms": 22,
        "detail": {"format": "wav"},
    }
