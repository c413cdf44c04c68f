"""Status codes, bodies, errors and repeatability of the REST surface, without an SDK in between."""

import time
from typing import Any

import pytest

from acs_emulator.rest.operations import ROUTES
from acs_emulator.scenario.names import OPERATIONS
from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.plain import signed

CALLS = "/calling/callConnections"
V = "?api-version=2026-03-12"
ADA = {"rawId": "4:+15550100", "phoneNumber": {"value": "+15550100"}}
BEN = {"rawId": "8:acs:res_ben", "communicationUser": {"id": "8:acs:res_ben"}}
OURS = {"value": "+15550199"}


def created(acs: Emulator, application: Application, **more: Any) -> dict[str, Any]:
    body = {"targets": [ADA], "sourceCallerIdNumber": OURS, "callbackUri": application.callbacks, **more}
    answer = signed(acs.url, "POST", CALLS + V, body)
    assert answer.status == 201
    found: dict[str, Any] = answer.json
    return found


def test_it_answers_with_a_complete_model(acs: Emulator, application: Application) -> None:
    media = {"transportType": "websocket", "audioChannelType": "unmixed", "transportUrl": "wss://127.0.0.1:1/x"}
    made = created(acs, application, mediaStreamingOptions=media)
    assert made["targets"] == [{"rawId": "4:+15550100", "kind": "phoneNumber", "phoneNumber": {"value": "+15550100"}}]
    assert "serverCallId" not in made
    subscription = made["mediaStreamingSubscription"]
    assert (subscription["state"], subscription["subscribedContentTypes"]) == ("inactive", ["audio"])
    application.wait("CallConnected")
    shown = signed(acs.url, "GET", f"{CALLS}/{made['callConnectionId']}{V}").json
    assert shown["serverCallId"]
    assert shown["correlationId"] == made["correlationId"]


@pytest.mark.parametrize("version", ["2023-03-06", "2024-11-15-preview", "2099-01-01", ""])
def test_it_takes_any_api_version(acs: Emulator, application: Application, version: str) -> None:
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    assert signed(acs.url, "POST", f"{CALLS}?api-version={version}", body).status == 201
    assert application.wait("CallConnected").data["version"] == version


def test_it_takes_the_options_of_2022(acs: Emulator, application: Application) -> None:
    old = {"transportUrl": "wss://127.0.0.1:1/x", "transportType": "websocket", "audioChannelType": "mixed"}
    source = {"identifier": {"rawId": "8:acs:res_bot"}}
    body = {
        "targets": [BEN],
        "callbackUri": application.callbacks,
        "mediaStreamingConfiguration": old,
        "source": source,
    }
    made = signed(acs.url, "POST", f"{CALLS}?api-version=2022-04-07-preview", body).json
    assert made["source"]["rawId"] == "8:acs:res_bot"
    assert made["mediaSubscriptionId"] == made["mediaStreamingSubscription"]["id"]
    assert application.wait("MediaStreamingFailed", seconds=20).data["resultInformation"]["subCode"] == 8581


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        ({"callbackUri": "https://a.example"}, "targets"),
        ({"targets": [], "callbackUri": "https://a.example"}, "targets"),
        ({"targets": [{}], "callbackUri": "https://a.example"}, "targets"),
        ({"targets": [BEN]}, "CallbackUri|callbackUri"),
        ({"targets": [BEN, ADA], "callbackUri": "https://a.example"}, "sourceCallerIdNumber is required"),
        ({"targets": [BEN], "callbackUri": "not an address"}, "callbackUri"),
        ({"targets": [BEN], "callbackUri": "https://"}, "callbackUri"),
        ({"targets": [BEN], "callbackUri": "https://[::1/x"}, "callbackUri"),
    ],
)
def test_it_names_the_field_that_is_wrong(acs: Emulator, body: Any, why: str) -> None:
    answer = signed(acs.url, "POST", CALLS + V, body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "8523")
    assert any(word in answer.json["error"]["message"] for word in why.split("|"))


FIELDS = {
    "text": "operationContext operationCallbackUri callbackUri incomingCallContext fromCall invitationId locale",
    "person": "target targetParticipant participantToAdd participantToRemove transferee source answeredBy",
    "people": "targets targetParticipants playTo",
    "part": "callLocator recognizeOptions playSourceInfo playOptions mediaStreamingOptions transcriptionOptions",
    "more": "playSources playPrompts tones sourceCallerIdNumber callIntelligenceOptions recognizeInputType",
}
MIXED = {"transportType": "websocket", "audioChannelType": "mixed"}
FITTING: dict[str, Any] = {"text": "https://a.example/x", "person": BEN, "people": [BEN], "part": {}, "more": []}


