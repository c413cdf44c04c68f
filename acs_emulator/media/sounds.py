"""Sound files as s16le mono at a stream's rate. A file that has this rate and 16 bits already comes out sample by
sample as it is. Knows no calls."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from acs_emulator.errors import BadSound, NoSound

FRAME_MS = 20
Samples = npt.NDArray[np.int16]


def frame_bytes(rate: int) -> int:
    return rate * FRAME_MS // 1000 * 2


def load(path: Path, rate: int) -> bytes:
    """The whole file as s16le mono at `rate`; several channels become their mean. Raises BadSound."""
    try:
        return _load(path, path.stat().st_mtime_ns, rate)
    except FileNotFoundError:
        raise NoSound(path=path) from None
    except OSError as wrong:
        raise BadSound(path=path, why=(wrong.strerror or str(wrong)).lower()) from None


def decode(content: bytes, rate: int, name: str) -> bytes:
    """The same for a file that was fetched. Raises BadSound naming `name`."""
    try:
        samples, own_rate = soundfile.read(BytesIO(content), dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, TypeError) as wrong:
        raise BadSound(path=name, why=_plain(wrong)) from None
    return fitted(samples, own_rate, rate).tobytes()


@lru_cache(maxsize=64)
def _load(path: Path, modified_ns: int, rate: int) -> bytes:
    return decode(path.read_bytes(), rate, str(path))


def fitted(samples: Samples, own_rate: int, rate: int) -> Samples:
    """(n, channels) at `own_rate` → (m,) at `rate`, untouched where nothing differs."""
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    if own_rate != rate:
        mono = soxr.resample(mono.astype(np.float64), own_rate, rate)
    return np.clip(np.rint(mono), -32_768, 32_767).astype("<i2")


def _plain(wrong: Exception) -> str:
    return str(getattr(wrong, "error_string", wrong)).rstrip(".").removeprefix("Error : ").lower()
