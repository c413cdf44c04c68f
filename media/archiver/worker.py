"""The archiver's loop: a thread of the server by default, a process of its own with `manage.py archive`.

PostgreSQL or the storage being away is an ordinary state: it is logged once, tried again with backoff, and the spool
keeps everything meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import Error as DatabaseFault
from django.db import ProgrammingError, connection
from django.utils import timezone

from media.archiver.settle import settle
from media.archiver.spool import SpoolArchive
from media.archiver.sweep import sweep, sweep_deleted
from media.monitoring.counters import counted
from media.sessions.retention import expire_one
from media.spool import folder as folders
from media.spool.folder import FolderLock

log = logging.getLogger(__name__)

STEP_SECONDS = 1.0
LOOK_FOR_ORPHANS_SECONDS = 2.0
LONGEST_BACKOFF = 5.0
SWEEP_SECONDS = 3600.0
FIRST_SWEEP_SECONDS = 300.0  # after the start, which has enough to do; one that is restarted each hour sweeps, too


class Archive:
    """All spools that this process archives."""

    def __init__(self, spool_dir: Path, own: Path | None = None, orphans_only: bool = True) -> None:
        self.spool_dir, self.own, self.orphans_only = spool_dir, own, orphans_only
        self.spools: dict[Path, SpoolArchive] = {}
        self._looked_at = -LOOK_FOR_ORPHANS_SECONDS
        self._swept_at = time.monotonic() - SWEEP_SECONDS + FIRST_SWEEP_SECONDS
        self._expiring = False

    def step(self, stopping: Callable[[], bool] = lambda: False) -> bool:
        """One round; True when work is left that could be done at once."""
        self._take_spools()
        began = time.monotonic()
        busy = False
        for spool in list(self.spools.values()):
            spool.read_on()
            spool.report()
        for path, spool in list(self.spools.items()):
            busy |= spool.archive(lambda: stopping() or time.monotonic() - began > STEP_SECONDS)
            if spool.done():
                del self.spools[path]
                spool.close(remove=True)
        settle()
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            sweep(timezone.now())
            sweep_deleted(timezone.now())
            self._expiring = True
        if self._expiring:
            self._expiring = False  # should it fail: archiving goes on, and it is tried again in an hour
            self._expiring = expire_one(timezone.now())
        return busy

    def _take_spools(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_FOR_ORPHANS_SECONDS:
            return
        self._looked_at = time.monotonic()
        for path in folders.folders(self.spool_dir):
            if path not in self.spools and self._may_take(path) and (lock := FolderLock.take(path / folders.ARCHIVER)):
                self.spools[path] = SpoolArchive(path, lock)

    def _may_take(self, path: Path) -> bool:
        if path == self.own or not self.orphans_only:
            return True
        owner = FolderLock.take(path / folders.OWNER)
        if owner:
            owner.release()
        return owner is not None

    def close(self) -> None:
        for spool in self.spools.values():
            spool.close()
        self.spools.clear()


class Loop:
    """Steps until told to stop, whatever is away meanwhile."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.stopping = threading.Event()
        self.fault = ""
        self.last_step_at = 0.0
        self._backoff = 0.0

    def run(self, tell: "Callable[[Loop], None]" = lambda _: None) -> None:
        """`tell` is called after each step that went well, with the database at hand."""
        while not self.stopping.is_set():
            began = time.monotonic()
            busy = self.once(tell)
            if self._backoff:
                self.stopping.wait(self._backoff)
            elif not busy:
                self.stopping.wait(max(0.05, STEP_SECONDS - (time.monotonic() - began)))

    def once(self, tell: "Callable[[Loop], None]" = lambda _: None) -> bool:
        """A step, with its faults named, remembered and logged once."""
        try:
            busy = self.archive.step(self.stopping.is_set)
            tell(self)
        except (DatabaseFault, OSError) as error:
            counted.archive_errors["database" if isinstance(error, DatabaseFault) else "storage"] += 1
            self._failed(error)
            return False
        except Exception as error:  # a fault of ours must not end archiving for good
            counted.archive_errors["fault"] += 1
            log.exception("A fault in archiving.")
            self._failed(error)
            return False
        if self.fault:
            log.warning("Archiving goes on.")
        self.fault, self._backoff, self.last_step_at = "", 0.0, time.time()
        return busy

    def _failed(self, error: Exception) -> None:
        sentence = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if isinstance(error, ProgrammingError) and not self.last_step_at:
            sentence = "the database is not migrated yet"
            log.info("Archiving waits: %s.", sentence)
        elif not self.fault:
            log.error("Archiving waits (%s); the spool keeps everything and it is tried again.", sentence)
        self.fault = sentence
        self._backoff = min(LONGEST_BACKOFF, max(0.5, self._backoff * 2))
        connection.close()


class ArchiverThread:
    """The loop as a daemon thread, so that a hung database cannot keep the server from ending."""

    def __init__(self, spool_dir: Path, own: Path) -> None:
        self.loop = Loop(Archive(spool_dir, own))
        self.thread = threading.Thread(target=self._run, name="archiver", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def _run(self) -> None:
        try:
            self.loop.run()
            self.loop.stopping.clear()
            self._drain()
        finally:
            self.loop.archive.close()
            connection.close()

    def _drain(self) -> None:
        """After the last socket: everything is closed, so everything can be archived. `stop` bounds the time."""
        while not self.loop.stopping.is_set():
            busy = self.loop.once()
            if self.loop.fault or (not busy and not self.loop.archive.spools):
                return
            self.loop.stopping.wait(0.05)

    def stop(self, seconds: float) -> None:
        """Called when the spool is closed. Gives the archiver `seconds` to take what is left."""
        self.loop.stopping.set()
        self.thread.join(seconds)
        self.loop.stopping.set()
        self.thread.join(1.0)
