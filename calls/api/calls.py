"""Placing and joining calls, lists, and following one."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Header, Query, Router, Status

from calls import access, follow, shapes
from calls.access import Right
from calls.api.problems import ASKING, MISSING, PROBLEMS
from calls.auth import caller_of
from calls.call_options import Joining, Placing
from calls.errors import AcsFailed
from calls.event_loop import ask, db
from calls.idempotency import begin_once
from calls.models import Call, CallEvent
from calls.rest.shapes import Page, refuse_unknown
from calls.schemas import CallEventShape, CallRequest, CallShape, JoinRequest
from calls.search import EVENTS, NEWEST, CallEventQuery, CallQuery, narrow
from calls.services import placing

Begin = Callable[[], tuple[Call, bool]]
Bring = Callable[[Call], Awaitable[Call]]

FOLLOWED: dict[str, Any] = {
    "responses": {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
}

router = Router(tags=["calls"])
Key = Annotated[str, Header(alias="Idempotency-Key", description="the same key and request: the same call, once")]


@router.post("/calls", response={201: CallShape, **ASKING}, by_alias=True)
async def place_call(request: HttpRequest, payload: CallRequest, response: HttpResponse, key: Key = "") -> Status[Any]:
    """Places a call, whose sound is recorded from the moment it is connected. Several targets ring at once."""
    options = payload.call_options(display_name=payload.display_name or "")
    asked = Placing(tuple(payload.to), payload.from_ or "", options)
    user = caller_of(request).user
    begin = partial(_begin, user, key, payload.model_dump(), partial(placing.begin_placing, asked, user))
    return await _brought_about(response, begin, lambda call: placing.place(call, asked))


@router.post("/calls/connect", response={201: CallShape, **ASKING}, by_alias=True)
async def join_call(request: HttpRequest, payload: JoinRequest, response: HttpResponse, key: Key = "") -> Status[Any]:
    """Joins a call that exists: by server call id, group call id or room id."""
    place: Literal["server_call_id", "group_call_id", "room_id"] = (
        "server_call_id" if payload.server_call_id else "group_call_id" if payload.group_call_id else "room_id"
    )
    options = payload.call_options(display_name=payload.display_name or "")
    asked = Joining(place, getattr(payload, place) or "", options)
    user = caller_of(request).user
    begin = partial(_begin, user, key, payload.model_dump(), partial(placing.begin_joining, asked, user))
    return await _brought_about(response, begin, lambda call: placing.join(call, asked))


@router.get("/calls", response={200: Page[CallShape], **PROBLEMS}, by_alias=True)
async def list_calls(request: HttpRequest, query: Query[CallQuery]) -> dict[str, Any]:
    """Calls, newest first."""
    refuse_unknown(request.GET, CallQuery)
    return await db(_list, caller_of(request).user, query)


@router.get("/calls/{call_id}", response={200: CallShape, **MISSING}, by_alias=True)
async def get_call(request: HttpRequest, call_id: UUID, wait: Literal["connected", "ended"] | None = None) -> CallShape:
    """One call. `wait`: answers when it is connected or ended, or after 60 s, as it is then."""
    await db(access.find_call, caller_of(request).user, call_id)
    if wait:
        await follow.wait_for(call_id, wait)
    return await db(shapes.call_shape, call_id)


@router.get("/calls/{call_id}/events", response={200: Page[CallEventShape], **MISSING}, openapi_extra=FOLLOWED)
async def list_call_events(request: HttpRequest, call_id: UUID, query: Query[CallEventQuery]) -> Any:
    """What happened to it, newest first; or with `follow=1` as server-sent events, oldest first, until its end."""
    await db(access.find_call, caller_of(request).user, call_id)
    if query.follow:
        after = request.headers.get("Last-Event-ID", "")
        told = follow.follow(call_id, int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0)
        return StreamingHttpResponse(told, content_type="text/event-stream", headers={"Cache-Control": "no-store"})
    return await db(_events, call_id, query)


def _begin(user: User, key: str, payload: dict[str, Any], begin: Any) -> tuple[Call, bool]:
    access.demand(user, Right.PLACE)
    return begin_once(user, key, payload, begin)


async def _brought_about(response: HttpResponse, begin: Begin, bring: Bring) -> Status[Any]:
    """`bring` asks ACS, unless the same request was made before. Whoever hangs up meanwhile changes nothing: a call
    that was begun is brought about."""

    async def once() -> Call:
        call, new = await db(begin)
        if new:
            await bring(call)
        elif call.state == Call.State.FAILED:
            failed = AcsFailed(call.end_reason, call.end_code, str(call.end_subcode or ""))
            failed.call_id = call.pk
            raise failed
        return call

    call = await ask(once())
    response["Location"] = f"/api/v1/calls/{call.pk}"
    return Status(201, await db(shapes.call_shape, call.pk))


def _list(user: User, query: CallQuery) -> dict[str, Any]:
    access.demand(user, Right.LIST)
    found = narrow(shapes.whole(access.calls_for(user)), query)
    calls, after = NEWEST.page(found, query.cursor, query.limit)
    return {"items": shapes.call_shapes(calls), "next": after}


def _events(call_id: UUID, query: CallEventQuery) -> dict[str, Any]:
    events, after = EVENTS.page(CallEvent.objects.filter(call_id=call_id), query.cursor, query.limit)
    return {"items": [shapes.event_shape(event) for event in events], "next": after}
