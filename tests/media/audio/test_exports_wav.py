"""WAV over HTTP: every byte of a range is that byte of the whole."""

import asyncio
import io
import json
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pytest
import soundfile
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.utils.http import http_date
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st
from pytest_django import Settings

from media.audio.bodies import WavBytes
from media.audio.exports import Answer, respond
from media.audio.playback import Playback, PlaybackOptions
from media.errors import BadRate, StorageAway
from media.models import AudioChunk, StreamSession
from media.storage import FileRecordings, recordings
from tests.media.recorded import a_participant, a_recorded_session, add, speech
from tests.media.rows import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
EVERYTHING = PlaybackOptions()


class Counted(FileRecordings):
    """Remembers what was read from it."""

    seen: ClassVar[list[str]] = []

    def read(self, name: str) -> bytes:
        self.seen.append(name)
        return super().read(name)


def body_of(answer: Answer) -> bytes:
    """What a server would send."""
    response = answer.response
    if isinstance(response, HttpResponse):
        return response.content
    assert isinstance(response, StreamingHttpResponse)

    async def read() -> bytes:
        return b"".join([part async for part in response])

    return asyncio.run(read())


def get(session: StreamSession, options: PlaybackOptions = EVERYTHING, method: str = "GET", **headers: str) -> Answer:
    request = RequestFactory().generic(
        method, "/", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    return respond(request, session, options)


@pytest.fixture
def session() -> StreamSession:
    """Two people and 25 seconds; ended at noon."""
    session = a_recorded_session(ended_at=NOON, label="Support, second line")
    a_participant(session, "4:+15550100", speech(25))
    a_participant(session, "8:acs:otto", speech(11, seed=2), from_ms=4000)
    return session


def test_the_whole_has_its_length_and_a_name(session: StreamSession) -> None:
    answer = get(session)
    wav = body_of(answer)
    assert answer.response.status_code == 200
    assert dict(answer.response.items()) == {
        "Content-Type": "audio/wav",
        "Content-Length": str(44 + 25 * 32_000),
        "Accept-Ranges": "bytes",
        "ETag": answer.response["ETag"],
        "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="20260301-120000-support-second-line-{str(session.pk)[:8]}.wav"',
    }
    assert len(wav) == 44 + 25 * 32_000
    assert answer.heard == (0, 25_000)


def test_each_part_has_a_name_of_its_own(session: StreamSession) -> None:
    otto, unnamed = session.participants.get(raw_id="8:acs:otto"), session.participants.get(raw_id="4:+15550100")
    otto.label, unnamed.label = "Otto Müller", "李"
    otto.save()
    unnamed.save()
    for options, ending in (
        (PlaybackOptions(layout="multichannel"), "-multichannel.wav"),
        (PlaybackOptions([otto.pk]), "-otto-muller.wav"),
        (PlaybackOptions([unnamed.pk]), f"-{str(unnamed.pk)[:8]}.wav"),
        (PlaybackOptions([otto.pk], from_ms=5000, to_ms=10_250), "-otto-muller-5-10.25s.wav"),
        (PlaybackOptions(from_ms=5000), "-5-25s.wav"),
    ):
        name = get(session, options).response["Content-Disposition"]
        assert name == f'attachment; filename="20260301-120000-support-second-line-{str(session.pk)[:8]}{ending}"'


def test_one_lane_comes_back_byte_for_byte(session: StreamSession) -> None:
    otto = session.participants.get(raw_id="8:acs:otto")
    wav = body_of(get(session, PlaybackOptions([otto.pk])))
    assert wav[44:] == bytes(4 * 32_000) + speech(11, seed=2).tobytes() + bytes(10 * 32_000)
    samples, rate = soundfile.read(io.BytesIO(wav), dtype="int16")
    assert (samples.shape, rate) == ((25 * 16_000,), 16_000)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-", (0, 800_044)),
        ("bytes=0-43", (0, 44)),
        ("bytes=10-100", (10, 101)),
        ("bytes=44-45", (44, 46)),
        ("bytes=45-45", (45, 46)),
        ("bytes=320043-320045", (320_043, 320_046)),
        ("bytes=-1", (800_043, 800_044)),
        ("bytes=800000-9999999", (800_000, 800_044)),
    ],
)
def test_a_range_is_that_part_of_the_whole(session: StreamSession, asked: str, span: tuple[int, int]) -> None:
    answer = get(session, Range=asked)
    assert answer.response.status_code == 206
    assert answer.response["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/800044"
    assert answer.response["Content-Length"] == str(span[1] - span[0])
    assert body_of(answer) == body_of(get(session))[slice(*span)]


@pytest.mark.parametrize(
    "options",
    [
        PlaybackOptions(),
        PlaybackOptions((), "stereo", 500, 24_700, 24_000),
        PlaybackOptions((), "multichannel", 3, None, 8000),
    ],
)
def test_any_range_is_that_part_of_the_whole(session: StreamSession, options: PlaybackOptions) -> None:
    whole = body_of(get(session, options))

    @pace(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(whole) - 1), st.integers(0, 200_000))
    def ranges(start: int, count: int) -> None:
        assert (
            body_of(get(session, options, Range=f"bytes={start}-{start + count}")) == whole[start : start + count + 1]
        )

    ranges()


