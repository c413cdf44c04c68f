"""`POST /acs/events`: handshakes, calls that come in and what becomes of them, witnesses; over real HTTP, with the
emulator's Event Grid and by hand."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from tests.calls.doors.stand import EVENTS_KEY, Stand, cloud_event, incoming_event

VALIDATION = {
    "id": "v",
    "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
    "data": {"validationCode": "a-code", "validationUrl": "https://example.com"},
}


@pytest.fixture(scope="module")
def front(office: Stand) -> Iterator[Stand]:
    """Event Grid tells the office of calls: to numbers that end in 7x in its own schema, to others as CloudEvents."""
    url = f"{office.server.url}/acs/events?key={EVENTS_KEY}"
    own = [f"+155501{number}" for number in (70, 76, 77, 78, 79, 88)]
    assert office.order("subscriptions", url=url, called=own) == {"valid": True}
    other = {"url": f"{url}&schema=cloudevents", "schema": "cloudevents", "called": ["+15550166"]}
    assert office.order("subscriptions", **other) == {"valid": True}
    yield office
    office.acs.do(lambda world: world.grid.subscriptions.clear())


def comes_in(front: Stand, called: str, caller: str = "+15550140") -> dict[str, Any]:
    """Somebody calls; the conversation at ACS."""
    found: dict[str, Any] = front.order("incoming", caller=caller, called=called, name="Cleo")
    return found


def test_it_answers_both_handshakes_and_nobody_without_the_key(office: Stand) -> None:
    kind = {"aeg-event-type": "SubscriptionValidation"}
    assert office.grid([VALIDATION], headers=kind).body == {"validationResponse": "a-code"}
    origin = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "100"}
    allowed = office.send("OPTIONS", f"/acs/events?key={EVENTS_KEY}", headers=origin)
    assert (allowed.status, allowed.headers["webhook-allowed-origin"]) == (200, "eventgrid.azure.net")
    for key in (None, "", "wrong", "%F0%9F%99%82"):
        assert office.grid([VALIDATION], key, kind).status == 403
        assert "ACS_EVENTS_KEY" in office.grid([VALIDATION], key, kind).body
    assert office.send("OPTIONS", "/acs/events", headers=origin).status == 403
    assert office.send("GET", f"/acs/events?key={EVENTS_KEY}").status == 405
    for body in (b"", b"{", b"[" * 9000):
        assert office.grid(body).status == 400
    assert office.grid([{"eventType": "Microsoft.Storage.BlobCreated", "data": {}}, 17]).status == 200


async def test_without_a_key_of_ours_nobody_may_send_events(settings: Settings) -> None:
    settings.ACS_EVENTS_KEY = ""
    refused = await AsyncClient().post("/acs/events?key=", [VALIDATION], content_type="application/json")
    assert refused.status_code == 403
    assert "ACS_EVENTS_KEY is unset" in refused.content.decode()


@pytest.mark.parametrize("called", ["+15550170", "+15550166"], ids=["event grid", "cloud events"])
def test_a_call_rings_until_an_operator_answers_it(front: Stand, called: str) -> None:
    conversation = comes_in(front, called)
    row = front.rings(to=called, state="ringing")
    assert (row["from"], row["display_name"]) == ("+15550140", "Cleo")
    assert row["correlation_id"] == conversation["correlation_id"]
    assert "context" not in str(row)
    assert front.ask("POST", f"/incoming/{row['id']}/answer", who="otto").status == 403
    answered = front.ask("POST", f"/incoming/{row['id']}/answer", {"channels": "mixed", "then_add": ["8:acs:agent"]})
    assert (answered.status, answered.body["direction"]) == (202, "inbound")
    call = front.call(answered.body["id"], "connected")
    assert (call["state"], call["from"], call["to"], call["channels"]) == ("connected", "+15550140", [called], "mixed")
    front.until(lambda: "AddParticipantSucceeded" in front.kinds(call["id"]), "the agent was not added")
    row = front.rings(id=row["id"])
    assert (row["state"], row["decided_by"], row["call_id"]) == ("answered", "olga", call["id"])
    again = front.ask("POST", f"/incoming/{row['id']}/answer")
    assert (again.status, again.body["detail"]) == (409, "This is not possible now: the call is answered.")
    assert front.ask("POST", f"/calls/{call['id']}/hangup").status == 202
    # the adding of our own agent was no incoming call that rings here
    assert front.ask("GET", "/incoming?state=ringing").body["items"] == []


def test_of_two_operators_at_once_one_wins(front: Stand) -> None:
    comes_in(front, "+15550178")
    row = front.rings(to="+15550178", state="ringing")
    together = threading.Barrier(2)

    def answer(who: str) -> int:
        together.wait(10)
        return front.ask("POST", f"/incoming/{row['id']}/answer", who=who).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answer, ("olga", "sven"))) == [202, 409]
    call = front.call(front.rings(id=row["id"], state="answered")["call_id"], "connected")
    assert front.ask("POST", f"/calls/{call['id']}/hangup").status == 202


def test_rules_answer_by_themselves_and_say_why_they_could_not(front: Stand) -> None:
    comes_in(front, "+15550188")  # AUTO_ANSWER
    call = front.call(front.rings(to="+15550188", state="answered")["call_id"], "connected")
    assert (call["state"], call["created_by"], call["channels"]) == ("connected", None, "unmixed")
    front.ask("POST", f"/calls/{call['id']}/hangup")
    comes_in(front, "+15550177")
    call = front.call(front.rings(to="+15550177", state="answered")["call_id"], "connected")
    assert (call["channels"], call["sample_rate"]) == ("mixed", 24000)
    front.until(lambda: "AddParticipantSucceeded" in front.kinds(call["id"]), "the agent was not added")
    front.ask("POST", f"/calls/{call['id']}/hangup")
    comes_in(front, "+15550176")
    row = front.until(lambda: front.rings(to="+15550176")["reason"] and front.rings(to="+15550176"), "no reason")
    assert row["state"] == "ringing"
    assert row["reason"].startswith("Not answered by its rule. A spoken text needs ACS_COGNITIVE_ENDPOINT")
    assert front.ask("POST", f"/incoming/{row['id']}/reject", {"reason": "busy"}).body["state"] == "rejected"


def test_a_rule_may_be_for_every_call(front: Stand) -> None:
    front.database.ask("UPDATE calls_answerrule SET enabled = true WHERE called = '*' RETURNING 1")
    try:
        comes_in(front, "+15550179")
        call = front.call(front.rings(to="+15550179", state="answered")["call_id"], "connected")
    finally:
        front.database.ask("UPDATE calls_answerrule SET enabled = false WHERE called = '*' RETURNING 1")
    assert call["state"] == "connected"
    front.ask("POST", f"/calls/{call['id']}/hangup")


def test_a_rule_is_followed_although_the_server_was_ended_before_it_could_be(front: Stand) -> None:
    """Event Grid got no answer, so it comes again; the row of the first time is there, and rings."""
    comes_in(front, "+15550179")
    row = front.rings(to="+15550179", state="ringing")
    event_id = str(front.database.ask(f"SELECT event_id FROM calls_incomingcall WHERE id = '{row['id']}'"))  # noqa: S608
    front.database.ask("UPDATE calls_answerrule SET enabled = true WHERE called = '*' RETURNING 1")
    try:
        assert front.grid([incoming_event("4:+15550179", event_id)]).status == 200
        call = front.call(front.rings(id=row["id"], state="answered")["call_id"], "connected")
    finally:
        front.database.ask("UPDATE calls_answerrule SET enabled = false WHERE called = '*' RETURNING 1")
    assert (call["state"], call["created_by"]) == ("connected", None)
    front.ask("POST", f"/calls/{call['id']}/hangup")


def test_a_call_is_rejected_or_sent_elsewhere_or_gone(front: Stand) -> None:
    comes_in(front, "+15550170")
    row = front.rings(to="+15550170", state="ringing")
    rejected = front.ask("POST", f"/incoming/{row['id']}/reject")
    assert (rejected.status, rejected.body["state"]) == (202, "rejected")
    comes_in(front, "+15550170")
    row = front.rings(to="+15550170", state="ringing")
    redirected = front.ask("POST", f"/incoming/{row['id']}/redirect", {"to": "8:acs:another"})
    assert (redirected.status, redirected.body["state"], redirected.body["reason"]) == (
        202,
        "redirected",
        "to 8:acs:another",
    )
    # the caller gives up: Event Grid says that it ended
    conversation = comes_in(front, "+15550170")
    row = front.rings(to="+15550170", state="ringing")
    front.order("leave", conversation=conversation["correlation_id"], who="+15550140")
    assert front.grid([ended(conversation["correlation_id"])]).status == 200
    assert front.rings(id=row["id"], state="gone")["reason"] == "the caller gave up"
    for action in ("answer", "reject"):
        refused = front.ask("POST", f"/incoming/{row['id']}/{action}")
        assert (refused.status, refused.body["detail"]) == (409, "This is not possible now: the caller gave up.")
    # nobody says so: ACS does, when it is answered
    conversation = comes_in(front, "+15550166")
    row = front.rings(to="+15550166", state="ringing")
    front.database.ask("UPDATE calls_incomingcall SET context = 'spoiled' WHERE state = 'ringing' RETURNING 1")
    refused = front.ask("POST", f"/incoming/{row['id']}/answer")
    assert refused.status == 409
    assert refused.body["detail"].startswith("This is not possible now: the call rings no longer. ")
    assert front.rings(id=row["id"])["state"] == "gone"
    assert front.rings(id=row["id"])["reason"] in refused.body["detail"]


def ended(correlation_id: str) -> dict[str, Any]:
    data = {"correlationId": correlation_id, "serverCallId": "s", "durationOfCall": 12.5}
    return {"id": str(uuid.uuid4()), "eventType": "Microsoft.Communication.CallEnded", "data": data}


def test_what_rings_too_long_or_comes_too_late_rings_no_more(office: Stand) -> None:
    called = "4:+15550150"
    assert office.grid([incoming_event(called)]).status == 200
    row = office.rings(to="+15550150", state="ringing")
    office.database.ask("UPDATE calls_incomingcall SET expires_at = now() WHERE state = 'ringing' RETURNING 1")
    assert office.rings(id=row["id"], state="expired")["decided_at"]
    late = office.ask("POST", f"/incoming/{row['id']}/answer")
    assert (late.status, late.body["detail"]) == (
        409,
        "This is not possible now: the call rang too long, and rings no longer.",
    )
    old = {**incoming_event("4:+15550151"), "eventTime": (datetime.now(UTC) - timedelta(hours=2)).isoformat()}
    assert office.grid([old]).status == 200
    assert office.rings(to="+15550151")["state"] == "expired"
    over = str(uuid.uuid4())
    assert office.grid([ended(over)]).status == 200
    assert office.grid([incoming_event("4:+15550152", correlationId=over)]).status == 200
    assert office.rings(to="+15550152")["state"] == "gone"


def test_an_event_that_comes_again_is_one_call(office: Stand) -> None:
    event = incoming_event("4:+15550153")
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status for answer in pool.map(lambda _: office.grid([event]), range(8))} == {200}
    assert office.grid([event, event]).status == 200
    items = office.ask("GET", "/incoming?limit=100").body["items"]
    assert [row["to"] for row in items].count("+15550153") == 1
    office.database.ask("UPDATE calls_incomingcall SET expires_at = now() WHERE state = 'ringing' RETURNING 1")


def test_a_leg_of_our_own_call_is_not_answered_by_itself(office: Stand) -> None:
    """+15550188 is answered by itself, but not where we call it."""
    own = "4:+15550188"
    office.fault(rest={"operation": "create", "delay": 1.5})
    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(office.place, "+15550188")
        office.until(lambda: office.ask("GET", "/calls?state=placing").body["items"], "not being placed")
        assert office.grid([incoming_event(own, "before-the-answer-of-create")]).status == 200
        call = placing.result()
    assert office.rings(to="+15550188")["state"] == "own"
    assert office.ask("POST", f"/calls/{call['id']}/hangup").status == 202
    assert office.call(call["id"], "ended")["state"] == "ended"
    for path, body in (("participants", {"to": ["+15550188"]}), ("transfer", {"to": "+15550188"})):
        call = office.ringing()
        office.post(call["id"], cloud_event(call, "CallConnected"))
        office.ask("POST", f"/calls/{call['id']}/{path}", body)
        event = incoming_event(own)
        assert office.grid([event]).status == 200
        row = office.rings(correlation_id=event["data"]["correlationId"])
        assert (row["state"], row["call_id"]) == ("own", None)
        office.post(call["id"], cloud_event(call, "CallDisconnected"))
    # both sides of a call share its correlation id, whatever number was dialled
    call = office.ringing()
    event = incoming_event("8:acs:nobody-we-know", correlationId=call["correlation_id"])
    assert office.grid([event]).status == 200
    assert office.rings(correlation_id=call["correlation_id"])["state"] == "own"
    office.post(call["id"], cloud_event(call, "CallDisconnected"))


def test_a_call_that_has_long_been_answered_hides_no_caller(office: Stand) -> None:
    """What we called ten minutes ago rings no longer, so whoever calls it now is somebody else."""
    call = office.ringing(to="+15550154")
    office.post(call["id"], cloud_event(call, "CallConnected"))
    event = incoming_event("4:+15550154")
    assert office.grid([event]).status == 200
    assert office.rings(to="+15550154")["state"] == "own"
    before = f"UPDATE calls_call SET created_at = now() - interval '10 minutes' WHERE id = '{call['id']}' RETURNING 1"  # noqa: S608
    office.database.ask(before)
    assert office.grid([incoming_event("4:+15550154")]).status == 200
    row = office.rings(to="+15550154", state="ringing")
    office.database.ask(f"UPDATE calls_incomingcall SET expires_at = now() WHERE id = '{row['id']}' RETURNING 1")  # noqa: S608
    office.post(call["id"], cloud_event(call, "CallDisconnected"))


@pytest.mark.parametrize("known_by", ["correlationId", "serverCallId"])
def test_event_grid_is_an_independent_witness(office: Stand, known_by: str) -> None:
    """A call whose end its callbacks never told is asked about; one of its two ids is enough."""
    call = office.connected()
    own = f"SELECT server_call_id FROM calls_call WHERE id = '{call['id']}'"  # noqa: S608
    server_call_id = office.until(lambda: office.database.ask(own), "its server call id")
    office.fault(event={"type": "*", "do": "lose", "times": 0})
    office.order("leave", conversation=call["correlation_id"], who="8:acs:somebody")
    told = ended(call["correlation_id"])
    told["data"] = {"correlationId": call["correlation_id"], "serverCallId": server_call_id, "durationOfCall": 12.5}
    told["data"] = {name: value for name, value in told["data"].items() if name in {known_by, "durationOfCall"}}
    started = {**told, "id": str(uuid.uuid4()), "eventType": "Microsoft.Communication.CallStarted"}
    assert office.grid([started]).status == office.grid([told]).status == office.grid([told]).status == 200
    office.until(lambda: office.call(call["id"])["state"] == "ended", "not asked about")
    assert "not listening" in office.call(call["id"])["end_reason"]
    for event in (started, told):
        kept = f"SELECT count(*) FROM calls_witness WHERE event_id = '{event['id']}' AND raw->>'{known_by}' <> ''"  # noqa: S608
        assert office.database.ask(kept) == 1
