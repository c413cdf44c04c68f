"""Operations that make, show and end calls (ACS.md 4.2, first half)."""

from acs_emulator.calls import placing
from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.identifiers import model_of
from acs_emulator.calls.invitation import Invitation
from acs_emulator.calls.options import CallOptions
from acs_emulator.rest.asked import Answered, Asked
from acs_emulator.rest.body import Body, is_address
from acs_emulator.rest.errors import bad_argument, not_found

_SOURCE_FACTS = ("sourceCallerIdNumber", "sourceDisplayName")


def _options(asked: Asked) -> CallOptions:
    body = asked.body
    body.address("callbackUri")
    body.text("operationContext", required=False)
    body.part("callIntelligenceOptions", required=False).text("cognitiveServicesEndpoint", required=False)
    if options := body.optional("mediaStreamingOptions") or body.optional("mediaStreamingConfiguration"):
        options.one_of("audioChannelType", ("mixed", "unmixed"))
        options.one_of("audioFormat", ("pcm16KMono", "pcm24KMono"), required=False)
        _check_transport("mediaStreamingOptions", options)
    if options := body.optional("transcriptionOptions"):
        options.text("locale")
        _check_transport("transcriptionOptions", options)
    return CallOptions.of(body.fields, asked.api_version)


def _check_transport(name: str, options: Body) -> None:
    options.one_of("transportType", ("websocket",))
    url = options.text("transportUrl", required=False)
    if url and not is_address(url, "wss", "ws"):
        raise bad_argument(f"The field {name}.transportUrl is invalid: it begins with wss://.")


async def create(asked: Asked) -> Answered:
    body = asked.body
    targets, options = body.people("targets"), _options(asked)
    app = body.part("teamsAppSource", required=False).text("appId", required=False)
    if not app:  # which has a number of its own
        body.caller_number(targets)
    source = body.fields.get("source")
    own = ""
    if isinstance(source, dict):  # 2022: {"identifier": {…}}; later a communicationUser
        inner = source.get("identifier")
        own = str((inner if isinstance(inner, dict) else source).get("rawId") or source.get("id") or "")
    facts = {name: body.fields[name] for name in _SOURCE_FACTS if body.fields.get(name)}
    if app:
        facts["source"] = model_of(f"28:orgid:{app}")
    return placing.place(asked.world, options, targets, own, facts).properties(fresh=True)


async def answer(asked: Asked) -> Answered:
    options, invitation = _options(asked), _invitation(asked)
    answered_by = asked.body.part("answeredBy", required=False).text("id", required=False)
    call = placing.answer(asked.world, options, invitation, answered_by)
    if call is None:
        raise not_found("Incoming call")
    return call.properties(fresh=True)


async def redirect(asked: Asked) -> Answered:
    target = asked.body.person("target")
    if not _invitation(asked).redirect(target):
        raise not_found("Incoming call")
    return None


async def reject(asked: Asked) -> Answered:
    reason = asked.body.text("callRejectReason", required=False) or "none"
    if reason not in {"none", "busy", "forbidden"}:
        raise bad_argument("The field callRejectReason is invalid.")
    placing.reject(_invitation(asked), reason)
    return None


async def connect(asked: Asked) -> Answered:
    options = _options(asked)
    conversation = located(asked, asked.body.part("callLocator"))
    return placing.join(asked.world, options, conversation).properties(fresh=True)


async def show(asked: Asked) -> Answered:
    return asked.call.properties()


async def hang_up(asked: Asked) -> Answered:
    asked.call.end()
    return None


async def terminate(asked: Asked) -> Answered:
    asked.call.conversation.end()
    return None


def located(asked: Asked, locator: Body) -> Conversation:
    """Raises ApiError: 404 where a server call id is none of ours; groups and rooms exist once they are asked for."""
    kind = locator.text("kind", required=False).removesuffix("CallLocator")
    field = {"server": "serverCallId", "group": "groupCallId", "room": "roomId"}.get(kind)
    if field is None:
        field = next((name for name in ("serverCallId", "groupCallId", "roomId") if locator.fields.get(name)), "kind")
        kind = field.removesuffix("Id").removesuffix("Call")
    place = locator.text(field)
    if kind != "server":
        return placing.gathering(asked.world, kind, place)
    conversation = asked.world.conversations.get(place)
    if conversation is None:
        raise not_found("Call")
    return conversation


def _invitation(asked: Asked) -> Invitation:
    """Raises ApiError 404 also where it is settled already."""
    invitation = asked.world.invitations.get(asked.body.text("incomingCallContext"))
    if invitation is None or not invitation.waiting:
        raise not_found("Incoming call")
    return invitation
