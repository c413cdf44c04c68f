"""Everything is killed while calls run, and comes back: each call is what it is at ACS, and its sound is fetched
back."""

import re
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from acs_emulator.world import World
from tests.story.building import staged
from tests.story.sent import laid_out, lanes_sent
from tests.story.stage import Shape, Stage

pytestmark = pytest.mark.slow

GOES_ON, ENDS, ANNOUNCED, RINGS = "+15550001", "+15550002", "+15550003", "+15550004"
SCENARIO = """
participants:
  "+15550004": {answers: no_answer, says: [{sound: words.wav}], repeat: true}
  "*": {answers: 0s, says: [{sound: words.wav}], repeat: true}
stream: {redial: 300ms, attempts: 2}
calls:
  "+15550003": {events: [{type: PlayCompleted, do: lose}]}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    with staged(tmp_path, SCENARIO) as stage:
        yield stage


def test_it_finds_every_call_as_it_is_and_fetches_its_sound_back(stage: Stage) -> None:
    calls = {who: stage.post("/calls", {"to": who})["id"] for who in (GOES_ON, ENDS, RINGS)}
    calls[ANNOUNCED] = stage.post("/calls", {"to": ANNOUNCED, "announce": "Hi."})["id"]
    stage.until_session(calls[GOES_ON], state="recording")
    stage.until_session(calls[ENDS], state="recording")
    stage.until_kind(calls[ANNOUNCED], "PlayStarted")
    stage.server.kill_everything()

    stage.acs.do(while_it_is_down)
    stage.acs.wait_for("event", event="CallConnected", attempt=4, seconds=60)
    stage.server.start(seconds=120)

    for who in (GOES_ON, ANNOUNCED, RINGS):
        stage.until_session(calls[who], state="recording")
    stage.until(lambda: stage.call(calls[ENDS])["state"] == "ended", "the end of the call that ended meanwhile")
    over = stage.until_session(calls[ENDS], live=False)
    assert re.search(
        r"(At most its last \d+ s were|Its end was) not recorded: This server's process died\.$", over["reason"]
    )
    for who in (GOES_ON, ANNOUNCED, RINGS):
        stage.until(partial(_has_a_second, stage, calls[who]), f"a second of {who}")
        stage.post(f"/calls/{calls[who]}/hangup")
    for who, call_id in calls.items():
        assert stage.reached(call_id, "ended")["state"] == "ended", who
        session = stage.until_session(call_id, live=False)
        as_sent_but_for_gaps(stage, stage.call(call_id), session)
    gaps = stage.get(f"/sessions/{stage.session(calls[GOES_ON])['id']}/gaps")["items"]
    assert {gap["cause"] for gap in gaps} == {"server_stopped"}
    assert stage.call(calls[ANNOUNCED])["announcement"] == "done"


def _has_a_second(stage: Stage, call_id: str) -> bool:
    return int(stage.session(call_id)["duration_ms"]) > 1000


def while_it_is_down(world: World) -> None:
    """One call ends, another is answered."""
    for conversation in list(world.conversations.values()):
        if person := conversation.find(f"4:{ENDS}"):
            conversation.leave(person)
        for invitation in list(conversation.ringing):
            if invitation.target == f"4:{RINGS}":
                invitation.settle("answered")


def as_sent_but_for_gaps(stage: Stage, call: Shape, session: Shape) -> None:
    """What was killed with the server stands in a gap; all else is as it was sent."""
    session_id, rate = uuid.UUID(session["id"]), call["sample_rate"]
    stored, gaps = stage.server.lanes(session_id), stage.server.gaps(session_id)
    sounds, _ = laid_out(lanes_sent(stage, call), rate)
    assert set(stored) == set(sounds)
    for participant in session["participants"]:
        lane, sound = participant["raw_id"], bytearray(sounds[participant["raw_id"]])
        for gap in (gap for gap in gaps if gap["participant"] == participant["id"]):
            at, end = gap["from_ms"] * rate // 500, gap["to_ms"] * rate // 500
            sound[at:end] = bytes(end - at)
        assert len(stored[lane]) <= len(sound)
        assert stored[lane] == sound[: len(stored[lane])], f"{lane} of {call['to']}"
