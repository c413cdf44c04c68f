"""The filters of the list of sessions. Knows nothing of rights: it narrows what access.py lets through."""

import re
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from pydantic import Field

from calls.rest.inputs import Line, Time
from calls.rest.shapes import PageQuery, cursor_check
from media.models import Participant, StreamSession
from media.pages import NEWEST


class SessionQuery(PageQuery):
    """Every filter narrows; `state` may be given several times."""

    q: Line = Field("", description="in the label, external id, or a participant; or the beginning of the id")
    state: list[StreamSession.State] = Field([], description="one or several states")
    call_id: UUID | None = None
    call_connection_id: Line = ""
    participant: Line = Field("", description="in a participant's label or raw id; or a participant's id")
    started_after: Time | None = None
    started_before: Time | None = None
    min_duration_ms: Annotated[int, Field(ge=0, le=2**53)] | None = None
    has_gaps: bool | None = None
    has_errors: bool | None = Field(None, description="unreadable messages, or failed, or interrupted")
    live: bool | None = None
    cursor: Annotated[str | None, cursor_check(NEWEST)] = None


def narrow(sessions: QuerySet[StreamSession], query: SessionQuery) -> QuerySet[StreamSession]:
    """The sessions that meet every filter given."""
    exact = {
        "state__in": query.state or None,
        "call_id": query.call_id,
        "call_connection_id": query.call_connection_id or None,
        "started_at__gt": query.started_after,
        "started_at__lt": query.started_before,
        "duration_ms__gte": query.min_duration_ms,
        "live": query.live,
    }
    sessions = sessions.filter(**{name: value for name, value in exact.items() if value is not None})
    if query.q:
        sessions = sessions.filter(_mentions(query.q))
    if query.participant:
        sessions = sessions.filter(_has_participant(query.participant))
    if query.has_gaps is not None:
        sessions = sessions.filter(gap_count__gt=0) if query.has_gaps else sessions.filter(gap_count=0)
    if query.has_errors is not None:
        sessions = sessions.filter(HAS_ERRORS) if query.has_errors else sessions.exclude(HAS_ERRORS)
    return sessions


HAS_ERRORS = Q(malformed__gt=0) | Q(state__in=(StreamSession.State.FAILED, StreamSession.State.INTERRUPTED))


def _mentions(text: str) -> Q:
    named = Q(label__icontains=text) | Q(external_id__icontains=text) | _has_participant(text)
    return named | _id_begins(text)


def _has_participant(text: str) -> Q:
    named = Q(label__icontains=text) | Q(raw_id__icontains=text)
    with suppress(ValueError):
        named |= Q(pk=UUID(text))
    return Q(Exists(Participant.objects.filter(named, session=OuterRef("pk"))))


def _id_begins(text: str) -> Q:
    """Ids in a range, so that the primary key's index finds them; nothing for text that begins no UUID."""
    digits = text.strip().lower().replace("-", "")
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits):
        return Q()
    return Q(pk__gte=UUID(digits.ljust(32, "0")), pk__lte=UUID(digits.ljust(32, "f")))
