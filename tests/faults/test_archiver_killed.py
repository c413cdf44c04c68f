"""The archiver killed between a file and its row, and between the rows and the unlinking of what they came from."""

import asyncio
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from media.acs_client import Score, stream
from media.sessions.identity import session_of_call
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.sounds import speech
from tests.serving import ROOT

HOOKS = Path(__file__).parent / "hooks"
# Each kill leaves less to do, so the early ones stand before a file, the late ones after rows and before unlinking.
FILES = [("os.rename", number, ".flac") for number in ((1, 2, 3, 5, 6, 7, 8, 13) if FULL else (2, 7))]
SEGMENTS = [("os.remove", number, "/spool/") for number in ((1, 1, 2, 3) if FULL else (1, 2))]
SECONDS = 60 if FULL else 30  # at five times the pace; a segment of the spool has ten, and two give enough to remove
LANES = ("4:+15550100", "4:+15550101")


def archive(server: Installation, kill: tuple[str, int, str] | None = None) -> int:
    """`manage.py archive --once`, killed where `kill` says. Its exit code."""
    environment = server.environment()
    if kill:
        environment |= {"PYTHONPATH": str(HOOKS), "KILL_BEFORE": ":".join(map(str, kill))}
    with server.log_path.open("ab") as log:
        command = [sys.executable, str(ROOT / "manage.py"), "archive", "--once"]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, timeout=120, check=False)
    return done.returncode


def stored_files(server: Installation) -> set[str]:
    root = server.var_dir / "recordings"
    return {path.stem for path in root.rglob("*") if path.is_file() and not path.name.endswith(".part")}


@pytest.mark.slow
def test_it_archives_exactly_once_however_often_the_archiver_is_killed(alone: Installation) -> None:
    alone.extra["ARCHIVE_IN_PROCESS"] = "0"
    alone.start()
    score = Score({lane: speech(SECONDS, 16_000, seed) for seed, lane in enumerate(LANES)})
    calls = [uuid.uuid4() for _ in range(3)]

    async def all_at_once() -> None:
        await asyncio.gather(*(stream(alone.media_url(call), score, speed=5) for call in calls))

    asyncio.run(all_at_once())
    assert alone.stop() == 0
    alone.start()  # the archiver finds the spool of a server that is gone
    killed = [archive(alone, kill) for kill in (*FILES, *SEGMENTS)]
    assert killed.count(-9) == len(killed), killed
    assert archive(alone) == 0

    chunks: list[str] = []
    for call in calls:
        session = alone.until_archived(session_of_call(call), 60)
        assert (session["state"], session["frames"]["stored"]) == ("ended", 2 * SECONDS * 50)
        whole = 2 * SECONDS * 1000
        assert session["coverage"] == {"expected_ms": whole, "received_ms": whole, "stored_ms": whole, "gap_ms": 0}
        assert alone.lanes(session_of_call(call)) == score.lanes
        chunks += [chunk["id"] for chunk in alone.api(f"/sessions/{session['id']}/chunks?limit=200")["items"]]
    assert len(chunks) == len(set(chunks))
    assert stored_files(alone) == set(chunks), "a batch that is repeated writes the same files"
    assert len([path for path in (alone.var_dir / "spool").iterdir() if path.is_dir()]) == 1, "that of the server"
    verified = alone.manage("verify", "--all")
    assert verified.returncode == 0, verified.stdout
    assert alone.stop() == 0
