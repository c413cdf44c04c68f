"""Calls that come in: Event Grid, and what an application does with them."""

from typing import Any

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CommunicationUserIdentifier,
)
from azure.core.exceptions import ResourceNotFoundError

from acs_emulator.events.grid import Schema, Subscription
from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import OURS
from tests.acs_emulator.service.plain import ask

BOT = CommunicationUserIdentifier("8:acs:res_bot")
NOBODY = 'participants: {"8:acs:res_bot": {answers: no_answer}}'


def subscribed(acs: Emulator, url: str, schema: Schema = "eventgrid", *called: str) -> bool:
    return acs.run(acs.world.grid.subscribe(Subscription(url, schema, called)))


def rung(acs: Emulator, application: Application, **more: str) -> dict[str, Any]:
    """Ada calls our number; the event's data."""
    assert subscribed(acs, application.webhook)
    order = {"caller": "+15550100", "called": "+15550199", "name": "Ada", **more}
    (ringing,) = ask(acs.url, "POST", "/emulator/incoming", order).json["ringing"]
    assert (ringing["caller"], ringing["who"]) == ("4:+15550100", "4:+15550199")
    return application.wait("IncomingCall").data


def test_it_shakes_hands(acs: Emulator, application: Application) -> None:
    assert subscribed(acs, application.webhook)
    handshake = application.wait("SubscriptionValidationEvent")
    assert handshake.headers["aeg-event-type"] == "SubscriptionValidation"
    assert handshake.data["validationCode"] in handshake.data["validationUrl"]
    assert subscribed(acs, application.webhook, "cloudevents")
    application.validates = False
    assert not subscribed(acs, application.webhook)
    assert not subscribed(acs, application.webhook, "cloudevents")


@pytest.mark.parametrize(
    ("url", "schema", "why"),
    [
        ("http://127.0.0.1:9/x?key=secret", "eventgrid", "127.0.0.1:9 cannot be reached: connection refused"),
        ("http://127.0.0.1:9/x?key=secret", "cloudevents", "127.0.0.1:9 cannot be reached: connection refused"),
        ("{emulator}/nothing", "eventgrid", "it answered HTTP 404"),
        ("{emulator}/nothing", "cloudevents", "it answered OPTIONS with HTTP 404"),
        ("{application}", "eventgrid", 'it answered 200 without {"validationResponse'),
        ("{application}", "cloudevents", "it answered OPTIONS without WebHook-Allowed-Origin"),
    ],
)
def test_it_says_why_there_is_no_handshake(
    acs: Emulator, application: Application, url: str, schema: str, why: str
) -> None:
    application.validates = False
    url = url.format(emulator=acs.url, application=application.webhook)
    refused = ask(acs.url, "POST", "/emulator/subscriptions", {"url": url, "schema": schema})
    assert refused.status == 422
    assert why in refused.json["detail"]
    assert "secret" not in refused.json["detail"]
    assert why in acs.wait_for("subscription", valid=False)["why"]


def test_a_handshake_is_done_by_hand(acs: Emulator, application: Application) -> None:
    application.validates = False
    assert not subscribed(acs, application.webhook)
    by_hand = application.wait("SubscriptionValidationEvent").data["validationUrl"].removeprefix(acs.url)
    assert ask(acs.url, "GET", by_hand).status == 200
    assert ask(acs.url, "GET", by_hand).status == 404, "only once"
    ask(acs.url, "POST", "/emulator/incoming", {"caller": "+15550100", "called": "+15550199"})
    application.wait("IncomingCall")


def test_a_handshake_by_hand_has_ten_minutes_of_the_services_clock(acs: Emulator, application: Application) -> None:
    application.validates = False
    for seconds, status in ((590, 200), (601, 404)):
        before = len(application.of("SubscriptionValidationEvent"))
        assert not subscribed(acs, application.webhook)
        shaken = application.of("SubscriptionValidationEvent")[before]
        ask(acs.url, "POST", "/emulator/clock", {"seconds": seconds})
        answer = ask(acs.url, "GET", shaken.data["validationUrl"].removeprefix(acs.url))
        assert answer.status == status
    assert "older than ten minutes" in answer.json["detail"]
    ask(acs.url, "POST", "/emulator/clock", {"seconds": -1191})
    assert ask(acs.url, "GET", shaken.data["validationUrl"].removeprefix(acs.url)).status == 404, "it is gone for good"


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_it_comes_again_while_the_webhook_is_down(acs: Emulator, application: Application, schema: Schema) -> None:
    assert subscribed(acs, application.webhook, schema)
    application.refuse = 1
    ask(acs.url, "POST", "/emulator/incoming", {"caller": "+15550100", "called": "+15550199"})
    application.wait("IncomingCall", 2)
    events = [received.body for received in application.of("IncomingCall")]
    assert events[0] == events[1], "the same event, with its id"
    assert acs.wait_for("event", event="IncomingCall", attempt=2)["status"] == 200
    if schema == "eventgrid":
        counts = [received.headers["aeg-delivery-count"] for received in application.of("IncomingCall")]
        assert counts == ["0", "1"]


