"""What a subscription was asked for, as the REST body says it (ACS.md 4.5 and 4.8). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

# Names of audioFormat → samples a second.
RATES = {"pcm16kmono": 16_000, "pcm24kmono": 24_000}


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """`mediaStreamingOptions` of create, answer or connect."""

    transport_url: str
    mixed: bool = True
    rate: int = 16_000
    bidirectional: bool = False
    dtmf: bool = False
    start: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """From the JSON of any api-version (`mediaStreamingConfiguration` of 2022, too)."""
        return cls(
            transport_url=str(body.get("transportUrl") or ""),
            mixed=str(body.get("audioChannelType", "mixed")).lower() != "unmixed",
            rate=RATES.get(str(body.get("audioFormat")).lower(), 16_000),
            bidirectional=bool(body.get("enableBidirectional")),
            dtmf=bool(body.get("enableDtmfTones")),
            start=bool(body.get("startMediaStreaming")),
        )


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """`transcriptionOptions` of create, answer or connect."""

    transport_url: str
    locale: str = "en-US"
    start: bool = False
    intermediate: bool = False
    model: str | None = field(default=None)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            transport_url=str(body.get("transportUrl") or ""),
            locale=str(body.get("locale") or "en-US"),
            start=bool(body.get("startTranscription")),
            intermediate=bool(body.get("enableIntermediateResults")),
            model=body.get("speechModelEndpointId"),
        )
