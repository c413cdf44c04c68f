"""One embedded PostgreSQL: is it there, start it, stop it. Knows nothing of Django, nor of its users (`membership.py`).

The picture of its folder and of the locks is in the package's docstring. Every wait here is bounded.
"""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from . import locks
from .account import account_for
from .address import PORT, forget_socket_folder, listening, socket_folder
from .binaries import runnable_by
from .errors import EmbeddedPostgresError, FolderUnusable, NotAnswering
from .server import ROLE, Ground, gave_up, make_password, pid_of, stop

DATABASE = "recorder"
START_SECONDS = 60.0
CONNECT_SECONDS = 5

# How a server refuses while it starts, recovers or stops, and before its first starter made the database. libpq hands
# over no code for a refused connection; `lc_messages` is C.
_NOT_READY = ("FATAL:  the database system is", f'FATAL:  database "{DATABASE}" does not exist')


@dataclass(frozen=True)
class Status:
    """What the embedded server is doing. `pid` is the postmaster's while it runs."""

    folder: Path
    made: bool
    running: bool
    pid: int | None


class Cluster:
    """The server of one folder, seen from this process. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self._alive = self.folder / "alive.lock"
        self._log = self.folder / "start.log"
        self._password = self.folder / "password"
        self._mutex = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        """Whether data exists and a process of PostgreSQL lives. Cheap: no connection is made."""
        return self.data.exists() and locks.is_held_alone(self._alive)

    def parameters(self) -> dict[str, str | int]:
        """host, port, user and password to connect with, once data exists. Raises FolderUnusable."""
        with explained(self.folder):
            password = self._password.read_text().strip()
            return {"host": str(socket_folder(self.data)), "port": PORT, "user": ROLE, "password": password}

    def start(self) -> None:
        """Returns when a server answers and has the database: the server that lives, or a new one.

        Raises EmbeddedPostgresError, after START_SECONDS at the latest.
        """
        deadline = time.monotonic() + START_SECONDS
        with explained(self.folder), self._alone(deadline):
            launched: subprocess.Popen[bytes] | None = None
            while not self._answers():
                if launched and launched.poll() is not None:
                    raise gave_up("PostgreSQL", self.data, self._log)
                if time.monotonic() >= deadline:
                    raise NotAnswering(f"PostgreSQL in {self.data} took more than {START_SECONDS:.0f} s to start.")
                if not launched and not self._occupied():
                    launched = self._launch()
                time.sleep(0.05)

    def stop(self) -> None:
        """End the server if there is one; for a caller who knows that nobody uses it."""
        with suppress(OSError):
            if listening(self.data):
                stop(self.data, lambda: locks.is_held_alone(self._alive))
        if self._server:
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(timeout=1)  # its locks go a moment before it does
        forget_socket_folder(self.data)

    def lost(self, error: psycopg.Error) -> bool:
        """Whether a failed connection may mean that the server is gone or not ready yet: then `start` and try again.

        Not decided by looking again: a server that was still coming when we knocked may be there by now.
        """
        if type(error) is not psycopg.OperationalError:  # a pool that is exhausted, say
            return not self.status().running
        return _not_ready(error) or "FATAL:" not in str(error)

    def hung(self, seconds: object) -> NotAnswering:
        """The error for a server that lives and let a connection attempt time out."""
        return NotAnswering(
            f"PostgreSQL in {self.data} lives but did not answer within {seconds} s. If it was stopped, continue it "
            f"(kill -CONT {self.status().pid}); otherwise see {self.data / 'log'}."
        )

    def status(self) -> Status:
        """Asks without starting or waiting."""
        running, pid = False, None
        with suppress(OSError, ValueError, IndexError):
            running = listening(self.data)
            pid = pid_of(self.data) if running else None
        return Status(self.folder, self.data.exists(), running, pid)

    def forget_after_fork(self) -> None:
        """In a forked child: another thread of the parent may have held the mutex, and its child is not ours."""
        self._mutex = threading.Lock()
        self._server = None

    def _answers(self) -> bool:
        """Whether a server takes our connection now. Raises what waiting would not mend: hung, password refused."""
        if not self.data.exists() or not listening(self.data):
            return False
        parameters = make_conninfo("", **self.parameters(), dbname="postgres", connect_timeout=CONNECT_SECONDS)
        try:
            with closing(psycopg.connect(parameters, autocommit=True)) as connection:
                if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchall():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.errors.ConnectionTimeout as error:
            raise self.hung(CONNECT_SECONDS) from error
        except psycopg.OperationalError as error:
            if listening(self.data) and not _not_ready(error):
                raise
            return False
        return True

    def _occupied(self) -> bool:
        """Whether a process of PostgreSQL, ours or one that somebody started by hand, is at work on the data."""
        return locks.is_held_alone(self._alive) or listening(self.data)

    def _launch(self) -> subprocess.Popen[bytes] | None:
        """None when a process of PostgreSQL turned out to live."""
        if self._server:
            self._server.poll()  # a dead child keeps its number until its parent asks
        with locks.locked(self._alive, locks.ALONE, time.monotonic() + 1) as inherited:
            if inherited is None:
                return None
            account = account_for(self.data)
            ground = Ground(self.data, self._log, runnable_by(account), account, inherited)
            if not self.data.exists():
                ground.make_data(make_password(self._password))
            self._server = ground.launch()
        return self._server

    @contextmanager
    def _alone(self, deadline: float) -> Iterator[None]:
        """One thread of one process at a time."""
        busy = NotAnswering(f"PostgreSQL in {self.data} is being started by somebody else, for too long already.")
        if not self._mutex.acquire(timeout=max(0, deadline - time.monotonic())):
            raise busy
        try:
            with locks.locked(self.folder / "start.lock", locks.ALONE, deadline) as granted:
                if granted is None:
                    raise busy
                yield
        finally:
            self._mutex.release()


def _not_ready(error: psycopg.Error) -> bool:
    return any(words in str(error) for words in _NOT_READY)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns an OSError inside the block into FolderUnusable."""
    try:
        yield
    except EmbeddedPostgresError:
        raise
    except OSError as error:
        raise FolderUnusable(
            f"The embedded PostgreSQL cannot use {error.filename or folder}: {error.strerror}. It needs {folder} on a "
            f"local disk with free space, for one user: set VAR_DIR to such a folder, or DATABASE_URL."
        ) from error
