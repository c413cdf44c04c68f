"""Several lanes to one: which lane sounds on which channel, and how they are added. Pure.

Every sample of the result depends on the samples of the same moment alone, so a slice of a mix is the mix of the
slices.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Layout = Literal["mono", "stereo", "multichannel"]

LOUDEST = 32_767
THRESHOLD = 26_214  # 0.8 of full scale (−2 dBFS): below it a sum is kept as it is
_KNEE = LOUDEST - THRESHOLD


def _soft_limit() -> Samples:
    """|sum| → |sample|: the identity up to the threshold, then a tanh that reaches full scale and never clips.

    A table, because a vectorised tanh may differ in its last bit with where an array begins, and slices must be equal.
    """
    sums = np.arange(THRESHOLD + 8 * _KNEE)
    excess = np.maximum(sums - THRESHOLD, 0)
    return np.where(excess > 0, np.rint(THRESHOLD + _KNEE * np.tanh(excess / _KNEE)), sums).astype(np.int16)


_LIMITED = _soft_limit()


def limit(total: npt.NDArray[np.int32]) -> Samples:
    """Sums of samples to samples, odd-symmetric and monotonic. Shape is kept."""
    loudness = np.abs(total)
    if not loudness.size or int(loudness.max()) <= THRESHOLD:
        return total.astype(np.int16)
    limited = _LIMITED[np.minimum(loudness, _LIMITED.size - 1)]
    return np.where(total < 0, -limited, limited).astype(np.int16)


def mix(lanes: Sequence[Samples]) -> Samples:
    """One lane alone is its samples untouched; several, of equal length, are added and limited. At least one lane."""
    if len(lanes) == 1:
        return lanes[0]
    total = lanes[0].astype(np.int32)
    for lane in lanes[1:]:
        total += lane
    return limit(total)


def channels(layout: Layout, lanes: int) -> list[list[int]]:
    """For each channel the numbers of the lanes that sound on it.

    mono: all on one; stereo: a single lane on both sides, else alternately left and right; multichannel: one each.
    """
    if layout == "multichannel":
        return [[lane] for lane in range(lanes)]
    everyone = list(range(lanes))
    if layout == "mono":
        return [everyone]
    return [everyone, everyone] if lanes == 1 else [everyone[0::2], everyone[1::2]]
