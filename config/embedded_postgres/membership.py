"""Who uses an embedded PostgreSQL: each process holds a shared lock, and who gets it alone on leaving stops the server.

The lock is the kernel's, so a killed process is no longer a user, stops nothing under the others, keeps nothing alive.
When the last user is killed, the server stays until the next one comes (it is adopted) and leaves.
"""

import atexit
import os
import threading
import time
from pathlib import Path

from . import locks
from .cluster import START_SECONDS, Cluster, explained
from .errors import NotAnswering


class Membership:
    """This process as a user of one cluster. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder)
        self._mutex = threading.Lock()
        self._lock: int | None = None

    def ready(self) -> dict[str, str | int]:
        """Joins, and gives the connection parameters of the server, started if none lives.

        Raises EmbeddedPostgresError. A server that lives but hangs is not waited for: connecting will show it.
        """
        self.join()
        if not self.cluster.alive():
            self.cluster.start()
        return self.cluster.parameters()

    def join(self) -> None:
        """From here on nobody else stops the server, until `leave` or the end of this process."""
        if self._lock is not None:
            return
        deadline = time.monotonic() + START_SECONDS
        with explained(self.cluster.folder), self._mutex:
            if self._lock is None:
                self._lock = self._shared_lock(deadline)

    def leave(self) -> None:
        """This process needs the server no longer; stops it when nobody else does."""
        with self._mutex:
            lock, self._lock = self._lock, None
            if lock is None:
                return
            try:
                # Our shared lock is given up first; of several who leave at once the last one is granted this.
                if locks.try_lock(lock, locks.ALONE):
                    self.cluster.stop()
            finally:
                os.close(lock)

    def forget_after_fork(self) -> None:
        """In a forked child: the membership is the parent's; the child joins for itself when it connects."""
        self._mutex = threading.Lock()
        self.cluster.forget_after_fork()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _shared_lock(self, deadline: float) -> int:
        folder = self.cluster.folder
        if _ending:
            raise NotAnswering(f"This process is ending and has left the PostgreSQL in {folder}.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = locks.open_lock(folder / "users.lock")
        if not locks.wait_for_lock(lock, locks.SHARED, deadline):
            os.close(lock)
            raise NotAnswering(f"Another process has been stopping the PostgreSQL in {folder} for too long.")
        return lock


_memberships: dict[Path, Membership] = {}
_ending = False


def membership_in(folder: Path) -> Membership:
    """The one of this process for that folder."""
    return _memberships.setdefault(folder, Membership(folder))


def _leave_all() -> None:
    global _ending
    _ending = True
    for membership in _memberships.values():
        membership.leave()


def _forget_all() -> None:
    for membership in _memberships.values():
        membership.forget_after_fork()


atexit.register(_leave_all)
os.register_at_fork(after_in_child=_forget_all)
