"""Calls that come in: listed, answered, rejected, redirected."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Query, Router, Status

from calls import access, shapes
from calls.access import Right
from calls.api.problems import ASKING, PROBLEMS
from calls.auth import caller_of
from calls.event_loop import ask, db
from calls.models import IncomingCall
from calls.rest.shapes import Page, refuse_unknown
from calls.schemas import AnswerRequest, CallShape, IncomingShape, RedirectRequest, RejectRequest
from calls.search import NEWEST_INCOMING, IncomingQuery
from calls.services import incoming

router = Router(tags=["incoming calls"])
PLAIN_ANSWER, PLAIN_REJECTION = AnswerRequest(), RejectRequest()


@router.get("/incoming", response={200: Page[IncomingShape], **PROBLEMS}, by_alias=True)
async def list_incoming(request: HttpRequest, query: Query[IncomingQuery]) -> dict[str, Any]:
    """Calls that came in, newest first; `state=ringing` for those that may be answered."""
    refuse_unknown(request.GET, IncomingQuery)
    return await db(_list, caller_of(request).user, query)


@router.post("/incoming/{incoming_id}/answer", response={202: CallShape, **ASKING}, by_alias=True)
async def answer(request: HttpRequest, incoming_id: UUID, payload: AnswerRequest = PLAIN_ANSWER) -> Status[Any]:
    """Answers it, announces, then adds whoever is named in `then_add`."""
    user = await _allowed(request, incoming_id)
    call = await ask(incoming.answer(incoming_id, payload.call_options(then_add=tuple(payload.then_add)), user))
    return Status(202, await db(shapes.call_shape, call.pk))


@router.post("/incoming/{incoming_id}/reject", response={202: IncomingShape, **ASKING}, by_alias=True)
async def reject(request: HttpRequest, incoming_id: UUID, payload: RejectRequest = PLAIN_REJECTION) -> Status[Any]:
    user = await _allowed(request, incoming_id)
    return Status(202, await _shaped(await ask(incoming.reject(incoming_id, payload.reason, user))))


@router.post("/incoming/{incoming_id}/redirect", response={202: IncomingShape, **ASKING}, by_alias=True)
async def redirect(request: HttpRequest, incoming_id: UUID, payload: RedirectRequest) -> Status[Any]:
    """Lets somebody else be called instead; nothing of it is recorded."""
    user = await _allowed(request, incoming_id)
    return Status(202, await _shaped(await ask(incoming.redirect(incoming_id, payload.to, user))))


async def _allowed(request: HttpRequest, incoming_id: UUID) -> User:
    user = caller_of(request).user
    await db(access.find_incoming, user, incoming_id, Right.CONTROL)
    return user


async def _shaped(row: IncomingCall) -> IncomingShape:
    return await db(lambda: shapes.incoming_shape(IncomingCall.objects.select_related("decided_by").get(pk=row.pk)))


def _list(user: User, query: IncomingQuery) -> dict[str, Any]:
    access.demand(user, Right.LIST)
    found = access.incoming_for(user).select_related("decided_by")
    if query.state:
        found = found.filter(state__in=query.state)
    rows, after = NEWEST_INCOMING.page(found, query.cursor, query.limit)
    return {"items": [shapes.incoming_shape(row) for row in rows], "next": after}
