"""Calls that an application places."""

import time
from typing import Any

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier,
    MicrosoftTeamsUserIdentifier,
    PhoneNumberIdentifier,
    TeamsExtensionUserIdentifier,
    UnknownIdentifier,
)
from azure.core.exceptions import ResourceNotFoundError

from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.busy import allowance, kept_waiting

BEN = CommunicationUserIdentifier("8:acs:res_ben")


def result(application: Application, kind: str) -> tuple[int, int]:
    found: dict[str, Any] = application.wait(kind).data["resultInformation"]
    return found["code"], found["subCode"]


def test_it_answers_before_it_tells(client: CallAutomationClient, application: Application) -> None:
    placed = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, operation_context="mine")
    assert (placed.call_connection_state, placed.server_call_id) == ("connecting", None)
    assert [target.raw_id for target in placed.targets or ()] == ["4:+15550100"]
    connected = application.wait("CallConnected")
    assert connected.data["operationContext"] == "mine"
    assert application.kinds() == ["ParticipantsUpdated", "CallConnected"]
    shown = client.get_call_connection(str(placed.call_connection_id)).get_call_properties()
    assert (shown.call_connection_state, shown.server_call_id) == ("connected", connected.data["serverCallId"])


@pytest.mark.parametrize(
    ("acs_scenario", "expected"),
    [
        ('participants: {"+15550100": {answers: busy}}', (486, 560486)),
        ('participants: {"+15550100": {answers: declined}}', (603, 560603)),
    ],
)
def test_it_says_why_nobody_came(
    client: CallAutomationClient, application: Application, expected: tuple[int, int]
) -> None:
    placed = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    assert result(application, "CallDisconnected") == result(application, "CreateCallFailed") == expected
    assert application.kinds() == ["CreateCallFailed", "CallDisconnected"]
    with pytest.raises(ResourceNotFoundError, match="8522"):
        client.get_call_connection(str(placed.call_connection_id)).get_call_properties()


@pytest.mark.parametrize("acs_scenario", ['participants: {"8:acs:res_ben": {answers: 1s}}'])
def test_it_rings_several_at_once(client: CallAutomationClient, application: Application) -> None:
    begun, waited = time.monotonic(), kept_waiting()
    client.create_call([ADA, BEN], application.callbacks, source_caller_id_number=OURS)
    assert application.wait("CallConnected").at - begun < 0.9 + allowance(0.9, kept_waiting() - waited)
    both = application.wait("ParticipantsUpdated", 2).data
    assert both["sequenceNumber"] == 2
    assert [person["identifier"]["rawId"] for person in both["participants"]] == ["4:+15550100", "8:acs:res_ben"]


@pytest.mark.parametrize("acs_scenario", ['participants: {"*": {answers: no_answer}}'])
def test_it_can_be_given_up_while_it_rings(client: CallAutomationClient, application: Application) -> None:
    placed = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    client.get_call_connection(str(placed.call_connection_id)).hang_up(is_for_everyone=True)
    application.wait("CallDisconnected")
    assert application.kinds() == ["CallDisconnected"]


@pytest.mark.parametrize("everybody", [True, False])
def test_it_hangs_up(leg: CallConnectionClient, application: Application, everybody: bool) -> None:
    leg.hang_up(is_for_everyone=everybody)
    assert result(application, "CallDisconnected") == (200, 7000)
    with pytest.raises(ResourceNotFoundError):
        leg.get_call_properties()


@pytest.mark.parametrize("acs_scenario", ['participants: {"+15550100": {leaves: 500ms}}'])
def test_it_ends_when_the_other_side_hangs_up(placed: CallConnectionProperties, application: Application) -> None:
    assert result(application, "CallDisconnected") == (200, 7000)
    assert application.kinds()[-1] == "CallDisconnected"


def test_it_knows_every_kind_of_identity(client: CallAutomationClient, application: Application) -> None:
    people: list[Any] = [
        PhoneNumberIdentifier("+15550101"),
        CommunicationUserIdentifier("8:acs:res_cleo"),
        MicrosoftTeamsUserIdentifier("11111111-2222-3333-4444-555555555555"),
        MicrosoftTeamsAppIdentifier("66666666-2222-3333-4444-555555555555"),
        TeamsExtensionUserIdentifier(user_id="user", tenant_id="tenant", resource_id="resource"),
        PhoneNumberIdentifier("+15550102", raw_id="4:+15550102_asserted"),
        PhoneNumberIdentifier("anonymous"),
        UnknownIdentifier("48:something"),
    ]
    placed: Any = client.create_call(people, application.callbacks, source_caller_id_number=OURS)
    assert [(type(there), there.raw_id) for there in placed.targets] == [(type(p), p.raw_id) for p in people]
    extension, asserted, anonymous = (there.properties for there in placed.targets[4:7])
    assert [extension[f"{part}_id"] for part in ("resource", "tenant", "user")] == ["resource", "tenant", "user"]
    assert asserted == {"value": "+15550102", "is_anonymous": False, "asserted_id": "asserted"}
    assert anonymous == {"value": "anonymous", "is_anonymous": True}
    application.wait("CallConnected")
    leg: Any = client.get_call_connection(placed.call_connection_id)
    assert {p.identifier.raw_id for p in leg.list_participants()} == {p.raw_id for p in people}
    for person in people:
        assert leg.get_participant(person).identifier.raw_id == person.raw_id


def test_it_calls_for_a_teams_app(client: CallAutomationClient, application: Application) -> None:
    app = MicrosoftTeamsAppIdentifier("66666666-2222-3333-4444-555555555555")
    placed: Any = client.create_call(ADA, application.callbacks, teams_app_source=app)
    assert placed.source == app
    application.wait("CallConnected")


@pytest.mark.parametrize(
    "acs_scenario", ["rest: [{operation: create, fails: true}, {operation: connect, fails: true}]"]
)
def test_it_accepts_and_then_fails(client: CallAutomationClient, application: Application) -> None:
    placed = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    assert placed.call_connection_state == "connecting"
    assert result(application, "CreateCallFailed") == result(application, "CallDisconnected") == (500, 8500)
    client.connect_call(application.callbacks, room_id="9901")
    assert result(application, "ConnectFailed") == (500, 8500)
    application.wait("CallDisconnected", 2)
    assert application.kinds() == ["CreateCallFailed", "CallDisconnected", "ConnectFailed", "CallDisconnected"]
    client.connect_call(application.callbacks, room_id="9901")
    application.wait("CallConnected")
