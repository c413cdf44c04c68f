"""ACS refuses, is slow, is away or answers nonsense: whoever asked gets a sentence, the call says why it failed, and
nothing hangs."""

import json
import re
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.calls.doors.gateway import answer
from tests.calls.doors.stand import Answer, Stand, cloud_event

SENTENCE = re.compile(r"[A-Z].*[.)]", re.DOTALL)
WORDS = {"code": "8523", "message": "ACS's very own words"}


def newest(office: Stand) -> dict[str, object]:
    found: dict[str, object] = office.ask("GET", "/calls?limit=1").body["items"][0]
    return found


def told(office: Stand, refusal: Answer, status: int | None) -> str:
    """What the caller was told; the call failed, and says the same."""
    assert refusal.status == 502, refusal
    assert SENTENCE.fullmatch(refusal.body["detail"]), refusal.body
    assert refusal.body["acs"]["status"] == status, refusal.body
    call = newest(office)
    assert (call["state"], call["end_reason"]) == ("failed", refusal.body["detail"])
    assert call["ended_at"]
    assert refusal.body["call_id"] == call["id"]
    return str(refusal.body["detail"])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 429, 500, 503])
def test_a_refusal_is_told_in_acs_words_and_ours(office: Stand, status: int) -> None:
    office.fault(rest={"operation": "create", "status": status, **WORDS, "times": 3})
    refused = office.ask("POST", "/calls", {"to": ["8:acs:somebody"]})
    assert WORDS["message"] in told(office, refused, status)
    assert refused.body["acs"] == {"status": status, **WORDS}
    office.no_faults()
    office.fault(rest={"operation": "connect", "status": status, "body": False, "times": 3})
    refused = office.ask("POST", "/calls/connect", {"group_call_id": "29228d3e-040e-4656-a70e-890ab4e173e5"})
    assert f"ACS answered {status}" in told(office, refused, status)
    assert refused.body["acs"] == {"status": status, "code": None, "message": None}


def test_it_does_not_wait_as_long_as_acs_would_like(office: Stand) -> None:
    office.fault(rest={"operation": "create", "status": 429, "retry_after": 300, "times": 0})
    began = time.monotonic()
    refused = office.ask("POST", "/calls", {"to": ["8:acs:somebody"]})
    assert "too many requests" in told(office, refused, 429)
    assert time.monotonic() - began < 10
    office.no_faults()
    office.fault(rest={"operation": "create", "status": 503, "retry_after": 1})
    assert office.ask("POST", "/calls", {"to": ["8:acs:somebody"]}).status == 201


