"""How old each frame is when it is written and when it is synced, seen from outside: another process that looks at the
spool's files every millisecond, so that the path of a frame is as in ordinary running.

*Written* is when the segment's log had grown to hold the frame's commit: from then on a kill -9 loses nothing of it.
*Synced* is when other connections see the commit: SQLite shows it after its fsync. Age counts from the frame's own
stamp, the moment that it was due to be sent: a sender that is late makes a frame old, too.

`python -m tests.bench.probe FOLDER` (a SPOOL_DIR) begins with the commits from now on, says "ready", and when its stdin
ends writes what it saw as JSON.
"""

import ctypes
import json
import re
import sqlite3
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.spool import folder as folders
from media.spool.rows import MESSAGES
from media.stream import stamps

PR_SET_TIMERSLACK = 29
LOOK_SECONDS = 0.001
STAMP = re.compile(rb'"timestamp":"([^"]+)"')
NEW_ROWS = "SELECT seq, kind, body FROM row WHERE seq > ? ORDER BY seq"
BINS = 300_000  # of 0.1 ms; what is older than 30 s stands in the last


@dataclass(frozen=True)
class Ages:
    """Milliseconds since the stamp, of all frames."""

    p50: float
    p99: float
    most: float


@dataclass(frozen=True)
class Seen:
    """What the probe saw in `seconds`."""

    seconds: float
    frames: int
    commits: int
    size: int
    written: Ages
    synced: Ages


class Histogram:
    def __init__(self) -> None:
        self.counts = np.zeros(BINS, np.int64)

    def note(self, ages_ns: npt.NDArray[np.int64]) -> None:
        bins = np.clip(ages_ns // 100_000, 0, BINS - 1)
        self.counts += np.bincount(bins, minlength=BINS)

    def ages(self) -> Ages:
        sums = np.cumsum(self.counts)
        if not sums[-1]:
            return Ages(0.0, 0.0, 0.0)
        at = [int(np.searchsorted(sums, part * sums[-1])) for part in (0.5, 0.99, 1.0)]
        return Ages(*((bin_ + 1) / 10 for bin_ in at))


class Segment:
    """One segment, read as it grows. A connection of ours keeps it readable when the archiver has unlinked it."""

    def __init__(self, path: Path) -> None:
        self.log = Path(f"{path}-wal")
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.size = 0

    def grown(self) -> bool:
        try:
            size = self.log.stat().st_size
        except FileNotFoundError:
            return False
        before, self.size = self.size, size
        return size != before


class Probe:
    def __init__(self, spool_dir: Path) -> None:
        (self.folder,) = folders.folders(spool_dir)
        self.written, self.synced = Histogram(), Histogram()
        self.commits = self.size = self.frames = 0
        self.grown_at = 0
        self.first, path = folders.segments(self.folder)[-1]
        self.segment = Segment(path)
        self.folder_at = self.folder.stat().st_mtime_ns
        self.seq = self.segment.database.execute("SELECT COALESCE(max(seq), 0) FROM row").fetchone()[0]

    def look(self) -> None:
        now = time.time_ns()
        if self.segment.grown():
            self.grown_at = now
        if self.grown_at:
            self._read(now)
        changed = self.folder.stat().st_mtime_ns
        if changed != self.folder_at:
            self.folder_at = changed
            self._next()

    def _read(self, now: int) -> None:
        rows = self.segment.database.execute(NEW_ROWS, (self.seq,)).fetchall()
        if not rows:
            return
        self.seq = rows[-1][0]
        self.commits += 1
        found = [stamp for _, kind, body in rows if kind == MESSAGES for stamp in STAMP.findall(body)]
        sent = np.array([(stamps.parse(stamp.decode()) or (0,))[0] for stamp in found], np.int64)
        self.written.note(self.grown_at - sent)
        self.synced.note(now - sent)
        self.frames += len(found)
        self.size += sum(len(body) for _, _, body in rows)
        self.grown_at = 0

    def _next(self) -> None:
        """On to a newer segment, when there is one and this one is read to its end."""
        first, path = folders.segments(self.folder)[-1]
        if first > self.first and self.seq >= first - 1 and Path(f"{path}-wal").exists():
            self.segment.database.close()
            self.first, self.segment = first, Segment(path)
        elif first > self.first:
            self.folder_at = 0  # look again


def _wait(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    probe, ended = Probe(Path(sys.argv[1])), threading.Event()
    threading.Thread(target=_wait, args=[ended], daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    began = time.monotonic()
    while not ended.is_set():
        probe.look()
        time.sleep(LOOK_SECONDS)
    ages = probe.written.ages(), probe.synced.ages()
    seen = Seen(time.monotonic() - began, probe.frames, probe.commits, probe.size, *ages)
    sys.stdout.write(json.dumps(asdict(seen)) + "\n")


if __name__ == "__main__":
    main()
