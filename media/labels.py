"""What lanes are called: by the address book, else as the call names its participants, else by their number."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection

BOOK_ID = "CASE WHEN l.raw_id LIKE '4:+%%' THEN split_part(l.raw_id, '_', 1) ELSE l.raw_id END"
NUMBER = "CASE WHEN l.raw_id LIKE '4:+%%' THEN split_part(substr(l.raw_id, 3), '_', 1) ELSE '' END"
FROM = f"""
FROM media_participant l JOIN media_streamsession s ON s.id = l.session_id
LEFT JOIN calls_person b ON b.raw_id = {BOOK_ID}
LEFT JOIN calls_callparticipant c ON c.call_id = s.call_id AND c.raw_id = l.raw_id AND c.name <> ''
WHERE p.id = l.id
"""
NAMED = "left(COALESCE(b.name, c.name), 200)"
NAME = f"UPDATE media_participant p SET label = {NAMED} {FROM} AND l.session_id = ANY(%s) AND l.label <> {NAMED}"  # noqa: S608
RENAME = f"UPDATE media_participant p SET label = left(COALESCE(b.name, c.name, {NUMBER}), 200) {FROM}"  # noqa: S608  (no value is in it)
THIS = "AND (l.raw_id = %s OR l.raw_id LIKE %s)"  # an index can answer this, but not the other
THESE = f"AND {BOOK_ID} = ANY(%s)"
FEW = 50


def name_lanes(sessions: Sequence[UUID]) -> None:
    """The lanes of these sessions, as far as somebody has a name for them."""
    with connection.cursor() as cursor:
        cursor.execute(NAME, [list(sessions)])


def rename(raw_ids: Collection[str]) -> None:
    """The address book changed: their lanes in all sessions. Who is no longer in it is called as the call says, or by
    number again."""
    with connection.cursor() as cursor:
        if len(raw_ids) > FEW:
            cursor.execute(f"{RENAME} {THESE}", [list(raw_ids)])
            return
        for raw_id in raw_ids:
            cursor.execute(f"{RENAME} {THIS}", [raw_id, _suffixed(raw_id)])


def _suffixed(raw_id: str) -> str:
    """What LIKE finds a telephone's longer forms by (4:+1…_suffix); of others there are none."""
    if not raw_id.startswith("4:+"):
        return ""
    plain = raw_id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{plain}\\_%"
