"""A whole life each: however the call comes about, mixed or not, whether its socket comes back by itself or not, and
whoever ends it."""

import itertools
from collections.abc import Callable

from acs_emulator.calls.placing import gathering
from tests.story.comings import ring, rings
from tests.story.controls import member, path
from tests.story.stage import Shape
from tests.story.telling import PEERS, Told, story

Begin = Callable[..., Shape]


def placed(it: Told, **options: object) -> Shape:
    return it.place(**options)


def joined(it: Told, **options: object) -> Shape:
    """The group is known to the emulator's plan by the story's name."""
    it.stage.acs.do(lambda world: gathering(world, "group", it.name).join(f"4:{it.number}") and None)
    return it.stage.post("/calls/connect", {"group_call_id": it.name, **options})


def came_in(it: Told, **options: object) -> Shape:
    ring(it)
    return it.stage.post(f"/incoming/{rings(it)['id']}/answer", options)


def they_hang_up(it: Told, call: Shape) -> str:
    it.stage.leave(call["id"], it.number)
    if call["direction"] == "joined":  # a group goes on without them
        return we_hang_up(it, call)
    return "The call ended."


def we_hang_up(it: Told, call: Shape) -> str:
    it.stage.post(path(call, "hangup"))
    return "ada hung up."


def it_is_transferred(it: Told, call: Shape) -> str:
    it.stage.post(path(call, "transfer"), {"to": "8:acs:stays_tess"})
    return "Transferred to 8:acs:stays_tess"


WAYS: dict[str, Begin] = {"placed": placed, "joined": joined, "came_in": came_in}
ENDS = {"they_hang_up": they_hang_up, "we_hang_up": we_hang_up, "it_is_transferred": it_is_transferred}


def life(way: str, channels: str, end: str) -> Callable[[Told], None]:
    def tell(it: Told) -> None:
        options = {"channels": channels, "announce": "Hi.", "start_streaming": False}
        call = it.stage.reached(WAYS[way](it, **options)["id"], "connected")
        it.stage.until_kind(call["id"], "PlayCompleted")
        it.stage.until_session(call["id"], state="waiting", reason="Streaming was not started.")
        it.stage.post(path(call, "start-streaming"))  # then its socket is lost
        it.stage.until(lambda: len(it.stage.session(call["id"])["connections"]) >= 2, "its socket again")
        it.stage.until_session(call["id"], state="recording")
        it.stage.post(path(call, "stop-streaming"))
        it.stage.until_session(call["id"], state="no_audio", reason="Streaming was stopped by ada.")
        it.stage.post(path(call, "start-streaming"))
        it.stage.until_session(call["id"], state="recording")
        it.stage.post(path(call, "participants", it.number.replace("+", "%2B"), "mute"))
        member(it, call, f"4:{it.number}", muted=True)
        reason = ENDS[end](it, call)
        call, session = it.same(call)
        assert (call["direction"], session["channels"]) == (DIRECTIONS[way], channels)
        assert call["end_reason"].startswith(reason), call["end_reason"]
        it.stage.until_session(call["id"], reason=call["end_reason"])
        assert it.causes(session) == {"socket_lost", "streaming_stopped"}
        assert call["announced_at"]
        assert ("asked_again" in it.stage.kinds(call["id"])) == ("never" in it.name)

    return tell


DIRECTIONS = {"placed": "outbound", "joined": "joined", "came_in": "inbound"}
for number, (way, channels, (peer, redial)) in enumerate(itertools.product(WAYS, ("mixed", "unmixed"), PEERS.items())):
    end = list(ENDS)[(number + number // 4) % 3]  # each with each way, each kind of stream, each peer
    plan = f"stream: {{redial: {redial}, faults: [{{do: drop_socket, at: 1s}}]}}"
    story(plan, "leaves: 10m", f"{way}_{channels}_{peer}_{end}")(life(way, channels, end))
