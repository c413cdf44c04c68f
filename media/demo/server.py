"""The demo's server: `manage.py serve` as a child process, from its start to its end. Knows no Django."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS_TRIED = 100
START_SECONDS = 180.0  # the first start makes a database; slow disks take their time
STOP_SECONDS = 30.0


class ServerFailed(Exception):
    """The server did not start, or ended."""


def free_port(host: str, wanted: int) -> int:
    """The first port from `wanted` up that nobody listens on."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)):
        if _is_free(host, port):
            return port
    raise ServerFailed(f"No port from {wanted} to {port} is free; name one with PORT=…")


def _is_free(host: str, port: int) -> bool:
    """Not taken on this address, nor (which some systems allow beside it) on all addresses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe, socket.socket(family) as knock:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        knock.settimeout(1)
        return knock.connect_ex((host, port)) != 0


class Server:
    """One process of `manage.py serve`; what it says goes to `log`. Whoever makes it calls stop()."""

    def __init__(self, base: str, environment: Mapping[str, str], log: Path) -> None:
        self.base, self.log = base, log
        self.begins = log.stat().st_size if log.exists() else 0  # of what this process says
        with log.open("ab") as output:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end it with one signal.
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "serve"],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, say: Callable[[str], None]) -> None:
        """Until pages are answered: the database is there and migrated. Raises ServerFailed."""
        begun = told = time.monotonic()
        while not self._is_ready():
            self.check()
            now = time.monotonic()
            if now - begun > START_SECONDS:
                raise ServerFailed(f"The server is not ready after {START_SECONDS:.0f} s. {self.last_words()}")
            if now - told > 5:
                told = now
                say(f"  … {now - begun:.0f} s {self.complaint()}".rstrip())
            time.sleep(0.1)

    def check(self) -> None:
        """Raises ServerFailed when the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise ServerFailed(f"The server ended by itself ({_ending(code)}). {self.last_words()}")

    def get(self, path: str, token: str) -> dict[str, Any]:
        """An answer of its REST API. Raises OSError (HTTPError among it) and ValueError."""
        return self._ask(urllib.request.Request(self.base + path), token, 5)  # noqa: S310  http

    def post(self, path: str, token: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """As any program would. Raises ServerFailed with its words where it refuses."""
        content = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, json.dumps(payload).encode(), content)  # noqa: S310  http
        try:
            return self._ask(request, token, 60)
        except urllib.error.HTTPError as refusal:
            said = refusal.read().decode(errors="replace")
            raise ServerFailed(f"The server refused POST {path} ({refusal.code}): {said}") from None

    def _ask(self, request: urllib.request.Request, token: str, seconds: float) -> dict[str, Any]:
        request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def stop(self) -> int:
        """Ends it cleanly: a second Ctrl-C, or too long a wait, hurries it. The exit code."""
        for seconds in (STOP_SECONDS, 5.0):
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(seconds)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                continue
        self.process.kill()
        return self.process.wait()

    def complaint(self) -> str:
        """What it last warned of since it was started, such as why it cannot use the database; "" for nothing."""
        lines = self.log.read_bytes()[self.begins :].decode(errors="replace").splitlines()
        return next(
            (line.partition(" WARNING ")[2].partition(": ")[2] for line in reversed(lines) if " WARNING " in line), ""
        )

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
        return f"Its log, {self.log}, ends with:\n" + "\n".join(lines or ["(nothing)"])

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/healthz/ready", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
