"""Commands that need the database: they bring it up to date first, so that each works on a fresh clone, and say in a
sentence when it is away. And commands that stay: what they say is lines of the log (LOG_FORMAT)."""

import logging
import sys
from typing import Any, NoReturn

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config.serving.migrations import bring_up_to_date

log = logging.getLogger(__name__)


class DatabaseCommand(BaseCommand):
    """A command whose handle() finds every table."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            bring_up_to_date()
            return super().execute(*args, **options)
        except OperationalError as error:
            raise CommandError(away(error)) from error


class StayingCommand(BaseCommand):
    """A process whose standard error is a log: each finding of the system checks is a record of its own. `tells` is
    False where another process of the same start says what is no reason to end."""

    tells = True

    def check(self, *args: Any, **options: Any) -> None:
        found = [each for each in checks.run_checks() if not each.is_silenced()]
        wrong = any(each.is_serious() for each in found)
        for each in found:
            if self.tells or wrong:
                words = f"{each.msg} {each.hint or ''}".split()
                log.log(each.level, "%s (%s)", " ".join(words), each.id)
        if wrong:
            sys.exit(1)


def tell(sentence: str) -> None:
    """To whoever started it, as it is; or as a line for programs."""
    if settings.LOG_FORMAT == "json":
        log.critical("%s", sentence)
    else:
        sys.stderr.write(f"{sentence}\n")


def fail(sentence: str) -> NoReturn:
    tell(sentence)
    sys.exit(1)


def away(error: OperationalError) -> str:
    """The sentence for whoever gave a command."""
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return f"The database cannot be used now: {reason}. Check DATABASE_URL, then try again."
