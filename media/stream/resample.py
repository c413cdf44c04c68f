"""A lane at another sample rate, so that any slice of it equals that slice of the whole. Pure; where the samples come
from is the caller's.

A resampler that simply runs from the slice's start hears other neighbours than one that runs from the lane's start.
So the lane is cut into blocks that lie fixed on its time line, each is resampled with a second of its neighbours on
both sides (a filter reaches some hundred samples), and only its middle is kept: the seams are those of floating point
rounding.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.int16]
Read = Callable[[int, int], Samples]

BLOCK_SECONDS = 5  # whole seconds begin at whole samples at every rate
CONTEXT_SECONDS = 1


class Resampled:
    """A lane read at `rate`. `read_source(start, count)` gives it at `source_rate`: zeros before its start and after
    its end."""

    def __init__(self, read_source: Read, source_rate: int, rate: int) -> None:
        self._read_source, self._source_rate, self._rate = read_source, source_rate, rate
        self._block = lru_cache(maxsize=2)(self._resample)

    def read(self, start: int, count: int) -> Samples:
        """`count` samples from `start` ≥ 0."""
        size = BLOCK_SECONDS * self._rate
        first, last = start // size, (start + count - 1) // size
        blocks = [self._block(number) for number in range(first, last + 1)]
        return np.concatenate([np.zeros(0, np.int16), *blocks])[start - first * size :][:count]

    def _resample(self, number: int) -> Samples:
        start = (number * BLOCK_SECONDS - CONTEXT_SECONDS) * self._source_rate
        source = self._read_source(start, (BLOCK_SECONDS + 2 * CONTEXT_SECONDS) * self._source_rate)
        if not source.any():
            return np.zeros(BLOCK_SECONDS * self._rate, np.int16)
        # In floats: soxr would dither integers, with another noise in each block.
        wide = soxr.resample(source.astype(np.float32), self._source_rate, self._rate, quality="HQ")
        middle = wide[CONTEXT_SECONDS * self._rate :][: BLOCK_SECONDS * self._rate]
        samples: Samples = np.clip(np.rint(middle), -32_768, 32_767).astype(np.int16)
        return samples
