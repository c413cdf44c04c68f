"""Finding sessions in the admin: as everywhere else (media/sessions/search.py); and, in other lists, the
beginning of an id."""

import uuid

from django.db.models import Q

HELP = "Name, number (beginning or end), participant, note, tag, or the beginning of an id"


def id_begins(word: str, field: str = "pk") -> Q:
    """A range of ids (so that the index serves it); nothing where `word` is no beginning of one."""
    digits = word.replace("-", "").lower()
    if not 4 <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
        return Q()
    first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
    return Q((f"{field}__gte", first), (f"{field}__lte", last))
