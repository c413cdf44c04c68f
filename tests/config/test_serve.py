"""`manage.py serve`: starting, saying where, and what it says when it cannot."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.serving import ROOT, NotServing, RunningServer, free_port


def test_it_says_where_it_listens_and_leaves_its_pid(either: RunningServer) -> None:
    assert f"Listening on {either.url}\n" in either.output()
    assert (either.var_dir / "server.pid").read_text() == f"{either.pid}\n"
    written = json.loads((either.var_dir / "server.json").read_text())
    assert (written["pid"], written["host"], written["port"]) == (either.pid, "127.0.0.1", either.port)


def test_it_ends_cleanly_whenever_the_signal_comes_while_it_starts(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "var")
    for wait in (0.8, 1.1, 1.4):
        server.launch()
        assert server.process
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(wait)
        server.signal(signal.SIGTERM)
        code = server.wait()
        assert code in {0, -signal.SIGTERM}, server.output()  # before Django is up nothing is open, nothing is caught
        assert "Traceback" not in server.output()


STOPPED_AT_ONCE = """
import asyncio, socket
import django
django.setup()
from config.asgi import application
from config.serving.stop import Stop
from config.serving.uvicorn_server import run
from media import running, runtime
running.install(runtime.Runtime.open())
stop, listening = Stop(), socket.create_server(("127.0.0.1", 0))
stop.signals = 1
run(application, [listening], stop, lambda: None, stop.wait)
print([task.get_coro().__qualname__ for task in asyncio.all_tasks(asyncio.get_event_loop())], flush=True)
import os
os._exit(0)
"""


def test_nothing_of_the_server_is_left_unfinished(tmp_path: Path) -> None:
    """A task that is found pending at the end is logged with a traceback, whenever the collector comes by."""
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", STOPPED_AT_ONCE]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True)
    assert (done.stdout, done.returncode) == (b"[]\n", 0), done.stderr.decode()


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
def test_it_says_that_the_port_is_taken(tmp_path: Path, kind: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = RunningServer(tmp_path / "var", {"SERVER": kind}, port=port, fresh=True)
        server.launch()
        assert server.wait() == 1
    assert server.output() == f"Port {port} is taken by another program; set PORT=… to another one.\n"


def test_it_says_that_it_already_runs(shared: RunningServer) -> None:
    again = shared.manage("serve")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == (
        f"Port {shared.port} is taken by the server of this installation (process {shared.pid}); "
        "set PORT=… to another one.\n"
    )


def test_it_keeps_its_port_and_its_pid_whoever_else_used_them(tmp_path: Path) -> None:
    """Connections in TIME_WAIT and the server.pid of one that was killed do not stand in the way; a second server with
    its folder leaves its server.pid alone."""
    first, second = (RunningServer(tmp_path / "var") for _ in range(2))
    try:
        first.start()
        first.get("/healthz/live")
        first.kill()
        first.start()
        assert (first.var_dir / "server.pid").read_text() == f"{first.pid}\n"
        second.start()
        assert (first.var_dir / "server.pid").read_text() == f"{first.pid}\n"
        assert json.loads((first.var_dir / "server.json").read_text())["port"] == first.port
        assert second.stop() == 0
        assert (first.var_dir / "server.pid").read_text() == f"{first.pid}\n"
        assert json.loads((first.var_dir / "server.json").read_text())["port"] == first.port
        assert first.stop() == 0
        assert not (first.var_dir / "server.pid").exists()
    finally:
        first.kill()
        second.kill()


def test_of_two_that_start_at_once_one_says_so(tmp_path: Path) -> None:
    port = free_port()
    two = [RunningServer(tmp_path / name, port=port, fresh=True) for name in ("one", "other")]
    try:
        for server in two:
            server.launch()
        processes = [server.process for server in two if server.process]
        until = time.monotonic() + 60
        while all(process.poll() is None for process in processes):
            assert time.monotonic() < until
            time.sleep(0.05)
        late = next(server for server in two if server.process and server.process.poll() is not None)
        assert late.wait() == 1
        assert f"Port {port} is taken by another program; set PORT=… to another one.\n" in late.output()
        assert "Traceback" not in late.output()
    finally:
        for server in two:
            server.kill()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"HOST": "192.0.2.1"}, "HOST=192.0.2.1 is not an address of this machine; use 127.0.0.1 or 0.0.0.0."),
        ({"HOST": "no such host"}, "use 127.0.0.1 or 0.0.0.0."),
        ({"PORT": "99999"}, "PORT=99999 is out of range"),
        ({"SPOOL_DIR": "/proc/spool"}, "SPOOL_DIR=/proc/spool"),
    ],
)
def test_it_says_what_is_wrong_with_a_setting(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    server = RunningServer(tmp_path / "var", settings, fresh=True)
    server.launch()
    assert server.wait() == 1
    assert sentence in server.output()
    assert "Traceback" not in server.output()


def test_a_bare_uvicorn_refuses_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(free_port())]
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert "Start this with: python manage.py serve" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_runserver_records_too(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "var", {"DEBUG": "1"}, command="runserver", fresh=True)
    migrated = server.manage("migrate")
    assert migrated.returncode == 0, migrated.stderr
    try:
        server.start()
        url = server.media_url()
        async with connect(url):
            assert list((server.var_dir / "spool").iterdir())
        assert server.stop() == 0
        assert url.rsplit("/", 1)[1] not in server.output()
        assert "socket /acs/media/… opened 127.0.0.1" in server.output()
    finally:
        server.kill()


def test_the_fixture_says_why_a_server_did_not_start(tmp_path: Path) -> None:
    with pytest.raises(NotServing, match="ended with 1"):
        RunningServer(tmp_path / "var", {"PORT": "none"}, fresh=True).start()