NONSENSE: dict[bytes, int | None] = {
    answer(200, b"<html>Welcome to the hotel's network</html>"): 200,
    answer(201, b"{}"): None,
    answer(201, b"[1, 2]"): None,
    answer(201): None,
    answer(204): 204,
    answer(500, b"<html>Internal error</html>"): 500,
    answer(400, b'{"error": "a text"}'): 400,
    answer(400, b'{"error": {"code": {"a": 1}, "message": ["x"]}}'): 400,
    answer(418, b"\x00\xff\xfe"): 418,
    answer(302, b"", "Location: http://127.0.0.1:1/elsewhere"): 302,
    b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n{": None,
    b"SSH-2.0-OpenSSH_9.9\r\n": None,
}


def test_nonsense_is_told_too(office: Stand) -> None:
    for said, status in NONSENSE.items():
        with office.way.being(said):
            refused = office.ask("POST", "/calls", {"to": ["8:acs:somebody"]})
        assert refused.status == 502, said
        words = told(office, refused, status)
        if not status or status < 400:
            assert "is not ACS" in words or "cannot be reached" in words, words


def test_a_port_where_nobody_listens(office: Stand) -> None:
    call = office.ringing()
    assert office.post(call["id"], cloud_event(call, "CallConnected")).status == 200
    with office.way.being("closed"):
        assert "cannot be reached" in told(office, office.ask("POST", "/calls", {"to": ["8:acs:a"]}), None)
        hung_up = office.ask("POST", f"/calls/{call['id']}/hangup")
        assert (hung_up.status, hung_up.body["acs"]["status"]) == (502, None)
    # somebody wants it ended: that stands, and the end is asked for again
    assert office.call(call["id"])["state"] == "disconnecting"


BUSY = {"code": 486, "subCode": 560486, "message": "Busy here."}


def test_a_call_that_came_about_although_its_request_failed(office: Stand) -> None:
    """As where the answer was late: what ACS says of it later counts, and its session says the same."""

    def session(call: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = office.ask("GET", f"/sessions/{call['session_id']}").body
        return found

    with office.way.being("closed"):
        asked = [office.ask("POST", "/calls", {"to": ["8:acs:a"]}).body["call_id"] for _ in range(2)]
        busy, answered = calls = [office.call(call_id) for call_id in asked]
        office.until(lambda: not any(session(call)["live"] for call in calls), "they are over, as far as anybody knows")
        for call in calls:
            call |= {"call_connection_id": str(uuid.uuid4()), "correlation_id": str(uuid.uuid4())}
        office.post(busy["id"], cloud_event(busy, "CreateCallFailed", resultInformation=BUSY))
        ended = {"code": 487, "subCode": 7000, "message": ""}
        office.post(busy["id"], cloud_event(busy, "CallDisconnected", resultInformation=ended))
        call = office.call(busy["id"])
        assert (call["state"], call["end_code"], call["end_subcode"]) == ("failed", 486, 560486)
        assert call["end_reason"] == "The line was busy. Call again later."
        office.until(lambda: session(busy)["reason"] == call["end_reason"], "its session says so")
        office.post(answered["id"], cloud_event(answered, "CallConnected"))
        assert office.call(answered["id"])["state"] == "connected"
        assert session(answered)["live"]
        office.until(lambda: session(answered)["state"] == "waiting", "nobody takes it for over")


def test_a_wrong_key_and_a_wrong_clock(office: Stand) -> None:
    world, key = office.acs.world, office.acs.world.key
    world.key = "YW5vdGhlciBrZXk="
    try:
        said = told(office, office.ask("POST", "/calls", {"to": ["8:acs:a"]}), 401)
        assert "ACS_ACCESS_KEY" in said
    finally:
        world.key = key
    office.acs.do(lambda world: world.clock.jump(3600))
    try:
        said = told(office, office.ask("POST", "/calls", {"to": ["8:acs:a"]}), 401)
        assert "clock" in said
        assert "60 minutes slow" in said
    finally:
        office.acs.do(lambda world: world.clock.jump(-3600))
    assert office.ask("POST", "/calls", {"to": ["8:acs:a"]}).status == 201


CONTROLS = {
    "/stop-streaming": None,
    "/participants": {"to": ["8:acs:another"]},
    "/participants/8:acs:somebody/mute": None,
    "/participants/8:acs:somebody/hold": None,
    "/participants/8:acs:somebody/unhold": None,
    "/transfer": {"to": "8:acs:another"},
    "/dtmf": {"tones": "12#", "to": "8:acs:somebody"},
    "/hangup": None,
}


def test_a_refused_control_is_told_and_written_down(office: Stand) -> None:
    call = office.connected()
    office.until(lambda: office.call(call["id"])["participants"], "who is in it")
    office.fault(rest={"operation": "*", "status": 409, **WORDS, "times": 0})
    for path, body in CONTROLS.items():  # the last is the hang-up
        refused = office.ask("POST", f"/calls/{call['id']}{path}", body)
        assert (refused.status, refused.body["acs"]) == (502, {"status": 409, **WORDS}), path
    kinds = office.kinds(call["id"])
    assert {"mute_refused", "hold_refused", "add_refused", "transfer_refused", "dtmf_refused"} <= set(kinds)
    office.no_faults()
    # what ACS does not know any more has ended
    office.fault(rest={"operation": "*", "status": 404})
    assert office.ask("POST", f"/calls/{call['id']}/hangup").body["state"] == "ended"


@pytest.mark.slow
def test_nothing_hangs_where_acs_is_slow_or_never_answers(office: Stand) -> None:
    calls = [office.connected() for _ in range(2)]
    process = psutil.Process(office.server.pid)
    files, pool = process.num_fds(), ThreadPoolExecutor(40)
    asked: list[Callable[[], Answer]] = [
        *[lambda: office.ask("POST", "/calls", {"to": ["8:acs:somebody"], "note": "slow"}) for _ in range(6)],
        lambda: office.ask("POST", f"/calls/{calls[0]['id']}/hangup"),
        lambda: office.ask("POST", f"/calls/{calls[0]['id']}/stop-streaming"),
        lambda: office.ask("POST", f"/calls/{calls[1]['id']}/participants", {"to": ["8:acs:1", "8:acs:2", "8:acs:3"]}),
        lambda: office.ask("POST", f"/calls/{calls[1]['id']}/hangup", {"for_everyone": False}),
    ]
    with office.way.being("slow"):
        began = time.monotonic()
        waiting = [pool.submit(ask) for ask in asked]
        # Nobody else waits meanwhile: not lists, not callbacks.
        assert office.ask("GET", "/calls").status == 200
        assert office.post(calls[0]["id"], cloud_event(calls[0], "PlayStarted")).status == 200
        assert time.monotonic() - began < 5
        answers = [one.result() for one in waiting]
        assert time.monotonic() - began < 25
    pool.shutdown()
    for one in answers:
        assert one.status in {502, 409}, one
        assert SENTENCE.fullmatch(one.body["detail"])
    # ACS did some of it all the same, and the calls say so: none is lost and none is left.
    slow = [call["id"] for call in office.ask("GET", "/calls?limit=20").body["items"] if call["note"] == "slow"]
    assert len(slow) == 6
    for call_id in slow:
        call = office.call(call_id)
        if call["state"] == "connected":
            assert office.ask("POST", f"/calls/{call_id}/hangup").status == 202
            assert office.call(call_id, "ended")["state"] == "ended"
        else:
            assert "did not answer in time" in call["end_reason"]
    assert {office.call(call_id)["state"] for call_id in slow} == {"ended", "failed"}
    office.until(lambda: process.num_fds() <= files + 15, "connections are left", 10)


def test_failing_leaves_no_connection_and_no_thread(office: Stand) -> None:
    process = psutil.Process(office.server.pid)
    threads = files = 0
    unauthorized = answer(401, json.dumps({"error": WORDS}).encode())
    for what in (unauthorized, "closed", answer(500), unauthorized, b"nonsense\r\n\r\n"):
        with office.way.being(what), ThreadPoolExecutor(20) as pool:
            refused = list(pool.map(lambda _: office.ask("POST", "/calls", {"to": ["8:acs:a"]}).status, range(20)))
        assert refused == [502] * 20
        threads, files = threads or process.num_threads(), files or process.num_fds()
    # Those to the database open as they are first needed; a leak would be of eighty.
    office.until(lambda: process.num_fds() <= files + 15, "connections are left", 10)
    assert process.num_threads() <= threads + 10  # pools fill up as they are used; a leak would be of eighty
