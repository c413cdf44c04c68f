"""What the sender sends: ACS's audio frames as finished WebSocket frames, but for the stamp. Pure.

Every frame has the same length, and a mask of zeros leaves the text as it is (RFC 6455, 5.3), so that sending one is
joining five pieces.
"""

import uuid
from binascii import b2a_base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from media.stream import stamps
from media.stream.speak import acs_audio, acs_metadata

RATE = 16_000
FRAME_SAMPLES = RATE // 50
FRAME_NS = 20_000_000
SOUNDS = Path(__file__).resolve().parents[2] / "media" / "demo"
NOISE = 12.0  # standard deviation of a telephone line's hiss, in units of s16; about -69 dBFS

Lane = str | None


def masked(text: bytes, opcode: int = 1) -> bytes:
    """One frame of a client, final and masked with zeros."""
    size = len(text)
    head = bytes((0x80 | opcode,))
    head += bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + text


def speech() -> list[bytes]:
    """The demo's two voices mixed, with a line's hiss, in frames of 20 ms as base64: audio that costs what speech
    costs to compress."""
    voices = [soundfile.read(SOUNDS / name, dtype="int16")[0].astype(np.int32) for name in ("caller.ogg", "agent.ogg")]
    length = min(map(len, voices)) // FRAME_SAMPLES * FRAME_SAMPLES
    hiss = np.random.default_rng(1).normal(0, NOISE, length)
    mixed = np.clip(sum(voice[:length] for voice in voices) + hiss, -32768, 32767).astype("<i2")
    return [b2a_base64(frame.tobytes(), newline=False) for frame in mixed.reshape(-1, FRAME_SAMPLES)]


class Template:
    """The frames of one lane. `whole(stamp, data)` is the per-frame path; both are bytes of ever the same length."""

    def __init__(self, lane: Lane, stamp: bytes, data: bytes) -> None:
        text = acs_audio(0, lane, bytes(FRAME_SAMPLES * 2), False).encode()
        before, rest = text.split(stamps.write(0).encode())
        middle, after = rest.split(b2a_base64(bytes(FRAME_SAMPLES * 2), newline=False))
        self.before = masked(before + stamp + middle + data + after)[: 8 + len(before)]
        self.middle, self.after = middle, after

    def whole(self, stamp: bytes, data: bytes) -> bytes:
        return b"".join((self.before, stamp, self.middle, data, self.after))


def stamp_at(ns: int) -> bytes:
    return stamps.write(ns).encode()


def templates(lanes: Sequence[Lane], data: bytes) -> list[Template]:
    return [Template(lane, stamp_at(0), data) for lane in lanes]


def metadata() -> bytes:
    """A socket's first message."""
    return masked(acs_metadata(str(uuid.uuid4()), RATE, FRAME_SAMPLES * 2).encode())
