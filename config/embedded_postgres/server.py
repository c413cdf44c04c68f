"""Makes a data directory, starts and stops the server on it. Knows nothing of locks and clients.

Who calls has made sure that no process of PostgreSQL is at work there.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .account import Account, data_argument, start_options
from .address import PORT, SOCKET_NAME
from .binaries import MAJOR_VERSION
from .errors import CannotStart, OtherMajorVersion

ROLE = "recorder"

SETTINGS = {
    "listen_addresses": "",  # no TCP
    "port": str(PORT),  # only names the socket
    "unix_socket_directories": ".",  # the data directory, mode 0700
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "io_method": "sync",  # three processes fewer
    "lc_messages": "C",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",  # a week of logs
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}

_INITDB_SECONDS = 120
_COMPLAINT = re.compile(r"FATAL|PANIC|error:|could not")

# A fast shutdown first; then without a checkpoint, which costs a recovery at the next start; then nothing is asked.
_STOPS = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 6.0), (signal.SIGKILL, 4.0))


@dataclass(frozen=True)
class Ground:
    """What initdb and the server are started with. Both inherit `inherited`, a descriptor that shows they live."""

    data: Path
    log: Path
    binaries: Path
    account: Account | None
    inherited: int

    def make_data(self, password: str) -> None:
        """Run initdb: UTF-8, sorted by code point, passwords by SCRAM. `data` appears whole or not at all.

        Raises CannotStart, OSError.
        """
        unfinished = self.data.with_name("data.new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if self.account:
            os.chown(unfinished, self.account.uid, self.account.gid)
        with tempfile.TemporaryFile() as secret:
            self._hand_over(secret, password)
            arguments = ["-U", ROLE, f"--pwfile=/dev/fd/{secret.fileno()}", "--auth=scram-sha-256", "--encoding=UTF8"]
            arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            initdb = self._start("initdb", unfinished, arguments, secret.fileno())
            try:
                refused = initdb.wait(timeout=_INITDB_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(initdb.pid, signal.SIGKILL)
                refused = initdb.wait()
        if refused:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise gave_up("initdb", self.data, self.log)
        unfinished.rename(self.data)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server and return at once. Raises OtherMajorVersion, OSError."""
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR_VERSION):
            raise OtherMajorVersion(
                f"{self.data} was made by PostgreSQL {version}; this release brings PostgreSQL {MAJOR_VERSION}. Dump "
                f"it with the release that made it, move {self.data.parent} away, start again and load the dump."
            )
        _remove_stale_pid_files(self.data)
        arguments = [word for name, setting in SETTINGS.items() for word in ("-c", f"{name}={setting}")]
        return self._start("postgres", self.data, arguments)

    def _start(self, program: str, data: Path, arguments: list[str], *descriptors: int) -> subprocess.Popen[bytes]:
        command = [str(self.binaries / program), "-D", data_argument(self.account, data), *arguments]
        with self.log.open("w") as output:
            return subprocess.Popen(
                command,
                **start_options(self.account, data),
                pass_fds=(self.inherited, *descriptors),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _hand_over(self, secret: IO[bytes], password: str) -> None:
        """Fill a file without a name, which the account may read."""
        secret.write(password.encode() + b"\n")
        secret.flush()
        if self.account:
            os.fchown(secret.fileno(), self.account.uid, self.account.gid)


def gave_up(program: str, data: Path, log: Path) -> CannotStart:
    """The error for a program that ended with its work undone; `log` has its last words."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    words = next((line for line in lines if _COMPLAINT.search(line)), " ".join(lines[-3:]))
    return CannotStart(
        f"{program} gave up in {data}: {words or 'it said nothing'} (more in {log} and {data / 'log'}). "
        f"Is the disk full, or the folder damaged? Free space, or set DATABASE_URL."
    )


def make_password(kept_in: Path) -> str:
    """The role's password, made once. On disk before anything depends on it. Raises OSError."""
    with suppress(FileNotFoundError):
        return kept_in.read_text().strip()
    unfinished = kept_in.with_name("password.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(descriptor)
    unfinished.rename(kept_in)
    return kept_in.read_text().strip()


def stop(data: Path, is_alive: Callable[[], bool]) -> None:
    """End the server that listens in `data`, fast and then harder; back when all its processes are gone (18 s).

    Only for a server that listens: then the process number in `postmaster.pid` is its own.
    """
    with suppress(OSError, ValueError, IndexError):
        pid = pid_of(data)
        for number, seconds in _STOPS:
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)  # a stopped process would not hear of it
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if not is_alive():
                    return
                time.sleep(0.01)


def pid_of(data: Path) -> int:
    """What `postmaster.pid` says. Raises OSError, ValueError, IndexError."""
    return int((data / "postmaster.pid").read_text().split()[0])


def _remove_stale_pid_files(data: Path) -> None:
    """PostgreSQL refuses to start while any process has the number in them; the caller knows that none is PostgreSQL.

    Where no process has it, PostgreSQL removes them itself, after checks of its own.
    """
    for name in ("postmaster.pid", f"{SOCKET_NAME}.lock"):
        with suppress(FileNotFoundError, ValueError, IndexError, ProcessLookupError):
            pid = int((data / name).read_text().split()[0])
            with suppress(PermissionError):
                os.kill(pid, 0)
            (data / name).unlink()
