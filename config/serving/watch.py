"""Watches what we stand on, each thing from its own thread: a hung one delays neither the others nor a request."""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from config.readiness import Part, readiness
from config.serving import migrations

logger = logging.getLogger(__name__)

SECONDS = 2.0
SLOWEST_RETRY = 5.0


class Watch(threading.Thread):
    """Probes one thing for ever and keeps its Part. The log has a line when it goes and when it comes back."""

    def __init__(self, name: str, part: Part, probe: Callable[[], None], problem: str, advice: str) -> None:
        super().__init__(name=f"watch {name}", daemon=True)
        self.what, self.part, self.probe, self.problem, self.advice = name, part, probe, problem, advice
        self.told = ""

    def run(self) -> None:
        wait = 0.25
        while True:
            wait = SECONDS if self.look() else min(SLOWEST_RETRY, wait * 2)
            time.sleep(wait)

    def look(self) -> bool:
        try:
            self.probe()
        except Exception as error:  # noqa: BLE001  whatever a driver, a disk or a migration raises: it is tried again
            self.part.fails(self.problem)
            self._tell(" ".join(str(error).split()) or type(error).__name__)
            return False
        self.part.works()
        if self.told:
            logger.warning("The %s works again.", self.what)
            self.told = ""
        return True

    def _tell(self, reason: str) -> None:
        if reason != self.told:
            logger.warning("The %s does not work: %s. %s", self.what, reason.rstrip("."), self.advice)
        self.told = reason


class Database:
    """The probe of the database: migrates it first (or, with migrate=False, finds it migrated), then sees it answer."""

    def __init__(self, migrate: bool) -> None:
        self.migrate, self.migrated = migrate, False

    def __call__(self) -> None:
        try:
            if not self.migrated:
                self._migrate()
            self._answers()
        except BaseException:
            connections["default"].close()
            raise

    def _migrate(self) -> None:
        if self.migrate:
            migrations.bring_up_to_date()
        elif migrations.outstanding(connections["default"]):
            raise RuntimeError("it is not migrated: python manage.py migrate")
        self.migrated = True

    def _answers(self) -> None:
        connection = connections["default"]
        if connection.connection is not None and not connection.is_usable():
            connection.close()  # only our own connection may be gone: the next line opens another
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


def spool_probe(folder: Path) -> Callable[[], None]:
    """Writes a byte where the recordings are received."""
    path = folder / f".writable.{os.getpid()}"

    def probe() -> None:
        path.write_bytes(b"1")
        path.unlink()

    return probe


def watch(spool: Path, migrate: bool) -> None:
    """Starts watching; from here on pages are refused while the database is away."""
    readiness.watched = True
    away = "Pages answer 503 until it is back; recording goes on."
    Watch("database", readiness.database, Database(migrate), "not available, or not migrated yet", away).start()
    full = "New audio cannot be kept: look at its disk and rights."
    Watch("spool", readiness.spool, spool_probe(spool), "cannot be written", full).start()
