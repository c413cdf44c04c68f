"""Where connections stand in the database before their next batch, read for many at once."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from media.archiver.reading import refusal_of
from media.archiver.scan import Tracked
from media.models import Connection
from media.stream.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Stand:
    """`lanes`: raw ids the session has; `others`: whether it has other connections."""

    cursor: int
    timeline: bytes
    kept_messages: int
    quarantined_bytes: int
    lanes: set[str | None]
    others: bool
    refusal: str


def stand_of(connection_ids: list[UUID]) -> dict[UUID, Stand]:
    """By connection id; one that is missing was deleted with its session."""
    sql = """SELECT c.id, c.cursor, c.timeline, c.kept_messages, s.quarantined_bytes,
               ARRAY(SELECT p.raw_id FROM media_participant p WHERE p.session_id = c.session_id),
               EXISTS(SELECT 1 FROM media_connection o WHERE o.session_id = c.session_id AND o.id <> c.id),
               c.metadata
             FROM media_connection c JOIN media_streamsession s ON s.id = c.session_id WHERE c.id = ANY(%s)"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection_ids])
        return {row[0]: _stand(*row[1:]) for row in cursor.fetchall()}


def _stand(
    cursor: int, timeline: bytes, kept: int, quarantined: int, lanes: list[str | None], others: bool, metadata: str
) -> Stand:
    return Stand(cursor, bytes(timeline), kept, quarantined, set(lanes), others, refusal_of(json.loads(metadata)))


def timeline_after(tracked: Tracked, stand: Stand) -> Timeline:
    """The timeline of a connection that begins, which knows the session's other connections."""
    if not stand.others:
        return Timeline.new()
    others = Connection.objects.filter(session_id=tracked.session_id).exclude(id=tracked.id).exclude(timeline=b"")
    return Timeline.new([Timeline.load(bytes(state)) for state in others.values_list("timeline", flat=True)])
