"""The list of sessions as CSV, a page of rows at a time, so that a long list needs no more memory than a short one."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import close_old_connections

from calls.rest.csv_lines import MARK, line
from media.access import sessions_for
from media.api.lists import NEWEST
from media.models import StreamSession
from media.sessions.doubt import doubt
from media.sessions.search import SessionQuery, narrow

MOST_ROWS, PAGE = 100_000, 500
COLUMNS = (
    *("id", "started_at", "ended_at", "duration_ms", "state", "reason", "label", "external_id", "call_connection_id"),
    *("participants", "tags", "gap_count", "gap_ms", "malformed"),
)


async def lines(user: User, query: SessionQuery) -> AsyncIterator[bytes]:
    """UTF-8 with a mark that spreadsheets look for. At most MOST_ROWS."""
    yield MARK + line(COLUMNS)
    cursor, given = query.cursor, 0
    while given < MOST_ROWS:
        found, cursor = await sync_to_async(_page)(user, query, cursor)
        yield b"".join(line(_row(session)) for session in found)
        given += len(found)
        if not cursor:
            return


def _page(user: User, query: SessionQuery, cursor: str | None) -> tuple[list[StreamSession], str | None]:
    try:
        rows = narrow(sessions_for(user), query).prefetch_related("participants", "tags")
        found, after = NEWEST.page(rows, cursor, PAGE)
        doubt(found)
        return found, after
    finally:
        close_old_connections()  # the request is over by now, for Django


def _row(session: StreamSession) -> list[str]:
    people = "; ".join(lane.label or lane.raw_id or "mixed" for lane in session.participants.all())
    tags = "; ".join(tag.name for tag in session.tags.all())
    return [
        str(session.pk),
        session.started_at.isoformat(timespec="seconds"),
        session.ended_at.isoformat(timespec="seconds") if session.ended_at else "",
        str(session.duration_ms),
        session.state,
        session.reason,
        session.label,
        session.external_id,
        session.call_connection_id,
        people,
        tags,
        str(session.gap_count),
        str(session.gap_ms),
        str(session.malformed),
    ]
