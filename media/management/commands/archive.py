"""`manage.py archive`: the archiver as a process of its own, for every spool on this disk that nobody archives."""

import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.commands import DatabaseCommand, StayingCommand
from media.archiver.worker import Archive, Loop
from media.monitoring import heartbeat, process_figures


class Command(StayingCommand, DatabaseCommand):
    help = "Archives the spools in SPOOL_DIR that no other process archives. Runs until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="archive what can be archived now, then end")
        parser.add_argument(
            "--all", action="store_true", help="adopt every spool that has no owner (it does so anyway)"
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        """A process that stays waits for the database, however long; one that is to end says that it is away."""
        return super().execute(*args, **options) if options["once"] else BaseCommand.execute(self, *args, **options)

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        loop = Loop(Archive(settings.SPOOL_DIR, orphans_only=False))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stopping.set())
        try:
            if once:
                self._drain(loop)
            else:
                loop.run(self._tell)
        finally:
            loop.archive.close()
        if loop.fault:
            sys.exit(f"Not everything is archived: {loop.fault}. The spool keeps it ({settings.SPOOL_DIR}); try again.")

    def _tell(self, loop: Loop) -> None:
        """For /metrics of the servers."""
        figures = {**process_figures.all_counted(), **process_figures.of_archiver(loop)}
        heartbeat.write(f"archive-{os.getpid()}", [], figures)

    def _drain(self, loop: Loop) -> None:
        """A second quiet round, so that what ended in the first is taken too."""
        quiet = 0
        while quiet < 2 and not loop.fault and not loop.stopping.is_set():
            quiet = 0 if loop.once() else quiet + 1
        waiting = sum(spool.scan.held() for spool in loop.archive.spools.values())
        left = f", {waiting} rows of running streams wait" if waiting else ""
        self.stderr.write(f"Archived what can be archived{left}.")
