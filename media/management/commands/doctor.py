"""`manage.py doctor`: every outside thing, whether it works, and the exact fix; exit code 1 if something is wrong, a
setting alone included. With --beacon-only the proof alone decides."""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from calls import event_loop
from config.doctor import CHECKS, MARKS, lines_of
from media.errors import ProofRuns
from media.selfproof import proving


class Command(BaseCommand):
    help = "Checks database, Redis, recordings, spool, public URL, socket, ACS, clock, mail and users; says what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        text = "also stream a coded sound through the real door, and compare what was stored, sample by sample"
        parser.add_argument("--beacon", action="store_true", help=text)
        text = "that proof and nothing else: exit code 1 if it fails, whatever else needs attention"
        parser.add_argument("--beacon-only", action="store_true", help=text)

    def handle(self, *args: Any, beacon: bool = False, beacon_only: bool = False, **options: Any) -> None:
        checks, beacon = ((), True) if beacon_only else (CHECKS, beacon)
        bad = 0
        logging.getLogger("calls.acs").setLevel(logging.CRITICAL)  # what ACS answers stands in the finding
        for name, check in checks:
            found = check()
            for line in lines_of(name, found):
                self.stdout.write(line)
            self.stdout.flush()
            bad += found.health == "wrong"
        event_loop.close(1)
        bad += beacon and not self._prove()
        if bad:
            self.stderr.write(f"{bad} of {len(checks) + beacon} need attention.")
            sys.exit(1)

    def _prove(self) -> bool:
        """What the checks above cannot show: that all of it together keeps what is sent."""
        last = ""

        def say(words: str, percent: int) -> None:
            nonlocal last
            if words != last:
                self.stderr.write(f"       {words} …")
            last = words

        try:
            proof = proving.run(proving.begin(), say)
        except ProofRuns as runs:
            return self._told("beacon", False, str(runs))
        except DatabaseError as error:
            return self._told("beacon", False, f"The database cannot be used: {error}")
        for check in proof.checks:
            self._told(f"beacon, {check['name']}", check["good"], check["words"])
        if not proof.good:
            self.stdout.write(f"       → The session is kept: {proof.session_id}")
        return bool(proof.good)

    def _told(self, name: str, good: bool, words: str) -> bool:
        self.stdout.write(f"{MARKS['ok' if good else 'wrong']:>5}  {name}: {words}")
        return good
