import numpy as np
import pytest

from media.audio.waveform import waveform
from media.errors import BadTimes, NothingArchived
from media.models import Participant
from tests.media.recorded import Samples, a_participant, a_recorded_session, add, speech
from tests.media.rows import ORIGIN_TICKS, a_lane, a_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]


def square(seconds: float, loudness: int, rate: int = 16_000) -> Samples:
    """Between −loudness and loudness, 500 times a second."""
    return np.tile(np.repeat(np.array([loudness, -loudness], np.int16), rate // 1000), round(seconds * 500))


def points_of(lane: Participant, points: int) -> list[tuple[int, int]]:
    drawn = waveform(lane, points)["points"]
    assert len(drawn) == points
    return drawn


def test_points_lie_at_equal_distances_and_gaps_are_flat() -> None:
    session = a_recorded_session()
    lane = add(a_participant(session, "4:+15550100", square(2, 6400)), square(1, 12_800), from_ms=3000)
    assert waveform(lane, 4) == {"points": [(-25, 25), (-25, 25), (0, 0), (-50, 50)], "ms_per_point": 1000.0}


def test_all_lanes_span_the_session_so_that_they_align() -> None:
    session = a_recorded_session()
    a_participant(session, "4:+15550100", square(4, 6400))
    late = a_participant(session, "8:acs:otto", square(1, 12_800), from_ms=2000)
    assert points_of(late, 4) == [(0, 0), (0, 0), (-50, 50), (0, 0)]


def test_points_closer_than_the_stored_peaks_leave_no_holes() -> None:
    session = a_recorded_session()
    lane = a_participant(session, "4:+15550100", square(0.5, 6400))
    assert set(points_of(lane, 10_000)) == {(-25, 25)}


@pytest.mark.parametrize("points", [1, 7, 100, 313, 2500, 10_000])
def test_every_point_holds_its_samples_and_none_from_further_away_than_a_window(points: int) -> None:
    session, samples = a_recorded_session(), speech(12, loudness=20_000)
    lane = a_participant(session, "4:+15550100", samples[: 16_000 * 5], chunk_seconds=2.3)
    add(lane, samples[16_000 * 7 :], from_ms=7000, chunk_seconds=1.1)
    samples[16_000 * 5 : 16_000 * 7] = 0
    padded, edges = np.pad(samples, 320), np.linspace(0, len(samples), points + 1)
    for number, (lowest, highest) in enumerate(points_of(lane, points)):
        start, end = int(edges[number]), max(int(edges[number]) + 1, int(edges[number + 1]))
        near = padded[start : end + 640]
        assert near.min() // 256 <= lowest <= 0 <= highest <= -(-int(near.max()) // 256)
        if end - start > 2 * 320:
            assert lowest <= samples[start + 320 : end - 320].min() / 256 + 1
            assert highest >= samples[start + 320 : end - 320].max() / 256 - 1


def test_long_sessions_are_drawn_from_the_peaks_per_second() -> None:
    session = a_recorded_session()
    lane = add(a_participant(session, "4:+15550100", square(20, 6400)), square(20, 12_800), from_ms=60_000)
    lane.chunks.update(peaks=b"")
    assert points_of(lane, 8) == [(-25, 25)] * 2 + [(0, 0)] * 4 + [(-50, 50)] * 2


def test_the_one_loud_moment_of_a_long_session_is_seen() -> None:
    session = a_recorded_session()
    lane = add(
        a_participant(session, "4:+15550100", square(0.02, 12_800), from_ms=33_000), square(1, 1), from_ms=60_000
    )
    assert points_of(lane, 6)[3] == (-50, 50)
    assert points_of(lane, 1) == [(-50, 50)]


def test_a_lane_of_another_rate_lies_right() -> None:
    session = a_recorded_session()
    lane = add(a_participant(session, "4:1", square(1, 6400)), square(1, 12_800, 24_000), from_ms=1000, rate=24_000)
    assert points_of(lane, 4) == [(-25, 25)] * 2 + [(-50, 50)] * 2


def test_a_participant_without_audio_yet_is_flat() -> None:
    session = a_recorded_session(end_ticks=ORIGIN_TICKS + 48_000)
    assert points_of(a_lane(session, "4:+15550100"), 3) == [(0, 0)] * 3


def test_of_nothing_archived_there_is_no_waveform() -> None:
    with pytest.raises(NothingArchived):
        waveform(a_lane(a_session(state="waiting", live=True), "4:+15550100"), 10)


def test_a_part_is_drawn_as_finely_as_it_is_asked_for() -> None:
    session = a_recorded_session()
    lane = add(
        a_participant(session, "4:+15550100", square(2, 6400), chunk_seconds=0.5), square(1, 12_800), from_ms=3000
    )
    part = waveform(lane, 4, 1500, 3500)
    assert part == {"points": [(-25, 25), (0, 0), (0, 0), (-50, 50)], "ms_per_point": 500.0}
    assert waveform(lane, 4, 3000)["ms_per_point"] == 250.0
    assert waveform(lane, 1, 3900, 99_000) == {"points": [(-50, 50)], "ms_per_point": 100.0}


def test_an_empty_part_is_refused() -> None:
    lane = a_participant(a_recorded_session(), "4:+15550100", square(2, 6400))
    for part in ((2000, None), (500, 500), (1000, 200)):
        with pytest.raises(BadTimes, match="Nothing lies between"):
            waveform(lane, 10, *part)