@pytest.mark.parametrize(
    "acs_scenario", ["events: [{type: IncomingCall, do: twice}, {type: CallStarted, do: lose}, {do: delay, by: 9s}]"]
)
def test_its_events_are_spoiled_by_name_only(
    acs: Emulator, client: CallAutomationClient, application: Application
) -> None:
    data = rung(acs, application)
    application.wait("IncomingCall", 2)
    client.answer_call(data["incomingCallContext"], application.callbacks)
    acs.wait_for("fault", fault="lose", event="CallStarted")
    ask(acs.url, "POST", "/emulator/leave", {"conversation": data["correlationId"], "who": "+15550100"})
    application.wait("CallEnded")
    assert not application.of("CallStarted")


def test_it_rings(acs: Emulator, application: Application) -> None:
    data = rung(acs, application)
    assert (data["from"]["rawId"], data["to"]["rawId"]) == ("4:+15550100", "4:+15550199")
    assert data["callerDisplayName"] == "Ada"
    header, payload, signature = data["incomingCallContext"].split(".")
    assert (header, signature) == ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "")
    assert 7_000 < len(payload) < 8_000, "as long as the service's"
    assert data["customContext"] == {"sipHeaders": {}, "voipHeaders": {}}
    received = application.wait("IncomingCall")
    assert received.headers["aeg-event-type"] == "Notification"
    assert received.body[0]["subject"] == "/caller/4:+15550100/recipient/4:+15550199"


def test_it_speaks_cloud_events_too(acs: Emulator, application: Application) -> None:
    assert subscribed(acs, application.webhook, "cloudevents")
    ask(acs.url, "POST", "/emulator/incoming", {"caller": "+15550100", "called": "+15550199"})
    body = application.wait("IncomingCall").body
    assert (body["specversion"], body["type"]) == ("1.0", "Microsoft.Communication.IncomingCall")


def test_it_filters_by_who_is_called(acs: Emulator, application: Application) -> None:
    assert subscribed(acs, application.webhook, "eventgrid", "4:+15550177")
    ask(acs.url, "POST", "/emulator/incoming", {"caller": "+15550100", "called": "+15550199"})
    application.none_within(0.3, "IncomingCall")


