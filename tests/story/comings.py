"""Calls that come in, and calls that are joined."""

import uuid

from acs_emulator.calls.placing import call_in, gathering
from acs_emulator.world import World
from tests.story.losses import SPEAKS, words
from tests.story.sent import kinds_sent
from tests.story.stage import Shape
from tests.story.telling import Told, story

OURS = "+15550188"  # answered by rule
ASKED = "+15550177"  # answered by hand
STAYS = "leaves: 10m"


def ring(it: Told, called: str = ASKED, name: str = "") -> None:
    it.stage.acs.do(lambda world: _call_in(world, f"4:{it.number}", f"4:{called}", name))


def _call_in(world: World, caller: str, called: str, name: str) -> None:
    call_in(world, caller, called, name)


def rings(it: Told, state: str = "ringing") -> Shape:
    """The incoming call of the story's number, once it is in this state."""

    def find() -> Shape | None:
        items: list[Shape] = it.stage.get("/incoming?limit=200")["items"]
        return next((row for row in items if row["from"] == it.number and row["state"] == state), None)

    found: Shape = it.stage.until(find, f"a call of {it.number} that is {state}")
    return found


@story()
def answered_by_hand(it: Told) -> None:
    ring(it, name="Ada Lovelace")
    row = rings(it)
    assert (row["to"], row["display_name"], row["call_id"]) == (ASKED, "Ada Lovelace", None)
    call = it.stage.post(f"/incoming/{row['id']}/answer", {"sample_rate": 24_000})
    assert (call["direction"], call["from"], call["to"]) == ("inbound", it.number, [ASKED])
    call, session = it.same(call)
    assert [lane["label"] for lane in session["participants"]] == ["Ada Lovelace"]
    row = rings(it, "answered")
    assert (row["call_id"], row["decided_by"]) == (call["id"], "ada")
    assert it.refused(f"/incoming/{row['id']}/answer").status == 409


@story(person=STAYS)
def answered_and_somebody_is_added(it: Told) -> None:
    ring(it)
    body = {"then_add": ["8:acs:stays_quin"], "announce": "Hi.", "channels": "mixed"}
    call = it.stage.post(f"/incoming/{rings(it)['id']}/answer", body)
    it.stage.until_kind(call["id"], "AddParticipantSucceeded")
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/hangup")
    call, _ = it.same(call)
    kinds = it.stage.kinds(call["id"])
    assert kinds.index("PlayCompleted") < kinds.index("add_asked") < kinds.index("AddParticipantSucceeded")
    assert "asked_again" not in kinds  # what was not asked for yet is not lost
    assert call["announced_at"]


@story()
def answered_by_rule(it: Told) -> None:
    ring(it, OURS)
    row = rings(it, "answered")
    assert row["decided_by"] is None
    call, _ = it.same(it.stage.call(row["call_id"]))
    assert call["created_by"] is None


@story(person=f"{STAYS}, repeat: true, {SPEAKS}")
def answered_by_a_rule_that_has_it_transcribed_and_both_ways(it: Told) -> None:
    ring(it, "+15550187")
    call = it.stage.call(rings(it, "answered")["call_id"])
    it.stage.until_kind(call["id"], "TranscriptionStarted")
    both_ways, locale = it.stage.acs.do(lambda world: _asked(world, call["call_connection_id"]))
    assert (both_ways, locale) == (True, "de-DE")
    it.stage.until(lambda: "TranscriptionData" in kinds_sent(it.stage, call), "words")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert "Good morning" in words(it, session)


def _asked(world: World, call_connection_id: str) -> tuple[bool, str]:
    leg = world.calls[call_connection_id]
    assert leg.stream
    assert leg.transcription
    return leg.stream.options.bidirectional, leg.transcription.locale


@story()
def rejected(it: Told) -> None:
    ring(it)
    row = rings(it)
    assert it.stage.post(f"/incoming/{row['id']}/reject", {"reason": "busy"})["state"] == "rejected"
    it.stage.acs.wait_for("busy", who=f"4:{ASKED}")
    assert rings(it, "rejected")["call_id"] is None


