"""What is done with a call while it runs, and what comes of it."""

from tests.story.stage import Shape
from tests.story.telling import Told, story

STAYS = "leaves: 10m"


def running(it: Told, *also: str, **options: object) -> Shape:
    call = it.connected(*also, **options)
    it.stage.until_session(call["id"], state="recording")
    return call


def path(call: Shape, *parts: str) -> str:
    return "/".join([f"/calls/{call['id']}", *parts])


def member(it: Told, call: Shape, raw_id: str, **facts: object) -> Shape:
    """That participant of the call, once these are the facts."""

    def find() -> Shape | None:
        people: list[Shape] = it.stage.call(call["id"])["participants"]
        fitting = (one for one in people if one["raw_id"] == raw_id)
        found = next(fitting, None)
        return found if found and all(found[name] == value for name, value in facts.items()) else None

    found: Shape = it.stage.until(find, f"{raw_id} with {facts}")
    return found


@story(person=STAYS)
def somebody_is_added_and_removed(it: Told) -> None:
    call = running(it)
    assert it.stage.post(path(call, "participants"), {"to": "8:acs:stays_hal"})["id"] == call["id"]
    it.stage.until_kind(call["id"], "AddParticipantSucceeded")
    hal = member(it, call, "8:acs:stays_hal", left_at=None)
    it.stage.until(lambda: len(it.stage.session(call["id"])["participants"]) == 2, "a lane of their own")
    it.stage.post(path(call, "participants", str(hal["id"])), method="DELETE")
    it.stage.until_kind(call["id"], "RemoveParticipantSucceeded")
    it.stage.until(lambda: member(it, call, "8:acs:stays_hal")["left_at"], "hal left")
    it.stage.leave(call["id"], it.number)
    it.same(call)
    kinds = it.stage.kinds(call["id"])
    assert kinds.index("add_asked") < kinds.index("AddParticipantSucceeded") < kinds.index("remove_asked")


@story(person=STAYS)
def nobody_can_be_added(it: Told) -> None:
    call = running(it)
    it.stage.post(path(call, "participants"), {"to": "8:acs:busy_ivo"})
    events = it.stage.until_kind(call["id"], "AddParticipantFailed")
    failed = next(event for event in events if event["kind"] == "AddParticipantFailed")
    assert failed["text"].startswith("8:acs:busy_ivo: The line was busy. Call again later. (ACS 486"), failed["text"]
    it.stage.leave(call["id"], it.number)
    it.same(call)


@story(person=STAYS)
def somebody_is_muted_and_held(it: Told) -> None:
    call = running(it, "8:acs:stays_kim")
    raw_id = f"4:{it.number}"
    it.stage.post(path(call, "participants", it.number.replace("+", "%2B"), "mute"))
    member(it, call, raw_id, muted=True)
    it.stage.post(path(call, "participants", "8:acs:stays_kim", "hold"))
    member(it, call, "8:acs:stays_kim", on_hold=True)
    it.stage.post(path(call, "participants", "8:acs:stays_kim", "unhold"))
    member(it, call, "8:acs:stays_kim", on_hold=False)
    assert it.refused(path(call, "participants", "+15559999999", "mute")).status == 404
    it.stage.post(path(call, "hangup"))
    it.same(call)


@story(person=STAYS)
def keys_go_both_ways(it: Told) -> None:
    call = running(it, dtmf=True)
    it.stage.post(path(call, "dtmf"), {"tones": "42#"})
    it.stage.until_kind(call["id"], "SendDtmfTonesCompleted")
    it.stage.press(call["id"], it.number, "1#")
    assert it.refused(path(call, "dtmf"), {"tones": "x"}).status == 422
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    heard = it.stage.get(f"/sessions/{session['id']}/events?limit=200")["items"]
    assert [event["kind"] for event in heard].count("DtmfData") == 2


@story(person=STAYS)
def a_sound_is_played(it: Told) -> None:
    call = running(it)
    it.stage.post(path(call, "play"), {"announce": "greeting"})
    it.stage.post(path(call, "play"), {"announce": "One moment.", "to": it.number})
    it.stage.until_kind(call["id"], "PlayCompleted", 2)
    assert it.stage.call(call["id"])["announcement"] == "none"
    it.stage.leave(call["id"], it.number)
    it.same(call)


@story(person=STAYS)
def a_transfer_ends_our_part(it: Told) -> None:
    call = running(it)
    assert "recording ends" in it.stage.post(path(call, "transfer"), {"to": "8:acs:stays_lea"})["warning"]
    it.stage.until_kind(call["id"], "CallTransferAccepted")
    call, _ = it.same(call)
    assert call["transferred_to"] == "8:acs:stays_lea"
    assert call["end_reason"].startswith("Transferred to 8:acs:stays_lea"), call["end_reason"]
    it.stage.until_session(call["id"], reason=call["end_reason"])


