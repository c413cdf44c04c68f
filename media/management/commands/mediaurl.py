"""`manage.py mediaurl`: a signed socket URL, alone on stdout."""

import argparse
import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from calls.signed_urls import server_base
from config.commands import DatabaseCommand
from media.ingest.tokens import sign_call, socket_url
from media.sessions.media_urls import make_media_url

MOST_LETTERS = 200


class Command(DatabaseCommand):
    help = "Signs a socket URL to give to ACS, for one call. Without --call a session waits for it."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--call", metavar="UUID", type=_uuid, help="the call it is for; the call need not exist")
        which.add_argument("--label", metavar="TEXT", type=_label, default="", help="what the session is called")

    def handle(self, *args: Any, **options: Any) -> None:
        base, call = settings.PUBLIC_URL or server_base(), options["call"]
        self.stdout.write(
            socket_url(sign_call(call), base) if call else make_media_url(base, label=options["label"]).url
        )


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a call's id; that is a UUID.") from None


def _label(text: str) -> str:
    if len(text) > MOST_LETTERS:
        raise argparse.ArgumentTypeError(f"a label has at most {MOST_LETTERS} letters; this one has {len(text)}.")
    return text.strip()
