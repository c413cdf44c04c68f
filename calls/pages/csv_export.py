"""The list of calls as CSV, a page of rows at a time, so that a long list needs no more memory than a short one."""

from collections.abc import AsyncIterator
from datetime import datetime

from django.contrib.auth.models import User

from calls.access import calls_for
from calls.event_loop import db
from calls.models import Call
from calls.pages.names import Names, names_in
from calls.rest.csv_lines import MARK, line
from calls.search import NEWEST, CallQuery, narrow

MOST_ROWS, PAGE = 100_000, 500
COLUMNS = (
    *("id", "direction", "state", "from", "to", "participants", "created_at", "connected_at", "ended_at"),
    *("duration_ms", "end_code", "end_subcode", "end_reason", "created_by", "note", "session_id"),
)


async def lines(user: User, query: CallQuery) -> AsyncIterator[bytes]:
    """At most MOST_ROWS."""
    yield MARK + line(COLUMNS)
    cursor, given = query.cursor, 0
    while given < MOST_ROWS:
        found, cursor = await db(_page, user, query, cursor)
        yield b"".join(found)
        given += len(found)
        if not cursor:
            return


def _page(user: User, query: CallQuery, cursor: str | None) -> tuple[list[bytes], str | None]:
    rows = narrow(calls_for(user), query).select_related("created_by").prefetch_related("participants", "sessions")
    calls, after = NEWEST.page(rows, cursor, PAGE)
    names = names_in(calls, [person.raw_id for call in calls for person in call.participants.all()])
    return [line(_row(call, names)) for call in calls], after


def _row(call: Call, names: Names) -> list[str]:
    lasted = (call.ended_at - call.connected_at).total_seconds() * 1000 if call.connected_at and call.ended_at else 0
    sessions = sorted(call.sessions.all(), key=lambda session: session.started_at)
    people = [person.name or names.of(person.raw_id) for person in call.participants.all()]
    return [
        *(str(call.pk), call.direction, call.state, call.from_id, "; ".join(map(str, call.to)), "; ".join(people)),
        *(_at(call.created_at), _at(call.connected_at), _at(call.ended_at), str(int(lasted)) if lasted else ""),
        *("" if code is None else str(code) for code in (call.end_code, call.end_subcode)),
        *(call.end_reason if call.is_over else "", call.created_by.get_username() if call.created_by else ""),
        *(call.note, str(sessions[-1].pk) if sessions else ""),
    ]


def _at(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else ""
