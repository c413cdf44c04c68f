"""How a leg comes about: an application places, answers or joins a call; or it rejects or redirects one. Knows no
REST."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from acs_emulator.calls.call import Call
from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.identifiers import is_user, model_of
from acs_emulator.calls.invitation import Invitation, Outcome
from acs_emulator.calls.options import CallOptions
from acs_emulator.calls.results import FAILED, REFUSALS
from acs_emulator.events.pending import fails
from acs_emulator.media import Voice

if TYPE_CHECKING:
    from acs_emulator.world import World


def place(world: "World", options: CallOptions, targets: list[str], source: str, facts: dict[str, Any]) -> Call:
    """Rings all targets at once; whoever answers joins. With nobody: CreateCallFailed and CallDisconnected."""
    own = source or world.new_user()
    conversation = Conversation(world, own)
    call = Call(world, conversation, options, targets, own_id=own, listed=bool(source))
    call.targets = targets
    call.facts = {"source": model_of(own), **facts}
    caller = facts.get("sourceCallerIdNumber") or {}
    shown = f"4:{caller['value']}" if caller.get("value") else own
    name = str(facts.get("sourceDisplayName") or "")
    _begin(call, _ring_all(call, shown, name), "CreateCallFailed")
    return call


async def invite(call: Call, invitation: Invitation, seconds: float | None = None) -> Outcome:
    """Rings; who answered is in the conversation then: a person, or another leg of an application."""
    outcome = await (invitation.ring() if seconds is None else invitation.ring(seconds))
    if call.conversation.over or call.state in {"disconnecting", "disconnected"}:
        return "cancelled"
    if outcome == "answered" and invitation.call is None:
        call.conversation.join(invitation.came)
    return outcome


async def _ring_all(call: Call, caller: str, name: str) -> None:
    ringing = []
    for target in call.targets:
        invitation = Invitation(call.world, call.conversation, caller, target)
        invitation.caller_name = name
        ringing.append(invite(call, invitation))
    outcomes: list[Outcome] = []
    for coming in asyncio.as_completed(ringing):
        outcomes.append(await coming)
        if outcomes[-1] == "answered" and call.state == "connecting":
            await call.connect()
    if "answered" not in outcomes:
        call.end(REFUSALS[outcomes[0]], failure="CreateCallFailed")
    call.conversation.end_if_deserted()


def answer(world: "World", options: CallOptions, invitation: Invitation, answered_by: str) -> Call | None:
    """The leg of the application that was called; None where somebody was faster."""
    if not invitation.waiting:
        return None
    conversation, called = invitation.conversation, invitation.target
    if not conversation.people:
        conversation.join(invitation.caller, invitation.caller_voice)
    own, people = called if is_user(called) else answered_by, (invitation.caller, called)
    call = Call(world, conversation, options, people, own_id=own, listed=is_user(called))
    invitation.settle("answered", call)
    call.targets = [called]
    call.facts = {"source": model_of(invitation.caller), "answeredBy": {"id": call.own_id}}
    if invitation.caller.startswith("4:"):
        call.facts["sourceCallerIdNumber"] = {"value": invitation.caller.removeprefix("4:")}
    if called.startswith("4:"):
        call.facts["answeredFor"] = {"value": called.removeprefix("4:")}
    if invitation.caller_name:
        call.facts["sourceDisplayName"] = invitation.caller_name
    _begin(call, call.connect(), "AnswerFailed")
    return call


def join(world: "World", options: CallOptions, conversation: Conversation) -> Call:
    """`connect`: one more leg of a conversation that exists, or of a group or room."""
    call = Call(world, conversation, options, [conversation.place])
    call.facts = {"source": model_of(call.own_id)}
    _begin(call, call.connect(), "ConnectFailed")
    return call


def _begin(call: Call, work: Coroutine[Any, Any, None], failure: str) -> None:
    """Does it after the answer, or fails by that event where the scenario wants it."""

    async def fail() -> None:
        call.end(FAILED, failure=failure)

    if failing := fails():
        work.close()
    call.world.spawn(fail() if failing else work, f"connecting {call.call_connection_id}")


def gathering(world: "World", kind: str, place_id: str) -> Conversation:
    """The conversation of a group or room, from the moment somebody asks for it."""
    found = world.gatherings.get((kind, place_id))
    return found or Conversation(world, world.new_user(), kind=kind, place=place_id)


def reject(invitation: Invitation, reason: str) -> None:
    invitation.settle("busy" if reason == "busy" else "declined")


def call_in(world: "World", caller: str, called: str, name: str = "", voice: Voice | None = None) -> Invitation:
    """Somebody outside calls the application's number or identity: IncomingCall, then whatever it does."""
    conversation = Conversation(world, caller)
    invitation = Invitation(world, conversation, caller, called, by_person=False)
    invitation.caller_name, invitation.caller_voice = name or world.scenario.person(caller).name, voice

    async def ring() -> None:
        if await invitation.ring() == "answered" and invitation.call is None:
            conversation.join(caller, voice)
            conversation.join(invitation.came)
            conversation.connected()
        conversation.end_if_deserted()

    world.spawn(ring(), f"{caller} calls {called}")
    return invitation
