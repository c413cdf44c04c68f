"""What watching and hearing cost the server that records: CPU time per second of one more watcher and listener, and
whether frames become durable as fast with ten listeners that take nothing."""

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from media.ingest import tokens
from media.monitoring.counters import LATENCY_SECONDS
from media.sessions import identity
from tests.bench import audience, processes
from tests.bench.load import Order
from tests.bench.progress import progress
from tests.bench.sending import Sender
from tests.bench.servers import Whole
from tests.serving import ROOT

SETTLE_SECONDS = 2.0
MORE, DEAF = 40, 10
SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user = User.objects.create_superuser("bench")
session = SessionStore()
session.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
                BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"})
session.save()
print("cookie", session.session_key)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One phase: how many watched, listened and were deaf; CPU in ms per second, of it the event loop's; the mean age
    of a commit's oldest message, and the bound that 99 of 100 stay below (of a coarse histogram)."""

    watch: int
    listen: int
    deaf: int
    cpu_ms: float
    loop_ms: float
    durable_ms: float
    durable_p99_ms: float


def measure(streams: int, seconds: float, folder: Path) -> list[Seen]:
    """All phases one after the other, while `streams` mixed streams come in."""
    server = Whole(folder, "uvicorn")
    phases = [(0, 0, 0), (1, 0, 0), (1 + MORE, 0, 0), (0, 1, 0), (0, 1 + MORE, 0), (0, 0, DEAF), (0, 0, 0)]
    with processes.pinned(processes.cores()[0]):
        server.start()
    try:
        server.put_ahead()
        cookie = server.manage("shell", "-v0", "-c", SIGN_IN).stdout.split()[-1]
        calls = [uuid.uuid4() for _ in range(streams)]
        urls = [f"{server.ws}/acs/media/{tokens.sign_url(call, 3600)}" for call in calls]
        sessions = [str(identity.session_of_url(call)) for call in calls]
        warm = 6.0  # sessions must have their rows before they are heard
        with Sender(Order(urls, 0, len(phases) * (seconds + SETTLE_SECONDS + 1.5), warm)) as sender:
            sender.wait_for("open")
            sender.wait_for("warm")
            found = [_phase(server, cookie, sessions, phase, seconds) for phase in phases]
            sender.process.kill()
    finally:
        server.__exit__()
    return found


def _phase(server: Whole, cookie: str, sessions: list[str], phase: tuple[int, int, int], seconds: float) -> Seen:
    watch, listen, deaf = phase
    progress(f"{watch} watch, {listen} listen, {deaf} are deaf: {len(sessions)} streams, {seconds:.0f} s")
    several = [sessions[number % len(sessions)] for number in range(max(listen, deaf))]
    order = audience.Order(server.ws, cookie, watch, several[:listen], several[:deaf])
    with _attending(order):
        time.sleep(SETTLE_SECONDS)
        before, counted, began = server.cpu(), _durable(server), time.monotonic()
        time.sleep(seconds)
        used, elapsed = server.cpu() - before, time.monotonic() - began
        counts = {bound: count - counted[bound] for bound, count in _durable(server).items()}
    commits = counts["+Inf"] or 1
    bounds = [*map(str, LATENCY_SECONDS), "+Inf"]
    p99 = next((float(bound) for bound in bounds if counts[bound] >= 0.99 * commits), float("inf"))
    mean = counts["sum"] / commits
    each = 1000 / elapsed
    return Seen(watch, listen, deaf, used.total * each, used.loop * each, mean * 1000, p99 * 1000)


@contextmanager
def _attending(order: audience.Order) -> Iterator[None]:
    if not (order.watch or order.listen or order.deaf):
        yield
        return
    with processes.pinned(processes.cores()[1]):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.audience"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(asdict(order)) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "open\n", "the audience could not get in"
        yield
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def _durable(server: Whole) -> dict[str, float]:
    """The histogram of /metrics: commits up to each bound, and the sum of seconds."""
    text = server.get("/metrics")[1]
    buckets = re.findall(r'^recorder_durable_seconds_bucket\{le="([^"]+)"[^}]*\} (\S+)', text, re.MULTILINE)
    total = re.search(r"^recorder_durable_seconds_sum\S* (\S+)", text, re.MULTILINE)
    assert buckets
    assert total
    return {**{bound: float(count) for bound, count in buckets}, "sum": float(total[1])}
