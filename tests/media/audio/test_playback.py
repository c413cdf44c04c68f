"""What is heard of a session: lanes aligned, gaps silent, mixes and slices exact."""

import uuid
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.audio.playback import PlaybackOptions, prepare
from media.errors import BadTimes, NothingArchived, UnknownParticipant
from media.models import AudioChunk, StreamSession
from media.storage import recordings
from media.stream.mix import mix
from tests.media.recorded import Samples, a_participant, a_recorded_session, add, speech
from tests.media.rows import a_lane, a_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]


def heard(session: StreamSession, options: PlaybackOptions | None = None) -> Samples:
    playback = prepare(session, options or PlaybackOptions())
    return playback.read(0, playback.frames)


def silence(ms: int, rate: int = 16_000) -> Samples:
    return np.zeros(ms * rate // 1000, np.int16)


def joined(*parts: Samples) -> list[int]:
    return [int(sample) for sample in np.concatenate(parts)]


def test_one_lane_is_its_stored_samples_with_gaps_as_silence() -> None:
    session, first, second = a_recorded_session(), speech(12.3), speech(3.1, seed=2)
    add(a_participant(session, "4:+15550100", first), second, from_ms=15_000)
    assert heard(session)[:, 0].tolist() == joined(first, silence(2700), second)


def test_a_full_scale_lane_is_not_touched_by_the_limiter() -> None:
    session, lane = a_recorded_session(), np.array([-32_768, 32_767] * 800, np.int16)
    a_participant(session, "4:+15550100", lane)
    assert heard(session)[:, 0].tolist() == lane.tolist()


def test_every_lane_begins_at_the_sessions_origin_and_is_padded_to_its_end() -> None:
    session, olga, otto = a_recorded_session(), speech(2), speech(1, seed=2)
    a_participant(session, "4:+15550100", olga)
    a_participant(session, "8:acs:otto", otto, from_ms=500)
    both = heard(session, PlaybackOptions(layout="multichannel"))
    assert both[:, 0].tolist() == olga.tolist()
    assert both[:, 1].tolist() == joined(silence(500), otto, silence(500))


def test_a_mono_mix_of_loud_lanes_does_not_clip() -> None:
    session, loud = a_recorded_session(), np.full(1600, 25_000, np.int16)
    for raw_id in ("4:+15550100", "4:+15550101", "4:+15550102"):
        a_participant(session, raw_id, loud)
    assert set(heard(session)[:, 0].tolist()) == {32_767}


def test_stereo_alternates_and_plays_a_single_lane_on_both_sides() -> None:
    session, lanes = a_recorded_session(), [speech(1, seed=seed) for seed in (1, 2, 3)]
    people = [a_participant(session, f"4:{number}", lane) for number, lane in enumerate(lanes)]
    sides = heard(session, PlaybackOptions(layout="stereo"))
    assert sides[:, 0].tolist() == mix([lanes[0], lanes[2]]).tolist()
    assert sides[:, 1].tolist() == lanes[1].tolist()
    alone = heard(session, PlaybackOptions([people[1].pk], "stereo"))
    assert alone.T.tolist() == [lanes[1].tolist()] * 2


def test_channels_are_in_the_order_of_participants_however_they_are_asked_for() -> None:
    session = a_recorded_session()
    late = a_participant(session, "4:a", np.full(1600, 3, np.int16), from_ms=100)
    second = a_participant(session, "4:c", np.full(1600, 2, np.int16))
    first = a_participant(session, "4:b", np.full(1600, 1, np.int16))
    everyone = heard(session, PlaybackOptions([late.pk, second.pk, first.pk, late.pk], "multichannel"))
    assert everyone[0].tolist() == [1, 2, 0]
    assert everyone[-1].tolist() == [0, 0, 3]


def test_less_than_a_millisecond_does_not_change_the_order() -> None:
    session = a_recorded_session()
    a_participant(session, "4:b", np.full(1600, 2, np.int16))
    a = a_participant(session, "4:a", np.full(1600, 1, np.int16))
    type(a).objects.filter(pk=a.pk).update(first_ticks=a.first_ticks + 30)
    assert heard(session, PlaybackOptions(layout="multichannel"))[0].tolist() == [1, 2]


def test_a_lane_that_overlaps_at_a_reconnect_loses_nothing() -> None:
    session, before, after = a_recorded_session(), speech(1), speech(1, seed=2)
    add(a_participant(session, "4:+15550100", before), after, from_ms=990)
    assert heard(session)[:, 0].tolist() == joined(before, after)


def test_a_lane_that_changed_its_rate_is_one_lane() -> None:
    session, tone = a_recorded_session(), np.full(24_000, 1000, np.int16)
    add(a_participant(session, "4:+15550100", tone[:16_000]), tone, from_ms=1000, rate=24_000)
    whole = heard(session)[:, 0]
    assert len(whole) == 32_000
    assert (whole[:16_000] == 1000).mean() > 0.95  # the filter rings a little around the change
    assert np.abs(whole[18_000:30_000].astype(int) - 1000).max() <= 1


def test_another_rate_keeps_time() -> None:
    session = a_recorded_session()
    click = np.concatenate((silence(7000), np.full(1600, 9000, np.int16), silence(900)))
    a_participant(session, "4:+15550100", click)
    risen = heard(session, PlaybackOptions(sample_rate=24_000))[:, 0]
    assert len(risen) == 8 * 24_000
    assert int(np.argmax(risen > 4500)) == pytest.approx(7 * 24_000, abs=1)


def test_times_choose_and_the_end_is_cut() -> None:
    session, lane = a_recorded_session(), speech(2)
    a_participant(session, "4:+15550100", lane)
    assert heard(session, PlaybackOptions(from_ms=250, to_ms=750))[:, 0].tolist() == lane[4000:12_000].tolist()
    assert heard(session, PlaybackOptions(from_ms=1999, to_ms=10**15))[:, 0].tolist() == lane[-16:].tolist()


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "sentence"),
    [
        (-1, None, "A time is negative"),
        (0, -5, "A time is negative"),
        (500, 400, "Nothing lies between 500 and 400 ms"),
        (500, 500, "Nothing lies between 500 and 500 ms"),
        (2000, None, "The session ends at 2000 ms, before 2000 ms"),
    ],
)
def test_it_refuses_times_that_mean_nothing(from_ms: int, to_ms: int | None, sentence: str) -> None:
    session = a_recorded_session()
    a_participant(session, "4:+15550100", speech(2))
    with pytest.raises(BadTimes, match=sentence):
        prepare(session, PlaybackOptions(from_ms=from_ms, to_ms=to_ms))