@pytest.mark.parametrize("wrong", [5, ["x"], {"x": [1]}, [{"kind": []}], {"targetParticipant": BEN, "choices": [{}]}])
def test_it_survives_wrong_fields(acs: Emulator, application: Application, wrong: Any) -> None:
    made = created(acs, application)
    application.wait("CallConnected")
    leg = str(made["callConnectionId"])
    fitting = {name: FITTING[kind] for kind, names in FIELDS.items() for name in names.split()}
    ending = {"hangUp", "terminate", "stopRecording"}
    for route in (route for route in ROUTES if route.method == "POST" and route.name not in ending):
        path = route.path.replace("{call:[^:/]+}", leg).replace("{recording:[^:/]+}", "none")
        bodies = [dict.fromkeys(fitting, wrong)]
        bodies += [fitting | {name: wrong} for name in ("operationContext", "recognizeOptions", "source", "targets")]
        for body in bodies:
            assert signed(acs.url, "POST", path + V, body).status < 500, (route.name, body)
    assert not acs.do(lambda world: world.journal.entries("emulator_error"))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"mediaStreamingOptions": {"transportType": "websocket"}}, "audioChannelType is invalid: mixed, unmixed"),
        (
            {
                "mediaStreamingOptions": {
                    "transportType": "websocket",
                    "audioChannelType": "mixed",
                    "audioFormat": "mp3",
                }
            },
            "audioFormat is invalid: pcm16KMono, pcm24KMono",
        ),
        ({"mediaStreamingOptions": {"transportType": "http", "audioChannelType": "mixed"}}, "transportType is invalid"),
        ({"mediaStreamingOptions": MIXED | {"transportUrl": "https://a.example"}}, "it begins with wss://"),
        ({"mediaStreamingOptions": MIXED | {"transportUrl": "wss://"}}, "transportUrl is invalid"),
        ({"transcriptionOptions": {"transportType": "websocket"}}, "locale"),
        ({"targets": [{"phoneNumber": {"value": "5550100"}}]}, "5550100 is no telephone number in E.164 form"),
    ],
)
def test_it_names_the_option_that_is_wrong(acs: Emulator, options: dict[str, Any], why: str) -> None:
    body = {"targets": [BEN], "callbackUri": "https://a.example", **options}
    answer = signed(acs.url, "POST", CALLS + V, body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "8523")
    assert why in answer.json["error"]["message"]


@pytest.mark.parametrize("acs_scenario", ["rest: [{operation: create, status: 503, done: true}]"])
def test_what_was_done_and_not_answered_is_done_once(acs: Emulator, application: Application) -> None:
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    repeated = {"Repeatability-Request-ID": "11111111-2222-3333-4444-555555555555"}
    assert signed(acs.url, "POST", CALLS + V, body, **repeated).status == 503
    again = signed(acs.url, "POST", CALLS + V, body, **repeated)
    assert again.status == 201
    assert application.wait("CallConnected").data["callConnectionId"] == again.json["callConnectionId"]


def test_it_does_a_repeated_request_once(acs: Emulator, application: Application) -> None:
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    repeated = {"Repeatability-Request-ID": "11111111-2222-3333-4444-555555555555"}
    first = signed(acs.url, "POST", CALLS + V, body, **repeated)
    again = signed(acs.url, "POST", CALLS + V, body, **repeated)
    other = signed(acs.url, "POST", CALLS + V, body, **{"Repeatability-Request-ID": "another"})
    assert (first.status, first.body) == (again.status, again.body)
    assert first.headers["Repeatability-Result"] == again.headers["Repeatability-Result"] == "accepted"
    assert other.json["callConnectionId"] != first.json["callConnectionId"]
    application.wait("CallConnected", 2)
    assert acs.do(lambda world: len(world.calls)) == 2


CALL_OPERATIONS = [route for route in ROUTES if "{call" in route.path]


@pytest.mark.parametrize("route", CALL_OPERATIONS, ids=lambda route: str(route.name))
def test_it_knows_no_other_call(acs: Emulator, route: Any) -> None:
    path = route.path.replace("{call:[^:/]+}", "no-such-call").replace("{participant}", "8%3Aacs%3Ares_ben")
    answer = signed(acs.url, route.method, path + V, {"invitationId": "x"} if route.method == "POST" else None)
    assert answer.status in {404, 400}
    assert answer.json["error"]["code"] in {"8522", "8523"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"recordingFormatType": "flac"}, "recordingFormatType is invalid: wav, mp3, mp4"),
        ({"recordingChannelType": "stereo"}, "recordingChannelType is invalid: mixed, unmixed"),
        ({"recordingContentType": "video"}, "recordingContentType is invalid: audio, audioVideo"),
        ({"channelAffinity": [{"channel": 5, "participant": BEN}]}, "channel is invalid: 0 to 4"),
        ({}, "callLocator is invalid"),
    ],
)
def test_it_records_only_what_can_be(acs: Emulator, options: dict[str, Any], why: str) -> None:
    where = {"callLocator": {"kind": "groupCallLocator", "groupCallId": "a-group"}} if options else {}
    answer = signed(acs.url, "POST", f"/calling/recordings{V}", where | options)
    assert (answer.status, answer.json["error"]["code"]) == (400, "8523")
    assert why in answer.json["error"]["message"]


