"""Flat out: as many frames a second as a server takes on one core. Of the whole path through to archived: from the
first frame until the last one lies in a stored chunk."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import processes
from tests.bench.load import Order
from tests.bench.sending import Sender
from tests.bench.servers import CONTENDERS, WHOLE, Bare, Contender, Whole
from tests.bench.tables import at_least, table

LEAST_PER_SECOND = 30_000
ARCHIVED_SECONDS = 180.0
POLL_SECONDS = 0.1
WRITTEN = re.compile(r"^recorder_spool_written_bytes_total\S* (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rush:
    """One path. `read_seconds`: until the server had read all; `whole_seconds`: until nothing was left to do."""

    name: str
    streams: int
    frames: int
    lost: int
    read_seconds: float
    whole_seconds: float
    us: float
    spool_mb: float

    @property
    def per_second(self) -> float:
        return self.frames / self.whole_seconds


def measure(contender: Contender, streams: int, seconds: float, folder: Path) -> Rush:
    """`streams` sockets, `seconds` of audio on each."""
    server = contender.make(folder)
    with processes.pinned(processes.cores()[0]):
        server.start()
    try:
        server.put_ahead()
        return _rushed(contender.name, server, Order(server.urls(streams), 1, seconds, 0.0, flat_out=True))
    finally:
        server.__exit__()


def _rushed(name: str, server: Whole | Bare, order: Order) -> Rush:
    streams = len(order.urls)
    with Sender(order) as sender:
        sender.wait_for("open")
        before, began = server.cpu(), time.monotonic()
        sender.wait_for("warm")
        sent = round(sender.wait_for("sent")["sent"])
        sender.wait_for("closed")
    read = time.monotonic() - began
    if isinstance(server, Whole):
        _wait_until_stored(server, sent)
    else:
        server.finish(streams)
    whole, used = time.monotonic() - began, server.cpu() - before
    spooled = WRITTEN.search(server.get("/metrics")[1]) if isinstance(server, Whole) else None
    size = float(spooled[1]) / 1e6 if spooled else 0.0
    return Rush(name, streams, sent, sent - server.received(), read, whole, used.total / sent * 1e6, size)


def _wait_until_stored(server: Whole, frames: int) -> None:
    """Not until its sessions are over, which some seconds of silence decide."""
    until = time.monotonic() + ARCHIVED_SECONDS
    while server.database.frames() < frames and time.monotonic() < until:
        time.sleep(POLL_SECONDS)


def flat_table(found: list[Rush]) -> str:
    titles = {contender.name: contender.title for contender in CONTENDERS}
    rows = [
        (
            titles[rush.name], f"{rush.frames / rush.read_seconds:.0f}", f"{rush.per_second:.0f}", f"{rush.us:.1f}",
            f"{rush.spool_mb / rush.read_seconds:.0f}" if rush.spool_mb else "–",
            f"{rush.lost} frames lost" if rush.lost else "",
        )
        for rush in found
    ]  # fmt: skip
    heads = ("flat out, frames a second", "read", "through to the end", "µs per frame", "spool MB/s", "")
    return table(heads, rows)


def flat_verdicts(found: list[Rush]) -> list[str]:
    whole = [rush for rush in found if rush.name == WHOLE]
    what = "frames a second flat out, through to archived"
    return [at_least(what, rush.per_second, LEAST_PER_SECOND) for rush in whole]
