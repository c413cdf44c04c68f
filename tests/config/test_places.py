"""What serving processes know of each other: places that are kept for streams that come back, and who only seems to
run, or to start."""

import logging
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from config.serving.places import Places
from config.serving.pulse import Pulse, waits_for_a_disk
from config.serving.slots import FULL, MAY_BE_FULL, Slots
from config.serving.stop import Stop
from config.serving.workers import Workers

OLGA, OTTO, ADA = (uuid.uuid5(uuid.NAMESPACE_DNS, name) for name in ("olga", "otto", "ada"))


def two(everywhere: int) -> tuple[Slots, Places, Places]:
    """As two processes see one memory."""
    slots = Slots.make(3, most=2)
    return slots, Places(Slots(slots.file), 0, everywhere), Places(Slots(slots.file), 1, everywhere)


def test_a_place_of_a_stream_that_is_closed_is_kept_for_it_alone() -> None:
    _, old, new = two(everywhere=2)
    old.holds(2)
    assert not new.are_left_for(ADA), "there is no place while both run, although one of them is empty"
    old.keep([OLGA, OTTO])
    old.holds(0)
    assert not new.are_left_for(ADA)
    assert new.are_left_for(OLGA)
    new.holds(1)
    assert not new.are_left_for(ADA), "the other one may still come"
    assert new.are_left_for(OTTO)
    new.holds(2)
    assert not new.are_left_for(OLGA), "who is back is not awaited any more"
    new.holds(1)
    assert new.are_left_for(ADA)


def test_a_place_is_not_kept_for_ever() -> None:
    slots, old, new = two(everywhere=1)
    old.keep([OLGA])
    assert not new.are_left_for(ADA)
    slots.leave(0, [1], seconds=-1)
    assert new.are_left_for(ADA)


def test_a_place_is_given_back_by_whoever_hears_that_its_call_is_over() -> None:
    slots, old, new = two(everywhere=2)
    old.keep([OLGA, OTTO])
    assert not new.are_left_for(ADA)
    Places(Slots(slots.file), 2, 2).give_back(OTTO)
    assert new.are_left_for(ADA)
    new.holds(1)
    assert not new.are_left_for(ADA), "Olga's is still kept"
    new.give_back(ADA)  # none was kept
    assert new.are_left_for(OLGA)


def test_no_process_waits_for_one_that_sleeps_or_is_full() -> None:
    slots = Slots.make(2)
    slots.takes(0, 3)
    slots.takes(1, 1)
    assert slots.lead(0) == 0, "the other one never showed that it is awake"
    slots.beat(1)
    assert slots.lead(0) == 2
    slots.takes(1, 1 + MAY_BE_FULL)
    assert slots.lead(0) == 0
    assert slots.others_may_have_room(0)
    slots.takes(1, 1 + FULL)
    assert not slots.others_may_have_room(0)
    slots.bury(1)
    assert slots.beat_of(1) == 0


def test_who_hangs_is_silent_for_as_long_as_the_onlooker_goes_on() -> None:
    pulse = Pulse()
    assert pulse.silent_seconds(7, 100.0) == 0
    assert pulse.silent_seconds(7, 100.5) == 0.5
    assert pulse.silent_seconds(7, 900.0) == 1.5, "both were paused"
    assert pulse.silent_seconds(8, 900.5) == 0
    assert pulse.silent_seconds(0, 905.0) == 0, "it ends"
    assert pulse.silent_seconds(0, 906.0) == 0
    starts = Pulse()
    assert starts.silent_seconds(0, 100.0) == 0
    assert starts.silent_seconds(0, 101.0) == 1, "it has not begun"
    assert not starts.has_begun
    assert starts.silent_seconds(7, 101.5) == 0
    assert starts.has_begun


FIRST_HANGS = """
import os, pathlib, signal, sys, time
from config.serving.slots import Part, Slots
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
try:
    pathlib.Path(sys.argv[1]).touch(exist_ok=False)
    time.sleep(600)
except FileExistsError:
    part = Part.from_text(sys.argv[-1])
    slots = Slots(part.slots)
    slots.takes(part.slot, 0)
    while True:
        slots.beat(part.slot)
        time.sleep(0.2)
"""


def test_who_hangs_before_it_has_begun_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stop = Stop()
    taking: list[int] = []
    command = [sys.executable, "-c", FIRST_HANGS, str(tmp_path / "first")]
    workers = Workers(2, command, [], stop, streams=1, patience=1, start_seconds=3)

    def announce() -> None:
        taking.extend(worker.process.pid for worker in workers.all if workers.slots.is_taking(worker.slot))
        stop.signals = 1

    with caplog.at_level(logging.ERROR):
        assert workers.run(os.getpid(), announce) == 0
    assert len(taking) == 2
    told = [record.getMessage() for record in caplog.records]
    hung = int(next(line for line in told if "hangs for 3 s, and is killed" in line).split()[1])
    assert f"Process {hung} was killed by signal 9; what it had received is on disk." in told
    assert hung not in taking


def test_a_process_that_sleeps_or_is_stopped_waits_for_no_disk() -> None:
    assert not waits_for_a_disk(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        time.sleep(0.2)
        child.send_signal(signal.SIGSTOP)
        assert not waits_for_a_disk(child.pid)
    finally:
        child.kill()
        child.wait(10)
    assert not waits_for_a_disk(child.pid), "nor one that is gone"
