"""The REST API of calls at a running server: rights, one form of error, keys that make a request happen once, pages,
waiting and following."""

import hashlib
import http.client
import json
import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from calls import signed_urls
from calls.models import ApiToken
from tests.calls.doors.gateway import answer
from tests.calls.doors.stand import Answer, Stand, cloud_event
from tests.people import person

NOBODY = "0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f"
DOORS: list[tuple[str, str, Any]] = [
    ("POST", "/calls", {"to": ["8:acs:somebody"]}),
    ("POST", "/calls/connect", {"group_call_id": "29228d3e-040e-4656-a70e-890ab4e173e5"}),
    ("GET", "/calls", None),
    ("GET", f"/calls/{NOBODY}", None),
    ("GET", f"/calls/{NOBODY}/events", None),
    ("GET", f"/calls/{NOBODY}/events?follow=1", None),
    ("POST", f"/calls/{NOBODY}/hangup", None),
    ("POST", f"/calls/{NOBODY}/start-streaming", None),
    ("POST", f"/calls/{NOBODY}/stop-streaming", None),
    ("POST", f"/calls/{NOBODY}/participants", {"to": ["8:acs:another"]}),
    ("DELETE", f"/calls/{NOBODY}/participants/8:acs:another", None),
    ("POST", f"/calls/{NOBODY}/participants/8:acs:another/mute", None),
    ("POST", f"/calls/{NOBODY}/participants/8:acs:another/hold", None),
    ("POST", f"/calls/{NOBODY}/participants/8:acs:another/unhold", None),
    ("POST", f"/calls/{NOBODY}/transfer", {"to": "8:acs:another"}),
    ("POST", f"/calls/{NOBODY}/dtmf", {"tones": "1"}),
    ("POST", f"/calls/{NOBODY}/play", {"announce": "welcome"}),
    ("GET", "/incoming", None),
    ("POST", f"/incoming/{NOBODY}/answer", None),
    ("POST", f"/incoming/{NOBODY}/reject", None),
    ("POST", f"/incoming/{NOBODY}/redirect", {"to": "8:acs:another"}),
]


