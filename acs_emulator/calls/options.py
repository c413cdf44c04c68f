"""What an application asks for when it creates, answers or joins a call (ACS.md 4.5). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from acs_emulator.media import StreamOptions, TranscriptionOptions


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation is reported: its context comes back in its events; `callback_uri` "" means the call's own."""

    context: str | None = None
    callback_uri: str = ""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """api_version: what the request said, and so what its events say; speaks: text prompts have a voice."""

    callback_uri: str
    operation_context: str | None = None
    api_version: str = ""
    media: StreamOptions | None = None
    transcription: TranscriptionOptions | None = None
    speaks: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any], api_version: str) -> Self:
        media = body.get("mediaStreamingOptions")
        if media is None and isinstance(old := body.get("mediaStreamingConfiguration"), Mapping):
            media = {**old, "startMediaStreaming": True}
        transcription = body.get("transcriptionOptions")
        return cls(
            callback_uri=str(body.get("callbackUri") or ""),
            operation_context=body.get("operationContext"),
            api_version=api_version,
            media=StreamOptions.of(media) if isinstance(media, Mapping) else None,
            transcription=TranscriptionOptions.of(transcription) if isinstance(transcription, Mapping) else None,
            speaks=bool((body.get("callIntelligenceOptions") or {}).get("cognitiveServicesEndpoint")),
        )
