"""CPU per frame of one path at real-time pace: what its processes used, from the end of the warm-up until nothing is
left to do, divided by the audio frames that they received meanwhile."""

import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import processes
from tests.bench.load import Order
from tests.bench.sending import Sender
from tests.bench.servers import Bare, Contender, Cpu, Whole

WARM_SECONDS = 1.0
BEHIND_SECONDS = 1.5  # a server that needs longer to answer the close frames could not keep pace


@dataclass(frozen=True, slots=True)
class Figure:
    """One path at one number of streams. `others`: the share of the server's core that other programs took; much of
    it, and the figure is worth little."""

    name: str
    streams: int
    seconds: float
    frames: int
    us: float
    loop_us: float
    threads_us: float
    postgres_us: float
    lost: int
    behind_seconds: float
    sender_late_ms: float
    others: float
    lanes: int = 1

    @property
    def kept_pace(self) -> bool:
        return self.behind_seconds < BEHIND_SECONDS and not self.lost


def measure(contender: Contender, streams: int, seconds: float, folder: Path, lanes: int = 1) -> Figure:
    """Starts the path's server, plays `streams` sockets at it, stops it. `lanes` 0: mixed audio."""
    core, _ = processes.cores()
    server = contender.make(folder)
    with processes.pinned(core):
        server.start()
    try:
        server.put_ahead()
        order = Order(server.urls(streams), lanes, seconds, WARM_SECONDS)
        figure = _played(contender.name, server, order, core)
    finally:
        server.__exit__()
    return figure


def _played(name: str, server: Whole | Bare, order: Order, core: int | None) -> Figure:
    streams = len(order.urls)
    with Sender(order) as sender:
        sender.wait_for("open")
        warm = sender.wait_for("warm")
        before, busy, began = server.cpu(), processes.core_busy_seconds(core), time.monotonic()
        sent = sender.wait_for("sent")
        behind = sender.wait_for("closed")["seconds"]
    server.finish(streams)
    used = server.cpu() - before
    busy, elapsed = processes.core_busy_seconds(core) - busy, time.monotonic() - began
    frames = round(sent["sent"] - warm["sent"])
    lost = round(sent["sent"]) - server.received()
    others = max(0.0, busy - used.total) / elapsed
    return Figure(
        name, streams, order.seconds, frames, *_microseconds(used, frames), lost, behind, sent["latest_ms"], others,
        order.lanes,
    )  # fmt: skip


def _microseconds(used: Cpu, frames: int) -> tuple[float, float, float, float]:
    each = 1e6 / frames
    return used.total * each, used.loop * each, used.threads * each, used.postgres * each
