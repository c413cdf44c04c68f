"""A real server process for tests: `manage.py serve` with a folder of its own. Knows the command line and the doors."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from config.embedded_postgres.cluster import Cluster
from media.ingest import tokens
from tests import template

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port that nobody listens on now, and that no connection is given before somebody does: below the range that
    systems take those from; by chance, because several processes ask."""
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


STARTED: set[Path] = set()


def stop_what_was_left() -> None:
    """PostgreSQL outlives a server that was killed, for whoever comes next; after the tests nobody does."""
    for folder in STARTED:
        cluster = Cluster(folder / "postgres")
        if cluster.folder.is_dir() and cluster.alive():
            cluster.stop()


class NotServing(AssertionError):
    """The server ended or did not get there in time; the message ends with its output."""


class RunningServer:
    """One server process. Use it as a context manager, or call start() and stop() or kill().

    `env` adds settings to the test's own environment (DATABASE_URL included); None takes one away. The same `var_dir`
    again is the same installation started anew. Both outputs go to `<var_dir>/server.log`, where every start appends.
    A new installation begins with a migrated database of its own; a `fresh` one with nothing.
    """

    def __init__(
        self,
        var_dir: Path,
        env: Mapping[str, str | None] | None = None,
        *,
        port: int | None = None,
        command: str = "serve",
        fresh: bool = False,
    ) -> None:
        self.var_dir = var_dir
        self.fresh = fresh
        self.port = port or free_port()
        self.command = command
        self.extra = dict(env or {})
        self.process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    # --- life --------------------------------------------------------------------------------------------------------

    def start(self, *, ready: bool = True, seconds: float = 60) -> "RunningServer":
        """Starts it and waits until it listens, and (ready=True) until /healthz/ready says 200."""
        self.launch()
        self.wait_until_listening(seconds)
        if ready:
            self.wait_until_ready(seconds)
        return self

    def launch(self) -> None:
        """Starts the process and waits for nothing."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        if not self.fresh and "DATABASE_URL" not in self.environment():
            template.copy_to(self.var_dir / "postgres")
        STARTED.add(self.var_dir)
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        arguments = [f"127.0.0.1:{self.port}", "--noreload"] if self.command == "runserver" else []
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), self.command, *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM, and waits. The exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self) -> None:
        """kill -9, as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, seconds: float = 60) -> int:
        """Waits for the process to end by itself. The exit code."""
        assert self.process
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise NotServing(f"still running after {seconds} s:\n{self.output()}") from None

    def __enter__(self) -> "RunningServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.stop()

    # --- where -------------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def media_url(self, call_id: uuid.UUID | None = None) -> str:
        """A signed address of the media socket, for a call."""
        return f"{self.ws}/acs/media/{tokens.sign_call(call_id or uuid.uuid4())}"

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def log_path(self) -> Path:
        return self.var_dir / "server.log"

    def environment(self) -> dict[str, str]:
        """The environment of this installation; for other manage.py commands beside it too (see `manage`)."""
        wanted: dict[str, str | None] = {
            **os.environ,
            "VAR_DIR": str(self.var_dir),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DEBUG": "0",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": settings.SECRET_KEY,  # so that what a test signs opens this server's doors
            **self.extra,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    # --- what it says ------------------------------------------------------------------------------------------------

    def output(self) -> str:
        """Everything it wrote since its last start."""
        if not self.log_path.exists():
            return ""
        return self.log_path.read_bytes()[self._log_start :].decode(errors="replace")

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, seconds: float = 30
    ) -> tuple[int, str, dict[str, str]]:
        """GET: status, text, headers with lower-case names; 4xx and 5xx are answers like any other."""
        request = urllib.request.Request(self.url + path, headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                status, body, raw = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as refusal:
            status, body, raw = refusal.code, refusal.read(), refusal.headers
        return status, body.decode(errors="replace"), {name.lower(): value for name, value in raw.items()}

    def readiness(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self.get("/healthz/ready")[1])
        return answer

    def wait_for_output(self, text: str, seconds: float = 30) -> str:
        """Waits until it has written that: a line about a request comes a moment after its answer. All its output."""
        until = time.monotonic() + seconds
        while text not in self.output():
            if time.monotonic() > until:
                raise NotServing(f"{text!r} is not in its output after {seconds} s:\n{self.output()}")
            time.sleep(0.05)
        return self.output()

    def wait_until_listening(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._still_running()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise NotServing(f"not listening after {seconds} s:\n{self.output()}")

    def wait_until_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._still_running()
            if self.get("/healthz/ready")[0] == 200:
                return
            time.sleep(0.1)
        raise NotServing(f"not ready after {seconds} s: {self.readiness()}\n{self.output()}")

    def manage(self, *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
        """Runs another manage.py command in this installation's environment, beside the server."""
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def _still_running(self) -> None:
        if self.process and self.process.poll() is not None:
            raise NotServing(f"ended with {self.process.returncode}:\n{self.output()}")
