"""Calls come about: placed, answered, joined; or are rejected or redirected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import azure.communication.callautomation as sdk
from django.conf import settings

from calls.acs.asking import asking, client
from calls.acs.identities import identifier, phone


@dataclass(frozen=True, slots=True)
class Streaming:
    """The media stream of a call as asked for; `start`: as soon as the call is connected."""

    url: str
    channels: str
    sample_rate: int
    start: bool
    bidirectional: bool
    dtmf: bool
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """What ACS says of our leg of a call; "" where it does not. `streaming`: disabled, inactive, active or ""."""

    call_connection_id: str
    server_call_id: str
    correlation_id: str
    state: str
    streaming: str


def _options(streaming: Streaming) -> dict[str, Any]:
    """What create, answer and connect take besides the address of callbacks."""
    found: dict[str, Any] = {
        "media_streaming": sdk.MediaStreamingOptions(
            transport_url=streaming.url,
            transport_type=sdk.StreamingTransportType.WEBSOCKET,
            content_type=sdk.MediaStreamingContentType.AUDIO,
            audio_channel_type=sdk.MediaStreamingAudioChannelType(streaming.channels),
            start_media_streaming=streaming.start,
            enable_bidirectional=streaming.bidirectional,
            audio_format=sdk.AudioFormat.PCM24_K_MONO
            if streaming.sample_rate == 24_000
            else sdk.AudioFormat.PCM16_K_MONO,
            enable_dtmf_tones=streaming.dtmf,
        )
    }
    if streaming.locale:
        found["transcription"] = sdk.TranscriptionOptions(
            transport_url=streaming.url,
            transport_type=sdk.StreamingTransportType.WEBSOCKET,
            locale=streaming.locale,
            start_transcription=streaming.start,
            enable_intermediate_results=False,
        )
    if settings.ACS_COGNITIVE_ENDPOINT:
        found["cognitive_services_endpoint"] = settings.ACS_COGNITIVE_ENDPOINT
    return found


def leg_of(properties: Any) -> Leg:
    """Raises TypeError where these are no call's."""
    if not isinstance(properties.call_connection_id, str) or not properties.call_connection_id:
        raise TypeError("an answer without callConnectionId")
    subscription = properties.media_streaming_subscription
    return Leg(
        properties.call_connection_id or "",
        properties.server_call_id or "",
        properties.correlation_id or "",
        str(getattr(properties.call_connection_state, "value", properties.call_connection_state) or ""),
        str(getattr(subscription.state, "value", subscription.state) or "") if subscription else "",
    )


async def create(
    to: Sequence[str],
    callbacks: str,
    context: str,
    streaming: Streaming,
    *,
    caller_id: str = "",
    display_name: str = "",
) -> Leg:
    """Places a call; several targets ring at once."""
    targets = [identifier(raw_id) for raw_id in to]
    async with asking("place a call"):
        return leg_of(
            await client().create_call(
                targets[0] if len(targets) == 1 else targets,
                callbacks,
                source_caller_id_number=phone(caller_id),
                source_display_name=display_name or None,
                operation_context=context,
                **_options(streaming),
            )
        )


async def answer(incoming_context: str, callbacks: str, context: str, streaming: Streaming) -> Leg:
    async with asking("answer a call"):
        return leg_of(
            await client().answer_call(incoming_context, callbacks, operation_context=context, **_options(streaming))
        )


async def connect(place: dict[str, str], callbacks: str, context: str, streaming: Streaming) -> Leg:
    """Joins a call that exists; `place` has one of server_call_id, group_call_id, room_id."""
    async with asking("join a call"):
        options: dict[str, Any] = {**place, **_options(streaming)}
        return leg_of(await client().connect_call(callbacks, operation_context=context, **options))


async def reject(incoming_context: str, reason: str) -> None:
    """`reason`: none, busy or forbidden."""
    async with asking("reject a call"):
        await client().reject_call(incoming_context, call_reject_reason=sdk.CallRejectReason(reason))


async def redirect(incoming_context: str, to: str) -> None:
    async with asking("redirect a call"):
        await client().redirect_call(incoming_context, identifier(to))
