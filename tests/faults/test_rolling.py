"""Of two server processes one is killed, and then both are replaced, one after the other, under running calls: nothing
is lost but the seconds in which no socket was there, each such gap says so, and streaming goes on at a process that
stays, whether ACS dials again or not. Meanwhile Redis goes and comes back, which recording does not notice."""

import base64
import re
import signal
import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from acs_emulator.record import Line
from tests.config.test_metrics import figures
from tests.faults import FULL
from tests.faults.told import Say, tell
from tests.redis_server import RedisServer, running_redis
from tests.story.building import staged
from tests.story.sent import frame_of, laid_out, listed
from tests.story.stage import Shape, Stage

pytestmark = pytest.mark.slow

CALLS = 100 if FULL else 10
PATIENCE = 120
DIALS_AGAIN, NEVER = "+15551", "+15552"
SCENARIO = """
participants: {"*": {answers: 0s, says: [{sound: words.wav}], repeat: true}}
stream: {redial: 300ms, attempts: 3}
calls: {"+15552*": {stream: {redial: never}}}
"""


def test_a_rolling_restart_loses_nothing_but_the_seconds_in_between(tmp_path: Path, say: Say) -> None:
    with running_redis(tmp_path) as layer:
        settings = {"WORKERS": "2", "REDIS_URL": layer.url, "MEDIA_MAX_STREAMS": str(CALLS)}
        with staged(tmp_path, SCENARIO, settings) as stage:
            calls = placed(stage)
            kill_one(stage, say)
            roll(stage, layer)
            until_recording(stage)
            time.sleep(3)
            hang_up(stage, calls)
            assert {session["state"] for session in sessions(stage)} == {"ended"}
            record = record_of(stage)
            silences = [compare(stage, call, record) for call in calls]
            assert CALLS <= sum(map(len, silences)) <= CALLS * 2, "none lost more than the one process that was killed"
            report(stage, silences, say)
            assert stage.server.stop() == 0
            assert "Traceback" not in stage.server.output()
            assert not list((stage.server.var_dir / "spool").iterdir())


def placed(stage: Stage) -> list[Shape]:
    numbers = [f"{(DIALS_AGAIN, NEVER)[number % 2]}{number:06d}" for number in range(CALLS)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: stage.post("/calls", {"to": number}), numbers))
    until_recording(stage)
    time.sleep(3)
    return [stage.call(call["id"]) for call in found]


def sessions(stage: Stage) -> list[Shape]:
    found: list[Shape] = stage.get("/sessions?limit=200")["items"]
    return found


def until_recording(stage: Stage) -> None:
    def all_are() -> bool:
        return [session["state"] for session in sessions(stage)] == ["recording"] * CALLS

    stage.until(all_are, f"{CALLS} sessions that are recorded", PATIENCE)


def kill_one(stage: Stage, say: Say) -> None:
    """One process dies under half of the calls; all are recorded by those that stay."""
    doomed = psutil.Process(stage.server.pid).children()[0]
    doomed.kill()
    took = stage.server.until(lambda: open_elsewhere(stage, doomed.pid) >= CALLS, 60, "not all came back")
    say(f"One of two processes killed: all {CALLS} calls are recorded again after {took:.1f} s.")
    time.sleep(2)


def open_elsewhere(stage: Stage, dead: int) -> float:
    found = figures(stage.server).items()
    sockets = [(dict(labels)["process"], value) for (name, labels), value in found if name == "recorder_sockets"]
    return sum(value for process, value in sockets if not process.startswith(f"{dead}-"))


def roll(stage: Stage, layer: RedisServer) -> None:
    """Every call runs on; Redis is away while the second process goes."""
    stage.server.signal(signal.SIGHUP)
    stage.server.wait_for_output("Stopping:", PATIENCE)
    layer.stop()
    stage.server.wait_for_output("All processes are new.", PATIENCE)
    layer.start()
    assert not stage.get("/calls?state=ended")["items"]


def hang_up(stage: Stage, calls: list[Shape]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda call: stage.post(f"/calls/{call['id']}/hangup"), calls))
    stage.until(lambda: not any(session["live"] for session in sessions(stage)), "all is archived", PATIENCE)


def record_of(stage: Stage) -> dict[str, list[Line]]:
    """What the emulator sent, by call."""
    calls: dict[int, str] = {}
    found: dict[str, list[Line]] = defaultdict(list)
    for line in list(stage.acs.world.record.lines or ()):
        if line["line"] == "opened":
            calls[line["connection"]] = line["call_connection_id"]
        elif line.get("kind") == "AudioData":
            found[calls[line["connection"]]].append(line)
    return found


def compare(stage: Stage, call: Shape, record: dict[str, list[Line]]) -> list[float]:
    """What is stored is what was sent, but for gaps of one cause, each no longer than the silence on the wire around
    it. Those silences, in seconds."""
    lines, rate = record[call["call_connection_id"]], call["sample_rate"]
    (lane,) = {line["lane"] for line in lines}
    sent = {lane: [frame_of(line, base64.b64decode(line["pcm"])) for line in lines]}
    sounds, missing = laid_out(sent, rate)
    session_id = uuid.UUID(call["session_id"])
    (participant,) = stage.server.session(session_id)["participants"]
    gaps, stored = stage.server.gaps(session_id), stage.server.lanes(session_id)[lane]
    assert {gap["cause"] for gap in gaps} == {"server_stopped"}, gaps
    found, sound = listed(gaps, participant["id"]), bytearray(sounds[lane])
    for start, stop in found:
        sound[start * rate // 500 : stop * rate // 500] = bytes((stop - start) * rate // 500)
    assert stored == sound[: len(stored)], "what is not in a gap is as it was sent"
    assert len(sound) - len(stored) <= rate, "what was sent before the hang-up is there"
    for (start, stop), (silent_from, silent_to) in zip(found, missing[lane], strict=True):
        assert silent_from - 500 <= start <= silent_from, "lost of what was sent: what came after the end"
        assert stop == silent_to
    return [(stop - start) / 1000 for start, stop in found]


def report(stage: Stage, silences: list[list[float]], say: Say) -> None:
    ready = [float(found) for found in re.findall(r"takes connections after ([\d.]+) s", stage.server.output())]
    assert len(ready) == 2
    say(f"{CALLS} calls, two processes replaced. Restart to ready: {max(ready):.1f} s.")
    for kind, calls in (("dials again", silences[0::2]), ("never does", silences[1::2])):
        seconds = sorted(call[-1] for call in calls)
        middle, most = seconds[len(seconds) // 2], seconds[-1]
        say(f"Where ACS {kind}: no audio for {middle:.1f} s, at most {most:.1f} s.")
        assert most < 30
    lost = "the seconds in which no socket was there"
    tell(f"two processes replaced under {CALLS} calls, Redis away", lost, "each gap: server_stopped")
