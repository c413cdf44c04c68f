"""A server that is stopped under load says so, keeps and archives all, and the stream that dials again goes on."""

import time
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import QUICK
from tests.faults.installation import Installation
from tests.faults.load import Crowd, crowd_of
from tests.faults.together import at_once


def stopped_and_started(folder: Path, kind: str) -> None:
    server = Installation(folder, {**QUICK, "SERVER": kind, "MEDIA_REJOIN_SECONDS": "60"})
    talkers = crowd_of(20, 12)
    try:
        server.start(seconds=120)
        server.token()
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 60, "not all streams spoke")
            time.sleep(3)
            assert server.stop() == 0
        assert {talker.closed for talker in talkers} == {"1012"}
        assert "Not everything is archived" not in server.output()
        assert not list((server.var_dir / "spool").iterdir()), "the spool is left behind"
        said = [len(talker.sent) for talker in talkers]

        server.start(seconds=120)
        before = [server.lanes(talker.session_id)[talker.lane] for talker in talkers]
        for talker, pcm in zip(talkers, before, strict=True):
            assert talker.pcm_sent().startswith(pcm)
            assert len(talker.pcm_sent()) - len(pcm) <= 25 * 640, "of what came before the close frame"
            assert server.session(talker.session_id)["state"] == "no_audio"
        for talker in talkers:
            talker.closed = ""
            talker.start += 20_000_000 * 100  # two seconds that it could not send
        with Crowd(server.ws, talkers):
            pass
        for talker, pcm, frames in zip(talkers, before, said, strict=True):
            session = server.until_archived(talker.session_id, 60)
            assert (talker.closed, session["state"], len(session["connections"])) == ("", "ended", 2)
            (gap,) = server.gaps(talker.session_id)
            assert (gap["cause"], gap["from_ms"]) == ("server_stopped", len(pcm) // 32)
            assert gap["duration_ms"] == frames * 20 + 2000 - len(pcm) // 32
            after = talker.pcm[frames * 640 :]
            assert server.lanes(talker.session_id)[talker.lane] == pcm + bytes(gap["duration_ms"] * 32) + after
        assert server.stop() == 0
    finally:
        server.kill()


@pytest.mark.slow
def test_it_archives_all_when_it_is_stopped_and_goes_on_after(tmp_path: Path) -> None:
    at_once(*(partial(stopped_and_started, tmp_path / kind, kind) for kind in ("uvicorn", "daphne")))
