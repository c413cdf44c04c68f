import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from media.stream.resample import BLOCK_SECONDS, Read, Resampled

Samples = npt.NDArray[np.int16]


def source_of(samples: Samples) -> Read:
    def read(start: int, count: int) -> Samples:
        padded = np.zeros(count, np.int16)
        first, last = max(start, 0), min(start + count, len(samples))
        if first < last:
            padded[first - start : last - start] = samples[first:last]
        return padded

    return read


def sine(rate: int, seconds: float, hertz: float = 1000) -> Samples:
    samples = np.rint(8000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate))
    return np.asarray(samples, np.int16)


@pytest.mark.parametrize(("rate", "to"), [(16_000, 24_000), (24_000, 16_000), (48_000, 8000), (16_000, 44_100)])
def test_no_seam_is_heard_between_blocks(rate: int, to: int) -> None:
    samples = sine(rate, 3 * BLOCK_SECONDS)
    ours = Resampled(source_of(samples), rate, to).read(0, 3 * BLOCK_SECONDS * to).astype(float)
    at_once = soxr.resample(samples.astype(np.float64), rate, to, quality="VHQ")
    for seam in (BLOCK_SECONDS * to, 2 * BLOCK_SECONDS * to):
        error = (ours - at_once)[seam - 200 : seam + 200]
        assert np.abs(error).max() < 1  # rounding to whole samples: 78 dB below this sine


def test_it_keeps_what_fits_under_both_rates_and_drops_the_rest() -> None:
    low, high = sine(48_000, 6, 1000), sine(48_000, 6, 7000)
    halved = Resampled(source_of(low), 48_000, 8000).read(8000, 8000)
    assert np.abs(halved - sine(8000, 6)[8000:16_000].astype(int)).max() <= 1
    assert np.abs(Resampled(source_of(high), 48_000, 8000).read(8000, 8000)).max() <= 1


def test_it_is_silent_where_the_source_is() -> None:
    assert not Resampled(source_of(np.zeros(0, np.int16)), 16_000, 24_000).read(1000, 300_000).any()


def test_it_does_not_overflow_where_the_source_is_at_full_scale() -> None:
    square = np.where(sine(16_000, 2, 300) > 0, 32_767, -32_768).astype(np.int16)
    risen = Resampled(source_of(square), 16_000, 24_000).read(0, 48_000).astype(int)
    assert risen[30_000] * square[20_000].astype(int) > 0
    assert (np.abs(np.diff(risen)) < 60_000).all()


WHOLE = Resampled(source_of(sine(16_000, 11.3, 523)), 16_000, 24_000).read(0, 24_000 * 12)


@settings(max_examples=30)
@given(st.integers(0, 24_000 * 12), st.integers(0, 24_000 * 12))
def test_any_slice_equals_that_slice_of_the_whole(start: int, end: int) -> None:
    afresh = Resampled(source_of(sine(16_000, 11.3, 523)), 16_000, 24_000)
    assert np.array_equal(afresh.read(start, max(0, end - start)), WHOLE[start:end])
