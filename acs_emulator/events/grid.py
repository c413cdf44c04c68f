"""Event Grid: webhooks that subscribed, their handshake, and the events of calls that it carries (ACS.md 5.1). Knows no
REST."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from acs_emulator.calls.identifiers import model_of
from acs_emulator.events.cloud import PREFIX
from acs_emulator.events.posting import post

if TYPE_CHECKING:
    from acs_emulator.calls.conversation import Conversation
    from acs_emulator.calls.invitation import Invitation
    from acs_emulator.calls.participant import Participant
    from acs_emulator.world import World

Schema = Literal["eventgrid", "cloudevents"]
TOPIC = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator"
    "/providers/Microsoft.Communication/CommunicationServices/emulator"
)


@dataclass(eq=False)
class Subscription:
    """`called`: only incoming calls for these raw ids, as a filter on the event's `data.to.rawId`; empty: all."""

    url: str
    schema: Schema = "eventgrid"
    called: tuple[str, ...] = ()
    valid: bool = False


class EventGrid:
    """Emits to every subscription that passed its handshake."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.subscriptions: list[Subscription] = []

    async def subscribe(self, subscription: Subscription) -> bool:
        """Does the handshake of the subscription's schema; False where the webhook does not answer as it must."""
        if subscription.schema == "eventgrid":
            subscription.valid = await self._validated(subscription.url)
        else:
            subscription.valid = await self._allowed(subscription.url)
        self._world.journal.write("subscription", schema=subscription.schema, valid=subscription.valid)
        if subscription.valid:
            self.subscriptions = [s for s in self.subscriptions if s.url != subscription.url] + [subscription]
        return subscription.valid

    def incoming(self, invitation: "Invitation") -> None:
        conversation = invitation.conversation
        data = {
            "to": model_of(invitation.target),
            "from": model_of(invitation.caller),
            "serverCallId": conversation.server_call_id,
            "callerDisplayName": invitation.caller_name,
            "customContext": {"sipHeaders": {}, "voipHeaders": {}},
            "incomingCallContext": invitation.context,
            "correlationId": conversation.correlation_id,
        }
        self._emit("IncomingCall", f"/caller/{invitation.caller}/recipient/{invitation.target}", data)

    def call_started(self, conversation: "Conversation") -> None:
        subject = f"call/{conversation.server_call_id}/startedBy/{conversation.started_by}"
        self._emit("CallStarted", subject, _about(conversation))

    def call_ended(self, conversation: "Conversation", seconds: float) -> None:
        about = {"durationOfCall": round(seconds, 7), **_about(conversation)}
        self._emit("CallEnded", f"call/{conversation.server_call_id}", about)

    def participant(self, conversation: "Conversation", person: "Participant", kind: str) -> None:
        if not person.listed or conversation.began is None:
            return
        about = {"user": {"communicationIdentifier": model_of(person.raw_id)}, **_about(conversation)}
        self._emit(kind, f"call/{conversation.server_call_id}/participant/{person.raw_id}", about)

    def _emit(self, kind: str, subject: str, data: dict[str, Any]) -> None:
        for subscription in self.subscriptions:
            called = data["to"]["rawId"] if kind == "IncomingCall" else None
            if called is None or not subscription.called or called in subscription.called:
                self._world.spawn(self._deliver(subscription, kind, subject, data), f"Event Grid {kind}")

    async def _deliver(self, subscription: Subscription, kind: str, subject: str, data: dict[str, Any]) -> None:
        if subscription.schema == "eventgrid":
            headers = {"aeg-event-type": "Notification", "Content-Type": "application/json"}
            content: Any = [self._event(PREFIX + kind, subject, data)]
        else:
            headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
            content = {
                "id": str(uuid.uuid4()),
                "source": TOPIC,
                "subject": subject,
                "type": PREFIX + kind,
                "time": self._world.clock.iso(),
                "specversion": "1.0",
                "data": data,
            }
        await post(self._world, subscription.url, content, headers, event=kind, grid=True)

    async def _validated(self, url: str) -> bool:
        """Event Grid's own schema: the code must come back."""
        code = str(uuid.uuid4())
        kind = "Microsoft.EventGrid.SubscriptionValidationEvent"
        headers = {"aeg-event-type": "SubscriptionValidation", "Content-Type": "application/json"}
        data = {"validationCode": code, "validationUrl": f"{self._world.base_url}/emulator/validate?code={code}"}
        event = self._event(kind, "", data)
        status, answer = await post(self._world, url, [event], headers, event="SubscriptionValidation", grid=True)
        return status == 200 and answer.get("validationResponse") == code

    async def _allowed(self, url: str) -> bool:
        """CloudEvents: OPTIONS asks whether this origin may send."""
        headers = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "120"}
        try:
            async with self._world.http.options(url, headers=headers) as response:
                allowed = response.headers.get("WebHook-Allowed-Origin", "")
                return response.status == 200 and allowed in {"*", "eventgrid.azure.net"}
        except (OSError, TimeoutError):
            return False

    def _event(self, kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "topic": TOPIC,
            "subject": subject,
            "data": data,
            "eventType": kind,
            "dataVersion": "1.0",
            "metadataVersion": "1",
            "eventTime": self._world.clock.iso(),
        }


def _about(conversation: "Conversation") -> dict[str, Any]:
    """The common part of a call's events (event-grid/communication-services-voice-video-events.md)."""
    places = {conversation.kind: {"id": conversation.place}} if conversation.kind != "call" else {}
    return {
        "startedBy": {"communicationIdentifier": model_of(conversation.started_by)},
        "serverCallId": conversation.server_call_id,
        **places,
        "isTwoParty": len(conversation.people) <= 2,
        "correlationId": conversation.correlation_id,
        "isRoomsCall": conversation.kind == "room",
    }
