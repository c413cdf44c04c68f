"""Memory that streams cost: of the serving process per socket, and of `manage.py archive` in all. Growth over what the
same process held before, when it had received and archived one stream. PSS: what processes share is shared out."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import processes
from tests.bench.database import Database
from tests.bench.load import Order
from tests.bench.progress import progress
from tests.bench.sending import Sender
from tests.bench.servers import PRODUCT, media_urls
from tests.serving import ROOT, RunningServer

SAMPLE_SECONDS = 0.25
WARM_SECONDS = 1.0
ARCHIVED_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Growth:
    """By how much a process grew, in bytes: as it was half of the time while streaming, and at its largest. A disk that
    stalls (or is another program's at that moment) makes audio wait in memory; that shows in the second."""

    pss: int
    most_pss: int
    most_rss: int


@dataclass(frozen=True, slots=True)
class Held:
    """What `sockets` sockets of `lanes` lanes each (0: mixed audio) cost. `behind_seconds`: how long the server still
    had to read after the last frame."""

    sockets: int
    lanes: int
    seconds: float
    server: Growth
    archiver: Growth
    behind_seconds: float

    @property
    def per_socket(self) -> float:
        return self.server.pss / self.sockets


class Watched:
    """A process whose memory is looked at from time to time."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = processes.memory(pid)
        self.begin()

    def begin(self) -> None:
        """A new phase: the growth so far is forgotten, what the process held at the start is not."""
        self.rss: list[int] = []
        self.pss: list[int] = []

    def look(self) -> None:
        rss, pss = processes.memory(self.pid)
        self.rss.append(rss - self.before[0])
        self.pss.append(pss - self.before[1])

    def growth(self) -> Growth:
        return Growth(int(median(self.pss)), max(self.pss), max(self.rss))


class Installation:
    """A server that only receives, and `manage.py archive` beside it. On all cores: 200 sockets of four lanes are
    40 000 frames a second, and what is measured is not how a server grows that cannot keep pace."""

    def __init__(self, var_dir: Path) -> None:
        self.server = RunningServer(var_dir, {**PRODUCT, "ARCHIVE_IN_PROCESS": "0"})
        self.server.start()
        with (var_dir / "archive.log").open("wb") as log:
            self.archiver = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "archive"],
                cwd=ROOT,
                env=self.server.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.database = Database(var_dir)
        self.connections = 0
        processes.put_ahead(self.server.pid)  # the archiver may wait; its memory does not depend on that

    def play(self, sockets: int, lanes: int, seconds: float, look: Callable[[], object]) -> float:
        """Streams, and calls `look` from time to time until everything is archived. The seconds that the server was
        behind at the end."""
        self.connections += sockets
        order = Order(media_urls(self.server.ws, sockets), lanes, seconds, WARM_SECONDS)
        with Sender(order) as sender:
            sender.wait_for("open")
            until = time.monotonic() + seconds + WARM_SECONDS
            while time.monotonic() < until:
                time.sleep(SAMPLE_SECONDS)
                look()
            for step in ("warm", "sent"):
                sender.wait_for(step)
            behind = sender.wait_for("closed")["seconds"]
        self.database.wait_until_archived(self.connections, ARCHIVED_SECONDS, look)
        return behind

    def stop(self) -> None:
        self.database.close()
        self.archiver.terminate()
        self.archiver.wait(30)
        self.server.stop()


def measure(phases: list[tuple[int, int]], seconds: float, folder: Path) -> list[Held]:
    """One Held per (sockets, lanes), smallest first: what a process once needed it does not always give back."""
    installation = Installation(folder)
    found: list[Held] = []
    try:
        installation.play(1, 1, WARM_SECONDS, bool)
        server, archiver = Watched(installation.server.pid), Watched(installation.archiver.pid)

        def look() -> None:
            server.look()
            archiver.look()

        for sockets, lanes in phases:
            progress(f"memory: {sockets} sockets, {f'{lanes} lanes each' if lanes else 'mixed'}, {seconds:.0f} s")
            server.begin()
            archiver.begin()
            behind = installation.play(sockets, lanes, seconds, look)
            found.append(Held(sockets, lanes, seconds, server.growth(), archiver.growth(), behind))
    finally:
        installation.stop()
    return found
