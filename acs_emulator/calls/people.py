"""What an application does with the people of its call: add, remove, mute, hold, transfer, move. Results come as
events. Knows no REST."""

from typing import TYPE_CHECKING, Any

from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.identifiers import model_of
from acs_emulator.calls.invitation import Invitation
from acs_emulator.calls.options import Operation
from acs_emulator.calls.participant import Participant
from acs_emulator.calls.placing import invite
from acs_emulator.calls.results import DONE, NO_INVITATION, NOT_IN_CALL, REFUSALS, TRANSFERRED, Result

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call


def add(call: "Call", invitation: Invitation, operation: Operation, seconds: float) -> None:
    """Rings; AddParticipantSucceeded or AddParticipantFailed says how it went."""
    target = invitation.target

    async def ring() -> None:
        outcome = await invite(call, invitation, seconds)
        kind = "AddParticipantSucceeded" if outcome == "answered" else "AddParticipantFailed"
        result = DONE if outcome == "answered" else REFUSALS[outcome]
        if call.is_established and not invitation.withdrawn:
            call.emit(kind, result, operation, participant=model_of(target))
        call.conversation.end_if_deserted()

    call.world.spawn(ring(), f"adding {target}")


def withdraw(call: "Call", invitation_id: str, operation: Operation) -> None:
    """Ends the ringing of an add; too late is CancelAddParticipantFailed."""
    waiting = (invitation for invitation in call.conversation.ringing if invitation.id == invitation_id)
    invitation = next(waiting, None)
    if invitation and invitation.waiting:
        invitation.withdrawn = True
        invitation.settle("cancelled")
        call.emit("CancelAddParticipantSucceeded", DONE, operation, invitationId=invitation_id)
    else:
        call.emit("CancelAddParticipantFailed", NO_INVITATION, operation, invitationId=invitation_id)


def remove(call: "Call", target: str, operation: Operation) -> None:
    person = call.conversation.find(target)
    if person is None:
        call.emit("RemoveParticipantFailed", NOT_IN_CALL, operation, participant=model_of(target))
        return
    call.emit("RemoveParticipantSucceeded", DONE, operation, participant=model_of(target))
    put_out(call.conversation, person)


def put_out(conversation: Conversation, person: Participant) -> None:
    """A person is out at once; an application's leg is told."""
    if person.call:
        person.call.end()
    else:
        conversation.leave(person)


def mute(call: "Call", people: list[Participant]) -> None:
    for person in people:
        person.talker.muted = True
    call.conversation.changed()


def hold(call: "Call", person: Participant, on_hold: bool) -> None:
    """Who is on hold is not heard, and hears music at most."""
    person.music = None
    if person.talker.on_hold != on_hold:
        person.talker.on_hold = on_hold
        call.conversation.changed()


def transfer(call: "Call", invitation: Invitation, transferee: Participant, operation: Operation) -> None:
    """Rings the target. Accepted: of a call of two, the application is out and those two stay (ACS.md 6); of a larger
    one, the transferee leaves it for the target. Otherwise CallTransferFailed, and everything is as it was."""
    call.move("transferring")
    target = invitation.target

    async def ring() -> None:
        outcome = await invitation.ring()
        if call.state != "transferring":
            return
        if outcome != "answered":
            call.move("connected")
            call.emit("CallTransferFailed", REFUSALS[outcome], operation)
            return
        facts = {"transferTarget": model_of(target), "transferee": model_of(transferee.raw_id)}
        leaving = len(call.conversation.people) <= 2 + (invitation.call is not None)
        call.move("transferAccepted" if leaving else "connected")
        call.emit("CallTransferAccepted", TRANSFERRED, operation, **facts)
        if leaving:
            _stay(call.conversation, invitation)
            call.end(Result(200, 7015, "Transfer completed."))
        else:
            _go(call, invitation, transferee)

    call.world.spawn(ring(), f"transfer to {target}")


def move_here(call: "Call", other: "Call", people: list[Participant], operation: Operation) -> None:
    """From the call of another leg into this one."""
    for person in people:
        other.conversation.leave(person)
        call.conversation.join(person.raw_id, person.talker.voice)
        facts: dict[str, Any] = {"participant": model_of(person.raw_id), "fromCall": other.call_connection_id}
        call.emit("MoveParticipantSucceeded", DONE, operation, **facts)


def _stay(conversation: Conversation, invitation: Invitation) -> None:
    if invitation.call is None:
        conversation.join(invitation.came)


def _go(call: "Call", invitation: Invitation, transferee: Participant) -> None:
    """A conversation of their own for the transferee and the target."""
    elsewhere = Conversation(call.world, transferee.raw_id)
    elsewhere.join(transferee.raw_id, transferee.talker.voice)
    if invitation.call is None:
        elsewhere.join(invitation.came)
    call.conversation.leave(transferee)
    elsewhere.connected()
