"""The filters of the list of sessions, for the REST API, the console, the admin and exports alike. Knows nothing of
rights: it narrows what access.py lets through.

Text is looked for in one index of lexemes (migrations 0010 and 0011). What is rare is fetched and then put in order;
what is common is read in order until there is enough of it. Neither can be left to the planner, which does not know how
rare the beginning of a number is."""

import re
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from pydantic import Field

from calls.rest.inputs import Line, Time
from calls.rest.shapes import PageQuery, cursor_check, one_of
from media.api.lists import NEWEST
from media.models import Participant, SessionText, StreamSession
from media.models.notes import LONGEST_TAG
from media.sessions.notes import tidy

RARE = 2000


class SessionQuery(PageQuery):
    """Every filter narrows; `state` may be given several times."""

    q: Line = Field(
        "",
        description="words that begin so, in the label, participants, notes, tags; a number's beginning or end; the "
        "beginning of an id",
    )
    state: list[Annotated[StreamSession.State, one_of(StreamSession.State)]] = Field(
        [], description="one or several states"
    )
    call_id: UUID | None = None
    call_connection_id: Line = ""
    participant: Line = Field("", description="as q, of one participant; or a participant's id")
    tag: Line = ""
    started_after: Time | None = None
    started_before: Time | None = None
    min_duration_ms: Annotated[int, Field(ge=0, le=2**53)] | None = None
    max_duration_ms: Annotated[int, Field(ge=0, le=2**53)] | None = None
    has_gaps: bool | None = None
    has_errors: bool | None = Field(None, description="unreadable messages, or failed, or interrupted")
    live: bool | None = None
    cursor: Annotated[str | None, cursor_check(NEWEST)] = None


def narrow(sessions: QuerySet[StreamSession], query: SessionQuery) -> QuerySet[StreamSession]:
    """The sessions that meet every filter given. Asks the database how rare a text is."""
    exact = {
        "state__in": query.state or None,
        "call_id": query.call_id,
        "call_connection_id": query.call_connection_id or None,
        "started_at__gt": query.started_after,
        "started_at__lt": query.started_before,
        "duration_ms__gte": query.min_duration_ms,
        "duration_ms__lte": query.max_duration_ms,
        "live": query.live,
    }
    if exact["state__in"] and len(query.state) == 1:  # so that an index gives them in order
        exact["state"], exact["state__in"] = query.state[0], None
    sessions = sessions.filter(**{name: value for name, value in exact.items() if value is not None})
    if query.q:
        sessions = mentioning(sessions, query.q)
    if query.participant:
        sessions = _with_participant(sessions, query.participant)
    if len(tidy(query.tag)) > LONGEST_TAG:  # nobody has it, and PostgreSQL takes no word of thousands of characters
        sessions = sessions.none()
    elif query.tag:
        sessions = _found(sessions, f"'t{_quoted(tidy(query.tag))}'", "%s::tsquery")
    if query.has_gaps is not None:
        sessions = sessions.filter(gap_count__gt=0) if query.has_gaps else sessions.filter(gap_count=0)
    if query.has_errors is not None:
        sessions = sessions.filter(HAS_ERRORS) if query.has_errors else sessions.exclude(HAS_ERRORS)
    return sessions


HAS_ERRORS = Q(malformed__gt=0) | Q(state__in=(StreamSession.State.FAILED, StreamSession.State.INTERRUPTED))


def mentioning(sessions: QuerySet[StreamSession], text: str) -> QuerySet[StreamSession]:
    """The sessions in which everything that `text` names is found; or whose id begins so."""
    return _found(sessions, text.replace("\0", ""), "media_query(%s)", _ids_from(text))


def _found(
    sessions: QuerySet[StreamSession], text: str, query: str, besides: list[UUID] | None = None
) -> QuerySet[StreamSession]:
    """`query` is SQL that makes a tsquery of `text`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT media_hits({query}, %s)", [text, RARE + 1])
        hits = [row[0] for row in cursor.fetchall()]
    if len(hits) <= RARE and None not in hits:
        return sessions.filter(pk__in=[*hits, *(besides or ())])
    # As a value of each row, which the planner cannot turn round into "all that hit, then sorted".
    holds = RawSQL(f"words @@ {query}", [text], output_field=BooleanField())  # noqa: S611  (as above)
    hit = SessionText.objects.filter(session=OuterRef("pk")).annotate(hit=holds).values("hit")
    return sessions.alias(hit=Subquery(hit, output_field=BooleanField())).filter(hit=True)


def _with_participant(sessions: QuerySet[StreamSession], text: str) -> QuerySet[StreamSession]:
    with suppress(ValueError):
        return sessions.filter(participants=UUID(text))
    lanes = Participant.objects.filter(session=OuterRef("pk"))
    number = re.fullmatch(r"[+()0-9 ./-]+", text)
    for word in [re.sub(r"\D", "", text)] if number else text.split():
        lanes = lanes.filter(Q(label__icontains=word) | Q(raw_id__icontains=word))
    return mentioning(sessions, text).filter(Exists(lanes))


def _ids_from(text: str) -> list[UUID]:
    """A few sessions whose id begins so, by a range of the primary key; none for text that begins no UUID."""
    digits = text.strip().lower().replace("-", "")
    if not re.fullmatch(r"[0-9a-f]{4,32}", digits):
        return []
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    return list(StreamSession.objects.filter(pk__range=(first, last)).order_by().values_list("pk", flat=True)[:50])


def _quoted(word: str) -> str:
    """For a tsquery's quotes."""
    return word.replace("\\", "\\\\").replace("'", "''")
