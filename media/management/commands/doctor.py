"""`manage.py doctor`: every outside thing, whether it works, and the exact fix; exit code 1 if something is wrong."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from calls import desk
from config.doctor import CHECKS, MARKS, lines_of
from media.beacon import Proof, prove


class Command(BaseCommand):
    help = "Checks database, Redis, recordings, spool, public URL, socket, ACS and clock, and says what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        text = "also stream a coded sound through the real door, and compare what was stored, sample by sample"
        parser.add_argument("--beacon", action="store_true", help=text)

    def handle(self, *args: Any, beacon: bool = False, **options: Any) -> None:
        bad = 0
        for name, check in CHECKS:
            found = check()
            for line in lines_of(name, found):
                self.stdout.write(line)
            self.stdout.flush()
            bad += found.health == "wrong"
        desk.close(1)
        bad += beacon and not self._prove()
        if bad:
            self.stderr.write(f"{bad} of {len(CHECKS) + beacon} need attention.")
            sys.exit(1)

    def _prove(self) -> bool:
        """What the checks above cannot show: that all of it together keeps what is sent."""
        try:
            proof = prove(lambda step: self.stderr.write(f"       {step} …"))
        except DatabaseError as error:
            proof = Proof(False, f"The database cannot be used: {error}")
        self.stdout.write(f"{MARKS['ok' if proof.good else 'wrong']:>5}  beacon: {proof.words}")
        if proof.session:
            self.stdout.write(f"       → The session is kept: {proof.session}")
        return proof.good
