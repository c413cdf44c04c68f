"""Playbacks as FLAC, MP3 and Opus: what each format can hold, and the encoding into a temporary file, block by block,
so that an hour needs no more memory than a second. Knows nothing of HTTP.
"""

import tempfile
import threading
from collections.abc import Sequence
from typing import IO, Literal, NamedTuple

import numpy as np
import soundfile
from django.conf import settings

from media.audio.playback import Frames, Playback
from media.errors import BadLayout, BadRate
from media.stream import opus_head

Format = Literal["wav", "flac", "mp3", "opus"]
BLOCK_BYTES = 1 << 18


class Encoding(NamedTuple):
    """What a format is called, and what it can hold. `rates` empty: every rate."""

    content_type: str
    most_channels: int
    rates: Sequence[int] = ()
    container: str = ""
    codec: str = ""


ENCODINGS: dict[Format, Encoding] = {
    "wav": Encoding("audio/wav", 64),
    "flac": Encoding("audio/flac", 8, (), "FLAC", "PCM_16"),
    "mp3": Encoding(
        "audio/mpeg", 2, (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000), "MP3", "MPEG_LAYER_III"
    ),
    "opus": Encoding("audio/ogg; codecs=opus", 8, (8000, 12_000, 16_000, 24_000, 48_000), "OGG", "OPUS"),
}
RATES = range(8000, 48_001)
# Encoding is the one thing here that costs seconds of a core; recording must keep the others.
_TURNS = threading.BoundedSemaphore(2)


def check_rate(rate: int | None, kind: Format) -> None:
    """Raises BadRate where `kind` cannot have the rate that was asked for. None is the session's own."""
    possible = ENCODINGS[kind].rates or RATES
    if rate is not None and rate not in possible:
        named = f"{possible[0]} to {possible[-1]}" if possible is RATES else ", ".join(map(str, possible))
        raise BadRate(rate=rate, format=kind, rates=named)


def check(playback: Playback, kind: Format) -> None:
    """Raises BadLayout or BadRate where `kind` cannot hold this playback."""
    encoding = ENCODINGS[kind]
    if encoding.rates:
        check_rate(playback.rate, kind)
    if playback.channels > encoding.most_channels:
        raise BadLayout(format=kind, most=encoding.most_channels, channels=playback.channels)


def block_frames(playback: Playback) -> int:
    """How many frames to read at once: about 256 KiB of them."""
    return max(1, BLOCK_BYTES // (2 * playback.channels))


def encode(playback: Playback, kind: Format) -> IO[bytes]:
    """A nameless temporary file under VAR_DIR that holds the encoded playback and stands at its first byte. Takes
    seconds for an hour; waits its turn while two others are encoded. Raises OSError where storage or disk fail."""
    folder = settings.VAR_DIR / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (who gets it closes it)
    try:
        with _TURNS:
            _write(file, playback, ENCODINGS[kind], discrete=kind == "opus" and _loses_a_channel(playback))
    except soundfile.LibsndfileError as error:
        file.close()
        raise OSError(f"{folder}: {error}") from error
    except BaseException:
        file.close()
        raise
    return file


def _loses_a_channel(playback: Playback) -> bool:
    return playback.channels in opus_head.SURROUND_WITH_EFFECT


def _write(file: IO[bytes], playback: Playback, encoding: Encoding, discrete: bool) -> None:
    channels = opus_head.DISCRETE if discrete else playback.channels
    with soundfile.SoundFile(
        file.fileno(),
        "w",
        samplerate=playback.rate,
        channels=channels,
        format=encoding.container,
        subtype=encoding.codec,
        closefd=False,
    ) as sound:
        step = block_frames(playback)
        for start in range(0, playback.frames, step):
            sound.write(_widened(playback.read(start, min(step, playback.frames - start)), channels))
    file.seek(0)
    if discrete:
        _name_channels(file, playback.channels)


def _name_channels(file: IO[bytes], channels: int) -> None:
    """Replace the first page by a shorter one that ends where it ended, and stand at its first byte."""
    page = opus_head.first_page(file.read(512))
    named = opus_head.name_channels(page, channels)
    start = len(page) - len(named)
    file.seek(start)
    file.write(named)
    file.seek(start)


def _widened(frames: Frames, channels: int) -> Frames:
    """The frames with silent channels after their own."""
    silent = np.zeros((len(frames), channels - frames.shape[1]), np.int16)
    return np.concatenate((frames, silent), axis=1) if silent.size else frames
