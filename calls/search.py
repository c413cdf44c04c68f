"""The filters of the lists of calls. Knows nothing of rights: it narrows what access.py lets through."""

import re
from typing import Annotated
from uuid import UUID

from django.db.models import Q, QuerySet
from pydantic import Field

from calls.identifiers import display_of
from calls.models import Call, CallParticipant, Person
from calls.rest.cursor import Order
from calls.rest.inputs import Line, Time
from calls.rest.shapes import PageQuery, cursor_check
from calls.schemas import CallState, IncomingState

NEWEST = Order("created_at", by_time=True, uuids=True)
NEWEST_INCOMING = Order("received_at", by_time=True, uuids=True)
NEWEST_PEOPLE = Order("changed_at", by_time=True)
EVENTS = Order("id")
FEWEST_DIGITS, MOST_PEOPLE = 3, 50


class CallQuery(PageQuery):
    """Every filter narrows; `state` and `direction` may be given several times."""

    q: Line = Field(
        "",
        description="the beginning or end of a number, a part of a name or of the note, the beginning of an id",
    )
    state: list[CallState] = []
    direction: list[Call.Direction] = []
    call_connection_id: Line = ""
    correlation_id: Line = ""
    created_after: Time | None = None
    created_before: Time | None = None
    cursor: Annotated[str | None, cursor_check(NEWEST)] = None


class CallEventQuery(PageQuery):
    follow: bool = Field(False, description="server-sent events: those that are there, then each as it happens")
    cursor: Annotated[str | None, cursor_check(EVENTS)] = None


class IncomingQuery(PageQuery):
    state: list[IncomingState] = []
    cursor: Annotated[str | None, cursor_check(NEWEST_INCOMING)] = None


class PeopleQuery(PageQuery):
    q: Line = Field("", description="a part of a name, or of a number or raw id")
    cursor: Annotated[str | None, cursor_check(NEWEST_PEOPLE)] = None


def narrow(calls: QuerySet[Call], query: CallQuery) -> QuerySet[Call]:
    """The calls that meet every filter given."""
    exact = {
        "state__in": query.state or None,
        "direction__in": query.direction or None,
        "call_connection_id": query.call_connection_id or None,
        "correlation_id": query.correlation_id or None,
        "created_at__gt": query.created_after,
        "created_at__lt": query.created_before,
    }
    calls = calls.filter(**{name: value for name, value in exact.items() if value is not None})
    return calls.filter(_mentions(query.q)) if query.q else calls


def _mentions(text: str) -> Q:
    """A number's beginning or end; a part of a name, of the caller's own or in the address book; a word of the note;
    the beginning of an id."""
    named = Q(from_id__startswith=text) | Q(to__contains=[text]) | Q(note__icontains=text)
    named |= Q(call_connection_id__startswith=text) | Q(correlation_id__startswith=text)
    named |= Q(display_name__icontains=text) | _somebody_called(text)
    plain = text.strip().lower().replace("-", "")
    if re.fullmatch(r"[0-9a-f]{1,32}", plain):
        named |= Q(pk__gte=UUID(plain.ljust(32, "0")), pk__lte=UUID(plain.ljust(32, "f")))
    digits = re.sub(r"\D", "", text)
    if len(digits) >= FEWEST_DIGITS and re.fullmatch(r"[+()0-9 ./-]+", text):
        named |= Q(from_id__startswith=f"+{digits}") | Q(from_id__endswith=digits)
        named |= Q(to__icontains=f'"+{digits}') | Q(to__icontains=f'{digits}"')  # its JSON as text
    return named


def _somebody_called(text: str) -> Q:
    raw_ids = list(Person.objects.filter(name__icontains=text).values_list("raw_id", flat=True)[:MOST_PEOPLE])
    people = CallParticipant.objects.filter(Q(raw_id__in=raw_ids) | Q(name__icontains=text))
    found = Q(pk__in=people.order_by().values("call_id"))
    for raw_id in raw_ids:
        found |= Q(from_id=display_of(raw_id)) | Q(to__contains=[display_of(raw_id)])
    return found
