"""FLAC, MP3 and Opus, and chunks as they are stored."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
import soundfile
from django.test import RequestFactory

from media.audio.encodings import Format
from media.audio.exports import Answer, respond, stored
from media.audio.playback import PlaybackOptions
from media.errors import BadLayout, BadRate, MissingRecording, StorageAway
from media.models import AudioChunk, StreamSession
from media.storage import recordings
from tests.media.audio.test_exports_wav import body_of
from tests.media.recorded import Samples, a_participant, a_recorded_session, speech

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]


def get(session: StreamSession, kind: Format, method: str = "GET", **options: Any) -> Answer:
    return respond(
        RequestFactory().generic(method, "/", headers={"range": "bytes=5-9"}), session, PlaybackOptions(**options), kind
    )


def heard(session: StreamSession, kind: Format, **options: Any) -> tuple[Samples, int]:
    samples, rate = soundfile.read(io.BytesIO(body_of(get(session, kind, **options))), dtype="int16", always_2d=True)
    return samples, rate


def tone(hertz: int, seconds: float = 3) -> Samples:
    samples = np.rint(6000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 16_000)) / 16_000))
    return np.asarray(samples, np.int16)


def loudest(channel: Samples) -> int:
    return int(np.abs(np.fft.rfft(channel[8000:40_000].astype(float))).argmax() / 2)


def a_choir(people: int) -> StreamSession:
    """A session whose participants each sing a tone of their own: 500 Hz, 1000 Hz and so on."""
    session = a_recorded_session()
    for number in range(people):
        a_participant(session, f"4:{number}", tone(500 * (number + 1)))
    return session


@pytest.mark.parametrize("layout", ["mono", "stereo", "multichannel"])
def test_flac_holds_the_samples_of_the_wav(layout: str) -> None:
    session = a_recorded_session()
    for number in range(3):
        a_participant(session, f"4:{number}", speech(21, seed=number, loudness=25_000), from_ms=number * 100)
    whole = respond(RequestFactory().get("/"), session, PlaybackOptions(layout=layout))  # type: ignore[arg-type]
    wav, _ = soundfile.read(io.BytesIO(body_of(whole)))
    flac, rate = soundfile.read(io.BytesIO(body_of(get(session, "flac", layout=layout))))
    assert rate == 16_000
    assert np.array_equal(flac, wav)


@pytest.mark.parametrize("kind", ["mp3", "opus"])
@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 48_000])
def test_lossy_formats_keep_length_and_sound(kind: Format, rate: int) -> None:
    samples, found = heard(a_choir(1), kind, sample_rate=rate)
    assert (samples.shape, found) == ((3 * rate, 1), rate)
    expected = heard(a_choir(1), "flac", sample_rate=rate)[0]
    error = (samples[rate : 2 * rate].astype(float) - expected[rate : 2 * rate]).std()
    assert error < 600  # a tone of 4243 RMS: the same moment, the same loudness


@pytest.mark.parametrize("people", [1, 2, 5, 6, 8])
def test_every_participant_of_an_opus_file_is_heard(people: int) -> None:
    samples, _ = heard(a_choir(people), "opus", layout="multichannel")
    assert samples.shape == (48_000, people)
    assert [loudest(samples[:, number]) for number in range(people)] == [500 * (n + 1) for n in range(people)]


def test_it_is_sent_with_its_length_and_without_ranges() -> None:
    answer = get(a_choir(2), "mp3", from_ms=500, to_ms=1500)
    assert (answer.response.status_code, answer.heard) == (200, (500, 1500))
    assert answer.response["Content-Type"] == "audio/mpeg"
    assert answer.response["Accept-Ranges"] == "none"
    assert answer.response["Content-Disposition"].endswith('.mp3"')
    assert answer.response["Content-Length"] == str(len(body_of(answer)))


def test_head_encodes_nothing_and_names_no_length() -> None:
    session = a_choir(2)
    for chunk in AudioChunk.objects.all():
        recordings().put(f"{chunk.file}.gone", recordings().read(chunk.file))
        recordings().delete(chunk.file)
    answer = get(session, "opus", method="HEAD")
    assert (answer.response.status_code, answer.heard, body_of(answer)) == (200, None, b"")
    assert "Content-Length" not in answer.response
    assert answer.response["Content-Type"] == "audio/ogg; codecs=opus"


@pytest.mark.parametrize(("kind", "people", "most"), [("mp3", 3, 2), ("flac", 9, 8), ("opus", 9, 8)])
def test_it_refuses_more_channels_than_a_format_holds(kind: Format, people: int, most: int) -> None:
    session = a_recorded_session()
    for number in range(people):
        a_participant(session, f"4:{number}", speech(0.1))
    with pytest.raises(
        BadLayout, match=f"{kind} holds at most {most} channels and this would be {people}: choose fewer"
    ):
        get(session, kind, layout="multichannel")


def test_it_refuses_rates_that_a_format_does_not_know() -> None:
    session = a_choir(1)
    with pytest.raises(BadRate, match="22050 cannot be had as opus: choose one of 8000, 12000, 16000, 24000, 48000"):
        get(session, "opus", sample_rate=22_050)
    with pytest.raises(BadRate, match="as mp3"):
        get(session, "mp3", sample_rate=20_000)
    assert heard(session, "flac", sample_rate=20_000)[1] == 20_000


def test_a_storage_that_is_away_leaves_no_half_file() -> None:
    session = a_choir(1)
    chunk = AudioChunk.objects.get()
    recordings().delete(chunk.file)
    recordings().put(f"{chunk.file}/in the way", b"")
    with pytest.raises(StorageAway):
        get(session, "flac")
    with pytest.raises(StorageAway):
        stored(RequestFactory().get("/"), chunk)


def test_a_chunk_comes_as_it_is_stored() -> None:
    session, lane = a_recorded_session(), speech(12)
    a_participant(session, "4:+15550100", lane, from_ms=3000)
    chunk = AudioChunk.objects.all()[1]
    answer = stored(RequestFactory().get("/", headers={"If-None-Match": '"another"'}), chunk)
    assert hashlib.sha256(body_of(answer)).hexdigest() == chunk.sha256
    assert answer.response["Content-Type"] == "audio/flac"
    assert answer.response["ETag"] == f'"{chunk.sha256}"'
    assert answer.heard == (13_000, 15_000)
    assert soundfile.read(io.BytesIO(body_of(answer)), dtype="int16")[0].tolist() == lane[160_000:].tolist()


def test_a_chunk_that_the_caller_has_is_not_sent_again_nor_heard() -> None:
    a_participant(a_recorded_session(), "4:+15550100", speech(1))
    chunk = AudioChunk.objects.get()
    recordings().delete(chunk.file)
    known = stored(RequestFactory().get("/", headers={"If-None-Match": f'"{chunk.sha256}"'}), chunk)
    assert (known.response.status_code, known.heard) == (304, None)
    head = stored(RequestFactory().head("/"), chunk)
    assert (head.response.status_code, head.heard) == (200, None)
    assert head.response["Content-Length"] == str(chunk.bytes)


def test_a_chunk_whose_file_is_missing_is_not_found() -> None:
    a_participant(a_recorded_session(), "4:+15550100", speech(1))
    chunk = AudioChunk.objects.get()
    recordings().delete(chunk.file)
    with pytest.raises(MissingRecording, match="stored file of this chunk is missing"):
        stored(RequestFactory().get("/"), chunk)