@story("events: [{type: CallTransferAccepted, do: delay, by: 2s}]", STAYS)
def a_transfer_that_is_told_after_the_end(it: Told) -> None:
    call = running(it)
    it.stage.post(path(call, "transfer"), {"to": "8:acs:stays_leo"})
    it.stage.until_kind(call["id"], "CallTransferAccepted")
    call, _ = it.same(call)
    assert call["end_reason"].startswith("Transferred to 8:acs:stays_leo"), call["end_reason"]
    it.stage.until_session(call["id"], reason=call["end_reason"])


@story(person=STAYS)
def a_transfer_that_nobody_takes(it: Told) -> None:
    call = running(it)
    it.stage.post(path(call, "transfer"), {"to": "8:acs:busy_max"})
    it.stage.until_kind(call["id"], "CallTransferFailed")
    assert it.stage.call(call["id"])["state"] == "connected"
    it.stage.leave(call["id"], it.number)
    call, _ = it.same(call)
    assert (call["transferred_to"], call["end_reason"]) == (None, "The call ended.")


@story(person=STAYS)
def one_of_several_is_transferred_and_the_recording_goes_on(it: Told) -> None:
    call = running(it, "8:acs:stays_nia", "8:acs:stays_oda")
    body = {"to": "8:acs:stays_pia", "transferee": "8:acs:stays_nia"}
    assert it.stage.post(path(call, "transfer"), body)["warning"] is None
    it.stage.until_kind(call["id"], "CallTransferAccepted")
    it.stage.until(lambda: member(it, call, "8:acs:stays_nia")["left_at"], "nia left")
    assert it.stage.call(call["id"])["state"] == "connected"
    it.stage.leave(call["id"], it.number)
    it.stage.leave(call["id"], "8:acs:stays_oda")
    call, _ = it.same(call)
    assert call["end_reason"] == "The call ended."
    assert call["transferred_to"] == "8:acs:stays_pia"


@story(person="answers: no_answer")
def nothing_is_controlled_before_it_is_connected(it: Told) -> None:
    call = it.place()
    for what, body in (("stop-streaming", None), ("participants", {"to": "8:acs:x_y"}), ("dtmf", {"tones": "1"})):
        assert it.refused(path(call, what), body).status == 409
    it.stage.answer(call["id"], it.number)
    it.same(call)


def everything_is_done(it: Told) -> None:
    """However ACS tells of it."""
    call = running(it, dtmf=True)
    it.stage.post(path(call, "participants"), {"to": "8:acs:stays_una"})
    it.stage.until_kind(call["id"], "AddParticipantSucceeded")
    una = member(it, call, "8:acs:stays_una", left_at=None)
    it.stage.post(path(call, "participants", str(una["id"]), "hold"))
    member(it, call, "8:acs:stays_una", on_hold=True)
    it.stage.post(path(call, "participants", str(una["id"]), "unhold"))
    member(it, call, "8:acs:stays_una", on_hold=False)
    it.stage.post(path(call, "participants", str(una["id"]), "mute"))
    member(it, call, "8:acs:stays_una", muted=True)
    it.stage.post(path(call, "dtmf"), {"tones": "7", "to": it.number})
    it.stage.until_kind(call["id"], "SendDtmfTonesCompleted")
    it.stage.post(path(call, "play"), {"announce": "greeting"})
    it.stage.until_kind(call["id"], "PlayCompleted")
    it.stage.post(path(call, "participants", str(una["id"])), method="DELETE")
    it.stage.until_kind(call["id"], "RemoveParticipantSucceeded")
    it.stage.until(lambda: member(it, call, "8:acs:stays_una")["left_at"], "una left")
    it.stage.post(path(call, "transfer"), {"to": "8:acs:stays_vera"})
    it.stage.until_kind(call["id"], "CallTransferAccepted")
    call, _ = it.same(call)
    assert call["end_reason"].startswith("Transferred to 8:acs:stays_vera"), call["end_reason"]
    once = ("AddParticipantSucceeded", "PlayCompleted", "RemoveParticipantSucceeded", "CallTransferAccepted")
    it.stage.until_kind(call["id"], "CallDisconnected")
    kinds = it.stage.kinds(call["id"])
    assert [kinds.count(kind) for kind in once] == [1, 1, 1, 1], kinds


for do in ("twice", "delay, by: 500ms", "swap, by: 500ms", "before_reply, by: 500ms", "batch", "single", "old"):
    name = f"everything_is_done_and_told_{do.partition(',')[0]}"
    story(f"events: [{{type: '*', do: {do}, times: 0}}]", STAYS, name)(everything_is_done)