def test_it_refuses_a_participant_of_another_session() -> None:
    session, other = a_recorded_session(), a_recorded_session()
    a_participant(session, "4:+15550100", speech(1))
    stranger = a_participant(other, "4:+15550100", speech(1))
    with pytest.raises(UnknownParticipant, match=str(stranger.pk)):
        prepare(session, PlaybackOptions([stranger.pk]))
    with pytest.raises(UnknownParticipant):
        prepare(session, PlaybackOptions([uuid.uuid4()]))


def test_it_refuses_a_session_of_which_nothing_is_archived() -> None:
    with pytest.raises(NothingArchived):
        prepare(a_session(state="waiting", live=True), PlaybackOptions())


def test_a_participant_without_audio_among_others_is_silent() -> None:
    session = a_recorded_session()
    a_participant(session, "4:+15550100", speech(1))
    mute = a_lane(session, "4:+15550101", end_ticks=session.end_ticks)
    assert not heard(session, PlaybackOptions([mute.pk])).any()


def test_it_opens_only_the_files_that_it_needs() -> None:
    session, lane = a_recorded_session(), speech(30)
    a_participant(session, "4:+15550100", lane)
    for chunk in AudioChunk.objects.exclude(position__in=AudioChunk.objects.values("position")[1:2]):
        recordings().delete(chunk.file)
    slice_of_the_second = heard(session, PlaybackOptions(from_ms=10_000, to_ms=20_000))
    assert slice_of_the_second[:, 0].tolist() == lane[160_000:320_000].tolist()


@pytest.mark.parametrize("damage", ["missing", "broken", "shortened", "altered"])
def test_a_bad_file_is_silence_and_a_line_in_the_log(damage: str, caplog: pytest.LogCaptureFixture) -> None:
    session, lane = a_recorded_session(), speech(30)
    a_participant(session, "4:+15550100", lane)
    chunk = AudioChunk.objects.all()[1]
    content = recordings().read(chunk.file)
    recordings().delete(chunk.file)
    if damage != "missing":
        bad = {"broken": b"no audio", "shortened": content[:-500], "altered": content[:-99] + b"!" + content[-98:]}
        recordings().put(chunk.file, bad[damage])
    assert heard(session)[:, 0].tolist() == joined(lane[:160_000], silence(10_000), lane[320_000:])
    assert chunk.file in caplog.text


def test_a_storage_that_cannot_be_read_is_no_silence(recordings_folder: Path) -> None:
    session = a_recorded_session()
    a_participant(session, "4:+15550100", speech(1))
    chunk = AudioChunk.objects.get()
    (recordings_folder / chunk.file).unlink()
    (recordings_folder / chunk.file).mkdir()
    with pytest.raises(OSError, match="directory"):
        heard(session)


def test_a_playback_is_a_snapshot_of_a_running_session() -> None:
    session, first, second = a_recorded_session(state="recording", live=True), speech(3), speech(2, seed=2)
    lane = a_participant(session, "4:+15550100", first)
    before = prepare(session, PlaybackOptions())
    add(lane, second, from_ms=3000)
    assert before.read(0, before.frames)[:, 0].tolist() == first.tolist()
    after = prepare(session, PlaybackOptions())
    assert after.identity != before.identity
    assert after.read(0, after.frames)[:, 0].tolist() == joined(first, second)
    assert prepare(session, PlaybackOptions()).identity == after.identity


@pytest.mark.parametrize(("layout", "rate"), [("mono", None), ("stereo", 24_000), ("multichannel", 8000)])
def test_any_slice_equals_that_slice_of_the_whole(layout: str, rate: int | None) -> None:
    session = a_recorded_session()
    lane = a_participant(session, "4:+15550100", speech(7, loudness=30_000), chunk_seconds=1.7)
    add(lane, speech(4, seed=3), from_ms=8100)
    a_participant(session, "8:acs:otto", speech(6, seed=2, loudness=30_000), from_ms=1250, chunk_seconds=2)
    options = PlaybackOptions(layout=layout, sample_rate=rate)  # type: ignore[arg-type]
    whole, playback = heard(session, options), prepare(session, options)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(whole)), st.integers(0, len(whole)))
    def slices(start: int, end: int) -> None:
        assert np.array_equal(playback.read(start, max(0, end - start)), whole[start:end])

    slices()
