"""ACS's JSON on a media socket: text in, packets out, and back. Pure: no socket, no clock, no log.

Nearly every message is one form, an audio frame: `decode` reads that in one step of C. Anything else, in whatever
generation and casing, goes to tolerant.py, which reads the common form to the same packet.
"""

from binascii import b2a_base64
from typing import Annotated, Literal

import msgspec

from media.stream import stamps, tolerant
from media.stream.errors import BadPacket
from media.stream.fields import NAME_LIMIT, checked_name, checked_pcm
from media.stream.packets import AudioData, Packet

__all__ = ["BadPacket", "decode", "encode_audio", "encode_stop"]


class _Frame(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An alias is an unknown field here, so it ends the fast path instead of being passed over."""

    timestamp: str
    participantRawID: Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)] | None = None  # noqa: N815  (ACS's spelling; absent in mixed audio)
    data: bytes | None = None
    silent: bool | None = None


class _Common(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: Literal["AudioData"]
    audioData: _Frame  # noqa: N815


_common = msgspec.json.Decoder(_Common).decode
_parse = stamps.parse
_NO_STAMP = (None, 0)


def decode(message: str | bytes) -> Packet:
    """The packet in one WebSocket message. BadPacket names the field that cannot be read; nothing else is raised."""
    try:
        frame = _common(message).audioData
    except ValueError:  # of msgspec or of Unicode; nesting ends at the first wrong type, before it can be too deep
        return tolerant.read(message)
    lane, pcm = frame.participantRawID, frame.data or b""
    if lane and "\0" in lane:
        checked_name(lane, "audioData.participantRawID")
    if len(pcm) % 2:
        checked_pcm(pcm, "audioData.data")
    stamp, digits = _parse(frame.timestamp) or _NO_STAMP
    return AudioData(lane or None, stamp, digits, pcm, frame.silent)


def encode_audio(pcm: bytes) -> str:
    """Audio for the call: s16le at the rate of the call's stream, any length; ACS plays it in real time."""
    return f'{{"Kind":"AudioData","AudioData":{{"Data":"{_base64(pcm)}"}},"StopAudio":null}}'


def encode_stop() -> str:
    """Drops what ACS has not played yet."""
    return '{"Kind":"StopAudio","AudioData":null,"StopAudio":{}}'


def _base64(pcm: bytes) -> str:
    return b2a_base64(pcm, newline=False).decode()
