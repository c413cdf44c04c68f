"""`POST /acs/callbacks/<token>`: whatever ACS posts about a call, in every form and order, over real HTTP."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import signing

from acs_emulator.keys import SigningKey
from acs_emulator.tokens import ISSUER
from calls import signed_urls
from tests.calls.doors.stand import Answer, Stand, cloud_event, people_event


def accepted(answer: Answer) -> bool:
    """200, empty: ACS needs no more."""
    return answer.status == 200 and answer.body == ""


def test_it_takes_every_form_of_delivery(office: Stand) -> None:
    call = office.ringing()
    connection, id_ = call["call_connection_id"], call["id"]
    assert accepted(office.post(id_, people_event(call, 1, "8:acs:somebody"), cloud_event(call, "CallConnected")))
    alone = cloud_event(call, "PlayStarted")
    assert accepted(office.post(id_, body=b"\xef\xbb\xbf" + str(alone).replace("'", '"').encode()))
    old = {"id": "old", "source": f"calling/callConnections/{connection}/PlayCompleted", "data": {"time": "", "x": 1}}
    assert accepted(office.post(id_, old))
    inside: dict[str, Any] = {**cloud_event(call, "PlayFailed", time="2026-11-26T04:59:58.7654321Z"), "time": None}
    assert accepted(office.post(id_, inside))
    new = cloud_event(call, "HologramShown", shape={"deep": ["a", 1, None]})
    assert accepted(office.post(id_, 17, {"no": "event"}, new))
    office.server.wait_for_output("entry 0 could not be read: it is no object")
    found = {event["kind"]: event for event in office.events(id_)}
    assert {"CallConnected", "PlayStarted", "PlayCompleted", "PlayFailed", "HologramShown"} <= set(found)
    assert found["CallConnected"]["at"].startswith("2026-11-26T05:00:00.123")
    assert found["PlayFailed"]["at"].startswith("2026-11-26T04:59:58.765")
    assert found["HologramShown"]["raw"]["shape"] == {"deep": ["a", 1, None]}
    assert all(found[kind]["by"] == "acs" for kind in ("PlayCompleted", "HologramShown"))
    assert office.call(id_)["state"] == "connected"


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_and_twice_it_comes_to_the_same_end(office: Stand, seed: int) -> None:
    chance = random.Random(seed)
    call = office.ringing()
    life = [
        people_event(call, 1, "8:acs:somebody", "4:+15550102"),
        people_event(call, 2, "8:acs:somebody"),
        cloud_event(call, "CallConnected"),
        cloud_event(call, "MediaStreamingStarted", mediaStreamingUpdate={"mediaStreamingStatus": "x"}),
        cloud_event(call, "MediaStreamingStopped"),
        cloud_event(call, "CallDisconnected", resultInformation={"code": 200, "subCode": 7000, "message": "over"}),
    ]
    shuffled = life * 2
    chance.shuffle(shuffled)
    while shuffled:
        batch, shuffled = shuffled[:3], shuffled[3:]
        assert accepted(office.post(call["id"], *batch))
    ended = office.call(call["id"])
    assert (ended["state"], ended["end_code"], ended["end_subcode"]) == ("ended", 200, 7000)
    assert ended["end_reason"] == "The call ended."
    assert ended["participants"]
    assert all(person["left_at"] for person in ended["participants"]), ended["participants"]
    kinds = [event["kind"] for event in office.events(call["id"]) if event["by"] == "acs"]
    assert sorted(kinds) == sorted(event["type"].removeprefix("Microsoft.Communication.") for event in life)


def test_what_comes_late_of_the_stream_is_history(office: Stand) -> None:
    """By ACS's own clock; what it said last counts, in whatever order it came."""
    call = office.ringing()
    how = f"SELECT streaming FROM calls_call WHERE id = '{call['id']}'"  # noqa: S608
    said = {}
    for second, kind in enumerate(("Started", "Failed", "Started", "Stopped", "Started")):
        event = cloud_event(call, f"MediaStreaming{kind}")
        said[second] = {**event, "time": f"2026-11-26T05:00:0{second}.5Z"}
    for second, now in ((2, "started"), (1, "started"), (0, "started"), (3, "stopped"), (4, "started"), (3, "started")):
        assert accepted(office.post(call["id"], said[second]))
        assert office.database.ask(how) == now
    assert len([kind for kind in office.kinds(call["id"]) if kind.startswith("MediaStreaming")]) == 5


