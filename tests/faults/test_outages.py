"""PostgreSQL stopped, PostgreSQL hung, recordings that cannot be written: at the server's own start, at the start of
streams, and in the middle of them. No frame is lost, no socket closed, and all is archived when they return."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.database import database
from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.installation import Installation
from tests.faults.load import Crowd, Talker, crowd_of
from tests.faults.together import at_once

SECONDS = 30 if FULL else 10
STREAMS = 5
BACK_SECONDS = 60 if FULL else 300  # with every test the machine is busy with others too


@dataclass(frozen=True)
class Outage:
    """Something the server stands on, and how it goes and comes back."""

    begin: Callable[[], object]
    end: Callable[[], object]


def of_recordings(folder: Path) -> Outage:
    """A file stands where the folder was, so that nothing can be written, whoever asks."""
    aside = folder.with_name("recordings elsewhere")

    def begin() -> None:
        if folder.exists():
            folder.rename(aside)
        folder.write_text("in the way")

    def end() -> None:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)

    return Outage(begin, end)


def whole(server: Installation, talker: Talker) -> None:
    session = server.until_archived(talker.session_id, 120)
    assert talker.closed == "", "the socket was closed"
    assert len(session["connections"]) == 1
    assert (session["state"], session["coverage"]["gap_ms"]) == ("ended", 0)
    assert session["frames"]["stored"] == len(talker.sent) == len(talker.pcm) // 640
    assert server.lanes(talker.session_id) == {talker.lane: talker.pcm}


def live_through(server: Installation, outage: Outage) -> None:
    """One outage from before the server's start until some time after, then one under running and beginning streams."""
    outage.begin()
    server.start(ready=False, seconds=120)
    first = crowd_of(STREAMS, 2 * SECONDS + 8)
    with Crowd(server.ws, first):
        time.sleep(SECONDS)
        outage.end()
        server.wait_until_ready(120)
        time.sleep(4)
        outage.begin()
        second = crowd_of(STREAMS, SECONDS + 4)
        with Crowd(server.ws, second):
            time.sleep(SECONDS)
            outage.end()
            returned = time.monotonic()
    for talker in (*first, *second):
        whole(server, talker)
    assert time.monotonic() - returned < BACK_SECONDS
    assert server.manage("verify", "--all", seconds=120).returncode == 0
    assert server.stop() == 0
    assert "Traceback" not in server.output()


@pytest.mark.slow
def test_it_loses_no_frame_while_what_it_stands_on_is_away(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stopped, hung = (stack.enter_context(database(tmp_path / f"postgres {n}")) for n in (1, 2))
        servers = [
            Installation(tmp_path / "stopped", {**QUICK, "DATABASE_URL": stopped.url}),
            Installation(tmp_path / "hung", {**QUICK, "DATABASE_URL": hung.url}),
            Installation(tmp_path / "unwritable", QUICK),
        ]
        for server in servers:
            server.var_dir.mkdir()
            stack.callback(server.kill)
        outages = [
            Outage(stopped.stop, stopped.start),
            Outage(hung.hang, hung.resume),
            of_recordings(tmp_path / "unwritable" / "recordings"),
        ]
        at_once(*(partial(live_through, *pair) for pair in zip(servers, outages, strict=True)))
