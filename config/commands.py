"""Commands that need the database: they bring it up to date first, so that each works on a fresh clone, and say in a
sentence when it is away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config.serving.migrations import bring_up_to_date


class DatabaseCommand(BaseCommand):
    """A command whose handle() finds every table."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            bring_up_to_date()
            return super().execute(*args, **options)
        except OperationalError as error:
            raise CommandError(away(error)) from error


def away(error: OperationalError) -> str:
    """The sentence for whoever gave a command."""
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return f"The database cannot be used now: {reason}. Check DATABASE_URL, then try again."
