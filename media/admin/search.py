"""Finding sessions by what people have at hand: a name, a number, somebody else's id, or the beginning of ours."""

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from media.models import Participant, StreamSession

HELP = "Name, number, participant, external id, call connection id, or the beginning of a session id"


def search(sessions: QuerySet[StreamSession], text: str) -> QuerySet[StreamSession]:
    """The sessions in which every word of `text` is found; "words in quotes" are one."""
    for bit in smart_split(text.replace("\x00", "")):
        word = unescape_string_literal(bit) if bit[0] in "\"'" and bit[0] == bit[-1] and len(bit) > 1 else bit
        sessions = sessions.filter(_holds(word))
    return sessions


def _holds(word: str) -> Q:
    lanes = Participant.objects.filter(session=OuterRef("pk")).filter(
        Q(label__icontains=word) | Q(raw_id__icontains=word)
    )
    found = Q(label__icontains=word) | Q(external_id__istartswith=word) | Q(Exists(lanes))
    found |= Q(call_connection_id__startswith=word) | Q(correlation_id__startswith=word)
    return found | id_begins(word)


def id_begins(word: str, field: str = "pk") -> Q:
    """A range of ids (so that the index serves it); nothing where `word` is no beginning of one."""
    digits = word.replace("-", "").lower()
    if not 4 <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
        return Q()
    first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
    return Q((f"{field}__gte", first), (f"{field}__lte", last))
