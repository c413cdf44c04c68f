"""How loud a stretch of one lane is: peaks to draw, levels to search, speech to count. Pure: no chunks,
no rows.

Windows are 20 ms, counted from the first sample; the last may be shorter. Full scale is 32 768.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

WINDOWS_PER_SECOND = 50
SPEECH_DBFS = -50
DIGITAL_ZERO = 127
_FULL_SCALE = 32768.0**2


class Levels(msgspec.Struct, frozen=True):
    """What is stored beside a chunk.

    `peaks` are int8 pairs (lowest, highest) per 20 ms, `overview` the same per 50 windows (1 s), `levels` uint8 per
    20 ms: −dBFS of the RMS, rounded, 0…127, digital zero = 127. `speech_samples` lie in windows above −50 dBFS RMS that
    ACS did not flag silent; `silent_samples` are those it flagged.
    """

    peaks: bytes
    overview: bytes
    levels: bytes
    speech_samples: int
    silent_samples: int


def window(rate: int) -> int:
    """Samples in a 20 ms window at `rate` (rounded down where a rate does not divide by 50)."""
    return max(1, rate // WINDOWS_PER_SECOND)


def measure(pcm: bytes, rate: int, silent: Sequence[tuple[int, int]] = ()) -> Levels:
    """The levels of `pcm` (s16le mono). `silent` are spans (offset, samples) that ACS flagged; they do not overlap."""
    samples = np.frombuffer(pcm, "<i2")
    if not samples.size:
        return Levels(b"", b"", b"", 0, 0)
    starts = np.arange(0, samples.size, window(rate))
    lengths = np.diff(starts, append=samples.size)
    power = np.add.reduceat(np.square(samples, dtype=np.float32), starts) / lengths / _FULL_SCALE
    speech = (power > 10 ** (SPEECH_DBFS / 10)) & ~_flagged(silent, window(rate), starts.size)
    every_second = np.arange(0, samples.size, window(rate) * WINDOWS_PER_SECOND)
    return Levels(
        peaks=_peaks(samples, starts),
        overview=_peaks(samples, every_second),
        levels=_levels(power),
        speech_samples=int(lengths[speech].sum()),
        silent_samples=sum(max(0, min(offset + count, samples.size) - offset) for offset, count in silent),
    )


def loudness(frames: Sequence[bytes]) -> list[int]:
    """−dBFS of each frame's RMS, rounded, 0…127, digital zero = 127; all at once, for many short frames."""
    levels = [DIGITAL_ZERO] * len(frames)
    by_size: dict[int, list[int]] = {}
    for index, frame in enumerate(frames):
        if len(frame) > 1:
            by_size.setdefault(len(frame), []).append(index)
    for indexes in by_size.values():
        samples = np.frombuffer(b"".join([frames[index] for index in indexes]), "<i2").reshape(len(indexes), -1)
        wide = samples.astype(np.float32)
        power = np.einsum("ij,ij->i", wide, wide) / wide.shape[1] / _FULL_SCALE
        for index, level in zip(indexes, _levels(power), strict=True):
            levels[index] = level
    return levels


def _peaks(samples: Samples, starts: npt.NDArray[np.intp]) -> bytes:
    """The lowest and highest sample from each start to the next, as int8 pairs."""
    pairs = np.stack((np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)), axis=1)
    rounded: npt.NDArray[np.int32] = (pairs.astype(np.int32) + 128) >> 8
    return bytes(np.minimum(rounded, 127).astype(np.int8))


def _levels(power: npt.NDArray[np.float64]) -> bytes:
    decibels = np.full(power.size, float(DIGITAL_ZERO))
    np.log10(power, out=decibels, where=power > 0)
    decibels[power > 0] *= -10
    return bytes(np.clip(np.rint(decibels), 0, DIGITAL_ZERO).astype(np.uint8))


def _flagged(silent: Sequence[tuple[int, int]], width: int, windows: int) -> npt.NDArray[np.bool_]:
    """Which windows ACS flagged: those whose middle lies in a span."""
    flags = np.zeros(windows, dtype=np.bool_)
    for offset, count in silent:
        first, end = (max(0, -((width // 2 - edge) // width)) for edge in (offset, offset + count))
        flags[first:end] = True
    return flags