def test_who_heard_what_is_known_to_the_millisecond(session: StreamSession) -> None:
    assert get(session, Range=f"bytes={44 + 32_000}-{44 + 63_999}").heard == (1000, 2000)
    assert get(session, PlaybackOptions(from_ms=5000), Range=f"bytes={44 + 32_000}-{44 + 32_001}").heard == (6000, 6001)
    assert get(session, method="HEAD").heard is None
    assert get(session, Range="bytes=0-43").heard == (0, 0)


OUTSIDE = "This range lies outside the file"
MALFORMED = "This is no range of bytes (one looks like bytes=0-1023 or bytes=-500)"


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [("bytes=800044-", OUTSIDE), ("bytes=-0", OUTSIDE), ("bytes=5-2", MALFORMED), ("bytes=much", MALFORMED)],
)
def test_a_bad_range_is_told_how_long_the_file_is(session: StreamSession, asked: str, wrong: str) -> None:
    answer = get(session, Range=asked)
    assert (answer.response.status_code, answer.heard) == (416, None)
    assert answer.response["Content-Range"] == "bytes */800044"
    assert json.loads(body_of(answer)) == {"detail": f"{wrong}; the file has 800044 bytes."}


def test_several_ranges_get_the_whole(session: StreamSession) -> None:
    assert get(session, Range="bytes=0-1,5-6").response.status_code == 200


def test_head_says_the_same_and_reads_nothing(session: StreamSession) -> None:
    whole = get(session).response
    for chunk in AudioChunk.objects.all():
        recordings().delete(chunk.file)
    answer = get(session, method="HEAD", Range="bytes=0-5")
    assert (answer.response.status_code, body_of(answer)) == (200, b"")
    assert dict(answer.response.items()) == dict(whole.items())


def test_a_range_goes_on_only_with_the_same_bytes(session: StreamSession) -> None:
    tag = get(session).response["ETag"]
    assert get(session, Range="bytes=5-", If_Range=tag).response.status_code == 206
    assert get(session, Range="bytes=5-", If_Range=f"W/{tag}").response.status_code == 200
    assert get(session, Range="bytes=5-", If_Range='"other"').response.status_code == 200
    assert get(session, Range="bytes=5-", If_Range=http_date(NOON.timestamp())).response.status_code == 206
    before = http_date((NOON - timedelta(days=1)).timestamp())
    assert get(session, Range="bytes=5-", If_Range=before).response.status_code == 200
    assert get(session, PlaybackOptions(from_ms=1)).response["ETag"] != tag


