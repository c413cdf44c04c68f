"""`manage.py azure`: the lines to type at Azure for this installation, on stdout."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from calls.azure_cli import Installation, script
from calls.errors import UncallableTarget
from calls.identifiers import display_of, target_of
from calls.models import AnswerRule
from config.commands import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Prints the az lines for this installation: resource, immutable id, number, speech, tunnel, and the Event Grid "
        "subscription with its key, filtered on the called numbers. Asks Azure nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--group", metavar="G", default="", help="the resource group")
        parser.add_argument("--name", metavar="N", default="", help="the resource (default: as its endpoint says)")
        parser.add_argument("--region", metavar="R", default="westeurope", help="of what lies in a region (westeurope)")
        parser.add_argument(
            "--number", metavar="N", action="append", type=_called, default=[], help="a called number or id; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = Installation(
            group=options["group"],
            name=options["name"],
            region=options["region"],
            endpoint=_endpoint(),
            public_url=settings.PUBLIC_URL,
            port=settings.PORT,
            events_key=settings.ACS_EVENTS_KEY,
            resource_id=", ".join(settings.ACS_RESOURCE_ID),
            caller_id=settings.ACS_CALLER_ID,
            cognitive_endpoint=settings.ACS_COGNITIVE_ENDPOINT,
            called=tuple(options["number"] or _called_here()),
        )
        self.stdout.write(script(known), ending="")


def _endpoint() -> str:
    from calls.acs import endpoint  # the SDK takes a second to load

    return endpoint().rstrip("/")


def _called_here() -> list[str]:
    """Of the rules and AUTO_ANSWER; without any the number that calls are placed from."""
    rules = AnswerRule.objects.filter(enabled=True).values_list("called", flat=True)
    named = [who for who in (*rules, *settings.AUTO_ANSWER) if who != "*"] or [settings.ACS_CALLER_ID]
    return [who for who in dict.fromkeys(_shown(who) for who in named) if who]


def _shown(who: str) -> str:
    """A wrong word of AUTO_ANSWER is none of this command's business."""
    try:
        return display_of(target_of(who).raw_id)
    except UncallableTarget:
        return ""


def _called(text: str) -> str:
    try:
        return display_of(target_of(text).raw_id)
    except UncallableTarget as error:
        raise argparse.ArgumentTypeError(str(error)) from None