def test_it_is_answered(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    data = rung(acs, application)
    answered = client.answer_call(data["incomingCallContext"], application.callbacks, operation_context="mine")
    assert answered.correlation_id == data["correlationId"]
    assert answered.server_call_id is None
    connected = application.wait("CallConnected", operationContext="mine").data
    assert connected["serverCallId"] == data["serverCallId"]
    started = application.wait("CallStarted").data
    assert started["startedBy"]["communicationIdentifier"]["rawId"] == "4:+15550100"
    with pytest.raises(ResourceNotFoundError):
        client.answer_call(data["incomingCallContext"], application.callbacks)
    client.get_call_connection(str(answered.call_connection_id)).hang_up(is_for_everyone=True)
    assert application.wait("CallEnded").data["durationOfCall"] > 0


@pytest.mark.parametrize("acs_scenario", ["rest: [{operation: answer, fails: true}]"])
def test_it_is_answered_in_vain(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    answered = client.answer_call(rung(acs, application)["incomingCallContext"], application.callbacks)
    assert answered.call_connection_state == "connecting"
    assert application.wait("AnswerFailed").data["resultInformation"]["subCode"] == 8500
    application.wait("CallDisconnected")
    assert not acs.do(lambda world: world.conversations)


def test_it_is_rejected(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    data = rung(acs, application)
    client.reject_call(data["incomingCallContext"], call_reject_reason="busy")
    acs.wait_for("busy", who="4:+15550199")
    with pytest.raises(ResourceNotFoundError, match="8522"):
        client.answer_call(data["incomingCallContext"], application.callbacks)
    assert not acs.do(lambda world: world.conversations)


@pytest.mark.parametrize("acs_scenario", [NOBODY])
def test_it_is_redirected(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    data = rung(acs, application)
    client.redirect_call(data["incomingCallContext"], BOT)
    again = application.wait("IncomingCall", 2).data
    assert (again["from"]["rawId"], again["to"]["rawId"]) == ("4:+15550100", BOT.raw_id)
    client.answer_call(again["incomingCallContext"], application.callbacks)
    people = application.wait("ParticipantsUpdated").data["participants"]
    assert [person["identifier"]["rawId"] for person in people] == ["4:+15550100", BOT.raw_id]


def test_a_caller_may_give_up(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    data = rung(acs, application)
    gone = {"conversation": data["correlationId"], "who": "+15550100"}
    assert ask(acs.url, "POST", "/emulator/leave", gone).status == 200
    acs.wait_for("cancelled", who="4:+15550199")
    with pytest.raises(ResourceNotFoundError):
        client.answer_call(data["incomingCallContext"], application.callbacks)


@pytest.mark.parametrize("acs_scenario", [NOBODY])
def test_both_legs_of_one_call_are_ours(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    """An application that calls its own identity is told of its own call, and hears itself on a second leg."""
    assert subscribed(acs, application.webhook)
    outgoing = client.create_call(BOT, application.callbacks, source_caller_id_number=OURS, operation_context="out")
    context = application.wait("IncomingCall").data["incomingCallContext"]
    incoming = client.answer_call(context, application.callbacks, operation_context="in")
    first = application.wait("CallConnected", operationContext="out").data
    second = application.wait("CallConnected", operationContext="in").data
    assert first["correlationId"] == second["correlationId"]
    assert first["serverCallId"] == second["serverCallId"]
    assert (outgoing.call_connection_id, incoming.call_connection_id) == (
        first["callConnectionId"],
        second["callConnectionId"],
    )
    assert outgoing.call_connection_id != incoming.call_connection_id
    client.get_call_connection(str(incoming.call_connection_id)).hang_up(is_for_everyone=False)
    application.wait("CallDisconnected", 2)


@pytest.mark.parametrize("acs_scenario", [NOBODY])
@pytest.mark.parametrize("way", ["add_participant", "transfer_call_to_participant"])
def test_its_headers_reach_who_is_called(
    acs: Emulator, leg: CallConnectionClient, application: Application, way: str
) -> None:
    assert subscribed(acs, application.webhook)
    getattr(leg, way)(BOT, sip_headers={"X-MS-Custom-topic": "billing"}, voip_headers={"ticket": "17"})
    context = application.wait("IncomingCall").data["customContext"]
    assert context == {"sipHeaders": {"X-MS-Custom-topic": "billing"}, "voipHeaders": {"ticket": "17"}}


@pytest.mark.parametrize("acs_scenario", ['incoming: [{at: 1s, caller: "+15550100", called: "+15550199", name: Ada}]'])
def test_a_scenario_calls_in(acs: Emulator, application: Application) -> None:
    assert subscribed(acs, application.webhook)
    assert application.wait("IncomingCall").data["callerDisplayName"] == "Ada"


def test_it_goes_to_a_room(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    first = client.connect_call(application.callbacks, room_id="9901", operation_context="one")
    application.wait("CallConnected", operationContext="one")
    second = client.connect_call(application.callbacks, room_id="9901", operation_context="two")
    application.wait("CallConnected", operationContext="two")
    assert first.correlation_id == second.correlation_id
    ask(acs.url, "POST", "/emulator/join", {"conversation": str(first.correlation_id), "who": "8:acs:res_ben"})
    for call in (first, second):
        application.wait("ParticipantsUpdated", callConnectionId=call.call_connection_id)
    client.get_call_connection(str(first.call_connection_id)).hang_up(is_for_everyone=False)
    application.wait("CallDisconnected", callConnectionId=first.call_connection_id)
    assert client.get_call_connection(str(second.call_connection_id)).get_call_properties()


def test_it_joins_no_call_that_is_not_there(client: CallAutomationClient, application: Application) -> None:
    with pytest.raises(ResourceNotFoundError, match="8522"):
        client.connect_call(application.callbacks, server_call_id="bm90IHRoZXJl")