def test_events_may_come_before_the_answer_of_the_request_that_caused_them(office: Stand) -> None:
    office.fault(event={"type": "CallConnected", "do": "before_reply"})
    call = office.place()
    assert call["state"] == "connected", call
    kinds = office.kinds(call["id"])
    assert kinds.index("CallConnected") < kinds.index("accepted")
    assert office.ask("POST", f"/calls/{call['id']}/hangup").status == 202
    assert office.call(call["id"], "ended")["state"] == "ended"


def test_a_batch_may_hold_events_of_other_calls(office: Stand) -> None:
    one, other = office.ringing(), office.ringing()
    nobodys = {**other, "call_connection_id": "of-nobody-here"}
    kinds = "CallConnected", "SendDtmfTonesCompleted", "PlayCanceled"
    batch = [cloud_event(call, kind) for call, kind in zip((other, nobodys, one), kinds, strict=True)]
    assert accepted(office.post(one["id"], *batch))
    assert office.call(other["id"])["state"] == "connected"
    assert office.call(one["id"])["state"] == "ringing"
    assert "PlayCanceled" in office.kinds(one["id"])
    assert "SendDtmfTonesCompleted" not in office.kinds(one["id"]) + office.kinds(other["id"])
    # a call that was deleted, or never was: nothing to do, and nothing for ACS to send again
    assert accepted(office.post(str(uuid.uuid4()), cloud_event(nobodys, "CallConnected")))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"17", b'"CallConnected"', b"\xff\xfe[]", b"[" * 100_000, b"<html>"], ids=repr
)
def test_it_refuses_what_holds_no_events(office: Stand, body: bytes) -> None:
    answer = office.post(str(uuid.uuid4()), body=body)
    assert answer.status == 400
    assert answer.body.startswith("This body holds no events: ")


@pytest.mark.parametrize("declared", [True, False])
def test_it_refuses_bodies_that_acs_cannot_have_sent(office: Stand, declared: bool) -> None:
    answer = office.send_too_much("/acs/callbacks/x", declared)
    assert (answer.status, answer.body) == (413, "This is larger than 1 MiB.\n")


def test_a_batch_of_many_is_kept_whole(office: Stand) -> None:
    call = office.ringing()
    assert accepted(office.post(call["id"], *[cloud_event(call, "PlayStarted") for _ in range(60)]))
    assert office.kinds(call["id"]).count("PlayStarted") == 60


def test_it_refuses_tokens_that_are_not_for_this_door(office: Stand) -> None:
    call_id = uuid.uuid4()
    past = signing.dumps({"c": call_id.hex, "e": int(time.time()) - 1}, salt=signed_urls.CALLBACKS)
    other = signed_urls.sign(signed_urls.MEDIA, call_id)
    altered = signed_urls.sign(signed_urls.CALLBACKS, call_id)[:-1] + "_"
    for token, reason in ((past, "The token has expired.\n"), (other, "not one of ours"), (altered, "not one of ours")):
        answer = office.post("", {}, token=token)
        assert answer.status == 403
        assert reason in answer.body
        assert token not in answer.body
    assert office.send("GET", f"/acs/callbacks/{other}").status == 405


def test_it_wants_acs_own_signature_too_where_the_resource_is_known(office: Stand) -> None:
    call = office.ringing()
    tokens, now = office.acs.world.tokens, int(time.time())
    claims = {"iss": ISSUER, "aud": tokens.audience, "nbf": now, "exp": now + 300}
    forged = SigningKey().sign(claims)
    for jwt in (
        None,
        "",
        "no-jwt",
        forged,
        tokens._key.sign({**claims, "aud": "another-resource"}),
        tokens._key.sign({**claims, "iss": "https://elsewhere.example"}),
        tokens._key.sign({**claims, "nbf": now - 900, "exp": now - 400}),
    ):
        answer = office.post(call["id"], cloud_event(call, "CallConnected"), jwt="-" if jwt == "" else jwt)
        assert answer.status == 401, jwt
        assert answer.body.rstrip("\n").endswith("."), answer.body
        assert not jwt or jwt not in answer.body
    assert office.call(call["id"])["state"] == "ringing"
    late = tokens._key.sign({**claims, "nbf": now - 600, "exp": now - 200})  # clocks differ
    assert accepted(office.post(call["id"], cloud_event(call, "CallConnected"), jwt=late))
    assert office.call(call["id"])["state"] == "connected"


def test_two_hundred_at_once_are_answered_and_kept(office: Stand) -> None:
    calls = [office.ringing() for _ in range(4)]
    posts = [(call, cloud_event(call, f"Thing{n}")) for n in range(50) for call in calls]
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda post: office.post(post[0]["id"], post[1]), posts))
    assert all(accepted(answer) for answer in answers)
    for call in calls:
        assert {f"Thing{n}" for n in range(50)} <= set(office.kinds(call["id"]))
