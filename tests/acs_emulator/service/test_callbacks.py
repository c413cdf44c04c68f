"""Callbacks: their form, their signature, their order, and what a scenario does to them."""

import time
import uuid

import jwt
import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    FileSource,
    TextSource,
)
from azure.core.exceptions import HttpResponseError

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.acs_emulator.service.plain import ask
from tests.busy import allowance, kept_waiting

ISSUER = "https://acscallautomation.communication.azure.com"


def test_it_sends_arrays_of_cloud_events(placed: CallConnectionProperties, application: Application) -> None:
    received = application.wait("CallConnected")
    event = received.event
    assert set(event) == {"id", "source", "type", "data", "time", "specversion", "datacontenttype", "subject"}
    assert event["source"] == event["subject"] == f"calling/callConnections/{placed.call_connection_id}"
    assert (event["type"], event["specversion"]) == ("Microsoft.Communication.CallConnected", "1.0")
    assert uuid.UUID(event["id"])
    data = event["data"]
    assert data["publicEventType"] == event["type"]
    assert data["version"] == "2026-03-12"
    assert (data["callConnectionId"], data["correlationId"]) == (placed.call_connection_id, placed.correlation_id)
    assert data["resultInformation"] == {"code": 200, "subCode": 0, "message": "Action completed successfully."}


def test_it_signs_each_anew(acs: Emulator, placed: CallConnectionProperties, application: Application) -> None:
    openid = ask(acs.url, "GET", "/calling/.well-known/acsopenidconfiguration").json
    assert openid["issuer"] == ISSUER
    keys = jwt.PyJWKClient(openid["jwks_uri"])
    tokens = [received.headers["Authorization"].removeprefix("Bearer ") for received in application.received]
    assert len(set(tokens)) == len(tokens) == 2
    for token in tokens:
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, ["RS256"], audience=acs.world.resource_id, issuer=ISSUER)
        assert claims["exp"] - claims["iat"] == 300
        assert abs(claims["iat"] - time.time()) < 30
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(tokens[0], key, ["RS256"], audience="somebody-else")


def test_it_numbers_the_changes(leg: CallConnectionClient, application: Application) -> None:
    leg.mute_participant(ADA)
    leg.hold(ADA)
    leg.unhold(ADA)
    application.wait("ParticipantsUpdated", 4)
    told = [received.data for received in application.of("ParticipantsUpdated")]
    assert [data["sequenceNumber"] for data in told] == [1, 2, 3, 4]
    shown = [(data["participants"][0]["isMuted"], data["participants"][0]["isOnHold"]) for data in told]
    assert shown == [(False, False), (True, False), (True, True), (True, False)]


def test_it_tells_operations_elsewhere(leg: CallConnectionClient, application: Application) -> None:
    url = application.address("/elsewhere")
    leg.send_dtmf_tones(["one"], ADA, operation_context="keys", operation_callback_url=url)
    application.wait("SendDtmfTonesCompleted")
    assert application.of("SendDtmfTonesCompleted", "/elsewhere", operationContext="keys")


def test_it_tries_again(application: Application, client: CallAutomationClient, acs: Emulator) -> None:
    application.refuse = 1
    client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    first, second = application.wait("ParticipantsUpdated"), application.wait("ParticipantsUpdated", 2)
    assert first.event["id"] == second.event["id"]
    assert acs.wait_for("event", event="ParticipantsUpdated", attempt=2)["status"] == 200


def placing(client: CallAutomationClient, application: Application) -> float:
    """When it was answered."""
    client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    return time.monotonic()


@pytest.mark.parametrize("acs_scenario", ["events: [{type: CallConnected, do: twice}]"])
def test_it_sends_one_twice(client: CallAutomationClient, application: Application) -> None:
    placing(client, application)
    application.wait("CallConnected", 2)
    assert len({received.event["id"] for received in application.of("CallConnected")}) == 1


@pytest.mark.parametrize("acs_scenario", ["events: [{type: CallConnected, do: lose}]"])
def test_it_loses_one(acs: Emulator, client: CallAutomationClient, application: Application) -> None:
    placing(client, application)
    acs.wait_for("fault", fault="lose", event="CallConnected")
    application.none_within(0.5, "CallConnected")


@pytest.mark.parametrize("acs_scenario", ["events: [{type: CallConnected, do: delay, by: 1s}]"])
def test_it_sends_one_late(client: CallAutomationClient, application: Application) -> None:
    begun, waited = time.monotonic(), kept_waiting()
    placing(client, application)
    late = application.wait("CallConnected").at - begun
    assert 1.2 < late < 2.7 + allowance(2, kept_waiting() - waited)


@pytest.mark.parametrize("acs_scenario", ["events: [{type: ParticipantsUpdated, do: swap}]"])
def test_it_swaps_two(client: CallAutomationClient, application: Application) -> None:
    placing(client, application)
    application.wait("ParticipantsUpdated")
    assert application.kinds() == ["CallConnected", "ParticipantsUpdated"]


@pytest.mark.parametrize("acs_scenario", ["events: [{type: CallConnected, do: before_reply}]"])
def test_it_tells_before_it_answers(client: CallAutomationClient, application: Application) -> None:
    answered = placing(client, application)
    assert application.wait("CallConnected").at < answered


@pytest.mark.parametrize(
    "acs_scenario", ["events: [{type: PlayStarted, do: before_reply, by: 5s}, {type: '*', do: before_reply, skip: 99}]"]
)
def test_it_holds_back_no_other_answer(leg: CallConnectionClient, application: Application) -> None:
    begun = time.monotonic()
    leg.mute_participant(ADA)
    with pytest.raises(HttpResponseError):
        leg.play_media(FileSource("no address"))
    assert time.monotonic() - begun < 4
    leg.play_media(TextSource(text="Hi", voice_name="en-US-NancyNeural"))
    assert application.of("PlayStarted"), "before the answer"


@pytest.mark.parametrize("acs_scenario", ["events: [{type: ContinuousDtmfRecognitionStopped, do: before_reply}]"])
def test_what_an_operation_says_at_once_comes_first_too(leg: CallConnectionClient, application: Application) -> None:
    leg.start_continuous_dtmf_recognition(ADA)
    leg.stop_continuous_dtmf_recognition(ADA)
    assert application.of("ContinuousDtmfRecognitionStopped")


@pytest.mark.parametrize("acs_scenario", ["events: [{do: batch, times: 2}, {do: single}, {do: old}]"])
def test_it_writes_other_forms(client: CallAutomationClient, application: Application) -> None:
    made = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    application.wait("ParticipantsUpdated")
    leg = client.get_call_connection(str(made.call_connection_id))
    leg.mute_participant(ADA)
    application.wait("ParticipantsUpdated", 2)
    leg.send_dtmf_tones(["one"], ADA)
    application.wait("SendDtmfTonesCompleted")
    batch, single, old = (received.body for received in application.received)
    assert [event["type"].rpartition(".")[2] for event in batch] == ["ParticipantsUpdated", "CallConnected"]
    assert single["type"] == "Microsoft.Communication.ParticipantsUpdated"
    (event,) = old
    assert not {"time", "subject"} & event.keys()
    assert event["source"] == event["data"]["subject"]
    assert event["source"].endswith(f"{made.call_connection_id}/SendDtmfTonesCompleted")
    assert event["data"]["time"]


@pytest.mark.parametrize("acs_scenario", ["events: [{type: CallConnected, do: batch, by: 300ms}]"])
def test_one_that_waits_for_another_comes_alone_in_the_end(
    placed: CallConnectionProperties, application: Application
) -> None:
    assert len(application.wait("CallConnected").body) == 1