@pytest.mark.parametrize("acs_scenario", ['participants: {"*": {answers: no_answer}}'])
def test_it_does_nothing_to_a_call_that_nobody_answered(acs: Emulator, application: Application) -> None:
    made = created(acs, application)
    call = made["callConnectionId"]
    for path, body in (
        (f"{CALLS}/{call}:cancelAllMediaOperations", None),
        ("/calling/recordings", {"callConnectionId": call}),
    ):
        answer = signed(acs.url, "POST", path + V, body)
        assert (answer.status, answer.json["error"]["code"]) == (400, "8501")


def test_it_streams_only_where_that_was_asked_for(acs: Emulator, application: Application) -> None:
    made = created(acs, application)
    application.wait("CallConnected")
    for operation in ("startMediaStreaming", "startTranscription"):
        answer = signed(acs.url, "POST", f"{CALLS}/{made['callConnectionId']}:{operation}{V}", {})
        assert (answer.status, answer.json["error"]["code"]) == (412, "8583")


def test_it_has_the_operations_that_scenarios_name() -> None:
    assert {route.name for route in ROUTES} == set(OPERATIONS)


def test_it_takes_no_endless_bodies(acs: Emulator, application: Application) -> None:
    answer = signed(acs.url, "POST", CALLS + V, {"targets": [BEN], "callbackUri": "x" * (5 << 20)})
    assert (answer.status, answer.json["error"]["code"]) == (413, "RequestEntityTooLarge")


def test_it_says_that_it_knows_no_such_operation(acs: Emulator) -> None:
    answer = signed(acs.url, "POST", f"{CALLS}:dance{V}", {})
    assert (answer.status, answer.json["error"]["code"]) == (404, "NotFound")


@pytest.mark.parametrize(
    "acs_scenario",
    ["rest: [{operation: create, status: 503, code: Busy, message: Come again}, {operation: get, delay: 500ms}]"],
)
def test_it_fails_when_the_scenario_says_so(acs: Emulator, application: Application) -> None:
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    failed = signed(acs.url, "POST", CALLS + V, body)
    assert (failed.status, failed.json) == (503, {"error": {"code": "Busy", "message": "Come again"}})
    made = created(acs, application)
    assert signed(acs.url, "GET", f"{CALLS}/{made['callConnectionId']}{V}").status == 200
    slow = acs.wait_for("request", operation="get")
    assert slow["ms"] >= 500


STATUSES = {
    400: "8523",
    401: "7509",
    403: "7504",
    404: "8522",
    409: "8519",
    412: "8583",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}


@pytest.mark.parametrize(
    "acs_scenario",
    ["rest:\n" + "".join(f"- {{status: {status}}}\n- {{status: {status}, body: false}}\n" for status in STATUSES)],
)
def test_it_has_the_error_of_each_status(acs: Emulator, application: Application) -> None:
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    for status, code in STATUSES.items():
        with_body, without = (signed(acs.url, "POST", CALLS + V, body) for _ in range(2))
        assert (with_body.status, with_body.json["error"]["code"]) == (status, code)
        assert len(with_body.json["error"]["message"]) > 10
        assert (without.status, without.body) == (status, b"")
    assert not acs.do(lambda world: world.calls)


@pytest.mark.parametrize("acs_scenario", ["rest: [{operation: create, status: 429, retry_after: 2s}]"])
def test_it_says_when_to_come_again(acs: Emulator, application: Application) -> None:
    refused = signed(acs.url, "POST", CALLS + V, {"targets": [BEN], "callbackUri": application.callbacks})
    assert (refused.status, refused.headers["Retry-After"]) == (429, "2")


@pytest.mark.parametrize("acs_scenario", ["rest: [{operation: create, delay: 2s, done: true, status: 500}]"])
def test_a_call_comes_about_whose_answer_is_late_and_wrong(acs: Emulator, application: Application) -> None:
    """The events do not wait for the answer, and a second try with the same id makes no second call."""
    repeated = {"Repeatability-Request-ID": "11111111-2222-3333-4444-555555555555"}
    body = {"targets": [BEN], "callbackUri": application.callbacks}
    answer = signed(acs.url, "POST", CALLS + V, body, **repeated)
    answered = time.monotonic()
    assert answer.status == 500
    assert application.wait("CallConnected").at < answered - 1


def test_it_keeps_secrets_out_of_the_journal(acs: Emulator, application: Application) -> None:
    created(acs, application)
    application.wait("CallConnected")
    acs.wait_for("event", event="CallConnected")
    journal = acs.do(lambda world: str(list(world.journal)))
    assert "a-secret" not in journal
    assert "another" not in journal
