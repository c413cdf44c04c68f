"""The control API: what may be done by hand, and by whom."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from azure.communication.callautomation import (
    CallAutomationClient,
    CallConnectionClient,
    CallConnectionProperties,
    CommunicationUserIdentifier,
)

from acs_emulator.control.guard import guard
from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.testing import Emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.acs_emulator.service.plain import Answer, ask

BEN = "8:acs:res_ben"


def give(acs: Emulator, order: str, **fields: Any) -> Answer:
    return ask(acs.url, "POST", f"/emulator/{order}", fields)


def test_it_shows_the_state(acs: Emulator, placed: CallConnectionProperties) -> None:
    (shown,) = ask(acs.url, "GET", "/emulator/state").json["conversations"]
    assert shown["correlation_id"] == placed.correlation_id
    assert shown["legs"][0]["state"] == "connected"
    assert [person["who"] for person in shown["people"] if not person["application"]] == [ADA.raw_id]


def test_people_come_and_go_by_hand(acs: Emulator, placed: CallConnectionProperties, application: Application) -> None:
    where = str(placed.correlation_id)
    assert give(acs, "join", conversation=where, who=BEN).status == 200
    assert give(acs, "say", conversation=where, who=BEN, sound="ben.ogg").status == 200
    application.wait("ParticipantsUpdated", 2)
    assert give(acs, "leave", conversation=where, who=BEN).status == 200
    assert give(acs, "leave", conversation=where, who="+15550100").status == 200
    application.wait("CallDisconnected")


@pytest.mark.parametrize("acs_scenario", ['participants: {"*": {answers: no_answer}}'])
@pytest.mark.parametrize(
    ("order", "more", "told", "sub_code"),
    [
        ("answer", {}, "CallConnected", 0),
        ("refuse", {"how": "busy"}, "CreateCallFailed", 560486),
        ("refuse", {"how": "no_answer"}, "CreateCallFailed", 10004),
    ],
)
def test_a_telephone_is_answered_by_hand(
    acs: Emulator,
    client: CallAutomationClient,
    application: Application,
    order: str,
    more: dict[str, str],
    told: str,
    sub_code: int,
) -> None:
    made = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    acs.wait_for("ringing", who=ADA.raw_id)
    assert give(acs, order, conversation=made.correlation_id, who="+15550100", **more).status == 200
    assert application.wait(told).data["resultInformation"]["subCode"] == sub_code
    detail = give(acs, order, conversation=made.correlation_id, who=BEN).json["detail"]
    assert "not ringing" in detail or "no conversation" in detail


@pytest.mark.parametrize(
    ("order", "fields", "why"),
    [
        ("join", {}, "conversation is missing"),
        ("join", {"conversation": "no", "who": BEN}, "no conversation 'no'"),
        ("incoming", {"caller": "+15550100"}, "called is missing"),
        ("clock", {"seconds": "later"}, "seconds is a number"),
        ("faults", {}, "stream, event or rest"),
        ("faults", {"stream": {"do": "explode"}}, "explode"),
        ("faults", {"event": {"do": "twice", "often": 3}}, "often"),
        ("subscriptions", {"url": "http://127.0.0.1:1/", "schema": "smoke"}, "eventgrid or cloudevents"),
    ],
)
def test_a_wrong_order_is_a_sentence(acs: Emulator, order: str, fields: dict[str, Any], why: str) -> None:
    answer = give(acs, order, **fields)
    assert answer.status == 422
    assert why in answer.json["detail"]


def test_an_order_that_is_not_there(acs: Emulator) -> None:
    answer = give(acs, "dance")
    assert answer.status == 404
    assert "incoming" in answer.json["detail"]
    assert ask(acs.url, "POST", "/emulator/join", b"{").status == 422


def test_it_says_only_sounds_that_it_knows(acs: Emulator, placed: CallConnectionProperties) -> None:
    here = {"conversation": str(placed.correlation_id), "who": "+15550100"}
    assert "sound is the name" in give(acs, "say", **here, sound="../../../etc/passwd").json["detail"]
    assert "nothing.wav: sounds are beside the scenario" in give(acs, "say", **here, sound="nothing.wav").json["detail"]
    assert "keys are" in give(acs, "press", **here, keys="x").json["detail"]


def test_a_fault_strikes_the_next_event(acs: Emulator, leg: CallConnectionClient, application: Application) -> None:
    assert give(acs, "faults", event={"type": "CallDisconnected", "do": "twice"}).json == {"added": 1}
    leg.hang_up(is_for_everyone=True)
    application.wait("CallDisconnected", 2)


def test_the_clock_jumps(acs: Emulator, leg: CallConnectionClient, application: Application) -> None:
    before = application.received[-1].event["time"]
    assert give(acs, "clock", seconds=-600).status == 200
    leg.hang_up(is_for_everyone=True)
    assert application.wait("CallDisconnected").event["time"] < before


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}]
)
def test_other_peoples_pages_may_not(acs: Emulator, headers: dict[str, str]) -> None:
    for path in ("/emulator/state", "/emulator/journal", "/emulator/"):
        assert ask(acs.url, "GET", path, headers=headers).status == 403
    assert ask(acs.url, "POST", "/emulator/incoming", {}, headers=headers).status == 403


@pytest.mark.parametrize(("password", "status"), [(None, 401), ("wrong", 401), ("%", 401), (DEVELOPMENT_KEY, 200)])
async def test_another_machine_needs_the_key(password: str | None, status: int) -> None:
    """Whoever reaches the page hears every call."""
    proof = aiohttp.encode_basic_auth("me", password) if password else ""
    request = make_mocked_request("GET", "/emulator/state", {"Authorization": proof, "Host": "192.0.2.1:9900"})
    request = request.clone(remote="192.0.2.9")

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    assert (await guard(DEVELOPMENT_KEY)(request, handler)).status == status


async def test_the_journal_is_live(acs: Emulator) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{acs.url}/emulator/journal/live") as socket:
        order = {"caller": "+15550100", "called": "+15550199"}
        await http.post(f"{acs.url}/emulator/incoming", json=order)
        kinds = [json.loads((await socket.receive(5)).data)["kind"] for _ in range(2)]
    assert kinds == ["warning", "ringing"]
    assert [entry["kind"] for entry in ask(acs.url, "GET", "/emulator/journal?kind=ringing").json] == ["ringing"]


async def test_a_microphone_is_heard_and_hears(
    acs: Emulator, placed: CallConnectionProperties, application: Application
) -> None:
    url = f"{acs.url}/emulator/microphone?conversation={placed.correlation_id}&who={BEN}"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        await socket.send_bytes(b"\x10\x20" * 320)
        await asyncio.to_thread(application.wait, "ParticipantsUpdated", 2)
        heard = [(await socket.receive(5)).data for _ in range(100)]
    assert {len(frame) for frame in heard} == {640}
    assert any(any(frame) for frame in heard), "Ada speaks"
    await asyncio.to_thread(application.wait, "ParticipantsUpdated", 3)
    assert acs.wait_for("left", who=BEN)
    assert (await asyncio.to_thread(ask, acs.url, "GET", "/emulator/microphone?conversation=no")).status == 426


async def test_a_microphone_says_why_it_cannot_be_there(
    acs: Emulator, placed: CallConnectionProperties, application: Application
) -> None:
    """In a close frame: browsers show nothing else."""
    microphone = f"{acs.url}/emulator/microphone?conversation={placed.correlation_id}&who="
    (ours,) = [str(person["who"]) for person in _people(acs) if person["application"]]

    async with aiohttp.ClientSession() as http, http.ws_connect(f"{microphone}{BEN}") as first:
        await first.receive(5)
        for url, why in (
            (f"{acs.url}/emulator/microphone?conversation=no", "no conversation"),
            (f"{microphone}{BEN}", "This is a microphone in that call already"),
            (f"{microphone}{ours}", "This is an application"),
        ):
            async with http.ws_connect(url) as refused:
                closed = await refused.receive(5)
                assert (closed.data, why in (closed.extra or "")) == (1008, True), closed
        assert give(acs, "leave", conversation=str(placed.correlation_id), who=BEN).status == 200
        while (message := await first.receive(5)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert (message.data, message.extra) == (1000, "you were put out of the call")


async def test_a_microphone_goes_where_it_is_moved(
    acs: Emulator, client: CallAutomationClient, leg: CallConnectionClient, application: Application
) -> None:
    other = client.create_call(ADA, application.callbacks, source_caller_id_number=OURS, operation_context="other")
    await asyncio.to_thread(application.wait, "CallConnected", operationContext="other")
    url = f"{acs.url}/emulator/microphone?conversation={other.correlation_id}&who={BEN}"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        await socket.receive(5)
        moved = CommunicationUserIdentifier(BEN)
        await asyncio.to_thread(leg.move_participants, [moved], str(other.call_connection_id))
        await asyncio.to_thread(application.wait, "MoveParticipantSucceeded")
        await asyncio.sleep(0.3)
        assert [p["microphone"] for p in _people(acs) if p["who"] == BEN] == [True]
        assert not socket.closed
        assert (await socket.receive(5)).type is aiohttp.WSMsgType.BINARY
    assert acs.wait_for("left", who=BEN)


def _people(acs: Emulator) -> list[dict[str, Any]]:
    """Of the first conversation."""
    found: list[dict[str, Any]] = ask(acs.url, "GET", "/emulator/state").json["conversations"][0]["people"]
    return found
