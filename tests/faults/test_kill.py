"""kill -9 of everything: what the kernel had delivered 250 ms before is stored, nothing twice, the gap named."""

import random
import time
from pathlib import Path

import pytest

from tests.faults import FULL
from tests.faults.installation import Installation, broken_free
from tests.faults.load import Crowd, crowd_of

KILLS = 10 if FULL else 5
STREAMS = 50
BOUND_SECONDS = 0.25
NAMED_SECONDS = 10 if FULL else 60  # with every test the machine is busy with others too


def interrupted(server: Installation) -> set[str]:
    """The sessions that ended so and of which everything is archived."""
    return {session["id"] for session in server.api("/sessions?state=interrupted&live=false&limit=200")["items"]}


@pytest.mark.slow
def test_it_keeps_what_was_delivered_250_ms_before_everything_is_killed(tmp_path: Path) -> None:
    moments = random.Random(20)
    server = Installation(tmp_path / "var dir", {"MEDIA_REJOIN_SECONDS": "2", "CHUNK_SECONDS": "4"})
    server.start()
    server.token()
    for _ in range(KILLS):
        talkers = crowd_of(STREAMS, 20)
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 60, "not all streams spoke")
            time.sleep(moments.uniform(0.5, 8))
            killed_at = server.kill_everything()
        server.start()
        ours = {str(talker.session_id) for talker in talkers}
        server.until(lambda ours=ours: ours <= interrupted(server), NAMED_SECONDS, "not all are interrupted and whole")  # type: ignore[misc]
        for talker in talkers:
            stored = server.lanes(talker.session_id)["4:+15550100"]
            due, sent = talker.pcm_sent(before=killed_at - BOUND_SECONDS), talker.pcm_sent()
            assert sent.startswith(stored), "something is stored that was not sent, or twice"
            assert stored.startswith(due), f"{(len(due) - len(stored)) / 32} ms are lost"
            (gap,) = server.gaps(talker.session_id)
            assert (gap["cause"], gap["samples"]) == ("server_stopped", None)
    assert not broken_free(server.var_dir)
    assert server.manage("verify", "--all", seconds=120).returncode == 0
    server.stop()