def test_whoever_has_it_is_not_sent_it_again(session: StreamSession) -> None:
    tag, noon = get(session).response["ETag"], http_date(NOON.timestamp())
    for method in ("GET", "HEAD"):
        for known in (("If_None_Match", tag), ("If_None_Match", f'"other", W/{tag}'), ("If_Modified_Since", noon)):
            answer = get(session, EVERYTHING, method, Range="bytes=5-", **dict([known]))
            assert (answer.response.status_code, body_of(answer), answer.heard) == (304, b"", None)
            assert answer.response["ETag"] == tag
    assert get(session, If_None_Match='"other"').response.status_code == 200
    assert get(session, If_Match=tag).response.status_code == 200
    changed = get(session, If_Match='"other"')
    assert (changed.response.status_code, changed.heard) == (412, None)


def test_a_running_session_has_a_tag_that_changes_with_it_and_no_date() -> None:
    session = a_recorded_session(state="recording", live=True)
    lane = a_participant(session, "4:+15550100", speech(2))
    before = get(session)
    add(lane, speech(1), from_ms=2000)
    assert "Last-Modified" not in before.response
    assert get(session, Range="bytes=5-", If_Range=before.response["ETag"]).response.status_code == 200
    assert len(body_of(before)) == 44 + 2 * 32_000


def test_to_play_it_is_no_attachment(session: StreamSession) -> None:
    answer = respond(RequestFactory().get("/"), session, PlaybackOptions(), play=True)
    assert answer.response["Content-Disposition"].startswith("inline; filename=")


def test_it_plays_a_minute_at_a_time_so_that_the_record_does_not_name_the_whole_call(session: StreamSession) -> None:
    a_participant(session, "4:+15550102", speech(70))
    whole = body_of(get(session))
    request = RequestFactory().get("/", headers={"range": "bytes=44-"})
    answer = respond(request, session, PlaybackOptions(), play=True)
    assert answer.heard == (0, 60_000)
    assert answer.response["Content-Range"] == f"bytes 44-{44 + 60 * 32_000 - 1}/{len(whole)}"
    assert len(body_of(answer)) == 60 * 32_000


@pytest.mark.parametrize("rate", [0, -1, 7999, 48_001])
def test_it_refuses_rates_that_nobody_plays(session: StreamSession, rate: int) -> None:
    with pytest.raises(BadRate, match="choose one of 8000 to 48000"):
        get(session, PlaybackOptions(sample_rate=rate))


def test_what_nobody_reads_is_not_even_opened(settings: Settings, session: StreamSession) -> None:
    """So an unread response of any length costs one block of memory."""
    folder = settings.STORAGES["recordings"]["OPTIONS"]
    settings.STORAGES = {**settings.STORAGES, "recordings": {"BACKEND": f"{__name__}.Counted", "OPTIONS": folder}}
    Counted.seen.clear()
    answer = get(session)
    assert len(Counted.seen) == 2  # the first block is 8 s long: one chunk of each lane
    body_of(answer)
    assert len(Counted.seen) == len(set(Counted.seen)) == 5


def test_a_storage_that_is_away_is_an_answer_and_no_broken_file(session: StreamSession) -> None:
    chunk = AudioChunk.objects.all()[0]
    recordings().delete(chunk.file)
    recordings().put(f"{chunk.file}/in the way", b"")
    with pytest.raises(StorageAway, match="try again"):
        get(session)


def test_over_4_gib_it_is_rf64_and_its_end_is_as_near_as_its_start() -> None:
    wav = WavBytes(Playback([[]], "stereo", 48_000, 0, 2**30))
    assert wav.length == 80 + 2**32
    assert b"".join(wav.blocks(0, 100))[:4] == b"RF64"
    assert b"".join(wav.blocks(wav.length - 5, wav.length)) == bytes(5)
    assert wav.milliseconds(wav.length - 4, wav.length) == (22_369_621, 22_369_622)


def test_many_participants_are_as_many_channels() -> None:
    session = a_recorded_session()
    for number in range(10):
        a_participant(session, f"4:{number}", np.full(160, number, np.int16))
    wav = body_of(get(session, PlaybackOptions(layout="multichannel")))
    samples, _ = soundfile.read(io.BytesIO(wav), dtype="int16")
    assert samples[0].tolist() == list(range(10))
