"""How soon a frame is safe, at real-time pace with the server on one core: written, synced, archived; what the spool
does meanwhile; and, over minutes (`--soak`), whether anything grows."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import processes
from tests.bench.load import Order
from tests.bench.probe import Ages
from tests.bench.progress import progress
from tests.bench.sending import Sender
from tests.bench.servers import Whole
from tests.bench.tables import at_most, table
from tests.serving import ROOT

WARM_SECONDS = 3.0
LOOK_SECONDS = 1.0
MEMORY_LOOKS = 5  # at memory in every fifth look: the kernel holds the process up meanwhile
WRITTEN_MS, SYNCED_P99_MS, GROWN_MIB = 250, 400, 10
LONG_SECONDS = 120.0  # from here on growth of memory says something
LAG = "SELECT COALESCE(max((figures->>'archive_lag')::float), 0) FROM media_servingprocess"


@dataclass(frozen=True, slots=True)
class Lived:
    """One run. `lag`: age of the oldest message that was not archived, second by second: a chunk is taken when it is
    whole, so half of one is usual. `grown_mib`: the server's PSS, its last quarter over its second."""

    streams: int
    seconds: float
    frames: int
    lost: int
    written: Ages
    synced: Ages
    syncs_per_second: float
    spool_mb_per_second: float
    lag_p50: float
    lag_most: float
    pss_mib: float
    grown_mib: float
    sender_late_ms: float
    behind_seconds: float


def measure(streams: int, seconds: float, folder: Path) -> Lived:
    server = Whole(folder, "uvicorn")
    with processes.pinned(processes.cores()[0]):
        server.start()
    try:
        server.put_ahead()
        with processes.pinned(processes.cores()[1]):  # whoever looks does so from the sender's core
            return _played(server, Order(server.urls(streams), 1, seconds, WARM_SECONDS))
    finally:
        server.__exit__()


def _played(server: Whole, order: Order) -> Lived:
    lags: list[float] = []
    held: list[float] = []
    with Sender(order) as sender:
        sender.wait_for("open")
        sender.wait_for("warm")
        with _probing(server) as probe:
            until = time.monotonic() + order.seconds - 2 * LOOK_SECONDS
            while time.monotonic() < until or not lags:
                time.sleep(LOOK_SECONDS)
                lags.append(server.database.number(LAG))
                if len(lags) % MEMORY_LOOKS == 1:
                    held.append(processes.memory(server.pid)[1] / (1 << 20))
                if len(lags) % 60 == 0:
                    progress(f"{len(lags)} s, archive lag {lags[-1]:.1f} s, memory {held[-1]:.0f} MiB")
            seen = json.loads(probe.communicate()[0])
        sent = sender.wait_for("sent")
        behind = sender.wait_for("closed")["seconds"]
    server.finish(len(order.urls))
    return Lived(
        len(order.urls), order.seconds, round(sent["sent"]), round(sent["sent"]) - server.received(),
        Ages(**seen["written"]), Ages(**seen["synced"]),
        seen["commits"] / seen["seconds"], seen["size"] / seen["seconds"] / 1e6,
        median(lags), max(lags), median(held), _growth(held), sent["latest_ms"], behind,
    )  # fmt: skip


def _growth(held: list[float]) -> float:
    quarter = max(1, len(held) // 4)
    return median(held[-quarter:]) - median(held[quarter : 2 * quarter] or held)


@contextmanager
def _probing(server: Whole) -> Iterator[subprocess.Popen[str]]:
    """The probe, while it looks; on the sender's core."""
    with processes.pinned(processes.cores()[1]):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.probe", str(server.var_dir / "spool")],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
    with process:
        try:
            processes.put_ahead(process.pid)
            assert process.stdout
            assert process.stdout.readline() == "ready\n", "the probe could not read the spool"
            yield process
        except BaseException:
            process.kill()
            raise


def latency_table(found: list[Lived]) -> str:
    heads = ("from a frame's stamp, ms: 50 % / 99 % / all", "written", "synced", "syncs/s", "spool MB/s")
    more = ("archive lag, s: 50 % / all", "memory, grown by", "")
    rows = [
        (
            f"{lived.streams} streams, {lived.seconds:.0f} s", _three(lived.written), _three(lived.synced),
            f"{lived.syncs_per_second:.1f}", f"{lived.spool_mb_per_second:.1f}",
            f"{lived.lag_p50:.1f} / {lived.lag_most:.1f}", f"{lived.pss_mib:.0f} MiB, {lived.grown_mib:+.1f}",
            _remark(lived),
        )
        for lived in found
    ]  # fmt: skip
    return table((*heads, *more), rows)


def _three(ages: Ages) -> str:
    return f"{ages.p50:.0f} / {ages.p99:.0f} / {ages.most:.0f}"


def _remark(lived: Lived) -> str:
    lost = f"{lived.lost} frames lost; " if lived.lost else ""
    return f"{lost}sender late by up to {lived.sender_late_ms:.0f} ms"


def latency_verdicts(found: list[Lived]) -> list[str]:
    said = []
    for lived in found:
        at = f"at {lived.streams} streams for {lived.seconds:.0f} s"
        said += [
            at_most(f"frames lost {at}", lived.lost, 0),
            at_most(f"written {at}, the worst of all", lived.written.most, WRITTEN_MS, "ms"),
            at_most(f"synced {at}, 99 of 100", lived.synced.p99, SYNCED_P99_MS, "ms"),
        ]
        if lived.seconds >= LONG_SECONDS:
            said.append(at_most(f"memory grown {at}", lived.grown_mib, GROWN_MIB, "MiB", 1))
    return said
