"""A whole installation under test: a server process, its PostgreSQL, its API. Ends its own processes only."""

import json
import signal
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.serving import RunningServer


class NotThere(AssertionError):
    """404."""


class Installation(RunningServer):
    """A RunningServer with what tests of faults do to it and ask of it."""

    _token = ""
    _asking = threading.Lock()

    def token(self) -> str:
        """An API token of an Administrator, made once."""
        with self._asking:
            if not self._token:
                made = self.manage("createtoken", "ada", "--create", "--group", "Administrator")
                assert made.returncode == 0, made.stderr
                self._token = made.stdout.strip()
        return self._token

    def postgres(self) -> list[psutil.Process]:
        """The PostgreSQL processes of this VAR_DIR, by the folder they stand in: the postmaster and its children."""
        found = [process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres"]
        return [process for process in found if self.var_dir in _folder_of(process).parents]

    def kill_everything(self) -> float:
        """kill -9 of the server and of PostgreSQL. The monotonic time just before."""
        doomed = self.postgres()
        assert doomed, "PostgreSQL is not running"
        at = time.monotonic()
        self.kill()
        for process in doomed:
            if process.is_running():
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(doomed, 30)
        return at

    def api(self, path: str) -> Any:
        return json.loads(self.fetch(f"/api/v1{path}"))

    def fetch(self, path: str) -> bytes:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token()}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            kind = NotThere if error.code == 404 else AssertionError
            raise kind(f"GET {path}: {error.code} {error.read()[:300]!r}") from error
        return body

    def session(self, session_id: uuid.UUID) -> dict[str, Any]:
        found: dict[str, Any] = self.api(f"/sessions/{session_id}")
        return found

    def lanes(self, session_id: uuid.UUID) -> dict[str | None, bytes]:
        """Each lane's PCM as the API exports it, from the session's origin on."""
        return {
            lane["raw_id"]: self.fetch(f"/api/v1/sessions/{session_id}/audio?participant={lane['id']}")[44:]
            for lane in self.session(session_id)["participants"]
        }

    def gaps(self, session_id: uuid.UUID) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api(f"/sessions/{session_id}/gaps")["items"]
        return found

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> float:
        """Waits until it holds; how long that took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"{what} after {seconds} s:\n{self.output()[-4000:]}"
            time.sleep(0.1)
        return time.monotonic() - began

    def until_archived(self, session_id: uuid.UUID, seconds: float = 60) -> dict[str, Any]:
        """Waits until the session is no longer live; the session."""
        self.until(lambda: self._is_archived(session_id), seconds, f"session {session_id} is still live")
        return self.session(session_id)

    def _is_archived(self, session_id: uuid.UUID) -> bool:
        """A session that the archiver has not met yet is not."""
        try:
            return not self.session(session_id)["live"]
        except NotThere:
            return False


def broken_free(var_dir: Path) -> list[Path]:
    """Segments that could not be read: there must be none."""
    return list((var_dir / "spool").rglob("broken"))


def _folder_of(process: psutil.Process) -> Path:
    try:
        return Path(process.cwd())
    except psutil.Error:  # it has just ended
        return Path("/")
