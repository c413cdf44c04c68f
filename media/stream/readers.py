"""The fields of each kind of packet, under every name that a generation gave them. Knows no top level and no bytes."""

from media.stream import stamps
from media.stream.errors import BadPacket
from media.stream.fields import Fields
from media.stream.packets import (
    AudioData,
    AudioMetadata,
    DtmfData,
    MarkData,
    TranscriptionData,
    TranscriptionMetadata,
    Word,
)

LANE = ("participantRawID", "participantId", "participant")
SILENT = ("silent", "isSilent", "isSilence")
TONE = ("data", "tone")

_TEXT_LIMIT = 1 << 20  # what a participant said may be as long as a message
_LAST_TICK = 10**19
_FIRST_ABSOLUTE_TICK = 622 * 10**15  # 1973 in .NET's ticks: an offset of this size is a date


def audio_metadata(body: Fields) -> AudioMetadata:
    """Generation 0 nests the encoding under `format`. What is missing is what ACS sends by default."""
    form = body.inner("format") or body
    return AudioMetadata(
        subscription_id=body.text("subscriptionId"),
        encoding=form.text("encoding") or "PCM",
        sample_rate=form.whole("sampleRate", low=1_000, high=384_000) or 16_000,
        channels=form.whole("channels", low=1, high=255) or 1,
        length=form.whole("length", low=1, high=1 << 20),
    )


def audio_data(body: Fields) -> AudioData:
    """A frame may lack its data or its stamp, but an object with nothing of a frame in it is none."""
    if not body.has("data", "timestamp", *SILENT):
        raise BadPacket(body.path, "has no data, timestamp or silent")
    stamp, digits = body.stamp("timestamp")
    return AudioData(body.text(*LANE), stamp, digits, body.pcm("data"), body.flag(*SILENT))


def dtmf_data(body: Fields) -> DtmfData:
    """DtmfData, and the short-lived DtmfMetadata and DtmfTone with the same fields."""
    tone = body.value(*TONE)
    if isinstance(tone, int) and tone in range(10) and not isinstance(tone, bool):
        text: str | None = str(tone)
    else:
        text = body.text(*TONE)
    return DtmfData(_present(text, body, "data"), body.stamp("timestamp")[0], body.text(*LANE))


def mark_data(body: Fields) -> MarkData:
    return MarkData(_present(body.text("id"), body, "id"), body.text("status"))


def transcription_metadata(body: Fields) -> TranscriptionMetadata:
    pii, summary = body.inner("piiRedactionOptions"), body.inner("summarizationOptions")
    return TranscriptionMetadata(
        subscription_id=body.text("subscriptionId"),
        locale=body.text("locale"),
        call_connection_id=body.text("callConnectionId"),
        correlation_id=body.text("correlationId"),
        model_endpoint_id=body.text("speechRecognitionModelEndpointId", "speechModelEndpointId"),
        locales=body.texts("locales"),
        sentiment=body.flag("enableSentimentAnalysis"),
        pii_redaction=pii.flag("enable") if pii else None,
        summary=summary.flag("enableEndCallSummary") if summary else None,
    )


def transcription_data(body: Fields) -> TranscriptionData:
    if not body.has("text"):
        raise BadPacket(f"{body.path}.text", "is missing")
    offset, absolute = _offset(body)
    status, sentiment = body.text("resultStatus", "resultState"), body.inner("sentimentAnalysisResult")
    return TranscriptionData(
        lane=body.text(*LANE),
        text=body.text("text", limit=_TEXT_LIMIT) or "",
        format=body.text("format"),
        status=status.lower() if status else None,
        confidence=body.number("confidence"),
        offset=offset,
        absolute=absolute,
        duration=_duration(body),
        words=tuple(_word(word) for word in body.each("words")),
        sentiment=sentiment.text("sentiment") if sentiment else None,
        language=body.text("languageIdentified"),
    )


def _word(word: Fields) -> Word:
    return Word(word.text("text", limit=_TEXT_LIMIT) or "", _offset(word)[0], _duration(word))


def _offset(body: Fields) -> tuple[int | None, bool]:
    """Nanoseconds, and whether they count from the Unix epoch. Ticks stay whole numbers: they are beyond 2^53."""
    ticks = body.whole("offset", low=0, high=_LAST_TICK)
    if ticks is None or ticks < _FIRST_ABSOLUTE_TICK:
        return ticks if ticks is None else ticks * stamps.TICK, False
    return stamps.NET_EPOCH + ticks * stamps.TICK, True


def _duration(body: Fields) -> int | None:
    ticks = body.whole("duration", low=0, high=_LAST_TICK)
    return None if ticks is None else ticks * stamps.TICK


def _present(text: str | None, body: Fields, name: str) -> str:
    if text is None:
        raise BadPacket(f"{body.path}.{name}", "is missing")
    return text
