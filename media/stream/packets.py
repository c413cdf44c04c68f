"""What ACS says on a media socket, as values. Knows nothing of JSON, casing or generations: that is wire.py.

Stamps are nanoseconds since the Unix epoch, UTC. They may lie outside 64 bits: year 1, which .NET sends for "no time",
is about -6.2e19.
"""

import msgspec


class AudioMetadata(msgspec.Struct, frozen=True, gc=False):
    """The first message of a socket: how its audio is encoded. `length` is bytes per frame, None where not said."""

    subscription_id: str | None
    encoding: str
    sample_rate: int
    channels: int
    length: int | None


class AudioData(msgspec.Struct, frozen=True, gc=False):
    """One frame of one lane, usually 20 ms.

    `lane` is ACS's participantRawID verbatim, None for mixed audio. `stamp` is None where it is missing or unreadable,
    which is no error; `digits` is the number of fraction digits it came with. `pcm` is s16le, empty where ACS sent no
    data. `silent` is None where ACS did not say.
    """

    lane: str | None
    stamp: int | None
    digits: int
    pcm: bytes
    silent: bool | None


class DtmfData(msgspec.Struct, frozen=True, gc=False):
    """A key that a participant pressed: "0" to "9", "*", "#", "A" to "D", verbatim."""

    tone: str
    stamp: int | None
    lane: str | None


class TranscriptionMetadata(msgspec.Struct, frozen=True):
    """The first message of a transcription socket. What only previews send is None or empty elsewhere."""

    subscription_id: str | None
    locale: str | None
    call_connection_id: str | None
    correlation_id: str | None
    model_endpoint_id: str | None
    locales: tuple[str, ...]
    sentiment: bool | None
    pii_redaction: bool | None
    summary: bool | None


class Word(msgspec.Struct, frozen=True, gc=False):
    """One word of a phrase; times as in TranscriptionData."""

    text: str
    offset: int | None
    duration: int | None


class TranscriptionData(msgspec.Struct, frozen=True):
    """A phrase. `status` is "final" or "intermediate" (which has no words and no confidence).

    `offset` and `duration` are nanoseconds. Offsets count from the start of the transcription, but from the Unix epoch
    where `absolute` is true (early previews sent .NET ticks).
    """

    lane: str | None
    text: str
    format: str | None
    status: str | None
    confidence: float | None
    offset: int | None
    absolute: bool
    duration: int | None
    words: tuple[Word, ...]
    sentiment: str | None
    language: str | None


class MarkData(msgspec.Struct, frozen=True, gc=False):
    """A mark in the audio that we sent was reached ("Completed") or dropped ("Cancelled")."""

    id: str
    status: str | None


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """A readable message of a kind that we do not know, verbatim: counted, never an error."""

    kind: str


Packet = AudioMetadata | AudioData | DtmfData | TranscriptionMetadata | TranscriptionData | MarkData | Unknown
