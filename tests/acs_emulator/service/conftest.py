"""An emulator, an application beside it, and the real SDK between them."""

from collections.abc import Iterator

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    PhoneNumberIdentifier,
)
from azure.core.credentials import AzureKeyCredential

from acs_emulator.testing import Emulator, acs, acs_scenario  # noqa: F401  (fixtures)
from tests.acs_emulator.service.application import Application, Server

ADA = PhoneNumberIdentifier("+15550100")
OURS = PhoneNumberIdentifier("+15550199")


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
