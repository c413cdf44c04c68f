"""People of a call: added, withdrawn, removed, transferred, moved."""

import asyncio
from functools import partial
from typing import Any

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    CommunicationUserIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS, streaming
from tests.acs_emulator.sockets import media_server

BEN = CommunicationUserIdentifier("8:acs:res_ben")
CLEO = PhoneNumberIdentifier("+15550102")


def raw_ids(data: dict[str, Any]) -> list[str]:
    return [person["identifier"]["rawId"] for person in data["participants"]]


@pytest.mark.parametrize(
    ("acs_scenario", "sub_code"),
    [
        ('participants: {"+15550102": {answers: busy}}', 560486),
        ('participants: {"+15550102": {answers: declined}}', 560603),
        ('participants: {"+15550102": {answers: no_answer}}', 10004),
    ],
)
def test_it_says_why_somebody_was_not_added(leg: CallConnectionClient, application: Application, sub_code: int) -> None:
    leg.add_participant(CLEO, source_caller_id_number=OURS, operation_context="cleo", invitation_timeout=1)
    failed = application.wait("AddParticipantFailed", operationContext="cleo").data
    assert failed["participant"]["rawId"] == CLEO.raw_id
    assert failed["resultInformation"]["subCode"] == sub_code
    assert leg.get_call_properties().call_connection_state == "connected"


@pytest.mark.parametrize("seconds", [0, 181])
def test_it_rings_for_three_minutes_at_most(leg: CallConnectionClient, seconds: int) -> None:
    with pytest.raises(HttpResponseError, match="invitationTimeoutInSeconds"):
        leg.add_participant(CLEO, source_caller_id_number=OURS, invitation_timeout=seconds)


@pytest.mark.parametrize("acs_scenario", ['participants: {"+15550102": {answers: no_answer}}'])
def test_it_withdraws_an_invitation(acs: Emulator, leg: CallConnectionClient, application: Application) -> None:
    added = leg.add_participant(CLEO, source_caller_id_number=OURS)
    acs.wait_for("ringing", who=CLEO.raw_id)
    leg.cancel_add_participant_operation(str(added.invitation_id))
    assert application.wait("CancelAddParticipantSucceeded").data["invitationId"] == added.invitation_id
    application.none_within(0.3, "AddParticipantFailed")


def test_a_telephone_is_added_from_a_number_of_ours(leg: CallConnectionClient, application: Application) -> None:
    with pytest.raises(HttpResponseError, match="sourceCallerIdNumber is required") as refused:
        leg.add_participant(CLEO)
    assert refused.value.status_code == 400
    leg.add_participant(BEN)
    application.wait("AddParticipantSucceeded")


def test_it_removes_the_last_one_and_ends(leg: CallConnectionClient, application: Application) -> None:
    leg.remove_participant(ADA)
    application.wait("CallDisconnected")
    assert application.kinds()[-2:] == ["RemoveParticipantSucceeded", "CallDisconnected"]


def test_it_removes_nobody_who_is_not_there(leg: CallConnectionClient, application: Application) -> None:
    leg.remove_participant(BEN)
    assert application.wait("RemoveParticipantFailed").data["resultInformation"]["subCode"] == 8522
    for method in (leg.get_participant, leg.mute_participant, leg.hold):
        with pytest.raises(ResourceNotFoundError, match="8522"):
            method(BEN)


@pytest.mark.parametrize("acs_scenario", ["alone: 300ms"])
def test_a_transfer_takes_the_application_out(
    acs: Emulator, leg: CallConnectionClient, application: Application
) -> None:
    leg.transfer_call_to_participant(BEN, operation_context="over")
    accepted = application.wait("CallTransferAccepted", operationContext="over").data
    assert accepted["transferTarget"]["rawId"] == BEN.raw_id
    assert accepted["transferee"]["rawId"] == ADA.raw_id
    assert application.wait("CallDisconnected").data["resultInformation"]["subCode"] == 7015
    assert application.kinds() == ["ParticipantsUpdated", "CallConnected", "CallTransferAccepted", "CallDisconnected"]
    with pytest.raises(ResourceNotFoundError):
        leg.get_call_properties()
    acs.run(_only(acs, 0))


