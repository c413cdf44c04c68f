"""What is told before recording begins, and what follows when it was not heard."""

from tests.story.stage import Shape
from tests.story.telling import Told, story

LASTS = "leaves: 10m"


def recorded_after_it(it: Told, call: Shape) -> Shape:
    it.stage.until_session(call["id"], state="recording")
    it.stage.leave(call["id"], it.number)
    call, session = it.same(call)
    assert (call["announcement"], bool(call["announced_at"])) == ("done", True)
    assert session["connections"][0]["opened_at"] > call["announced_at"]
    assert any(event["text"].startswith("announced at 0:") for event in it.stage.events(call["id"]))
    return call


@story("events: [{type: PlayCompleted, do: twice}]", LASTS, name="announced_and_told_twice")
@story("events: [{type: PlayCompleted, do: swap, by: 1s}]", LASTS, name="announced_and_told_late")
@story("events: [{type: PlayStarted, do: lose}]", LASTS, name="announced_and_the_beginning_lost")
@story("events: [{type: PlayCompleted, do: before_reply, by: 1s}]", LASTS, name="announced_before_the_answer")
@story("events: [{type: CallConnected, do: twice}]", LASTS, name="connected_twice")
@story("rest: [{operation: startMediaStreaming, status: 503, times: 3}]", LASTS, name="and_not_streamed_at_once")
@story(person=LASTS, name="announced")
def a_text_is_heard_first(it: Told) -> None:
    call = it.connected(announce="Hi.")
    waiting = it.stage.session(call["id"])
    assert waiting["state"] == "waiting" or waiting["frames"]["stored"], waiting
    call = recorded_after_it(it, call)
    assert it.stage.kinds(call["id"]).count("play_asked") == 0


@story(person=LASTS)
def an_uploaded_sound_is_heard_first(it: Told) -> None:
    recorded_after_it(it, it.connected(announce="greeting"))


@story("events: [{type: PlayCompleted, do: lose}]", LASTS)
def its_end_is_never_told(it: Told) -> None:
    recorded_after_it(it, it.connected(announce="Hi."))


@story("events: [{type: CallConnected, do: lose}]", LASTS)
def that_it_is_connected_is_never_told(it: Told) -> None:
    recorded_after_it(it, it.connected(announce="Hi."))


@story("events: [{type: PlayCompleted, do: lose}, {type: PlayStarted, do: lose}]", LASTS)
def nothing_is_told_of_it(it: Told) -> None:
    not_recorded(it, it.connected(announce="Hi."))


@story("rest: [{operation: play, status: 400, times: 0}]", LASTS, name="refused")
@story(person=LASTS, name="cannot_be_played")
def without_it_nothing_is_recorded(it: Told) -> None:
    not_recorded(it, it.connected(announce="broken"))


def not_recorded(it: Told, call: Shape) -> None:
    it.stage.until_session(call["id"], state="waiting", reason=NOT_RECORDED)
    it.stage.leave(call["id"], it.number)
    call, session = it.ended(call, state="ended", announcement="failed", announced_at=None)
    assert (session["participants"], session["connections"]) == ([], [])
    assert session["reason"] == f"The call ended. No audio ever came: {NOT_RECORDED}"


NOT_RECORDED = "Not recorded: the announcement could not be played, and without it nothing may be recorded."


@story("rest: [{operation: play, status: 400, times: 0}]", LASTS, name="refused_and_recorded")
@story(person=LASTS, name="cannot_be_played_and_recorded")
def without_it_it_is_recorded_all_the_same(it: Told) -> None:
    call = it.connected(announce="broken", announcement_required=False)
    it.stage.until_session(call["id"], state="recording")
    it.stage.leave(call["id"], it.number)
    call, _ = it.same(call)
    assert (call["announcement"], call["announced_at"]) == ("failed", None)


@story(person=LASTS)
def no_streaming_is_wanted_and_it_is_announced(it: Told) -> None:
    call = it.connected(announce="Hi.", start_streaming=False)
    it.stage.until_session(call["id"], state="waiting", reason="Streaming was not started.")
    it.stage.leave(call["id"], it.number)
    _, session = it.ended(call, announcement="done")
    assert session["connections"] == []
