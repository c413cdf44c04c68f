"""What lanes are called: by the address book, else as the call names its participants, else by their number."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

BOOK_ID = "CASE WHEN l.raw_id LIKE '4:+%%' THEN split_part(l.raw_id, '_', 1) ELSE l.raw_id END"
NUMBER = "CASE WHEN l.raw_id LIKE '4:+%%' THEN split_part(substr(l.raw_id, 3), '_', 1) ELSE '' END"
LANES = f"""
FROM media_participant l JOIN media_streamsession s ON s.id = l.session_id
LEFT JOIN calls_person b ON b.raw_id = {BOOK_ID}
LEFT JOIN calls_callparticipant c ON c.call_id = s.call_id AND c.raw_id = l.raw_id AND c.name <> ''
WHERE true
"""
NAMED = "left(COALESCE(b.name, c.name), 200)"
NAME = f"""
UPDATE media_participant p SET label = {NAMED} {LANES} AND p.id = l.id AND l.session_id = ANY(%s) AND l.label <> {NAMED}
"""  # noqa: S608  (no value is in it)
LABEL = f"left(COALESCE(b.name, c.name, {NUMBER}), 200)"
RENAME = """
UPDATE media_participant p SET label = found.label
FROM (SELECT l.id, {label} AS label {lanes} AND l.label <> {label} LIMIT %s) found WHERE p.id = found.id
"""
THIS = "AND (l.raw_id = %s OR l.raw_id LIKE %s)"  # the index on raw_id can answer this, but not the other
THESE = f"AND {BOOK_ID} = ANY(%s)"
AT_ONCE = 1000  # lanes of one statement: each makes its session's words anew (migration search)
FEW = 50


def name_lanes(sessions: Sequence[UUID]) -> None:
    """The lanes of these sessions, as far as somebody has a name for them."""
    with connection.cursor() as cursor:
        cursor.execute(NAME, [list(sessions)])


def rename(raw_ids: Collection[str], most: int | None = None) -> bool:
    """The address book changed: their lanes in all sessions, at most so many. Who is no longer in it is called as the
    call says, or by number again. False where all are named."""
    if len(raw_ids) > FEW:
        return _rename(THESE, [list(raw_ids)], most)
    left = [_rename(THIS, [raw_id, _suffixed(raw_id)], most) for raw_id in raw_ids]
    return any(left)


def _rename(which: str, values: list[Any], most: int | None) -> bool:
    """In several statements, none of which is long: somebody may stand in each recording of years."""
    statement, done = RENAME.format(label=LABEL, lanes=LANES + which), 0
    while most is None or done < most:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, AT_ONCE])
            changed = cursor.rowcount
        done += changed
        if changed < AT_ONCE:
            return False
    return True


def _suffixed(raw_id: str) -> str:
    """What LIKE finds a telephone's longer forms by (4:+1…_suffix); of others there are none."""
    if not raw_id.startswith("4:+"):
        return ""
    plain = raw_id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{plain}\\_%"
