"""What lanes are called: by the address book, else as the call names its participants, else by their number."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q

from calls.models import Person
from media import identity
from media.models import Participant

NAME = """
UPDATE media_participant p SET label = left(COALESCE(b.name, c.name), 200)
FROM media_participant l JOIN media_streamsession s ON s.id = l.session_id
LEFT JOIN calls_person b
  ON b.raw_id = CASE WHEN l.raw_id LIKE '4:+%%' THEN split_part(l.raw_id, '_', 1) ELSE l.raw_id END
LEFT JOIN calls_callparticipant c ON c.call_id = s.call_id AND c.raw_id = l.raw_id AND c.name <> ''
WHERE p.id = l.id AND l.session_id = ANY(%s)
  AND l.label <> left(COALESCE(b.name, c.name), 200)
"""


def name_lanes(sessions: Sequence[UUID]) -> None:
    """The lanes of these sessions, as far as somebody has a name for them."""
    with connection.cursor() as cursor:
        cursor.execute(NAME, [list(sessions)])


def rename(raw_ids: Iterable[str]) -> None:
    """The address book changed: their lanes in all sessions. Who is no longer in it is called by number again."""
    names = dict(Person.objects.filter(raw_id__in=list(raw_ids)).values_list("raw_id", "name"))
    for raw_id in raw_ids:
        lanes = Q(raw_id=raw_id)
        if raw_id.startswith("4:"):
            lanes |= Q(raw_id__startswith=f"{raw_id}_")
        Participant.objects.filter(lanes).update(label=(names.get(raw_id) or identity.label_of(raw_id))[:200])
