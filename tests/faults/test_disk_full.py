"""The spool's disk is full, takes no new files, and is slow, one after the other under running streams: nothing is
lost, no socket closed, new streams are refused with the reason while there is no room, and all of it can be seen."""

import time
from pathlib import Path

import pytest

from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.disk import Disk, disk
from tests.faults.installation import Installation, broken_free
from tests.faults.load import Crowd, Talker, crowd_of
from tests.faults.told import tell

LONG = 20 if FULL else 3  # seconds of each
STREAMS = 20 if FULL else 5


def failing(server: Installation, so: bool = True, figure: str = "recorder_spool_failing") -> bool:
    lines = server.get("/metrics")[1].splitlines()
    return [float(line.split()[-1]) for line in lines if line.startswith(f"{figure}{{")] == [so]


def says_so(server: Installation, talker: Talker) -> None:
    def is_said() -> bool:
        return str(server.session(talker.session_id)["reason"]).startswith("Nothing is stored since ")

    server.until(is_said, 5, "a session says that its frames are stored")
    status, text, _ = server.get("/healthz/ready")
    assert (status, '"spool": "ok"' in text) == (503, False), text


def refuses_new_ones(server: Installation) -> None:
    """While there is no room at all."""
    server.until(lambda: failing(server, figure="recorder_disk_low"), 30, "no room is not seen")
    late = Talker(99, 1)
    with Crowd(server.ws, [late]):
        pass
    assert not late.sent
    assert "refused with 503: the disk of the spool has only 0 MiB left" in server.output()


def live_through(server: Installation, made: Disk, spool: Path, talker: Talker) -> None:
    made.fill()
    try:
        server.until(lambda: failing(server), 30, "a full disk is not seen")
        server.until(lambda: server.get("/healthz/ready")[0] == 503, 30, "a full disk is not said")
        says_so(server, talker)
        if made.real:
            refuses_new_ones(server)
        time.sleep(LONG)
    finally:
        made.mend(spool)
    server.until(lambda: failing(server, so=False), 30, "it does not recover from a full disk")
    made.take_no_files(spool)
    try:
        server.until(lambda: failing(server), 30, "a folder that takes no files is not seen")
        time.sleep(LONG)
    finally:
        made.mend(spool)
    server.until(lambda: failing(server, so=False), 30, "it does not recover from a folder that took no files")
    for _ in range(LONG if made.real else 0):  # slow: three quarters of the time nothing is written
        made.stall()
        time.sleep(0.75)
        made.go_on()
        time.sleep(0.25)
    server.until(lambda: server.get("/healthz/ready")[0] == 200, 30, "it is not ready again")
    well = {"state": "recording", "reason": "Frames are coming in and are stored."}
    server.until(lambda: well.items() <= server.session(talker.session_id).items(), 5, "a session does not say so")


@pytest.mark.slow
def test_it_loses_nothing_on_a_disk_that_is_full_takes_no_files_or_is_slow(tmp_path: Path) -> None:
    with disk(tmp_path / "disk") as made:
        server = Installation(tmp_path / "var", {**QUICK, "SPOOL_DIR": str(made.folder / "spool"), **made.env})
        talkers = crowd_of(STREAMS, 4 * LONG + 180)
        try:
            server.start(seconds=120)
            server.token()
            (spool,) = [path for path in (made.folder / "spool").iterdir() if path.is_dir()]
            with Crowd(server.ws, talkers) as crowd:
                server.until(crowd.spoke, 30, "not all streams spoke")
                time.sleep(1)
                live_through(server, made, spool, talkers[0])
                after = Talker(98, 2)
                with Crowd(server.ws, [after]):
                    pass
                crowd.enough()
            for talker in (*talkers, after):
                session = server.until_archived(talker.session_id, 120)
                assert (talker.closed, session["state"], session["coverage"]["gap_ms"]) == ("", "ended", 0)
                assert len(session["connections"]) == 1
                assert server.lanes(talker.session_id) == {talker.lane: talker.pcm_sent()}
            assert not broken_free(made.folder)
            assert server.stop() == 0
            assert "Traceback" not in server.output()
        finally:
            made.go_on()
            server.kill()
    tell(
        "the spool's disk full, without new files, slow",
        "nothing; new streams refused while full",
        "not ready; spool failing; the session: nothing stored since",
    )
