"""Who uses the demo: one user with every right, whose password and token stay the same from start to start; and who
talks in it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import timezone

from calls.models import ApiToken
from calls.models import Person as Known

NAME = "operator"
CALLER, AGENT = "4:+15550100001", "8:acs:demo_agent"
NAMES = {CALLER: "Carla Lopez (customer)", AGENT: "Henry (Northwind)"}


class NameTaken(Exception):
    """The database of DATABASE_URL has a user 'operator' that no demo made here. Unset DATABASE_URL for the demo, which
    then brings its own database."""

    def __str__(self) -> str:
        return " ".join((self.__doc__ or "").split())


@dataclass(frozen=True, slots=True)
class Person:
    """The user with what is needed to sign in. Stands in VAR_DIR/demo.json, for its owner alone."""

    user: User
    password: str
    token: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What demo.json holds."""

    password: str = ""
    token: str = ""


def demo_person() -> Person:
    """Makes the user, or finds it again and puts right what was changed. Raises NameTaken."""
    path = Path(settings.VAR_DIR) / "demo.json"
    kept = _read(path)
    user, made = User.objects.get_or_create(username=NAME, defaults={"is_staff": True})
    if not (made or kept.password or settings.EMBEDDED_DATABASE):
        raise NameTaken
    password = kept.password or secrets.token_urlsafe(9)
    if not user.check_password(password):
        user.set_password(password)
    user.is_staff = user.is_active = True
    user.save()
    user.groups.add(Group.objects.get(name="Administrator"))
    token = kept.token if ApiToken.find(kept.token, timezone.now()) else ApiToken.make(user, "demo")[1]
    _write(path, Kept(password, token))
    return Person(user, password, token)


def name_people() -> None:
    """In the address book, unless they were renamed there."""
    Known.objects.bulk_create(
        [Known(raw_id=raw_id, name=name) for raw_id, name in NAMES.items()], ignore_conflicts=True
    )


def _read(path: Path) -> Kept:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Kept(str(found["password"]), str(found["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Kept()


def _write(path: Path, kept: Kept) -> None:
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(kept), file)
    made.replace(path)
