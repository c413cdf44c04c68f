"""One name for a raw id, in all calls at once: the address book is changed, and the lanes of recordings hear of it
after the commit. Raises Unnameable."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from calls.address_book import LONGEST_NAME, Entry
from calls.errors import UncallableTarget, Unnameable
from calls.identifiers import LONGEST, book_id, display_of, kind_of, phone_number
from calls.models import Person
from calls.signals import people_changed
from calls.texts import one_line

AT_ONCE = 500  # rows of one statement


class Change(NamedTuple):
    """What an entry does to the address book; `old` is "" for somebody new."""

    raw_id: str
    old: str
    new: str


def whom(given: str) -> str:
    """The raw id that is meant by a number or raw id, as the address book holds it."""
    text = given.strip()
    if not text or len(text) > LONGEST:
        raise Unnameable(text[:20] or "Nobody", f"an id has 1 to {LONGEST} characters.")
    if kind_of(text) == "phone" and display_of(text) == "withheld number":
        raise Unnameable("A withheld number", "the next who withholds theirs is somebody else.")
    if re.fullmatch(r"[0-9]+:[^\s\0]+", text):
        return book_id(text)
    try:
        return f"4:{phone_number(text)}"
    except UncallableTarget as error:
        raise Unnameable(error.facts["given"], error.facts["why"]) from None


def called(given: str) -> str:
    """A name as it is kept."""
    name = " ".join(given.split())
    if not name or len(name) > LONGEST_NAME:
        raise Unnameable(name[:20] or "Nobody", f"a name has 1 to {LONGEST_NAME} characters.", ("body", "name"))
    try:
        one_line(name)
    except ValueError as error:
        raise Unnameable(name[:20], str(error), ("body", "name")) from None
    return name


def name(raw_id: str, name: str, user: User | None) -> Person:
    """Makes or changes the entry. Said again it is told again, so that lanes that were missed are named too."""
    entry = Entry(whom(raw_id), called(name))
    apply(changes([entry]) or [Change(entry.raw_id, entry.name, entry.name)], user)
    return Person.objects.select_related("changed_by").get(raw_id=entry.raw_id)


def changes(entries: Iterable[Entry]) -> list[Change]:
    """What these entries would change: new and other names; of two for the same one the first counts."""
    wanted: dict[str, str] = {}
    for entry in entries:
        wanted.setdefault(entry.raw_id, entry.name)
    known = dict(Person.objects.filter(raw_id__in=wanted).values_list("raw_id", "name"))
    return [Change(raw_id, known.get(raw_id, ""), new) for raw_id, new in wanted.items() if known.get(raw_id) != new]


def apply(wanted: Collection[Change], user: User | None) -> None:
    """All of them, or none."""
    now = timezone.now()
    people = [Person(raw_id=each.raw_id, name=each.new, changed_at=now, changed_by=user) for each in wanted]
    with transaction.atomic():
        Person.objects.bulk_create(
            people,
            batch_size=AT_ONCE,
            update_conflicts=True,
            unique_fields=["raw_id"],
            update_fields=["name", "changed_at", "changed_by"],
        )
        _tell([each.raw_id for each in wanted])


def forget(raw_ids: Collection[str]) -> int:
    """Takes them out of the address book: they are called as ACS calls them, or by number, again. How many there
    were."""
    with transaction.atomic():
        gone, _ = Person.objects.filter(raw_id__in=raw_ids).delete()
        _tell(raw_ids)
    return gone


def names_of(raw_ids: Iterable[str]) -> dict[str, str]:
    """The names that the address book has for these, whichever form they are in."""
    ids = {raw_id: book_id(raw_id) for raw_id in raw_ids}
    known = dict(Person.objects.filter(raw_id__in=set(ids.values())).values_list("raw_id", "name")) if ids else {}
    return {raw_id: known[book] for raw_id, book in ids.items() if book in known}


def _tell(raw_ids: Collection[str]) -> None:
    if raw_ids:
        transaction.on_commit(lambda: people_changed.send_robust(Person, raw_ids=list(raw_ids)))
