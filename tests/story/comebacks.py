"""Every fault of a stream, before its socket is lost and after it: by a service that dials again, and by one that never
does, so that it is asked to."""

import itertools
from collections.abc import Callable, Iterable
from functools import partial, update_wrapper

from tests.story.sent import well_named
from tests.story.stage import Shape
from tests.story.telling import PEERS, Tell, Told, story

BACK_BY_SECONDS = 13  # where it has to be asked, on a machine that is busy
APART_SECONDS = 0.8  # so long stamps must be even again before one frame is missed for sure

FRAMES = (
    "do: lose, frames: 3",
    "do: duplicate, for: 200ms",
    "do: reorder, for: 200ms",
    "do: late, for: 400ms, by: 100ms, chance: 0.2",
    "do: halve, for: 200ms",
    "do: stall, for: 300ms, then: burst",
    "do: stall, for: 300ms, then: loss",
)
MESSAGES = (
    "do: fragment, for: 200ms, pieces: 4",
    "do: binary, for: 200ms",
    "do: damage, how: json",
    "do: damage, how: base64",
    "do: damage, how: odd",
    "do: damage, how: nothing, frames: 2",
    """do: send, text: '{"kind":"VideoData","videoData":{}}'""",
)


def before_and_after(faults: Iterable[str], redial: str, how: str) -> str:
    """The plan: each of the faults, the end of the socket, each of them again."""
    sooner = [(0.2 + index * APART_SECONDS, fault) for index, fault in enumerate(faults)]
    dropped = sooner[-1][0] + APART_SECONDS
    later = [(at + BACK_BY_SECONDS, fault) for at, fault in sooner]
    listed = ", ".join(f"{{{fault}, at: {at:.1f}s}}" for at, fault in [*sooner, (dropped, how), *later])
    return f"stream: {{redial: {redial}, faults: [{listed}]}}"


def lost_and_back(it: Told) -> None:
    _, session = it.same(it.place())
    assert len(session["connections"]) >= 2
    assert "not recorded" not in session["reason"], session["reason"]


def named(tell: Callable[[Shape, Told], None], options: Shape) -> Tell:
    """The story with that options; it is known by its module."""
    return update_wrapper(partial(tell, options), tell)


def frames_go_wrong(options: Shape, it: Told) -> None:
    call, session = it.same(it.place(**options))
    well_named(it.stage, call, session)
    assert it.causes(session) == {"socket_lost", "provider_silent"}
    assert session["frames"]["duplicate"] >= 10


def messages_go_wrong(options: Shape, it: Told) -> None:
    call, session = it.same(it.place(**options))
    well_named(it.stage, call, session)
    assert it.causes(session) == {"socket_lost", "malformed"}
    assert session["frames"]["malformed"] >= 3
    assert session["frames"]["unknown"] >= 1


STAYS_FOR_ALL = "leaves: 20s, says: [{sound: words.wav, at: 100ms}], repeat: true"
DROPS: dict[str, tuple[str, Shape]] = {
    "aborted": ("do: drop_socket, how: abort", {}),
    "closed_and_mixed": ("do: drop_socket, how: close, code: 1011", {"channels": "mixed"}),
    "half_at_24_khz": ("do: drop_socket, how: half", {"sample_rate": 24_000}),
}
for (peer, redial), (end, (drop, options)) in itertools.product(PEERS.items(), DROPS.items()):
    of_frames, of_messages = (before_and_after(faults, redial, drop) for faults in (FRAMES, MESSAGES))
    story(of_frames, STAYS_FOR_ALL, f"frames_{end}_{peer}")(named(frames_go_wrong, options))
    story(of_messages, STAYS_FOR_ALL, f"messages_{end}_{peer}")(named(messages_go_wrong, options))


STAYS = "leaves: 14s, says: [{sound: words.wav, at: 100ms}], repeat: true"
DROP = "{do: drop_socket, at: 1500ms}"
EVEN = {
    "messages_of_2022": "messages: '1', headers: false, silence: missing",
    "messages_of_the_alpha": "messages: '0', silence: empty, stamp_digits: 7",
    "messages_of_java": "messages: java, metadata_after: 500ms",
    "messages_of_net": "messages: pascal",
    "messages_of_the_preview": "messages: 2p, stamp_digits: 7",
    "dialled_in_vain": "refuse: 1",
}
UNEVEN = {
    "jitter": ("jitter: 4ms", ""),
    "whole_seconds": ("stamp_digits: 0", ""),
    "no_readable_time": ("", "{do: damage, at: 700ms, how: stamp, frames: 5}, "),
    "clock_back": ("", "{do: clock_jump, at: 700ms, by: -1h}, "),
    "clock_ahead": ("", "{do: clock_jump, at: 700ms, by: 12h}, "),
}


def uneven_and_back(it: Told) -> None:
    _, session = it.whole(it.place())
    assert len(session["connections"]) >= 2
    assert session["duration_ms"] < 60_000
    assert it.causes(session) <= {"socket_lost", "clock_jump", "provider_silent"}


for (peer, redial), (name, plan) in itertools.product(PEERS.items(), EVEN.items()):
    story(f"stream: {{redial: {redial}, {plan}, faults: [{DROP}]}}", STAYS, f"{name}_{peer}")(lost_and_back)
for (peer, redial), (name, (plan, fault)) in itertools.product(PEERS.items(), UNEVEN.items()):
    whole = ", ".join(part for part in (f"redial: {redial}", plan, f"faults: [{fault}{DROP}]") if part)
    story(f"stream: {{{whole}}}", STAYS, f"{name}_{peer}")(uneven_and_back)


EVENTS = {
    "everything_twice": "do: twice",
    "everything_late": "do: delay, by: 1s",
    "everything_the_other_way_round": "do: swap, by: 1s",
    "everything_before_the_answer": "do: before_reply, by: 1s",
    "everything_in_batches": "do: batch",
    "everything_in_no_array": "do: single",
    "everything_as_in_2022": "do: old",
    "everything_lost": "do: lose",
}
REQUESTS = {
    "asking_is_done_and_said_to_fail": "operation: startMediaStreaming, status: 500, done: true",
    "asking_is_slow": "operation: startMediaStreaming, delay: 3s",
    "asking_is_too_much": "operation: startMediaStreaming, status: 429, retry_after: 1s",
    "asking_is_a_conflict": "operation: startMediaStreaming, status: 409",
    "how_it_stands_is_not_told": "operation: get, status: 500, times: 4",
    "how_it_stands_is_told_late": "operation: get, delay: 3s",
}


for (peer, redial), (name, fault) in itertools.product(PEERS.items(), EVENTS.items()):
    plan = f"stream: {{redial: {redial}, faults: [{DROP}]}}, events: [{{type: '*', {fault}, times: 0}}]"
    story(plan, STAYS, f"{name}_{peer}")(lost_and_back)
for (peer, redial), (name, fault) in itertools.product(PEERS.items(), REQUESTS.items()):
    plan = f"stream: {{redial: {redial}, faults: [{DROP}]}}, rest: [{{{fault}}}]"
    story(plan, "leaves: 20s, says: [{sound: words.wav}], repeat: true", f"{name}_{peer}")(lost_and_back)
