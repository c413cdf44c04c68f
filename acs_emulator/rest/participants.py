"""Operations on the people of a call (ACS.md 4.2)."""

from acs_emulator.calls import people
from acs_emulator.calls.call import Call
from acs_emulator.calls.identifiers import model_of
from acs_emulator.calls.invitation import LONGEST_RINGING_SECONDS, RINGING_SECONDS, Invitation
from acs_emulator.rest.asked import Answered, Asked
from acs_emulator.rest.body import Body
from acs_emulator.rest.errors import bad_argument, not_found, wrong_state


async def every(asked: Asked) -> Answered:
    return {"value": [person.model() for person in asked.call.conversation.listed]}


async def one(asked: Asked) -> Answered:
    return asked.member(asked.call, asked.names["participant"]).model()


async def add(asked: Asked) -> Answered:
    call, body = asked.established, asked.body
    target = body.person("participantToAdd")
    seconds = body.number("invitationTimeoutInSeconds", RINGING_SECONDS, 1, LONGEST_RINGING_SECONDS)
    number = body.caller_number([target])
    invitation = _invitation(call, f"4:{number}" if number else call.own_id, target, body)
    invitation.caller_name = body.text("sourceDisplayName", required=False)
    people.add(call, invitation, body.operation, seconds)
    participant = {"identifier": model_of(target), "isMuted": False, "isOnHold": False}
    return _with_context(asked, participant=participant, invitationId=invitation.id)


async def cancel_add(asked: Asked) -> Answered:
    invitation_id = asked.body.text("invitationId")
    people.withdraw(asked.established, invitation_id, asked.body.operation)
    return _with_context(asked, invitationId=invitation_id)


async def remove(asked: Asked) -> Answered:
    people.remove(asked.established, asked.body.person("participantToRemove"), asked.body.operation)
    return _with_context(asked)


async def mute(asked: Asked) -> Answered:
    call = asked.established
    people.mute(call, [asked.member(call, raw_id) for raw_id in asked.body.people("targetParticipants")])
    return _with_context(asked)


async def transfer(asked: Asked) -> Answered:
    call, body = asked.established, asked.body
    if call.state != "connected":
        raise wrong_state(call.state)
    target = body.person("targetParticipant")
    others = [person for person in call.conversation.people if person is not call.me]
    if body.fields.get("transferee"):
        transferee = asked.member(call, body.person("transferee"))
    elif len(others) == 1:
        transferee = others[0]
    else:
        raise bad_argument("The field transferee is invalid: a call of several needs one.")
    people.transfer(call, _invitation(call, transferee.raw_id, target, body), transferee, body.operation)
    return _with_context(asked)


async def move_here(asked: Asked) -> Answered:
    call, body = asked.established, asked.body
    from_call = body.text("fromCall")
    other = asked.world.calls.get(from_call)
    if other is None:
        raise not_found("Call")
    if other.conversation is call.conversation:
        raise bad_argument("The field fromCall is invalid: it is this call.")
    moving = [asked.member(other, raw_id) for raw_id in body.people("targetParticipants")]
    models = [person.model() for person in moving]
    people.move_here(call, other, moving, body.operation)
    return _with_context(asked, participants=models, fromCall=from_call)


def _invitation(call: Call, caller: str, target: str, body: Body) -> Invitation:
    """With the headers that the called application finds in its IncomingCall event."""
    context = body.part("customCallingContext", required=False)
    invitation = Invitation(call.world, call.conversation, caller, target)
    invitation.headers = {name: context.texts_by_name(name) for name in ("sipHeaders", "voipHeaders")}
    return invitation


def _with_context(asked: Asked, **facts: object) -> Answered:
    """Answers repeat the operation's context, where there is one."""
    context = asked.body.fields.get("operationContext")
    return {**facts, **({"operationContext": context} if context else {})}
