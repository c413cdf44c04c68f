"""A call runs and its stream is gone: it is fetched back, and where that cannot be, it is said."""

import time

from acs_emulator.media.stream import LOST
from acs_emulator.world import World
from tests.story.sent import kinds_sent
from tests.story.stage import Shape
from tests.story.telling import Told, story

LONG = "leaves: 10m"
SPEAKS = "says: [{sound: words.wav, at: 4s, text: Good morning}]"


@story("stream: {redial: 500ms, faults: [{do: drop_socket, at: 1s, how: abort}]}", name="broken_off")
@story("stream: {redial: 500ms, faults: [{do: drop_socket, at: 1s, how: half}]}", name="broken_off_in_a_message")
@story("stream: {redial: 500ms, faults: [{do: drop_socket, at: 1s, how: close, code: 1011}]}", name="closed")
def a_socket_that_comes_back_by_itself(it: Told) -> None:
    _, session = it.same(it.place())
    assert len(session["connections"]) >= 2
    assert it.causes(session) == {"socket_lost"}
    assert "not recorded" not in session["reason"]


@story("stream: {faults: [{do: drop_socket, at: 1s, unnoticed: true}]}", LONG, name="unnoticed")
@story("stream: {faults: [{do: drop_socket, at: 3s, how: vanish, unnoticed: true}]}", LONG, name="vanished", long=True)
@story(
    "stream: {redial: never, faults: [{do: drop_socket, at: 1s}]}, events: [{type: MediaStreamingFailed, do: lose}]",
    LONG,
    name="untold",
)
@story(
    """stream: {redial: never, faults: [{do: drop_socket, at: 1s}]},
    events: [{type: MediaStreamingFailed, do: delay, by: 6s}]""",
    LONG,
    name="told_late",
)
@story("stream: {redial: never, faults: [{do: drop_socket, at: 1s}]}", LONG)
def a_socket_that_never_comes_back_by_itself(it: Told) -> None:
    call = it.connected()
    events = it.stage.until_kind(call["id"], "asked_again")
    asked = next(event for event in events if event["kind"] == "asked_again")
    assert asked["text"].startswith("Audio lost, asking again (1).")
    it.stage.until_kind(call["id"], "sound_back")
    assert it.stage.kinds(call["id"]).count("asked_again") == 1  # no second try while the first one goes on
    assert it.stage.until_session(call["id"], state="recording")["live"]
    it.stage.until(lambda: not it.stage.call(call["id"])["streaming_trouble"], "no trouble")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) >= 2
    assert it.causes(session) == {"socket_lost"}


@story("stream: {silence: missing}", "leaves: 35s", long=True)
def a_quiet_call_that_brings_nothing_for_half_a_minute_is_not_disturbed(it: Told) -> None:
    call, session = it.same(it.place())
    assert len(session["connections"]) == 1
    assert "asked_again" not in it.stage.kinds(call["id"])


@story(person=LONG)
def a_socket_that_broke_where_we_cannot_see_it(it: Told) -> None:
    """As behind a router that forgot it: here it is open, and brings nothing; ACS says that it is lost."""
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    left_open = it.stage.acs.do(lambda world: _forget(world, call["call_connection_id"]))
    it.stage.until_kind(call["id"], "sound_back")
    it.stage.until(lambda: not it.stage.call(call["id"])["streaming_trouble"], "no trouble")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert left_open
    assert len(session["connections"]) == 2
    assert it.causes(session) == {"socket_lost"}


@story(person=LONG, long=True)
def a_socket_that_broke_and_nobody_said_so(it: Told) -> None:
    """As before, and ACS's event is lost, too; what is at the other end answers pings, as a proxy might."""
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    left_open = it.stage.acs.do(lambda world: _forget(world, call["call_connection_id"], tell=False))
    it.stage.until_kind(call["id"], "sound_back")
    it.stage.leave(call["id"], it.number)
    call, session = it.same(call)
    assert left_open
    kinds = it.stage.kinds(call["id"])
    assert (kinds.count("found_inactive"), kinds.count("asked_again")) == (1, 1), kinds
    assert it.causes(session) == {"socket_lost"}


def _forget(world: World, call_connection_id: str, tell: bool = True) -> object:
    stream = world.calls[call_connection_id].stream
    assert stream
    connection, stream._connection = stream._connection, None
    assert connection
    world.ticker.remove(stream._tick)
    connection.ended(None, "lost on the way", "scenario")
    if tell:
        stream.call.streaming_changed("mediaStreamingFailed", "streamConnectionInterrupted", *LOST)
    return connection


@story(
    """stream: {redial: never, faults: [{do: drop_socket, at: 1s}]},
    rest: [{operation: startMediaStreaming, status: 503, times: 2, retry_after: 0s}]""",
    LONG,
)
def asking_that_is_refused_at_first(it: Told) -> None:
    call = it.connected()
    it.stage.until_kind(call["id"], "sound_back")
    assert [text_of(event) for event in it.stage.events(call["id"]) if event["kind"] == "asked_again"]
    it.stage.leave(call["id"], it.number)
    it.same(call)