def says(answer: Answer, status: int) -> str:
    """The sentence of a refusal."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/json")
    if status == 422:
        assert answer.body["detail"]
        assert all(set(fault) == {"loc", "msg"} and fault["msg"] for fault in answer.body["detail"])
        return str(answer.body["detail"][0]["msg"])
    assert re.fullmatch(r"\S.*[.)]", answer.body["detail"]), answer.body
    return str(answer.body["detail"])


def test_each_door_asks_who_one_is_and_what_one_may(office: Stand) -> None:
    for method, path, body in DOORS:
        unknown = office.ask(method, path, body, who="nobody")
        says(unknown, 401)
        assert unknown.headers["www-authenticate"].startswith("Bearer")
        assert "You may not" in says(office.ask(method, path, body, who="otto"), 403)
        if NOBODY in path:
            assert NOBODY in says(office.ask(method, path, body), 404)
    assert office.ask("GET", "/calls").status == office.ask("GET", "/incoming").status == 200
    wrong = office.ask("GET", "/calls", who="nobody", headers={"Authorization": "Bearer made-up"})
    says(wrong, 401)


def test_it_says_what_is_wrong_with_a_request(office: Stand) -> None:
    for body, where in (
        ({}, "to"),
        ({"to": []}, "to"),
        ({"to": ["somebody"]}, "to"),
        ({"to": ["8:acs:a"] * 21}, "to"),
        ({"to": ["8:acs:a"], "sample_rate": 8000}, "sample_rate"),
        ({"to": ["8:acs:a"], "channels": "stereo"}, "channels"),
        ({"to": ["8:acs:a"], "dtmf": "yes"}, "dtmf"),
        ({"to": ["8:acs:a"], "chanels": "mixed"}, "chanels"),
        ({"to": ["8:acs:a"], "note": "\0"}, "note"),
        ({"to": ["8:acs:a"], "transcription_locale": "en-US"}, "transcription_locale"),
        ({"to": ["8:acs:a"], "announce": "Spoken text."}, "announce"),
    ):
        refused = office.ask("POST", "/calls", body)
        says(refused, 422)
        assert where in json.dumps([fault["loc"] for fault in refused.body["detail"]]), refused
    says(office.ask("POST", "/calls", b"{"), 422)
    says(office.ask("POST", "/calls/connect", {}), 422)
    says(office.ask("POST", "/calls/connect", {"room_id": "1", "group_call_id": "2"}), 422)
    for path in ("/calls/none", "/calls?limit=0", "/calls?limit=201", "/calls?stat=ended", "/calls?cursor=x"):
        says(office.ask("GET", path), 422)
    says(office.send_too_much("/api/v1/calls"), 413)
    assert "no such path" in says(office.ask("GET", "/nowhere"), 404)
    says(office.ask("PUT", "/calls", {}), 405)


def test_it_says_in_which_state_a_call_is(office: Stand) -> None:
    call = office.ringing()
    for path, body in (("start-streaming", None), ("participants", {"to": ["8:acs:a"]}), ("dtmf", {"tones": "1"})):
        assert "the call is ringing." in says(office.ask("POST", f"/calls/{call['id']}/{path}", body), 409)
    office.post(call["id"], cloud_event(call, "CallConnected"))
    office.post(call["id"], cloud_event(call, "CallDisconnected"))
    assert "the call is over" in says(office.ask("POST", f"/calls/{call['id']}/hangup"), 409)


def test_a_placed_call_says_where_it_is(office: Stand) -> None:
    placed = office.ask("POST", "/calls", {"to": "8:acs:somebody", "note": "one text may stand for a list"})
    assert placed.status == 201
    assert placed.headers["location"] == f"/api/v1/calls/{placed.body['id']}"
    assert office.send("GET", placed.headers["location"]).status == 401
    connected = office.call(placed.body["id"], "connected")
    assert connected["created_by"] == "olga"
    assert connected["session_id"]
    member = office.until(lambda: office.call(connected["id"])["participants"], "nobody is in it")[0]
    for who in (member["id"], member["raw_id"]):
        assert office.ask("POST", f"/calls/{connected['id']}/participants/{who}/hold").status == 202
    assert says(office.ask("POST", f"/calls/{connected['id']}/participants/8:acs:other/mute"), 404)
    same_options = {"from": "+15550199", "display_name": "Desk", "channels": "mixed", "room_id": None, "note": None}
    place = {"group_call_id": "29228d3e-040e-4656-a70e-890ab4e173e5"}
    for path in ("", "/events", "/events?follow=1", "/?wait=connected"):
        assert office.ask("HEAD", f"/calls/{connected['id']}{path}").status == 200
    joined = office.ask("POST", "/calls/connect", {**place, **same_options})
    assert (joined.status, joined.body["direction"], joined.body["from"]) == (201, "joined", None)
    assert (joined.body["display_name"], joined.body["channels"], joined.body["note"]) == ("Desk", "mixed", "")
    for call in (connected, joined.body):
        assert office.ask("POST", f"/calls/{call['id']}/hangup", {"for_everyone": False}).status == 202
        assert office.call(call["id"], "ended")["state"] == "ended"


def test_a_request_with_a_key_happens_once(office: Stand) -> None:
    key, body = {"Idempotency-Key": str(uuid.uuid4())}, {"to": ["8:acs:brief"], "note": "once"}
    together = threading.Barrier(8)

    def place(_: int) -> Answer:
        together.wait(10)
        return office.ask("POST", "/calls", body, headers=key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(place, range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert len(office.ask("GET", "/calls?q=once").body["items"]) == 1
    assert "another request" in says(office.ask("POST", "/calls", {**body, "dtmf": True}, headers=key), 422)
    assert office.ask("POST", "/calls", body, who="sven", headers=key).body["id"] != answers[0].body["id"]
    says(office.ask("POST", "/calls", body, headers={"Idempotency-Key": "x" * 201}), 422)


def test_a_failure_with_a_key_is_told_again_and_not_tried_again(office: Stand) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    error = b'{"error": {"code": "7504", "message": "No permission."}}'
    with office.way.being(answer(403, error)):
        first = office.ask("POST", "/calls", {"to": ["8:acs:somebody"]}, headers=key)
    again = office.ask("POST", "/calls", {"to": ["8:acs:somebody"]}, headers=key)
    assert says(first, 502) == says(again, 502)
    assert again.body["acs"]["code"] == "7504"
    assert first.body["call_id"] == again.body["call_id"]


def test_lists_have_pages_and_filters(office: Stand) -> None:
    calls = [office.ringing(note=f"page {n}") for n in range(5)]
    for call in calls[:2]:
        office.post(call["id"], cloud_event(call, "CallConnected"), cloud_event(call, "CallDisconnected"))
    seen, cursor = [], ""
    while cursor is not None:
        page = office.ask("GET", f"/calls?q=page&limit=2{cursor and f'&cursor={cursor}'}").body
        assert 1 <= len(page["items"]) <= 2
        seen += [call["id"] for call in page["items"]]
        cursor = page["next"]
    assert seen == [call["id"] for call in reversed(calls)]

    def found(query: str) -> set[str]:
        return {call["id"] for call in office.ask("GET", f"/calls?{query}").body["items"]}

    newest = calls[4]
    assert found("q=page&state=ended") == {call["id"] for call in calls[:2]}
    assert found("q=page&state=ended&state=ringing&direction=outbound") == set(seen)
    assert found("q=page&direction=inbound") == set()
    assert found(f"call_connection_id={newest['call_connection_id']}") == {newest["id"]}
    assert found(f"correlation_id={newest['correlation_id']}") == {newest["id"]}
    assert found(f"q={newest['id'][:13]}") == {newest["id"]}
    # times are told in milliseconds
    assert {newest["id"]} <= found(f"q=page&created_after={calls[3]['created_at']}") <= set(seen[:2])
    assert found(f"q=page&created_before={calls[1]['created_at']}") == {calls[0]["id"]}
    for call in calls[2:]:
        office.post(call["id"], cloud_event(call, "CallDisconnected"))


def test_one_may_wait_for_a_call(office: Stand) -> None:
    call = office.ringing()
    with ThreadPoolExecutor(2) as pool:
        connected = pool.submit(office.call, call["id"], "connected")
        ended = pool.submit(office.call, call["id"], "ended")
        time.sleep(0.3)
        assert not connected.done()
        office.post(call["id"], cloud_event(call, "CallConnected"))
        assert connected.result(10)["state"] == "connected"
        assert not ended.done()
        office.post(call["id"], cloud_event(call, "CallDisconnected"))
        assert ended.result(10)["state"] == "ended"
    assert office.call(call["id"], "connected")["state"] == "ended"
    says(office.ask("GET", f"/calls/{call['id']}?wait=forever"), 422)


def followed(office: Stand, call_id: str, last: str = "") -> list[tuple[str, str, str]]:
    """(id, event, data) until the server ends it."""
    wire = http.client.HTTPConnection("127.0.0.1", office.server.port, timeout=30)
    headers = {"Authorization": f"Bearer {office.tokens['olga']}", **({"Last-Event-ID": last} if last else {})}
    wire.request("GET", f"/api/v1/calls/{call_id}/events?follow=1", headers=headers)
    answer = wire.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    found = []
    for block in answer.read().decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines.get("id", ""), lines["event"], lines["data"]))
    wire.close()
    return found


def test_one_may_follow_a_call_to_its_end(office: Stand) -> None:
    call = office.ringing()
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(followed, office, call["id"])
        office.post(call["id"], cloud_event(call, "CallConnected"))
        time.sleep(0.3)
        office.post(call["id"], cloud_event(call, "CallDisconnected"))
        told = following.result(20)
    kinds = [kind for _, kind, _ in told]
    assert kinds == ["begun", "accepted", "CallConnected", "CallDisconnected", "end"]
    ids = [int(number) for number, _, _ in told[:-1]]
    assert ids == sorted(ids)
    connected = json.loads(told[2][2])
    assert (connected["kind"], connected["old_state"], connected["new_state"]) == (
        "CallConnected",
        "ringing",
        "connected",
    )
    assert [kind for _, kind, _ in followed(office, call["id"], told[2][0])] == ["CallDisconnected", "end"]
    assert [kind for _, kind, _ in followed(office, call["id"], "not a number")] == kinds


def test_acs_fetches_sounds(office: Stand) -> None:
    sound = office.database.ask("SELECT id::text FROM calls_prompt WHERE name = 'welcome'")
    token = signed_urls.sign(signed_urls.PROMPTS, uuid.UUID(str(sound)))
    office.secrets.add(token)
    fetched = office.send("GET", f"/acs/prompts/{token}.wav")
    assert (fetched.status, fetched.body, fetched.headers["content-type"]) == (200, "RIFF....WAVE", "audio/wav")
    assert office.send("HEAD", f"/acs/prompts/{token}.wav").status == 200
    assert office.send("GET", f"/acs/prompts/{signed_urls.sign(signed_urls.PROMPTS, uuid.uuid4())}.wav").status == 404
    other = signed_urls.sign(signed_urls.MEDIA, uuid.UUID(str(sound)))
    assert office.send("GET", f"/acs/prompts/{other}.wav").status == 403
    assert office.send("GET", "/acs/prompts/x.wav").status == 403


@pytest.mark.django_db
def test_a_token_that_asks_too_often_is_told_when_to_come_again() -> None:
    _, token = ApiToken.make(person("olga"))
    key = "api-" + hashlib.sha256(f"Bearer {token}".encode()).hexdigest()
    # as after 1200 requests in this minute
    caches["throttle"].set(key, [time.time()] * 1200, 60)
    client = Client(headers={"authorization": f"Bearer {token}"})
    refused = client.get("/api/v1/sessions")
    assert refused.status_code == 429
    assert "API_RATE" in refused.json()["detail"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    _, other = ApiToken.make(person("ada"))
    assert Client(headers={"authorization": f"Bearer {other}"}).get("/api/v1/sessions").status_code == 200
