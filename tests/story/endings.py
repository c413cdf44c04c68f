"""How calls end, whoever ends them, and those that never begin."""

import uuid

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from media.stream.speak import acs_audio, acs_metadata
from tests.story.telling import Told, story


@story(person="leaves: 2s")
def the_other_side_hangs_up(it: Told) -> None:
    call, session = it.same(it.place())
    assert call["end_reason"] == session["reason"] == "The call ended."
    assert (call["end_code"], call["end_subcode"]) == (200, 7000)


@story(person="leaves: 10m")
def we_hang_up(it: Told) -> None:
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    asked = it.stage.post(f"/calls/{call['id']}/hangup")
    assert asked["state"] in {"disconnecting", "ended"}
    call, session = it.same(call)
    assert call["end_reason"] == session["reason"] == "ada hung up."
    assert it.refused(f"/calls/{call['id']}/hangup").status == 409


@story(person="leaves: 10m")
def we_leave_and_they_go_on(it: Told) -> None:
    call = it.connected("8:acs:stays_dan")
    it.stage.until_session(call["id"], state="recording")
    conversation = it.stage.conversation(call["id"])
    it.stage.post(f"/calls/{call['id']}/hangup", {"for_everyone": False})
    call, _ = it.same(call)
    assert call["end_reason"] == "ada took this server out of the call."
    assert not it.stage.acs.do(lambda world: conversation.over)


@story(person="answers: no_answer")
def we_hang_up_while_it_rings(it: Told) -> None:
    call = it.place()
    it.stage.until_session(call["id"], state="waiting", reason="The call is ringing.")
    it.stage.post(f"/calls/{call['id']}/hangup")
    call, session = it.ended(call, state="ended", connected_at=None)
    assert session["reason"] == "ada hung up."


@story(person="answers: busy", name="busy")
@story(person="answers: declined", name="declined")
@story("events: [{type: '*', do: twice, times: 0}]", "answers: busy", name="busy_and_told_twice")
@story("events: [{type: CreateCallFailed, do: swap}]", "answers: busy", name="busy_the_other_way_round")
@story("events: [{type: CallDisconnected, do: lose}]", "answers: busy", name="busy_and_the_end_lost")
@story("events: [{type: CreateCallFailed, do: before_reply}]", "answers: busy", name="busy_before_the_answer")
def nobody_comes(it: Told) -> None:
    call = it.place()
    it.stage.until(lambda: it.stage.call(call["id"])["state"] == "failed", "failed")
    call, session = it.ended(call, connected_at=None)
    assert call["end_code"] in {486, 603}
    assert session["reason"] == call["end_reason"] != "The call ended."
    assert "Call again later" in call["end_reason"]  # what happened, and what to do
    assert session["participants"] == []


@story("rest: [{operation: create, fails: true}]")
def it_fails_after_it_was_accepted(it: Told) -> None:
    call, session = it.ended(it.place(), state="failed", connected_at=None, end_subcode=8500)
    assert session["reason"] == call["end_reason"] != "The call ended."


@story("rest: [{operation: terminate, status: 500, times: 3}]", "leaves: 10m")
def hanging_up_is_refused_at_first(it: Told) -> None:
    call = it.connected()
    assert it.refused(f"/calls/{call['id']}/hangup").status == 502
    assert it.stage.call(call["id"])["state"] == "disconnecting"
    it.stage.post(f"/calls/{call['id']}/hangup")
    call, _ = it.same(call)
    assert call["end_reason"] == "ada hung up."


@story("rest: [{operation: terminate, status: 404, done: true}]", "leaves: 10m")
def hanging_up_what_acs_says_is_gone(it: Told) -> None:
    call = it.connected()
    it.stage.post(f"/calls/{call['id']}/hangup")
    it.same(call)


@story("events: [{type: CreateCallFailed, do: lose}]", "answers: busy")
def busy_and_half_of_it_lost(it: Told) -> None:
    call, session = it.ended(it.place(), state="ended", connected_at=None)
    assert call["end_code"] == 486
    assert session["reason"] == call["end_reason"] != "The call ended."


@story(person="answers: busy")
def one_of_two_comes(it: Told) -> None:
    call = it.place("8:acs:res_gil")
    call, session = it.same(call)
    assert [lane["raw_id"] for lane in session["participants"]] == ["8:acs:res_gil"]


@story()
def a_socket_that_is_left_open(it: Told) -> None:
    """A call that is over keeps nobody's socket; what still comes is kept all the same."""
    call, _ = it.same(it.place())
    with connect(it.stage.server.media_url(uuid.UUID(call["id"])), compression=None) as socket:
        socket.send(acs_metadata(str(uuid.uuid4()), 16_000, 640))
        socket.send(acs_audio(2_000_000_000_000_000_000, f"4:{it.number}", bytes(640), True))
        with pytest.raises(ConnectionClosed, match=r"The call is over\.") as closed:
            socket.recv(timeout=30)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1000
    it.stage.until(lambda: len(it.stage.session(call["id"])["connections"]) == 2, "the second socket")
    call, session = it.ended(call)
    assert session["reason"] == call["end_reason"]
