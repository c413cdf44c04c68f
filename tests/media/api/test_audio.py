"""The doors to sound: who may, what is on record, what is refused. What sounds how is in the tests of playback."""

import hashlib
import io
import uuid
from collections.abc import Iterable
from typing import Any, cast

import pytest
import soundfile
from django.http import StreamingHttpResponse
from django.test import Client

from media.models import AccessEntry, StreamSession
from media.storage import recordings
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.media.rows import a_session
from tests.people import browser_of, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> StreamSession:
    session = a_recorded_session()
    a_participant(session, "4:+1", speech(2))
    a_participant(session, "4:+2", speech(1, seed=2), 500)
    return session


def audio(session: StreamSession) -> str:
    return f"/api/v1/sessions/{session.pk}/audio"


def content(answer: Any) -> bytes:
    if isinstance(answer, StreamingHttpResponse):
        return b"".join(cast("Iterable[bytes]", answer))
    return bytes(answer.content)


def log() -> list[tuple[str, str, str, int | None, int | None]]:
    fields = ("username", "via", "action", "from_ms", "to_ms")
    return list(AccessEntry.objects.order_by("id").values_list(*fields))


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_it_gives_the_samples_as_stored(session: StreamSession) -> None:
    lane = session.participants.get(raw_id="4:+1")
    answer = program_of("sven").get(f"{audio(session)}?participant={lane.pk}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(content(answer)), dtype="int16")
    assert rate == 16_000
    assert samples.tobytes() == speech(2).tobytes()


def test_it_records_a_download_with_its_milliseconds(session: StreamSession) -> None:
    program_of("sven").get(audio(session), {"from_ms": "500", "to_ms": "1500", "format": "flac"})
    assert log() == [("sven", "api", "download", 500, 1500)]
    assert AccessEntry.objects.get().detail == {"format": "flac", "participants": []}
    assert AccessEntry.objects.get().session_id == session.pk


def test_it_lets_olga_play_but_not_download(session: StreamSession) -> None:
    olga = browser_of("olga")
    refused = olga.get(audio(session))
    assert refused.status_code == 403
    assert "media.download" in refused.json()["detail"]
    assert olga.get(audio(session), {"use": "play"}).status_code == 200
    assert log() == [("olga", "console", "replay", 0, 2000)]


def test_it_lets_no_program_play(session: StreamSession) -> None:
    """Else a download could be recorded as a replay."""
    for name in ("olga", "sven"):
        refused = program_of(name).get(audio(session), {"use": "play"})
        assert refused.status_code == 403
        assert "use=play is for the player of the console" in refused.json()["detail"]
    assert log() == []


def test_it_lets_nobody_hear_who_may_not(session: StreamSession) -> None:
    otto, chunk = program_of("otto"), session.participants.first().chunks.get()  # type: ignore[union-attr]
    for path in (audio(session), audio(session) + "?use=play", f"/api/v1/chunks/{chunk.pk}/audio"):
        assert otto.get(path).status_code == 403
        assert Client().get(path).status_code == 401
    assert program_of("olga").get(f"/api/v1/chunks/{chunk.pk}/audio").status_code == 403
    assert log() == []


def test_it_records_the_part_that_a_range_asks_for(session: StreamSession) -> None:
    answer = program_of("sven").get(audio(session), headers={"range": "bytes=-32000"})
    assert answer.status_code == 206
    assert log() == [("sven", "api", "download", 1000, 2000)]


def test_it_records_nothing_where_nothing_is_heard(session: StreamSession) -> None:
    sven = program_of("sven")
    head = sven.head(audio(session))
    assert (head.status_code, content(head)) == (200, b"")
    assert int(head["Content-Length"]) > 64_000
    assert sven.get(audio(session), headers={"range": "bytes=999999999-"}).status_code == 416
    assert log() == []


@pytest.mark.parametrize(
    ("query", "loc"),
    [
        ({"from_ms": "-1"}, "from_ms"),
        ({"to_ms": "-5"}, "to_ms"),
        ({"from_ms": "2000", "to_ms": "1000"}, "from_ms"),
        ({"from_ms": "9" * 30}, "from_ms"),
        ({"layout": "quadraphonic"}, "layout"),
        ({"format": "aiff"}, "format"),
        ({"sample_rate": "0"}, "sample_rate"),
        ({"participant": "4711"}, "participant"),
        ({"use": "theft"}, "use"),
    ],
)
def test_it_refuses_what_cannot_be_had(session: StreamSession, query: dict[str, str], loc: str) -> None:
    answer = program_of("sven").get(audio(session), query)
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"][:2] == ["query", loc]


def test_it_knows_no_strangers(session: StreamSession) -> None:
    sven, stranger = program_of("sven"), uuid.uuid4()
    for path in (f"{audio(session)}?participant={stranger}", audio(session).replace(str(session.pk), str(stranger))):
        assert sven.get(path).status_code == 404
    waveform = f"/api/v1/sessions/{session.pk}/waveform"
    assert sven.get(waveform, {"participant": str(stranger)}).status_code == 404
    assert sven.get(f"/api/v1/chunks/{stranger}/audio").json()["detail"] == f"There is no chunk {stranger}."


def test_it_says_when_nothing_is_archived_yet() -> None:
    waiting = a_session(state="waiting", live=True)
    answer = program_of("sven").get(audio(waiting))
    assert answer.status_code == 409
    assert "archived" in answer.json()["detail"]


def test_it_gives_a_chunk_byte_for_byte(session: StreamSession) -> None:
    chunk = session.participants.get(raw_id="4:+2").chunks.get()
    answer = program_of("sven").get(f"/api/v1/chunks/{chunk.pk}/audio")
    assert answer["Content-Type"] == "audio/flac"
    assert hashlib.sha256(content(answer)).hexdigest() == chunk.sha256
    assert log() == [("sven", "api", "download", 500, 1500)]
    assert AccessEntry.objects.get().detail == {"chunk": str(chunk.pk)}


def test_it_says_when_a_stored_file_is_missing(session: StreamSession) -> None:
    chunk = session.participants.get(raw_id="4:+2").chunks.get()
    recordings().delete(chunk.file)
    answer = program_of("sven").get(f"/api/v1/chunks/{chunk.pk}/audio")
    assert answer.status_code == 404
    assert "verify" in answer.json()["detail"]


def test_it_draws_a_participant(session: StreamSession) -> None:
    lane = session.participants.get(raw_id="4:+2")
    path = f"/api/v1/sessions/{session.pk}/waveform?participant={lane.pk}&points=100"
    shape = program_of("olga").get(path).json()
    assert shape["ms_per_point"] == 20
    assert len(shape["points"]) == 100
    assert shape["points"][0] == [0, 0]
    low, high = shape["points"][50]
    assert -128 <= low < 0 < high <= 127


@pytest.mark.parametrize("query", [{}, {"points": "0"}, {"points": "10001"}, {"points": "many"}])
def test_it_draws_nothing_that_cannot_be_drawn(session: StreamSession, query: dict[str, str]) -> None:
    lane = session.participants.get(raw_id="4:+2")
    with_lane = {"participant": str(lane.pk), **query} if query else {}
    assert program_of("olga").get(f"/api/v1/sessions/{session.pk}/waveform", with_lane).status_code == 422
