"""`manage.py supportbundle SESSION`: what somebody outside needs to help, without audio, numbers and names."""

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from config.commands import DatabaseCommand
from config.doctor import report
from media.models import StreamSession
from media.support import bundle


class Command(DatabaseCommand):
    help = "Writes a zip of a session's events, counters, versions and the doctor's findings: no audio, no numbers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("session", metavar="SESSION", help="the session's id")
        parser.add_argument("--output", metavar="FILE", type=Path, help="default: support-SESSION.zip, here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            session = StreamSession.objects.select_related("call").get(pk=uuid.UUID(options["session"]))
        except (ValueError, StreamSession.DoesNotExist):
            raise CommandError(f"There is no session {options['session']}.") from None
        path = options["output"] or Path(f"support-{session.pk}.zip")
        try:
            path.write_bytes(bundle(session, report()))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        self.stdout.write(str(path))
