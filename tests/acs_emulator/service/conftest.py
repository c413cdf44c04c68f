"""An emulator, an application beside it, and the real SDK between them."""

from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile
from azure.communication.callautomation import (
    AudioFormat,
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    FileSource,
    MediaStreamingAudioChannelType,
    MediaStreamingContentType,
    MediaStreamingOptions,
    PhoneNumberIdentifier,
    StreamingTransportType,
)
from azure.core.credentials import AzureKeyCredential

from acs_emulator.testing import Emulator, acs, acs_scenario  # noqa: F401  (fixtures)
from tests.acs_emulator.service.application import Application, Server
from tests.acs_emulator.sockets import MediaServer, media_server

ADA = PhoneNumberIdentifier("+15550100")
OURS = PhoneNumberIdentifier("+15550199")


def streaming(url: str, **more: Any) -> MediaStreamingOptions:
    return MediaStreamingOptions(
        transport_url=url,
        transport_type=StreamingTransportType.WEBSOCKET,
        content_type=MediaStreamingContentType.AUDIO,
        audio_channel_type=MediaStreamingAudioChannelType.UNMIXED,
        start_media_streaming=True,
        **{"audio_format": AudioFormat.PCM16_K_MONO, **more},
    )


def wav(seconds: float) -> bytes:
    content = BytesIO()
    tone = np.sin(np.arange(round(seconds * 16_000)) / 5) * 8000
    soundfile.write(content, tone.astype(np.int16), 16_000, format="WAV", subtype="PCM_16")
    return content.getvalue()


@pytest.fixture
def application() -> Iterator[Application]:
    with Server() as application:
        yield application


@pytest.fixture
def client(acs: Emulator) -> CallAutomationClient:  # noqa: F811
    return CallAutomationClient(acs.url, AzureKeyCredential(acs.key))


@pytest.fixture
def placed(client: CallAutomationClient, application: Application) -> CallConnectionProperties:
    """Ada is called and answers."""
    placed = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, operation_context="a-call")
    application.wait("CallConnected")
    return placed


@pytest.fixture
def leg(client: CallAutomationClient, placed: CallConnectionProperties) -> CallConnectionClient:
    return client.get_call_connection(str(placed.call_connection_id))


@pytest.fixture
def prompt(application: Application) -> FileSource:
    """A file of 0.6 s."""
    application.files["/prompt.wav"] = wav(0.6)
    return FileSource(application.address("/prompt.wav"))


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    async with media_server() as media:
        yield media
