"""`manage.py doctor`: every outside thing, whether it works, and the exact fix; exit code 1 if something is wrong."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from calls import desk
from config.doctor import CHECKS

MARKS = {"ok": "ok", "off": "–", "wrong": "WRONG"}


class Command(BaseCommand):
    help = "Checks database, Redis, recordings, spool, public URL, socket, ACS and clock, and says what to do."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        bad = 0
        for name, check in CHECKS:
            found = check()
            self.stdout.write(f"{MARKS[found.health]:>5}  {name}: {found.words}")
            if found.fix:
                self.stdout.write(f"       → {found.fix}")
            self.stdout.flush()
            bad += found.health == "wrong"
        desk.close(1)
        if bad:
            self.stderr.write(f"{bad} of {len(CHECKS)} need attention.")
            sys.exit(1)
