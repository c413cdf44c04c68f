"""The address book: one name for a raw id, in all calls at once."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import Http404, HttpRequest
from ninja import Query, Router, Status

from calls import access, shapes
from calls.access import Right
from calls.api.problems import MISSING, PROBLEMS
from calls.auth import caller_of
from calls.event_loop import db
from calls.models import Person
from calls.rest.shapes import Page, refuse_unknown
from calls.schemas import NameRequest, PersonShape
from calls.search import NEWEST_PEOPLE, PeopleQuery
from calls.services import naming

router = Router(tags=["people"])


@router.get("/people", response={200: Page[PersonShape], **PROBLEMS})
async def list_people(request: HttpRequest, query: Query[PeopleQuery]) -> dict[str, Any]:
    """The address book, last changed first."""
    refuse_unknown(request.GET, PeopleQuery)
    return await db(_list, caller_of(request).user, query)


@router.put("/people/{raw_id}", response={200: PersonShape, **PROBLEMS})
async def name_person(request: HttpRequest, raw_id: str, payload: NameRequest) -> PersonShape:
    """What a raw id or number is called, in all calls at once."""
    return await db(_name, caller_of(request).user, raw_id, payload.name)


@router.delete("/people/{raw_id}", response={204: None, **MISSING})
async def forget_person(request: HttpRequest, raw_id: str) -> Status[None]:
    """Takes it out of the address book: it is called as ACS calls it, or by its number, again."""
    await db(_forget, caller_of(request).user, raw_id)
    return Status(204, None)


def _list(user: User, query: PeopleQuery) -> dict[str, Any]:
    access.demand(user, Right.PEOPLE)
    found = Person.objects.select_related("changed_by")
    if query.q:
        found = found.filter(Q(name__icontains=query.q) | Q(raw_id__icontains=query.q))
    people, after = NEWEST_PEOPLE.page(found, query.cursor, query.limit)
    return {"items": [shapes.person_shape(person) for person in people], "next": after}


def _name(user: User, raw_id: str, name: str) -> PersonShape:
    access.demand(user, Right.NAME)
    return shapes.person_shape(naming.name(raw_id, name, user))


def _forget(user: User, raw_id: str) -> None:
    access.demand(user, Right.FORGET)
    if not naming.forget([naming.whom(raw_id)]):
        raise Http404(f"The address book has no {raw_id}.")
