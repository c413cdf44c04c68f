"""`manage.py verify`: reads stored audio again and compares it with its hashes and the counters."""

import argparse
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet, Sum

from config.commands import DatabaseCommand
from media import verify
from media.management.progress import Progress
from media.models import StreamSession


class Command(DatabaseCommand):
    help = "Reads stored audio again, against its hashes, and the counters against it. Exit code 1 on any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("sessions", nargs="*", metavar="SESSION", type=_uuid, default=[], help="ids of sessions")
        which.add_argument("--all", action="store_true", help="every session")

    def handle(self, *args: Any, **options: Any) -> None:
        sessions = _sessions(options["sessions"])
        seconds = sum(_seconds(session) for session in sessions.iterator())
        progress, done, chunks, differences = Progress("verifying", seconds, sys.stderr), 0.0, 0, 0
        try:
            for session in sessions.iterator():
                for chunk in verify.chunks_of(session).iterator(chunk_size=50):
                    done, chunks = done + verify.seconds_of(chunk), chunks + 1
                    differences += self.say(verify.file_differences(chunk)) + self.say(verify.level_differences(chunk))
                    progress.show(done)
                differences += self.say(self.counters(session))
        except OSError as error:
            raise CommandError(f"The recordings storage cannot be read: {error}") from None
        progress.end(done)
        self.stdout.write(f"{sessions.count()} sessions, {chunks} chunks, {differences} differences.")
        if differences:
            sys.exit(1)

    def counters(self, session: StreamSession) -> Iterator[str]:
        if not session.live:
            return verify.counter_differences(session)
        self.stderr.write(f"session {session.pk} is not final yet: its files were compared, its counters were not.")
        return iter(())

    def say(self, sentences: Iterator[str]) -> int:
        count = 0
        for count, sentence in enumerate(sentences, 1):  # noqa: B007  (the number of sentences)
            self.stdout.write(sentence)
        return count


def _sessions(ids: list[uuid.UUID]) -> QuerySet[StreamSession]:
    """Those with the ids, or all. Raises CommandError for an id that is unknown."""
    if not ids:
        return StreamSession.objects.order_by("started_at", "id")
    found = StreamSession.objects.filter(pk__in=ids).order_by("started_at", "id")
    known = set(found.values_list("pk", flat=True))
    for session_id in ids:
        if session_id not in known:
            raise CommandError(f"There is no session {session_id}.")
    return found


def _seconds(session: StreamSession) -> float:
    by_rate = verify.chunks_of(session).values("rate").annotate(samples_in_all=Sum("samples")).order_by()
    return float(sum(row["samples_in_all"] / row["rate"] for row in by_rate))


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a session's id; that is a UUID.") from None