@pytest.mark.parametrize("acs_scenario", ['participants: {"8:acs:res_ben": {answers: 2s}}'])
def test_it_is_transferring_while_the_other_rings(leg: CallConnectionClient, application: Application) -> None:
    leg.transfer_call_to_participant(BEN)
    assert leg.get_call_properties().call_connection_state == "transferring"
    with pytest.raises(HttpResponseError, match="8585"):
        leg.transfer_call_to_participant(BEN)


@pytest.mark.parametrize("acs_scenario", ['participants: {"8:acs:res_ben": {answers: busy}}'])
def test_a_transfer_that_fails_changes_nothing(leg: CallConnectionClient, application: Application) -> None:
    leg.transfer_call_to_participant(BEN, operation_context="over")
    failed = application.wait("CallTransferFailed", operationContext="over").data
    assert failed["resultInformation"]["code"] == 486
    assert leg.get_call_properties().call_connection_state == "connected"


@pytest.mark.parametrize("acs_scenario", ["alone: 300ms"])
def test_one_of_several_is_transferred(acs: Emulator, leg: CallConnectionClient, application: Application) -> None:
    leg.add_participant(CLEO, source_caller_id_number=OURS)
    application.wait("AddParticipantSucceeded")
    with pytest.raises(HttpResponseError, match="transferee"):
        leg.transfer_call_to_participant(BEN)
    leg.transfer_call_to_participant(BEN, transferee=CLEO)
    application.wait("CallTransferAccepted")
    application.wait("ParticipantsUpdated", 3)
    assert raw_ids(application.of("ParticipantsUpdated")[-1].data) == [ADA.raw_id]
    acs.run(_only(acs, 1))
    assert leg.get_call_properties().call_connection_state == "connected"


def test_people_are_moved_from_call_to_call(
    client: CallAutomationClient,
    leg: CallConnectionClient,
    placed: CallConnectionProperties,
    application: Application,
) -> None:
    other = client.create_call(
        [BEN, CLEO], application.callbacks, source_caller_id_number=OURS, operation_context="other"
    )
    application.wait("CallConnected", operationContext="other")
    with pytest.raises(HttpResponseError, match="it is this call"):
        leg.move_participants([ADA], str(placed.call_connection_id))
    leg.move_participants([CLEO], str(other.call_connection_id))
    moved = application.wait("MoveParticipantSucceeded", callConnectionId=placed.call_connection_id).data
    assert (moved["participant"]["rawId"], moved["fromCall"]) == (CLEO.raw_id, other.call_connection_id)
    assert [p.identifier.raw_id for p in leg.list_participants() if p.identifier] == [ADA.raw_id, CLEO.raw_id]


@pytest.mark.parametrize("acs_scenario", ['guests: [{who: "8:orgid:dan", joins: 300ms, leaves: 500ms}]'])
async def test_a_guest_comes_and_goes(client: CallAutomationClient, application: Application) -> None:
    """In the callbacks, and as a lane of 500 ms."""
    async with media_server() as media:
        options = streaming(media.url)
        placing = partial(client.create_call, source_caller_id_number=OURS, media_streaming=options)
        await asyncio.to_thread(placing, ADA, application.callbacks)
        await asyncio.to_thread(application.wait, "ParticipantsUpdated", 3)
        (connection,) = media.connections
        lanes = [m.audio["participantRawID"] for m in connection.all_audio()]
    told = [raw_ids(received.data) for received in application.of("ParticipantsUpdated")]
    assert told == [[ADA.raw_id], [ADA.raw_id, "8:orgid:dan"], [ADA.raw_id]]
    assert lanes.index("8:orgid:dan") >= 10
    assert abs(lanes.count("8:orgid:dan") - 25) <= 2
    assert len(lanes) - lanes.count("8:orgid:dan") >= 38


async def _only(acs: Emulator, count: int) -> None:
    """So many conversations are left."""
    while len(acs.world.conversations) != count:
        await asyncio.sleep(0.02)
