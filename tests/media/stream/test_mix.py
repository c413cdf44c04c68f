import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.stream.mix import LOUDEST, THRESHOLD, channels, limit, mix

SAMPLES = st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=60)


def test_it_leaves_one_lane_untouched_even_at_full_scale() -> None:
    lane = np.array([-32_768, 32_767, 0, 1], np.int16)
    assert mix([lane]).tolist() == [-32_768, 32_767, 0, 1]


def test_it_adds_lanes_exactly_below_the_threshold() -> None:
    assert mix([np.array([100, -5], np.int16), np.array([20_000, 4], np.int16)]).tolist() == [20_100, -1]
    assert limit(np.array([THRESHOLD, -THRESHOLD], np.int32)).tolist() == [THRESHOLD, -THRESHOLD]


def test_it_never_clips_and_never_turns_louder_into_softer() -> None:
    sums = np.arange(0, 64 * 32_768, dtype=np.int32)
    limited = limit(sums).astype(np.int32)
    assert limited.max() == LOUDEST
    assert (np.diff(limited) >= 0).all()
    assert (np.diff(limited) <= 1).all()  # no step: the limiter bends, it does not break
    assert (limit(-sums) == -limited).all()


def test_it_knows_two_full_scale_lanes_from_one() -> None:
    assert limit(np.array([32_767, 40_000, 65_534], np.int32)).tolist() == [31_205, 32_575, 32_767]


@given(SAMPLES, SAMPLES, SAMPLES, st.integers(0, 60), st.integers(0, 60))
def test_it_mixes_a_slice_to_that_slice_of_the_mix(a: list[int], b: list[int], c: list[int], x: int, y: int) -> None:
    count = min(len(a), len(b), len(c))
    lanes = [np.array(lane[:count], np.int16) for lane in (a, b, c)]
    assert mix([lane[x:y] for lane in lanes]).tolist() == mix(lanes)[x:y].tolist()


def test_it_knows_which_lane_sounds_where() -> None:
    assert channels("mono", 3) == [[0, 1, 2]]
    assert channels("stereo", 1) == [[0], [0]]
    assert channels("stereo", 2) == [[0], [1]]
    assert channels("stereo", 5) == [[0, 2, 4], [1, 3]]
    assert channels("multichannel", 3) == [[0], [1], [2]]
