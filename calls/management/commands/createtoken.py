"""`manage.py createtoken`: an API token, alone on stdout, shown once."""

import argparse
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from calls.models import ApiToken
from config.commands import DatabaseCommand

GROUPS = ("Operator", "Supervisor", "Administrator")
MOST_DAYS = 36_500


class Command(DatabaseCommand):
    help = "Makes an API token for a user and prints it, once. Only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="whose rights the token has")
        parser.add_argument("--create", action="store_true", help="make the user if there is none (it cannot sign in)")
        parser.add_argument("--group", metavar="G", help=f"put the user into this group: {', '.join(GROUPS)}")
        parser.add_argument("--name", metavar="N", default="", help="what the token is for")
        parser.add_argument(
            "--days", metavar="D", type=_days, help="how long it is valid (default: until it is deleted)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            user = _user(options["user"], options["create"])
            if options["group"]:
                user.groups.add(_group(options["group"]))
            _, token = ApiToken.make(user, _name(options["name"]), options["days"])
        if not user.is_superuser and not user.groups.exists() and not user.user_permissions.exists():
            self.stderr.write(f"{user} is in no group and may do nothing yet: --group Operator gives the usual rights.")
        self.stdout.write(token)


def _user(name: str, create: bool) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        if not create:
            raise CommandError(f"There is no user {name!r}. Add --create to make it.")
        user = _make(name)
    if not user.is_active:
        raise CommandError(
            f"The user {name!r} is not active, so no token of it would work. Activate it in /admin/ first."
        )
    return user


def _make(name: str) -> User:
    user = User(username=name)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise CommandError(f"{name!r} cannot be a user's name: {' '.join(error.messages)}") from None
    user.save()
    return user


def _group(name: str) -> Group:
    group = Group.objects.filter(name__iexact=name).first()
    if group is None:
        raise CommandError(f"There is no group {name!r}; the groups are {', '.join(GROUPS)}.")
    return group


def _name(name: str) -> str:
    if len(name) > 100:
        raise CommandError("--name is too long: a token's name has at most 100 characters.")
    return name


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of days from 1 to {MOST_DAYS}.")
    return int(text)
