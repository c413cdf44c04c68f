"""The pages that place a call, or join one that exists. The row is made at once and ACS is asked on the event loop of
calls, so the page of the call shows what is pending and how it ends."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from calls import access
from calls.access import Right
from calls.call_options import Joining, Placing
from calls.errors import AcsFailed, CallsError, InvalidRequest
from calls.event_loop import db, spawn
from calls.idempotency import begin_once
from calls.models import Call
from calls.pages import commands, options
from calls.pages.bodies import BadForm, checked
from calls.pages.doors import shown, signed_in
from calls.pages.options import Filled
from calls.schemas import CallRequest, JoinRequest
from calls.services import placing

Begin = Callable[[], Call]
Bring = Callable[[Call], Coroutine[Any, Any, Call]]


@require_http_methods(["GET", "POST"])
@signed_in
async def new(request: HttpRequest, user: User) -> HttpResponse:
    """Calls somebody, or several at once."""
    await db(access.demand, user, Right.PLACE)
    if request.method == "GET":
        return await _form(request, "calls/new.html", "/calls", await db(_first, request, user))
    body = options.placing(request.POST)
    try:
        payload = checked(CallRequest, body)
        call_options = payload.call_options(display_name=payload.display_name or "")
        asked = Placing(tuple(payload.to), payload.from_ or "", call_options)
        begin = partial(placing.begin_placing, asked, user)
        return await _brought_about(request, user, body, begin, lambda call: placing.place(call, asked))
    except (BadForm, CallsError) as refused:
        return await _refused(request, "calls/new.html", "/calls", refused)


@require_http_methods(["GET", "POST"])
@signed_in
async def join(request: HttpRequest, user: User) -> HttpResponse:
    """Joins a call that exists."""
    await db(access.demand, user, Right.PLACE)
    if request.method == "GET":
        return await _form(request, "calls/join.html", "/calls/connect", await db(_first, request, user))
    body = options.joining(request.POST)
    try:
        if not request.POST.get("id", "").strip():
            raise BadForm({"id": "Say which call."})
        payload = checked(JoinRequest, body)
        asked = _joining(payload)
        begin = partial(placing.begin_joining, asked, user)
        return await _brought_about(request, user, body, begin, lambda call: placing.join(call, asked))
    except (BadForm, CallsError) as refused:
        return await _refused(request, "calls/join.html", "/calls/connect", refused)


def _joining(payload: JoinRequest) -> Joining:
    place: Literal["server_call_id", "group_call_id", "room_id"] = (
        "server_call_id" if payload.server_call_id else "group_call_id" if payload.group_call_id else "room_id"
    )
    return Joining(place, getattr(payload, place) or "", payload.call_options())


async def _brought_about(
    request: HttpRequest, user: User, body: dict[str, Any], begin: Begin, bring: Bring
) -> HttpResponse:
    """A form that is sent twice is one call."""
    once = f"form-{request.POST['once'][:64]}" if request.POST.get("once") else ""
    call, is_new = await db(begin_once, user, once, body, begin)
    if is_new:
        spawn(_bring(bring, call), f"placing call {call.pk}")
    return redirect("calls:call", call.pk)


async def _bring(bring: Bring, call: Call) -> None:
    try:
        await bring(call)
    except AcsFailed:
        return  # stands in the call, and on its page


def _first(request: HttpRequest, user: User) -> Filled:
    """Empty; as the call `?again=`; or with whom `?to=` names."""
    found = None
    with suppress(ValueError):
        found = access.calls_for(user).filter(pk=UUID(request.GET.get("again", ""))).first()
    values = options.again(found) if found else options.empty()
    to = request.GET.get("to", "")
    if to[:1] == " ":  # a plus that was not escaped
        to = f"+{to[1:]}"
    return Filled({**values, "to": to} if to else values)


async def _refused(request: HttpRequest, template: str, path: str, refused: BadForm | CallsError) -> HttpResponse:
    """What is wrong is said at its field."""
    if isinstance(refused, BadForm):
        faults = refused.faults
    else:
        loc = getattr(refused, "loc", []) if isinstance(refused, InvalidRequest) else []
        faults = {str(loc[1]) if len(loc) > 1 else "": str(refused)}
    return await _form(request, template, path, Filled(await db(options.given, request.POST), faults))


async def _form(request: HttpRequest, template: str, path: str, form: Filled) -> HttpResponse:
    context = await db(options.context, form)
    context |= {
        "command": commands.curl(request, "POST", path, {}),
        "url": request.build_absolute_uri(f"/api/v1{path}"),
    }
    return await shown(request, template, context)
