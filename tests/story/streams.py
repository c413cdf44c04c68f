"""What can happen to sound on its way: whatever it is, what was sent is what is stored, and what is missing is
listed."""

from tests.story.sent import lanes_sent
from tests.story.telling import Told, story


@story()
def two_people_on_lanes_of_their_own(it: Told) -> None:
    _, session = it.same(it.place("8:acs:res_ada"))
    assert [lane["kind"] for lane in session["participants"]] == ["phone", "acs"]
    assert (session["channels"], session["sample_rate"]) == ("unmixed", 16_000)
    assert session["coverage"]["gap_ms"] == 0


@story()
def lanes_of_their_own_at_24_khz(it: Told) -> None:
    _, session = it.same(it.place("8:acs:res_ben", sample_rate=24_000))
    assert (session["channels"], session["sample_rate"]) == ("unmixed", 24_000)


@story()
def mixed_at_16_khz(it: Told) -> None:
    _, session = it.same(it.place("8:acs:res_cleo", channels="mixed"))
    assert (session["channels"], session["sample_rate"]) == ("mixed", 16_000)
    assert [lane["kind"] for lane in session["participants"]] == ["mixed"]


@story()
def mixed_at_24_khz(it: Told) -> None:
    _, session = it.same(it.place(channels="mixed", sample_rate=24_000))
    assert (session["channels"], session["sample_rate"]) == ("mixed", 24_000)


@story("stream: {faults: [{do: lose, at: 1s, frames: 3}]}")
def lost_frames(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 60
    assert it.causes(session) == {"provider_silent"}


@story("stream: {faults: [{do: duplicate, at: 500ms, for: 1s}]}")
def frames_that_come_twice(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["frames"]["duplicate"] == 50
    assert session["coverage"]["gap_ms"] == 0


@story("stream: {faults: [{do: reorder, at: 500ms, for: 1s}]}")
def neighbours_that_change_places(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0


@story("stream: {faults: [{do: late, at: 500ms, for: 1s, by: 100ms, chance: 0.2}]}")
def frames_that_come_a_little_late(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0


@story("stream: {faults: [{do: late, at: 500ms, frames: 2, by: 300ms}]}")
def frames_that_come_much_too_late(it: Told) -> None:
    """They stay where they came, and are counted."""
    call, session = it.ended(it.place(), state="ended")
    assert session["frames"]["late"] == 2
    assert session["frames"]["stored"] == len(lanes_sent(it.stage, call)[f"4:{it.number}"])


@story("stream: {faults: [{do: stall, at: 500ms, for: 700ms, then: burst}]}")
def a_stall_and_then_a_burst(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0


@story("stream: {faults: [{do: stall, at: 500ms, for: 700ms, then: loss}]}")
def a_stall_that_loses_what_was_said(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] >= 700
    assert it.causes(session) == {"provider_silent"}


@story("stream: {faults: [{do: halve, at: 500ms, for: 1s}]}")
def frames_of_ten_milliseconds(it: Told) -> None:
    it.same(it.place())


@story("stream: {faults: [{do: fragment, at: 500ms, for: 1s, pieces: 4}]}")
def messages_in_pieces(it: Told) -> None:
    it.same(it.place())


@story("stream: {faults: [{do: binary, at: 500ms, for: 1s}]}")
def binary_messages(it: Told) -> None:
    it.same(it.place())


@story("""stream: {faults: [{do: damage, at: 700ms, how: json}, {do: damage, at: 1s, how: base64},
  {do: damage, at: 1300ms, how: odd}]}""")
def messages_that_nobody_can_read(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["frames"]["malformed"] == 3
    assert session["coverage"]["gap_ms"] == 60
    assert it.causes(session) == {"malformed"}


@story("stream: {faults: [{do: damage, at: 700ms, how: nothing, frames: 2}]}")
def frames_without_data(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0


@story("stream: {faults: [{do: damage, at: 700ms, how: stamp, frames: 5}]}")
def frames_without_a_readable_time(it: Told) -> None:
    it.whole(it.place())


@story("""stream: {faults: [{do: send, at: 700ms, text: '{"kind":"VideoData","videoData":{}}'}]}""")
def a_kind_that_nobody_knows(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["frames"]["unknown"] == 1


@story("stream: {faults: [{do: clock_jump, at: 1s, by: -1h}]}")
def a_clock_that_jumps_back(it: Told) -> None:
    _, session = it.whole(it.place())
    assert session["duration_ms"] < 60_000
    assert it.causes(session) <= {"clock_jump"}


@story("stream: {faults: [{do: clock_jump, at: 1s, by: 12h}]}")
def a_clock_that_jumps_ahead(it: Told) -> None:
    _, session = it.whole(it.place())
    assert session["duration_ms"] < 60_000
    assert it.causes(session) <= {"clock_jump"}


@story("stream: {jitter: 4ms}")
def times_that_are_not_even(it: Told) -> None:
    it.whole(it.place())


@story("stream: {stamp_digits: 0}")
def times_of_whole_seconds(it: Told) -> None:
    it.whole(it.place())


@story("stream: {stamp_digits: 7}")
def times_of_seven_digits(it: Told) -> None:
    it.same(it.place())


@story("stream: {silence: missing}")
def silence_that_is_not_sent(it: Told) -> None:
    _, session = it.same(it.place())
    assert it.causes(session) <= {"provider_silent"}


@story("stream: {silence: empty}")
def silence_without_data(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0
    assert session["frames"]["silent"]


@story("stream: {metadata_after: 700ms}", name="late_metadata")
@story("stream: {messages: '1'}", name="messages_of_2022")
@story("stream: {messages: '0'}", name="messages_of_the_alpha")
@story("stream: {messages: java}", name="messages_of_java")
@story("stream: {messages: pascal}", name="messages_of_net")
@story("stream: {headers: false}", name="no_headers")
def other_generations(it: Told) -> None:
    _, session = it.same(it.place())
    assert session["coverage"]["gap_ms"] == 0
    assert session["frames"]["malformed"] == 0
