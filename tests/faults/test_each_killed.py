"""Each process is killed by itself, at random, under running streams: the archiver, PostgreSQL whole and one of its
processes, Redis; and PostgreSQL gives no connection to anybody. No frame is lost, no socket closed. Then the server
itself, beside all others that live on."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.database import Database, database
from tests.faults import FULL
from tests.faults.conftest import QUICK
from tests.faults.installation import Installation
from tests.faults.load import LANE, Crowd, crowd_of
from tests.faults.told import tell
from tests.redis_server import RedisServer, running_redis
from tests.serving import ROOT

ROUNDS, AWAY = (3, 5.0) if FULL else (1, 2.0)  # each of them so often; seconds that it is away


class Archiver:
    """`manage.py archive`, started again after each kill."""

    def __init__(self, server: Installation) -> None:
        self.server = server
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "archive"]
        with self.server.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.server.environment(), stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def postmaster(postgres: Database) -> psutil.Process:
    pid = postgres.member.cluster.status().pid
    assert pid
    return psutil.Process(pid)


@contextmanager
def archiver_dead(archiver: Archiver) -> Iterator[None]:
    archiver.kill()
    yield
    archiver.start()


@contextmanager
def one_of_postgresql_dead(postgres: Database, chance: random.Random) -> Iterator[None]:
    """PostgreSQL ends all its connections then, and recovers by itself."""
    chance.choice(postmaster(postgres).children()).send_signal(signal.SIGKILL)
    yield


@contextmanager
def all_of_postgresql_dead(postgres: Database) -> Iterator[None]:
    master = postmaster(postgres)
    doomed = [master, *master.children(recursive=True)]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(doomed, 30)
    yield
    postgres.start()


@contextmanager
def no_connection_left(postgres: Database) -> Iterator[None]:
    """We take all that there are, and whoever has one loses it."""
    held: list[psycopg.Connection] = []
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            held.append(psycopg.connect(postgres.url, connect_timeout=5, autocommit=True))
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> ALL(%s)"
    )
    end = time.monotonic() + AWAY
    while time.monotonic() < end:
        held[0].execute(others, [[each.info.backend_pid for each in held]])
        with contextlib.suppress(psycopg.OperationalError):
            held.append(psycopg.connect(postgres.url, connect_timeout=5, autocommit=True))
        time.sleep(0.05)
    yield
    for each in held:
        each.close()


@contextmanager
def redis_dead(redis: RedisServer) -> Iterator[None]:
    assert redis.process
    redis.process.kill()
    redis.process.wait(10)
    yield
    redis.start()


def says_so(server: Installation) -> None:
    """While the database is away: the probe and the API say so in words, and that recording goes on."""
    server.until(lambda: server.get("/healthz/ready")[0] == 503, 30, "a database that is away is not said")
    assert '"spool": "ok"' in server.get("/healthz/ready")[1]
    status, text, _ = server.get("/api/v1/sessions", {"Authorization": f"Bearer {server.token()}"})
    assert (status, "Recording goes on" in text) == (503, True), text


@pytest.mark.slow
def test_each_process_killed_by_itself_takes_nothing_from_running_streams(tmp_path: Path) -> None:
    chance = random.Random(8)
    with ExitStack() as stack:
        postgres = stack.enter_context(database(tmp_path / "postgres"))
        redis = stack.enter_context(running_redis(tmp_path))
        env = {**QUICK, "DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "ARCHIVE_IN_PROCESS": "0"}
        server = Installation(tmp_path / "var", env)
        stack.callback(server.kill)
        server.start(seconds=120)
        server.token()
        archiver = Archiver(server)
        stack.callback(archiver.kill)
        faults: list[tuple[Callable[[], contextlib.AbstractContextManager[None]], bool]] = [
            (lambda: archiver_dead(archiver), False),
            (lambda: one_of_postgresql_dead(postgres, chance), False),
            (lambda: all_of_postgresql_dead(postgres), True),
            (lambda: no_connection_left(postgres), False),
            (lambda: redis_dead(redis), False),
        ] * ROUNDS
        chance.shuffle(faults)
        talkers = crowd_of(5, 120 + len(faults) * (AWAY + 12))
        with Crowd(server.ws, talkers) as crowd:
            server.until(crowd.spoke, 60, "not all streams spoke")
            for fault, shows in faults:
                time.sleep(chance.uniform(0, 2))
                with fault():
                    if shows:
                        says_so(server)
                    time.sleep(AWAY)
                server.until(lambda: server.get("/healthz/ready")[0] == 200, 60, "it is not ready again")
            server.until(
                lambda: all(is_recording(server, talker.session_id) for talker in talkers), 60, "not recording"
            )
            assert {talker.closed for talker in talkers} == {""}
            killed_at = time.monotonic()
            server.kill()  # by itself: the archiver finds a spool without an owner
        server.start(seconds=120)
        for talker in talkers:
            session = server.until_archived(talker.session_id, 120)
            stored = server.lanes(talker.session_id)[LANE]
            assert talker.pcm_sent().startswith(stored), "something is stored that was not sent, or twice"
            assert stored.startswith(talker.pcm_sent(before=killed_at - 0.25)), (
                "more than 250 ms before the kill is lost"
            )
            assert session["state"] == "interrupted"
            (gap,) = server.gaps(talker.session_id)
            assert (gap["cause"], gap["samples"]) == ("server_stopped", None)
        assert server.manage("verify", "--all", seconds=120).returncode == 0
        assert server.stop() == 0
    tell(
        f"{len(faults)} kills of archiver, PostgreSQL, Redis; no connections", "nothing", "not ready while it was away"
    )
    tell("kill -9 of the server, the others live on", "at most the last 250 ms", "interrupted; the gap: server stopped")


def is_recording(server: Installation, session_id: object) -> bool:
    found = server.api(f"/sessions/{session_id}")
    return found["state"] == "recording" and bool(found["participants"])
