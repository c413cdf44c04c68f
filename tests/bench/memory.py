"""Memory that streams cost: of the serving process per socket, and of `manage.py archive` in all. Growth over what the
same process held before, when it had received and archived one stream."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import processes
from tests.bench.database import Database
from tests.bench.load import Order
from tests.bench.processes import cores, pinned
from tests.bench.progress import progress
from tests.bench.sending import Sender
from tests.bench.servers import PRODUCT, media_urls
from tests.serving import ROOT, RunningServer

SAMPLE_SECONDS = 0.25
WARM_SECONDS = 1.0
ARCHIVED_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Growth:
    """The most that a process grew by, in bytes."""

    rss: int
    pss: int


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
    def server_pss_per_socket(self) -> float:
        return self.server.pss / self.sockets


class Watched:
    """A process whose memory is looked at from time to time."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = processes.memory(pid)
        self.begin()

    def begin(self) -> None:
        """A new phase: the growth so far is forgotten, what the process held at the start is not."""
        self.most = (0, 0)

    def look(self) -> None:
        now = processes.memory(self.pid)
        self.most = max(self.most[0], now[0]), max(self.most[1], now[1])

    def growth(self) -> Growth:
        return Growth(self.most[0] - self.before[0], self.most[1] - self.before[1])


class Installation:
    """A server that only receives, and `manage.py archive` beside it."""

    def __init__(self, var_dir: Path) -> None:
        self.server = RunningServer(var_dir, {**PRODUCT, "ARCHIVE_IN_PROCESS": "0"})
        server_core, other_core = cores()
        with pinned(server_core):
            self.server.start()
        with pinned(other_core), (var_dir / "archive.log").open("wb") as log:
            self.archiver = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "archive"],
                cwd=ROOT, env=self.server.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.database = Database(var_dir)
        self.connections = 0

    def play(self, sockets: int, lanes: int, seconds: float, watched: list[Watched]) -> float:
        """Streams, and looks at the processes until everything is archived."""
        self.connections += sockets
        order = Order(media_urls(self.server.ws, sockets), lanes, seconds, WARM_SECONDS)
        with Sender(order) as sender:
            sender.wait_for("open")
            until = time.monotonic() + seconds + WARM_SECONDS
            while time.monotonic() < until:
                time.sleep(SAMPLE_SECONDS)
                for each in watched:
                    each.look()
            for step in ("warm", "sent"):
                sender.wait_for(step)
            behind = sender.wait_for("closed")["seconds"]
        self.database.wait_until_archived(self.connections, ARCHIVED_SECONDS)
        for each in watched:
            each.look()
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
        installation.play(1, 1, WARM_SECONDS, [])
        server, archiver = Watched(installation.server.pid), Watched(installation.archiver.pid)
        for sockets, lanes in phases:
            progress(f"memory: {sockets} sockets, {f'{lanes} lanes each' if lanes else 'mixed'}, {seconds:.0f} s")
            server.begin()
            archiver.begin()
            behind = installation.play(sockets, lanes, seconds, [server, archiver])
            found.append(Held(sockets, lanes, seconds, server.growth(), archiver.growth(), behind))
    finally:
        installation.stop()
    return found
