"""With whom the call is that a request is about, so that a scenario can mean it, before anybody has checked it. Knows
no operation."""

from collections.abc import Mapping, Sequence

from acs_emulator.calls.identifiers import raw_id_of
from acs_emulator.rest.body import Body
from acs_emulator.rest.errors import ApiError
from acs_emulator.world import World


def people_of(world: World, call_connection_id: str, content: bytes) -> Sequence[str]:
    """Raw ids, or the id of a group or room; nobody where the request does not say."""
    if call_connection_id:
        call = world.calls.get(call_connection_id)
        return call.people if call else ()
    try:
        fields = Body.read(content).fields
    except ApiError:
        return ()
    if invitation := world.invitations.get(str(fields.get("incomingCallContext"))):
        return invitation.caller, invitation.target
    locator, targets = fields.get("callLocator"), fields.get("targets")
    if isinstance(locator, Mapping):
        return [str(locator[name]) for name in ("groupCallId", "roomId") if locator.get(name)]
    return [raw_id_of(one) for one in targets if isinstance(one, Mapping)] if isinstance(targets, list) else ()
