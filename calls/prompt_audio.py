"""Sound files → what ACS plays: mono 16-bit WAV of 16 kHz (ACS.md 6). Bytes in, bytes out: knows no Django and no disk.

Uploads are not trusted: no block of samples is larger than a few MB, whatever the file's header claims.
"""

import io
import wave
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from calls.errors import UnplayableSound

RATE = 16_000
MOST_BYTES = 32 << 20
LONGEST_SECONDS = 300
QUIETEST = 0.001  # of full scale (-60 dB): what stays below this all along, nobody hears

_BLOCK = 65_536
_MOST_CHANNELS = 8
_RATES = range(4_000, 192_001)
_FORMS = "WAV, FLAC, MP3, Ogg (Vorbis or Opus) or AIFF"

Samples = npt.NDArray[np.float32]


class Prompt(NamedTuple):
    """A sound that ACS can play."""

    wav: bytes
    duration_ms: int


def prompt_of(content: bytes, name: str = "This file") -> Prompt:
    """Any sound file as ACS takes it; channels are averaged, 16-bit mono of 16 kHz comes out bit by bit. `name` stands
    in the message. Raises UnplayableSound."""
    if not content:
        raise UnplayableSound(name=name, why="it is empty.")
    if len(content) > MOST_BYTES:
        raise UnplayableSound(name=name, why=f"it is larger than {MOST_BYTES >> 20} MB: send it as MP3 or FLAC.")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            _check(sound, name)
            samples = np.concatenate([np.zeros(0, np.float32), *_blocks(sound, name)])
    except soundfile.LibsndfileError as error:
        why = f"it cannot be read as sound; convert it to {_FORMS} ({error.error_string})"
        raise UnplayableSound(name=name, why=why) from error
    if not len(samples) or float(np.abs(samples).max()) < QUIETEST:
        raise UnplayableSound(name=name, why="there is nothing to hear in it.")
    return Prompt(_wav(samples), round(len(samples) * 1_000 / RATE))


def _check(sound: soundfile.SoundFile, name: str) -> None:
    if sound.channels > _MOST_CHANNELS:
        raise UnplayableSound(name=name, why=f"it has {sound.channels} channels: mix it down to one.")
    if sound.samplerate not in _RATES:
        raise UnplayableSound(name=name, why=f"its sample rate of {sound.samplerate} Hz is none of sound: use 16000.")


def _blocks(sound: soundfile.SoundFile, name: str) -> Iterator[Samples]:
    """At RATE, mono. Counts what is there: a header may promise more, or less, or not know."""
    same = sound.samplerate == RATE
    resampler = None if same else soxr.ResampleStream(sound.samplerate, RATE, 1, dtype="float32")
    left = LONGEST_SECONDS * sound.samplerate
    while len(block := sound.read(_BLOCK, dtype="float32", always_2d=True)):
        left -= len(block)
        if left < 0:
            minutes = LONGEST_SECONDS // 60
            raise UnplayableSound(name=name, why=f"it is longer than {minutes} minutes, too long to wait for.")
        mono: Samples = np.nan_to_num(block.mean(axis=1, dtype=np.float32), posinf=1.0, neginf=-1.0)
        yield resampler.resample_chunk(mono) if resampler else mono
    if resampler:
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def _wav(samples: Samples) -> bytes:
    pcm = np.clip(np.rint(np.clip(samples, -1, 1) * 32_768), -32_768, 32_767).astype("<i2").tobytes()
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return content.getvalue()