@story(
    """stream: {redial: never, faults: [{do: drop_socket, at: 1s}]},
    rest: [{operation: startMediaStreaming, status: 500, times: 0}]""",
    LONG,
)
def asking_that_is_always_refused(it: Told) -> None:
    call = it.connected()
    it.stage.until_kind(call["id"], "asked_again", 2)
    trouble = it.stage.until(lambda: it.stage.call(call["id"])["streaming_trouble"], "trouble")
    assert trouble.startswith("Audio lost"), trouble
    assert it.stage.until_session(call["id"], state="no_audio")["reason"].startswith("Audio lost")
    it.stage.leave(call["id"], it.number)
    _, session = it.ended(call, state="ended")
    assert "Audio lost" in session["reason"], session["reason"]
    gaps = it.stage.get(f"/sessions/{session['id']}/gaps")["items"]
    assert [(gap["cause"], gap["duration_ms"]) for gap in gaps] == [("socket_lost", None)]


@story("stream: {refuse: 1}", LONG)
def a_first_dial_that_fails(it: Told) -> None:
    call = it.connected()
    waiting = it.stage.until(lambda: it.stage.call(call["id"])["streaming_trouble"], "trouble")
    assert "8581" in waiting or "could not" in waiting, waiting
    it.stage.until_session(call["id"], state="recording")
    it.stage.until(lambda: not it.stage.call(call["id"])["streaming_trouble"], "no trouble")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert session["coverage"]["gap_ms"] == 0


@story(
    "stream: {refuse: -1}, events: [{type: CallDisconnected, do: lose}]", LONG, name="it_never_comes_and_the_end_lost"
)
@story("stream: {refuse: -1}", LONG, name="it_never_comes")
def a_stream_that_never_comes(it: Told) -> None:
    call = it.connected()
    it.stage.until_kind(call["id"], "MediaStreamingFailed")
    waiting = it.stage.session(call["id"])
    assert (waiting["state"], bool(waiting["reason"])) == ("waiting", True)
    it.stage.leave(call["id"], it.number)
    over, session = it.ended(call, state="ended")
    assert "No audio ever came" in session["reason"]
    assert "8581" in session["reason"] or "reach" in session["reason"], session["reason"]
    assert over["streaming_trouble"]


@story(person=LONG)
def a_stream_that_is_stopped_on_purpose_is_not_fetched_back(it: Told) -> None:
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/stop-streaming")
    time.sleep(6)
    assert "asked_again" not in it.stage.kinds(call["id"])
    it.stage.until_session(call["id"], state="no_audio", reason="Streaming was stopped by ada.")
    it.stage.leave(call["id"], it.number)
    _, session = it.ended(call, state="ended")
    assert "stopped by ada" in session["reason"], session["reason"]


@story(person=LONG)
def a_stream_that_acs_stops_unasked(it: Told) -> None:
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    stream = it.stage.acs.do(lambda world: world.calls[call["call_connection_id"]].stream)
    assert stream
    it.stage.acs.run(stream.stop("by itself"))
    it.stage.until_kind(call["id"], "sound_back")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) >= 2
    assert it.causes(session) == {"streaming_stopped"}


@story(person=LONG)
def stopped_and_started_again(it: Told) -> None:
    call = it.connected()
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/stop-streaming")
    it.stage.until_session(call["id"], state="no_audio")
    it.stage.post(f"/calls/{call['id']}/start-streaming")
    it.stage.until_session(call["id"], state="recording")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) >= 2
    assert it.causes(session) == {"streaming_stopped"}


@story(
    "rest: [{operation: stopMediaStreaming, status: 500, times: 0}, {operation: startMediaStreaming, delay: 2s}]", LONG
)
def stopping_that_is_refused_and_starting_that_is_slow(it: Told) -> None:
    call = it.connected(start_streaming=False)
    it.stage.until_session(call["id"], state="waiting", reason="Streaming was not started.")
    it.stage.post(f"/calls/{call['id']}/start-streaming")
    it.stage.until_session(call["id"], state="recording")
    refused = it.refused(f"/calls/{call['id']}/stop-streaming")
    assert refused.status == 502
    assert it.stage.call(call["id"])["streaming"]
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) == 1


@story("stream: {redial: never, faults: [{do: drop_socket, at: 1s}]}", f"{LONG}, {SPEAKS}")
def sound_is_fetched_back_although_words_still_come(it: Told) -> None:
    """Both come over sockets of the same address."""
    call = it.connected(transcription_locale="en-US")
    it.stage.until_kind(call["id"], "sound_back")
    it.stage.until(lambda: "TranscriptionData" in kinds_sent(it.stage, call), "words")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) >= 3
    assert "Good morning" in words(it, session)


@story(person=f"{LONG}, {SPEAKS}")
def words_begin_and_end_with_the_sound(it: Told) -> None:
    call = it.connected(announce="Hi.", transcription_locale="en-US")
    it.stage.until_kind(call["id"], "TranscriptionStarted")
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/stop-streaming")
    it.stage.until_kind(call["id"], "TranscriptionStopped")
    it.stage.leave(call["id"], it.number)
    _, session = it.same(call)
    assert len(session["connections"]) >= 2


def words(it: Told, session: Shape) -> str:
    items = it.stage.get(f"/sessions/{session['id']}/events?limit=200")["items"]
    return " ".join(event["text"] for event in items if event["kind"] == "TranscriptionData")


def text_of(event: Shape) -> str:
    return str(event["text"])
