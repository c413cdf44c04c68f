"""Event Grid: webhooks that subscribed, their handshake, and the events of calls that it carries (ACS.md 5.1). Knows no
REST."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import aiohttp

from acs_emulator.calls.identifiers import model_of
from acs_emulator.events.cloud import PREFIX
from acs_emulator.events.posting import GRID, ONCE, post, said
from acs_emulator.media.connection import without_query

if TYPE_CHECKING:
    from acs_emulator.calls.conversation import Conversation
    from acs_emulator.calls.invitation import Invitation
    from acs_emulator.calls.participant import Participant
    from acs_emulator.world import World

Schema = Literal["eventgrid", "cloudevents"]
ORIGIN = "eventgrid.azure.net"
BY_HAND_NS = 600 * 10**9  # how long the address of a handshake can be opened
TOPIC = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator"
    "/providers/Microsoft.Communication/CommunicationServices/emulator"
)


@dataclass(eq=False)
class Subscription:
    """`called`: only incoming calls for these raw ids, as a filter on the event's `data.to.rawId`; empty: all. `why`:
    what was wrong with its last handshake."""

    url: str
    schema: Schema = "eventgrid"
    called: tuple[str, ...] = ()
    valid: bool = False
    why: str = ""


class EventGrid:
    """Emits to every subscription that passed its handshake."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.subscriptions: list[Subscription] = []
        self._by_hand: dict[str, tuple[Subscription, int]] = {}

    async def subscribe(self, subscription: Subscription) -> bool:
        """Does the handshake of the subscription's schema, once; False where the webhook does not answer as it must,
        which may still open the address that the handshake named, for ten minutes by the service's clock."""
        code = str(uuid.uuid4())
        self._by_hand[code] = subscription, self._world.clock.now_ns() + BY_HAND_NS
        shake = self._validated if subscription.schema == "eventgrid" else self._allowed
        subscription.why = await shake(subscription.url, code)
        why = {"why": subscription.why} if subscription.why else {}
        self._world.journal.write(
            "subscription", url=without_query(subscription.url), schema=subscription.schema, valid=not why, **why
        )
        if not why and code in self._by_hand:  # else it has opened the address meanwhile
            del self._by_hand[code]
            self._agreed(subscription)
        return subscription.valid

    def validated(self, code: str) -> bool:
        """The webhook agrees by hand; False for a code that is none, or none any more."""
        subscription, until_ns = self._by_hand.pop(code, (None, 0))
        if subscription is None or self._world.clock.now_ns() >= until_ns:
            return False
        self._agreed(subscription)
        return True

    def _agreed(self, subscription: Subscription) -> None:
        subscription.valid = True
        self.subscriptions = [s for s in self.subscriptions if s.url != subscription.url] + [subscription]

    def incoming(self, invitation: "Invitation") -> None:
        conversation = invitation.conversation
        data = {
            "to": model_of(invitation.target),
            "from": model_of(invitation.caller),
            "serverCallId": conversation.server_call_id,
            "callerDisplayName": invitation.caller_name,
            "customContext": invitation.headers,
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
        """With the same id each time, whatever the scenario does to it."""
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
        fault = self._world.scenario.grid_fault(kind)
        if fault:
            self._world.journal.write("fault", fault=fault.do, event=kind)
        match fault.do if fault else None:
            case "lose":
                return
            case "twice":
                await post(self._world, subscription.url, content, headers, GRID, event=kind, grid=True)
            case "delay" | "swap" if fault:
                await asyncio.sleep(fault.by)
        await post(self._world, subscription.url, content, headers, GRID, event=kind, grid=True)

    async def _validated(self, url: str, code: str) -> str:
        """Event Grid's own schema: the code must come back. What was wrong, or ""."""
        kind = "Microsoft.EventGrid.SubscriptionValidationEvent"
        headers = {"aeg-event-type": "SubscriptionValidation", "Content-Type": "application/json"}
        event = self._event(kind, "", {"validationCode": code, "validationUrl": self._by_hand_url(code)})
        posted = await post(self._world, url, [event], headers, ONCE, event="SubscriptionValidation", grid=True)
        if posted.status != 200:
            return posted.why or f"it answered HTTP {posted.status}"
        fits = posted.answer.get("validationResponse") == code
        return "" if fits else 'it answered 200 without {"validationResponse": "the validationCode"}'

    async def _allowed(self, url: str, code: str) -> str:
        """CloudEvents: OPTIONS asks whether this origin may send. What was wrong, or ""."""
        headers = {"WebHook-Request-Origin": ORIGIN, "WebHook-Request-Rate": "120"}
        headers["WebHook-Request-Callback"] = self._by_hand_url(code)
        try:
            async with self._world.http.options(url, headers=headers) as response:
                allowed = response.headers.get("WebHook-Allowed-Origin", "")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as wrong:
            return said(wrong)
        if response.status != 200:
            return f"it answered OPTIONS with HTTP {response.status}"
        return "" if allowed in {"*", ORIGIN} else f"it answered OPTIONS without WebHook-Allowed-Origin: {ORIGIN}"

    def _by_hand_url(self, code: str) -> str:
        return f"{self._world.base_url}/emulator/validate?code={code}"

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
