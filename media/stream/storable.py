"""Whether audio of an announced format can be stored. Pure: the ingest closes such sockets, the archiver
stores none of what they sent."""

from media.stream.packets import AudioMetadata

RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""Those that divide 48 kHz: lanes of different rates are then aligned without rounding."""


def unstorable(metadata: AudioMetadata) -> str:
    """Why audio of this format cannot be stored, "" when it can (ACS: PCM, one channel, 16 or 24 kHz)."""
    if metadata.encoding.upper() != "PCM":
        return f"This server stores PCM; the stream is announced as {metadata.encoding[:40]!r}."
    if metadata.channels != 1:
        return f"This server stores one channel per participant; the stream is announced with {metadata.channels}."
    if metadata.sample_rate not in RATES:
        return f"This server stores 8, 12, 16, 24 and 48 kHz; the stream is announced with {metadata.sample_rate} Hz."
    return ""
