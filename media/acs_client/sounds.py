"""Sound files → PCM as ACS sends it (s16le mono at one rate). Knows no Django and no socket."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from media.errors import MediaError
from media.stream.mix import mix as as_one

BLOCK = 65_536  # sample frames read at a time, so that an hour of stereo needs no gigabyte

Samples = npt.NDArray[np.float32]


class UnreadableSound(MediaError):
    """{path}: {why}"""


def read(path: Path, rate: int) -> bytes:
    """The file as s16le mono at `rate`; channels are averaged. 16-bit mono at that rate comes out bit by bit.
    Raises UnreadableSound."""
    if not path.is_file():
        raise UnreadableSound(path=path, why="this is a folder." if path.is_dir() else "there is no such file.")
    try:
        if not path.stat().st_size:
            raise UnreadableSound(path=path, why="this file is empty.")
        with soundfile.SoundFile(path) as sound:
            pcm = b"".join(_blocks(sound, rate))
    except OSError as error:
        raise UnreadableSound(path=path, why=f"cannot be read ({error.strerror}).") from error
    except soundfile.LibsndfileError as error:
        forms = "WAV, FLAC, MP3, Ogg (Vorbis or Opus) or AIFF"
        raise UnreadableSound(
            path=path, why=f"cannot be read as sound; convert it to {forms} ({error.error_string})"
        ) from error
    if not pcm:
        raise UnreadableSound(path=path, why="there is no sound in this file.")
    return pcm


def mix(lanes: Sequence[bytes]) -> bytes:
    """All lanes as one, as long as the longest: summed and softly limited."""
    longest = max(map(len, lanes))
    return as_one([np.frombuffer(lane.ljust(longest, b"\0"), "<i2") for lane in lanes]).tobytes()


def _blocks(sound: soundfile.SoundFile, rate: int) -> list[bytes]:
    same = sound.samplerate == rate
    resampler = None if same else soxr.ResampleStream(sound.samplerate, rate, 1, dtype="float32")
    blocks = []
    while len(block := sound.read(BLOCK, dtype="float32", always_2d=True)):
        mono: Samples = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)
        blocks.append(_pcm(resampler.resample_chunk(mono) if resampler else mono))
    if resampler:
        blocks.append(_pcm(resampler.resample_chunk(np.zeros(0, np.float32), last=True)))
    return blocks


def _pcm(samples: Samples) -> bytes:
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype("<i2").tobytes()
