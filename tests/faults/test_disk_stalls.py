"""The spool's disk stalls. What fits in memory waits there; beyond that uvicorn holds senders back and loses nothing,
and Daphne, which cannot, drops, counts and says so."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.disk import Disk, disk
from tests.faults.installation import Installation
from tests.faults.load import FRAME, Crowd, Talker, crowd_of
from tests.faults.together import at_once

SECONDS = 30 if FULL else 8
MIB = 1 << 20


@contextmanager
def on_a_disk(place: Path, kind: str, **env: str) -> Iterator[tuple[Installation, Disk]]:
    """A running server whose spool is on a disk that can stall."""
    with disk(place / "disk") as made:
        folders = {"SPOOL_DIR": str(made.folder / "spool")}
        server = Installation(place / "var", {**QUICK, "SERVER": kind, **folders, **made.env, **env})
        try:
            server.start(seconds=120)
            server.token()
            yield server, made
            assert server.stop() == 0
            assert "Traceback" not in server.output()
        finally:
            made.go_on()
            server.kill()


@contextmanager
def stalled(server: Installation, made: Disk) -> Iterator[None]:
    """The disk stalls for SECONDS, and nothing but the disk."""
    made.stall()
    try:
        yield
        time.sleep(SECONDS)
        began = time.monotonic()
        assert server.get("/healthz/live")[0] == 200
        assert time.monotonic() - began < 8, "the event loop stood still with the disk"
    finally:
        made.go_on()


def is_whole(server: Installation, talker: Talker) -> None:
    session = server.until_archived(talker.session_id, 120)
    assert talker.closed == ""
    assert (session["state"], session["coverage"]["gap_ms"]) == ("ended", 0)
    assert server.lanes(talker.session_id) == {talker.lane: talker.pcm}


def fits_in_memory(place: Path, kind: str) -> None:
    with on_a_disk(place, kind) as (server, made):
        talkers = crowd_of(10, SECONDS + 6 + made.delay)
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 30, "not all streams spoke")
            with stalled(server, made):
                pass
        for talker in talkers:
            is_whole(server, talker)


def senders_are_held_back(place: Path) -> None:
    with on_a_disk(place, "uvicorn", MEDIA_BUFFER_MIB="1") as (server, made):
        talkers, flood = crowd_of(10, SECONDS + 6 + made.delay), Talker(99, seconds=600, pace=0)
        memory = psutil.Process(server.pid).memory_info
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 30, "not all streams spoke")
            with stalled(server, made):
                flooding = Crowd(server.ws, [flood])
                flooding.start()
                time.sleep(SECONDS / 2)
                before, came = memory().rss, len(flood.sent)
            assert len(flood.sent) < len(flood.pcm) // FRAME, "it was not held back"
            assert len(flood.sent) - came < 500
            assert memory().rss - before < 32 * MIB
            flooding.wait()
        for talker in (*talkers, flood):
            is_whole(server, talker)


def drops_and_says_so(place: Path) -> None:
    with on_a_disk(place, "daphne", MEDIA_BUFFER_MIB="1") as (server, made):
        talkers = crowd_of(10, SECONDS + 8 + made.delay)
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 30, "not all streams spoke")
            with stalled(server, made):
                pass
        for talker in talkers:
            session = server.until_archived(talker.session_id, 120)
            assert (talker.closed, session["state"]) == ("", "ended")
            gaps = server.gaps(talker.session_id)  # one, where the machine has time to take up what waited at once
            missing = sum(gap["duration_ms"] for gap in gaps)
            assert {gap["cause"] for gap in gaps} == {"overload"}
            assert missing > SECONDS * 300
            assert session["frames"]["stored"] * 20 + missing == len(talker.sent) * 20
            kept = bytearray(talker.pcm)
            for gap in gaps:
                start, end = gap["from_ms"] * 32, gap["to_ms"] * 32
                kept[start:end] = bytes(end - start)
            assert server.lanes(talker.session_id) == {talker.lane: kept}, "what is not missing is where it was"


@pytest.mark.slow
def test_it_loses_nothing_while_what_waits_fits_in_memory(tmp_path: Path) -> None:
    at_once(
        partial(fits_in_memory, tmp_path / "uvicorn", "uvicorn"), partial(fits_in_memory, tmp_path / "daphne", "daphne")
    )


@pytest.mark.slow
def test_when_memory_is_full_uvicorn_holds_senders_back_and_daphne_drops_and_says_so(tmp_path: Path) -> None:
    at_once(partial(senders_are_held_back, tmp_path / "uvicorn"), partial(drops_and_says_so, tmp_path / "daphne"))
