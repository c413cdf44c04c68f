"""The header of a 16-bit PCM WAV file whose length is known before its first sample. Pure.

RIFF counts in 32 bits; what is longer is written as RF64 (EBU Tech 3306): the same with the true sizes in a ds64 chunk.
"""

import struct

SAMPLE_BYTES = 2
_TOP = 0xFFFF_FFFF


def header(frames: int, channels: int, rate: int) -> bytes:
    """44 bytes, or 80 from 4 GiB on. `frames` are moments: one sample per channel. Channels 1…32 767."""
    width = channels * SAMPLE_BYTES
    size = frames * width
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * width, width, 8 * SAMPLE_BYTES)
    if 36 + size <= _TOP:
        return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, 72 + size, size, frames, 0)
    return struct.pack("<4sI4s", b"RF64", _TOP, b"WAVE") + sizes + form + struct.pack("<4sI", b"data", _TOP)