@story()
def redirected(it: Told) -> None:
    ring(it)
    row = rings(it)
    assert it.stage.post(f"/incoming/{row['id']}/redirect", {"to": "8:acs:res_rob"})["state"] == "redirected"
    it.stage.acs.wait_for("joined", who="8:acs:res_rob")


@story()
def the_caller_gives_up(it: Told) -> None:
    ring(it)
    row = rings(it)

    def hang_up(world: World) -> None:
        ringing = (i for found in world.conversations.values() for i in found.ringing)
        next(i for i in ringing if i.caller == f"4:{it.number}").settle("cancelled")

    it.stage.acs.do(hang_up)
    refused = it.refused(f"/incoming/{row['id']}/answer")
    assert (refused.status, "rings no longer. The caller gave up" in refused.detail) == (409, True)
    assert rings(it, "gone")["reason"]


@story("rest: [{operation: answer, status: 401, done: true}]", "leaves: 5s", name="answered_and_refused")
@story("rest: [{operation: answer, status: 409, done: true}]", "leaves: 5s", name="answered_and_said_to_be_gone")
def answered_although_acs_says_that_it_failed(it: Told) -> None:
    ring(it)
    row = rings(it)
    assert it.refused(f"/incoming/{row['id']}/answer").status == 502
    row = rings(it, "answered")
    it.same(it.stage.call(row["call_id"]))


@story(person=STAYS)
def a_leg_of_our_own_is_not_answered_by_rule(it: Told) -> None:
    """The rule is for everybody who calls 8:acs:own_sam; we do."""
    call = it.connected("8:acs:own_sam")
    it.stage.post(f"/calls/{call['id']}/participants", {"to": "8:acs:own_tom"})
    it.stage.until_kind(call["id"], "AddParticipantSucceeded")
    items: list[Shape] = it.stage.get("/incoming?limit=200")["items"]
    ours = {row["to"]: row["state"] for row in items if row["to"].startswith("8:acs:own_")}
    assert ours == {"8:acs:own_sam": "own", "8:acs:own_tom": "own"}
    it.stage.post(f"/calls/{call['id']}/hangup")
    it.same(call)


@story("rest: [{operation: answer, fails: true}]")
def answering_fails_after_it_was_accepted(it: Told) -> None:
    ring(it)
    answered = it.stage.post(f"/incoming/{rings(it)['id']}/answer")
    call, _ = it.ended(answered, state="failed", connected_at=None)
    row = rings(it, "gone")
    assert (row["call_id"], row["reason"]) == (call["id"], call["end_reason"])


@story("rest: [{operation: connect, fails: true}]")
def joining_fails_after_it_was_accepted(it: Told) -> None:
    call = it.stage.post("/calls/connect", {"group_call_id": it.name})
    it.ended(call, state="failed", connected_at=None)


@story()
def a_group_is_joined(it: Told) -> None:
    group = str(uuid.uuid4())
    it.stage.acs.do(lambda world: gathering(world, "group", group).join(f"4:{it.number}") and None)
    call = it.stage.post("/calls/connect", {"group_call_id": group})
    assert call["direction"] == "joined"
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/hangup")
    it.same(call)


@story(person=STAYS)
def a_call_is_joined_by_a_second_leg(it: Told) -> None:
    """Both legs of the conversation, and both recordings of it, know of each other."""
    first = it.connected()
    known = it.stage.acs.do(lambda world: world.calls[first["call_connection_id"]].conversation.server_call_id)
    second = it.stage.post("/calls/connect", {"server_call_id": known})
    it.stage.until_session(second["id"], state="recording")
    it.stage.until_session(first["id"], state="recording")
    it.stage.post(f"/calls/{first['id']}/hangup")
    (one, heard_one), (two, heard_two) = it.same(first), it.same(second)
    assert (one["related"], two["related"]) == ([two["id"]], [one["id"]])
    assert (heard_one["related"], heard_two["related"]) == ([heard_two["id"]], [heard_one["id"]])
