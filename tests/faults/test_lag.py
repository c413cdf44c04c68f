"""A database that hangs, recordings whose disk stalls: the lag is shown while it grows, people are told once it is
long, and the backlog is caught up while streams go on. Nothing is lost (other tests compare; here it is counted)."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_metrics import figures, total
from tests.database import database
from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.disk import disk
from tests.faults.installation import Installation
from tests.faults.load import Crowd, crowd_of
from tests.faults.test_outages import of_recordings
from tests.faults.together import at_once
from tests.faults.told import Say, tell

STREAMS, SECONDS = (50, 100) if FULL else (5, 8)  # the long form is long enough for alarms
CHUNK = int(QUICK["CHUNK_SECONDS"])
LAG = "recorder_archive_lag_seconds"
Toggle = Callable[[], object]


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    told: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()


def lags_and_catches_up(server: Installation, what: str, goes: Toggle, comes: Toggle, words: str, say: Say) -> None:
    with webhook() as (address, told):
        server.extra["ALARM_WEBHOOKS"] = address
        server.start(seconds=120)
        server.token()
        talkers = crowd_of(STREAMS, SECONDS + (30 if FULL else 14))
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 60, "not all streams spoke")
            time.sleep(CHUNK + 2)
            goes()
            try:
                time.sleep(SECONDS)
                lag = total(figures(server), LAG)
            finally:
                comes()
            assert lag > SECONDS - CHUNK, "the lag is shown"
            took = server.until(lambda: caught_up(server), 120, f"it does not catch up after {what}")
        if FULL:
            assert any(words in one["text"] for one in told), (what, told)
        for talker in talkers:
            session = server.until_archived(talker.session_id, 120)
            assert (talker.closed, session["state"], session["coverage"]["gap_ms"]) == ("", "ended", 0)
            assert session["frames"]["stored"] == len(talker.sent) == len(talker.pcm) // 640
        assert server.stop() == 0
        multiple = (lag + took) / took
        tell(what, "nothing", "the lag in /metrics; an alarm after a minute")
        say(
            f"{what}: {lag:.0f} s behind with {STREAMS} streams, caught up in {took:.1f} s: {multiple:.0f} × real time."
        )


def caught_up(server: Installation) -> bool:
    found = figures(server)
    return total(found, LAG) < CHUNK + 3 and not total(found, "recorder_archive_failing")


@pytest.mark.slow
def test_what_is_slow_shows_as_lag_and_is_caught_up(tmp_path: Path, say: Say) -> None:
    with database(tmp_path / "postgres") as shared, disk(tmp_path / "disk") as made:
        recordings = (made.folder if os.path.ismount(made.folder) else tmp_path) / "recordings"
        gone = of_recordings(recordings)
        stall, go_on = (made.stall, made.go_on) if os.path.ismount(made.folder) else (gone.begin, gone.end)
        hung = Installation(tmp_path / "hung", {**QUICK, "DATABASE_URL": shared.url})
        stalled = Installation(tmp_path / "stalled", {**QUICK, "RECORDINGS_URL": recordings.as_uri()})
        try:
            at_once(
                partial(
                    lags_and_catches_up,
                    *(hung, "A database that hung", shared.hang, shared.resume, "The database does not answer", say),
                ),
                partial(
                    lags_and_catches_up,
                    *(stalled, "A disk of the recordings that stalled", stall, go_on, "Archiving lags", say),
                ),
            )
        finally:
            shared.resume()
            made.go_on()
            hung.kill()
            stalled.kill()
