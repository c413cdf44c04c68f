"""The paths that are compared, each a server process of its own: how it is started, what counts as its CPU time, when
it is done. A further path is one more entry in CONTENDERS."""

import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from media.ingest import tokens
from tests.bench import processes
from tests.bench.database import Database
from tests.node import NODE
from tests.serving import ROOT, RunningServer

ARCHIVED_SECONDS = 120.0
SAMPLE = Path(__file__).parent / "node" / "sample.mjs"


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU time since the start, and of what."""

    loop: float  # the thread that runs the event loop
    threads: float  # the server's other threads: spool, archiver
    postgres: float

    @property
    def total(self) -> float:
        return self.loop + self.threads + self.postgres

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.loop - other.loop, self.threads - other.threads, self.postgres - other.postgres)


class Whole(RunningServer):
    """The product: `manage.py serve` with its spool, its archiver and the embedded PostgreSQL."""

    database: Database

    def __init__(self, var_dir: Path, server: str) -> None:
        super().__init__(var_dir, {**PRODUCT, "SERVER": server})

    def start(self, *, ready: bool = True, seconds: float = 60) -> RunningServer:
        super().start(ready=ready, seconds=seconds)
        self.database = Database(self.var_dir)
        return self

    def urls(self, streams: int) -> list[str]:
        return media_urls(self.ws, streams)

    def cpu(self) -> Cpu:
        return cpu_of(self.pid, self.database.postmaster)

    def put_ahead(self) -> None:
        for pid in (self.pid, self.database.postmaster):
            processes.put_ahead(pid)

    def finish(self, streams: int) -> None:
        """Returns when the spool is empty."""
        self.database.wait_until_archived(streams, ARCHIVED_SECONDS)

    def received(self) -> int:
        """Audio frames that arrived; asked before `stop`."""
        return self.database.frames()

    def stop(self, seconds: float = 30) -> int:
        self.database.close()
        return super().stop(seconds)


class Bare(RunningServer):
    """A server of bare.py, or what else counts the frames that it parsed, and keeps no promise."""

    def __init__(self, var_dir: Path, *arguments: str) -> None:
        super().__init__(var_dir, UNSET)
        self.arguments = arguments

    def line(self) -> list[str]:
        return [sys.executable, "-m", "tests.bench.bare", *self.arguments]

    def launch(self) -> None:
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self.line(),
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self, *, ready: bool = False, seconds: float = 60) -> RunningServer:
        return super().start(ready=False, seconds=seconds)

    def urls(self, streams: int) -> list[str]:
        return [f"{self.ws}/acs/media/{number}" for number in range(streams)]

    def cpu(self) -> Cpu:
        return cpu_of(self.pid, None)

    def put_ahead(self) -> None:
        processes.put_ahead(self.pid)

    def finish(self, streams: int) -> None:
        """Nothing is left to do."""

    def received(self) -> int:
        self.stop()
        return int(self.output().split()[-1])


class Node(Bare):
    """The usual sample: Node.js with `ws`, raw bytes appended to a file per stream."""

    def line(self) -> list[str]:
        return [NODE, str(SAMPLE), "127.0.0.1", str(self.port), str(self.var_dir)]

    def finish(self, streams: int) -> None:
        """Returns when all is handed to the kernel; never synced."""
        until = time.monotonic() + ARCHIVED_SECONDS
        while self.get("/")[1] != "0":
            assert time.monotonic() < until, "Node.js has not written what it received"
            time.sleep(0.1)


def cpu_of(pid: int, postmaster: int | None) -> Cpu:
    whole, loop = processes.cpu_seconds(pid), processes.main_thread_seconds(pid)
    return Cpu(loop, whole - loop, processes.family_seconds(postmaster) if postmaster else 0.0)


def media_urls(base: str, streams: int) -> list[str]:
    """Signed here, with the SECRET_KEY that the servers inherit, so that signing is not measured."""
    return [f"{base}/acs/media/{tokens.sign_url(uuid.uuid4(), 3600)}" for _ in range(streams)]


# What the caller's own environment says of an installation is not ours.
UNSET: dict[str, str | None] = dict.fromkeys(
    ("DATABASE_URL", "REDIS_URL", "RECORDINGS_URL", "SPOOL_DIR", "PUBLIC_URL", "TRUSTED_PROXIES", "CHUNK_SECONDS")
)
PRODUCT: dict[str, str | None] = {**UNSET, "MEDIA_MAX_STREAMS": "10000", "MEDIA_SOCKET_AUTH": "url"}


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of the table. `heavy`: one core is too little for several hundred streams, so it is measured with the
    first number of them alone."""

    name: str
    title: str
    server: str
    kind: str
    heavy: bool = False

    def make(self, var_dir: Path) -> Whole | Bare:
        if self.kind == "whole":
            return Whole(var_dir, self.server)
        return Node(var_dir) if self.kind == "node" else Bare(var_dir, self.server, self.kind)


WHOLE, EMPTY, PULLED, NODEJS, STOCK = "whole", "empty", "pulled", "node", "stock"
CONTENDERS = (
    Contender(WHOLE, "the whole path on uvicorn: server, spool, archiver, PostgreSQL", "uvicorn", "whole"),
    Contender(EMPTY, "the same server with an empty loop that only parses", "uvicorn", "empty"),
    Contender(PULLED, "the same, but messages are pulled, as the product does", "uvicorn", "pulled"),
    Contender(NODEJS, "Node.js with ws, the usual sample: appends to files, syncs nothing", "node", "node"),
    Contender("whole-daphne", "the whole path on Daphne", "daphne", "whole", heavy=True),
    Contender("empty-daphne", "Daphne with an empty loop that only parses", "daphne", "empty", heavy=True),
    Contender(STOCK, "stock Channels consumer on uvicorn, parses, stores nothing", "uvicorn", "stock", heavy=True),
)
