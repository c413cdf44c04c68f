"""Speaks as ACS does (generation 2), for programs that stand in for it. Knows no pace: the caller has the clock."""

from binascii import b2a_base64

import msgspec

from media.stream import stamps


def acs_metadata(subscription_id: str, rate: int, frame_bytes: int) -> str:
    """The first message of a media socket."""
    form = {"encoding": "PCM", "sampleRate": rate, "channels": 1, "length": frame_bytes}
    packet = {"kind": "AudioMetadata", "audioMetadata": {"subscriptionId": subscription_id, **form}}
    return msgspec.json.encode(packet).decode()


def acs_audio(stamp_ns: int, lane: str | None, pcm: bytes, silent: bool | None) -> str:
    """One frame; the stamp is cut to milliseconds as ACS sends it. No lane: mixed audio. No `silent`: unsaid."""
    frame: dict[str, object] = {"timestamp": stamps.write(stamp_ns)}
    if lane is not None:
        frame["participantRawID"] = lane
    frame["data"] = b2a_base64(pcm, newline=False).decode()
    if silent is not None:
        frame["silent"] = silent
    return msgspec.json.encode({"kind": "AudioData", "audioData": frame}).decode()
