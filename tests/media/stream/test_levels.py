import math

import numpy as np
import pytest

from media.stream.levels import measure


def sine(seconds: float, rate: int, amplitude: float, hertz: float = 440) -> bytes:
    turns = 2 * math.pi * hertz * np.arange(int(seconds * rate)) / rate
    return np.rint(np.sin(turns) * amplitude).astype("<i2").tobytes()


def pairs(peaks: bytes) -> list[list[int]]:
    return np.frombuffer(peaks, np.int8).reshape(-1, 2).tolist()


def test_it_measures_nothing_of_no_samples() -> None:
    levels = measure(b"", 16_000)
    assert (levels.peaks, levels.overview, levels.levels, levels.speech_samples, levels.silent_samples) == (
        b"",
        b"",
        b"",
        0,
        0,
    )


def test_it_gives_a_pair_and_a_level_per_20_ms_and_a_pair_per_second() -> None:
    levels = measure(sine(2.5, 16_000, 8000), 16_000)
    assert (len(levels.peaks), len(levels.overview), len(levels.levels)) == (250, 6, 125)


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 24_000, 44_100, 48_000])
def test_it_measures_a_last_window_that_is_shorter(rate: int) -> None:
    levels = measure(np.array([0] * (rate // 50) + [-32768], "<i2").tobytes(), rate)
    assert pairs(levels.peaks) == [[0, 0], [-128, -128]]
    assert list(levels.levels) == [127, 0]


def test_it_draws_full_scale_as_full_scale_and_noise_of_one_step_as_nothing() -> None:
    assert pairs(measure(np.array([-32768, 32767], "<i2").tobytes(), 16_000).peaks) == [[-128, 127]]
    assert pairs(measure(np.array([-1, 1], "<i2").tobytes(), 16_000).peaks) == [[0, 0]]


def test_it_keeps_the_one_loud_sample_in_the_overview() -> None:
    samples = np.zeros(32_000, "<i2")
    samples[17_000] = 12_800
    assert pairs(measure(samples.tobytes(), 16_000).overview) == [[0, 0], [0, 50]]


@pytest.mark.parametrize(("amplitude", "dbfs"), [(32_767, 3), (3277, 23), (104, 53), (1, 93)])
def test_it_says_how_far_the_rms_of_a_sine_is_below_full_scale(amplitude: float, dbfs: int) -> None:
    levels = measure(sine(1, 16_000, amplitude, 1000), 16_000).levels
    assert all(abs(level - dbfs) <= (1 if amplitude > 1 else 3) for level in levels)


def test_it_counts_windows_above_minus_50_dbfs_as_speech() -> None:
    loud, quiet = sine(1, 16_000, 200), sine(1, 16_000, 100)  # -47 and -53 dBFS
    assert measure(loud + quiet + loud, 16_000).speech_samples == 32_000


def test_it_counts_no_speech_where_acs_flagged_silence() -> None:
    levels = measure(sine(1, 24_000, 9000), 24_000, [(480, 480), (12_000, 4800)])
    assert levels.silent_samples == 5280
    assert levels.speech_samples == 24_000 - 5280


def test_it_judges_a_window_that_straddles_a_flagged_span_by_its_middle() -> None:
    loud = sine(0.06, 16_000, 9000)
    assert measure(loud, 16_000, [(100, 320)]).speech_samples == 640
    assert measure(loud, 16_000, [(200, 320)]).speech_samples == 640
    assert measure(loud, 16_000, [(200, 270)]).speech_samples == 960  # 200..470 holds neither middle 160 nor 480
