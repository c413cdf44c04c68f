"""Whether audio of an announced format can be stored. Pure: the ingest closes such sockets, the archiver
stores none of what they sent."""

from media.stream.packets import AudioMetadata


def unstorable(metadata: AudioMetadata) -> str:
    """Why audio of this format cannot be stored, "" when it can (ACS: PCM, one channel, 16 or 24 kHz)."""
    if metadata.encoding.upper() != "PCM":
        return f"This server stores PCM; the stream is announced as {metadata.encoding[:40]!r}."
    if metadata.channels != 1:
        return f"This server stores one channel per participant; the stream is announced with {metadata.channels}."
    if not 8_000 <= metadata.sample_rate <= 48_000:
        return f"This server stores 8 to 48 kHz; the stream is announced with {metadata.sample_rate} Hz."
    return ""
