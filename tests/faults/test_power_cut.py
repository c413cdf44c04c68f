"""A power cut, as the disk shows it afterwards: what was not synced may be gone or torn. Everything that was sent a
second before is there, of each stream a beginning without a hole, and the gap has its name."""

import os
import random
import shutil
import time
from bisect import bisect_right
from collections import Counter
from pathlib import Path

import pytest

from media.spool import folder as folders
from media.spool.rows import MESSAGES, OPENED, unpack_json
from media.spool.segment import bodies, heads_after, open_for_reading
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.load import FRAME, Crowd, Talker, crowd_of
from tests.faults.told import tell

CUTS, SECONDS, STREAMS = (300, 45, 20) if FULL else (15, 6, 5)  # the full form: over several segments
UNSYNCED = 0.4  # seconds of writes that the cut may take
BOUND = 1.0 if FULL else 2.0  # with every test the machine is busy with others too
Sizes = dict[str, int]


def sizes(spool: Path) -> Sizes:
    """Bytes in each segment's WAL."""
    found = {}
    for _, path in folders.segments(spool):
        try:
            found[path.name] = Path(f"{path}-wal").stat().st_size
        except OSError:
            found[path.name] = 0
    return found


def watched(spool: Path) -> list[tuple[float, Sizes]]:
    """What the files were like at each moment."""
    found, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        found.append((time.monotonic(), sizes(spool)))
        time.sleep(0.02)
    return found


def cut(spool: Path, history: list[tuple[float, Sizes]], to: Path, chance: random.Random) -> float:
    """A copy as the disk may be after a power cut at some moment (which is returned): segments that came later are not
    there, and of the last one's WAL a part of the last moments is missing, and a part is garbage."""
    moments = [at for at, _ in history]
    number = chance.randrange(bisect_right(moments, moments[0] + 3), len(history))
    at, there = history[number]
    synced = history[max(0, bisect_right(moments, at - UNSYNCED) - 1)][1]
    shutil.copytree(spool, to)
    for _, path in folders.segments(to):
        if path.name not in there:
            folders.remove_segment(path)
    last = max(there)
    wal = to / f"{last}-wal"
    if wal.exists():
        left = chance.randint(synced.get(last, 0), there[last])
        content = wal.read_bytes()[:left]
        wal.write_bytes(content + os.urandom(chance.randrange(9000)))
    return at


def frames_in(spool: Path) -> Counter[str]:
    """Frames by call. Raises AssertionError where a row is missing between others, or a segment cannot be read."""
    found: Counter[str] = Counter()
    calls: dict[int, str] = {}
    expected = 1
    for first, path in folders.segments(spool):
        database = open_for_reading(path)
        rows = heads_after(database, 0, 1 << 30)
        for row in bodies(database, [row.seq for row in rows if row.kind == OPENED]):
            calls[row.connection] = unpack_json(row.body)["call"]
        for row in rows:
            assert row.seq == expected, f"rows are missing in {path.name}"
            expected += 1
            if row.kind == MESSAGES:
                found[calls[row.connection]] += row.audio
        database.close()
        assert first <= expected
    return found


@pytest.mark.slow
def test_a_power_cut_takes_at_most_the_last_second_and_says_so(alone: Installation, tmp_path: Path) -> None:
    alone.extra["ARCHIVE_IN_PROCESS"] = "0"
    alone.start(seconds=120)
    alone.token()
    (spool,) = [path for path in (alone.var_dir / "spool").iterdir() if path.is_dir()]
    talkers, chance = crowd_of(STREAMS, SECONDS + 30), random.Random(6)
    with Crowd(alone.ws, talkers) as crowd:
        alone.until(crowd.spoke, 60, "not all streams spoke")
        history = watched(spool)
        alone.kill()
    worst = 0.0
    for number in range(CUTS):
        copy = tmp_path / f"cut {number}"
        at = cut(spool, history, copy, chance)
        found = frames_in(copy)
        for talker in talkers:
            kept = found[str(talker.call_id)]
            due = len(talker.pcm_sent(before=at - BOUND)) // FRAME
            assert kept >= due, f"{(due - kept) * 20} ms of what was sent {BOUND} s before the cut are lost"
            worst = max(worst, (len(talker.pcm_sent(before=at)) // FRAME - kept) * 0.02)
        if number < CUTS - 1:
            shutil.rmtree(copy)
    shutil.rmtree(spool)
    copy.rename(spool)
    alone.extra["ARCHIVE_IN_PROCESS"] = "1"
    alone.start(seconds=120)
    for talker in talkers:
        is_told(alone, talker, at)
    assert alone.manage("verify", "--all", seconds=120).returncode == 0
    assert alone.stop() == 0
    tell(f"{CUTS} power cuts", f"at most the last {worst:.2f} s of each stream", "interrupted; the gap: server stopped")


def is_told(server: Installation, talker: Talker, cut_at: float) -> None:
    session = server.until_archived(talker.session_id, 60)
    stored = server.lanes(talker.session_id)[talker.lane]
    assert talker.pcm_sent(before=cut_at).startswith(stored), "something is stored that was not sent"
    assert stored.startswith(talker.pcm_sent(before=cut_at - BOUND))
    assert session["state"] == "interrupted"
    (gap,) = server.gaps(talker.session_id)
    assert (gap["cause"], gap["samples"]) == ("server_stopped", None)
