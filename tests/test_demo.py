"""`manage.py demo` as people start it: from an empty folder, a second time, and when something is in the way."""

import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serving import ROOT, free_port

FACTS = ["url", "user", "password", "token", "session", "pid"]


class Demo:
    """A running demo: `facts` are what it printed before `ready`."""

    def __init__(self, var_dir: Path, port: int, **env: str) -> None:
        self.errors = var_dir.parent / "demo.err"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "demo"],
                env={
                    **os.environ,
                    "VAR_DIR": str(var_dir),
                    "PORT": str(port),
                    "EMULATOR_PORT": str(free_port()),
                    **env,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self.facts: dict[str, str] = {}

    def wait_until_ready(self, seconds: float = 120) -> "Demo":
        out = self.process.stdout
        assert out
        lines: list[str] = []
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            until = time.monotonic() + seconds
            while "ready" not in lines:
                assert selector.select(until - time.monotonic()), f"not ready after {seconds} s: {self.said()}"
                line = out.readline().decode()
                assert line, f"it ended: {self.said()}"
                lines.append(line.strip())
        self.facts = dict(line.split("=", 1) for line in lines[:-1])
        return self

    def said(self) -> str:
        return self.errors.read_text()

    def wait_until_said(self, words: str, seconds: float = 20) -> str:
        until = time.monotonic() + seconds
        while words not in self.said():
            assert time.monotonic() < until, self.said()
            time.sleep(0.1)
        return self.said()

    def session(self) -> dict[str, Any]:
        return self.api(f"/sessions/{self.facts['session']}")

    def api(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.facts['token']}"}
        request = urllib.request.Request(f"{self.facts['url']}api/v1{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def demo(var_dir: Path, port: int) -> Iterator[Demo]:
    started = Demo(var_dir, port)
    try:
        yield started.wait_until_ready()
    finally:
        started.process.terminate()
        started.process.wait(60)


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def processes_with(text: str) -> list[str]:
    """Command lines and environments of living processes that name `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in folder.joinpath("cmdline").read_bytes() + folder.joinpath("environ").read_bytes():
                found.append(folder.joinpath("cmdline").read_bytes().decode())
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation for all tests here, in a folder with a space."""
    folder = tmp_path_factory.mktemp("demo") / "a folder"
    folder.mkdir()
    return folder


def test_it_records_a_call_from_an_empty_folder(var_dir: Path) -> None:
    with taken_port() as port, demo(var_dir, port) as started:
        assert list(started.facts) == FACTS
        assert f"Port {port} is taken; using " in started.said()
        assert started.facts["url"] != f"http://127.0.0.1:{port}/"
        session = started.session()
        assert (session["state"], session["live"]) == ("recording", True)
        assert session["frames"]["stored"] > 0
        assert {lane["label"] for lane in session["participants"]} <= {"Carla Lopez (customer)", "Henry (Northwind)"}
        call = started.api(f"/calls/{session['call_id']}")
        assert (call["state"], call["direction"]) == ("connected", "outbound")
        assert "Join it with your own voice: http://127.0.0.1:" in started.wait_until_said("Join as caller")
        os.kill(int(started.facts["pid"]), 0)
    assert started.process.returncode == 0
    assert not processes_with(str(var_dir))
    assert (var_dir / "demo.json").stat().st_mode & 0o777 == 0o600


def test_it_prints_the_same_user_a_second_time(var_dir: Path) -> None:
    kept = json.loads((var_dir / "demo.json").read_text())
    with demo(var_dir, free_port()) as started:
        assert (started.facts["password"], started.facts["token"]) == (kept["password"], kept["token"])
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(60) == 0
    assert "Traceback" not in started.said()


def test_it_says_so_and_ends_when_the_server_dies(var_dir: Path) -> None:
    with demo(var_dir, free_port()) as started:
        os.kill(int(started.facts["pid"]), signal.SIGKILL)
        assert started.process.wait(60) == 1
    assert re.search(
        r"The server ended by itself \(signal SIGKILL\)\. Its log, .*server\.log, ends with:", started.said()
    )
    assert "Traceback" not in started.said()
    assert not processes_with(str(var_dir))


def test_it_says_what_the_server_waits_for(tmp_path: Path) -> None:
    started = Demo(tmp_path / "var", free_port(), DATABASE_URL=f"postgres://a:b@127.0.0.1:{free_port()}/x")
    try:
        until = time.monotonic() + 60
        while " s The database does not work: " not in started.said():
            assert time.monotonic() < until, started.said()
            time.sleep(0.1)
    finally:
        started.process.send_signal(signal.SIGINT)
        started.process.wait(40)


def test_it_says_why_the_server_does_not_start(tmp_path: Path) -> None:
    started = Demo(tmp_path / "var", free_port())
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var" / "spool").write_text("in the way of a folder")
    assert started.process.wait(60) == 1
    assert "The server ended by itself" in started.said()
