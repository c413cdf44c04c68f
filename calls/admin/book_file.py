"""Files of the address book: what one would change before it does, and the book as a file."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from calls.address_book import Entry, Problem, read_people
from calls.errors import Unnameable
from calls.services import naming
from calls.services.naming import Change

MOST_BYTES = 8 << 20
SHOWN = 200  # of what is new, of what changes and of the problems, each
SALT, VALID_SECONDS = "address-book-import", 3600
LARGEST_FORM = 2 << 20
FORMULA = re.compile(r"[=+\-@\t\r]")


class BadFile(ValueError):
    """Its message is for people."""


@dataclass(frozen=True)
class Preview:
    """What the file would do; `sealed` is what it holds, for the form that does it."""

    new: list[Change]
    changed: list[Change]
    same: int
    problems: list[Problem]
    sealed: str
    shown: int = SHOWN


def preview(file: "UploadedFile[bytes] | None") -> Preview:
    """Raises BadFile."""
    if file is None:
        raise BadFile("Choose a file.")
    if (file.size or 0) > MOST_BYTES:
        raise BadFile(f"This file is larger than {MOST_BYTES >> 20} MB: divide it.")
    found = read_people(file.read())
    entries, refused = _nameable(found.entries)
    changes = naming.changes(entries)
    sealed = signing.dumps([(each.raw_id, each.new) for each in changes], salt=SALT, compress=True)
    if len(sealed) > LARGEST_FORM:
        raise BadFile("This file holds too many people at once: divide it.")
    new = [change for change in changes if not change.old]
    changed = [change for change in changes if change.old]
    return Preview(new, changed, len(entries) - len(changes), [*found.problems, *refused], sealed)


def unsealed(sealed: str) -> list[Entry]:
    """Raises BadFile."""
    try:
        return [Entry(*pair) for pair in signing.loads(sealed, salt=SALT, max_age=VALID_SECONDS)]
    except signing.BadSignature:
        raise BadFile("The preview is too old, or was changed: choose the file again.") from None


def write(rows: Iterable[tuple[str, str]]) -> str:
    """As CSV with a mark that it is UTF-8. What a spreadsheet would take for a formula gets an apostrophe."""
    content = io.StringIO()
    lines = csv.writer(content)
    lines.writerow(("raw_id", "name"))
    lines.writerows((raw_id, f"'{name}" if FORMULA.match(name) else name) for raw_id, name in rows)
    return f"\ufeff{content.getvalue()}"


def _nameable(entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
    """Each once, as the address book holds it; whom it cannot hold is a problem of the file."""
    taken: dict[str, Entry] = {}
    refused = []
    for entry in entries:
        try:
            raw_id = naming.whom(entry.raw_id)
        except Unnameable as error:
            refused.append(Problem(0, f"{entry.name}: {error}"))
            continue
        taken.setdefault(raw_id, Entry(raw_id, entry.name))
    return list(taken.values()), refused
