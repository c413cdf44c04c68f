import io
import struct

import numpy as np
import pytest
import soundfile

from media.stream.wav import header

LAST_RIFF = (2**32 - 1 - 36) // 2  # frames of one channel


def test_it_writes_the_44_bytes_that_everybody_reads() -> None:
    assert header(3, 2, 16_000) == bytes.fromhex(
        "52494646 30000000 57415645 666d7420 10000000 0100 0200 803e0000 00fa0000 0400 1000 64617461 0c000000"
    )


@pytest.mark.parametrize(("channels", "rate"), [(1, 8000), (2, 24_000), (7, 48_000), (64, 16_000)])
def test_it_is_read_by_the_audio_library(channels: int, rate: int) -> None:
    samples = np.arange(10 * channels, dtype="<i2").reshape(10, channels)
    read, found = soundfile.read(
        io.BytesIO(header(10, channels, rate) + samples.tobytes()), dtype="int16", always_2d=True
    )
    assert (found, read.tolist()) == (rate, samples.tolist())


def test_it_is_riff_as_long_as_32_bits_count_it() -> None:
    assert header(LAST_RIFF, 1, 16_000)[:8] == b"RIFF" + struct.pack("<I", 36 + 2 * LAST_RIFF)
    assert len(header(LAST_RIFF, 1, 16_000)) == 44


def test_it_is_rf64_with_the_true_sizes_beyond() -> None:
    beyond = header(LAST_RIFF + 1, 1, 16_000)
    size = 2 * (LAST_RIFF + 1)
    assert beyond[:20] == b"RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"
    assert struct.unpack("<QQQI", beyond[20:48]) == (len(beyond) - 8 + size, size, LAST_RIFF + 1, 0)
    assert beyond[-8:] == b"data\xff\xff\xff\xff"


def test_rf64_is_read_by_the_audio_library() -> None:
    with soundfile.SoundFile(io.BytesIO(header(2**32, 2, 24_000) + bytes(400))) as sound:
        assert (sound.format, sound.channels, sound.samplerate) == ("RF64", 2, 24_000)
